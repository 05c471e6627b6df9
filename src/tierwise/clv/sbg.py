"""sBG: how long subscribers stay, where leaving is seen (a contract that is not renewed).

At each renewal a subscriber leaves with probability θ ~ Beta(α, β). Survival S(t) = B(α, β + t) / B(α, β);
the retention rate (β + t - 1) / (α + β + t - 1) rises with t, because those who leave easily leave first.

Fader & Hardie (2007), Journal of Interactive Marketing 21(1), 76-90.

>>> model = SBG.from_parameters({"alpha": 0.668, "beta": 3.806}, days_per_unit=365)
>>> model.survival([1, 2, 7]).round(3).tolist()
[0.851, 0.747, 0.489]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tierwise.clv.discount import Discount, check_horizon
from tierwise.clv.fitted_model import FittedModel
from tierwise.clv.likelihood import Block, Columns, Terms, Value
from tierwise.clv.summary import add_up, dot
from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text

Floats = NDArray[np.float64]

BAD_SUBSCRIPTIONS = ErrorKind(
    "clv.bad_subscriptions",
    Family.DATA,
    what=Text("subscriptions are not usable", "订阅数据无法使用"),
    cause=Text(
        "periods must be whole numbers from 1 (0 only for those still there), weights above 0, columns equally long",
        "期数须为从 1 起的整数（仍在订的可为 0），权重须大于 0，各列长度须一致",
    ),
    cure=Text("count renewals, the one refused included", "请按续费次数计数，包括最后拒绝续费的那一次"),
)


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Subscribers by renewals seen.

    Attributes:
        periods: for those who left, the renewal they refused (1, 2, …); for the others, renewals passed so far.
        ended: 1 where the subscriber left, 0 where still there.
        weight: subscribers that a row stands for.
        days_per_unit: length of a subscription period in days.
    """

    periods: Floats
    ended: Floats
    weight: Floats = field(default_factory=lambda: np.empty(0))
    days_per_unit: float = 30.4375

    def __post_init__(self) -> None:
        for name in ("periods", "ended", "weight"):
            object.__setattr__(self, name, np.atleast_1d(np.asarray(getattr(self, name), dtype=np.float64)))
        if self.weight.size == 0:
            object.__setattr__(self, "weight", np.ones(self.periods.size))
        if not self.periods.size or not self.periods.shape == self.ended.shape == self.weight.shape:
            raise BAD_SUBSCRIPTIONS.error()
        whole = (self.periods == np.floor(self.periods)) & (self.periods >= self.ended)
        bad = ~(whole & np.isin(self.ended, (0.0, 1.0)) & (self.weight > 0) & np.isfinite(self.weight))
        if bad.any():
            row = int(bad.argmax())
            raise BAD_SUBSCRIPTIONS.error(Place(row=row + 1, value=f"{self.periods[row]:g}"))


class SBG(FittedModel[Subscriptions]):
    """Shifted beta-geometric model of contracts; arguments as for `FittedModel`."""

    name: ClassVar[str] = "sbg"
    label: ClassVar[Text] = Text.same("sBG")
    parameter_names: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    scale_powers: ClassVar[Mapping[str, float]] = {}
    prior_centre: ClassVar[Mapping[str, float]] = {"alpha": 0.7, "beta": 3.5}

    def rows(self, data: Subscriptions) -> Subscriptions:
        """Return the distinct rows."""
        key = data.periods.astype(np.int64) * 2 + data.ended.astype(np.int64)
        _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        weight = add_up(inverse, data.weight, first.size)
        return replace(data, periods=data.periods[first], ended=data.ended[first], weight=weight)

    def _scale(self, rows: Subscriptions) -> float:
        return 1.0

    def _rescaled(self, rows: Subscriptions, scale: float) -> Subscriptions:
        return rows

    def _evidence(self, rows: Subscriptions) -> float:
        return dot(rows.weight, rows.ended)

    def _densities(self, rows: Subscriptions) -> float:
        return 0.0

    def _blocks(self, rows: Subscriptions, weight: Floats) -> list[Block]:
        return [Block((rows.periods, rows.ended), weight, _terms)]

    def _starts(self, rows: Subscriptions) -> list[dict[str, float]]:
        return [{"alpha": 0.7, "beta": 3.5}, {"alpha": 0.1, "beta": 2.0}]

    def survival(self, periods: ArrayLike) -> Floats:
        """Return the share of new subscribers still there after each number of renewals."""
        self._check_fitted()
        alpha, beta = np.exp(self.coordinates_)
        found: Floats = np.exp(special.betaln(alpha, beta + np.asarray(periods)) - special.betaln(alpha, beta))
        return found

    def retention(self, periods: ArrayLike) -> Floats:
        """Return the share of those still there before the t-th renewal (from 1) who pass it."""
        self._check_fitted()
        alpha, beta = np.exp(self.coordinates_)
        t = np.asarray(periods, dtype=np.float64)
        found: Floats = (beta + t - 1.0) / (alpha + beta + t - 1.0)
        return found

    def expected_renewals(self, passed: ArrayLike, horizon_days: float, discount: Discount) -> Floats:
        """Return expected renewals within the horizon, discounted at each, given those already `passed`.

        `inf` days gives the discounted expected residual lifetime; a part of a period is not a renewal.
        """
        self._check_fitted()
        check_horizon(horizon_days, discount)
        alpha, beta = np.exp(self.coordinates_)
        passed = np.atleast_1d(np.asarray(passed, dtype=np.float64))
        horizon = float(discount.edges_days(horizon_days)[-1])
        stays, found = np.ones(passed.size), np.zeros(passed.size)
        for ahead in range(1, int(horizon / self.days_per_unit_ * (1 + 1e-12)) + 1):
            stays = stays * (beta + passed + ahead - 1.0) / (alpha + beta + passed + ahead - 1.0)
            found += stays * np.exp(-discount.decay_per_day * self.days_per_unit_ * ahead)
        return found


def _terms(parameters: Sequence[Value], columns: Columns) -> Terms:
    """Return ln B(α + ended, β + t - ended) - ln B(α, β) with derivatives; α 0, β 1."""
    periods, ended = columns
    alpha, beta = parameters
    a, b, both = alpha + ended, beta + periods - ended, alpha + beta + periods
    base, psi = special.psi(alpha + beta), special.psi(both)
    bend, tri = special.zeta(2.0, alpha + beta), special.zeta(2.0, both)
    return Terms(
        special.betaln(a, b) - special.betaln(alpha, beta),
        {
            0: special.psi(a) - psi - special.psi(alpha) + base,
            1: special.psi(b) - psi - special.psi(beta) + base,
        },
        {
            (0, 0): special.zeta(2.0, a) - tri - special.zeta(2.0, alpha) + bend,
            (0, 1): bend - tri,
            (1, 1): special.zeta(2.0, b) - tri - special.zeta(2.0, beta) + bend,
        },
    )
