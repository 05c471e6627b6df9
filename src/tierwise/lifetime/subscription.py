"""Subscriptions: every order is a payment for one period, so that leaving is seen. sBG says how long they stay.

The period is the month, week or year that most gaps between payments are close to (`rhythm`). Of a customer with
payments over `t_x` days, round(t_x / period) renewals were passed; whoever is more than `GRACE` periods late has refused
the next one. Whoever left and came back counts as never having left.

Contract or no contract is inferred where it is not said: a subscription is when at least `REGULAR_SHARE` of the gaps
lie within `TOLERANCE` of one period's length, and there are at least `ENOUGH_GAPS` of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tierwise.clv.discount import NO_DISCOUNT, Discount
from tierwise.clv.holdout import HoldoutReport, judge
from tierwise.clv.intervals import Interval, normal_draws, normal_quantile
from tierwise.clv.sbg import SBG, Subscriptions
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise.lifetime.histories import Histories
from tierwise.lifetime.question import TimeUnit
from tierwise.lifetime.scoring import Scores

Floats = NDArray[np.float64]

REGULAR_SHARE = 0.8
TOLERANCE = 0.12
ENOUGH_GAPS = 20
GRACE = 1.5
DRAWS = 400

SEEN_AS_SUBSCRIPTION = ErrorKind(
    "lifetime.seen_as_subscription",
    Family.DATA,
    what=Text(
        "{share:.0%} of the gaps between orders are about one {unit}: taken for a subscription, with sBG",
        "{share:.0%} 的订单间隔约为一个{unit}：按订阅业务处理，使用 sBG",
    ),
    cause=Text("payments that come like clockwork are renewals", "像钟表一样规律的付款就是续费"),
    cure=Text("--contract none treats the customers as a shop's", "如为零售业务，请加 --contract none"),
)
NO_RHYTHM = ErrorKind(
    "lifetime.no_rhythm",
    Family.DATA,
    what=Text("no period can be told from the payments", "从付款中看不出续费周期"),
    cause=Text("nobody paid twice", "没有客户付款两次"),
    cure=Text(
        "a subscription needs payments over two periods at least, or use --contract none",
        "订阅业务至少需要跨两个周期的付款；否则请用 --contract none",
    ),
)
SEEN_AS_SHOP = ErrorKind(
    "lifetime.irregular_subscription",
    Family.DATA,
    what=Text("only {share:.0%} of the gaps are about one {unit}", "只有 {share:.0%} 的间隔约为一个{unit}"),
    cause=Text(
        "many payments come early, late, or not every period: sBG reads a late payment as leaving",
        "许多付款提前、推迟或跳期：sBG 会把晚付当作流失",
    ),
    cure=Text("check the payments, or use --contract none", "请检查付款数据，或使用 --contract none"),
)

_PERIOD_NAMES = {
    TimeUnit.WEEKS: Text("week", "周"),
    TimeUnit.MONTHS: Text("month", "月"),
    TimeUnit.YEARS: Text("year", "年"),
}


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The period of most payments, and the share of gaps that keep it."""

    unit: TimeUnit
    share: float
    gaps: float

    @property
    def regular(self) -> bool:
        """Whether payments this regular are renewals."""
        return self.share >= REGULAR_SHARE and self.gaps >= ENOUGH_GAPS

    @property
    def words(self) -> dict[str, Any]:
        """What texts about it are filled with."""
        return {"share": self.share, "unit": _PERIOD_NAMES[self.unit]}


def rhythm(histories: Histories) -> Rhythm:
    """Return the period that most gaps are close to; raises `lifetime.no_rhythm` where there is no gap."""
    assert histories.gaps is not None
    gap, pairs, _ = histories.gaps
    total = float(pairs.sum())
    if not total:
        raise NO_RHYTHM.error()
    shares = {
        unit: float(pairs[np.abs(gap * histories.days_per_tick / unit.days - 1.0) <= TOLERANCE].sum()) / total
        for unit in _PERIOD_NAMES
    }
    best = max(shares, key=lambda unit: shares[unit])
    return Rhythm(best, shares[best], total)


def subscriptions(histories: Histories, period_days: float, *, calibration: bool = False) -> Subscriptions:
    """Return renewals passed or refused of every subscriber, a row each in the order of the histories."""
    suffix, until = ("_cal", histories.span.calibration_until) if calibration else ("", histories.span.until)
    rows = histories.calibrated if calibration else slice(None)
    first, last = histories.columns["first_tick"][rows], histories.columns[f"last_tick{suffix}"][rows]
    assert until is not None
    days = histories.days_per_tick
    passed = np.rint((last - first) * days / period_days)
    ended = ((until - last) * days > GRACE * period_days).astype(np.float64)
    return Subscriptions(passed + ended, ended, days_per_unit=period_days)


def expected_payments(model: SBG, who: Subscriptions, horizon_days: float, discount: Discount) -> Floats:
    """Return discounted payments to come of each subscriber; 0 of those who left."""
    levels, inverse = np.unique(who.periods, return_inverse=True)
    found: Floats = model.expected_renewals(levels, horizon_days, discount)[inverse] * (1.0 - who.ended)
    return found


def judge_subscriptions(model: SBG, who: Subscriptions, histories: Histories) -> HoldoutReport:
    """Compare expected with actual payments of the hold-out period."""
    expected = expected_payments(model, who, histories.holdout_days, NO_DISCOUNT)
    return judge(expected, histories.holdout_orders())


def total_value_interval(
    model: SBG,
    who: Subscriptions,
    payment: Floats,
    horizon_days: float,
    discount: Discount,
    level: float,
    seed: int = 0,
) -> Interval:
    """Return the total value with bounds: parameters drawn from their normal approximation, chance by its variance."""
    total = float(np.einsum("i,i->", expected_payments(model, who, horizon_days, discount), payment))
    draws = [model.with_coordinates(at) for at in normal_draws(model, DRAWS, seed)]
    totals = np.array(
        [float(np.einsum("i,i->", expected_payments(m, who, horizon_days, discount), payment)) for m in draws]
    )
    variance = float(totals.var()) + _chance(model, who, payment, horizon_days, discount)
    reach = normal_quantile(level) * float(np.sqrt(variance)) / total if total else 0.0
    return Interval(total * float(np.exp(-reach)), total, total * float(np.exp(reach)))


def _chance(model: SBG, who: Subscriptions, payment: Floats, horizon_days: float, discount: Discount) -> float:
    """Return the variance of the total by chance: that of each one's discounted number of renewals, exactly.

    With D_h the discounted worth of h renewals,  E[D²] = Σ_h (D_h² - D_{h-1}²) P(at least h).
    """
    period = who.days_per_unit
    levels, inverse = np.unique(who.periods, return_inverse=True)
    horizon = float(discount.edges_days(horizon_days)[-1])
    alpha, beta = np.exp(model.coordinates_)
    stays, mean, square, worth = np.ones(levels.size), np.zeros(levels.size), np.zeros(levels.size), 0.0
    for ahead in range(1, int(horizon / period * (1 + 1e-12)) + 1):
        stays = stays * (beta + levels + ahead - 1.0) / (alpha + beta + levels + ahead - 1.0)
        before, worth = worth, worth + float(np.exp(-discount.decay_per_day * period * ahead))
        mean += (worth - before) * stays
        square += (worth**2 - before**2) * stays
    each = (square - mean**2)[inverse] * (1.0 - who.ended)
    return float(np.einsum("i,i->", each, payment**2))


def subscriber_scores(
    model: SBG, who: Subscriptions, histories: Histories, payment: Floats, horizon_days: float, discount: Discount
) -> Scores:
    """Score subscribers: those who left are worth nothing more, the others their payments to come.

    The next payment is due one period after the last one.
    """
    orders = expected_payments(model, who, horizon_days, NO_DISCOUNT)
    worth = expected_payments(model, who, horizon_days, discount) * payment
    unknown = np.full(len(histories), np.nan)
    silent = (histories.span.until - histories.columns["last_tick"]) * histories.days_per_tick
    return Scores(
        p_alive=1.0 - who.ended,
        expected_orders=orders,
        orders_low=unknown,
        orders_high=unknown,
        next_order_days=np.where(who.ended > 0, np.inf, np.maximum(who.days_per_unit - silent, 0.0)),
        spend=histories.own_mean(),
        value=worth,
        worth_per_order=np.divide(worth, orders, out=np.zeros_like(worth), where=orders > 0),
    )
