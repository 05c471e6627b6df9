"""Advice on made-up and demo data: what is measured, that nothing leaks from the future, and how models are ranked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.advisor.conftest import START, built, leaving_orders, steady_orders, write_orders

from tierwise.advisor.advice import Advice
from tierwise.advisor.goals import BUSINESSES, GOALS, Metric, prior
from tierwise.advisor.history import history_of, history_steps
from tierwise.advisor.sufficiency import look_back_days
from tierwise.advisor.trial import Period, try_models
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import read_tables, run_plan
from tierwise.engine.progress import Silent
from tierwise.errors import TierwiseError
from tierwise.pipeline import Job, Resources, Source, ingest
from tierwise.snapshots.workspace import Workspace

Ask = Callable[..., Advice]
ORDER_MODELS = ("rfm", "lifecycle", "pyramid", "goal_groups", "value_grade", "two_axis", "ltv")


def test_no_model_is_better_where_spend_is_all_there_is_to_know(ask: Ask, tmp_path: Path) -> None:
    orders = write_orders(tmp_path / "orders.parquet", steady_orders(250, 500))
    found = ask({"orders": orders}, ("rfm", "pyramid", "value_grade", "goal_groups"), horizon_days=90)
    assert found.spend_is_enough
    assert "No model is better than spend alone here" in found.verdict.en
    assert "没有模型胜过只看消费额" in found.verdict.zh


def test_models_that_see_who_left_are_found_better_than_spend(ask: Ask, tmp_path: Path) -> None:
    orders = write_orders(tmp_path / "orders.parquet", leaving_orders(600, 500))
    found = ask({"orders": orders}, ORDER_MODELS, "repurchase", "ecommerce", horizon_days=60)
    assert not found.spend_is_enough
    better = {each.instance for each in found.candidates if each.beats_spend}
    assert {"rfm", "ltv"} <= better and "pyramid" not in better
    assert found.candidates[0].instance in better
    by_name = {each.instance: each for each in found.candidates}
    gain = by_name["pyramid"].tested.minus(found.trial.baseline, Metric.GINI)
    assert (gain.value, gain.low, gain.high) == (0, 0, 0)  # the pyramid is spend, in steps


@pytest.mark.slow
def test_the_places_follow_the_rule(ask: Ask, shop: Path) -> None:
    files = {name: shop / f"{name}.parquet" for name in ("orders", "events", "customers")}
    names = (*ORDER_MODELS, "engagement", "balances", "vip", "b2b")
    found = ask(files, names, "repurchase", "ecommerce", horizon_days=90)
    assert [each.place for each in found.candidates] == list(range(1, len(names) + 1))
    enough = [each.sufficiency.enough for each in found.candidates]
    assert enough == sorted(enough, reverse=True)
    able = [each for each in found.candidates if each.sufficiency.enough]
    level = [each for each in able if each.level_with_best]
    assert able[: len(level)] == level
    keys = [(not each.beats_spend, -each.prior.points) for each in level]
    assert keys == sorted(keys)
    figures = [each.tested.observed[Metric.BUYER_LIFT] for each in able[len(level) :]]
    assert figures == sorted(figures, reverse=True)
    last = found.candidates[-1]
    assert last.instance == "balances" and last.tested is None
    assert "Balances" in last.reasons[0].en and "资产" in last.reasons[0].zh


@pytest.mark.slow
def test_what_is_measured_agrees_with_a_plain_count(shop: Path, tmp_path: Path) -> None:
    with DuckDBEngine(threads=1) as engine:
        trial, tables, period = _trial(engine, shop, tmp_path, ("pyramid",))
        run_plan(engine, history_steps(period.as_of, {"orders": frozenset({"customer_id"})}))
        reads = ("advisor_days", "advisor_gaps", "advisor_buyers", "advisor_covered")
        history = history_of(read_tables(engine, reads), period.as_of)
    orders = [row for row in pq.read_table(tables["orders"][0]).to_pylist() if row["status"] != "void"]
    sales = [row for row in orders if row["status"] == "sale"]
    days: dict[str, set[date]] = {}
    for row in sales:
        days.setdefault(row["customer_id"], set()).add(row["order_date"])
    assert history is not None
    assert (history.customers, history.orders) == (len(days), len(sales))
    assert history.repeaters == sum(len(found) > 1 for found in days.values())
    ordered = [sorted(found) for found in days.values()]
    gaps = sorted((b - a).days for found in ordered for a, b in pairwise(found))
    assert history.median_gap_days == gaps[(len(gaps) - 1) // 2]
    known = {row["customer_id"] for row in sales if row["order_date"] <= period.split}
    after = [row for row in orders if row["customer_id"] in known and row["order_date"] > period.split]
    assert trial.population["customers"] == len(known)
    assert trial.population["revenue_cents"] == sum(int(row["amount"] * 100) for row in after)
    bought = {row["customer_id"] for row in after if row["status"] == "sale"}
    recent = {
        row["customer_id"]
        for row in sales
        if period.split - timedelta(period.horizon_days) < row["order_date"] <= period.split
    }
    assert trial.population["buyers"] == len(bought)
    assert (trial.population["active"], trial.population["left_active"]) == (len(recent), len(recent - bought))
    spent = dict.fromkeys(known, Decimal(0))
    for row in orders:
        if row["order_date"] <= period.split and row["customer_id"] in known:
            spent[row["customer_id"]] += row["amount"]
    best = sorted(known, key=lambda who: -spent[who])
    top = best[: len(best) // 10]
    share = sum(row["amount"] for row in after if row["customer_id"] in set(top)) / sum(row["amount"] for row in after)
    assert trial.baseline.observed[Metric.TOP_SHARE] == pytest.approx(100 * float(share), abs=1.5)  # bins of 0.5 %


def _trial(engine: Engine, shop: Path, tmp_path: Path, names: tuple[str, ...]):  # type: ignore[no-untyped-def]
    job = Job(Workspace(tmp_path / "ws"), [Source("orders", str(shop / "orders.parquet"))], [])
    ingested = ingest(job, Resources(), Silent())
    tables = {table.name: table.files for table in ingested.tables}
    for name, files in tables.items():
        engine.attach(name, files)
    period = Period(ingested.orders.last_date, 90)
    trial = try_models(engine, built(names), ingested.available, period, tmp_path / "scratch", Silent())
    return trial, tables, period


@pytest.mark.slow
def test_nothing_after_the_split_reaches_a_model(shop: Path, tmp_path: Path) -> None:
    names = ("rfm", "lifecycle", "pyramid", "value_grade", "ltv", "decision_tree", "clusters", "combined")
    with DuckDBEngine(threads=1) as engine:
        trial, tables, period = _trial(engine, shop, tmp_path, names)
        before = {name: _labels(engine, name) for name in names}
        orders = pq.read_table(tables["orders"][0])
        later = pc.greater(orders["order_date"], pa.scalar(period.split))
        changed = pc.if_else(later, pa.scalar(Decimal(9999), orders["amount"].type), orders["amount"])
        file = tmp_path / "changed.parquet"
        place = orders.schema.get_field_index("amount")
        pq.write_table(orders.set_column(place, "amount", changed), file)
        engine.attach("orders", [file])
        available = {"orders": frozenset(orders.schema.names)}
        again = try_models(engine, built(names), available, period, tmp_path / "again", Silent())
        assert not trial.refused and not again.refused
        assert again.population["revenue_cents"] > 2 * trial.population["revenue_cents"]
        for name in names:
            assert _labels(engine, name) == before[name], name


def _labels(engine: Engine, name: str) -> list[dict[str, object]]:
    return engine.records("labels", f"SELECT customer_id, rank, score FROM {name}_labelled ORDER BY customer_id")


@pytest.mark.spark
def test_both_engines_find_the_same_figures(shop: Path, tmp_path: Path, make_spark: Callable[..., Engine]) -> None:
    names = ("rfm", "lifecycle", "combined")
    found = []
    for place, engine in enumerate((DuckDBEngine(threads=1), make_spark())):
        try:
            trial, _, _ = _trial(engine, shop, tmp_path / str(place), names)
        finally:
            engine.close()
        found.append({n: (dict(t.observed), {m: t.draws[m].tolist() for m in Metric}) for n, t in trial.tested.items()})
    assert found[0] == found[1]


def test_too_little_data_is_said_and_what_to_do_then(ask: Ask, tmp_path: Path) -> None:
    short = write_orders(tmp_path / "short.parquet", steady_orders(50, 40))
    with pytest.raises(TierwiseError, match=r"advisor\.history_too_short"):
        ask({"orders": short}, ("rfm",))
    year = write_orders(tmp_path / "year.parquet", steady_orders(50, 360))
    with pytest.raises(TierwiseError, match=r"at most 1[78]"):
        ask({"orders": year}, ("rfm",), horizon_days=300)
    found = ask({"orders": year}, ("rfm", "ltv"), horizon_days=60)
    checks = {check.code: check for each in found.candidates for check in each.sufficiency.checks}
    assert not checks["customers"].met and checks["history_days"].met
    assert any("customers 50 (needs 200)" in reason.en for each in found.candidates for reason in each.reasons)


def test_months_without_orders_are_found(ask: Ask, tmp_path: Path) -> None:
    orders = [row for row in steady_orders(120, 400) if row[1].month not in (5, 6)]
    found = ask({"orders": write_orders(tmp_path / "gaps.parquet", orders)}, ("rfm", "pyramid"), horizon_days=60)
    assert found.history.empty_months == ("2024-05", "2024-06")
    assert all(not each.sufficiency.enough for each in found.candidates)
    assert found.history.first == min(row[1] for row in orders) >= START


def test_a_model_that_refuses_the_data_says_why_and_takes_none_with_it(ask: Ask, tmp_path: Path) -> None:
    orders = [(f"C{who}", START + timedelta(day), 10.0) for who in range(3) for day in range(0, 300, 30)]
    file = write_orders(tmp_path / "few.parquet", orders)
    found = ask({"orders": file}, ("clusters", "pyramid"), horizon_days=60)
    by_name = {each.instance: each for each in found.candidates}
    assert by_name["pyramid"].tested is not None
    assert by_name["clusters"].tested is not None or by_name["clusters"].problem is not None


@pytest.mark.parametrize(
    ("goal", "business", "data", "first"),
    [
        ("repurchase", "ecommerce", "orders", "rfm"),
        ("churn", "saas", "behaviour", "lifecycle"),
        ("key_accounts", "b2b", "orders", "pyramid"),
        ("lifetime_value", None, "deep", "ltv"),
    ],
)
def test_what_is_usually_recommended(goal: str, business: str | None, data: str, first: str) -> None:
    kind = BUSINESSES[business] if business else None
    difficulty = {
        "rfm": "low to medium",
        "lifecycle": "medium",
        "pyramid": "low",
        "ltv": "high",
        "engagement": "medium to high",
    }
    points = {name: prior(name, hard, GOALS[goal], kind, data).points for name, hard in difficulty.items()}
    assert max(points, key=lambda name: points[name]) == first


def test_windows_that_are_compared_with_the_one_before_count_twice() -> None:
    days = {model.name: look_back_days(model) for model in built(("rfm", "lifecycle", "b2b", "decision_tree", "vip"))}
    assert days == {"rfm": 0, "lifecycle": 180, "b2b": 730, "decision_tree": 455, "vip": 30}
