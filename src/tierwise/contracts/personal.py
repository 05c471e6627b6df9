"""Which columns hold personal data, of which class, and how much of a value is left when it is masked.

Every text or date column of a canonical table is classed: `docs/privacy.md` has the table, a test that none is
forgotten. A masked value still tells values of one kind apart at a glance, and never gives one back.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from tierwise.contracts.tables import TABLES


class DataClass(StrEnum):
    """What a column says of a person. `KEY` names a person in this system; `NONE` says nothing of one by itself."""

    KEY = "key"
    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    ID_NUMBER = "id_number"
    ADDRESS = "address"
    BIRTH_DATE = "birth_date"
    FREE_TEXT = "free_text"
    TRAIT = "trait"
    NONE = "none"


MASKED = frozenset(
    {
        DataClass.NAME, DataClass.PHONE, DataClass.EMAIL, DataClass.ID_NUMBER, DataClass.ADDRESS, DataClass.BIRTH_DATE,
        DataClass.FREE_TEXT,
    }
)  # fmt: skip
"""The classes that a masked view shows in part; keys and traits stay, else nobody could work with it."""

_CLASSES: dict[str, dict[str, DataClass]] = {
    "customers": {
        "name": DataClass.NAME,
        "phone": DataClass.PHONE,
        "email": DataClass.EMAIL,
        "id_number": DataClass.ID_NUMBER,
        "address": DataClass.ADDRESS,
        "name_clean": DataClass.NAME,
        "phone_clean": DataClass.PHONE,
        "email_clean": DataClass.EMAIL,
        "company_clean": DataClass.NAME,
        "city_clean": DataClass.TRAIT,
        "region_clean": DataClass.TRAIT,
        "birth_date": DataClass.BIRTH_DATE,
        "gender": DataClass.TRAIT,
        "region": DataClass.TRAIT,
        "city": DataClass.TRAIT,
        "occupation": DataClass.TRAIT,
        "annual_revenue": DataClass.TRAIT,
        "tags": DataClass.FREE_TEXT,
        "attributes": DataClass.FREE_TEXT,
    },
    "events": {"properties": DataClass.FREE_TEXT},
    "feedback": {"text": DataClass.FREE_TEXT},
    "consents": {"proof": DataClass.FREE_TEXT},
    "tickets": {"topic": DataClass.FREE_TEXT},
}
_KEYS = ("customer_id", "referred_customer_id")


def data_class(table: str, column: str) -> DataClass:
    """The class of a column; columns that nobody declared as personal are `NONE`."""
    if column in _KEYS:
        return DataClass.KEY
    return _CLASSES.get(table, {}).get(column, DataClass.NONE)


def declared() -> dict[tuple[str, str], DataClass]:
    """Every personal column of the canonical tables with its class, in the order of the tables."""
    return {
        (table.name, column.name): found
        for table in TABLES.values()
        for column in table.columns
        if (found := data_class(table.name, column.name)) is not DataClass.NONE
    }


def mask(value: str, found: DataClass) -> str:
    """A value as a masked view shows it."""
    return _MASKS[found](value) if found in MASKED and value else value


def _mask_name(value: str) -> str:
    """The family name of a Chinese name, the initials of any other."""
    words = value.split()
    if len(words) == 1 and not value.isascii():
        return value[0] + "*" * (len(value) - 1) if len(value) > 1 else "*"
    return " ".join(word[0] + "***" for word in words)


def _mask_phone(value: str) -> str:
    """138****1234: enough to recognise a number that one knows."""
    kept = 3 if len(value) >= 11 else 1
    tail = 4 if len(value) >= 11 else 2
    hidden = len(value) - kept - tail
    return f"{value[:kept]}{'*' * hidden}{value[-tail:]}" if hidden >= 3 else "*" * len(value)


def _mask_email(value: str) -> str:
    """The first letter and the domain, which says which provider bounces."""
    local, at, domain = value.partition("@")
    return f"{local[:1]}***@{domain}" if at and local else "***"


def _mask_id_number(value: str) -> str:
    """The first three and the last two; of a mainland number that is the province and no birth date."""
    return f"{value[:3]}{'*' * (len(value) - 5)}{value[-2:]}" if len(value) >= 10 else "*" * len(value)


def _mask_address(value: str) -> str:
    """The first six characters, which hold province and city."""
    return f"{value[:6]}***" if len(value) > 8 else "***"


def _mask_birth_date(value: str) -> str:
    """The year."""
    return f"{value[:4]}-**-**"


_MASKS: dict[DataClass, Callable[[str], str]] = {
    DataClass.NAME: _mask_name,
    DataClass.PHONE: _mask_phone,
    DataClass.EMAIL: _mask_email,
    DataClass.ID_NUMBER: _mask_id_number,
    DataClass.ADDRESS: _mask_address,
    DataClass.BIRTH_DATE: _mask_birth_date,
    DataClass.FREE_TEXT: lambda value: f"[{len(value)}]",
}
