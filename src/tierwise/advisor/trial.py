"""Fit every candidate on the past, and leave behind how each ranks the customers of that day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tierwise.advisor.backtest import Figures, draw_weights, measure_ranking, parts_of
from tierwise.advisor.outcomes import POPULATION, cell_steps, population_steps, spend_alone_step
from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import TierModel
from tierwise.contracts.scheme import Scheme
from tierwise.contracts.stacking import in_order, models_needed
from tierwise.engine.base import Engine
from tierwise.engine.plans import run_plan
from tierwise.engine.progress import Observer
from tierwise.enrichment import enrich
from tierwise.errors import ErrorKind, Family, TierwiseError
from tierwise.evaluation.tier_table import BASICS
from tierwise.indicators.compile import indicator_steps
from tierwise.indicators.declaration import Available
from tierwise.labelling import fit, stack, train
from tierwise.language import Text
from tierwise.sql.expressions import date_before
from tierwise.sql.scheme import label_steps
from tierwise.sql.steps import Step

NOBODY = ErrorKind(
    "advisor.nobody_before_split",
    Family.DATA,
    what=Text("nobody had bought by {split}", "截至 {split} 还没有客户下单"),
    cause=Text("a back-test needs customers before that day and their purchases after it", "回测需要该日之前的客户及其之后的购买"),
    cure=Text("choose a shorter --horizon, or a later --as-of", "请缩短 --horizon，或选择更晚的 --as-of"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """What is foretold: the `horizon_days` after `split`, up to `as_of`."""

    as_of: date
    horizon_days: int

    @property
    def split(self) -> date:
        """The last day that models may know."""
        return date_before(self.as_of, self.horizon_days)


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of the customers of the split, the figures of spend alone and of each model, and why some have none.

    `population` has customers, revenue (net, of the period), buyers, active and left_active.
    """

    population: Mapping[str, Any]
    baseline: Figures
    tested: Mapping[str, Figures]
    refused: Mapping[str, TierwiseError]


def try_models(
    engine: Engine,
    models: Sequence[TierModel[Any]],
    available: Available,
    period: Period,
    scratch: Path,
    told: Observer,
    seed: int = 1,
) -> Trial:
    """Back-test models; the canonical tables are attached, and `available` carries all that the models need.

    Raises `advisor.nobody_before_split`.
    """
    refs = dict.fromkeys((*BASICS, *sorted(ref for model in models for ref in model.needs())))
    _store(engine, "indicators", tuple(refs), period.split, available)
    days = period.horizon_days
    outcome = (IndicatorRef("frequency", days), IndicatorRef("monetary", days))
    _store(engine, "next_period", outcome, period.as_of, available)
    run_plan(engine, population_steps(days, seed))
    population = _population(engine)
    if not population["customers"]:
        raise NOBODY.error(split=period.split)
    weights = draw_weights(parts_of(population["customers"]), seed)
    engine.run(spend_alone_step())
    baseline = _measure(engine, "spend_alone", "advisor_spend", weights)
    fitting = _Fitting(engine, period, available, scratch)
    tested: dict[str, Figures] = {}
    for model in in_order(models):
        told.stage(f"try {model.instance}", Text("back-testing {name}", "回测 {name}").fill(name=model.card.title))
        ranking = fitting.label(model)
        if ranking is not None:
            tested[model.instance] = _measure(engine, model.instance, ranking, weights)
    return Trial(population, baseline, tested, fitting.refused)


class _Fitting:
    """Fits models at the split in their order, and remembers those that refused and the labels others build on."""

    def __init__(self, engine: Engine, period: Period, available: Available, scratch: Path) -> None:
        self.engine, self.period, self.available, self.scratch = engine, period, available, scratch
        self.refused: dict[str, TierwiseError] = {}
        self.schemes: dict[str, Scheme] = {}
        self.labels: dict[str, list[Path]] = {}

    def label(self, model: TierModel[Any]) -> str | None:
        """The table of labels of a model, or None where it, or one that it builds on, refuses this data."""
        try:
            for below in models_needed(model):
                if below in self.refused:
                    raise self.refused[below]
            train(self.engine, model, self.period.split, self.available)
            table = stack(self.engine, model, self.labels, self.schemes, enrich(self.engine, model, self.scratch))
            scheme = fit(self.engine, model, table).scheme_
            labelled = f"{model.instance}_labelled"
            run_plan(self.engine, label_steps(scheme, table, labelled))
        except TierwiseError as error:
            if error.exit_code not in (Family.DATA, Family.CONFIG):
                raise
            self.refused[model.instance] = error
            return None
        self._keep(model.instance, scheme, labelled)
        return labelled

    def _keep(self, instance: str, scheme: Scheme, labelled: str) -> None:
        """Write the tiers, for a model that builds on them."""
        folder = self.scratch / "labels" / instance
        self.engine.run(Step(f"{instance}_tiers", f"SELECT customer_id, tier FROM {labelled}"))
        self.engine.write(f"{instance}_tiers", folder)
        self.schemes[instance], self.labels[instance] = scheme, sorted(folder.glob("*.parquet"))


def _store(engine: Engine, name: str, refs: Sequence[IndicatorRef], as_of: date, available: Available) -> None:
    """Compute indicators as they were on a day, and keep them as a table."""
    *steps, last = indicator_steps(refs, as_of, available)
    run_plan(engine, (*steps, Step(name, last.sql, stored=True)))


def _population(engine: Engine) -> dict[str, Any]:
    sums = (
        "SELECT COUNT(*) AS customers, COALESCE(CAST(SUM(revenue_cents) AS BIGINT), 0) AS revenue_cents, "
        "COALESCE(CAST(SUM(bought) AS BIGINT), 0) AS buyers, COALESCE(CAST(SUM(is_active) AS BIGINT), 0) AS active, "
        f"COALESCE(CAST(SUM(has_left) AS BIGINT), 0) AS left_active FROM {POPULATION}"
    )
    return engine.records("population", sums)[0]


def _measure(engine: Engine, instance: str, ranking: str, weights: Any) -> Figures:
    prefix = f"advisor_{instance}"
    run_plan(engine, cell_steps(prefix, ranking))
    return measure_ranking(engine.records(f"{prefix}_cells", f"SELECT * FROM {prefix}_cells"), weights)
