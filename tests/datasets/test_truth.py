"""The data are what the truth table says, within statistical error."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

from tierwise.datasets import ShopSpec
from tierwise.datasets.truth import expected_orders

SIGMAS = 4.0


def _agree(observed: np.ndarray, expected: np.ndarray) -> bool:
    """Tell whether observed minus expected averages to zero within four standard errors."""
    difference = observed - expected
    return abs(difference.mean()) < SIGMAS * difference.std() / len(difference) ** 0.5


def _left(chunk):
    who = chunk.population
    buys = np.isfinite(who.first_position)
    return buys, chunk.clock.days - who.first_position[buys]


def test_repeat_purchases_agree_with_rate_and_dropout_at_every_level(clean_chunk):
    who = clean_chunk.population
    buys, left = _left(clean_chunk)
    rate, p = who.rate_per_day[buys], who.dropout_probability[buys]
    repeats = clean_chunk.sales.count[buys] - 1
    expected = -np.expm1(-rate * p * left) / p
    for parameter in (rate, p, left):
        level = np.searchsorted(np.quantile(parameter, (0.25, 0.5, 0.75)), parameter)
        for quarter in range(4):
            at = level == quarter
            assert _agree(repeats[at], expected[at])


def test_the_share_dropped_out_agrees_with_the_parameters(clean_chunk):
    who = clean_chunk.population
    buys, left = _left(clean_chunk)
    chance = -np.expm1(-who.rate_per_day[buys] * who.dropout_probability[buys] * left)
    dropped = (clean_chunk.sales.dropped_out_at[buys] >= 0).astype(float)
    level = np.searchsorted(np.quantile(chance, (0.25, 0.5, 0.75)), chance)
    for quarter in range(4):
        assert _agree(dropped[level == quarter], chance[level == quarter])


def test_nobody_buys_after_dropping_out_and_the_drop_out_is_at_a_repeat_purchase(clean_chunk):
    sales = clean_chunk.sales
    last = np.zeros(clean_chunk.size, np.int64)
    np.maximum.at(last, sales.customer, sales.at)
    dropped = sales.dropped_out_at >= 0
    assert (last[dropped] == sales.dropped_out_at[dropped]).all()
    assert (sales.count[dropped] >= 2).all()


def test_spend_agrees_with_each_customers_true_mean(clean_chunk):
    sales, who = clean_chunk.sales, clean_chunk.population
    paid = sales.paid_cents / 100
    mean = who.mean_spend_yuan[sales.customer]
    assert _agree(paid, mean)
    # Gamma(p, ν) has the coefficient of variation p^−½
    assert np.std(paid / mean) == pytest.approx(ShopSpec().spend_shape ** -0.5, rel=0.02)
    assert abs(np.corrcoef(who.mean_spend_yuan, who.rate_per_day)[0, 1]) < 0.03


def test_a_bg_nbd_fit_to_the_order_file_recovers_the_parameters(clean_shop, read):
    x, recency, age = _histories(read(clean_shop, "orders"))
    spec = ShopSpec()
    true = np.array([spec.rate_shape, spec.rate_scale_days, spec.dropout_a, spec.dropout_b])
    found = minimize(_bg_nbd_loss, np.log([0.5, 20.0, 1.0, 5.0]), args=(x, recency, age), method="L-BFGS-B")
    assert np.exp(found.x) == pytest.approx(true, rel=0.2)


def _histories(orders) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return repeat purchases, days to the last one and days to the end of each buyer."""
    sold = np.array(orders.column("status").to_pylist()) == "sale"
    customer = np.array(orders.column("customer_id").to_pylist())[sold]
    day = orders.column("ordered_at").to_numpy()[sold].astype("datetime64[s]").astype(float) / 86400
    _, who, count = np.unique(customer, return_inverse=True, return_counts=True)
    first, last = np.full(len(count), np.inf), np.zeros(len(count))
    np.minimum.at(first, who, day)
    np.maximum.at(last, who, day)
    end = np.datetime64("2026-11-01").astype(float)
    return count - 1, last - first, end - first


def _bg_nbd_loss(logs: np.ndarray, x: np.ndarray, recency: np.ndarray, age: np.ndarray) -> float:
    """Return the negative mean log-likelihood, equation 6 of Fader, Hardie and Lee (2005)."""
    r, alpha, a, b = np.exp(logs)
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
    dead = betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + recency)
    return -float((common + np.where(x > 0, np.logaddexp(alive, dead), alive)).mean())


def test_expected_future_orders_are_what_simulating_on_gives(clean_chunk):
    rng = np.random.default_rng(1)
    who = clean_chunk.population
    expected = expected_orders(clean_chunk)
    ahead = clean_chunk.clock.ahead()[who.persona]
    alive = (clean_chunk.sales.count > 0) & (clean_chunk.sales.dropped_out_at < 0)
    draws = np.minimum(rng.poisson(who.rate_per_day * ahead), rng.geometric(who.dropout_probability))
    assert (expected[~alive] == 0).all()
    assert _agree(draws[alive], expected[alive])
    assert clean_chunk.clock.ahead() == pytest.approx(np.full(4, 365.0), rel=0.03)


def test_the_truth_table_is_the_truth(clean_shop, clean_chunk, read):
    truth = read(clean_shop, "truth")
    assert truth.column("purchase_rate_per_day").to_numpy().tolist() == clean_chunk.population.rate_per_day.tolist()
    alive = truth.column("alive_at_end").to_pylist()
    sales, dropped = truth.column("sales").to_pylist(), truth.column("dropped_out_on").to_pylist()
    assert alive == [None if n == 0 else day is None for n, day in zip(sales, dropped, strict=True)]
    buyers = [a for a in alive if a is not None]
    assert 0.5 < sum(buyers) / len(buyers) < 0.75
    never = np.array(truth.column("never_buys").to_pylist())
    assert abs(never.mean() - ShopSpec().never_buys_share) < 0.01
    assert max(n for n, no in zip(sales, never, strict=True) if no) == 0


def test_the_shop_looks_like_a_shop(clean_shop, read):
    orders = read(clean_shop, "orders")
    sold = np.array(orders.column("status").to_pylist()) == "sale"
    _, who = np.unique(np.array(orders.column("customer_id").to_pylist())[sold], return_inverse=True)
    count = np.bincount(who)
    amounts = orders.column("amount").cast("float64").to_numpy()[sold]
    spend = np.sort(np.bincount(who, weights=amounts))[::-1]
    assert 6.0 < count.mean() < 8.0
    assert 0.55 < (count > 1).mean() < 0.65
    assert 0.55 < spend[: len(spend) // 5].sum() / spend.sum() < 0.72
