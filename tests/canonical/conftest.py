"""Fixtures that take a source all the way to a canonical table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tierwise.canonical import build_table, guess_mapping
from tierwise.contracts.ingest import CanonicalTable, IngestSettings, Mapping, RawTable, ReadOptions
from tierwise.contracts.tables import TABLES
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Silent
from tierwise.sources import open_source

TODAY = date(2026, 1, 1)


@dataclass
class Ingest:
    """One engine and one folder, for as many tables as a test wants."""

    engine: DuckDBEngine
    folder: Path
    count: int = 0

    def fresh(self) -> Path:
        self.count += 1
        made = self.folder / f"n{self.count}"
        made.mkdir()
        return made

    def open(self, source: str | Path) -> RawTable:
        """Open a path, or text with newlines as the content of a CSV file."""
        folder = self.fresh()
        path = source if isinstance(source, Path) else folder / "source.csv"
        if isinstance(source, str):
            path.write_bytes(source.encode())
        return open_source(self.engine, str(path), ReadOptions(), folder, Silent())

    def map(self, source: str | Path, table: str = "orders", **given: str) -> Mapping:
        return guess_mapping(self.open(source), TABLES[table], given)

    def build(
        self, source: str | Path, table: str = "orders", given: dict[str, str] | None = None, **settings: Any
    ) -> CanonicalTable:
        raw = self.open(source)
        mapping = guess_mapping(raw, TABLES[table], given or {})
        wanted = IngestSettings(**{"today": TODAY, **settings})
        built = build_table(self.engine, raw, mapping, TABLES[table], wanted, self.fresh())
        assert built.rows_read == built.rows_used + sum(aside.rows for aside in built.set_aside)
        return built

    def rows(self, table: CanonicalTable, columns: str = "*", order: str = "ALL") -> list[tuple[Any, ...]]:
        files = f"{table.folder}/part-*.parquet"
        return self.engine.native("rows", f"SELECT {columns} FROM read_parquet('{files}') ORDER BY {order}")


@pytest.fixture
def ingest(tmp_path: Path) -> Iterator[Ingest]:
    with DuckDBEngine(temp_folder=tmp_path) as engine:
        yield Ingest(engine, tmp_path)


@pytest.fixture
def dates(ingest: Ingest) -> Callable[..., list[str | None]]:
    """Read values as the dates of orders; None for those that are set aside."""

    def do(*values: str, **settings: Any) -> list[str | None]:
        lines = "".join(f'{n},"{value}",1\n' for n, value in enumerate(values, 1))
        built = ingest.build("customer_id,order_date,amount\n0,2020-01-01,1\n" + lines, **settings)
        moment = (
            "CAST(coalesce(ordered_at, order_date) AS VARCHAR)"
            if "ordered_at" in built.columns
            else "CAST(order_date AS VARCHAR)"
        )
        found = dict(ingest.rows(built, f"CAST(customer_id AS INTEGER), {moment}"))
        return [found.get(n) for n in range(1, len(values) + 1)]

    return do


@pytest.fixture
def amounts(ingest: Ingest) -> Callable[..., list[str | None]]:
    """Read values as the amounts of orders; None for those that are set aside."""

    def do(*values: str, **settings: Any) -> list[str | None]:
        lines = "".join(f'{n},2025-01-01,"{value}"\n' for n, value in enumerate(values, 1))
        built = ingest.build("customer_id,order_date,amount\n0,2025-01-01,0\n" + lines, **settings)
        found = dict(ingest.rows(built, "CAST(customer_id AS INTEGER), CAST(amount AS VARCHAR)"))
        return [found.get(n) for n in range(1, len(values) + 1)]

    return do
