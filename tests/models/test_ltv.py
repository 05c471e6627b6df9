"""LTV tiers: who is leaving ranks below who is growing, values are those of the numerics, losses are losses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tierwise.clv import GammaGamma, Summary, customer_value, model_class
from tierwise.contracts.model import TierModel
from tierwise.contracts.scheme import evaluate
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.enrichment import enrich
from tierwise.labelling import fit
from tierwise.models.ltv import Ltv, LtvSpec
from tierwise.sql.scheme import label_steps

Row = dict[str, Any]
MONEY = ("repeat_spend", "monetary", "profit")


def shop(customers: int = 800, seed: int = 4) -> list[Row]:
    """Histories drawn from MBG/NBD with spend drawn from Gamma-Gamma, to the day and the cent."""
    rng = np.random.default_rng(seed)
    ages = rng.integers(30, 500, customers).astype(float)
    drawn = model_class("mbg_nbd").from_parameters({"r": 0.7, "alpha": 60.0, "a": 0.7, "b": 1.6})
    history = drawn.simulate(Summary(ages * 0, ages * 0, ages), seed)
    t_x = np.where(history.x > 0, np.clip(np.rint(history.t_x), history.x, ages), 0.0)
    mean = GammaGamma.from_parameters({"p": 5.0, "q": 4.0, "v": 20.0}).simulate(history.x, seed)
    rows = []
    for drawn_x, last, age, spend in zip(history.x, t_x, ages, mean, strict=True):
        x = min(drawn_x, last)  # no more orders than days
        repeat = Decimal(f"{x * spend:.2f}")
        rows.append(
            {
                "purchase_days": int(x) + 1, "recency_days": int(age - last), "first_purchase_days": int(age),
                "repeat_spend": repeat, "monetary": repeat + 30, "profit": (repeat + 30) / 4,
            }
        )  # fmt: skip
    return rows


def as_arrow(rows: Sequence[Row]) -> pa.Table:
    named = [{"customer_id": f"c{place:04d}", **row} for place, row in enumerate(rows)]
    exact = [
        {k: None if v is None else Decimal(v).quantize(Decimal("0.01")) if k in MONEY else v for k, v in row.items()}
        for row in named
    ]
    kinds = {"customer_id": pa.string(), **dict.fromkeys(MONEY, pa.decimal128(18, 2))}
    return pa.Table.from_pylist(exact, schema=pa.schema([(name, kinds.get(name, pa.int64())) for name in named[0]]))


@pytest.fixture
def label(duck: DuckDBEngine, tmp_path: Path) -> Callable[..., list[Row]]:
    """Return the label rows in the order of the customers given."""

    def labelled(model: TierModel[Any], rows: Sequence[Row]) -> list[Row]:
        duck.register("indicators", as_arrow(rows))
        table = enrich(duck, model, tmp_path)
        scheme = fit(duck, model, table).scheme_
        run_plan(duck, label_steps(scheme, table, "labels"))
        return sorted(duck.records("labels", "SELECT * FROM labels"), key=lambda row: row["customer_id"])

    return labelled


def ltv(**settings: Any) -> Ltv:
    return Ltv(LtvSpec.model_validate(settings))


@pytest.mark.by_hand("ltv")
def test_values_are_those_of_the_numerics(label: Callable[..., list[Row]]) -> None:
    """SQL's closed form over looked-up decimals, against `clv.customer_value` fitted on the same customers."""
    rows = shop()
    labels = label(ltv(), rows)
    column = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    x = column["purchase_days"] - 1
    mean = np.divide(column["repeat_spend"], x, out=np.zeros(x.size), where=x > 0)
    age = column["first_purchase_days"]
    summary = Summary(x, age - column["recency_days"], age, mean_spend=mean)
    orders, spend = model_class("mbg_nbd")().fit(summary), GammaGamma().fit(summary)
    value = customer_value(orders, spend, summary)
    found = np.array([float(row["ltv_value_365d"]) for row in labels])
    np.testing.assert_allclose(found, value, rtol=1e-5, atol=0.006 * (1 + x.max()))
    np.testing.assert_allclose(
        [float(row["ltv_alive_365d"]) for row in labels], 100 * orders.probability_alive(summary), atol=0.0051
    )
    np.testing.assert_allclose(
        [float(row["ltv_spend_365d"]) for row in labels], spend.conditional_spend(summary), atol=0.0051
    )


def test_a_growing_modest_customer_ranks_above_a_big_one_who_left(label: Callable[..., list[Row]]) -> None:
    growing = {
        "purchase_days": 6,
        "recency_days": 4,
        "first_purchase_days": 60,
        "repeat_spend": 100,
        "monetary": 120,
        "profit": 0,
    }
    leaving = {
        "purchase_days": 31,
        "recency_days": 300,
        "first_purchase_days": 480,
        "repeat_spend": 3000,
        "monetary": 3100,
        "profit": 0,
    }
    model = ltv()
    *_, first, second = label(model, [*shop(), growing, leaving])
    assert first["ltv_value_365d"] > second["ltv_value_365d"]
    assert first["rank"] == 1
    assert second["rank"] > 2
    assert second["ltv_alive_365d"] < 5


def test_one_time_buyers_are_not_customers_for_ever(label: Callable[..., list[Row]]) -> None:
    rows = shop()
    alive = [r["ltv_alive_365d"] for r, row in zip(label(ltv(), rows), rows, strict=True) if row["purchase_days"] == 1]
    assert max(alive) < 100
    assert LtvSpec().model == "mbg_nbd"


def test_shares_of_customers_and_own_amounts(label: Callable[..., list[Row]]) -> None:
    labels = label(ltv(), shop())
    counts = [sum(row["rank"] <= rank for row in labels) / len(labels) for rank in (1, 2, 3)]
    assert counts == pytest.approx([0.05, 0.2, 0.5], abs=0.02)  # equal customers at a border all go up
    by_amount = label(ltv(thresholds=[50, 10]), shop())
    for row in by_amount:
        assert row["tier"] == (
            "level_1" if row["ltv_value_365d"] >= 50 else "level_2" if row["ltv_value_365d"] >= 10 else "level_3"
        )


def test_who_never_bought_has_no_value_and_the_last_tier(label: Callable[..., list[Row]]) -> None:
    nobody = {
        "purchase_days": 0,
        "recency_days": None,
        "first_purchase_days": None,
        "repeat_spend": 0,
        "monetary": 0,
        "profit": 0,
    }
    last = label(ltv(), [*shop(), nobody])[-1]
    assert (last["tier"], last["ltv_value_365d"], last["ltv_alive_365d"]) == ("low", None, None)


def test_nobody_bought_at_all(label: Callable[..., list[Row]]) -> None:
    nobody = {
        "purchase_days": 0,
        "recency_days": None,
        "first_purchase_days": None,
        "repeat_spend": 0,
        "monetary": 0,
        "profit": 0,
    }
    assert [row["tier"] for row in label(ltv(), [nobody, nobody])] == ["low", "low"]


def test_refunds_beyond_repeat_orders_draw_spend_to_little(label: Callable[..., list[Row]]) -> None:
    rows = shop()
    refunded = {**rows[0], "purchase_days": 4, "recency_days": 10, "first_purchase_days": 200, "repeat_spend": "-50"}
    other = {**refunded, "repeat_spend": "120"}
    *_, first, second = label(ltv(), [*rows, refunded, other])
    assert 0 < first["ltv_spend_365d"] < second["ltv_spend_365d"] / 2


@pytest.mark.parametrize("times", [10**6, 10**10])
def test_amounts_of_every_size_are_valued(label: Callable[..., list[Row]], times: int) -> None:
    """A shop in a currency of many zeros: the same customers, each worth so many times as much."""
    rows = shop()
    large = [
        {**row, **{name: row[name] * times for name in ("monetary", "repeat_spend") if name in row}} for row in rows
    ]
    for plain, found in zip(label(ltv(), rows), label(ltv(), large), strict=True):
        expected = float(plain["ltv_value_365d"]) * times
        assert float(found["ltv_value_365d"]) == pytest.approx(expected, rel=0.05, abs=0.1 * times)


def test_profit_by_the_customers_own_margin(label: Callable[..., list[Row]]) -> None:
    rows = shop()
    losing = {**rows[0], "monetary": 1000, "profit": -500, "purchase_days": 8, "recency_days": 5}
    losing["first_purchase_days"] = 200
    everyone = [*rows, losing]
    revenue, profit = label(ltv(), everyone), label(ltv(basis="profit"), everyone)
    net, gain, orders = (sum(row[name] for row in everyone) for name in ("monetary", "profit", "purchase_days"))
    average = float(net / orders)  # one order at the margin of the shop, beside the customer's own
    for row, plain, earned in zip(everyone, revenue, profit, strict=True):
        margin = (float(row["profit"]) + average * float(gain / net)) / (float(row["monetary"]) + average)
        value = float(plain["ltv_value_365d"])
        assert float(earned["ltv_value_365d_profit"]) == pytest.approx(value * margin, abs=0.02 + 0.0011 * value)
    assert profit[-1]["ltv_value_365d_profit"] < 0
    assert profit[-1]["tier"] == "low"


def test_all_one_time_buyers_are_valued_with_a_note(label: Callable[..., list[Row]]) -> None:
    once = {
        "purchase_days": 1,
        "recency_days": 9,
        "first_purchase_days": 9,
        "repeat_spend": 0,
        "monetary": 20,
        "profit": 5,
    }
    model = ltv()
    labels = label(model, [{**once, "recency_days": day, "first_purchase_days": day} for day in range(1, 60)])
    assert {"clv.small_data", "ltv.own_mean_spend"} <= {note.code for note in model.notes_}
    assert all(row["ltv_value_365d"] > 0 and row["ltv_spend_365d"] == 20 for row in labels)


def test_one_customer_of_many_can_be_explained(label: Callable[..., list[Row]]) -> None:
    model = ltv()
    for row in label(model, shop())[:50]:
        assert evaluate(model.scheme_, {name: row[name] for name in model.scheme_.inputs}).tier.key == row["tier"]


def test_two_instances_with_different_horizons_stand_side_by_side(duck: DuckDBEngine, tmp_path: Path) -> None:
    duck.register("indicators", as_arrow(shop()))
    year, month = ltv(), Ltv(LtvSpec(horizon_days=30), "soon")
    table = enrich(duck, month, tmp_path, enrich(duck, year, tmp_path))
    assert {"ltv_value_365d", "ltv_value_30d"} <= set(duck.columns(table))
    total = duck.records("sums", f"SELECT SUM(ltv_value_365d) AS year, SUM(ltv_value_30d) AS month FROM {table}")[0]
    assert 0 < total["month"] < total["year"]


def test_the_order_of_customers_changes_nothing(label: Callable[..., list[Row]]) -> None:
    rows = shop(200)
    forwards, backwards = label(ltv(), rows), label(ltv(), rows[::-1])
    plain = [
        [{k: v for k, v in row.items() if k != "customer_id"} for row in each] for each in (forwards, backwards[::-1])
    ]
    assert plain[0] == plain[1]


@pytest.mark.parametrize(
    "settings", [{"thresholds": [10, 20]}, {"top_percents": [20, 5]}, {"horizon_days": 0}, {"model": "nbd"}]
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"descend|ascend|greater|Input should be"):
        LtvSpec.model_validate(settings)
