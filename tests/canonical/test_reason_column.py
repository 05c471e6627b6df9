"""A table whose own column is called as ours: `reason` of points is kept, and sets no row aside."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Silent
from tierwise.importing import bring_in
from tierwise.job import Job, Source
from tierwise.snapshots.workspace import Workspace


def test_points_keep_their_reasons(tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    rows = ["p1,c1,2025-01-02,5,买满赠", "p2,c1,soon,5,bad date", "p3,c2,2025-01-03,-2,"]
    file.write_text("\n".join(["entry_id,customer_id,changed_at,points,reason", *rows]) + "\n", encoding="utf-8")
    with DuckDBEngine(threads=1) as engine:
        bring_in(engine, Source("points", str(file)), Job(Workspace(tmp_path / "w"), [], []), Silent())
    (part,) = (tmp_path / "w" / "imports").glob("*/points/*.parquet")
    kept = duckdb.sql(f"SELECT entry_id, reason FROM '{part}' ORDER BY 1").fetchall()
    assert kept == [("p1", "买满赠"), ("p3", None)]
    (rejects,) = (tmp_path / "w" / "imports").glob("*/rejects/points.csv")
    assert "bad_date" in rejects.read_text(encoding="utf-8-sig")
