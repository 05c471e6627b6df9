"""Gradients and Hessians against differences, likelihoods against second derivations, covariates included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import optimize, special, stats

from tierwise.clv.bg_bb import BGBB
from tierwise.clv.bg_nbd import BGNBD
from tierwise.clv.fitted_model import FittedModel
from tierwise.clv.gamma_gamma import GammaGamma
from tierwise.clv.likelihood import evaluate
from tierwise.clv.mbg_cnbd_k import MBGCNBDk
from tierwise.clv.mbg_nbd import MBGNBD
from tierwise.clv.nbd import NBD
from tierwise.clv.pareto_nbd import ParetoNBD
from tierwise.clv.sbg import SBG, Subscriptions
from tierwise.clv.summary import Summary

rng = np.random.default_rng(3)
AGE = rng.uniform(5, 60, 40)
X = rng.poisson(2.0, 40).astype(float)
T_X = np.where(X > 0, AGE * rng.uniform(0.1, 1.0, 40), 0.0)
Z = {"shop": rng.integers(0, 2, 40).astype(float), "income": rng.normal(size=40)}
ROWS = Summary(X, T_X, AGE, rng.uniform(1, 3, 40), mean_spend=rng.uniform(5, 50, 40), covariates=Z)
OCCASIONS = Summary([0, 1, 3, 5, 6], [0, 4, 5, 5, 6], [6, 6, 6, 6, 6], [20, 3, 5, 2, 7])
LEFT = Subscriptions([1, 2, 3, 5, 5], [1, 1, 1, 1, 0], [10, 7, 4, 2, 30])

CASES: list[tuple[FittedModel[Any], Any, list[float]]] = [
    (BGNBD(), ROWS, [0.7, 6.0, 0.8, 2.1]),
    (MBGNBD(), ROWS, [0.7, 6.0, 0.8, 2.1]),
    (MBGCNBDk(k=1), ROWS, [0.7, 6.0, 0.8, 2.1]),
    (MBGCNBDk(k=3), ROWS, [0.7, 3.0, 0.8, 2.1]),
    (ParetoNBD(), ROWS, [0.7, 6.0, 0.8, 12.0]),
    (ParetoNBD(), ROWS, [0.7, 16.0, 0.8, 2.0]),
    (NBD(), ROWS, [0.7, 6.0]),
    (BGBB(), OCCASIONS, [1.2, 0.75, 0.66, 2.8]),
    (GammaGamma(), ROWS, [5.0, 3.0, 12.0]),
    (SBG(), LEFT, [0.7, 3.5]),
]
WITH_COVARIATES = [
    (BGNBD(purchase_covariates=["shop"], dropout_covariates=["income", "shop"]), [0.7, 6.0, 0.8, 2.1]),
    (MBGCNBDk(k=2, purchase_covariates=["income"]), [0.7, 3.0, 0.8, 2.1]),
    (ParetoNBD(purchase_covariates=["shop", "income"], dropout_covariates=["income"]), [0.7, 6.0, 0.8, 12.0]),
]


def differences(f: Callable[[np.ndarray], Any], at: np.ndarray, step: float = 1e-5) -> np.ndarray:
    moves = np.eye(at.size) * step
    return np.array([(np.asarray(f(at + move)) - np.asarray(f(at - move))) / (2 * step) for move in moves])


def check_derivatives(model: FittedModel[Any], data: Any, at: np.ndarray) -> None:
    rows = model.rows(data)
    blocks, coefficients = model._blocks(rows, rows.weight), model._coefficients(rows)
    _, gradient, hessian = evaluate(at, blocks, coefficients)
    slope = differences(lambda p: evaluate(p, blocks, coefficients)[0], at)
    bend = differences(lambda p: evaluate(p, blocks, coefficients)[1], at)
    assert np.allclose(gradient, slope, rtol=1e-6, atol=1e-5)
    assert np.allclose(hessian, bend, rtol=1e-6, atol=1e-4)


@pytest.mark.parametrize(("model", "data", "parameters"), CASES, ids=lambda v: getattr(v, "name", ""))
def test_derivatives(model: FittedModel[Any], data: Any, parameters: list[float]) -> None:
    check_derivatives(model, data, np.log(parameters))


@pytest.mark.parametrize(("model", "parameters"), WITH_COVARIATES, ids=lambda v: getattr(v, "name", ""))
def test_derivatives_with_covariates(model: FittedModel[Any], parameters: list[float]) -> None:
    effects = len(model._coefficients(ROWS)) - len(parameters)
    check_derivatives(model, ROWS, np.r_[np.log(parameters), np.linspace(-0.4, 0.5, effects)])


def bg_likelihood(lam: float, p: float, x: float, t_x: float, age: float) -> float:
    """One customer of known rate and drop-out, Fader, Hardie & Lee (2005), equation 3."""
    alive = (1 - p) ** x * lam**x * np.exp(-lam * age)
    return alive + (p * (1 - p) ** (x - 1) * lam**x * np.exp(-lam * t_x) if x > 0 else 0.0)


def pareto_likelihood(lam: float, mu: float, x: float, t_x: float, age: float) -> float:
    """One customer of known rates, Schmittlein et al. (1987)."""
    both = lam + mu
    return lam**x * (mu * np.exp(-both * t_x) + lam * np.exp(-both * age)) / both


def regular_likelihood(lam: float, p: float, x: float, t_x: float, age: float) -> float:
    """MBG with Erlang(2) gaps, without what no parameter touches (k = 2: λ^2x, products of gaps left out)."""
    silent = np.exp(-lam * age) * (1 + lam * (age - t_x))
    return lam ** (2 * x) * ((1 - p) ** (x + 1) * silent + p * (1 - p) ** x * np.exp(-lam * t_x))


def mixed(likelihood: Callable[..., float], rate: Any, leave: Any, row: tuple[float, float, float]) -> float:
    """Average over both mixing distributions on a fine grid of their quantiles, transformed Gauss-Legendre."""
    points, weights = np.polynomial.legendre.leggauss(200)
    u = (points + 1) / 2
    u, weights = u**4 * (35 - 84 * u + 70 * u**2 - 20 * u**3), weights / 2 * 140 * u**3 * (1 - u) ** 3
    lam, drop = rate.ppf(u), leave.ppf(u)
    values = np.array([[likelihood(a, b, *row) for b in drop] for a in lam])
    return float(weights @ values @ weights)


SECOND = [
    (BGNBD(purchase_covariates=["z"], dropout_covariates=["z"]), bg_likelihood, [0.9, 6.0, 0.8, 2.1, 0.5, -0.3, 0.4]),
    (
        ParetoNBD(purchase_covariates=["z"], dropout_covariates=["z"]),
        pareto_likelihood,
        [0.9, 6.0, 0.8, 9.0, 0.5, -0.3],
    ),
    (MBGCNBDk(k=2, purchase_covariates=["z"]), regular_likelihood, [0.9, 3.0, 0.8, 2.1, 0.5]),
]


@pytest.mark.parametrize(("model", "one", "values"), SECOND, ids=lambda v: getattr(v, "name", ""))
@pytest.mark.parametrize("row", [(0, 0.0, 9.0), (1, 2.0, 9.0), (4, 8.0, 9.0)])
def test_likelihood_is_the_mixture_of_one_customers(
    model: FittedModel[Any], one: Callable[..., float], values: list[float], row: tuple[float, float, float]
) -> None:
    """A second derivation: integrate the likelihood of known rates over the customers, covariates included."""
    z = 0.7
    summary = Summary([row[0]], [row[1]], [row[2]], covariates={"z": [z]})
    first, second, third, fourth, *effects = values
    rate = stats.gamma(first, scale=np.exp(effects[0] * z) / second)
    if isinstance(model, ParetoNBD):
        leave: Any = stats.gamma(third, scale=np.exp(effects[1] * z) / fourth)
    elif len(effects) > 1:
        leave = stats.beta(third * np.exp(effects[1] * z), fourth * np.exp(effects[2] * z))
    else:
        leave = stats.beta(third, fourth)
    blocks, coefficients = model._blocks(summary, summary.weight), model._coefficients(summary)
    found = evaluate(np.r_[np.log(values[:4]), effects], blocks, coefficients)[0]
    assert found == pytest.approx(np.log(mixed(one, rate, leave, row)), abs=2e-4)


def textbook_pareto(theta: np.ndarray, rows: Summary) -> float:
    """Negative log-likelihood through scipy's hyp2f1, a row at a time: none of the code under test."""
    r, alpha0, s, beta0 = np.exp(theta[:4])
    total = 0.0
    for x, t_x, age, z, weight in zip(rows.x, rows.t_x, rows.age, rows.covariates["z"], rows.weight, strict=True):
        alpha, beta = alpha0 * np.exp(-theta[4] * z), beta0 * np.exp(-theta[5] * z)
        low, high = sorted((alpha, beta))
        second = s + 1 if alpha >= beta else r + x
        whole = r + s + x

        def tail(u: float, low: float = low, high: float = high, second: float = second, whole: float = whole) -> float:
            return float(special.hyp2f1(whole, second, whole + 1, (high - low) / (high + u)) / (high + u) ** whole)

        inside = (alpha + age) ** -(r + x) * (beta + age) ** -s + s / whole * (tail(t_x) - tail(age))
        total += weight * (special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) + s * np.log(beta))
        total += weight * np.log(inside)
    return -total


def textbook_bg(theta: np.ndarray, rows: Summary) -> float:
    """Negative log-likelihood of Fader, Hardie & Lee (2005), equation 6, with own α, a and b per customer."""
    r, alpha0, a0, b0 = np.exp(theta[:4])
    z = rows.covariates["z"]
    alpha, a, b = alpha0 * np.exp(-theta[4] * z), a0 * np.exp(theta[5] * z), b0 * np.exp(theta[6] * z)
    x = rows.x
    base = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha)
    alive = special.betaln(a, b + x) - special.betaln(a, b) - (r + x) * np.log(alpha + rows.age)
    with np.errstate(divide="ignore", invalid="ignore"):
        gone = special.betaln(a + 1, b + x - 1) - special.betaln(a, b) - (r + x) * np.log(alpha + rows.t_x)
    gone = np.where(x > 0, gone, -np.inf)
    return -float(rows.weight @ (base + np.logaddexp(alive, gone)))


def shop_with_covariate(seed: int) -> Summary:
    truth = BGNBD.from_parameters(
        {"r": 1.0, "alpha": 6.0, "a": 0.8, "b": 2.5, "alpha:z": 0.6, "a:z": 0.3, "b:z": 0.0},
        days_per_unit=7,
        purchase_covariates=["z"],
        dropout_covariates=["z"],
    )
    z = np.random.default_rng(seed).integers(0, 2, 1500).astype(float)
    ages = np.random.default_rng(seed).uniform(30, 60, 1500)
    like = Summary(np.zeros(1500), np.zeros(1500), ages, covariates={"z": z}, days_per_unit=7)
    return truth.simulate(like, seed)


@pytest.mark.parametrize(
    ("model", "textbook"),
    [
        (BGNBD(purchase_covariates=["z"], dropout_covariates=["z"], strict=False), textbook_bg),
        pytest.param(
            ParetoNBD(purchase_covariates=["z"], dropout_covariates=["z"], strict=False),
            textbook_pareto,
            marks=pytest.mark.slow,
        ),
    ],
    ids=lambda v: getattr(v, "name", ""),
)
def test_covariates_agree_with_a_textbook_fit(model: Any, textbook: Callable[..., float]) -> None:
    summary = shop_with_covariate(11)
    model.fit(summary)
    start = model.coordinates_ + 0.05
    found = optimize.minimize(textbook, start, args=(summary,), method="BFGS", options={"gtol": 1e-3})
    assert found.fun == pytest.approx(-model.log_likelihood_, abs=1e-4)
    assert np.allclose(found.x, model.coordinates_, atol=2e-2)


def test_covariates_are_recovered() -> None:
    model = BGNBD(purchase_covariates=["z"], strict=False).fit(shop_with_covariate(4))
    error = model.standard_errors_["alpha:z"]
    assert abs(model.parameters_["alpha:z"] - 0.6) < 4 * error


def test_sbg_reproduces_the_published_fit() -> None:
    """Fader & Hardie (2007): survivors of 1,000 regular customers over 7 years, α 0.704 and β 1.182 (7 years)."""
    survivors = np.array([1000, 631, 468, 382, 326, 289, 262, 241])
    left = -np.diff(survivors)
    rows = Subscriptions(np.r_[np.arange(1, 8), 7], np.r_[np.ones(7), 0], np.r_[left, survivors[-1]])
    model = SBG().fit(rows)
    assert model.parameters_["alpha"] == pytest.approx(0.704, abs=0.002)
    assert model.parameters_["beta"] == pytest.approx(1.182, abs=0.005)


def test_bg_bb_is_the_mixture_of_one_customers() -> None:
    """Integrate the likelihood of known chances over both beta distributions (Fader, Hardie & Shang 2010)."""
    alpha, beta, gamma, delta = 1.3, 2.2, 1.4, 3.1
    x, t_x, n = 2, 4, 6

    def one(theta: Any, p: Any) -> Any:
        stays = p**x * (1 - p) ** (n - x) * (1 - theta) ** n
        for i in range(n - t_x):
            stays += p**x * (1 - p) ** (t_x - x + i) * theta * (1 - theta) ** (t_x + i)
        return stays * stats.beta.pdf(p, alpha, beta) * stats.beta.pdf(theta, gamma, delta)

    points, weights = np.polynomial.legendre.leggauss(120)
    u, weights = (points + 1) / 2, weights / 2
    exact = float(weights @ one(u[:, None], u[None, :]) @ weights)
    model = BGBB.from_parameters({"alpha": alpha, "beta": beta, "gamma": gamma, "delta": delta})
    assert model.log_likelihood(Summary([x], [t_x], [n])) == pytest.approx(np.log(exact), abs=1e-5)
