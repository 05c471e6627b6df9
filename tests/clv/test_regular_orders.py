"""Curves of regular orders: exact at every point, whoever is asked about together, and fast for a million."""

from __future__ import annotations

import time

import mpmath
import numpy as np
import pytest

from tierwise.clv.discount import Discount
from tierwise.clv.mbg_cnbd_k import MBGCNBDk
from tierwise.clv.regular_orders import RegularOrders, orders_after
from tierwise.clv.summary import Summary

SHOPS = [(0.3, 20.0, 0.8, 2.5), (5.0, 100.0, 0.05, 0.6), (1.5, 5.0, 1.0, 9.0), (30.0, 3000.0, 5.0, 0.5)]
CLOSE = 1e-9


def known(shop: tuple[float, ...], k: int) -> MBGCNBDk:
    return MBGCNBDk.from_parameters(dict(zip(("r", "alpha", "a", "b"), shop, strict=True)), k=k)


def customers(count: int, seed: int = 0) -> Summary:
    rng = np.random.default_rng(seed)
    age = rng.integers(0, 1500, count).astype(float)
    x = np.minimum(rng.choice([0, 1, 2, 5, 30, 200], count), age)
    t_x = np.where(x > 0, np.rint(x + rng.uniform(0, 1, count) * (age - x)), 0.0)
    return Summary(x, t_x, age)


@pytest.mark.parametrize("k", [1, 3, pytest.param(12, marks=pytest.mark.slow)])
@pytest.mark.parametrize("shop", SHOPS)
def test_sums_against_fifty_digits(shop: tuple[float, ...], k: int) -> None:
    """Σ_m P(gamma mixture of km - j steps within t) · P(still there), term by term in mpmath."""
    r, _, a, b = shop
    mp = mpmath.mp.clone()
    mp.dps = 50
    for x, s in ((0, 1e-5), (0, 0.4), (7, 0.4), (7, 3.0)):
        found = RegularOrders(r, a, b, k, float(x)).exactly(np.array([s]))[:, 0]
        z = mp.mpf(s) / (1 + mp.mpf(s))
        for taken in {0, k // 2, k - 1}:
            shape, start = mp.mpf(r) + k * x + taken, mp.mpf(b) + x + 1
            exact, chance, still = mp.mpf(0), (1 - z) ** shape, mp.mpf(1)
            orders = mp.mpf(0)
            for n in range(1, 40 + int(20 * (r + k * (x + 1)) * (s + 1)) * (1 + int(4 * s))):
                chance *= (shape + n - 1) / n * z
                if (n + taken) % k == 0:
                    orders += still
                    m = (n + taken) // k
                    still *= (start + m - 1) / (mp.mpf(a) + start + m - 1)
                exact += chance * orders
            assert abs(found[taken] / float(exact) - 1) < 1e-11, (x, s, taken)


@pytest.mark.parametrize("k", [1, 3, 12])
@pytest.mark.parametrize("shop", SHOPS)
def test_many_at_once_are_as_exact_as_each_alone(shop: tuple[float, ...], k: int) -> None:
    """Read off a curve with 600 others, or summed for one alone: the same to nine digits, small ones too."""
    model, rows = known(shop, k), customers(600)
    for days in (1.0, 365.0):
        together = model.conditional_expected_transactions(rows, days)
        discounted = model.discounted_transactions(rows, days, Discount.yearly(0.1))
        for one in range(0, 600, 60):
            alone = rows.take(slice(one, one + 1))
            assert together[one] == pytest.approx(model.conditional_expected_transactions(alone, days)[0], rel=CLOSE)
            same = model.discounted_transactions(alone, days, Discount.yearly(0.1))[0]
            assert discounted[one] == pytest.approx(same, rel=1e-8)


@pytest.mark.parametrize("k", [1, 2, 4, 12])
@pytest.mark.parametrize("shop", SHOPS)
def test_continuous_discount_is_the_limit_of_many_short_periods(shop: tuple[float, ...], k: int) -> None:
    model, rows, days = known(shop, k), customers(5, seed=3), 365.0
    edges = days * np.linspace(0.0, 1.0, 1501) ** 3
    orders = model._orders_if_alive(model._natural(rows), rows, edges) * model.probability_alive(rows)
    decay = Discount.yearly(0.1).decay_per_day
    middle = np.exp(-decay * (edges[1:] + edges[:-1]) / 2.0)
    assert model.discounted_transactions(rows, days, Discount.yearly(0.1)) == pytest.approx(middle @ orders, rel=1e-6)


def test_the_far_tail_in_panels_agrees_with_the_plain_sum() -> None:
    curve = RegularOrders(5.0, 0.05, 0.6, 3, 200.0)
    s = np.array([0.5, 3.0, 15.0])
    panels = np.stack([orders_after(curve, s, taken) for taken in range(3)])
    np.testing.assert_allclose(panels, curve.exactly(s), rtol=1e-6)


def test_covariates_of_ordering_and_leaving_give_each_their_own_curve() -> None:
    plain = {"r": 1.5, "alpha": 50.0, "a": 0.8, "b": 3.0}
    effects = {"alpha:z": 0.5, "a:z": -0.7, "b:z": 0.4}
    settings = {"k": 2, "purchase_covariates": ["z"], "dropout_covariates": ["z"]}
    model = MBGCNBDk.from_parameters({**plain, **effects}, **settings)
    rows = customers(40)
    moved = Summary(rows.x, rows.t_x, rows.age, covariates={"z": np.arange(40) % 2.0})
    found = model.conditional_expected_transactions(moved, 90.0)
    for z in (0, 1):
        parameters = model._natural(moved.take(slice(z, z + 1)))
        named = {name: float(np.ravel(value)[0]) for name, value in zip(plain, parameters, strict=True)}
        alone = MBGCNBDk.from_parameters(named, k=2).conditional_expected_transactions(rows, 90.0)
        np.testing.assert_allclose(found[z::2], alone[z::2], rtol=CLOSE)


def test_silence_gives_the_chance_of_an_order() -> None:
    """The chance of at least one order is at most the expected orders, and nearly that for a single day."""
    model, rows = known((0.3, 20.0, 0.8, 2.5), 3), customers(300)
    chance, orders = model.probability_of_order(rows, 1.0), model.conditional_expected_transactions(rows, 1.0)
    assert np.all(chance <= orders * (1 + 1e-9))
    assert chance.sum() == pytest.approx(orders.sum(), rel=0.1)


@pytest.mark.slow
def test_half_a_million_histories_take_seconds() -> None:
    """Everything a forecast asks of every customer, by processor time: the machine may be busy."""
    rng = np.random.default_rng(1)
    age = rng.integers(1, 1095, 500_000).astype(float)
    x = np.minimum(np.rint(rng.gamma(0.4, 25.0, age.size)), age)
    t_x = np.where(x > 0, np.rint(x + rng.uniform(0, 1, age.size) * (age - x)), 0.0)
    rows, model = Summary(x, t_x, age), known((0.45, 1.2, 1.3, 7.0), 2)
    started = time.process_time()
    model.conditional_expected_transactions(rows, 365.0)
    model.discounted_transactions(rows, 365.0, Discount.yearly(0.1))
    model.days_to_next_order(rows)
    assert time.process_time() - started < 15.0
