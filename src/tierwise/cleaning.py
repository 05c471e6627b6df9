"""Clean columns beside the raw ones of customers: phone in E.164, e-mail, name, company, province and city."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from tierwise.contracts.ingest import CanonicalTable
from tierwise.contracts.tables import TABLES
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.identity.kinds import Kind
from tierwise.identity.standardise import FORMS, standardise

IS_FIRM = r"coalesce(regexp_matches(lower(name), '公司|集团|厂$|\b(ltd|inc|llc|gmbh|corp|co|limited|plc|bv|ag|sa)\.?$'), false)"
"""SQL: whether the `name` of a customer is a firm's: it is told by its legal form."""
_KINDS = {
    "phone": Kind.PHONE, "email": Kind.EMAIL, "name": Kind.FULL_NAME, "company": Kind.COMPANY, "city": Kind.CITY,
    "region": Kind.ADDRESS, "address": Kind.ADDRESS, "place": Kind.ADDRESS,
}  # fmt: skip
_PROVINCES = ("region_province", "address_province", "place_province")
_CITIES = ("city_clean", "address_city")


def with_clean_columns(engine: DuckDBEngine, built: CanonicalTable, region: str) -> CanonicalTable:
    """Write the clean form of each column that has one into the customers just built; other tables stay as they are.

    A clean value is null where the raw one says nothing, or cannot be what its column says. The province comes from the
    region, else from the address, else from the city; the city from its own column, else from the address.
    """
    given = _given(built.columns)
    if built.name != "customers" or not given or not built.rows:
        return built
    engine.attach("customers_raw", built.files)
    further = "".join(f", {sql} AS {name}" for name, sql in given.items() if name not in built.columns)
    engine.native(
        "columns to clean", f"CREATE OR REPLACE TEMP VIEW customers_given AS SELECT *{further} FROM customers_raw"
    )
    table = standardise(engine, "customers_given", {name: _KINDS[name] for name in given}, region)
    clean = _clean(given)
    columns = tuple(c.name for c in TABLES["customers"].columns if c.name in built.columns or c.name in clean)
    listed = ", ".join(f"{clean[name]} AS {name}" if name in clean else name for name in columns)
    file = built.folder / ".cleaned.parquet"
    engine.native(
        "write clean columns",
        f'COPY (SELECT {listed} FROM "{table}") TO {quoted(str(file))} (FORMAT parquet, COMPRESSION zstd)',
    )
    engine.native("drop clean columns", f'DROP TABLE "{table}"; DROP VIEW customers_given')
    for part in built.files:
        part.unlink()
    file.rename(built.folder / "part-000-0.parquet")
    return replace(built, columns=columns)


def _given(columns: Collection[str]) -> dict[str, str]:
    """What there is to clean, and the SQL of what is made of other columns."""
    made = {"company": ("name", f"CASE WHEN {IS_FIRM} THEN name END"), "place": ("city", "city")}
    given = {name: name for name in _KINDS if name in columns}
    return given | {name: sql for name, (source, sql) in made.items() if source in columns}


def _clean(given: Collection[str]) -> dict[str, str]:
    """Clean column → its SQL over the standardised table."""
    made = {f"{name}_{form}" for name in given for form in FORMS[_KINDS[name]]}
    clean = {f"{name}_clean": f"{name}_clean" for name in ("name", "phone", "email") if name in given}
    if "company" in given:
        clean["company_clean"] = "company_core"
    for column, parts in (("region_clean", _PROVINCES), ("city_clean", _CITIES)):
        if found := [part for part in parts if part in made]:
            clean[column] = f"coalesce({', '.join(found)}, NULL)"
    return clean
