"""All models side by side on a period none of them has seen, and which one to use.

The choice is by *band error*: customers are put in tenths by forecast, and the absolute difference of expected and
actual orders is added up over the tenths, relative to the actual total. It sees a wrong total and wrong
proportions between good and poor customers, and is not fooled by predicting nobody. Among models within
`NEARLY` of the best, one whose P(alive) falls for silent one-time buyers is preferred.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tierwise.clv import model_class
from tierwise.clv.count_model import CountModel
from tierwise.clv.holdout import HoldoutReport, judge
from tierwise.clv.summary import Summary
from tierwise.errors import ErrorKind, Family, Problem, TierwiseError
from tierwise.language import Text

Floats = NDArray[np.float64]

CONTINUOUS = ("mbg_nbd", "pareto_nbd", "mbg_cnbd_k", "bg_nbd", "nbd")
"""Models of orders at any time, the preferred ones first; BG/BB is for set occasions only."""
NEARLY = 0.02
CALIBRATION_SHARE = 2.0 / 3.0

NONE_FITS = ErrorKind(
    "clv.none_fits",
    Family.DATA,
    what=Text("none of the models {names} can be fitted", "{names} 均无法拟合"),
    cause=Text(
        "the data do not determine their parameters; each model's own reason is listed too",
        "数据无法确定其参数，各模型的具体原因一并列出",
    ),
    cure=Text("observe for longer, or allow a prior (prior=AUTO)", "请延长观察期，或允许使用先验（prior=AUTO）"),
)
TOO_SHORT = ErrorKind(
    "clv.too_short",
    Family.DATA,
    what=Text("{days} days of orders are too few to hold some back", "订单只有 {days} 天，不足以留出验证期"),
    cause=Text("calibration and hold-out both need orders", "校准期和验证期都需要有订单"),
    cure=Text("give at least 3 days of orders, better two years", "请至少提供 3 天的订单，最好有两年"),
)


@dataclass(frozen=True)
class Candidate:
    """A model that was tried: fitted and judged, or the problems that kept it from being fitted."""

    name: str
    model: CountModel | None
    report: HoldoutReport | None
    band_error: float
    problems: tuple[Problem, ...]


def calibration_end_day(day: ArrayLike) -> int:
    """Return the last day of calibration: two thirds of the way from the first order to the last."""
    days = np.asarray(day, dtype=np.int64)
    first, last = (int(days.min()), int(days.max())) if days.size else (0, 0)
    if last - first < 2:
        raise TOO_SHORT.error(days=last - first + 1)
    return first + max(1, int((last - first) * CALIBRATION_SHARE))


def compare(
    calibration: Summary, actual: ArrayLike, holdout_days: float, names: Sequence[str] = CONTINUOUS
) -> list[Candidate]:
    """Fit each model on the calibration and judge its forecast; the best first.

    Args:
        calibration: customers up to the end of the calibration.
        actual: orders of each customer (each row) in the hold-out, such as `count_orders` gives.
        holdout_days: length of the hold-out.
        names: models to try.

    Raises:
        TierwiseError: `clv.none_fits` and each model's own problems, where no model can be fitted.
    """
    tried = [_try(name, calibration, np.asarray(actual, dtype=np.float64), holdout_days) for name in names]
    if all(candidate.model is None for candidate in tried):
        own = [problem for candidate in tried for problem in candidate.problems]
        raise TierwiseError([NONE_FITS.problem(names=", ".join(names)), *own])
    best = min(candidate.band_error for candidate in tried)
    order = sorted(tried, key=lambda c: (c.band_error > best + NEARLY, _fallback(c), c.band_error))
    return sorted(order, key=lambda c: c.model is None)


def band_error(report: HoldoutReport) -> float:
    """Return Σ customers · |expected - actual| over the tenths, by the actual total (inf where that is 0)."""
    away = sum(band.customers * abs(band.expected_mean - band.actual_mean) for band in report.bands)
    return away / report.actual_total if report.actual_total else float("inf")


def _fallback(candidate: Candidate) -> bool:
    """Whether one-time buyers stay active for ever in this model: it is taken only where it is clearly better."""
    return candidate.name in {"bg_nbd", "nbd"}


def _try(name: str, calibration: Summary, actual: Floats, holdout_days: float) -> Candidate:
    settings: dict[str, Any] = {"k": 1} if name == "mbg_cnbd_k" and calibration.log_gaps is None else {}
    try:
        model = model_class(name)(**settings).fit(calibration)
    except TierwiseError as error:
        return Candidate(name, None, None, float("inf"), error.problems)
    expected = model.conditional_expected_transactions(calibration, holdout_days)
    report = judge(expected, actual, calibration.weight)
    return Candidate(name, model, report, band_error(report), ())
