"""A folder is the parts of one Parquet table, and nothing else that lies in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tierwise.contracts.ingest import ReadOptions
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Silent
from tierwise.errors import TierwiseError
from tierwise.sources import open_source


def write(duck: DuckDBEngine, file: Path, customer: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    duck.native("part", f"COPY (SELECT '{customer}' AS customer_id, 1.5 AS amount) TO '{file}' (FORMAT parquet)")


def test_parts_and_partitions_are_read_and_results_beside_them_are_not(duck: DuckDBEngine, tmp_path: Path) -> None:
    folder = tmp_path / "orders"
    write(duck, folder / "part-0.parquet", "a")
    write(duck, folder / "year=2025" / "month=1" / "part-0.parquet", "b")
    write(duck, folder / "tierwise-out" / "runs" / "x" / "indicators" / "part-000.parquet", "z")
    raw = open_source(duck, str(folder), ReadOptions(), tmp_path, Silent())
    assert raw.rows_read == 2


def test_a_folder_with_results_only_is_no_data(duck: DuckDBEngine, tmp_path: Path) -> None:
    write(duck, tmp_path / "tierwise-out" / "part-0.parquet", "z")
    with pytest.raises(TierwiseError) as caught:
        open_source(duck, str(tmp_path), ReadOptions(), tmp_path, Silent())
    assert caught.value.code == "input.folder_without_data"
