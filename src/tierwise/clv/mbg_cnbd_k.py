"""MBG/CNBD-k: like MBG/NBD for customers who order at regular intervals.

The gap between two orders is Erlang(k, λ): the sum of k exponential steps, so a larger k means steadier
rhythm; k = 1 is MBG/NBD. Expected orders are sums over the orders to come, averaged over how many of the k steps
to the next one are already taken (`tierwise.clv.regular_orders`).

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
from tierwise.clv.count_model import weighed
from tierwise.clv.fitted_model import Parameters
from tierwise.clv.mbg_nbd import MBGNBD
from tierwise.clv.prior import AUTO, PriorChoice
from tierwise.clv.regular_orders import RegularOrders
from tierwise.clv.summary import Summary, distinct
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

Floats = NDArray[np.float64]

SLICE_ROWS = 8_192

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

    def _orders_if_alive(
        self, parameters: Parameters, rows: Summary, edges: Floats, decay: float = 0.0, worth: Floats | None = None
    ) -> Floats:
        """Return expected orders between edges, averaged over the steps already taken; discounted by parts."""
        r, alpha, a, b = parameters
        k = self.steps_per_order
        moved = [value for value in (a, b) if np.ndim(value)]
        clock, unit = (rows.age, rows.days_per_unit) if np.ndim(alpha) == 0 else (alpha + rows.age, 1.0)
        first, inverse = distinct((rows.x, clock, *moved), unit)
        x, scale = rows.x[first], (alpha + rows.age)[first]
        a, b = (value[first] if np.ndim(value) else np.full(x.size, value) for value in (a, b))
        by_phase = np.empty((edges.size - 1, k, x.size))
        for same in _groups((x, *(value[first] for value in moved))):
            one = same[0]
            curve = RegularOrders(float(r), float(a[one]), float(b[one]), k, float(x[one]))
            if decay:
                by_phase[0][:, same] = curve.discounted(scale[same], float(edges[-1]), decay)
            else:
                by_phase[:, :, same] = curve.between(scale[same], edges)
        return weighed(self._over_phases(parameters, rows, by_phase, inverse), worth)

    def _over_phases(
        self, parameters: Parameters, rows: Summary, by_phase: Floats, inverse: NDArray[np.integer[Any]]
    ) -> Floats:
        """Average (periods, k, distinct) over the steps each row may have taken: (periods, rows)."""
        r, alpha, _, _ = parameters
        k = self.steps_per_order
        found = np.empty((by_phase.shape[0], len(rows)))
        for start in range(0, len(rows), SLICE_ROWS):
            part = slice(start, start + SLICE_ROWS)
            own = alpha[part] if np.ndim(alpha) else alpha
            chance = bg.phase_weights(r + k * rows.x[part], own, rows.t_x[part], rows.age[part], k)
            found[:, part] = np.einsum("ki,pki->pi", chance, by_phase[:, :, inverse[part]])
        return found

    def _order_within(self, parameters: Parameters, rows: Summary, t: Floats) -> Floats:
        """Return 1 - P(silent until T + t) / P(silent until T), both given alive."""
        r, alpha, _, _ = parameters
        k = self.steps_per_order
        whole, scale, silent = r + k * rows.x, alpha + rows.age, rows.age - rows.t_x
        later = bg.silence(whole, (silent + t) / (scale + t), k) / bg.silence(whole, silent / scale, k)
        found: Floats = -np.expm1(np.log(later) - whole * np.log1p(t / scale))
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


def _groups(columns: Sequence[Floats]) -> list[NDArray[np.intp]]:
    """Return the places of each distinct combination of the columns."""
    first, inverse = distinct(columns, 1.0)
    order = np.argsort(inverse, kind="stable")
    return np.split(order, np.cumsum(np.bincount(inverse, minlength=first.size))[:-1])
