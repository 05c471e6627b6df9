"""MBG/CNBD-k: like MBG/NBD for customers who order at regular intervals.

The gap between two orders is Erlang(k, λ): the sum of k exponential steps, so a larger k means steadier
rhythm; k = 1 is MBG/NBD. Expected orders are exact sums over the orders to come, not approximations:
given alive with j of k steps taken, the m-th next order needs k·m - j steps, whose number within t is
negative binomial, and the customer is still there for it with probability B(a, b + x + m) / B(a, b + x + 1).

Parameters r, α, a, b as in MBG/NBD (mean gap k·α / r); k is fixed or chosen by likelihood, for which the summary
must carry `log_gaps`. Without them the log-likelihood leaves out what does not depend on the parameters.

Platzer & Reutterer (2016), Marketing Science 35(5), 779-799; Reutterer, Platzer & Schröder (2021), IJRM 38(2).

>>> steady = MBGCNBDk.from_parameters({"r": 5.0, "alpha": 20.0, "a": 0.5, "b": 9.0}, days_per_unit=7, k=4)
>>> round(steady.expected_transactions(horizon_days=364), 2)
2.56
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tierwise.clv import beta_geometric as bg
from tierwise.clv.fitted_model import Parameters
from tierwise.clv.mbg_nbd import MBGNBD
from tierwise.clv.prior import AUTO, PriorChoice
from tierwise.clv.quadrature import gauss_legendre
from tierwise.clv.summary import Summary, distinct
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

Floats = NDArray[np.float64]

EXACT_ORDERS = 1024
NEGLIGIBLE = 1e-15

BAD_K = ErrorKind(
    "clv.bad_k",
    Family.USAGE,
    what=Text("k = {k} is not a number of steps", "k = {k} 不是有效的步数"),
    cause=Text("k is a whole number from 1; larger means steadier orders", "k 是不小于 1 的整数，越大表示下单越规律"),
    cure=Text("leave k out to have it chosen, or give 1 to 12", "不填 k 由程序选择，或取 1 到 12"),
)
NEEDS_GAPS = ErrorKind(
    "clv.needs_gaps",
    Family.USAGE,
    what=Text("k cannot be chosen without the gaps between orders", "没有订单间隔数据，无法选择 k"),
    cause=Text("the summary does not carry log_gaps", "汇总数据不含 log_gaps"),
    cure=Text("make the summary from orders (summarise), or fix k", "请由订单生成汇总（summarise），或指定 k"),
)


class MBGCNBDk(MBGNBD):
    """Modified beta-geometric / condensed negative binomial model of order k.

    Args:
        k: steps per order; None chooses it.
        max_k: largest k tried when choosing; the search stops once the likelihood falls.
        purchase_covariates, dropout_covariates, prior, strict: as for `BGNBD`.

    Learnt besides: `k_`.
    """

    name: ClassVar[str] = "mbg_cnbd_k"
    label: ClassVar[Text] = Text.same("MBG/CNBD-k")
    uses_last_order = True

    def __init__(
        self,
        *,
        k: int | None = None,
        max_k: int = 12,
        purchase_covariates: Sequence[str] = (),
        dropout_covariates: Sequence[str] = (),
        prior: PriorChoice = AUTO,
        strict: bool = True,
    ) -> None:
        super().__init__(
            purchase_covariates=purchase_covariates,
            dropout_covariates=dropout_covariates,
            prior=prior,
            strict=strict,
        )
        if k is not None and not (k == int(k) and k >= 1):
            raise BAD_K.error(k=k)
        self.k, self.max_k = k, max_k
        if k is not None:
            self.steps_per_order = int(k)

    @property
    def k_(self) -> int:
        """The k that was given or chosen."""
        return self.steps_per_order

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments as JSON-ready data."""
        return {**super().settings(), "k": self.k, "max_k": self.max_k}

    def fit(self, summary: Summary) -> Self:
        """Learn the parameters, and k where it was not given; errors as for `BGNBD`, and `clv.needs_gaps`."""
        if self.k is not None:
            return super().fit(summary)
        if summary.log_gaps is None:
            raise NEEDS_GAPS.error()
        best: dict[str, Any] = {}
        for k in range(1, self.max_k + 1):
            self.steps_per_order = k
            super().fit(summary)
            if best and self.log_likelihood_ <= best["log_likelihood_"]:
                break
            best = dict(self.__dict__)
        self.__dict__.update(best)
        return self

    def _constant(self, rows: Summary) -> float:
        """Return the part of the Erlang densities that no parameter touches, so that every k can be compared."""
        if rows.log_gaps is None:
            return 0.0
        k = self.steps_per_order
        return rows.total((k - 1) * rows.log_gaps - rows.x * special.gammaln(k))

    def _orders_if_alive(self, parameters: Parameters, rows: Summary, edges: Floats, decay: float = 0.0) -> Floats:
        """Return expected orders between edges: exact at each edge, discounted by parts."""
        if decay:
            return self._discounted_by_parts(parameters, rows, edges, decay)
        expected = [np.zeros(len(rows)) if t == 0 else self._expected(parameters, rows, t) for t in edges]
        return np.diff(np.stack(expected), axis=0)

    def _discounted_by_parts(self, parameters: Parameters, rows: Summary, edges: Floats, decay: float) -> Floats:
        """∫ e^-δt dE(t) = e^-δh E(h) + δ ∫ e^-δt E(t) dt over one period from 0 to h."""
        horizon = float(edges[-1])
        found: Floats = np.exp(-decay * horizon) * self._expected(parameters, rows, horizon)
        points, weights = gauss_legendre(24)
        spread = np.log1p(horizon / float(rows.age.mean() + 1.0))
        for point, weight in zip(points, weights, strict=True):
            t = horizon * np.expm1(point * spread) / np.expm1(spread)
            slope = horizon * spread * np.exp(point * spread) / np.expm1(spread)
            found += weight * slope * decay * np.exp(-decay * t) * self._expected(parameters, rows, t)
        return np.stack([found])

    def _expected(self, parameters: Parameters, rows: Summary, t: float) -> Floats:
        """Return expected orders within t of customers alive at T, averaged over the steps already taken."""
        r, alpha, _, _ = parameters
        k = self.steps_per_order
        chance = bg.phase_weights(r + k * rows.x, alpha, rows.t_x, rows.age, k)
        if any(np.ndim(parameter) for parameter in parameters):
            parts = [self._orders_after(parameters, rows.x, rows.age, j, t) for j in range(k)]
        else:
            first, inverse = distinct((rows.x, rows.age), rows.days_per_unit)
            x, age = rows.x[first], rows.age[first]
            parts = [self._orders_after(parameters, x, age, j, t)[inverse] for j in range(k)]
        found: Floats = (chance * np.stack(parts)).sum(axis=0)
        return found

    def _orders_after(self, parameters: Parameters, x: Floats, age: Floats, taken: int, t: float) -> Floats:
        """Return Σ_m P(k·m - taken steps within t) · P(still there for the m-th order).

        One by one up to `EXACT_ORDERS`; beyond, in panels over which the terms hardly bend.
        """
        z = t / (parameters[1] + age + t)
        orders = parameters[0] + self.steps_per_order * x + taken
        start = parameters[3] + x + 1.0
        found, first, size = np.zeros(x.size), 1, 8
        active = np.arange(x.size)
        while active.size:
            if first <= EXACT_ORDERS:
                order, share = np.arange(first, first + size, dtype=np.float64), np.ones(size)
            else:
                points, weights = gauss_legendre(8)
                size = first // 4
                order, share = first - 0.5 + size * points, size * weights
            m = order[:, None]
            a = parameters[2][active] if np.ndim(parameters[2]) else parameters[2]
            stays = special.betaln(a, start[active] + m - 1.0) - special.betaln(a, start[active])
            in_time = special.betainc(self.steps_per_order * m - taken, orders[active], z[active])
            terms = np.exp(stays) * in_time
            found[active] += share @ terms
            active = active[terms[-1] * order[-1] > NEGLIGIBLE * found[active]]
            first += size
            size = min(2 * size, EXACT_ORDERS)
        return found

    def _order_within(self, parameters: Parameters, rows: Summary, t: Floats) -> Floats:
        r, alpha, _, _ = parameters
        k = self.steps_per_order
        whole, z = r + k * rows.x, t / (alpha + rows.age + t)
        chance = bg.phase_weights(whole, alpha, rows.t_x, rows.age, k)
        found: Floats = sum(
            (chance[j] * special.betainc(k - j, whole + j, z) for j in range(k)), start=np.zeros(len(rows))
        )
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return settings and everything learnt, k included, as JSON-ready data."""
        return {**super().to_dict(), "k": self.k_}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the model that `to_dict` wrote."""
        model = super().from_dict(data)
        model.steps_per_order = int(data["k"])
        return model

    @classmethod
    def from_parameters(
        cls, parameters: Mapping[str, float], *, days_per_unit: float = 1.0, k: int = 1, **settings: Any
    ) -> Self:
        """Return a model with known parameters and k."""
        return super().from_parameters(parameters, days_per_unit=days_per_unit, k=k, **settings)
