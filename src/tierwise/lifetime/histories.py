"""Purchase histories of all customers as columns, and the summaries that the models read.

About 60 bytes a customer; ids stay on disk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tierwise.clv.summary import Summary
from tierwise.lifetime.parquet import batches, numbers
from tierwise.lifetime.steps import Span

Floats = NDArray[np.float64]
Rows = list[dict[str, Any]]

NOTHING = 1e-6
"""What repeat orders whose money nets to 0 or less count as, so that such a customer is drawn to little and not to
the mean of the others."""


@dataclass(frozen=True)
class Histories:
    """Columns of `lifetime_customers`, a value per customer in the order of `files`.

    `gaps` counts pairs of consecutive orders by ticks between them: (ticks, all pairs, pairs up to calibration).
    """

    span: Span
    files: tuple[Path, ...]
    columns: Mapping[str, NDArray[Any]]
    gaps: tuple[Floats, Floats, Floats] | None = None
    covariates: Mapping[str, Floats] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.columns["first_tick"].size)

    @property
    def days_per_tick(self) -> float:
        """The length of a tick in days."""
        return self.span.clock.days_per_tick

    @property
    def holdout_days(self) -> float:
        """The length of the hold-out period in days."""
        assert self.span.calibration_until is not None
        return (self.span.until - self.span.calibration_until) * self.days_per_tick

    @property
    def calibrated(self) -> NDArray[np.bool_]:
        """Who had an order by the end of calibration."""
        known: NDArray[np.bool_] = np.asarray(self.columns["orders_cal"] > 0)
        return known

    def holdout_orders(self) -> Floats:
        """Orders of the hold-out period, of those who are calibrated."""
        ahead: Floats = (self.columns["orders"] - self.columns["orders_cal"])[self.calibrated].astype(np.float64)
        return ahead

    def holdout_money(self) -> Floats:
        """Net money of the hold-out period, of those who are calibrated."""
        ahead: Floats = (self.columns["net"] - self.columns["net_cal"])[self.calibrated]
        return ahead

    def summary(self, unit_days: float, *, calibration: bool = False, floor: bool = False) -> Summary:
        """Return what the models read, times in units of `unit_days`.

        Args:
            unit_days: length of the time unit.
            calibration: histories up to the end of calibration, of those who had ordered by then; else all.
            floor: let repeat money of 0 or less count as next to nothing, to score with; the fit leaves it out.
        """
        suffix, until = ("_cal", self.span.calibration_until) if calibration else ("", self.span.until)
        rows = np.flatnonzero(self.calibrated) if calibration else slice(None)
        column = {name: values[rows] for name, values in self.columns.items()}
        assert until is not None
        x = column[f"orders{suffix}"] - 1.0
        money = column[f"net{suffix}"] - column["first_money"]
        mean = np.divide(money, x, out=np.zeros(x.size), where=x > 0)
        if floor:
            mean = np.where((x > 0) & (mean <= 0), NOTHING, mean)
        return Summary(
            x=x,
            t_x=(column[f"last_tick{suffix}"] - column["first_tick"]).astype(np.float64),
            age=(until - column["first_tick"]).astype(np.float64),
            mean_spend=mean,
            log_gaps=self._log_gaps(x, calibration),
            covariates={name: values[rows] for name, values in self.covariates.items()},
            days_per_unit=self.days_per_tick,
        ).in_unit(unit_days)

    def _log_gaps(self, x: Floats, calibration: bool) -> Floats | None:
        """Spread the sum of ln(gap) evenly over the repeat orders: only the sum enters the likelihood."""
        if self.gaps is None:
            return None
        gap, everyone, calibrated = self.gaps
        pairs = calibrated if calibration else everyone
        total = float(pairs.sum())
        mean = float(np.einsum("i,i->", pairs, np.log(gap))) / total if total else 0.0
        return x * mean

    def own_mean(self) -> Floats:
        """Net money per order of each customer, first orders included; 0 where returns outweigh them."""
        mean: Floats = np.maximum(self.columns["net"], 0.0) / self.columns["orders"]
        return mean


def read_histories(span: Span, files: Sequence[Path]) -> Histories:
    """Read the numbers of `lifetime_customers`, batch by batch."""
    parts: dict[str, list[NDArray[Any]]] = {}
    for batch in batches(files):
        for name in batch.schema.names:
            if name != "customer_id":
                parts.setdefault(name, []).append(_plain(batch.column(name)))
    columns = {name: np.concatenate(found) for name, found in parts.items()}
    return Histories(span, tuple(files), columns)


def read_gaps(rows: Rows) -> tuple[Floats, Floats, Floats]:
    """Return the columns of `lifetime_gaps`, by rising gap: sums of floats depend on their order."""
    ordered = sorted(rows, key=lambda row: int(row["gap"]))
    gap, pairs, calibrated = (
        np.array([row[name] for row in ordered], dtype=np.float64) for name in ("gap", "orders", "orders_cal")
    )
    return gap, pairs, calibrated


def _plain(column: Any) -> NDArray[Any]:
    """An Arrow column as numbers: ticks and counts as 32 bits, money as floats; null, which only ticks have, as 0."""
    found = numbers(column)
    return found if found.dtype == np.float64 else found.astype(np.int32)
