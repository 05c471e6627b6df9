"""What a page about lifetime value shows: plain figures and rows, whoever computed them.

Money is in `currency`, in the basis that `profit` says; shares are from 0 to 1; times of `unit` unless named days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tierwise.contracts.run_view import InputView
from tierwise.language import Text

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ReadInput:
    """One input: the table it filled, where it came from, and its fingerprint."""

    table: str
    source: str
    sha256: str
    rows_read: int
    rows_used: int


@dataclass(frozen=True, slots=True)
class Parameter:
    """One fitted parameter; `error` is its standard error, None where it has none."""

    name: str
    value: float
    error: float | None


@dataclass(frozen=True, slots=True)
class Fitted:
    """One fitted model. `customers` were learnt from."""

    label: Text
    parameters: tuple[Parameter, ...]
    log_likelihood: float
    customers: int


@dataclass(frozen=True, slots=True)
class Judged:
    """One model on the period it had not seen: orders expected of everyone, and errors per customer.

    `top_share` is the share of the value of that period that came from the tenth of customers forecast highest.
    Figures that do not exist are None.
    """

    label: Text
    taken: bool
    expected: float
    bias: float | None
    mae: float
    rmse: float
    rank_correlation: float | None
    top_share: float | None
    log_likelihood: float | None
    aic: float | None


@dataclass(frozen=True, slots=True)
class Holdout:
    """The period that judged the models, `days` long after `since`; `zero_*` are the errors of expecting nobody.

    `best_top_share` is the most that any ranking could have put into its best tenth.
    """

    since: date
    days: float
    actual: float
    zero_mae: float
    zero_rmse: float
    best_top_share: float | None
    models: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to know before a figure is used; `severity` is warning or info."""

    severity: str
    text: Text


@dataclass(frozen=True, slots=True)
class Total:
    """The value of everyone, and the bounds that hold it with probability `level`."""

    low: float
    expected: float
    high: float
    level: float


@dataclass(frozen=True, slots=True)
class ValueView:
    """All that a page about lifetime value shows.

    Attributes:
        unit: name of the unit of time.
        learnt_until: last day that the shown model learnt from.
        settings: the question, as plain data.
        simple: factors of the simple value: value, average_order, orders_per_year, lifetime_years, margin.
        distribution: low, high (None: open), customers, value; bins by rising value.
        tenths: tenth (1 is the best), customers, value, mean, and low and high: the mean of the customers' own
            bounds, None where none were computed.
        alive: x (repeat orders; those at `alive_cap` stand for that many and more), silent_low, silent_high,
            customers, p_alive, expected_orders.
        bands: band, customers, expected_mean, actual_mean; by rising forecast.
        tracking: end (ISO date), actual, expected, held_out; cumulative repeat orders.
        cohorts: cohort (ISO date), months_since, customers, revenue, cohort_customers; by cohort and month.
        survival: group, days, survival, at_risk; `groups` names the groups in order.
        channels: channel, customers, cost_per_customer, value_per_customer, value_to_cost, payback_days.
        quality, mapping: quality card as JSON, and source columns by field by table.
    """

    as_of: date
    learnt_until: date
    calculated_at: datetime
    data_version: str
    engine: str
    versions: Mapping[str, str]
    currency: str | None
    profit: bool
    subscription: bool
    unit: Text
    horizon_days: float
    discount_annual: float
    settings: Mapping[str, Any]
    model: Fitted
    spend: Fitted | None
    holdout: Holdout | None
    remarks: Sequence[Remark]
    customers: int
    repeat_customers: int
    expected_orders: float
    total: Total
    simple: Mapping[str, float]
    distribution: Rows
    tenths: Rows
    alive: Rows
    alive_cap: int
    bands: Rows
    tracking: Rows
    cohorts: Rows
    survival: Rows
    groups: Sequence[tuple[str, Text]]
    channels: Rows
    inputs: Sequence[InputView]
    quality: Mapping[str, Any]
    mapping: Mapping[str, Mapping[str, str]]
