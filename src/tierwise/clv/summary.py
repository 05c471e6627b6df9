"""What the models need to know of a customer: how often, how long ago, for how long, how much.

| symbol | field | meaning |
|---|---|---|
| x | `x` | repeat orders: days with an order after the first one, a whole number ≥ 0 |
| t_x | `t_x` | time from the first to the last order, 0 where x = 0 |
| T | `age` | time from the first order to the end of the observation |
| m_x | `mean_spend` | mean amount per repeat order (ignored where x = 0) |

Times are in units of `days_per_unit` days, and every result is the same whatever the unit.
`t_x` is *not* the recency of an RFM table: that is `age - t_x`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tierwise.clv.checks import NO_CUSTOMERS, check_summary

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DENSE_KEYS, DENSE_PER_ROW = 4096, 16
"""Up to this many possible keys (and per row) distinct rows are found by a table instead of by sorting."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Sufficient statistics, a row per customer or per group of equal customers.

    Attributes:
        x, t_x, age: arrays of one length; see the table above.
        weight: customers that a row stands for (any positive number).
        mean_spend: money per repeat order, or None when only counts are modelled.
        log_gaps: sum of ln(time between consecutive orders), needed only to choose k of MBG/CNBD-k.
        covariates: what is known of a customer besides the orders, one array per name.
        days_per_unit: length of the time unit in days.
        merged: the rows are known to be distinct; set by `compress`.
        checked: the rows were checked when the summary they come from was made; never set by hand.

    Raises:
        TierwiseError: `clv.*`, all problems of the data together, each with the first row concerned.
    """

    x: Floats
    t_x: Floats
    age: Floats
    weight: Floats = field(default_factory=lambda: np.empty(0))
    mean_spend: Floats | None = None
    log_gaps: Floats | None = None
    covariates: Mapping[str, Floats] = field(default_factory=dict)
    days_per_unit: float = 1.0
    merged: bool = False
    checked: bool = False

    def __post_init__(self) -> None:
        for name in ("x", "t_x", "age", "weight", "mean_spend", "log_gaps"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, np.atleast_1d(np.asarray(value, dtype=np.float64)))
        if self.weight.size == 0:
            object.__setattr__(self, "weight", np.ones(self.x.size))
        columns = {name: np.asarray(column, dtype=np.float64) for name, column in self.covariates.items()}
        object.__setattr__(self, "covariates", columns)
        if not self.checked or len(self) == 0:
            check_summary(self)
            object.__setattr__(self, "checked", True)

    def __len__(self) -> int:
        return int(self.x.size)

    @property
    def customers(self) -> float:
        """How many customers all rows stand for."""
        return float(self.weight.sum())

    def total(self, values: Floats) -> float:
        """Return the sum over customers of a value per row."""
        return dot(self.weight, values)

    @property
    def order_rate(self) -> float:
        """Repeat orders per customer and unit of time, drawn slightly towards 1 so that it is never 0."""
        return (self.total(self.x) + 0.5) / (self.total(self.age) + 1.0)

    @property
    def repeat_customers(self) -> float:
        """How many customers came back at least once."""
        return float(self.weight[self.x > 0].sum())

    def in_unit(self, days_per_unit: float) -> Summary:
        """Return the same customers with times in another unit."""
        ratio = self.days_per_unit / days_per_unit
        if ratio == 1.0:
            return self
        gaps = None if self.log_gaps is None else self.log_gaps + self.x * np.log(ratio)
        return replace(self, t_x=self.t_x * ratio, age=self.age * ratio, log_gaps=gaps, days_per_unit=days_per_unit)

    def take(self, rows: Any) -> Summary:
        """Return the rows selected by an index or a mask."""
        return replace(
            self,
            x=self.x[rows],
            t_x=self.t_x[rows],
            age=self.age[rows],
            weight=self.weight[rows],
            mean_spend=None if self.mean_spend is None else self.mean_spend[rows],
            log_gaps=None if self.log_gaps is None else self.log_gaps[rows],
            covariates={name: column[rows] for name, column in self.covariates.items()},
            merged=False,
        )

    def with_weight(self, weight: ArrayLike) -> Summary:
        """Return the same rows standing for other numbers of customers."""
        return replace(self, weight=np.asarray(weight, dtype=np.float64), checked=False)

    def with_spend(self, mean_spend: ArrayLike) -> Summary:
        """Return the same customers with other mean amounts (margins, another currency)."""
        return replace(self, mean_spend=np.asarray(mean_spend, dtype=np.float64), checked=False)

    def compress(self) -> Compressed:
        """Merge rows that no count model can tell apart: equal (x, t_x, age) and covariates.

        Weights are added up, `log_gaps` averaged; `mean_spend` is left behind, since it is not shared.
        """
        if self.merged:
            return Compressed(self, np.arange(len(self)))
        columns = (self.age, self.x, self.t_x, *self.covariates.values())
        first, inverse = distinct(columns, self.days_per_unit)
        weight = add_up(inverse, self.weight, first.size)
        gaps = None
        if self.log_gaps is not None:
            gaps = add_up(inverse, self.weight * self.log_gaps, first.size) / weight
        summary = replace(
            self,
            x=self.x[first],
            t_x=self.t_x[first],
            age=self.age[first],
            weight=weight,
            mean_spend=None,
            log_gaps=gaps,
            covariates={name: column[first] for name, column in self.covariates.items()},
            merged=True,
        )
        return Compressed(summary, inverse)


@dataclass(frozen=True, slots=True)
class Compressed:
    """Distinct rows, and for every original row the distinct row that it became."""

    summary: Summary
    inverse: NDArray[np.intp]


def summarise(
    customer: ArrayLike,
    day: ArrayLike,
    amount: ArrayLike | None = None,
    *,
    as_of_day: int,
    days_per_unit: float = 1.0,
) -> tuple[NDArray[Any], Summary]:
    """Turn orders into a summary per customer, at the resolution of a day.

    Orders of one customer on one day count as one, their amounts added up. Orders after `as_of_day` are not
    seen, nor are customers who first ordered after it. Nothing is rounded to weeks.

    Args:
        customer: customer id of each order, any type that sorts.
        day: day number of each order (days since any date), whole numbers.
        amount: money of each order, or None.
        as_of_day: last day of the observation.
        days_per_unit: time unit of the summary in days; 7 for weeks.

    Returns:
        The sorted customer ids, and the summary in the same order.
    """
    days = np.asarray(day, dtype=np.int64)
    seen = days <= as_of_day
    if not seen.any():
        raise NO_CUSTOMERS.error()
    ids, owner = np.unique(np.asarray(customer)[seen], return_inverse=True)
    money = None if amount is None else np.asarray(amount, dtype=np.float64)[seen]
    owner, days, money = _merge_days(owner.astype(np.int64), days[seen], money)
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    ends = np.r_[starts[1:], owner.size] - 1
    x = (ends - starts).astype(np.float64)
    gaps = np.diff(days) / days_per_unit
    inside = np.r_[owner[1:] == owner[:-1]]
    log_gaps = add_up(owner[1:][inside], np.log(gaps[inside]), ids.size)
    mean_spend = None
    if money is not None:
        repeat = np.ones(owner.size, dtype=bool)
        repeat[starts] = False
        mean_spend = add_up(owner[repeat], money[repeat], ids.size) / np.maximum(x, 1.0)
    summary = Summary(
        x=x,
        t_x=(days[ends] - days[starts]) / days_per_unit,
        age=(as_of_day - days[starts]) / days_per_unit,
        mean_spend=mean_spend,
        log_gaps=log_gaps,
        days_per_unit=days_per_unit,
    )
    return ids, summary


def count_orders(customer: ArrayLike, day: ArrayLike, ids: NDArray[Any], *, after_day: int, until_day: int) -> Floats:
    """Count the days with an order in (after_day, until_day] for each of the sorted customer `ids`."""
    days, owners = np.asarray(day, dtype=np.int64), np.asarray(customer)
    inside = (days > after_day) & (days <= until_day)
    owners, days = owners[inside], days[inside]
    place = np.minimum(np.searchsorted(ids, owners), max(ids.size - 1, 0))
    known = ids[place] == owners
    span = until_day - after_day + 1
    distinct = np.unique(place[known].astype(np.int64) * span + (days[known] - after_day))
    return np.bincount(distinct // span, minlength=ids.size).astype(np.float64)


def dot(a: Floats, b: Floats) -> float:
    """Return Σ a·b on one thread: BLAS would start more for long columns, and wait for them on a busy machine."""
    return float(np.einsum("i,i->", a, b))


def add_up(codes: NDArray[Any], values: Floats, size: int) -> Floats:
    """Return the total of the values of each code from 0 to size - 1."""
    return np.bincount(codes, values, size).astype(np.float64, copy=False)


def _merge_days(owner: Ints, days: Ints, money: Floats | None) -> tuple[Ints, Ints, Floats | None]:
    """Sort by customer and day and add up the orders of one day."""
    order = np.lexsort((days, owner))
    owner, days = owner[order], days[order]
    new = np.r_[True, (owner[1:] != owner[:-1]) | (days[1:] != days[:-1])]
    if money is not None:
        money = np.add.reduceat(money[order], np.flatnonzero(new))
    return owner[new], days[new], money


def distinct(columns: Sequence[Floats], days_per_unit: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the first rows of the distinct combinations of columns, and each row's place among them."""
    key, size = np.zeros(columns[0].size, dtype=np.int64), 1
    for column in columns:
        codes, levels = _codes(column, days_per_unit)
        if size * levels >= 2**62:
            found, key = np.unique(key, return_inverse=True)
            size = found.size
        key, size = key * levels + codes, size * levels
    if size > DENSE_KEYS + DENSE_PER_ROW * key.size:
        return _sorted_apart(key, size)
    seen = np.zeros(size, dtype=bool)  # few possible keys: a table is faster than sorting
    seen[key] = True
    place = np.cumsum(seen, dtype=np.int32) - 1
    inverse = place[key]
    first = np.empty(int(place[-1]) + 1, dtype=np.int64)
    first[inverse[::-1]] = np.arange(key.size - 1, -1, -1)
    return first, inverse


def _sorted_apart(key: Ints, size: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return first rows and places of distinct keys below `size`, by sorting key and row as one number."""
    bits = int(key.size).bit_length()
    if size >= 2 ** (62 - bits):
        _, starts, groups = np.unique(key, return_index=True, return_inverse=True)
        return starts, groups
    packed = (key << bits) | np.arange(key.size)
    packed.sort()
    order, ranked = packed & ((1 << bits) - 1), packed >> bits
    new = np.ones(key.size, dtype=bool)
    np.not_equal(ranked[1:], ranked[:-1], out=new[1:])
    inverse = np.empty(key.size, dtype=np.int64)
    inverse[order] = np.cumsum(new) - 1
    return order[new], inverse


def _codes(column: Floats, days_per_unit: float) -> tuple[Ints, int]:
    """Return small integers that stand for the values, without sorting where they are whole days."""
    days = np.rint(column)
    whole = bool(np.array_equal(days, column))
    if not whole and days_per_unit != 1.0:
        days = np.rint(column * days_per_unit)
        whole = bool(np.all(np.abs(days / days_per_unit - column) <= 1e-12 * np.abs(column)))
    low, high = float(days.min(initial=0.0)), float(days.max(initial=0.0))
    if whole and high - low < 2**20:
        return (days - low).astype(np.int64), int(high - low) + 1
    levels, codes = np.unique(column, return_inverse=True)
    return codes.astype(np.int64), int(levels.size)
