"""What is available, what a goal needs, and what is said of a chosen set."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.tables import TABLES
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.indicators.availability import availability
from tierwise.indicators.catalogue import CATALOGUE
from tierwise.indicators.checks import problems_of, runnable
from tierwise.indicators.chosen import Advice, alike, check_chosen, pair_steps, same_pair, same_thing_steps
from tierwise.indicators.concepts import CONCEPTS
from tierwise.indicators.declaration import Aspect
from tierwise.indicators.goals import GOALS, indicators_for
from tierwise.sql.correlation import correlations, rank_steps
from tierwise.sql.steps import Step

EVERYTHING = {name: frozenset(column.name for column in table.columns) for name, table in TABLES.items()}
ORDERS_ONLY = {"orders": frozenset({"order_id", "customer_id", "order_date", "amount", "status"})}
EIGHT = [
    IndicatorRef("recency_days"), IndicatorRef("frequency", 365), IndicatorRef("monetary", 365), IndicatorRef("tenure_days"),
    IndicatorRef("active_days", 30), IndicatorRef("complaints", 365), IndicatorRef("discount_use_percent", 365),
    IndicatorRef("spend_trend", 365),
]  # fmt: skip


def test_the_canonical_tables_carry_every_indicator() -> None:
    assert all(found.available for found in availability(EVERYTHING))


def test_orders_alone_carry_rfm_and_what_is_missing_is_said_in_words() -> None:
    found = {item.indicator.name: item for item in availability(ORDERS_ONLY)}
    assert {"recency_days", "frequency", "monetary", "spend_trend"} <= {
        n for n, item in found.items() if item.available
    }
    assert found["profit"].reason.en == "Orders: cost"
    assert found["profit"].reason.zh == "“订单”缺少：成本"
    assert found["complaints"].reason.zh == "缺少表“反馈”"
    assert found["region"].missing == (("customers", "customer_id"), ("customers", "region"))


def test_goals_and_proxies_name_indicators_that_exist() -> None:
    for goal in GOALS.values():
        assert not problems_of(goal.indicators), goal.name
        assert 8 <= len(goal.indicators) <= 12, goal.name
    for name, concept in CONCEPTS.items():
        assert set(concept.proxies) <= set(CATALOGUE), name
        assert name not in CATALOGUE


def test_the_goals_of_the_wizard_measure_what_they_should() -> None:
    by_goal = {name: {ref.name for ref in goal.indicators} for name, goal in GOALS.items()}
    assert {"active_days", "complaints"} <= by_goal["reduce_churn"]
    assert {"region", "industry", "average_order_value"} <= by_goal["new_market"]
    assert {"preferred_category", "preferred_daypart", "discount_use_percent"} <= by_goal["young_visits"]
    possible, missing = indicators_for("reduce_churn", ORDERS_ONLY)
    assert [ref.name for ref in possible] == ["recency_days"] and len(missing) == 7


def test_every_dimension_has_indicators() -> None:
    assert {indicator.dimensions.aspect for indicator in CATALOGUE.values()} == set(Aspect)


def test_a_balanced_choice_of_eight_draws_no_remark() -> None:
    assert check_chosen(EIGHT) == []


@pytest.mark.parametrize(
    ("refs", "codes"),
    [
        (EIGHT[:7], ["chosen.too_few"]),
        ([*EIGHT, *(IndicatorRef("monetary", days) for days in (7, 30, 60, 90, 180))], ["chosen.too_many"]),
        ([IndicatorRef("monetary"), IndicatorRef("profit")], ["chosen.too_few", "chosen.money_only"]),
        ([*EIGHT[:7], IndicatorRef("loyalty")], ["indicator.not_measurable"]),
        ([*EIGHT, IndicatorRef("recencydays")], ["indicator.unknown"]),
    ],
)
def test_remarks(refs: list[IndicatorRef], codes: list[str]) -> None:
    assert [advice.code for advice in check_chosen(refs)] == codes


def test_money_only_names_the_dimensions_that_lack() -> None:
    advice = next(a for a in check_chosen([IndicatorRef("monetary")]) if a.code == "chosen.money_only")
    assert advice.figures["lacking"] == ["lifecycle", "behaviour", "need"]
    assert "客户生命周期、客户行为、客户需求" in advice.text.zh


def test_only_missing_data_keeps_a_model_back() -> None:
    needs = {
        "rfm": [IndicatorRef("monetary")],
        "engagement": [IndicatorRef("active_days", 30)],
        "typo": [IndicatorRef("x")],
    }
    possible, held_back = runnable(needs, ORDERS_ONLY)
    assert possible == ("rfm", "typo")
    assert {problem.kind.code for problem in held_back["engagement"]} == {"indicator.missing_data"}


def spearman(a: list[int | None], b: list[int | None]) -> Decimal:
    """The textbook way: mean ranks, then Pearson; the unknown below all."""

    def ranks(values: list[int | None]) -> list[float]:
        known = [(-1, 0) if v is None else (0, v) for v in values]
        return [sum(x < v for x in known) + (sum(x == v for x in known) + 1) / 2 for v in known]

    x, y = ranks(a), ranks(b)
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    top = sum((p - mean_x) * (q - mean_y) for p, q in zip(x, y, strict=True))
    bottom = (sum((p - mean_x) ** 2 for p in x) * sum((q - mean_y) ** 2 for q in y)) ** 0.5
    return Decimal(str(round(top / bottom, 4)))


@pytest.mark.parametrize("seed", range(5))
def test_rank_correlation_is_spearmans(seed: int, duck: DuckDBEngine) -> None:
    dice = random.Random(seed)
    a: list[int | None] = [dice.choice((None, 0, 1, 2, dice.randrange(50))) for _ in range(80)]
    b: list[int | None] = [None if dice.random() < 0.1 else (x or 0) + dice.randrange(8) for x in a]
    rows = ", ".join(
        f"({p if p is not None else 'NULL'}, {q if q is not None else 'NULL'})" for p, q in zip(a, b, strict=True)
    )
    duck.run(Step("t", f"SELECT p, q, 1 AS same FROM (VALUES {rows}) AS v(p, q)", stored=True))
    steps, name = rank_steps("x", "t", ["p", "q", "same"])
    run_plan(duck, steps)
    found = correlations(duck.records(name, f"SELECT * FROM {name}")[0], ["p", "q", "same"])
    expected = spearman(a, b)
    assert found["p", "q"] is not None and abs(found["p", "q"] - expected) <= Decimal("0.0001")
    assert found["p", "same"] is None


def test_two_indicators_that_say_the_same_are_named(duck: DuckDBEngine) -> None:
    refs = [IndicatorRef("monetary"), IndicatorRef("frequency"), IndicatorRef("gender"), IndicatorRef("active_days")]
    told = ((1, 10, 3), (2, 20, 1), (3, 30, 2), (4, 40, 5), (5, 50, 0), *[(0, 0, 0)] * 20)
    rows = ", ".join(f"({frequency}, {monetary}.00, {days})" for frequency, monetary, days in told)
    duck.run(Step("indicators", f"SELECT * FROM (VALUES {rows}) AS v(frequency, monetary, active_days)", stored=True))
    steps, name = same_thing_steps(refs)
    run_plan(duck, steps)
    pairs = alike(refs, duck.records(name, f"SELECT * FROM {name}")[0])
    advice = [found for pair in pairs for found in asked(duck, *pair)]
    # the twenty of whom nothing is known do not make days active look like the other two
    assert [(a.figures["a"], a.figures["b"], a.figures["rank_correlation"]) for a in advice] == [
        ("frequency", "monetary", Decimal("1.0000"))
    ]
    assert "购买次数" in advice[0].text.zh


def asked(duck: DuckDBEngine, a: IndicatorRef, b: IndicatorRef) -> list[Advice]:
    steps, name = pair_steps(a, b)
    run_plan(duck, steps)
    return same_pair(a, b, duck.records(name, f"SELECT * FROM {name}")[0])


def test_two_that_are_silent_about_the_same_customers_do_not_say_the_same(duck: DuckDBEngine) -> None:
    """Ninety customers without a ticket; among the ten others contacts and minutes have nothing to do with another."""
    told = [(n, 1 + n % 2, 10 * ((n * 7) % 10)) for n in range(10)]
    rows = [f"({n + 1}, {contacts}, {minutes})" for n, contacts, minutes in told] + [
        f"({1 + n * 13 % 17}, 0, NULL)" for n in range(90)
    ]
    values = f"(VALUES {', '.join(rows)}) AS v(frequency, tickets, resolution_minutes)"
    duck.run(Step("indicators", f"SELECT * FROM {values}", stored=True))
    refs = [IndicatorRef("frequency"), IndicatorRef("tickets"), IndicatorRef("resolution_minutes")]
    steps, name = same_thing_steps(refs)
    run_plan(duck, steps)
    pairs = alike(refs, duck.records(name, f"SELECT * FROM {name}")[0])
    assert (IndicatorRef("resolution_minutes"), IndicatorRef("tickets")) in pairs
    assert [found for pair in pairs for found in asked(duck, *pair)] == []
