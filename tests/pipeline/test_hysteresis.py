"""Tiers with memory: the margin and the minimum stay, by hand, through whole runs and on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.pipeline.conftest import job_of, write_orders

from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, Score, Tier
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.language import Text
from tierwise.pipeline import Resources, run
from tierwise.snapshots import runs as snapshots_runs
from tierwise.snapshots.earlier import run_before
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace
from tierwise.sql.hysteresis import Before, Hold, hysteresis_steps, moved
from tierwise.sql.scheme import label_columns, label_steps

DAY = date(2026, 6, 30)
OpenEngine = Callable[[], Engine]


def tier(key: str, rank: int) -> Tier:
    return Tier(key, Text.same(key), rank, Text.same(key), Text.same(key))


LINES = Scheme(
    ("recency_days", "monetary"),
    (tier("gold", 1), tier("plain", 2), tier("lost", 3)),
    (
        Rule("lost", (Condition("recency_days", Op.GE, 100),)),
        Rule("gold", (Condition("level", Op.GE, 2),)),
    ),
    "plain",
    (Score("level", "monetary", Text.same("level"), 2, {(): (Decimal(1000),)}),),
)

# customer, recency, monetary, tier before, tier by the rules, tier with a margin of 10 per cent
CASES = [
    ("stays gold just below the line", 1, "950.00", "gold", "plain", "gold"),
    ("falls below the margin", 1, "899.99", "gold", "plain", "plain"),
    ("exactly on the margin still holds", 1, "900.00", "gold", "plain", "gold"),
    ("not yet clearly above", 1, "1099.99", "plain", "gold", "plain"),
    ("clearly above", 1, "1100.00", "plain", "gold", "gold"),
    ("an earlier rule has not clearly fired", 105, "2000.00", "gold", "lost", "gold"),
    ("an earlier rule has clearly fired", 110, "2000.00", "gold", "lost", "lost"),
    ("back, but not clearly", 95, "5.00", "lost", "plain", "lost"),
    ("clearly back", 89, "5.00", "lost", "plain", "plain"),
    ("two lines at once: gold is not lost yet, but no longer rich", 105, "5.00", "gold", "lost", "lost"),
    ("new customers get what the rules say", 1, "1050.00", None, "gold", "gold"),
    ("a tier that is no more holds nobody", 1, "1050.00", "platinum", "gold", "gold"),
    ("nobody moves whom the rules leave in place", 1, "2000.00", "gold", "gold", "gold"),
]


@pytest.fixture
def opened() -> Iterator[list[Engine]]:
    engines: list[Engine] = []
    yield engines
    for engine in engines:
        engine.close()


def held(engine: Engine, folder: Path, hold: Hold, since: date) -> dict[str, dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{"customer_id": c, "recency_days": r, "monetary": Decimal(m)} for c, r, m, *_ in CASES]
    kinds = [("customer_id", pa.string()), ("recency_days", pa.int64()), ("monetary", pa.decimal128(18, 2))]
    pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(kinds)), folder / "now.parquet")
    before = [{"customer_id": c, "tier": t, "since": since} for c, _, _, t, *_ in CASES if t]
    pq.write_table(pa.Table.from_pylist(before), folder / "before.parquet")
    engine.attach("indicators", [folder / "now.parquet"])
    engine.attach("earlier", [folder / "before.parquet"])
    run_plan(engine, label_steps(LINES, "indicators", "labelled"))
    known = Before("earlier", DAY - timedelta(days=30), True)
    run_plan(engine, hysteresis_steps(LINES, hold, DAY, "labelled", known, label_columns(LINES), "held"))
    return {row["customer_id"]: row for row in engine.records("held", "SELECT * FROM held")}


def check_margin(engine: Engine, folder: Path) -> None:
    since = DAY - timedelta(days=200)
    found = held(engine, folder, Hold(Decimal(10)), since)
    for name, _, _, before, fresh, expected in CASES:
        row = found[name]
        assert (row["fresh_tier"], row["tier"]) == (fresh, expected), name
        assert row["rank"] == LINES.tier(expected).rank, name
        assert row["since"] == (since if before == expected else DAY), name


def test_margin_by_hand(tmp_path: Path, duck: DuckDBEngine) -> None:
    check_margin(duck, tmp_path)


@pytest.mark.spark
@pytest.mark.slow
def test_margin_by_hand_on_spark(tmp_path: Path, make_spark: Callable[..., Engine], opened: list[Engine]) -> None:
    opened.append(make_spark())
    check_margin(opened[0], tmp_path)


@pytest.mark.parametrize(("stayed", "kept"), [(59, True), (60, False), (61, False)])
def test_minimum_stay_by_hand(tmp_path: Path, duck: DuckDBEngine, stayed: int, kept: bool) -> None:
    found = held(duck, tmp_path, Hold(minimum_stay_days=60), DAY - timedelta(days=stayed))
    for name, _, _, before, fresh, _ in CASES:
        expected = before if kept and before in ("gold", "plain", "lost") else fresh
        assert found[name]["tier"] == expected, name


def test_thresholds_move_by_a_share_of_their_size() -> None:
    assert [moved(Decimal(value), Decimal(10)) for value in ("100", "-100", "0")] == [110, -90, 0]
    assert [moved(Decimal(value), Decimal(-10)) for value in ("100", "-100", "0")] == [90, -110, 0]


def runs(folder: Path, settings: dict[str, Any], days: list[date]) -> list[Run]:
    orders = write_orders(folder / "orders.csv", [("ann", "2026-01-01", 100), ("bob", "2026-06-01", 50)])
    spec = {"lifecycle": {"declining_days": 90, "lost_days": 180, "new_days": 1, **settings}}
    resources = Resources(lambda: DuckDBEngine(threads=1))
    return [run(job_of(folder / "ws", orders, spec, as_of=day, today=DAY), resources) for day in days]


def tiers_of(engine: DuckDBEngine, published: Run) -> dict[str, str]:
    engine.attach("labels", published.labels("lifecycle"))
    return {row["customer_id"]: row["tier"] for row in engine.records("labels", "SELECT * FROM labels")}


def test_through_runs_a_margin_delays_and_never_prevents(tmp_path: Path, duck: DuckDBEngine) -> None:
    """Ann bought on 1 January: declining from day 90 (1 April), with 10 per cent from day 99."""
    days = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 9), date(2026, 4, 10)]
    plain = [tiers_of(duck, one)["ann"] for one in runs(tmp_path / "plain", {}, days)]
    calm = runs(tmp_path / "calm", {"margin_percent": 10}, days)
    assert plain == ["growing", "declining", "declining", "declining"]
    assert [tiers_of(duck, one)["ann"] for one in calm] == ["growing", "growing", "growing", "declining"]
    notes = [one.manifest.models["lifecycle"].notes[-1] for one in calm]
    assert [note["figures"]["customers"] for note in notes] == [0, 1, 1, 0]
    assert [note["figures"]["run_before"] for note in notes] == [None, *(one.name for one in calm[:-1])]


def test_damaged_manifests_are_passed_over_and_named_where_they_may_matter(tmp_path: Path) -> None:
    days = [date(2026, 3, 29), date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 1)]
    oldest, old, newest, same_day = runs(tmp_path, {"margin_percent": 10}, days)
    for made, text in ((oldest, ""), (newest, "{"), (same_day, "[]")):
        (made.folder / "manifest.json").write_text(text)
    (again,) = runs(tmp_path, {"margin_percent": 10}, days[-1:])
    damaged, held = again.manifest.models["lifecycle"].notes[-2:]
    assert damaged["code"] == "hysteresis.damaged" and newest.name in damaged["text"]["en"]
    assert oldest.name not in damaged["text"]["en"] and same_day.name not in damaged["text"]["en"]
    assert held["figures"]["run_before"] == old.name


def test_manifests_that_cannot_matter_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [date(2026, 3, 29), date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 1)]
    made = runs(tmp_path, {"margin_percent": 10}, days)
    read = list[str]()
    real = snapshots_runs.read_manifest
    monkeypatch.setattr(snapshots_runs, "read_manifest", lambda run: read.append(run.name) or real(run))
    found = run_before(Workspace(tmp_path / "ws"), days[2], "lifecycle")
    assert found.run is not None and found.run.name == made[1].name and read == [made[1].name]
    assert run_before(Workspace(tmp_path / "ws"), days[-1], "pyramid").run is None and read == [made[1].name]


def test_the_same_day_again_gives_the_same_labels(tmp_path: Path, duck: DuckDBEngine) -> None:
    days = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 1)]
    first, again = (tiers_of(duck, one) for one in runs(tmp_path, {"margin_percent": 10}, days)[1:])
    assert first == again


def test_without_memory_labels_have_no_more_columns(tmp_path: Path, duck: DuckDBEngine) -> None:
    (published,) = runs(tmp_path, {}, [DAY])
    duck.attach("labels", published.labels("lifecycle"))
    assert tuple(duck.columns("labels")) == label_columns(published.scheme("lifecycle"))
