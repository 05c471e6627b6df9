"""Data that no model can read: found before a fit, all together, each with its first row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tierwise.errors import ErrorKind, Family, Place, Problem, raise_all
from tierwise.language import Text

if TYPE_CHECKING:
    from tierwise.clv.summary import Summary

LENGTHS_DIFFER = ErrorKind(
    "clv.lengths_differ",
    Family.DATA,
    what=Text("{name} has {found} values for {expected} customers", "“{name}”有 {found} 个值，而客户有 {expected} 位"),
    cause=Text("every column of a summary must describe the same customers", "汇总表的每一列必须对应同一批客户"),
    cure=Text(
        "build the columns from one table, without filtering one of them", "请用同一张表生成各列，不要单独过滤某一列"
    ),
)
NO_CUSTOMERS = ErrorKind(
    "clv.no_customers",
    Family.DATA,
    what=Text("there are no customers", "没有任何客户"),
    cause=Text("no order falls on or before the as-of date", "在截止日期当天及之前没有任何订单"),
    cure=Text("move the as-of date later or check the order dates", "请把截止日期后移，或检查订单日期"),
)
NOT_FINITE = ErrorKind(
    "clv.not_finite",
    Family.DATA,
    what=Text("{name} is missing or infinite for {count} rows", "“{name}”有 {count} 行缺失或为无穷大"),
    cause=Text("a division by zero or a missing value upstream", "上游出现了除以零或缺失值"),
    cure=Text("drop or correct these rows before the summary is made", "请在生成汇总之前删除或修正这些行"),
)
NEGATIVE_TIME = ErrorKind(
    "clv.negative_time",
    Family.DATA,
    what=Text("{name} is negative for {count} rows", "“{name}”有 {count} 行为负数"),
    cause=Text(
        "the last order lies before the first, or the first after the as-of date",
        "末次下单早于首次下单，或首次下单晚于截止日期",
    ),
    cure=Text("check the order dates and the as-of date", "请检查订单日期和截止日期"),
)
NOT_A_COUNT = ErrorKind(
    "clv.not_a_count",
    Family.DATA,
    what=Text("x is not a whole number of repeat orders for {count} rows", "x 有 {count} 行不是非负整数（复购次数）"),
    cause=Text("x counts repeat orders; it is not a rate or an amount", "x 是复购次数，不是比率或金额"),
    cure=Text("give the number of order days after the first one", "请填写首单之后有下单的天数"),
)
LAST_ORDER_TOO_LATE = ErrorKind(
    "clv.last_order_too_late",
    Family.DATA,
    what=Text("t_x is greater than T for {count} rows", "t_x 大于 T 的有 {count} 行"),
    cause=Text("an order after the end of the observation was counted", "统计进了观察期结束之后的订单"),
    cure=Text(
        "cut the orders at the as-of date, and measure t_x and T from the first order in one unit",
        "请按截止日期截断订单，并以首单为起点、用同一时间单位计算 t_x 与 T",
    ),
)
REPEAT_WITHOUT_TIME = ErrorKind(
    "clv.repeat_without_time",
    Family.DATA,
    what=Text("x is above 0 but t_x is 0 for {count} rows", "x 大于 0 而 t_x 为 0 的有 {count} 行"),
    cause=Text("orders of one day were counted as repeat orders", "同一天的多笔订单被算成了复购"),
    cure=Text("merge the orders of a customer on one day into one", "请把同一客户同一天的订单合并为一笔"),
)
TIME_WITHOUT_REPEAT = ErrorKind(
    "clv.time_without_repeat",
    Family.DATA,
    what=Text("x is 0 but t_x is above 0 for {count} rows", "x 为 0 而 t_x 大于 0 的有 {count} 行"),
    cause=Text(
        "t_x was measured up to the as-of date, or x counts something else",
        "t_x 被算到了截止日期，或 x 统计的是别的内容",
    ),
    cure=Text(
        "t_x runs from the first to the last order: 0 for one-time buyers", "t_x 是首单到末单的时间，一次性买家为 0"
    ),
)
BAD_WEIGHT = ErrorKind(
    "clv.bad_weight",
    Family.DATA,
    what=Text("the weight is not above 0 for {count} rows", "权重不大于 0 的有 {count} 行"),
    cause=Text("a weight is the number of customers that a row stands for", "权重表示一行代表多少位客户"),
    cure=Text("leave out rows that stand for nobody", "请去掉不代表任何客户的行"),
)
BAD_UNIT = ErrorKind(
    "clv.bad_unit",
    Family.USAGE,
    what=Text("{value} is not a length of the time unit in days", "{value} 不是有效的时间单位（天数）"),
    cause=Text("days_per_unit must be a number above 0", "days_per_unit 必须是大于 0 的数"),
    cure=Text("1 for days, 7 for weeks, 365.25 for years", "按天填 1，按周填 7，按年填 365.25"),
)


def check_summary(summary: Summary) -> None:
    """Raise all that is wrong with the columns of a summary, together."""
    if not (np.isfinite(summary.days_per_unit) and summary.days_per_unit > 0):
        raise BAD_UNIT.error(value=summary.days_per_unit)
    raise_all(list(_wrong_lengths(summary)))
    if len(summary) == 0:
        raise NO_CUSTOMERS.error()
    raise_all(list(_not_finite(summary)))
    raise_all(list(_contradictions(summary)))


def _columns(summary: Summary) -> Iterator[tuple[str, NDArray[np.float64]]]:
    for name in ("x", "t_x", "age", "weight", "mean_spend", "log_gaps"):
        column = getattr(summary, name)
        if column is not None:
            yield name, column
    yield from summary.covariates.items()


def _wrong_lengths(summary: Summary) -> Iterator[Problem]:
    for name, column in _columns(summary):
        if column.shape != (len(summary),):
            yield LENGTHS_DIFFER.problem(name=name, found=column.size, expected=len(summary))


def _not_finite(summary: Summary) -> Iterator[Problem]:
    for name, column in _columns(summary):
        bad = ~np.isfinite(column)
        if name == "mean_spend":
            bad &= summary.x > 0
        yield from _first(NOT_FINITE, bad, column, name)


def _contradictions(summary: Summary) -> Iterator[Problem]:
    x, t_x, age = summary.x, summary.t_x, summary.age
    yield from _first(NEGATIVE_TIME, t_x < 0, t_x, "t_x")
    yield from _first(NEGATIVE_TIME, age < 0, age, "T")
    yield from _first(NOT_A_COUNT, (x < 0) | (x != np.floor(x)), x, "x")
    yield from _first(LAST_ORDER_TOO_LATE, t_x > age * (1 + 1e-12), t_x, "t_x")
    yield from _first(REPEAT_WITHOUT_TIME, (x > 0) & (t_x == 0), x, "x")
    yield from _first(TIME_WITHOUT_REPEAT, (x == 0) & (t_x > 0), t_x, "t_x")
    yield from _first(BAD_WEIGHT, summary.weight <= 0, summary.weight, "weight")


def _first(kind: ErrorKind, bad: NDArray[np.bool_], column: NDArray[np.float64], name: str) -> Iterator[Problem]:
    count = int(bad.sum())
    if count:
        row = int(bad.argmax())
        yield kind.problem(Place(row=row + 1, column=name, value=f"{column[row]:g}"), name=name, count=count)
