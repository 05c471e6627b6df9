"""What a column holds. Everything else follows from it: how it is cleaned, blocked and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from tierwise.errors import ErrorKind, Family, Problem, raise_all
from tierwise.language import Text


class Kind(StrEnum):
    """A kind of personal or company data. The values are what is written in configuration."""

    GIVEN_NAME = "given_name"
    SURNAME = "surname"
    FULL_NAME = "full_name"
    COMPANY = "company"
    PHONE = "phone"
    EMAIL = "email"
    BIRTH_DATE = "birth_date"
    ADDRESS = "address"
    POSTCODE = "postcode"
    CITY = "city"
    ID_NUMBER = "id_number"
    GENDER = "gender"


Kinds = Mapping[str, Kind]

UNKNOWN_COLUMN = ErrorKind(
    "identity.unknown_column",
    Family.CONFIG,
    what=Text("there is no column “{column}” in {table}", "{table} 中没有“{column}”列"),
    cause=Text("the table has: {columns}", "该表的列有：{columns}"),
    cure=Text("name one of these columns, or leave the kind out", "请改写为上述列名之一，或去掉这一项"),
)
KIND_TWICE = ErrorKind(
    "identity.kind_twice",
    Family.CONFIG,
    what=Text("{columns} are all given as {kind}", "{columns} 都被指定为 {kind}"),
    cause=Text("only an address may be spread over several columns", "只有地址可以分写在几列里"),
    cure=Text("keep the column that is filled most often", "请只保留填得最全的那一列"),
)
NOTHING_TO_COMPARE = ErrorKind(
    "identity.nothing_to_compare",
    Family.CONFIG,
    what=Text("too little to tell customers apart in {table}", "{table} 中可用来辨认客户的信息太少"),
    cause=Text(
        "duplicates need two kinds of column at least, one of them beyond city and postcode",
        "查找重复至少需要两类信息，且其中一类不是城市或邮编",
    ),
    cure=Text("map a name and a phone number, an e-mail or a date of birth", "请再指定姓名，以及手机号、邮箱或生日"),
)


def column_of(kinds: Kinds, kind: Kind) -> str | None:
    """Return the column of a kind, the first where an address has several."""
    return next((column for column, found in kinds.items() if found is kind), None)


def check_kinds(table: str, columns: Sequence[str], kinds: Kinds) -> None:
    """Raise all that is wrong with a mapping: unknown columns, and kinds that are given twice."""
    raise_all([*_unknown(table, columns, kinds), *_twice(kinds)])


def check_comparable(table: str, kinds: Kinds) -> None:
    """Raise `identity.nothing_to_compare` where the kinds cannot tell one customer from another."""
    given = set(kinds.values()) - {Kind.GENDER}
    if len(given) < 2 or not given - {Kind.CITY, Kind.POSTCODE}:
        raise NOTHING_TO_COMPARE.error(table=table)


def _unknown(table: str, columns: Sequence[str], kinds: Kinds) -> list[Problem]:
    return [
        UNKNOWN_COLUMN.problem(column=column, table=table, columns=", ".join(columns))
        for column in kinds
        if column not in columns
    ]


def _twice(kinds: Kinds) -> list[Problem]:
    problems = []
    for kind in Kind:
        columns = [column for column, found in kinds.items() if found is kind]
        if len(columns) > 1 and kind is not Kind.ADDRESS:
            problems.append(KIND_TWICE.problem(columns=", ".join(columns), kind=kind.value))
    return problems
