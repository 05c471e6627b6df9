"""Standardise the columns of a table: the raw value stays, the clean one and the forms to compare by stand beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.addresses import address_forms, clean_city
from tierwise.identity.codes import birth_date_forms, clean_code, clean_gender
from tierwise.identity.companies import standardise_companies
from tierwise.identity.emails import email_forms
from tierwise.identity.folding import folded, quoted
from tierwise.identity.kinds import Kind, Kinds, check_kinds
from tierwise.identity.names import standardise_names
from tierwise.identity.phones import standardise_phones

_OF_NAMES = ("clean", "key", "sound", "family", "part", "gender", "generation")
FORMS: dict[Kind, tuple[str, ...]] = {
    Kind.GIVEN_NAME: _OF_NAMES,
    Kind.SURNAME: _OF_NAMES,
    Kind.FULL_NAME: _OF_NAMES,
    Kind.COMPANY: ("clean", "core", "name", "place", "legal"),
    Kind.PHONE: ("clean", "digits", "tail"),
    Kind.EMAIL: ("clean", "key", "local"),
    Kind.BIRTH_DATE: ("clean", "digits"),
    Kind.ADDRESS: ("clean", "province", "city", "district", "key", "street", "door"),
    Kind.POSTCODE: ("clean",),
    Kind.CITY: ("clean",),
    Kind.ID_NUMBER: ("clean",),
    Kind.GENDER: ("clean",),
}


@dataclass(frozen=True, slots=True)
class _Column:
    """A column to standardise, and the table (value and its forms) to make of its distinct values."""

    engine: DuckDBEngine
    table: str
    name: str
    lookup: str
    region: str


def standardise(engine: DuckDBEngine, table: str, kinds: Kinds, region: str = "CN") -> str:
    """Make `<table>_standardised` and return its name.

    It has every column of `table` as it is, and for a mapped column `phone` the columns `phone_clean` and the other
    `FORMS` of its kind, null where the raw value says nothing. `region` is where telephone numbers without a country
    code are from (ISO 3166). Raises `identity.unknown_column`, `identity.kind_twice` and `identity.unknown_region`.
    """
    check_kinds(table, engine.columns(table), kinds)
    target = f"{table}_standardised"
    joins, columns, lookups = [], [], []
    made = {f"{column}_{form}" for column, kind in kinds.items() for form in FORMS[kind]}
    raw = ", ".join(f"raw.{quoted(column)}" for column in engine.columns(table) if column not in made)
    for number, (column, kind) in enumerate(kinds.items()):
        lookup = f"identity_values_{number}"
        _MAKERS[kind](_Column(engine, table, column, lookup, region))
        lookups.append(lookup)
        joins.append(f"LEFT JOIN {lookup} v{number} ON CAST(raw.{quoted(column)} AS VARCHAR) = v{number}.value")
        columns += [f"v{number}.{form} AS {quoted(f'{column}_{form}')}" for form in FORMS[kind]]
    engine.native(
        target,
        f"CREATE OR REPLACE TEMP TABLE {quoted(target)} AS SELECT {raw}, {', '.join(columns)}"
        f" FROM {quoted(table)} raw {' '.join(joins)}",
    )
    for lookup in lookups:
        engine.native(lookup, f"DROP TABLE {lookup}")
    return target


def _by_expression(make: Callable[[_Column], str]) -> Callable[[_Column], None]:
    """A maker for the kinds that need no more than SQL over the distinct values: `make` gives the query."""

    def maker(column: _Column) -> None:
        column.engine.native(column.lookup, f"CREATE OR REPLACE TEMP TABLE {column.lookup} AS {make(column)}")

    return maker


def _distinct(column: _Column) -> str:
    return f"(SELECT DISTINCT CAST({quoted(column.name)} AS VARCHAR) AS value FROM {quoted(column.table)})"


def _simple(clean: Callable[[str], str]) -> Callable[[_Column], None]:
    return _by_expression(lambda column: f"SELECT value, {clean('value')} AS clean FROM {_distinct(column)}")


def _emails(column: _Column) -> str:
    return email_forms(f"SELECT value FROM {_distinct(column)}")


def _dates(column: _Column) -> str:
    return birth_date_forms(f"SELECT value FROM {_distinct(column)}")


def _addresses(column: _Column) -> str:
    return address_forms(f"SELECT value, {folded('value')} AS clean FROM {_distinct(column)}")


def _cities(column: _Column) -> str:
    return f"SELECT value, {clean_city('plain')} AS clean FROM (SELECT value, {folded('value')} AS plain FROM {_distinct(column)})"


def _names(column: _Column) -> None:
    standardise_names(column.engine, column.table, column.name, column.lookup)


def _companies(column: _Column) -> None:
    standardise_companies(column.engine, column.table, column.name, column.lookup)


def _phones(column: _Column) -> None:
    standardise_phones(column.engine, column.table, column.name, column.lookup, column.region)


_MAKERS: dict[Kind, Callable[[_Column], None]] = {
    Kind.GIVEN_NAME: _names,
    Kind.SURNAME: _names,
    Kind.FULL_NAME: _names,
    Kind.COMPANY: _companies,
    Kind.PHONE: _phones,
    Kind.EMAIL: _by_expression(_emails),
    Kind.BIRTH_DATE: _by_expression(_dates),
    Kind.ADDRESS: _by_expression(_addresses),
    Kind.POSTCODE: _simple(clean_code),
    Kind.CITY: _by_expression(_cities),
    Kind.ID_NUMBER: _simple(clean_code),
    Kind.GENDER: _simple(clean_gender),
}
