"""Who belongs together without being one: persons of one household, places of business of one company.

A household is a group, never a merge: each member keeps orders, points and consent. Persons belong together where they
share a door and a surname or a telephone; companies where they share a name and stand in different cities.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.clusters import components
from tierwise.identity.folding import literal, quoted
from tierwise.identity.merges import Standing

HOUSEHOLDS = "households.parquet"
_MOST = 20
_KINSHIP = ("name_family", "surname", "phone_clean")


def find_households(engine: DuckDBEngine, records: str, columns: Collection[str], now: Standing, file: Path) -> int:
    """Write customer_id (the surviving one), household_id and kind of everyone who shares one; return how many do."""
    import pyarrow as pa

    parts = [sql for sql in (_persons(records, columns), _companies(records, columns)) if sql]
    gone = {"gone": list(now.survivors), "kept": list(now.survivors.values())}
    engine.register("identity_gone", pa.table({name: pa.array(ids, pa.string()) for name, ids in gone.items()}))
    members = f"SELECT n, record, coalesce(kept, record) AS customer FROM {quoted(records)} LEFT JOIN identity_gone ON gone = record"
    pairs = engine.connection.execute(
        " UNION ".join(parts) or "SELECT 0 AS n_l, 0 AS n_r, '' AS kind LIMIT 0"
    ).fetchnumpy()
    count = int(engine.native("count", f"SELECT count(*) FROM {quoted(records)}")[0][0])
    groups = components(pairs["n_l"], pairs["n_r"], count)
    engine.register("identity_groups", pa.table({"n": range(count), "household": groups}))
    kinds = {int(n): kind for n, kind in zip(pairs["n_l"], pairs["kind"], strict=True)}
    engine.register("identity_kinds", pa.table({"n": list(kinds), "kind": pa.array(kinds.values(), pa.string())}))
    query = (
        f"WITH people AS ({members}), named AS (SELECT household, min(customer) AS household_id FROM people JOIN identity_groups"
        f" USING (n) GROUP BY household HAVING count(DISTINCT customer) BETWEEN 2 AND {_MOST}),"
        " kinds AS (SELECT household, min(kind) AS kind FROM identity_kinds JOIN identity_groups USING (n) GROUP BY household)"
        " SELECT DISTINCT customer AS customer_id, household_id, kind FROM people JOIN identity_groups USING (n)"
        " JOIN named USING (household) JOIN kinds USING (household) ORDER BY ALL"
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    prepared = file.with_name(f".{file.name}")
    done = engine.native("households", f"COPY ({query}) TO {literal(str(prepared))} (FORMAT parquet)")
    prepared.replace(file)
    for view in ("identity_gone", "identity_groups", "identity_kinds"):
        engine.unregister(view)
    return int(done[0][0])


def _persons(records: str, columns: Collection[str]) -> str | None:
    kin = [f"l.{column} = r.{column}" for column in _KINSHIP if column in columns]
    if not kin or not {"address_street", "address_door"} <= set(columns):
        return None
    door = "address_street || '|' || address_door || '|' || coalesce(city, '')"
    rows = f"SELECT *, {door} AS door FROM {quoted(records)} WHERE address_door IS NOT NULL"
    return (
        f"SELECT l.n AS n_l, r.n AS n_r, 'person' AS kind FROM ({rows}) l JOIN ({rows}) r ON l.door = r.door AND l.n < r.n"
        f" WHERE {' OR '.join(kin)}"
    )


def _companies(records: str, columns: Collection[str]) -> str | None:
    if not {"company_core", "company_place"} <= set(columns):
        return None
    rows = f"SELECT min(n) AS n, company_core, company_place FROM {quoted(records)} WHERE company_place IS NOT NULL GROUP BY ALL"
    return (
        f"SELECT l.n AS n_l, r.n AS n_r, 'company' AS kind FROM ({rows}) l JOIN ({rows}) r"
        " ON l.company_core = r.company_core AND l.company_place < r.company_place"
    )
