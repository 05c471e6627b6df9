"""Rules of one's own as the settings file holds them, and how each kind of rule is written there."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from tierwise.errors import ErrorKind, Family, Place, TierwiseError
from tierwise.language import Text
from tierwise_console.runs.settings_file import read_settings, section_of, with_section

SECTION = "quality"
NOT_THE_SECTION = ErrorKind(
    "quality.not_the_section",
    Family.USAGE,
    what=Text("this is not the section `quality` of tierwise.yaml", "这不是 tierwise.yaml 的 quality 部分"),
    cause=Text("it has to begin with `quality:` and hold nothing else", "须以 quality: 开头，且不含其他内容"),
    cure=Text("take one of the examples beside it, and change what differs", "请从旁边的示例开始修改"),
)


@dataclass(frozen=True, slots=True)
class Example:
    """One form that a rule may have: what it asks for, and the line that says so."""

    asks: Text
    line: str


EXAMPLES = (
    Example(Text("a field is filled", "字段必须填写"), "{table: customers, column: city, present: true, weight: 2}"),
    Example(
        Text("a value is one of a list, for some rows alone", "取值在清单之内，可限定部分行"),
        "{table: orders, column: channel, one_of: [web, shop, app], when: \"status = 'sale'\"}",
    ),
    Example(
        Text("a number stays within bounds; rows beyond put tiers in doubt", "数值不超界，越界行计入存疑"),
        "{table: orders, column: amount, at_most: 20000, doubtful: true}",
    ),
    Example(
        Text("a code is written in one way", "编码符合固定写法"),
        '{table: order_lines, column: product_id, matches: "[0-9]{5}[A-Z]?"}',
    ),
    Example(
        Text("a condition over several columns holds", "多列之间的条件成立"),
        "{table: orders, holds: \"channel <> 'web' or store is null\"}",
    ),
    Example(Text("no two rows share these values", "多列组合不得重复"), "{table: customers, unique: [name, phone]}"),
    Example(
        Text("what a row names is found in another table", "所引用的编号在另一张表中存在"),
        "{table: orders, column: customer_id, in_column: customers.customer_id}",
    ),
    Example(
        Text("the newest row is recent", "数据足够新"),
        "{table: orders, column: order_date, newest_within_days: 3}",
    ),
)
FIRST = "quality:\n  rules:\n    - " + EXAMPLES[0].line + "\n"
"""What the form begins with where the file has no section yet."""


def own_rules() -> str:
    """The section `quality` of the settings file as it stands; empty where there is none, or the file cannot be read."""
    try:
        return section_of(read_settings().text, SECTION)
    except (yaml.YAMLError, TierwiseError, OSError):
        return ""  # the page Models tells what is wrong with the file


def with_own_rules(section: str) -> str:
    """The whole settings file with this section in place of its own; raises `quality.not_the_section`."""
    text = section.replace("\r\n", "\n").strip("\n") + "\n"
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise NOT_THE_SECTION.error(Place(file=SECTION, line=mark.line + 1 if mark else None)) from error
    if not isinstance(found, dict) or list(found) != [SECTION]:
        raise NOT_THE_SECTION.error()
    return with_section(read_settings().text, SECTION, text)
