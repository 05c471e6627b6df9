"""The decision tree: planted rules come back, chance is called chance, and conditions are exact."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from tests.pipeline.conftest import duckdb_with, job_of, write_orders

from tierwise.contracts.explanation import explain
from tierwise.contracts.scheme import Condition, Op, evaluate
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.learning.proportion import wilson
from tierwise.learning.tree import area_under_curve, auc_error, falls, grow, top_lift
from tierwise.models.decision_tree import DecisionTree, DecisionTreeSpec, roundest
from tierwise.pipeline import run
from tierwise.snapshots.runs import Run

AS_OF = date(2026, 6, 30)


def learned(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    named = [{"customer_id": f"{n:05d}", "customers": len(rows), **row} for n, row in enumerate(rows)]
    return {"decision_tree_sample": named}


def model(*columns: str, **settings: Any) -> DecisionTree:
    from tierwise.contracts.indicators import IndicatorFact
    from tierwise.language import Text

    indicators = [{"indicator": column} for column in columns]
    made = DecisionTree(DecisionTreeSpec.model_validate({"indicators": indicators, **settings}))
    made.facts = {column: IndicatorFact(Text.same(column), True) for column in columns}
    return made


def planted(seed: int = 1, count: int = 1000) -> list[dict[str, Any]]:
    """Nine in ten buy who bought 5 times or more; of the others one in ten. Spend says nothing."""
    dice = random.Random(seed)
    rows = []
    for _ in range(count):
        often, spend = dice.randrange(10), Decimal(dice.randrange(1, 10**9)) / 100
        happened = dice.random() < (0.9 if often >= 5 else 0.1)
        rows.append({"frequency": often, "monetary": spend, "outcome": int(happened)})
    return rows


def test_a_planted_rule_comes_back_alone() -> None:
    rows = planted()
    found = model("frequency", "monetary").fit(learned(rows))
    first, second = found.scheme_.rules
    assert first.when == (Condition("frequency", Op.GE, 5),)
    assert second.when == (Condition("frequency", Op.LT, 5, or_null=True),)
    assert found.scheme_.otherwise == second.tier == "leaf_2"
    note = found.notes_[0]
    assert note.code == "decision_tree.verdict" and note.figures["auc_low"] > Decimal("0.8")


@pytest.mark.by_hand("decision_tree")
def test_rates_are_counted_on_customers_kept_out() -> None:
    """3 of 10 are kept out: places 0, 1, 2 of every ten; the group's rate and Wilson interval are theirs."""
    rows = planted()
    found = model("frequency", "monetary").fit(learned(rows))
    out = [row for place, row in enumerate(rows) if place % 10 < 3]
    often = [row for row in out if row["frequency"] >= 5]
    hits = sum(row["outcome"] for row in often)
    low, high = wilson(hits, len(often))
    best = found.scheme_.tiers[0]
    assert best.name.en == f"Group 1: {100 * hits / len(often):.0f}% bought within 90 days"
    assert f"of {len(often)} kept out" in best.meaning.en
    assert f"{100 * low:.0f} to {100 * high:.0f}%" in best.meaning.en
    assert found.notes_[0].figures["kept_out"] == 300


def test_churn_ranks_the_loyal_first() -> None:
    rows = [{**row, "outcome": 1 - row["outcome"]} for row in planted()]
    found = model("frequency", "monetary", outcome="churned").fit(learned(rows))
    assert found.scheme_.rules[0].when == (Condition("frequency", Op.GE, 5),)
    assert "未购买" in found.scheme_.tiers[0].name.zh


@pytest.mark.parametrize("seed", range(8))
def test_chance_is_called_chance(seed: int) -> None:
    dice = random.Random(seed)
    rows = [
        {"frequency": dice.randrange(30), "monetary": Decimal(dice.randrange(1000)), "outcome": dice.randrange(2)}
        for _ in range(600)
    ]
    found = model("frequency", "monetary", max_depth=5).fit(learned(rows))
    assert [tier.key for tier in found.scheme_.tiers] == ["everyone"]
    assert found.notes_[0].code == "decision_tree.chance"


def test_an_unpruned_tree_would_have_split_noise() -> None:
    """The guard is needed: the same noise, unpruned, gives many leaves."""
    dice = np.random.default_rng(1)
    rows, hits = dice.normal(size=(600, 2)), dice.integers(0, 2, 600)
    from sklearn.tree import DecisionTreeClassifier

    assert DecisionTreeClassifier(max_depth=5, min_samples_leaf=20, random_state=1).fit(rows, hits).get_n_leaves() > 8
    assert len(grow(rows, hits, 5, 20, 10, 1).leaves) == 1


def test_too_little_to_learn_from() -> None:
    found = model("frequency").fit(learned([{"frequency": 1, "outcome": 1}] * 30))
    assert found.notes_[0].code == "decision_tree.too_little"
    assert found.scheme_.rules == () and found.scheme_.otherwise == "everyone"
    assert model("frequency").fit(learned([])).notes_[0].figures == {"customers": 0, "with_outcome": 0}


def test_unknown_counts_as_below() -> None:
    dice = random.Random(3)
    rows = [
        {"mean_gap_days": None if n % 2 else n // 2 % 49, "outcome": int(dice.random() < (0.01 if n % 2 else 0.99))}
        for n in range(800)
    ]
    found = model("mean_gap_days").fit(learned(rows))
    known = found.scheme_.rules[0].when
    assert known == (Condition("mean_gap_days", Op.NOT_NULL),)
    assert evaluate(found.scheme_, {"mean_gap_days": None}).tier.rank == 2
    assert evaluate(found.scheme_, {"mean_gap_days": 0}).tier.rank == 1


def test_every_customer_meets_exactly_one_rule() -> None:
    dice = random.Random(5)
    rows = []
    for _ in range(2000):
        often, gap = dice.randrange(20), dice.choice((None, dice.randrange(100)))
        rate = 0.9 if often > 12 else 0.6 if (gap or 0) > 50 else 0.1
        rows.append({"frequency": often, "mean_gap_days": gap, "outcome": int(dice.random() < rate)})
    found = model("frequency", "mean_gap_days").fit(learned(rows))
    assert len(found.scheme_.rules) >= 3
    for row in rows[:500]:
        met = [all(c.holds(row[c.column]) for c in rule.when) for rule in found.scheme_.rules]
        assert sum(met) == 1
        values = {"frequency": row["frequency"], "mean_gap_days": row["mean_gap_days"]}
        for move in (explained := explain(found.scheme_, values)).up + explained.down:
            moved = {**values, **{change.column: change.new for change in move.changes}}
            assert evaluate(found.scheme_, moved).tier == move.tier


@pytest.mark.parametrize(
    ("below", "upto", "expected"),
    [("87.3", "112.6", "100"), ("2", "3", "3"), ("0.01", "0.02", "0.02"), ("19.90", "100.00", "100"),
     ("-5", "3", "0"), ("-17.20", "-17.05", "-17.1"), ("999", "1000", "1000"), ("1234.5", "1234.6", "1234.6")],
)  # fmt: skip
def test_thresholds_are_round_and_part_exactly(below: str, upto: str, expected: str) -> None:
    found = roundest(Decimal(below), Decimal(upto))
    assert found == Decimal(expected) and Decimal(below) < found <= Decimal(upto)


def test_amounts_beyond_the_precision_of_small_floats() -> None:
    """Two values a cent apart at 100 million, which 32-bit floats cannot tell apart, are parted exactly."""
    low, high = Decimal("99999999.98"), Decimal("99999999.99")
    dice = random.Random(2)
    rows = [{"monetary": dice.choice((low, high))} for _ in range(500)]
    rows = [{**row, "outcome": int(dice.random() < (0.9 if row["monetary"] == high else 0.1))} for row in rows]
    found = model("monetary").fit(learned(rows))
    assert found.scheme_.rules[0].when == (Condition("monetary", Op.GE, high),)


def test_auc_and_lift_by_hand() -> None:
    scores, hits = np.array([0.9, 0.8, 0.8, 0.1]), np.array([1, 1, 0, 0])
    # pairs (one, zero): .9>.8, .9>.1, .8=.8 half, .8>.1: 3.5 of 4
    assert area_under_curve(scores, hits) == 0.875
    assert area_under_curve(scores, np.ones(4, dtype=np.int64)) is None
    # Hanley & McNeil's formula: Q1 = 7/9, Q2 = 49/60
    spread = 0.875 * 0.125 + (7 / 9 - 0.765625) + (0.875**2 * 2 / 1.875 - 0.765625)
    assert auc_error(0.875, 2, 2) == pytest.approx((spread / 4) ** 0.5)
    # the best half: .9 and half of the two at .8, 1.5 hits of 2, over a rate of one half
    assert top_lift(scores, hits, 0.5) == pytest.approx(1.5)


def test_the_tightest_of_two_conditions_stays() -> None:
    rows = np.arange(1000, dtype=np.float64)[:, None]
    hits = ((rows[:, 0] >= 300) & (rows[:, 0] < 700)).astype(np.int64)
    grown = grow(rows, hits, 3, 20, 10, 1)
    inside = next(leaf for leaf in grown.leaves if leaf.hits == leaf.rows)
    assert (inside.rows, int(falls(inside.path, rows).sum())) == (400, 400)
    found = model("frequency").fit(learned([{"frequency": n, "outcome": int(h)} for n, h in enumerate(hits)]))
    bounds = {(c.op, c.value) for c in found.scheme_.rules[0].when}
    assert {op for op, _ in bounds} == {Op.GE, Op.LT} and len(bounds) == 2


@pytest.mark.parametrize(
    "settings",
    [{"outcome": "spent"}, {"spent_at_least": 5}, {"max_depth": 9}, {"indicators": []}, {"horizon_days": 0},
     {"indicators": [{"indicator": "frequency"}, {"indicator": "frequency"}]}],
)  # fmt: skip
def test_settings_that_cannot_work(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DecisionTreeSpec.model_validate(settings)


def tree_run(folder: Path, **settings: Any) -> Run:
    """Half the customers buy every 20 days to the end; the others stopped 100 days before as_of or earlier."""
    dice, rows = random.Random(1), []
    for number in range(400):
        loyal = number % 2 == 0
        last = AS_OF - timedelta(days=0 if loyal else dice.randrange(100, 200))
        rows += [(f"c{number}", last - timedelta(days=20 * n + dice.randrange(9)), 10 + n) for n in range(12)]
    orders = write_orders(folder / "orders.csv", rows)
    job = job_of(folder / "ws", orders, {"decision_tree": settings}, as_of=AS_OF, today=AS_OF)
    return run(job, duckdb_with(1))


def test_learns_out_of_time_through_the_pipeline(tmp_path: Path) -> None:
    """Ninety days ago the loyal had bought within 29 days; the others 10 to 118 days before that day."""
    published = tree_run(tmp_path, indicators=[{"indicator": "recency_days", "better": "low"}])
    scheme, figures = published.scheme("decision_tree"), published.manifest.models["decision_tree"].notes[0]["figures"]
    assert Decimal(figures["auc"]) > Decimal("0.9") and figures["kept_out"] == 120
    with DuckDBEngine() as engine:
        engine.attach("labels", published.labels("decision_tree"))
        rows = engine.records("labels", "SELECT * FROM labels")
    best = {row["customer_id"] for row in rows if row["rank"] == 1}
    assert {f"c{number}" for number in range(0, 400, 2)} <= best
    for row in rows:
        assert evaluate(scheme, {column: row[column] for column in scheme.inputs}).tier.key == row["tier"]


def test_an_outcome_of_spend(tmp_path: Path) -> None:
    published = tree_run(tmp_path, outcome="spent", spent_at_least=30)
    assert "spent 30 or more" in published.scheme("decision_tree").tiers[0].name.en


def test_no_history_before_the_horizon(tmp_path: Path) -> None:
    published = tree_run(tmp_path, horizon_days=900)
    assert published.manifest.models["decision_tree"].notes[0]["code"] == "decision_tree.too_little"
