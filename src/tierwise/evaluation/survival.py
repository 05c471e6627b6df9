"""How long do customers stay in a tier? Kaplan-Meier over the label tables of several runs.

A stay begins with the run that first shows a customer in the tier and ends with the first run that shows it
elsewhere (or no longer at all); where the last run still shows it there, the stay is cut off (censored) at that day.
Stays that the first run already finds begun have no known start: they are left out, unless `with_first` takes the
first run as their start. Days are days between runs, so an end is known only to the run that showed it.

S(t) is the product over the days t_i <= t of 1 - d_i / n_i, with Greenwood's error and a log-log 95 % interval
(Kaplan & Meier 1958; Kalbfleisch & Prentice 1980). The median is the first day with S <= 1/2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, log, sqrt

from tierwise.learning.proportion import Z95
from tierwise.sql.expressions import days_between, literal
from tierwise.sql.steps import Plan, Step


@dataclass(frozen=True, slots=True)
class Point:
    """S just after `day`: at risk, ended and cut off on that day."""

    day: int
    at_risk: int
    ended: int
    cut_off: int
    survival: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The survival of one tier. `median_days` is None where more than half stay to the end."""

    tier: str
    stays: int
    points: tuple[Point, ...]

    @property
    def median_days(self) -> int | None:
        """The first day on which at most half are still there."""
        return next((point.day for point in self.points if point.survival <= 0.5), None)


def stay_steps(runs: Sequence[tuple[str, date]], with_first: bool = False) -> Plan:
    """Steps ending in `stays` (tier, days, ended, customers) from label tables in order of their days."""
    union = " UNION ALL ".join(
        f"SELECT customer_id, tier, {place} AS place, {literal(day)} AS day FROM {table}"
        for place, (table, day) in enumerate(runs)
    )
    last, last_day = len(runs) - 1, literal(runs[-1][1])
    days = " ".join(f"WHEN place = {place} THEN {literal(day)}" for place, (_, day) in enumerate(runs))
    window = "PARTITION BY customer_id ORDER BY place"
    marked = (
        "SELECT customer_id, tier, place, day, CASE WHEN LAG(tier) OVER (" + window + ") = tier "
        "AND LAG(place) OVER (" + window + ") = place - 1 THEN 0 ELSE 1 END AS starts FROM survival_seen"
    )
    numbered = "SELECT customer_id, tier, place, day, SUM(starts) OVER (" + window + ") AS stay FROM survival_marked"
    spans = (
        "SELECT customer_id, tier, MIN(day) AS since, MIN(place) AS first_place, MAX(place) AS last_place "
        "FROM survival_numbered GROUP BY customer_id, tier, stay"
    )
    shown_elsewhere = f"CASE {days.replace('place =', 'last_place + 1 =')} ELSE {last_day} END"
    ends = (
        f"SELECT tier, {days_between('since', shown_elsewhere)} AS days, "
        f"CASE WHEN last_place < {last} THEN 1 ELSE 0 END AS ended FROM survival_spans"
        f" WHERE {'TRUE' if with_first else 'first_place > 0'}"
    )
    counted = "SELECT tier, days, ended, COUNT(*) AS customers FROM survival_ends GROUP BY tier, days, ended"
    return (
        Step("survival_seen", union),
        Step("survival_marked", marked),
        Step("survival_numbered", numbered),
        Step("survival_spans", spans),
        Step("survival_ends", ends),
        Step("stays", counted, stored=True),
    )


def curves_of(rows: Sequence[Mapping[str, object]]) -> dict[str, Curve]:
    """The survival curve of every tier in the rows of `stays`."""
    tiers = sorted({str(row["tier"]) for row in rows})
    return {tier: kaplan_meier(tier, [_stay(row) for row in rows if row["tier"] == tier]) for tier in tiers}


def _stay(row: Mapping[str, object]) -> tuple[int, bool, int]:
    return int(str(row["days"])), bool(int(str(row["ended"]))), int(str(row["customers"]))


def kaplan_meier(tier: str, stays: Sequence[tuple[int, bool, int]]) -> Curve:
    """The curve of (days, ended, customers) counts; those cut off on a day still count as at risk on it."""
    total = at_risk = sum(customers for _, _, customers in stays)
    survival, variance, points = 1.0, 0.0, []
    for day in sorted({days for days, _, _ in stays}):
        ended = sum(n for days, over, n in stays if days == day and over)
        cut_off = sum(n for days, over, n in stays if days == day and not over)
        if ended:
            survival *= 1 - ended / at_risk
            variance += ended / (at_risk * (at_risk - ended)) if at_risk > ended else 0.0
        low, high = _interval(survival, variance)
        points.append(Point(day, at_risk, ended, cut_off, survival, low, high))
        at_risk -= ended + cut_off
    return Curve(tier, total, tuple(points))


def _interval(survival: float, variance: float) -> tuple[float, float]:
    """The log-log interval, which never leaves 0 to 1; at 1 and at 0 it is the point itself."""
    if survival in (0.0, 1.0):
        return survival, survival
    width = Z95 * sqrt(variance) / abs(log(survival))
    return survival ** exp(width), survival ** exp(-width)
