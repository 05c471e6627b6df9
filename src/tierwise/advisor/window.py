"""How far back to look: the analysis window that the gaps between purchases suggest.

A window is to hold the next purchase of a customer who comes back: one that is too short takes regulars for newcomers,
one that is too long counts what is long over. A gap is the days between two purchases of one customer; orders of one day
are one purchase. A window of w days holds a gap g if g < w. Suggested is

    the shortest of STANDARD_DAYS that holds COVERED_PERCENT of all gaps, and two median gaps one after the other

Limits: gaps longer than the data cannot be seen, so a short history makes windows look long enough that are not; the
rule asks nothing of seasons. With fewer than FEWEST_GAPS gaps it says nothing.

Example:
    >>> suggested_window({10: 50, 25: 40, 80: 10}, span_days=400).window_days
    30
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tierwise.advisor.history import lower_median, visit_steps
from tierwise.engine.base import Engine
from tierwise.engine.plans import run_plan
from tierwise.language import Text

STANDARD_DAYS = (30, 60, 90, 180, 365, 730)
COVERED_PERCENT = 90
FEWEST_GAPS = 30


@dataclass(frozen=True, slots=True)
class Window:
    """A suggestion. `window_days` is None where all time should count; `within` says of each standard length which share
    of the `gaps` it holds, in per cent.
    """

    window_days: int | None
    gaps: int
    median_gap_days: int | None
    span_days: int
    within: tuple[tuple[int, float], ...]
    why: Text


def suggested_window(gaps: Mapping[int, int], span_days: int) -> Window:
    """The window for gaps that are given with how often each occurs, in data of `span_days` days."""
    total, median = sum(gaps.values()), lower_median(gaps)
    held = {days: sum(times for gap, times in gaps.items() if gap < days) for days in STANDARD_DAYS}
    within = tuple((days, 100 * held[days] / total) for days in STANDARD_DAYS) if total else ()
    if median is None or total < FEWEST_GAPS:
        return Window(None, total, median, span_days, within, _TOO_FEW.fill(gaps=f"{total:,}", least=FEWEST_GAPS))
    enough = (days for days in STANDARD_DAYS if 100 * held[days] >= COVERED_PERCENT * total and days > 2 * median)
    days = next(enough, None)
    if days is None:
        share = f"{100 * held[STANDARD_DAYS[-1]] / total:.0f}"
        why = _LONG.fill(median=median, share=share, longest=STANDARD_DAYS[-1])
        return Window(None, total, median, span_days, within, why)
    words = _REASON if days <= span_days else _REASON_SHORT
    why = words.fill(days=days, share=f"{100 * held[days] / total:.0f}", median=median, span=f"{span_days:,}")
    return Window(days, total, median, span_days, within, why)


_TOO_FEW = Text(
    "only {gaps} repeat purchases, and {least} are needed to say how often customers come back: let all time count",
    "仅有 {gaps} 次复购，至少需要 {least} 次才能判断回购周期：暂按全部时间统计",
)
_LONG = Text(
    "customers come back rarely (after {median} days in the median; {longest} days hold {share}% of repeat purchases): "
    "let all time count",
    "回购间隔较长（中位数 {median} 天，{longest} 天内的复购占 {share}%）：请按全部时间统计",
)
_REASON = Text(
    "{share}% of repeat purchases come within {days} days of the purchase before, half of them within {median}",
    "{share}% 的复购发生在上次购买后 {days} 天内，其中一半在 {median} 天内",
)
_REASON_SHORT = Text(
    "{share}% of repeat purchases come within {days} days of the purchase before, half of them within {median}; "
    "the data span {span} days, so all of it counts for now",
    "{share}% 的复购发生在上次购买后 {days} 天内，其中一半在 {median} 天内；数据仅覆盖 {span} 天，目前全部计入",
)


def window_of(engine: Engine, first: date, last: date) -> Window:
    """The window that the attached table `orders` suggests, whose sales lie between two days."""
    run_plan(engine, visit_steps(last))
    gaps = {int(row["gap_days"]): int(row["times"]) for row in engine.records("gaps", "SELECT * FROM advisor_gaps")}
    return suggested_window(gaps, (last - first).days + 1)
