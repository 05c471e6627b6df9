"""Whole answers on small shops: few data, profit, subscriptions, channels, covariates, the rule of `auto`, charts."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.lifetime.conftest import START, OpenShop, busy_shop

from tierwise.clv import model_class
from tierwise.clv.holdout import judge
from tierwise.contracts.ingest import ReadOptions
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Silent
from tierwise.errors import TierwiseError
from tierwise.lifetime import acquisition, charts
from tierwise.lifetime.covariates import read_covariates
from tierwise.lifetime.forecast import Forecast, forecast
from tierwise.lifetime.histories import Histories
from tierwise.lifetime.judging import Trial, choose
from tierwise.lifetime.question import Basis, Contract, Question
from tierwise.lifetime.reading import Shop
from tierwise.lifetime.scoring import score_batches, write_scores

QUICK = Question(intervals=False)


def ask(shop: Shop, **settings: Any) -> Forecast:
    return forecast(shop, replace(QUICK, **settings), Silent())


def codes(found: Forecast) -> list[str]:
    return [finding.code for finding in found.findings]


# ---- few data ---------------------------------------------------------------------------------------------


def test_one_customer_gets_an_answer_with_a_warning(open_shop: OpenShop) -> None:
    found = ask(open_shop([("a", 0, 10), ("a", 20, 30)], 25), model="mbg_nbd", compare=False)
    assert {"clv.small_data", "lifetime.no_holdout"} <= set(codes(found))
    assert found.total.low <= found.total.estimate <= found.total.high
    assert math.isfinite(found.total.estimate)


def test_all_one_time_buyers_get_an_answer_from_their_own_orders(open_shop: OpenShop) -> None:
    found = ask(open_shop([(f"c{i:02d}", i, 10 + i) for i in range(40)], 300))
    assert {"clv.small_data", "lifetime.own_mean_spend"} <= set(codes(found))
    assert found.scores.spend.tolist() == [10.0 + i for i in range(40)]
    assert found.to_dict()["spend"] == {"model": "own_mean", "p": None, "q": None, "v": None}
    assert 0 < found.total.estimate < 40 * 30


def test_returns_never_make_an_order_nor_a_crash(open_shop: OpenShop) -> None:
    plain = busy_shop(200)
    refunded = [*plain, *((customer, 399, "-5.00") for customer in {order[0] for order in plain})]
    one, two = ask(open_shop(plain, 400), model="mbg_nbd"), ask(open_shop(refunded, 400), model="mbg_nbd")
    assert one.model.parameters_ == two.model.parameters_
    assert two.total.estimate < one.total.estimate


# ---- money ------------------------------------------------------------------------------------------------


def test_profit_is_revenue_times_the_margin(open_shop: OpenShop) -> None:
    orders = [(c, d, a, f"{float(a) * 0.75:.2f}") for c, d, a in busy_shop(200)]
    shop = open_shop(orders, 400, cost=True)
    profit = ask(shop, model="mbg_nbd")
    revenue = ask(shop, model="mbg_nbd", basis=Basis.REVENUE)
    assert profit.basis is Basis.PROFIT
    assert profit.total.estimate == pytest.approx(0.25 * revenue.total.estimate, rel=1e-3)
    given = ask(shop, model="mbg_nbd", margin=0.5)
    assert given.total.estimate == pytest.approx(0.5 * revenue.total.estimate, rel=1e-9)


def test_who_is_sold_to_at_a_loss_is_worth_less_than_nothing(open_shop: OpenShop) -> None:
    orders = [(c, d, a, f"{float(a) * (3 if c < 'c0050' else 0.5):.2f}") for c, d, a in busy_shop(200)]
    found = ask(open_shop(orders, 400, cost=True), model="mbg_nbd")
    ids = sorted({order[0] for order in orders})
    repeat = found.summary.x > 3
    losing = np.array([name < "c0050" for name in ids])
    assert (found.scores.value[losing & repeat] < 0).all()
    assert (found.scores.value[~losing] >= 0).all()


def test_simple_value_by_hand(open_shop: OpenShop) -> None:
    """Orders of 10 every 10 days: a, still there on day 100; b silent since day 20, more than three mean gaps.

    Mean gap 10. a is at risk 101 days, b 20 + 10: 131 days in all, one lost, 14 orders.
    """
    shop = open_shop([*(("a", day, 10) for day in range(0, 101, 10)), *(("b", day, 10) for day in (0, 10, 20))], 100)
    simple = ask(shop, model="mbg_nbd", compare=False, contract=Contract.NONE).simple
    assert simple.average_order == 10
    assert simple.lifetime_years == pytest.approx(131 / 365.25)
    assert simple.orders_per_year == pytest.approx(14 / (131 / 365.25))
    assert simple.value == pytest.approx(140)
    assert [(c.cohort, c.customers, c.orders, c.revenue) for c in simple.cohorts] == [("2026-Q1", 2, 14, 140)]


def test_channels_by_hand(open_shop: OpenShop, tmp_path: Path) -> None:
    shop = open_shop([("a", 0, 60), ("a", 35, 60), ("b", 0, 30), ("c", 0, 500), ("d", 0, 40)], 100)
    rows = [
        {"customer_id": "a", "source_channel": "ads", "acquisition_cost": 100},
        {"customer_id": "b", "source_channel": "ads", "acquisition_cost": 20},
        {"customer_id": "c", "source_channel": "friends", "acquisition_cost": 0},
        {"customer_id": "d", "source_channel": None, "acquisition_cost": 10},
        {"customer_id": "nobody", "source_channel": "ads", "acquisition_cost": 999},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "customers.parquet")
    shop.engine.attach("customers", [tmp_path / "customers.parquet"])
    shop = replace(shop, available={**shop.available, "customers": frozenset(rows[0])})
    found = ask(shop, model="mbg_nbd", compare=False)
    assert found.channels is not None
    unknown, ads, friends = sorted(found.channels, key=lambda row: row["channel"])
    assert (ads["customers"], ads["cost_per_customer"]) == (2, 60)
    assert ads["payback_days"] == 60  # 90 in the first 30 days, 150 by the end of the second 30; 120 were spent
    so_far_and_expected = (150 + found.scores.value[:2].sum()) / 2
    assert ads["value_per_customer"] == pytest.approx(so_far_and_expected)
    assert ads["value_to_cost"] == pytest.approx(so_far_and_expected / 60)
    assert (friends["payback_days"], friends["value_to_cost"]) == (0, None)
    assert (unknown["channel"], unknown["customers"], unknown["payback_days"]) == (acquisition.NO_CHANNEL, 1, 30)


# ---- subscriptions ----------------------------------------------------------------------------------------


def subscribers(count: int = 400, months: int = 24, seed: int = 1) -> list[tuple[str, int, str]]:
    """Monthly payments of 10; each renewal is refused with a chance of the customer's own, Beta(1, 4)."""
    rng = np.random.default_rng(seed)
    orders = []
    for number in range(count):
        start, refuse = int(rng.integers(0, 300)), rng.beta(1.0, 4.0)
        for month in range(months):
            day = start + round(month * 30.4375)
            if day > 700 or (month and rng.random() < refuse):
                break
            orders.append((f"s{number:03d}", day, "10.00"))
    return orders


def test_payments_like_clockwork_are_a_subscription(open_shop: OpenShop) -> None:
    found = ask(open_shop(subscribers(), 700))
    assert (found.model.name, found.contract, str(found.unit)) == ("sbg", Contract.SUBSCRIPTION, "months")
    assert "lifetime.seen_as_subscription" in codes(found)
    truth = {"alpha": 1.0, "beta": 4.0}
    for name, value in truth.items():
        assert abs(found.model.parameters_[name] - value) < 3 * found.model.standard_errors_[name]
    assert found.orders is not None
    assert abs(found.orders.bias) < 0.1
    assert found.total.low < found.total.estimate < found.total.high
    assert set(found.scores.p_alive.tolist()) == {0.0, 1.0}
    shop = ask(open_shop(subscribers(), 700), contract=Contract.NONE, model="mbg_nbd", compare=False)
    assert shop.contract is Contract.NONE


def test_a_shop_is_no_subscription(open_shop: OpenShop) -> None:
    found = ask(open_shop(busy_shop(300), 400), contract=Contract.SUBSCRIPTION)
    assert "lifetime.irregular_subscription" in codes(found)
    assert ask(open_shop(busy_shop(300), 400)).contract is Contract.NONE


def test_orders_on_a_few_set_days_are_occasions(open_shop: OpenShop) -> None:
    rng = np.random.default_rng(0)
    orders = [
        (f"d{i:03d}", year * 365, "25")
        for i in range(300)
        for year in range(6)
        if year == 0 or rng.random() < 0.3 + 0.4 * (i % 2)
    ]
    found = ask(open_shop(orders, 5 * 365 + 200), model="auto")
    assert (found.model.name, str(found.unit)) == ("bg_bb", "years")


# ---- the rule of auto -------------------------------------------------------------------------------------


def trial(name: str, log_likelihood: float, caught: float) -> Trial:
    """A fitted model of four parameters whose best tenth holds `caught` of the actual total."""
    kind = model_class(name)
    model = kind.from_parameters(dict.fromkeys(kind.parameter_names, 1.0))
    model.log_likelihood_ = log_likelihood
    report = judge([1.0, 2.0], [1.0, 2.0])
    return Trial(name, model, None, report, replace(report, top_decile_share=caught))


@pytest.mark.parametrize(
    ("trials", "taken"),
    [
        ([("bg_nbd", -90, 0.5), ("mbg_nbd", -100, 0.5), ("pareto_nbd", -99, 0.5)], "pareto_nbd"),
        ([("bg_nbd", -90, 0.5), ("mbg_nbd", -100, 0.5), ("pareto_nbd", -99, 0.44)], "mbg_nbd"),
        ([("bg_nbd", -90, 0.5), ("nbd", -95, 0.5)], "bg_nbd"),
        ([("mbg_nbd", -100, math.nan), ("pareto_nbd", -99, math.nan)], "pareto_nbd"),
        ([("mbg_nbd", -100, 0.1), ("bg_nbd", -99, 0.9)], "mbg_nbd"),
        ([("mbg_nbd", -100, 0.5), ("mbg_cnbd_k", -99.5, 0.5)], "mbg_nbd"),
    ],
)
def test_the_rule_of_auto(trials: Sequence[tuple[str, float, float]], taken: str) -> None:
    assert choose([trial(*each) for each in trials])[0].name == taken


# ---- covariates -------------------------------------------------------------------------------------------


def ask_with_covariates(shop: Shop, duck: DuckDBEngine, file: Path, model: str = "bg_nbd") -> Forecast:
    def read(histories: Histories) -> Any:
        return read_covariates(duck, str(file), None, ReadOptions(), histories, Silent())

    return forecast(shop, replace(QUICK, model=model, compare=False), Silent(), read)


def test_a_covariate_that_doubles_buying_is_found(open_shop: OpenShop, duck: DuckDBEngine, tmp_path: Path) -> None:
    slow = [(f"s{c}", d, a) for c, d, a in busy_shop(400, seed=1)]
    fast = [(f"f{c}", d // 3, a) for c, d, a in busy_shop(400, seed=2)]
    file = tmp_path / "covariates.csv"
    names = sorted({order[0] for order in (*slow, *fast)})
    file.write_text(
        "customer_id,member,city\n"
        + "".join(f"{n},{int(n[0] == 'f')},{'x' if i % 2 else 'y'}\n" for i, n in enumerate(names))
    )
    found = ask_with_covariates(open_shop([*slow, *fast], 400), duck, file)
    effects = {name: value for name, value in found.model.parameters_.items() if "member" in name}
    assert max(effects.values()) > 0.5
    assert any("city=y" in name for name in found.model.parameters_)
    assert len(found.scores.value) == len(names)


def test_a_covariates_file_that_lacks_customers(open_shop: OpenShop, duck: DuckDBEngine, tmp_path: Path) -> None:
    file = tmp_path / "covariates.csv"
    file.write_text("customer_id,member\na,1\nb,\n")
    shop = open_shop([("a", 0, 10), ("b", 0, 10), ("c", 5, 20)], 100)
    with pytest.raises(TierwiseError, match="2 of 3 customers") as caught:
        ask_with_covariates(shop, duck, file)
    assert caught.value.code == "lifetime.covariates_lack_customers"
    assert "'b'" in str(caught.value)
    file.write_text("customer_id,member\na,1\na,0\nb,1\nc,1\n")
    with pytest.raises(TierwiseError, match="stands 2 times"):
        ask_with_covariates(shop, duck, file)
    file.write_text("customer_id\na\nb\nc\n")
    with pytest.raises(TierwiseError, match="one column only"):
        ask_with_covariates(shop, duck, file)
    ids = tmp_path / "ids.parquet"
    duck.native("ids", f"COPY (SELECT unnest(['a', 'b', 'c']) AS customer_id) TO '{ids}' (FORMAT parquet)")
    with pytest.raises(TierwiseError, match="no column to use"):
        ask_with_covariates(shop, duck, ids)
    with pytest.raises(TierwiseError, match="takes no covariates"):
        ask_with_covariates(shop, duck, file, "nbd")


# ---- charts -----------------------------------------------------------------------------------------------


def test_charts_add_up(open_shop: OpenShop) -> None:
    shop = open_shop(busy_shop(300), 400)
    found = ask(shop, model="mbg_nbd", calibration_end=START + timedelta(days=250))
    customers = len(found.histories)
    values = charts.value_distribution(found)
    assert sum(row["customers"] for row in values) == customers
    assert sum(row["value"] for row in values) == pytest.approx(found.total.estimate)
    cells = charts.alive_map(found)
    assert sum(row["customers"] for row in cells) == customers
    assert all(0 <= row["p_alive"] <= 1 for row in cells)
    bands = charts.calibration_bands(found)
    assert sum(row["customers"] for row in bands) == found.histories.calibrated.sum()
    curve = charts.tracking(found)
    assert len(curve) == 57  # 401 days hold 57 whole weeks
    last = START + timedelta(days=57 * 7 - 1)
    assert curve[-1]["end"] == str(last)
    seen = {order[:2] for order in busy_shop(300) if order[1] <= 57 * 7 - 1}
    assert curve[-1]["actual"] == len(seen) - len({name for name, _ in seen})
    assert [row["held_out"] for row in curve].index(True) == 35  # the 36th week ends on day 251, one after day 250


@pytest.mark.parametrize(
    ("low", "top", "first", "step", "last"),
    [(0.0, 1480.0, 0.0, 50.0, 1500.0), (-2.2, 1480.0, -50.0, 50.0, 1500.0), (0.0, 3.0, 0.0, 0.1, 3.0),
     (0.0, 0.0, 0.0, 0.01, 0.01), (0.0, 1e9, 0.0, 5e7, 1e9)],
)  # fmt: skip
def test_the_edges_of_the_histogram_are_round(low: float, top: float, first: float, step: float, last: float) -> None:
    edges = charts.round_edges(low, top, 30)
    assert (edges[0], edges[-1]) == (first, pytest.approx(last))
    assert np.allclose(np.diff(edges), step) and 0.0 in edges and len(edges) <= 33


def test_cohorts_by_hand(open_shop: OpenShop) -> None:
    orders = [("a", 0, 10), ("a", 31, 20), ("b", 5, 7), ("b", 6, 3), ("c", 40, 1), ("c", 45, "-1"), ("a", 65, 2)]
    shop = open_shop(orders, 90)
    rows = charts.cohort_triangle(shop, ask(shop, model="mbg_nbd", compare=False))
    assert [(r["cohort"], r["months_since"], r["customers"], r["revenue"], r["cohort_customers"]) for r in rows] == [
        ("2026-01-01", 0, 2, 20.0, 2), ("2026-01-01", 1, 1, 20.0, 2), ("2026-01-01", 2, 1, 2.0, 2),
        ("2026-02-01", 0, 1, 0.0, 1),
    ]  # fmt: skip


def test_survival_falls_from_one_and_tells_groups_apart(open_shop: OpenShop) -> None:
    found = ask(open_shop(busy_shop(300), 400), model="mbg_nbd")
    rows = charts.survival(found, np.where(found.summary.x > 2, "often", "seldom"))
    for group in ("often", "seldom"):
        curve = [row["survival"] for row in rows if row["group"] == group]
        assert curve[0] == 1.0
        assert curve == sorted(curve, reverse=True)
    ends = {group: [row["survival"] for row in rows if row["group"] == group][-1] for group in ("often", "seldom")}
    assert ends["often"] > ends["seldom"]


def test_ids_that_a_spreadsheet_would_compute_are_guarded(open_shop: OpenShop, tmp_path: Path) -> None:
    names = ["=1+1", "-5", "@x", "plain", 'quo"te, and comma', "客户"]
    found = ask(open_shop([(name, 0, 10) for name in names], 50), model="mbg_nbd", compare=False)
    files = write_scores(score_batches(found.scores, found.histories, found.summary), tmp_path)
    with files["csv"].open(encoding="utf-8-sig", newline="") as lines:
        written = [row["customer_id"] for row in csv.DictReader(lines)]
    assert sorted(written) == sorted(["'=1+1", "'-5", "'@x", "plain", 'quo"te, and comma', "客户"])
    assert sorted(pq.read_table(files["parquet"])["customer_id"].to_pylist()) == sorted(names)
