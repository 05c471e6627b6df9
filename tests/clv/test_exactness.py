"""The numerics against mpmath at 50 digits, where closed forms in doubles give nonsense.

The oracles are the papers' closed forms (differences of hypergeometric functions), which the code does not
use: it integrates order rates. Limits (a = 1, s = 1, a + b = 1) are reached by moving off them by 1e-25.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import mpmath
import numpy as np
import pytest

from tierwise.clv.bg_bb import BGBB
from tierwise.clv.bg_nbd import BGNBD
from tierwise.clv.count_model import CountModel
from tierwise.clv.discount import Discount
from tierwise.clv.gamma_gamma import GammaGamma
from tierwise.clv.mbg_nbd import MBGNBD
from tierwise.clv.pareto_nbd import ParetoNBD
from tierwise.clv.summary import Summary
from tierwise.clv.value import customer_value

CLOSE = 1e-6
DAY, YEAR, CENTURY = 1 / 7, 52.0, 36525 / 7
MONTH = 30.4375 / 7
mp = mpmath.mp.clone()
mp.dps = 50
OFF = mp.mpf(10) ** -25


def history(x: float, t_x: float, age: float) -> Summary:
    return Summary([x], [t_x], [age], mean_spend=[30.0], days_per_unit=7)


def relative(found: float, exact: Any) -> float:
    return float(abs((mp.mpf(float(found)) - exact) / exact)) if abs(exact) > mp.mpf(10) ** -290 else 0.0


class BetaGeometric:
    """Fader, Hardie & Lee (2005) and Batislam et al. (2007), with x + `extra` chances to leave."""

    def __init__(self, parameters: tuple[float, ...], extra: int) -> None:
        r, alpha, a, b = (mp.mpf(value) for value in parameters)
        if a == 1 or a + b == 1:
            a += OFF
        self.r, self.alpha, self.a, self.b, self.extra = r, alpha, a, b, extra

    def alive(self, x: int, t_x: float, age: float) -> Any:
        n = x + self.extra
        if n == 0:
            return mp.mpf(1)
        base = (self.alpha + age) / (self.alpha + t_x)
        return 1 / (1 + self.a / (self.b + n - 1) * base ** (self.r + x))

    def orders(self, x: int, age: float, t: Any) -> Any:
        """Expected orders within t of a customer alive at T."""
        top = self.a + self.b + x + self.extra - 1
        z = mp.mpf(t) / (self.alpha + age + t)
        power = (1 - z) ** (self.r + x)
        return top / (self.a - 1) * (1 - power * mp.hyp2f1(self.r + x, self.b + x + self.extra, top, z))


class Pareto:
    """Schmittlein, Morrison & Colombo (1987), in the form of Fader & Hardie (2005)."""

    def __init__(self, parameters: tuple[float, ...]) -> None:
        r, alpha, s, beta = (mp.mpf(value) for value in parameters)
        if s == 1:
            s += OFF
        self.r, self.alpha, self.s, self.beta = r, alpha, s, beta

    def _both(self, x: int, t_x: float, age: float) -> tuple[Any, Any]:
        whole, s = self.r + x, self.s
        low, high = sorted((self.alpha, self.beta))
        second = s + 1 if self.alpha >= self.beta else whole

        def tail(u: Any) -> Any:
            hyper = mp.hyp2f1(whole + s, second, whole + s + 1, (high - low) / (high + u))
            return s / (whole + s) * hyper / (high + u) ** (whole + s)

        alive = (self.alpha + age) ** -whole * (self.beta + age) ** -s
        return alive, tail(mp.mpf(t_x)) - tail(mp.mpf(age))

    def log_likelihood(self, x: int, t_x: float, age: float) -> Any:
        alive, gone = self._both(x, t_x, age)
        shape = mp.loggamma(self.r + x) - mp.loggamma(self.r)
        return shape + self.r * mp.log(self.alpha) + self.s * mp.log(self.beta) + mp.log(alive + gone)

    def alive(self, x: int, t_x: float, age: float) -> Any:
        alive, gone = self._both(x, t_x, age)
        return alive / (alive + gone)

    def orders(self, x: int, age: float, t: Any) -> Any:
        base = self.beta + age
        fall = 1 - (base / (base + t)) ** (self.s - 1)
        return (self.r + x) * base / ((self.alpha + age) * (self.s - 1)) * fall

    def residual(self, x: int, age: float, decay: Any) -> Any:
        """DERT of an alive customer through Tricomi's function (Fader, Hardie & Lee 2005, JMR)."""
        z = decay * (self.beta + age)
        tricomi = z ** (self.s - 1) * mp.hyperu(self.s, self.s, z)
        return (self.r + x) / (self.alpha + age) * (self.beta + age) * tricomi


BETA_GEOMETRIC = [
    (0.2426, 4.4136, 0.7929, 2.4259),
    (0.2, 4.4, 0.3, 0.4),
    (0.25, 5.0, 1 + 1e-9, 2.0),
    (0.25, 5.0, 1 - 1e-9, 2.0),
    (0.25, 5.0, 1.0, 2.0),
    (0.5, 8.0, 0.5, 0.5),
    (0.5, 8.0, 0.4, 0.6 + 1e-9),
    (0.5 + 1e-9, 8.0, 0.5, 0.3),
    (3.0, 20.0, 0.05, 0.6),
    (30.0, 100.0, 1.5, 0.2),
    (0.05, 0.1, 4.0, 8.0),
    (300.0, 1000.0, 5.0, 0.5),
]
PARETO = [
    (0.55, 10.6, 0.6, 11.7),
    (0.55, 10.6, 1.0, 11.7),
    (0.55, 10.6, 1 + 1e-9, 11.7),
    (0.55, 10.6, 1 - 1e-9, 11.7),
    (8.0, 0.2, 3.0, 900.0),
    (0.05, 700.0, 0.05, 0.05),
    (2.0, 5.0, 6.0, 5.0),
]
HISTORIES = [
    (x, age * share, age)
    for x in (0, 1, 7, 200, 5000)
    for age in (DAY, 39.0, CENTURY)
    for share in ((0.0,) if x == 0 else (0.01, 0.5, 1.0))
]
FEW = [(0, 0.0, 39.0), (0, 0.0, CENTURY), (1, 0.05, DAY), (7, 30.0, 39.0), (5000, 38.9, 39.0), (5000, 2600.0, CENTURY)]
HORIZONS = (DAY, YEAR, CENTURY)


def models() -> list[Any]:
    return list(_models())


def _models() -> Iterator[Any]:
    for parameters in BETA_GEOMETRIC:
        named = dict(zip(("r", "alpha", "a", "b"), parameters, strict=True))
        for kind, extra in ((BGNBD, 0), (MBGNBD, 1)):
            model = kind.from_parameters(named, days_per_unit=7)
            yield pytest.param(model, BetaGeometric(parameters, extra), id=f"{kind.name}-{parameters}")
    for parameters in PARETO:
        model = ParetoNBD.from_parameters(
            dict(zip(("r", "alpha", "s", "beta"), parameters, strict=True)), days_per_unit=7
        )
        yield pytest.param(model, Pareto(parameters), id=f"pareto_nbd-{parameters}")


def check_expectation(model: CountModel, oracle: Any, histories: list[tuple[float, float, float]]) -> None:
    for (x, t_x, age), horizon in itertools.product(histories, HORIZONS):
        customer = history(x, t_x, age)
        alive = oracle.alive(x, t_x, age)
        found = model.conditional_expected_transactions(customer, horizon * 7)[0]
        assert relative(model.probability_alive(customer)[0], alive) < CLOSE, (x, t_x, age)
        assert relative(found, alive * oracle.orders(x, age, horizon)) < CLOSE, (x, t_x, age, horizon)


@pytest.mark.parametrize(("model", "oracle"), models())
def test_expectation_and_alive(model: CountModel, oracle: Any) -> None:
    check_expectation(model, oracle, FEW[:3])


@pytest.mark.slow
@pytest.mark.parametrize(("model", "oracle"), models())
def test_expectation_and_alive_on_the_whole_grid(model: CountModel, oracle: Any) -> None:
    check_expectation(model, oracle, HISTORIES)


@pytest.mark.parametrize("parameters", [(0.8, 8.0, 120.0, 480.0), (800.0, 8000.0, 6e3, 2.4e4), (1e5, 1e6, 2e5, 8e5)])
def test_far_out_on_a_ridge(parameters: tuple[float, ...]) -> None:
    """Nearly constant drop-out: expected orders as an integral over the narrow bell of p."""
    r, alpha, a, b = (mp.mpf(value) for value in parameters)
    model = BGNBD.from_parameters(dict(zip(("r", "alpha", "a", "b"), parameters, strict=True)), days_per_unit=7)
    for x, age, horizon in ((0, 39.0, 39.0), (50, 39.0, 520.0)):
        customer = history(x, age if x else 0.0, age)
        mean, norm = a / (a + b + x), mp.loggamma(a) + mp.loggamma(b + x) - mp.loggamma(a + b + x)
        width = 12 * mp.sqrt(mean * (1 - mean) / (a + b + x + 1))

        def bell(p: Any, norm: Any = norm, x: int = x, tau: Any = horizon / (alpha + age)) -> Any:
            density = mp.exp((a - 1) * mp.log(p) + (b + x - 1) * mp.log1p(-p) - norm)
            return density * (1 - (1 + p * tau) ** -(r + x)) / p

        with mp.workdps(25):
            exact = mp.quad(bell, [mean - width, mean - width / 3, mean, mean + width / 3, mean + width])
        found = model.conditional_expected_transactions(customer, horizon * 7) / model.probability_alive(customer)
        assert relative(found[0], exact) < CLOSE


@pytest.mark.slow
@pytest.mark.parametrize(("model", "oracle"), models())
def test_monthly_value(model: CountModel, oracle: Any) -> None:
    """CLV of 12 months, discounted at each month's end, times the conditional spend of Gamma-Gamma."""
    p, q, v = 6.25, 3.744, 15.44
    spend = GammaGamma.from_parameters({"p": p, "q": q, "v": v})
    discount = Discount.monthly(0.01, days_per_month=MONTH * 7)
    for x, t_x, age in FEW:
        cumulative = [mp.mpf(0)] + [oracle.orders(x, age, month * mp.mpf(MONTH)) for month in range(1, 13)]
        worth = sum((cumulative[i] - cumulative[i - 1]) / mp.mpf("1.01") ** i for i in range(1, 13))
        per_order = p * (mp.mpf(v) + x * 30.0) / (mp.mpf(p) * x + q - 1)
        exact = oracle.alive(x, t_x, age) * worth * per_order
        found = customer_value(model, spend, history(x, t_x, age), horizon_days=12 * MONTH * 7, discount=discount)
        assert relative(found[0], exact) < CLOSE, (x, t_x, age)


@pytest.mark.slow
@pytest.mark.parametrize("parameters", PARETO)
@pytest.mark.parametrize("yearly", [0.02, 0.15, 3.0])
def test_residual_transactions_of_pareto(parameters: tuple[float, ...], yearly: float) -> None:
    model = ParetoNBD.from_parameters(dict(zip(("r", "alpha", "s", "beta"), parameters, strict=True)), days_per_unit=7)
    oracle, discount = Pareto(parameters), Discount.yearly(yearly)
    decay = mp.mpf(discount.decay_per_day) * 7
    for x, t_x, age in FEW:
        exact = oracle.alive(x, t_x, age) * oracle.residual(x, age, decay)
        found = model.discounted_transactions(history(x, t_x, age), np.inf, discount)[0]
        assert relative(found, exact) < CLOSE, (x, t_x, age)


@pytest.mark.slow
@pytest.mark.parametrize("parameters", BETA_GEOMETRIC[:5])
def test_continuous_discount_of_bg(parameters: tuple[float, ...]) -> None:
    """∫ e^-δt dE by parts, with the closed form of E under mpmath's own quadrature."""
    model = BGNBD.from_parameters(dict(zip(("r", "alpha", "a", "b"), parameters, strict=True)), days_per_unit=7)
    oracle, discount = BetaGeometric(parameters, 0), Discount.yearly(0.1)
    decay = mp.mpf(discount.decay_per_day) * 7
    for x, t_x, age in ((0, 0.0, 39.0), (7, 30.0, 39.0), (1, 0.05, DAY)):
        with mp.workdps(40):
            inner = mp.quad(lambda t, x=x, age=age: mp.exp(-decay * t) * oracle.orders(x, age, t), [0, 1, 10, 52])
            whole = mp.exp(-decay * 52) * oracle.orders(x, age, mp.mpf(52)) + decay * inner
        found = model.discounted_transactions(history(x, t_x, age), 52 * 7, discount)[0]
        assert relative(found, oracle.alive(x, t_x, age) * whole) < CLOSE


PARETO_STRESS = [
    (r, alpha, s, beta)
    for r in (0.05, 0.55, 8.0)
    for s in (0.05, 0.6, 6.0)
    for alpha, beta in ((10.6, 11.7), (0.2, 900.0), (700.0, 0.05), (5.0, 5.0))
]
STRESS_HISTORIES = [
    *((0, 0.0, age) for age in (DAY, 39.0, CENTURY)),
    *((x, share * age, age) for x in (1, 20, 5000) for age in (DAY, 39.0, CENTURY) for share in (0.3, 1.0)),
    *((x, 0.999 * 39, 39.0) for x in (1, 20, 5000)),
]


def test_the_stress_grid_has_864_points() -> None:
    assert len(PARETO_STRESS) * len(STRESS_HISTORIES) == 864


@pytest.mark.slow
@pytest.mark.parametrize("parameters", PARETO_STRESS)
def test_pareto_likelihood_under_stress(parameters: tuple[float, ...]) -> None:
    model = ParetoNBD.from_parameters(dict(zip(("r", "alpha", "s", "beta"), parameters, strict=True)), days_per_unit=7)
    oracle = Pareto(parameters)
    for x, t_x, age in STRESS_HISTORIES:
        customer = history(x, t_x, age)
        found = model.log_likelihood(customer)
        assert np.isfinite(found)
        assert abs(found - float(oracle.log_likelihood(x, t_x, age))) < CLOSE, (x, t_x, age)
        assert relative(model.probability_alive(customer)[0], oracle.alive(x, t_x, age)) < CLOSE, (x, t_x, age)


@pytest.mark.parametrize("parameters", [(1.2, 0.75, 0.66, 2.78), (0.1, 5.0, 0.05, 0.3), (20.0, 80.0, 2.0, 400.0)])
def test_bg_bb_against_direct_sums(parameters: tuple[float, ...]) -> None:
    alpha, beta, gamma, delta = (mp.mpf(value) for value in parameters)
    model = BGBB.from_parameters(dict(zip(("alpha", "beta", "gamma", "delta"), parameters, strict=True)))
    for x, t_x, n in ((0, 0, 6), (4, 5, 6), (6, 6, 6), (3, 40, 365), (200, 360, 365)):
        ended = [
            mp.beta(alpha + x, beta + y - x) * mp.beta(gamma + 1, delta + y) for y in range(t_x, n)
        ]  # left before occasion y + 1
        there = mp.beta(alpha + x, beta + n - x) * mp.beta(gamma, delta + n)
        whole = sum(ended) + there
        coming = mp.beta(alpha + x, beta + n - x) * mp.beta(gamma, delta + n + 1) / whole
        likelihood = whole / mp.beta(alpha, beta) / mp.beta(gamma, delta)
        ahead = sum(mp.beta(gamma, delta + n + i) for i in range(1, 11)) / mp.beta(gamma, delta + n + 1)
        customer = Summary([x], [t_x], [n])
        assert abs(model.log_likelihood(customer) - float(mp.log(likelihood))) < CLOSE
        assert relative(model.probability_alive(customer)[0], coming) < CLOSE
        exact = coming * (alpha + x) / (alpha + beta + n) * ahead
        assert relative(model.conditional_expected_transactions(customer, 10)[0], exact) < CLOSE
