"""One table of records to compare, the same for every data set: fixed columns, filled by what the kinds give."""

from __future__ import annotations

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.fillers import known_birth, known_id, known_mailbox, known_name, known_number
from tierwise.identity.folding import quoted
from tierwise.identity.kinds import Kind, Kinds, column_of


def make_records(engine: DuckDBEngine, standardised: str, key: str, kinds: Kinds) -> tuple[str, frozenset[str]]:
    """Make `<table>_records` and return its name and which of the fixed columns it has, besides `record`.

    `record` is the key as text, `n` its place from 0 in the order of keys: pairs are held as two such numbers. Columns
    are null where a record says nothing.
    """
    name = f"{standardised}_records"
    columns = record_columns(kinds)
    chosen = ", ".join(f"{sql} AS {column}" for column, sql in columns.items())
    engine.native(
        name,
        f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS SELECT row_number() OVER (ORDER BY record) - 1 AS n, * FROM"
        f" (SELECT CAST({quoted(key)} AS VARCHAR) AS record, {chosen} FROM {quoted(standardised)}) ORDER BY n",
    )
    return name, frozenset(columns)


def record_columns(kinds: Kinds) -> dict[str, str]:
    """The fixed columns that these kinds give, each with its SQL over a standardised table."""
    return {
        **_of_names(kinds), **_of_contacts(kinds), **_of_addresses(kinds), **_of_codes(kinds), **_of_persons(kinds),
    }  # fmt: skip


def _of_names(kinds: Kinds) -> dict[str, str]:
    full, given, surname = (column_of(kinds, kind) for kind in (Kind.FULL_NAME, Kind.GIVEN_NAME, Kind.SURNAME))
    columns = {}
    if given:
        columns["given"] = _form(given, "key")
    if surname:
        columns["surname"] = _form(surname, "key")
    if full:
        known = known_name(_form(full, "key"))
        columns["nobody"] = f"coalesce({_form(full, 'key')} IS NOT NULL AND NOT {known}, false)"
        columns |= {
            f"name_{form}": f"CASE WHEN {known} THEN {_form(full, form)} END"
            for form in ("key", "sound", "family", "part")
        }
    elif given and surname:
        columns["name_sound"] = (
            f"least({columns['given']}, {columns['surname']}) || ' ' || greatest({columns['given']}, {columns['surname']})"
        )
        # least and greatest skip nulls: half a name is no name to look up.
        columns["name_sound"] = (
            f"CASE WHEN {columns['given']} <> '' AND {columns['surname']} <> '' THEN {columns['name_sound']} END"
        )
    return columns


def _of_contacts(kinds: Kinds) -> dict[str, str]:
    phone, email, company = (column_of(kinds, kind) for kind in (Kind.PHONE, Kind.EMAIL, Kind.COMPANY))
    columns: dict[str, str] = {}
    if phone:
        known = known_number(_form(phone, "digits"))
        forms = {"phone": "digits", "phone_clean": "clean", "phone_tail": "tail"}
        columns |= {name: f"CASE WHEN {known} THEN {_form(phone, form)} END" for name, form in forms.items()}
    if email:
        known = known_mailbox(_form(email, "key"))
        forms = {"email": "key", "email_local": "local"}
        columns |= {name: f"CASE WHEN {known} THEN {_form(email, form)} END" for name, form in forms.items()}
    if company:
        columns |= {f"company_{form}": _form(company, form) for form in ("core", "name", "place", "legal")}
    return columns


def _of_addresses(kinds: Kinds) -> dict[str, str]:
    addresses = [column for column, kind in kinds.items() if kind is Kind.ADDRESS]
    city, company = column_of(kinds, Kind.CITY), column_of(kinds, Kind.COMPANY)
    columns = {}
    if len(addresses) == 1:
        columns = {f"address_{form}": _form(addresses[0], form) for form in ("key", "street", "door")}
    elif addresses:
        words = f"string_split(concat_ws(' ', {', '.join(_form(column, 'key') for column in addresses)}), ' ')"
        columns["address_key"] = f"nullif(array_to_string(list_sort({words}), ' '), '')"
    cities = ([_form(city, "clean")] if city else []) + [_form(column, "city") for column in addresses]
    cities += [_form(company, "place")] if company else []
    if city or company or len(addresses) == 1:
        columns["city"] = f"coalesce({', '.join(cities)}, NULL)"
    return columns


def _of_codes(kinds: Kinds) -> dict[str, str]:
    columns: dict[str, str] = {}
    birth, postcode, number = (column_of(kinds, kind) for kind in (Kind.BIRTH_DATE, Kind.POSTCODE, Kind.ID_NUMBER))
    if birth:
        columns["birth"] = f"CASE WHEN {known_birth(_form(birth, 'digits'))} THEN {_form(birth, 'digits')} END"
    if postcode:
        columns["postcode"] = _form(postcode, "clean")
    if number:
        columns["id_number"] = f"CASE WHEN {known_id(_form(number, 'clean'))} THEN {_form(number, 'clean')} END"
    return columns


def _of_persons(kinds: Kinds) -> dict[str, str]:
    """What tells two persons of one name apart."""
    columns: dict[str, str] = {}
    said, name = column_of(kinds, Kind.GENDER), column_of(kinds, Kind.FULL_NAME)
    family = name or column_of(kinds, Kind.SURNAME)
    genders = ([_form(said, "clean")] if said else []) + ([_form(name, "gender")] if name else [])
    if genders:
        columns["gender"] = f"coalesce({', '.join(genders)}, NULL)"
    if family:
        columns["generation"] = _form(family, "generation")
    return columns


def _form(column: str, form: str) -> str:
    return quoted(f"{column}_{form}")
