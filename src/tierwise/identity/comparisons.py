"""How two records are compared, field by field: levels from the same down to different, tried in order.

Each level has a weight that the data teach (how much more often it is met among pairs of one customer than among
any two records). A null on either side weighs nothing. The levels follow from the kinds alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from tierwise.identity.likeness import LEAST_LIKE
from tierwise.language import Text


@dataclass(frozen=True, slots=True)
class Level:
    """One degree of likeness: a condition over `x_l` and `x_r`; `rare` names the column whose rare values weigh more."""

    label: Text
    sql: str
    rare: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The levels of one field, all but the last, “different”; `unknown` is when it says nothing."""

    field: str
    label: Text
    needs: frozenset[str]
    unknown: str
    levels: tuple[Level, ...]


SAME = Text("the same", "相同")
ALIKE = Text("spelled alike", "写法相近")
TYPO = Text("one or two characters differ", "差一两个字符")
DIFFERENT = Text("different", "不同")


def few_typos(left: str, right: str, most: int) -> str:
    """SQL: at most so many characters typed wrong, left out, added or swapped.

    Counting them costs twenty times what Jaro-Winkler does, which rules out nearly every pair of strangers first; a
    CASE, because an AND computes both sides.
    """
    counted = f"damerau_levenshtein({left}, {right}) <= {most}"
    return f"CASE WHEN jaro_winkler_similarity({left}, {right}) >= {LEAST_LIKE} THEN {counted} ELSE false END"


def _same(*columns: str) -> str:
    return " AND ".join(f"{column}_l = {column}_r" for column in columns)


def _null(*columns: str) -> str:
    return " OR ".join(f"{column}_l IS NULL OR {column}_r IS NULL" for column in columns)


def _typos(column: str, most: int) -> str:
    return few_typos(f"{column}_l", f"{column}_r", most)


def _alike(column: str, least: float) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}"


def _compatible(column: str) -> str:
    return f"({column}_l = {column}_r OR {_null(column)})"


def _half_name(field: str, other: str, label: Text) -> Comparison:
    swapped = f"{field}_l = {other}_r OR {field}_r = {other}_l"
    levels = (
        Level(SAME, _same(field), rare=field),
        Level(Text("given name and surname swapped", "名与姓对调"), swapped),
        Level(ALIKE, _alike(field, 0.88)),
        Level(Text("somewhat alike", "略有相似"), _alike(field, 0.7)),
    )
    return Comparison(field, label, frozenset({field, other}), _null(field), levels)


_WHOLE = "NOT name_part_l AND NOT name_part_r"
_SHORT_COMPANY = (
    "company_name_l = company_name_r OR starts_with(company_core_l, company_name_r)"
    " OR starts_with(company_core_r, company_name_l)"
)
_MASKED = "((contains(phone_l, '*') OR contains(phone_r, '*')) AND phone_tail_l = phone_tail_r AND left(phone_l, 3) = left(phone_r, 3))"

ALL: tuple[Comparison, ...] = (
    Comparison(
        "name", Text("name", "姓名"), frozenset({"name_key"}), _null("name_sound"),
        (
            Level(SAME, f"{_same('name_key')} AND {_WHOLE}", rare="name_key"),
            Level(Text("sounds the same", "读音相同"), f"{_same('name_sound')} AND {_WHOLE}", rare="name_sound"),
            Level(
                Text("same surname, one with a title for the given name", "同姓，其中一方只写了称谓"),
                "(name_part_l OR name_part_r) AND name_family_l = name_family_r",
            ),
            Level(TYPO, f"{_WHOLE} AND ({_typos('name_sound', 2)} OR {_alike('name_sound', 0.92)})"),
        ),
    ),
    _half_name("given", "surname", Text("given name", "名")),
    _half_name("surname", "given", Text("surname", "姓")),
    Comparison(
        "company", Text("company", "公司"), frozenset({"company_core"}), _null("company_core"),
        (
            Level(SAME, f"{_same('company_core')} AND {_compatible('company_place')}", rare="company_core"),
            Level(Text("a short form of the other", "一方是另一方的简称"), f"({_SHORT_COMPANY}) AND {_compatible('company_place')}"),
            Level(TYPO, f"({_typos('company_core', 1)} OR {_alike('company_core', 0.93)}) AND {_compatible('company_place')}"),
            Level(Text("the same name in another city", "名称相同但城市不同"), f"{_same('company_core')} OR {_SHORT_COMPANY}"),
        ),
    ),
    Comparison(
        "phone", Text("phone", "电话"), frozenset({"phone"}), _null("phone"),
        (
            Level(SAME, _same("phone")),
            Level(Text("masked, and fits", "号码有掩码但吻合"), _MASKED),
            Level(Text("one digit differs, or two are swapped", "差一位或两位互换"), _typos("phone", 1)),
        ),
    ),
    Comparison(
        "email", Text("e-mail", "邮箱"), frozenset({"email"}), _null("email"),
        (
            Level(SAME, _same("email")),
            Level(Text("same name before the @", "@ 前相同"), _same("email_local"), rare="email_local"),
            Level(TYPO, _typos("email", 2)),
            Level(ALIKE, _alike("email", 0.88)),
        ),
    ),
    Comparison(
        "birth", Text("date of birth", "出生日期"), frozenset({"birth"}), _null("birth"),
        (Level(SAME, _same("birth")), Level(Text("one digit differs", "差一位数字"), _typos("birth", 1)), Level(TYPO, _typos("birth", 2))),
    ),
    Comparison(
        "id_number", Text("identity number", "证件号"), frozenset({"id_number"}), _null("id_number"),
        (Level(SAME, _same("id_number")), Level(TYPO, _typos("id_number", 2))),
    ),
    Comparison(
        "address", Text("address", "地址"), frozenset({"address_street"}), _null("address_key"),
        (
            Level(SAME, "address_key_l = address_key_r OR (" + _same("address_street", "address_door") + ")"),
            Level(Text("same street and number", "同一门牌号"), f"{_same('address_street')} AND ({_null('address_door')})"),
            Level(Text("same street and number, another door", "同一门牌号，房号不同"), _same("address_street")),
            Level(ALIKE, _alike("address_key", 0.92)),
        ),
    ),
    Comparison(
        "address", Text("address", "地址"), frozenset({"address_key", "-address_street"}), _null("address_key"),
        (
            Level(SAME, _same("address_key")),
            Level(ALIKE, _alike("address_key", 0.9)),
            Level(Text("somewhat alike", "略有相似"), _alike("address_key", 0.75)),
        ),
    ),
    Comparison(
        "city", Text("city", "城市"), frozenset({"city"}), _null("city"),
        (Level(SAME, _same("city"), rare="city"), Level(ALIKE, _alike("city", 0.8))),
    ),
    Comparison(
        "postcode", Text("postcode", "邮编"), frozenset({"postcode"}), _null("postcode"),
        (Level(SAME, _same("postcode"), rare="postcode"), Level(TYPO, _typos("postcode", 2))),
    ),
)  # fmt: skip


def comparisons_for(columns: Collection[str]) -> tuple[Comparison, ...]:
    """Return the comparisons that a table with these columns allows. A need that begins with `-` must be absent."""

    def fits(need: str) -> bool:
        return need[1:] not in columns if need.startswith("-") else need in columns

    return tuple(comparison for comparison in ALL if all(map(fits, comparison.needs)))
