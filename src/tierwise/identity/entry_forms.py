"""One record in the columns by which records are compared, by the definitions that standardise whole tables."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from tierwise.identity.addresses import address_forms, clean_city
from tierwise.identity.blocking import KEYS
from tierwise.identity.codes import birth_date_forms, clean_code, clean_gender
from tierwise.identity.companies import company_forms
from tierwise.identity.emails import email_forms
from tierwise.identity.folding import folded, quoted
from tierwise.identity.kinds import Kind, Kinds
from tierwise.identity.names import cleaned_names, name_forms, name_parts
from tierwise.identity.phones import compared_numbers, quick_number, to_e164
from tierwise.identity.records import record_columns
from tierwise.identity.row_sql import row_sql, teach
from tierwise.identity.standardise import FORMS

# The keys of one common field alone bring strangers together; among a million records they are never few.
_WEAK = frozenset(
    ["given", "surname", "city", "birth", "birth_month", "birth_day", "mailbox_start", "postcode", "street"]
)
_GIVEN = "(SELECT ? AS value)"
Row = dict[str, Any]


class EntryForms:
    """Brings single records into the columns of `make_records`. Not for several threads at once."""

    def __init__(self, kinds: Kinds, region: str) -> None:
        self.kinds, self.region = kinds, region
        self.rows = sqlite3.connect(":memory:", check_same_thread=False)
        teach(self.rows)
        forms = [f"{column}_{form}" for column, kind in kinds.items() for form in FORMS[kind]]
        self.names = forms
        made = ", ".join(f"{sql} AS {name}" for name, sql in record_columns(kinds).items())
        self.columns = tuple(record_columns(kinds))
        self.record_sql = row_sql(f"SELECT {made} FROM (SELECT {', '.join(f'? AS {quoted(form)}' for form in forms)})")
        keys = ", ".join(f"{sql} AS {name}" for name, sql in entry_keys(self.columns).items())
        columns = ", ".join(f"? AS {column}" for column in self.columns)
        self.keys_sql = row_sql(f"SELECT {keys} FROM (SELECT {columns})")

    def record(self, values: Mapping[str, str | None]) -> Row:
        """Return the columns of a record; what is not given, or says nothing, is null."""
        forms: Row = dict.fromkeys(self.names)
        for column, kind in self.kinds.items():
            if (value := values.get(column)) is not None:
                made = self._of_kind(kind, value)
                forms |= {f"{column}_{form}": made[form] for form in FORMS[kind]}
        return self._one(self.record_sql, *(forms[name] for name in self.names))

    def keys(self, record: Row) -> list[int]:
        """Return the keys that a record shares with those it is compared with."""
        found = self._one(self.keys_sql, *(record[column] for column in self.columns))
        return [key_number(f"{name}:{key}") for name, key in found.items() if key is not None]

    def _one(self, sql: str, *values: Any) -> Row:
        cursor = self.rows.execute(sql, values)
        row = cursor.fetchone()
        return dict(zip((column[0] for column in cursor.description), row, strict=True))

    def _of_kind(self, kind: Kind, value: str) -> Row:
        if kind is Kind.PHONE:
            return self._phone(value)
        return self._one(_statements()[kind], value)

    def _phone(self, value: str) -> Row:
        packed_sql, clean_sql = quick_number(self.region)
        packed = f"SELECT value, {packed_sql} AS packed FROM {_GIVEN}"
        row = self._one(row_sql(f"SELECT packed, {clean_sql} AS clean FROM ({packed})"), value)
        if row["clean"] is None and _may_be_a_number(row["packed"]):
            row["clean"] = to_e164(value, self.region)
        compared = compared_numbers("(SELECT ? AS value, ? AS packed, ? AS clean)", self.region)
        return self._one(row_sql(compared), value, row["packed"], row["clean"])


def entry_keys(columns: Mapping[str, str] | frozenset[str] | tuple[str, ...]) -> dict[str, str]:
    """The keys under which one record is looked up among all, each with its SQL."""
    return {name: sql for name, (needs, sql) in KEYS.items() if name not in _WEAK and needs <= set(columns)}


def key_number(key: str) -> int:
    """The number under which a key is filed: 63 bits of its digest, as `key_sql` makes it in DuckDB."""
    return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest()[8:], "little") >> 1


def key_sql(name: str, sql: str) -> str:
    """SQL of DuckDB: the number of a key."""
    return f"CAST(md5_number_lower('{name}:' || ({sql})) >> 1 AS BIGINT)"


def _may_be_a_number(packed: str | None) -> bool:
    import re

    return packed is not None and "*" not in packed and re.search("[0-9]{5}", packed) is not None


@lru_cache(maxsize=1)
def _statements() -> dict[Kind, str]:
    """For each kind the query, over one value, of its forms."""
    clean = f"(SELECT value, {folded('value')} AS clean FROM {_GIVEN})"
    simple = f"SELECT {clean_code('value')} AS clean FROM {_GIVEN}"
    made: dict[Kind, Callable[[], str]] = {
        Kind.GIVEN_NAME: _names, Kind.SURNAME: _names, Kind.FULL_NAME: _names,
        Kind.COMPANY: lambda: company_forms(
            f"SELECT value, clean, lower(strip_accents(simplified(clean))) AS plain FROM {clean}"
        ),
        Kind.EMAIL: lambda: email_forms(f"SELECT value FROM {_GIVEN}"),
        Kind.BIRTH_DATE: lambda: birth_date_forms(f"SELECT value FROM {_GIVEN}"),
        Kind.ADDRESS: lambda: address_forms(f"SELECT value, clean FROM {clean}"),
        Kind.POSTCODE: lambda: simple, Kind.ID_NUMBER: lambda: simple,
        Kind.GENDER: lambda: f"SELECT {clean_gender('value')} AS clean FROM {_GIVEN}",
        Kind.CITY: lambda: f"SELECT {clean_city('plain')} AS clean FROM (SELECT {folded('value')} AS plain FROM {_GIVEN})",
    }  # fmt: skip
    return {kind: row_sql(make()) for kind, make in made.items()}


def _names() -> str:
    spelled = f"SELECT *, simplified(clean) AS simplified FROM ({cleaned_names(f'SELECT value FROM {_GIVEN}')})"
    sounds = "SELECT bare AS value, pinyin(bare) AS pinyin FROM parts UNION SELECT family, pinyin(family) FROM parts"
    return f"WITH parts AS ({name_parts(spelled)}), sounds AS ({sounds}) {name_forms('parts', 'sounds')}"
