"""Gamma-Gamma: how much a customer spends per order, drawn towards the mean where orders are few.

The amounts of one customer vary as Gamma(p, ν), and ν ~ Gamma(q, v) over customers. From the mean m_x of x
repeat orders, expected spend is  p (v + x m_x) / (p x + q - 1) : a weighted mean of m_x and the
population's  p v / (q - 1), which is finite only for q > 1. Spend must not depend on how often a customer
orders. Customers without repeat orders get the population's mean.

Parameters: p, q (no unit), v (money). Repeat orders with a mean of 0 or less are left out and said.

Fader, Hardie & Lee (2005), JMR 42(4), 415-430; Fader & Hardie (2013), note 25.

>>> model = GammaGamma.from_parameters({"p": 6.25, "q": 3.744, "v": 15.44})
>>> round(model.population_mean, 2)
35.17
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tierwise.clv import diagnostics
from tierwise.clv.count_model import level_counts
from tierwise.clv.diagnostics import Severity
from tierwise.clv.fitted_model import FittedModel, Found
from tierwise.clv.likelihood import Block, Columns, Terms, Value
from tierwise.clv.summary import Summary
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

Floats = NDArray[np.float64]

NO_SPEND = ErrorKind(
    "clv.no_spend",
    Family.DATA,
    what=Text("the summary carries no spend of repeat orders", "汇总数据中没有复购订单的金额"),
    cause=Text("nobody came back, or mean_spend was left out", "没有客户回购，或未提供 mean_spend"),
    cure=Text(
        "give mean_spend per repeat order; where nobody came back, use the simple LTV",
        "请提供每笔复购的平均金额 mean_spend；若无人回购，请使用简易 LTV",
    ),
)


class GammaGamma(FittedModel[Summary]):
    """Model of spend per order; arguments as for `FittedModel`."""

    name: ClassVar[str] = "gamma_gamma"
    label: ClassVar[Text] = Text.same("Gamma-Gamma")
    parameter_names: ClassVar[tuple[str, ...]] = ("p", "q", "v")
    scale_powers: ClassVar[Mapping[str, float]] = {"v": 1.0}
    prior_centre: ClassVar[Mapping[str, float]] = {"p": 3.0, "q": 4.0, "v": 1.0}

    def rows(self, data: Summary) -> Summary:
        """Return the customers whose spend is known: at least one repeat order, mean above 0."""
        if data.mean_spend is None:
            raise NO_SPEND.error()
        known = (data.x > 0) & (data.mean_spend > 0)
        if not known.any():
            raise NO_SPEND.error()
        return data if known.all() else data.take(np.flatnonzero(known))

    def _scale(self, rows: Summary) -> float:
        return rows.total(_spend(rows)) / rows.customers

    def _rescaled(self, rows: Summary, scale: float) -> Summary:
        return rows.with_spend(_spend(rows) / scale)

    def _selected(self, scaled: Summary, chosen: NDArray[np.int64], weight: Floats) -> Summary | None:
        return scaled.take(chosen).with_weight(weight)

    def _evidence(self, rows: Summary) -> float:
        return float(rows.weight.sum())

    def _densities(self, rows: Summary) -> float:
        return float(rows.weight.sum())

    def _blocks(self, rows: Summary, weight: Floats) -> list[Block]:
        x, x_weight = level_counts(rows.x, weight)
        return [Block((x,), x_weight, _count_terms), Block((rows.x, _spend(rows)), weight, _spend_terms)]

    def _starts(self, rows: Summary) -> list[dict[str, float]]:
        return [{"p": 3.0, "q": 4.0, "v": 1.0}, {"p": 1.0, "q": 10.0, "v": 9.0}, {"p": 20.0, "q": 2.0, "v": 0.05}]

    def _checks(self, data: Summary, rows: Summary) -> Found:
        found: Found = []
        q = self.parameters_["q"]
        if q <= 1.0:
            found.append((Severity.ERROR, diagnostics.INFINITE_MEAN_SPEND.problem(q=q)))
        assert data.mean_spend is not None
        left_out = float(data.weight[(data.x > 0) & (data.mean_spend <= 0)].sum())
        if left_out:
            found.append((Severity.WARNING, diagnostics.SPEND_NOT_POSITIVE.problem(count=f"{left_out:g}")))
        correlation = spend_frequency_correlation(rows)
        if abs(correlation) >= diagnostics.STRONG_CORRELATION:
            problem = diagnostics.SPEND_FOLLOWS_FREQUENCY.problem(correlation=correlation)
            found.append((Severity.WARNING, problem))
        return found

    @property
    def population_mean(self) -> float:
        """Mean spend per order over all customers, p v / (q - 1); inf where q ≤ 1."""
        p, q, v = np.exp(self.coordinates_)
        return float(p * v / (q - 1.0)) if q > 1.0 else float("inf")

    def conditional_spend(self, summary: Summary) -> Floats:
        """Return expected spend per order of each customer (money)."""
        self._check_fitted()
        p, q, v = np.exp(self.coordinates_)
        if summary.mean_spend is None:
            return np.full(len(summary), self.population_mean)
        known = (summary.x > 0) & (summary.mean_spend > 0)
        x = np.where(known, summary.x, 0.0)
        below = p * x + q - 1.0
        with np.errstate(invalid="ignore", divide="ignore"):  # no repeat order, or q ≤ 1
            found: Floats = p * (v + np.where(known, x * summary.mean_spend, 0.0)) / below
        if q <= 1.0:
            found[below <= 0] = np.inf
        return found

    def simulate(self, x: Floats, seed: int) -> Floats:
        """Return drawn mean spend per repeat order for customers with x repeat orders, 0 where x = 0."""
        self._check_fitted()
        p, q, v = np.exp(self.coordinates_)
        rng = np.random.default_rng(seed)
        rate = rng.gamma(q, 1.0, x.size) / v
        orders = np.maximum(x, 1.0)
        return np.where(x > 0, rng.gamma(p * orders, 1.0) / (rate * orders), 0.0)

    def simulate_future(self, summary: Summary, orders: Floats, seed: int) -> Floats:
        """Return the drawn total amount of each customer's future `orders`, given what was spent so far."""
        self._check_fitted()
        p, q, v = np.exp(self.coordinates_)
        rng = np.random.default_rng(seed)
        x = np.where(_spend(summary) > 0, summary.x, 0.0)
        rate = rng.gamma(q + p * x) / (v + np.where(x > 0, x * _spend(summary), 0.0))
        return np.where(orders > 0, rng.gamma(p * np.maximum(orders, 1.0)) / rate, 0.0)


def spend_frequency_correlation(rows: Summary) -> float:
    """Return the correlation of mean spend with the number of repeat orders; 0 where one does not vary."""
    x = rows.x - rows.total(rows.x) / rows.customers
    spend = _spend(rows) - rows.total(_spend(rows)) / rows.customers
    spread = float(np.sqrt(rows.total(x**2) * rows.total(spend**2)))
    return rows.total(x * spend) / spread if spread > 0 else 0.0


def _spend(rows: Summary) -> Floats:
    assert rows.mean_spend is not None
    return rows.mean_spend


def _count_terms(parameters: Sequence[Value], columns: Columns) -> Terms:
    """Return lnΓ(px + q) - lnΓ(px) - lnΓ(q) with derivatives; p 0, q 1, v 2."""
    (x,) = columns
    p, q = parameters[0], parameters[1]
    both, tri = p * x + q, special.zeta(2.0, p * x + q)
    return Terms(
        special.gammaln(both) - special.gammaln(p * x) - special.gammaln(q),
        {0: x * (special.psi(both) - special.psi(p * x)), 1: special.psi(both) - special.psi(q)},
        {(0, 0): x**2 * (tri - special.zeta(2.0, p * x)), (0, 1): x * tri, (1, 1): tri - special.zeta(2.0, q)},
    )


def _spend_terms(parameters: Sequence[Value], columns: Columns) -> Terms:
    """Return q ln v + (px) ln(x m) - (px + q) ln(v + x m) - ln m with derivatives."""
    x, spend = columns
    p, q, v = parameters
    total = x * spend
    inverse, log_whole, log_total = 1.0 / (v + total), np.log(v + total), np.log(total)
    orders = p * x + q
    return Terms(
        q * np.log(v) + p * x * log_total - orders * log_whole - np.log(spend),
        {0: x * (log_total - log_whole), 1: np.log(v) - log_whole, 2: q / v - orders * inverse},
        {(0, 2): -x * inverse, (1, 2): 1.0 / v - inverse, (2, 2): -q / v**2 + orders * inverse**2},
    )
