"""Clean columns beside the raw ones of customers: `phone_clean` in E.164, `email_clean`, `name_clean`, `city_clean`."""

from __future__ import annotations

from dataclasses import replace

from tierwise.contracts.ingest import CanonicalTable
from tierwise.contracts.tables import TABLES
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.identity.kinds import Kind
from tierwise.identity.standardise import standardise

KINDS = {"phone": Kind.PHONE, "email": Kind.EMAIL, "name": Kind.FULL_NAME, "city": Kind.CITY}


def with_clean_columns(engine: DuckDBEngine, built: CanonicalTable, region: str) -> CanonicalTable:
    """Write the clean form of each column that has one into the customers just built; other tables stay as they are.

    A clean value is null where the raw one says nothing, or cannot be what its column says.
    """
    kinds = {column: kind for column, kind in KINDS.items() if column in built.columns}
    if built.name != "customers" or not kinds or not built.rows:
        return built
    engine.attach("customers_raw", built.files)
    table = standardise(engine, "customers_raw", kinds, region)
    clean = {f"{column}_clean" for column in kinds}
    columns = tuple(c.name for c in TABLES["customers"].columns if c.name in built.columns or c.name in clean)
    file = built.folder / ".cleaned.parquet"
    engine.native(
        "write clean columns",
        f'COPY (SELECT {", ".join(columns)} FROM "{table}") TO {quoted(str(file))} (FORMAT parquet, COMPRESSION zstd)',
    )
    engine.native("drop clean columns", f'DROP TABLE "{table}"')
    for part in built.files:
        part.unlink()
    file.rename(built.folder / "part-000-0.parquet")
    return replace(built, columns=columns)
