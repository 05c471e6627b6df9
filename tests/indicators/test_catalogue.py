"""Every indicator against a shop that was computed by hand, and on both engines."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.indicators.tiny import AS_OF, ROWS, available_columns, write_tiny

from tierwise.contracts.indicators import IndicatorRef, ref_of
from tierwise.contracts.tables import TABLES
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.errors import TierwiseError
from tierwise.indicators.catalogue import CATALOGUE, Windows, label_of
from tierwise.indicators.compile import indicator_steps, unknown_steps
from tierwise.indicators.declaration import WITH_CENTS, Available, Unit

WEIGHTS = {"weights": "login=1|comment=3", "caps": "login=1", "half_life_days": "2"}

BY_HAND: list[tuple[IndicatorRef, Any]] = [
    (ref_of("recency_days"), 0),
    (ref_of("purchase_days"), 3),
    (ref_of("first_purchase_days"), 121),
    (ref_of("repeat_spend"), "130.00"),  # 330 less the 200 of the first day
    (ref_of("frequency"), 3),
    (ref_of("frequency", 90), 2),
    (ref_of("monetary"), "330.00"),
    (ref_of("monetary", 90), "130.00"),
    (ref_of("profit"), "155.00"),  # 40 + 30 - 15 + 100
    (ref_of("profit_margin_percent"), 46),  # 155 / 330
    (ref_of("average_order_value"), "110.00"),
    (ref_of("spend_per_month", 90), "43.33"),
    (ref_of("visits_per_month", 90), "0.67"),
    (ref_of("active_periods"), 2),  # ages 0 and 10 in the first, 121 in the fifth
    (ref_of("repurchased"), 1),
    (ref_of("repeat_rate_percent"), 67),
    (ref_of("mean_gap_days"), 60),  # 121 days over two gaps
    (ref_of("tenure_days"), 180),
    (ref_of("spend_growth_percent", 90), -35),  # 130 against 200
    (ref_of("spend_growth_percent", 30), None),
    (ref_of("frequency_growth_percent", 90), 100),
    (ref_of("spend_trend", 60), "15.71"),  # (5·100 + 3·50 - 5·20) / 35
    (ref_of("frequency_trend", 60), "0.23"),  # (5 + 3) / 35
    (ref_of("refunds"), 1),
    (ref_of("refund_amount"), "20.00"),
    (ref_of("refund_percent"), 33),
    (ref_of("discount_use_percent"), 67),
    (ref_of("discount_depth_percent"), 14),  # 60 of 410
    (ref_of("coupon_use_percent"), 67),
    (ref_of("weekend_percent"), 67),
    (ref_of("preferred_daypart"), "evening"),
    (ref_of("festival_percent"), 0),
    (ref_of("festival_percent", days="5", festivals="2026-07-04|2026-01-01"), 33),
    (ref_of("festival_percent", 30, days="5", festivals="2026-06-22"), 50),
    (ref_of("preferred_channel"), "App"),
    (ref_of("preferred_store"), "S1"),
    (ref_of("items"), "5.00"),
    (ref_of("items_per_order"), "1.67"),
    (ref_of("products"), 3),
    (ref_of("categories"), 2),
    (ref_of("preferred_category"), "食品"),
    (ref_of("category_percent", category="食品"), 27),  # 100 of 360
    (ref_of("category_percent", category="新品"), 16),
    (ref_of("category_percent", 30, category="食品/零食"), 62),  # 100 of 160
    (ref_of("category_lines", category="食品|新品"), 3),
    (ref_of("customer_kind"), "person"),
    (ref_of("gender"), "女"),
    (ref_of("region"), "华东"),
    (ref_of("age_years"), 25),
    (ref_of("acquisition_cost"), "50.00"),
    (ref_of("acquisition_return_percent"), 310),  # 155 of 50
    (ref_of("events"), 7),
    (ref_of("event_count", event="login"), 5),
    (ref_of("event_count", 30, event="login|comment"), 5),
    (ref_of("active_days"), 4),
    (ref_of("active_days", 30), 3),
    (ref_of("logins_per_week", 30), "0.93"),  # 4 · 7 / 30
    (ref_of("activity_recency_days"), 0),
    (ref_of("activity_growth_percent", 30), 200),
    (ref_of("event_kinds"), 3),
    (ref_of("intent_events", 30), 1),
    (ref_of("engagement_score", 30, **WEIGHTS), "4.50"),  # 1 + 3 today, 1 at half its worth
    (ref_of("engagement_score", 30, weights="login=0.1"), "0.40"),
    (ref_of("nps_score"), "8.50"),
    (ref_of("rating"), "3.50"),
    (ref_of("complaints"), 1),
    (ref_of("complaint_recency_days"), 29),
    (ref_of("feedback_count"), 6),
    (ref_of("tickets"), 2),
    (ref_of("topic_tickets", topic="使用咨询"), 1),
    (ref_of("urgent_tickets"), 1),
    (ref_of("urgent_ticket_percent"), 50),
    (ref_of("ticket_satisfaction"), "4.00"),
    (ref_of("first_response_minutes"), 30),
    (ref_of("resolution_minutes"), 151),  # 150.5
    (ref_of("touches"), 3),
    (ref_of("open_percent"), 50),
    (ref_of("click_percent"), 33),
    (ref_of("touch_cost"), "0.10"),
    (ref_of("referrals"), 1),
    (ref_of("referred_purchases"), 2),
    (ref_of("word_of_mouth_amount"), "60.00"),
    (ref_of("total_value"), "390.00"),
    (ref_of("assets"), "1000.00"),
    (ref_of("mean_assets"), "900.00"),
    (ref_of("mean_assets", 90), "1000.00"),
    (ref_of("assets_growth_percent", 90), 25),
]

NOTHING = {
    "frequency": 0, "monetary": Decimal("0.00"), "recency_days": None, "average_order_value": None, "active_days": 0,
    "complaints": 0, "rating": None, "assets": None, "tenure_days": 29, "total_value": Decimal("0.00"),
    "repeat_rate_percent": None, "referred_purchases": 0, "acquisition_return_percent": None,
}  # fmt: skip


def compute(engine: Engine, folder: Path, refs: list[IndicatorRef]) -> dict[str, dict[str, Any]]:
    for name, file in write_tiny(folder).items():
        engine.attach(name, [file])
    run_plan(engine, indicator_steps(refs, AS_OF, available_columns()))
    return {row["customer_id"]: row for row in engine.records("all", "SELECT * FROM indicators")}


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    with DuckDBEngine(threads=1) as engine:
        refs = [ref for ref, _ in BY_HAND] + [IndicatorRef(name) for name in NOTHING]
        return compute(engine, tmp_path_factory.mktemp("tiny"), refs)


@pytest.mark.parametrize(("ref", "expected"), BY_HAND, ids=lambda value: getattr(value, "column", ""))
def test_by_hand(computed: dict[str, dict[str, Any]], ref: IndicatorRef, expected: Any) -> None:
    money = CATALOGUE[ref.name].unit in WITH_CENTS
    assert computed["A"][ref.column] == (Decimal(expected) if money and expected is not None else expected)


def test_every_indicator_is_computed_by_hand() -> None:
    facts = {
        "city",
        "occupation",
        "industry",
        "employees",
        "annual_revenue",
        "source_channel",
    }  # like gender and region
    assert {ref.name for ref, _ in BY_HAND} | facts == set(CATALOGUE)


def test_customers_are_those_of_orders_and_registrations_up_to_the_day(computed: dict[str, dict[str, Any]]) -> None:
    assert sorted(computed) == ["A", "B", "C"]  # not D, who registers later; not E, whom only events know


def test_somebody_without_rows_has_zero_counts_and_unknown_means(computed: dict[str, dict[str, Any]]) -> None:
    assert {name: computed["C"][name] for name in NOTHING} == NOTHING


def test_ids_that_are_no_customers_are_counted(tmp_path: Path, duck: DuckDBEngine) -> None:
    compute(duck, tmp_path, [IndicatorRef("frequency")])
    steps, names = unknown_steps(available_columns())
    run_plan(duck, steps)
    rows = [duck.records(name, f"SELECT * FROM {name}")[0] for name in names]
    assert {row["table_name"]: (row["ids"], row["rows_unknown"]) for row in rows if row["ids"]} == {"events": (1, 1)}


def test_without_the_table_of_customers_those_who_bought_remain(tmp_path: Path, duck: DuckDBEngine) -> None:
    for name, file in write_tiny(tmp_path).items():
        duck.attach(name, [file])
    have = {name: columns for name, columns in available_columns().items() if name != "customers"}
    refs = [IndicatorRef("tenure_days"), IndicatorRef("active_days", 30)]
    run_plan(duck, indicator_steps(refs, AS_OF, have))
    rows = {row["customer_id"]: row for row in duck.records("all", "SELECT * FROM indicators")}
    assert {name: (row["tenure_days"], row["active_days_30d"]) for name, row in rows.items()} == {
        "A": (121, 3),
        "B": (60, 0),
    }


def test_only_the_tables_that_are_needed_are_read() -> None:
    steps = indicator_steps([IndicatorRef("complaints"), IndicatorRef("rating", 90)], AS_OF, available_columns())
    read = {word for step in steps for word in re.findall(r"FROM (\w+)", step.sql)}
    assert read & set(ROWS) == {"orders", "customers", "feedback"}
    assert sum("FROM feedback_facts" in step.sql for step in steps) == 1


def test_a_declaration_says_all_that_a_reader_needs() -> None:
    for name, indicator in CATALOGUE.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        for text in (indicator.label, indicator.about):
            assert text.en.strip() and re.search(r"[\u4e00-\u9fff]|NPS", text.zh), name
        for table, column in indicator.required:
            assert TABLES[table].column(column), name
        assert (indicator.higher_is_better is None) or indicator.unit is not Unit.WORD, name
        assert label_of(IndicatorRef(name, 30)).zh.startswith("近 30 天")


@pytest.mark.parametrize(
    ("ref", "code", "words"),
    [
        (IndicatorRef("frequncy"), "indicator.unknown", "did you mean frequency?"),
        (IndicatorRef("客单价"), "indicator.unknown", "did you mean average_order_value?"),
        (IndicatorRef("loyalty"), "indicator.not_measurable", "repeat_rate_percent"),
        (IndicatorRef("忠诚度"), "indicator.not_measurable", "referred_purchases"),
        (IndicatorRef("recency_days", 30), "indicator.bad_window", "has no window"),
        (IndicatorRef("spend_trend"), "indicator.bad_window", "needs a window"),
        (IndicatorRef("frequency", 0), "indicator.bad_window", "at least one day"),
        (IndicatorRef("event_count"), "indicator.bad_parameter", "the parameter event is needed"),
        (ref_of("frequency", evnt="x"), "indicator.bad_parameter", "there is no parameter evnt"),
        (IndicatorRef("employees"), "indicator.missing_data", "customers.employees is missing"),
    ],
)
def test_wrong_requests_say_what_to_do(ref: IndicatorRef, code: str, words: str) -> None:
    with pytest.raises(TierwiseError, match=re.escape(words)) as caught:
        indicator_steps([ref], AS_OF, available_columns())
    assert caught.value.code == code


def test_all_problems_are_reported_at_once() -> None:
    wanted = [IndicatorRef("no_such_thing"), IndicatorRef("spend_trend"), IndicatorRef("city")]
    with pytest.raises(TierwiseError) as caught:
        indicator_steps(wanted, AS_OF, available_columns())
    assert len(caught.value.problems) == 3


def all_refs(available: Available) -> list[IndicatorRef]:
    parameters = {
        "event_count": {"event": "login"}, "category_percent": {"category": "食品"}, "category_lines": {"category": "食品"},
        "topic_tickets": {"topic": "物流"}, "engagement_score": WEIGHTS,
    }  # fmt: skip
    refs = []
    for indicator in CATALOGUE.values():
        given = parameters.get(indicator.name, {})
        if not indicator.missing(available):
            refs += [ref_of(indicator.name, None, **given)] if indicator.windows is not Windows.REQUIRED else []
            refs += [ref_of(indicator.name, 60, **given)] if indicator.windows is not Windows.NEVER else []
    return refs


@pytest.mark.slow
@pytest.mark.spark
def test_spark_agrees_on_every_indicator(tmp_path: Path, make_spark: Callable[..., Engine], duck: DuckDBEngine) -> None:
    from tierwise.testing.sample import write_sample

    sample = write_sample(tmp_path, customers=120)
    refs = all_refs(sample.columns())
    assert {ref.name for ref in refs} == set(CATALOGUE)
    found = []
    for engine in (duck, make_spark()):
        for name, file in sample.tables.items():
            engine.attach(name, [file])
        run_plan(engine, indicator_steps(refs, sample.as_of, sample.columns()))
        rows = engine.records("all", "SELECT * FROM indicators")
        found.append(sorted(rows, key=lambda row: row["customer_id"]))
    assert found[0] == found[1]


def test_a_run_says_which_facts_no_campaign_changes(tmp_path: Path) -> None:
    from datetime import date

    from tierwise.config.document import Document
    from tierwise.pipeline import Job, Source, run
    from tierwise.registry import build_models
    from tierwise.snapshots.workspace import Workspace

    (tmp_path / "orders.csv").write_text("customer,date,amount\na,2026-01-05,5\na,2026-03-05,5\nb,2026-06-20,5\n")
    models = build_models(Document({"models": {"lifecycle": {}}}, "tierwise.yaml"))
    source = Source("orders", str(tmp_path / "orders.csv"))
    found = run(Job(Workspace(tmp_path / "workspace"), [source], models, today=date(2026, 6, 30)))
    actionable = {item["column"]: item["actionable"] for item in found.manifest.indicators}
    assert (actionable["tenure_days"], actionable["recency_days"], actionable["frequency"]) == (False, True, True)


def test_what_is_counted_or_measured_is_not_told_in_points() -> None:
    """Points are what people or rules award; visits a month are times, items bought are items."""
    points = {name for name, indicator in CATALOGUE.items() if indicator.unit is Unit.SCORE}
    assert points == {"nps_score", "rating", "ticket_satisfaction", "engagement_score"}
