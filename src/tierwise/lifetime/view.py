"""A forecast as the plain figures and rows that its page shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

import tierwise
from tierwise.clv.diagnostics import Severity
from tierwise.contracts.ingest import CanonicalTable
from tierwise.contracts.value_view import Fitted, Holdout, Judged, Parameter, ReadInput, Remark, Total, ValueView
from tierwise.language import Text
from tierwise.lifetime.charts import (
    alive_map,
    calibration_bands,
    cohort_triangle,
    survival,
    tracking,
    value_distribution,
)
from tierwise.lifetime.forecast import Forecast
from tierwise.lifetime.judging import Trial
from tierwise.lifetime.question import UNIT_LABELS, Basis, Contract
from tierwise.lifetime.reading import Shop

ALIVE_CAP = 12
SILENT_STEPS = 20
GROUPS = (
    ("all", Text("All customers", "全部客户")),
    ("high", Text("First order: top fifth by amount", "首单金额最高的五分之一")),
    ("middle", Text("First order: next 30%", "首单金额其次的 30%")),
    ("low", Text("First order: lower half", "首单金额较低的一半")),
)
"""Tiers of the first order, which is known on the first day. Tiers by what was spent since would show that those who
stayed have stayed; tiers by expected value would show nothing but P(alive) again."""


class JudgedData(Protocol):
    """What is known of the quality of the data: a quality card, or what a run's manifest keeps of one."""

    @property
    def currency(self) -> str | None:
        """The currency of the amounts."""
        ...

    def to_json(self) -> dict[str, Any]:
        """The card as data."""
        ...


def value_view(
    shop: Shop,
    forecast: Forecast,
    tables: Sequence[CanonicalTable],
    card: JudgedData,
    calculated_at: datetime,
    tracked: Sequence[Mapping[str, Any]] | None = None,
) -> ValueView:
    """Return what the page of a forecast shows; the shop's engine must still hold the tables of the forecast.

    `tracked` are the rows of `charts.tracking` where they are already known. Rejects files are left out of the
    quality card: they lie in a workspace that does not outlast the question.
    """
    question = forecast.question
    return ValueView(
        as_of=forecast.as_of,
        learnt_until=forecast.learnt_until,
        calculated_at=calculated_at,
        data_version="sha256:" + "+".join(table.fingerprint[:12] for table in tables),
        engine=shop.engine.name,
        versions={"tierwise": tierwise.__version__, shop.engine.name: shop.engine.version},
        currency=card.currency,
        profit=forecast.basis is Basis.PROFIT,
        subscription=forecast.contract is Contract.SUBSCRIPTION,
        unit=UNIT_LABELS[forecast.unit],
        horizon_days=question.horizon_days,
        discount_annual=question.discount_annual,
        settings=asdict(question) | {"as_of": forecast.as_of},
        model=_fitted(forecast.model),
        spend=_fitted(forecast.spend) if forecast.spend.parameters_ else None,
        holdout=_holdout(forecast),
        remarks=[*_remarks(forecast), *_failures(forecast.trials)],
        customers=len(forecast.histories),
        repeat_customers=int((forecast.histories.columns["orders"] > 1).sum()),
        expected_orders=float(np.einsum("i->", forecast.scores.expected_orders)),
        total=Total(forecast.total.low, forecast.total.estimate, forecast.total.high, question.level),
        simple={name: value for name, value in forecast.simple.to_dict().items() if name != "cohorts"},
        distribution=value_distribution(forecast),
        tenths=value_tenths(forecast),
        alive=alive_map(forecast, ALIVE_CAP, _silent_steps(forecast)),
        alive_cap=ALIVE_CAP,
        bands=calibration_bands(forecast),
        tracking=tracking(forecast) if tracked is None else tracked,
        cohorts=cohort_triangle(shop, forecast),
        survival=[*survival(forecast), *survival(forecast, first_order_group(forecast))],
        groups=GROUPS,
        channels=forecast.channels or (),
        inputs=[ReadInput(t.name, t.source, t.fingerprint, t.rows_read, t.rows_used) for t in tables],
        quality=card.to_json() | {"rejects_files": []},
        mapping={table.name: table.mapping.to_json() for table in tables},
    )


def _silent_steps(forecast: Forecast) -> int:
    """Twenty steps of silence; on occasions no more than there are, for between them nobody is."""
    longest = int((forecast.summary.age - forecast.summary.t_x).max())
    return min(SILENT_STEPS, max(longest, 1)) if forecast.histories.span.clock.starts else SILENT_STEPS


def value_tenths(forecast: Forecast) -> list[dict[str, Any]]:
    """Tenths of customers by falling value: tenth, customers, value, mean, low, high (means of the own bounds)."""
    scores = forecast.scores
    order = np.argsort(-scores.value, kind="stable")
    bounds = np.sort(np.stack([scores.orders_low, scores.orders_high]) * scores.worth_per_order, axis=0)
    rows = []
    for place, part in enumerate(np.array_split(order, 10), start=1):
        if part.size:
            low, high = (_known(float(np.mean(each[part]))) for each in bounds)
            worth = float(np.sum(scores.value[part]))
            rows.append(
                {"tenth": place, "customers": part.size, "value": worth, "mean": worth / part.size, "low": low,
                 "high": high}
            )  # fmt: skip
    return rows


def first_order_group(forecast: Forecast) -> NDArray[Any]:
    """The tier of every customer by the amount of the first order: high, middle or low."""
    amount = forecast.histories.columns["first_money"].astype(np.float64)
    half, fifth = np.quantile(amount, [0.5, 0.8])
    return np.where(amount > fifth, "high", np.where(amount > half, "middle", "low"))


def _fitted(model: Any) -> Fitted:
    errors = model.standard_errors_
    found = tuple(Parameter(name, value, _known(errors.get(name))) for name, value in model.parameters_.items())
    return Fitted(model.label, found, model.log_likelihood_, int(model.customers_))


def _holdout(forecast: Forecast) -> Holdout | None:
    orders = forecast.orders
    if orders is None or forecast.calibration_end is None:
        return None
    best = forecast.value or orders
    trials = forecast.trials or (Trial(forecast.model.name, None, None, orders, forecast.value),)
    judged = tuple(_judged(trial, forecast) for trial in trials if trial.orders is not None)
    return Holdout(
        forecast.calibration_end,
        forecast.histories.holdout_days,
        orders.actual_total,
        orders.zero_mae,
        orders.zero_rmse,
        _known(best.top_decile_best),
        judged,
    )


def _judged(trial: Trial, forecast: Forecast) -> Judged:
    assert trial.orders is not None
    report, value, model = trial.orders, trial.value or trial.orders, trial.model
    return Judged(
        label=(model or forecast.model).label,
        taken=trial.name == forecast.model.name,
        expected=report.expected_total,
        bias=_known(report.bias),
        mae=report.mae,
        rmse=report.rmse,
        rank_correlation=_known(report.rank_correlation),
        top_share=_known(value.top_decile_share),
        log_likelihood=model.log_likelihood_ if model else None,
        aic=trial.aic if model else None,
    )


def _remarks(forecast: Forecast) -> list[Remark]:
    found = []
    for finding in forecast.findings:
        note = finding.severity is Severity.NOTE
        words = Text("{what}", "{what}") if note else Text("{what}. What helps: {cure}", "{what}。建议：{cure}")
        found.append(Remark("info" if note else "warning", words.fill(what=finding.what, cure=finding.cure)))
    return found


def _failures(trials: Sequence[Trial]) -> list[Remark]:
    """Models that could not be fitted, with the reason."""
    return [Remark("info", trial.problem) for trial in trials if trial.model is None and trial.error is not None]


def _known(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
