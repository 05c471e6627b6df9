"""Names of persons, Chinese and Western: without titles and notes, and in the forms in which they are compared.

The forms: `key` is simplified and in small letters; `sound` is the name as it sounds, in pinyin, its parts sorted, so
that 张慧志, 張慧志, 章慧志 and Huizhi Zhang share it; `family` is the surname of a Chinese name; `part` says that a
title, a nickname or a mask stands where the given name should (张总, 李女士, 小王, 张**). `gender` is what a title says
of it; `generation` tells father from son (Jr, III).
"""

from __future__ import annotations

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.characters import spell, surname_reading
from tierwise.identity.folding import extracted, folded, literal, one_of, quoted, replaced, staged, words

DOUBLE_SURNAMES = words(
    "欧阳 司马 上官 诸葛 司徒 夏侯 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 轩辕 东方 独孤 南宫 端木 百里 东郭 "
    "西门 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 钟离 鲜于 闾丘 司空 亓官 司寇 子车 颛孙 巫马 公西 "
    "漆雕 壤驷 公良 拓跋 夹谷 宰父 谷梁 段干 呼延 羊舌 微生 梁丘 左丘 东门 第五"
)
_TITLES = words(
    "先生 女士 小姐 太太 夫人 老师 经理 总经理 副总 总监 主任 老板 老板娘 医生 律师 教授 博士 校长 院长 "
    "处长 科长 部长 局长 店长 师傅 阿姨 叔叔 同学 女生 男士 总 工 董 局 處長 經理 總 先生收"
)
_LONG_TITLES = tuple(title for title in _TITLES if len(title) > 1)
_NOTES = words("微信 vip 老客户 新客户 会员 客户 大客户 抖音 淘宝 京东 天猫 小程序 门店 企业微信 复购 已成交 朋友 介绍")
_MALE = one_of(words("先生 先生收 男士 叔叔 帅哥 大哥"))
_FEMALE = one_of(words("女士 小姐 太太 夫人 阿姨 女生 美女 大姐 老板娘"))
_NICKNAME = r"^(?:小|老|阿)(\p{Han})$"
_WESTERN_TITLES = words("mr mrs ms miss mx dr prof professor sir madam dame rev herr frau mme mlle")
_STRANGE = r"[^\p{L}\p{M}\p{N} .,’·*\x27-]"
_CHINESE = r"^\p{Han}{1,4}$"
# A mask, or a first name of one letter, in whatever script.
_UNFINISHED = r"coalesce(regexp_matches(simplified, '[*]|^[a-zA-Z][.]? |[ ,][a-zA-Z][.]?$'), false)"
_SUFFIXES = words("jr sr ii iii iv phd md esq mba")


def cleaned_names(rows: str) -> str:
    """SQL: rows (value) with clean, gender and generation."""
    plain = f"SELECT value, {folded('value')} AS plain FROM ({rows})"
    return (
        f"SELECT value, {_cleaned('plain')} AS clean, {_gender('plain')} AS gender, {_generation('plain')} AS generation"
        f" FROM ({plain})"
    )


def _cleaned(plain: str) -> str:
    """SQL: a name without notes in brackets, remarks after a dash, and Western titles; null where nothing is left."""
    plain = replaced(plain, r"[(\[【〔「].*?[)\]】〕」]", "")
    plain = replaced(plain, rf"(?i)[-_/|+ ]+(?:{one_of(_NOTES)})\s*$", "")
    plain = replaced(plain, rf"(?i)^(?:(?:{one_of(_WESTERN_TITLES)})(?:\.\s*|\s+))+", "")
    plain = replaced(plain, rf"(?i)(?:[,\s]+(?:{one_of(_SUFFIXES)})\.?)+$", "")
    plain = replaced(plain, r"(\p{Han})\s+(\p{Han})", r"\1\2")
    # Twice: of three characters with blanks between them, the second match would need the first one's end.
    plain = replaced(plain, r"(\p{Han})\s+(\p{Han})", r"\1\2")
    return f"nullif(trim({replaced(plain, _STRANGE, '')}), '')"


def standardise_names(engine: DuckDBEngine, table: str, column: str, name: str) -> None:
    """Make table `name` (value and the forms) of a column's distinct values."""
    engine.native(
        name,
        f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS"
        f" {cleaned_names(f'SELECT DISTINCT CAST({quoted(column)} AS VARCHAR) AS value FROM {quoted(table)}')}",
    )
    spelled = spell(engine, f"{name}_spelled", f"SELECT clean AS value FROM {quoted(name)}")
    parts = name_parts(f'SELECT n.*, s.simplified FROM {quoted(name)} n LEFT JOIN "{spelled}" s ON n.clean = s.value')
    engine.native(f"{name} parts", f'CREATE OR REPLACE TEMP TABLE "{name}_parts" AS {parts}')
    sounds = spell(
        engine, f"{name}_sounds", f'SELECT bare AS value FROM "{name}_parts" UNION SELECT family FROM "{name}_parts"'
    )
    engine.native(
        f"{name} forms", f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {name_forms(f'{name}_parts', sounds)}"
    )
    for made in (spelled, f"{name}_parts", sounds):
        engine.native(f"{name} done", f'DROP TABLE "{made}"')


def _gender(plain: str) -> str:
    """SQL: m or f, where a title in a folded name says which."""
    title = f"regexp_extract(lower({plain}), '^([a-z]+)[. ]', 1)"
    male = f"regexp_matches({plain}, {literal(rf'(?:{_MALE})$')}) OR {title} IN ('mr', 'herr', 'sir')"
    women = "'mrs', 'ms', 'miss', 'frau', 'mme', 'mlle', 'dame'"
    female = f"regexp_matches({plain}, {literal(rf'(?:{_FEMALE})$')}) OR {title} IN ({women})"
    return f"CASE WHEN {male} THEN 'm' WHEN {female} THEN 'f' END"


def _generation(plain: str) -> str:
    """SQL: jr, sr, ii …, where a folded Western name says which of a family's it is."""
    return extracted(f"lower({plain})", r"[a-z][, ]+(jr|sr|ii|iii|iv)[.]?$")


def name_parts(rows: str) -> str:
    """SQL: the names of `rows` with `bare`, the name without a Chinese title, its `family` and whether it is a `part`."""
    family = rf"{one_of(DOUBLE_SURNAMES)}|\p{{Han}}"
    titled = extracted("simplified", rf"^({family})(?:{one_of(_TITLES)})$")
    masked = extracted("simplified", rf"^({family})(?:某{{1,2}}|[xX*]{{1,3}}\p{{Han}}?)$")
    only = f"coalesce({titled}, {masked}, {extracted('simplified', _NICKNAME)})"
    untitled = replaced("simplified", rf"^(\p{{Han}}{{2,4}})(?:{one_of(_LONG_TITLES)})$", r"\1")
    finished = staged(
        rows,
        {"surname": only, "untitled": untitled},
        {
            "part": f"surname IS NOT NULL OR length(simplified) = 1 OR {_UNFINISHED}",
            "bare": "coalesce(surname, untitled)",
            "family": extracted("coalesce(surname, simplified)", rf"^({family})"),
        },
        {"chinese": f"regexp_matches(bare, {literal(_CHINESE)})"},
    )
    return f"SELECT value, clean, gender, generation, part, bare, family, chinese FROM ({finished})"


def name_forms(parts: str, sounds: str) -> str:
    """SQL: the forms of the names in table `parts`, whose bare names and families table `sounds` spells."""
    given = "substr(b.pinyin, length(f.pinyin) + 1)"
    family = f"coalesce({surname_reading('p.family')}, f.pinyin)"
    latin = replaced("lower(strip_accents(p.bare))", r"[^\p{L}\p{N}]+", " ")
    tokens = f"array_to_string(list_sort(list_filter(string_split({latin}, ' '), lambda token: token <> '')), ' ')"
    chinese = f"CASE WHEN p.part THEN {family} ELSE array_to_string(list_sort([{family}, {given}]), ' ') END"
    key = replaced("lower(strip_accents(p.bare))", r"[^\p{L}\p{N}*]+", " ")
    return (
        f"SELECT p.value, p.clean, nullif(trim({key}), '') AS key, "
        " p.gender, p.generation,"
        f" nullif(CASE WHEN p.chinese THEN {chinese} ELSE {tokens} END, '') AS sound,"
        f' CASE WHEN p.chinese THEN p.family END AS family, coalesce(p.part, false) AS part FROM "{parts}" p'
        f' LEFT JOIN "{sounds}" b ON p.bare = b.value LEFT JOIN "{sounds}" f ON p.family = f.value'
    )
