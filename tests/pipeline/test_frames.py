"""Tiers from Python: tables in memory, files, and the first mistakes one makes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import tierwise
from tierwise.snapshots.runs import open_run
from tierwise.snapshots.workspace import Workspace

DAYS = [datetime(2026, month, 1, 10) for month in (1, 2, 3, 4)]
ORDERS = pa.table(
    {
        "客户编号": ["007", "007", "8", "9"],
        "下单时间": pa.array(DAYS, pa.timestamp("ns")),
        "实付金额": pa.array([Decimal("10.50"), Decimal("20.00"), Decimal("5.25"), Decimal("1.00")]),
    }
)


class Streamed:
    """A table of another library, as polars and pandas hand theirs over."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.table.__arrow_c_stream__(requested_schema)


def spent(found: tierwise.Tiers) -> dict[str, Decimal]:
    table = found.labels()
    column = next(name for name in table.column_names if name.startswith("monetary"))
    return dict(zip(table["customer_id"].to_pylist(), table[column].to_pylist(), strict=True))


EXPECTED = {"007": Decimal("30.50"), "8": Decimal("5.25"), "9": Decimal("1.00")}


@pytest.mark.parametrize(
    "orders",
    [ORDERS, ORDERS.to_batches()[0], Streamed(ORDERS.append_column("__index_level_0__", pa.array([5, 6, 7, 8])))],
    ids=["table", "batch", "stream"],
)
def test_a_table_in_memory_is_tiered(orders: Any) -> None:
    found = tierwise.tier(orders)
    assert spent(found) == EXPECTED
    assert found.quality["rows_read"] == 4
    assert sum(found.tiers("rfm")["customers"].to_pylist()) == 3
    assert found.labels("zh-CN")["rfm_tier"][0].as_py() in {"重要价值", "重要发展", "重要保持", "重要挽留"}


def test_a_file_with_settings_in_a_workspace_that_stays(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("buyer,date,amount\na,2026-01-01,10\nb,2026-02-01,20\n")
    found = tierwise.tier(
        file, ["rfm", "pyramid"], settings={"rfm": {"bins": 3}}, as_of=date(2026, 3, 1), workspace=tmp_path / "w"
    )
    kept = open_run(Workspace(tmp_path / "w"))
    assert kept.name == found.run.name and kept.manifest.as_of == date(2026, 3, 1)
    assert kept.settings()["rfm"]["bins"] == 3
    assert [reason.model for reason in found.explain("a")] == ["rfm", "pyramid"]


@pytest.mark.parametrize(
    ("orders", "code"),
    [
        (5, "frame.not_a_table"), ([{"customer_id": 1}], "frame.not_a_table"), ("nowhere.csv", "input.not_found"),
        (pa.table({"客户编号": ["1"], "x": ["y"]}), "input.missing_column"), (ORDERS.slice(0, 0), "input.no_rows"),
    ],
)  # fmt: skip
def test_first_mistakes_are_told(orders: Any, code: str) -> None:
    with pytest.raises(tierwise.TierwiseError) as caught:
        tierwise.tier(orders)
    assert caught.value.code == code


def test_a_column_of_several_types_is_told() -> None:
    class Mixed:
        def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
            raise pa.ArrowTypeError("Expected bytes, got a 'int' object", "Conversion failed for column id")

    with pytest.raises(tierwise.TierwiseError) as caught:
        tierwise.tier(Mixed())
    assert caught.value.code == "frame.mixed_column" and "column id" in caught.value.problems[0].cause.en


def test_wrong_names_are_told() -> None:
    with pytest.raises(tierwise.TierwiseError, match="did you mean rfm"):
        tierwise.tier(ORDERS, "rmf")
    with pytest.raises(AttributeError, match="tier, Tiers, TierwiseError"):
        _ = tierwise.tiers
    assert "tier" in dir(tierwise)
