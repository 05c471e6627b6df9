"""Corrections that are certain: what each one does, when, and how it is counted. Every one can be switched off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tierwise.language import Text


@dataclass(frozen=True, slots=True)
class Correction:
    """One kind of correction: what is done, and the rule by which it is certain."""

    code: str
    label: Text
    rule: Text


@dataclass(frozen=True, slots=True)
class Corrected:
    """How many values of one source column, which fills a field, were corrected in one way, in rows that are used."""

    code: str
    field: str
    column: str
    rows: int

    def to_json(self) -> dict[str, Any]:
        """As `--json` shows it, with the words for it."""
        label = CORRECTIONS[self.code].label
        return {
            "code": self.code,
            "field": self.field,
            "column": self.column,
            "rows": self.rows,
            "label": {"en": label.en, "zh-CN": label.zh},
        }


CORRECTIONS: dict[str, Correction] = {
    correction.code: correction
    for correction in (
        Correction(
            "invisible",
            Text("invisible characters removed", "去除不可见字符"),
            Text(
                "marks that no screen shows (zero-width blank, byte order mark, direction marks, soft hyphen) say nothing",
                "屏幕上看不见的标记（零宽空格、BOM、方向控制符、软连字符）不含信息",
            ),
        ),
        Correction(
            "full_width",
            Text("full-width characters made half-width", "全角字符转为半角"),
            Text(
                "letters, digits and signs of ids, numbers, dates, phones, e-mails and currencies that were typed wide",
                "编号、数字、日期、电话、邮箱、币种中以全角输入的字母、数字和符号",
            ),
        ),
        Correction(
            "spreadsheet_text",
            Text("a spreadsheet's mark for text removed", "去除表格软件的文本标记"),
            Text(
                'a leading apostrophe or ="…" keeps a spreadsheet from changing a value, and is no part of it',
                '开头的单引号或 ="…" 只是防止表格软件改写，并非内容',
            ),
        ),
        Correction(
            "blanks",
            Text("blanks around the value removed", "去除首尾空格"),
            Text("blanks of any width before and after a text or an id", "文本或编号首尾的各种空格"),
        ),
        Correction(
            "no_value",
            Text("a word for “nothing” left empty", "表示“无”的文字置空"),
            Text(
                "NULL, N/A, 无 and their kin where an id, a phone number or an e-mail should stand",
                "编号、电话、邮箱处的 NULL、N/A、无 等",
            ),
        ),
        Correction(
            "mailbox_domain",
            Text("a slip in the domain of an e-mail set right", "更正邮箱域名的笔误"),
            Text(
                "qq.con, 163,com, gmail。com, gmailcom: no such domain can exist, and one large provider's is meant",
                "qq.con、163,com、gmail。com、gmailcom：这样的域名不可能存在，且只可能是某一家邮箱服务商",
            ),
        ),
        Correction(
            "point_zero",
            Text(".0 behind ids removed", "去除编号末尾的 .0"),
            Text(
                "every id of the column is a whole number followed by .0: a program took them for decimal numbers",
                "整列编号都是整数加 .0，说明被程序当成了小数",
            ),
        ),
        Correction(
            "number_text",
            Text("a number freed of separators and signs", "数字去除分隔符与符号"),
            Text(
                "1,234.50, ¥12, (5.00), 5.00- and decimal commas, where the whole column is written in one way",
                "1,234.50、¥12、(5.00)、5.00- 及逗号小数，且整列写法一致",
            ),
        ),
        Correction(
            "excel_day",
            Text("an Excel day number read as a date", "Excel 日期序号读作日期"),
            Text("a four or five digit number in a column of dates of a workbook", "工作簿日期列中的四到五位数字"),
        ),
        Correction(
            "currency_word",
            Text("a currency's name replaced by its code", "币种名称改为代码"),
            Text("RMB, ¥, 元, 人民币 are CNY; small letters are capitals", "RMB、¥、元、人民币 即 CNY；小写即大写"),
        ),
        Correction(
            "synonym",
            Text("a word replaced by its synonym", "同义词统一"),
            Text(
                "known words of one meaning (女, F, female; 微信, WeChat) become the one that the column uses most; kinds "
                "of customers and feedback become the product's own",
                "含义相同的已知词（女、F、female；微信、WeChat）统一为该列最常用的写法；客户类型与反馈类型统一为系统用词",
            ),
        ),
        Correction(
            "spelling",
            Text("a word written like the others", "统一写法"),
            Text(
                "words that differ only in capitals, width or blanks become the spelling that the column uses most",
                "仅大小写、全半角或空格不同的词，统一为该列最常用的写法",
            ),
        ),
        Correction(
            "swapped",
            Text("two fields that stood in each other's place exchanged", "两个字段填反，已对调"),
            Text(
                "a phone number stands under the name and a name under the phone (or with the e-mail): each fits the "
                "other field only",
                "姓名处是电话而电话处是姓名（或与邮箱填反）：各自只符合对方字段",
            ),
        ),
    )
}

ALL = frozenset(CORRECTIONS)
