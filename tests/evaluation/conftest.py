"""What the tests of evaluation share: small tables given to an engine as Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tierwise.contracts.scheme import Tier
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.language import Text

Attach = Callable[[Engine, str, Sequence[dict[str, Any]]], None]


def tier(key: str, rank: int) -> Tier:
    return Tier(key, Text.same(key), rank, Text.same(key), Text.same(key))


@pytest.fixture
def attach(tmp_path: Path) -> Attach:
    """Make rows readable as a table of an engine."""

    def given(engine: Engine, name: str, rows: Sequence[dict[str, Any]]) -> None:
        file = tmp_path / f"{name}.parquet"
        pq.write_table(pa.Table.from_pylist(list(rows)), file)
        engine.attach(name, [file])

    return given


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.slow])])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Both engines, one after the other."""
    make = request.getfixturevalue("make_spark") if request.param == "spark" else DuckDBEngine
    opened: Engine = make()
    yield opened
    opened.close()
