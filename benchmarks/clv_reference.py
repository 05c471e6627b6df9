"""Every published figure of the CLV models beside ours: `python -m benchmarks.clv_reference`.

The figures are in `clv/reference_figures.csv` of the shared data, each with its tolerance and its source.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tierwise.clv import model_class
from tierwise.clv.count_model import CountModel
from tierwise.clv.discount import Discount
from tierwise.clv.gamma_gamma import GammaGamma
from tierwise.clv.summary import Summary, count_orders, summarise
from tierwise.clv.value import customer_value

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
MODELS = {
    "BG/NBD": "bg_nbd",
    "MBG/NBD": "mbg_nbd",
    "Pareto/NBD": "pareto_nbd",
    "NBD": "nbd",
    "BG/BB": "bg_bb",
}
WEEK = 7.0
HOLDOUT_DAYS = 39 * WEEK
CALIBRATION_END = dt.date(1997, 9, 30)


@dataclass(frozen=True)
class Figure:
    """One published figure: what, its value and how far ours may be from it."""

    dataset: str
    model: str
    setting: str
    quantity: str
    value: float
    tolerance: float

    @property
    def label(self) -> str:
        """Name of the figure, unique within the file."""
        return f"{self.dataset} / {self.model} / {self.quantity}"


def figures(data: Path) -> Iterator[Figure]:
    """Yield the figures of the CLV models, in the file's order."""
    with (data / "clv" / "reference_figures.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if not row["model"].startswith("RFM"):
                yield Figure(
                    row["dataset"], row["model"], row["setting"], row["quantity"],
                    float(row["value"]), float(row["abs_tol"]),
                )  # fmt: skip


@cache
def cohort(data: Path, dataset: str) -> tuple[Summary, np.ndarray]:
    """Return the calibration summary of a dataset and the orders of its hold-out period."""
    return {"cdnow_summary": _cdnow, "cdnow_master_transactions": _master, "donations_rf": _donations}[dataset](data)


def _cdnow(data: Path) -> tuple[Summary, np.ndarray]:
    rows = _table(data / "clv" / "cdnow_summary.csv")
    summary = Summary(rows["x"], rows["t_x"], rows["T_cal"], mean_spend=rows["m_x"], days_per_unit=WEEK)
    return summary, rows["x_star"]


def _master(data: Path) -> tuple[Summary, np.ndarray]:
    with (data / "clv" / "cdnow_master_transactions.csv").open(encoding="utf-8") as lines:
        orders = [(r["customer_id"], dt.date.fromisoformat(r["date"]).toordinal()) for r in csv.DictReader(lines)]
    customers, days = np.array([o[0] for o in orders]), np.array([o[1] for o in orders])
    end = CALIBRATION_END.toordinal()
    ids, summary = summarise(customers, days, as_of_day=end, days_per_unit=WEEK)
    return summary, count_orders(customers, days, ids, after_day=end, until_day=end + int(HOLDOUT_DAYS))


def _donations(data: Path) -> tuple[Summary, np.ndarray]:
    rows = _table(data / "clv" / "donations_rf.csv")
    summary = Summary(rows["x"], rows["t_x"], rows["n_cal"], rows["customers"], days_per_unit=365.0)
    return summary, rows["holdout_transactions"]


def _table(path: Path) -> np.ndarray:
    return np.genfromtxt(path, delimiter=",", names=True, encoding="utf-8")


@cache
def fitted(data: Path, dataset: str, model: str) -> CountModel:
    """Return a model fitted on a dataset, without prior."""
    return model_class(MODELS[model])(prior=None).fit(cohort(data, dataset)[0])


@cache
def spend(data: Path) -> GammaGamma:
    """Return Gamma-Gamma on the repeat spend of the CDNOW sample."""
    return GammaGamma(prior=None).fit(cohort(data, "cdnow_summary")[0])


def ours(data: Path, figure: Figure) -> float:
    """Compute the figure."""
    if figure.model == "Gamma-Gamma":
        return _spend_figure(spend(data), figure.quantity)
    if figure.quantity.startswith("clv"):
        return _value_figure(data, figure.quantity)
    model = fitted(data, figure.dataset, figure.model)
    name = figure.quantity
    if name in model.parameters_:
        return model.parameters_[name]
    if name.startswith("se_"):
        return model.standard_errors_[name[3:]]
    if name == "log_likelihood":
        return model.log_likelihood_
    if name.startswith("holdout"):
        return _holdout_figure(data, figure, model)
    return _point_figure(model, name)


def _spend_figure(model: GammaGamma, name: str) -> float:
    known = {**model.parameters_, "log_likelihood": model.log_likelihood_, "population_mean": model.population_mean}
    return known[name]


def _value_figure(data: Path, name: str) -> float:
    counts, summary = fitted(data, "cdnow_summary", "BG/NBD"), cohort(data, "cdnow_summary")[0]
    month = 4.345 * WEEK
    discount = Discount.monthly(0.01, days_per_month=month)
    value = customer_value(counts, spend(data), summary, horizon_days=12 * month, discount=discount)
    return float(value.sum() if name == "clv_sum" else value[0])


def _holdout_figure(data: Path, figure: Figure, model: CountModel) -> float:
    summary, actual = cohort(data, figure.dataset)
    days = 5 * 365.0 if figure.model == "BG/BB" else HOLDOUT_DAYS
    expected = model.conditional_expected_transactions(summary, days)
    figures: dict[str, Callable[[], Any]] = {
        "expected_total": lambda: summary.weight @ expected,
        "actual_total": actual.sum,
        "mae": lambda: np.abs(expected - actual).mean(),
        "rmse": lambda: np.sqrt(((expected - actual) ** 2).mean()),
    }
    return float(figures[figure.quantity.split("_", 1)[1]]())


def _point_figure(model: CountModel, name: str) -> float:
    """Compute a prediction named like `cet52_x10_tx20_T39`: quantity and horizon, then the history."""
    head, *rest = name.split("_")
    unit = model.days_per_unit_
    if head == "expectation":
        return model.expected_transactions(float(rest[0][1:]) * unit)
    history = {part.rstrip("0123456789p"): float(part.lstrip("txTd").replace("p", ".")) for part in rest}
    last = history.get("tx", history.get("t", 0.0))
    row = Summary([history["x"]], [last], [history.get("T", 6.0)], days_per_unit=unit)
    if head == "palive":
        return float(model.probability_alive(row)[0])
    if head == "dert":
        yearly = Discount(history["d"], unit, continuous=True)
        return float(model.discounted_transactions(row, np.inf, yearly)[0])
    return float(model.conditional_expected_transactions(row, float(head[3:]) * unit)[0])


def main() -> int:
    """Print every figure beside ours; the exit code is 1 where one is out of its tolerance."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    worst = 0
    print(f"{'figure':<66}{'published':>14}{'ours':>16}{'off':>12}{'allowed':>10}")
    for figure in figures(data):
        found = ours(data, figure)
        off = abs(found - figure.value)
        fine = off <= figure.tolerance
        worst += not fine
        mark = "" if fine else "  OUT"
        print(f"{figure.label:<66}{figure.value:>14.6g}{found:>16.8g}{off:>12.2g}{figure.tolerance:>10.2g}{mark}")
    print(f"{worst} out of tolerance")
    return int(worst > 0)


if __name__ == "__main__":
    raise SystemExit(main())
