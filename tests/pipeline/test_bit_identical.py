"""Equal data gives equal bytes: over five runs, one and two threads, and rows in any order."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from tests.pipeline.conftest import duckdb_with, job_of, label_prints

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.pipeline import run

MODELS = {"rfm": {"preset": "rfm_r"}, "lifecycle": {}, "pyramid": {}}


def shuffled(source: Path, target: Path, seed: int) -> Path:
    header, *rows = source.read_text(encoding="utf-8").splitlines()
    random.Random(seed).shuffle(rows)
    target.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return target


def test_five_runs_two_thread_counts_and_shuffled_rows(shared_data: Path, tmp_path: Path) -> None:
    orders = shared_data / "clv" / "rfm_data_orders.csv"
    prints = []
    for place, threads in enumerate((1, 2, 1, 2, 2)):
        source = orders if place < 3 else shuffled(orders, tmp_path / f"shuffled-{place}.csv", place)
        job = job_of(tmp_path / "workspace", source, MODELS, as_of=date(2006, 12, 31))
        prints.append(label_prints(run(job, duckdb_with(threads))))
    assert all(found == prints[0] for found in prints)
    assert all(len(files) == 1 for files in prints[0].values())


@pytest.mark.slow
def test_tables_of_several_row_groups(tmp_path: Path) -> None:
    """300,000 customers fill three row groups of Parquet, which two threads write out of step."""
    files = [tmp_path / "straight.parquet", tmp_path / "shuffled.parquet"]
    with DuckDBEngine() as engine:
        rows = (
            "SELECT 'c' || (range % 300000) AS customer_id, DATE '2026-01-01' + CAST(hash(range) % 500 AS INT) AS "
            "order_date, CAST(hash(range, 1) % 90000 AS DECIMAL(18, 2)) / 100 AS amount, "
            "'N' || range AS order_id FROM range(500000)"
        )
        engine.native("straight", f"COPY ({rows}) TO '{files[0]}' (FORMAT parquet)")
        engine.native(
            "shuffled", f"COPY (SELECT * FROM ({rows}) ORDER BY hash(order_id)) TO '{files[1]}' (FORMAT parquet)"
        )
    prints = []
    for place, (file, threads) in enumerate(((files[0], 1), (files[0], 2), (files[1], 2))):
        job = job_of(tmp_path / f"workspace-{place}", file, as_of=date(2027, 6, 1), today=date(2028, 1, 1))
        prints.append(label_prints(run(job, duckdb_with(threads))))
    assert prints[0] == prints[1] == prints[2]


def test_another_amount_gives_other_bytes(shared_data: Path, tmp_path: Path) -> None:
    orders = shared_data / "clv" / "rfm_data_orders.csv"
    text = orders.read_text(encoding="utf-8")
    changed = tmp_path / "changed.csv"
    changed.write_text(text.replace(",32\n", ",33\n", 1), encoding="utf-8")
    prints = [
        label_prints(run(job_of(tmp_path / "workspace", file, MODELS, as_of=date(2006, 12, 31))))
        for file in (orders, changed)
    ]
    assert prints[0]["pyramid"] != prints[1]["pyramid"]
