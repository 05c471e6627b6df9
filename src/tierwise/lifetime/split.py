"""Where learning ends and judging begins.

The rule, where no day is given: the last third of the observation is held out, but no more than the horizon, for a
forecast is judged over what it is used for. Without a customer to learn from, or fewer than `SHORTEST_DAYS` to judge
by, nothing is held out, and that is said.
"""

from __future__ import annotations

from datetime import date, timedelta

from tierwise.clv.diagnostics import Finding, Severity
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

SHORTEST_DAYS = 28

OUTSIDE = ErrorKind(
    "lifetime.calibration_outside",
    Family.USAGE,
    what=Text(
        "the calibration cannot end on {day}: orders run from {first} to {last}",
        "校准期不能止于 {day}：订单时间为 {first} 至 {last}",
    ),
    cause=Text(
        "models learn up to that day and are judged on what follows, so it must lie inside the data",
        "模型学习到这一天，并用其后的数据评判，因此它必须落在数据范围之内",
    ),
    cure=Text(
        "choose a day from {first} to before {last}, or leave --calibration-end out to have one found",
        "请选择 {first} 至 {last} 之前的日期，或省略 --calibration-end 由程序自动选取",
    ),
)
AS_OF_EARLY = ErrorKind(
    "lifetime.as_of_before_first_order",
    Family.DATA,
    what=Text("no customer has ordered by {as_of}", "截至 {as_of} 没有客户下单"),
    cause=Text("the first sale is on {first}", "第一笔成交在 {first}"),
    cure=Text("choose a later --as-of, or leave it out", "请选择更晚的 --as-of，或省略"),
)
FOUND = ErrorKind(
    "lifetime.holdout_found",
    Family.DATA,
    what=Text(
        "judged on the {days} days after {day}, then learnt from everything to {last}",
        "用 {day} 之后的 {days} 天评判，再用截至 {last} 的全部数据学习",
    ),
    cause=Text(
        "the last third of the observation is held out, at most the horizon", "留出观察期的最后三分之一，且不超过预测期"
    ),
    cure=Text("--calibration-end sets the day", "可用 --calibration-end 指定日期"),
)
TOO_SHORT = ErrorKind(
    "lifetime.no_holdout",
    Family.DATA,
    what=Text("no forecast could be judged: the orders span {days} days", "无法评判预测：订单只跨越 {days} 天"),
    cause=Text(
        "a third of it is less than {needed} days, too little to see customers come back",
        "其三分之一不足 {needed} 天，看不到客户回购",
    ),
    cure=Text("take the values as untested until there is more history", "在积累更多历史之前，请把结果视为未经检验"),
)


def found_split(first: date, last: date, horizon_days: float) -> tuple[date | None, Finding]:
    """Return the day the stated rule finds, or None, and what to say about it."""
    span = (last - first).days
    held_out = int(min(span // 3, horizon_days))
    if held_out < SHORTEST_DAYS:
        return None, Finding.of(Severity.WARNING, TOO_SHORT.problem(days=span, needed=SHORTEST_DAYS))
    day = last - timedelta(days=held_out)
    return day, Finding.of(Severity.NOTE, FOUND.problem(days=held_out, day=day, last=last))


def check_split(day: date, first: date, last: date) -> None:
    """Raise `lifetime.calibration_outside` unless something lies on both sides of the day."""
    if not first <= day < last:
        raise OUTSIDE.error(day=day, first=first, last=last)
