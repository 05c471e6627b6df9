"""What the charts of a report draw, as plain rows: lists of dictionaries of numbers, dates as ISO text."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tierwise.clv.count_model import CountModel
from tierwise.clv.holdout import expected_tracking
from tierwise.lifetime.clock import occasions
from tierwise.lifetime.forecast import Forecast
from tierwise.lifetime.question import TimeUnit
from tierwise.lifetime.reading import Shop
from tierwise.lifetime.steps import CUSTOMERS_TABLE, DAYS_TABLE
from tierwise.sql.steps import Step

Row = dict[str, Any]
Floats = NDArray[np.float64]

MOST_PERIODS = 156
EVEN_CHANCE = 0.5


def value_distribution(forecast: Forecast, bins: int = 30) -> list[Row]:
    """Customers and value between round amounts up to the 99th percentile; the last bin takes the rest.

    Zero is always an edge, so that who is expected to cost money stands apart. At most `bins` and two bins.
    Columns: low, high (None: open), customers, value.
    """
    value = forecast.scores.value
    edges = round_edges(float(min(value.min(), 0.0)), float(np.quantile(value, 0.99)), bins)
    bins = len(edges) - 1
    place = np.clip(np.searchsorted(edges, value, side="right") - 1, 0, bins - 1)
    customers, worth = np.bincount(place, minlength=bins), np.bincount(place, value, bins)
    return [
        {
            "low": float(edges[i]), "high": float(edges[i + 1]) if i < bins - 1 else None,
            "customers": int(customers[i]), "value": float(worth[i]),
        }
        for i in range(bins)
    ]  # fmt: skip


def round_edges(low: float, top: float, bins: int) -> Floats:
    """Edges from at or below `low` to at or above `top`, each a multiple of one round step: 1, 2 or 5 times ten to some power,
    a cent at least."""
    span = max(top - low, 0.01 * bins)
    power = 10.0 ** np.floor(np.log10(span / bins))
    digits = max(0, -int(np.floor(np.log10(span / bins))))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor * bins >= span * (1 - 1e-9))
    first, last = int(np.floor(low / step + 1e-9)), int(np.ceil(top / step - 1e-9))
    edges: Floats = np.round(np.arange(first, max(last, first + 1) + 1) * step, digits)
    return edges


def alive_map(forecast: Forecast, most_orders: int = 20, steps: int = 20) -> list[Row]:
    """Mean P(alive) by repeat orders and by time since the last one, for the frequency–recency map.

    Columns: x (the last is `most_orders` and more), silent_low and silent_high (in the unit), customers, p_alive,
    expected_orders. Cells without customers are left out.
    """
    summary, scores = forecast.summary, forecast.scores
    silent = summary.age - summary.t_x
    width = max(float(silent.max()), 1e-9) / steps
    across = np.minimum((silent / width).astype(np.int64), steps - 1)
    x = np.minimum(summary.x, most_orders).astype(np.int64)
    cell = x * steps + across
    size = np.bincount(cell)
    alive, orders = np.bincount(cell, scores.p_alive), np.bincount(cell, scores.expected_orders)
    return [
        {
            "x": int(i // steps), "silent_low": float(i % steps * width), "silent_high": float((i % steps + 1) * width),
            "customers": int(size[i]), "p_alive": float(alive[i] / size[i]),
            "expected_orders": float(orders[i] / size[i]),
        }
        for i in np.flatnonzero(size)
    ]  # fmt: skip


def calibration_bands(forecast: Forecast) -> list[Row]:
    """Tenths of customers by rising forecast of the hold-out: customers, expected_mean, actual_mean (orders)."""
    if forecast.orders is None:
        return []
    return [
        {"band": place, "customers": b.customers, "expected_mean": b.expected_mean, "actual_mean": b.actual_mean}
        for place, b in enumerate(forecast.orders.bands, start=1)
    ]


def tracking(forecast: Forecast) -> list[Row]:
    """Cumulative repeat orders of everyone, actual beside expected, period by period since the first order.

    Columns: end (date), actual, expected, held_out (whether the model had not seen the period). Periods are of the
    forecast's unit, or of several where there would be more than `MOST_PERIODS`. Subscriptions have none.
    """
    model, histories = forecast.model, forecast.histories
    if not isinstance(model, CountModel):
        return []
    orders, firsts = forecast.daily
    if not orders or forecast.summary.covariates:
        return []
    start, unit = int(orders[0]["tick"]), forecast.unit.days
    days = (histories.span.until - start + 1) * histories.days_per_tick
    step = unit * max(int(np.ceil(days / unit / MOST_PERIODS)), 1)
    if histories.span.clock.starts:
        step = max(step, histories.days_per_tick)
    periods = int(days / step * (1 + 1e-12))
    if not periods:
        return []
    ends = step * np.arange(1.0, periods + 1.0)
    actual = _cumulative(orders, "orders", start, histories.days_per_tick, ends)
    actual -= _cumulative(firsts, "customers", start, histories.days_per_tick, ends)
    expected = expected_tracking(model, forecast.summary, period_days=step, periods=periods)
    clock = histories.span.clock
    last = [clock.last_day(start + int(np.ceil(end / histories.days_per_tick - 1e-9)) - 1) for end in ends]
    return [
        {
            "end": str(last[i]), "actual": float(actual[i]), "expected": float(expected[i]),
            "held_out": last[i] > forecast.learnt_until,
        }
        for i in range(periods)
    ]  # fmt: skip


def _cumulative(rows: list[Row], column: str, start: int, days_per_tick: float, ends: Floats) -> Floats:
    ticks = np.array([(int(row["tick"]) - start) * days_per_tick for row in rows])
    total = np.r_[0.0, np.cumsum([float(row[column]) for row in rows])]
    found: Floats = total[np.searchsorted(ticks, ends - 1e-9, side="left")]
    return found


def cohort_triangle(shop: Shop, forecast: Forecast) -> list[Row]:
    """Retention and revenue by cohort: the month of the first order against months since.

    Columns: cohort (first day of the month), months_since, customers of the cohort with an order in the month,
    revenue (net, all of the cohort), cohort_customers. One more look at the days the engine still keeps. For BG/BB
    both months are occasions.
    """
    span = forecast.histories.span
    clock = span.clock
    if clock.starts:
        first, later, months = "h.first_tick", "d.tick", None
    else:
        begin = clock.day(int(forecast.histories.columns["first_tick"].min()))
        months = occasions(TimeUnit.MONTHS, begin, forecast.as_of)
        ticks = [clock.tick(day) for day in months.starts]
        first, later = (_place(ticks, column) for column in ("h.first_tick", "d.tick"))
    customers = "COUNT(DISTINCT CASE WHEN d.is_order = 1 THEN d.customer_id END)"
    shop.engine.run(
        Step(
            "lifetime_cohorts",
            f"SELECT {first} AS cohort, {later} - {first} AS since, {customers} AS customers, "
            f"CAST(SUM(d.money) AS DECIMAL(18, 2)) AS revenue FROM {DAYS_TABLE} AS d "
            f"JOIN {CUSTOMERS_TABLE} AS h ON d.customer_id = h.customer_id WHERE d.tick >= h.first_tick "
            f"GROUP BY {first}, {later} - {first}",
        )
    )
    rows = sorted(shop.rows("lifetime_cohorts"), key=lambda row: (int(row["cohort"]), int(row["since"])))
    size = {int(row["cohort"]): int(row["customers"]) for row in rows if int(row["since"]) == 0}
    return [
        {
            "cohort": str((months or clock).day(int(row["cohort"]))), "months_since": int(row["since"]),
            "customers": int(row["customers"]), "revenue": float(row["revenue"]),
            "cohort_customers": size[int(row["cohort"])],
        }
        for row in rows
    ]  # fmt: skip


def _place(ticks: list[int], column: str) -> str:
    """The month, from 1, of a tick of days as SQL."""
    cases = " ".join(f"WHEN {column} >= {tick} THEN {place}" for place, tick in reversed(list(enumerate(ticks, 1))))
    return f"CAST(CASE {cases} ELSE 0 END AS BIGINT)"


def survival(forecast: Forecast, group: NDArray[Any] | None = None) -> list[Row]:
    """Kaplan–Meier curves of how long customers stay, one per group (a tier), or one of all.

    A customer with P(alive) below one half counts as lost at the last order; the others are still there when the
    observation ends. Columns: group, days since the first order, survival (share), at_risk (customers). `group` has
    a value per customer in the order of the histories.
    """
    histories, scores = forecast.histories, forecast.scores
    lost = scores.p_alive < EVEN_CHANCE
    first, last = histories.columns["first_tick"], histories.columns["last_tick"]
    days = (np.where(lost, last, histories.span.until) - first) * histories.days_per_tick
    names = np.full(len(histories), "all") if group is None else np.asarray(group)
    return [
        {"group": str(name), **row}
        for name in np.unique(names)
        for row in _kaplan_meier(days[names == name], lost[names == name])
    ]


def _kaplan_meier(days: Floats, lost: NDArray[np.bool_]) -> list[Row]:
    """The product over days with losses of 1 - lost / at risk, from day 0 at 1."""
    levels, place = np.unique(days, return_inverse=True)
    left, losses = np.bincount(place), np.bincount(place, lost)
    at_risk = days.size - np.r_[0, np.cumsum(left)[:-1]]
    share = np.cumprod(1.0 - losses / at_risk)
    shown = np.flatnonzero(losses > 0)
    start = [{"days": 0.0, "survival": 1.0, "at_risk": int(days.size)}]
    return start + [{"days": float(levels[i]), "survival": float(share[i]), "at_risk": int(at_risk[i])} for i in shown]
