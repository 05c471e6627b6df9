"""Data in: what is refused and why, what is merged, and that no result depends on the time unit."""

from __future__ import annotations

import numpy as np
import pytest

from tierwise.clv import model_class
from tierwise.clv.summary import Summary, count_orders, distinct, summarise
from tierwise.errors import TierwiseError
from tierwise.language import Lang

BAD = [
    ("clv.negative_time", {"x": [1], "t_x": [-1], "age": [5]}),
    ("clv.negative_time", {"x": [0], "t_x": [0], "age": [-5]}),
    ("clv.last_order_too_late", {"x": [1], "t_x": [6], "age": [5]}),
    ("clv.repeat_without_time", {"x": [2], "t_x": [0], "age": [5]}),
    ("clv.time_without_repeat", {"x": [0], "t_x": [2], "age": [5]}),
    ("clv.not_a_count", {"x": [1.5], "t_x": [2], "age": [5]}),
    ("clv.not_a_count", {"x": [-1], "t_x": [0], "age": [5]}),
    ("clv.not_finite", {"x": [1], "t_x": [2], "age": [5], "mean_spend": [np.inf]}),
    ("clv.not_finite", {"x": [np.nan], "t_x": [2], "age": [5]}),
    ("clv.not_finite", {"x": [1], "t_x": [2], "age": [5], "covariates": {"z": [np.inf]}}),
    ("clv.no_customers", {"x": [], "t_x": [], "age": []}),
    ("clv.bad_weight", {"x": [1, 1], "t_x": [2, 2], "age": [5, 5], "weight": [1, -1]}),
    ("clv.lengths_differ", {"x": [1, 1], "t_x": [2], "age": [5, 5]}),
    ("clv.bad_unit", {"x": [1], "t_x": [2], "age": [5], "days_per_unit": 0.0}),
]


@pytest.mark.parametrize(("code", "columns"), BAD)
def test_bad_data_is_refused_with_cause_and_cure(code: str, columns: dict) -> None:
    with pytest.raises(TierwiseError) as caught:
        Summary(**columns)
    assert caught.value.code == code
    for lang in Lang:
        words = caught.value.problems[0].to(lang)
        assert "{" not in words
        assert len(words.splitlines()) == 3


def test_all_problems_come_together_with_their_first_row() -> None:
    with pytest.raises(TierwiseError) as caught:
        Summary(x=[0, 1, 2, 2], t_x=[0, 9, 0, 0], age=[5, 5, 5, 5])
    assert [problem.kind.code for problem in caught.value.problems] == [
        "clv.last_order_too_late",
        "clv.repeat_without_time",
    ]
    assert caught.value.problems[1].place.row == 3


def test_unknown_spend_of_one_time_buyers_is_no_problem() -> None:
    assert len(Summary(x=[0, 1], t_x=[0, 2], age=[5, 5], mean_spend=[np.nan, 3.0])) == 2


def test_equal_rows_are_merged_and_can_be_told_apart_again() -> None:
    summary = Summary(x=[1, 0, 1, 1], t_x=[2, 0, 2, 3], age=[9, 9, 9, 9], log_gaps=[0.5, 0.0, 1.5, 0.2])
    merged = summary.compress()
    assert merged.summary.weight.tolist() == [1.0, 2.0, 1.0]
    assert merged.summary.x[merged.inverse].tolist() == summary.x.tolist()
    assert merged.summary.t_x[merged.inverse].tolist() == summary.t_x.tolist()
    assert merged.summary.total(merged.summary.log_gaps) == pytest.approx(2.2)


def test_covariates_keep_rows_apart() -> None:
    summary = Summary(x=[1, 1], t_x=[2, 2], age=[9, 9], covariates={"shop": [0, 1]})
    assert len(summary.compress().summary) == 2


def test_continuous_times_are_merged_only_where_equal() -> None:
    rng = np.random.default_rng(0)
    age = rng.uniform(1, 9, 50)
    summary = Summary(np.zeros(100), np.zeros(100), np.r_[age, age])
    assert len(summary.compress().summary) == 50


def test_orders_become_a_summary_by_days() -> None:
    ids, summary = summarise(
        ["b", "a", "a", "a", "a", "c", "d"],
        [10, 1, 5, 5, 8, 30, 12],
        [9.0, 10.0, 3.0, 4.0, 5.0, 1.0, 2.0],
        as_of_day=21,
        days_per_unit=7,
    )
    assert ids.tolist() == ["a", "b", "d"]
    assert summary.x.tolist() == [2, 0, 0]
    assert (summary.t_x * 7).tolist() == pytest.approx([7, 0, 0])
    assert (summary.age * 7).tolist() == pytest.approx([20, 11, 9])
    assert summary.mean_spend is not None
    assert summary.mean_spend[0] == pytest.approx((7.0 + 5.0) / 2)
    assert summary.log_gaps is not None
    assert summary.log_gaps[0] == pytest.approx(np.log(4 / 7) + np.log(3 / 7))


def test_holdout_orders_are_counted_by_days() -> None:
    ids = np.array(["a", "b", "c"])
    found = count_orders(["a", "a", "b", "x", "c", "a"], [11, 11, 10, 12, 20, 15], ids, after_day=10, until_day=19)
    assert found.tolist() == [2, 0, 0]


def test_no_orders_before_the_date_is_said() -> None:
    with pytest.raises(TierwiseError) as caught:
        summarise(["a"], [30], as_of_day=21)
    assert caught.value.code == "clv.no_customers"


@pytest.mark.parametrize("name", ["bg_nbd", "mbg_nbd", "pareto_nbd", "nbd", "mbg_cnbd_k"])
def test_results_do_not_depend_on_the_unit(name: str) -> None:
    truth = model_class("bg_nbd").from_parameters({"r": 0.8, "alpha": 50.0, "a": 0.9, "b": 2.5})
    drawn = truth.simulate(Summary(np.zeros(800), np.zeros(800), np.linspace(200, 700, 800)), 5)
    settings = {"k": 2} if name == "mbg_cnbd_k" else {}
    results = []
    for unit in (1.0, 7.0, 365.25):
        model = model_class(name)(prior=None, **settings).fit(drawn.in_unit(unit))
        scaled = model.parameters_["alpha"] * unit
        results.append(
            [
                scaled,
                model.expected_transactions(365),
                model.conditional_expected_transactions(drawn, 365).sum(),
                model.probability_alive(drawn).mean(),
                model.standard_errors_["r"],
            ]
        )
    assert np.allclose(results[0], results[1], rtol=1e-6)
    assert np.allclose(results[0], results[2], rtol=1e-6)


def test_rows_of_many_possible_keys_are_merged_by_sorting_as_by_a_table() -> None:
    rng = np.random.default_rng(4)
    x = rng.integers(1, 900, 3_000).astype(float)
    days = np.c_[x, rng.integers(900, 905, 3_000), rng.integers(1_000, 5_000_000, 3_000)]
    days[1_500:] = days[:1_500]
    first, place = distinct(tuple(days.T), 1.0)
    assert len({tuple(row) for row in days}) == first.size
    assert (days[first][place] == days).all()
    assert (first[place] <= np.arange(3_000)).all()


def test_rows_taken_from_a_summary_are_as_sound_as_it_but_new_columns_are_checked() -> None:
    summary = Summary(np.array([1.0, 0.0]), np.array([2.0, 0.0]), np.array([3.0, 3.0]))
    with pytest.raises(TierwiseError, match=r"clv\.bad_weight"):
        summary.take([0, 1]).with_weight([1.0, 0.0])
    with pytest.raises(TierwiseError, match=r"clv\.no_customers"):
        summary.take(slice(0, 0))
