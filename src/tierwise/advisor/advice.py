"""From goal, business and data to a ranking of models, with the reasons for each place.

The rule, in this order:

1. models for which the data suffices come before those for which it does not;
2. then the goal's metric in the back-test decides; models that cannot be told from the best (the 95 % interval of the
   paired difference reaches zero) count as level with it;
3. among those, models surely better than spend alone come first; then the usual choice for goal, business and data
   decides, and simplicity (`goals.prior`);
4. then the metric itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from tierwise.advisor.backtest import Estimate, Figures, surely_better
from tierwise.advisor.goals import Business, Goal, Metric, Prior, prior
from tierwise.advisor.history import READS, History, history_of, history_steps
from tierwise.advisor.sufficiency import Sufficiency, sufficiency
from tierwise.advisor.trial import Period, Trial, try_models
from tierwise.advisor.undated import READ as READ_UNDATED
from tierwise.advisor.undated import Undated, undated_of, undated_steps
from tierwise.contracts.model import TierModel
from tierwise.contracts.stacking import models_needed
from tierwise.engine.base import Engine
from tierwise.engine.plans import read_tables, run_plan
from tierwise.engine.progress import Observer, Silent
from tierwise.errors import ErrorKind, Family
from tierwise.indicators.declaration import Available
from tierwise.language import Text

SHORTEST_DAYS = 60
DEEP_DAYS = 730
NAMED = 3

TOO_SHORT = ErrorKind(
    "advisor.history_too_short",
    Family.DATA,
    what=Text("{days} days of orders are too few to back-test anything", "只有 {days} 天订单，无法回测"),
    cause=Text(
        "a back-test needs a past to learn from and a period to compare with: at least {least} days",
        "回测既要有可学习的历史，也要有可对照的后续：至少 {least} 天",
    ),
    cure=Text("start simply, with rfm or pyramid, and ask again later", "可先从 rfm 或 pyramid 起步，数据积累后再评估"),
)
BAD_HORIZON = ErrorKind(
    "advisor.bad_horizon",
    Family.USAGE,
    what=Text("a horizon of {given} days does not fit {days} days of orders", "{days} 天订单放不下 {given} 天的预测期"),
    cause=Text("at least half of the history must stay to learn from", "至少要留一半历史用于学习"),
    cure=Text("ask for at most {most} days, or leave --horizon out", "请设为不超过 {most} 天，或省略 --horizon"),
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `horizon_days` None lets the data say it; `business` None says nothing of the business."""

    goal: Goal
    business: Business | None = None
    horizon_days: int | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model: whether the data suffices, how it did out of time, and where that puts it. `place` 1 is the advice."""

    place: int
    instance: str
    model: TierModel[Any]
    sufficiency: Sufficiency
    prior: Prior
    tested: Figures | None
    problem: Text | None
    level_with_best: bool
    beats_spend: bool
    reasons: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """The answer. `data` is a key of `goals.DATA_NAMES`; `undated` is what the back-test takes as it is today."""

    question: Question
    history: History
    data: str
    period: Period
    trial: Trial
    candidates: tuple[Candidate, ...]
    undated: tuple[Undated, ...] = ()

    @property
    def spend_is_enough(self) -> bool:
        """Whether no model for which the data suffices is better than spend alone, for this goal."""
        return not any(found.beats_spend and found.sufficiency.enough for found in self.candidates)

    @property
    def verdict(self) -> Text:
        """The answer in one sentence."""
        goal, first = self.question.goal.label, self.candidates[0].model.card.title
        better = [found.model.card.title for found in self.candidates if found.beats_spend and found.sufficiency.enough]
        if not better:
            return Text(
                f"No model is better than spend alone here for the goal: {goal.en}",
                f"就“{goal.zh}”而言，在这份数据上没有模型胜过只看消费额",
            )
        more = len(better) - NAMED
        others = Text(f" and {more} more", f"等 {len(better)} 个") if more > 0 else Text.same("")
        return Text(
            f"Take {first.en}. Better than spend alone here for the goal {goal.en}: "
            f"{', '.join(title.en for title in better[:NAMED])}{others.en}",
            f"建议采用{first.zh}。就“{goal.zh}”而言胜过只看消费额的有："
            f"{'、'.join(title.zh for title in better[:NAMED])}{others.zh}",
        )


def advise(
    engine: Engine,
    models: Sequence[TierModel[Any]],
    available: Available,
    as_of: date,
    question: Question,
    scratch: Path,
    observer: Observer | None = None,
) -> Advice:
    """Measure the data, back-test the models and rank them; the canonical tables are attached to the engine.

    Raises `advisor.history_too_short`, `advisor.bad_horizon` or `advisor.nobody_before_split`.
    """
    told = observer or Silent()
    told.stage("history", Text("measuring the history", "测量历史数据"))
    run_plan(engine, (*history_steps(as_of, available), *undated_steps(available)))
    undated = undated_of(engine.records(READ_UNDATED, f"SELECT * FROM {READ_UNDATED}"))
    history = history_of(read_tables(engine, READS), as_of)
    if history is None or history.days < SHORTEST_DAYS:
        raise TOO_SHORT.error(days=history.days if history else 0, least=SHORTEST_DAYS)
    period = Period(as_of, _horizon(history, question))
    enough = {model.instance: sufficiency(model, history, available) for model in models}
    able = _able(models, enough)
    trial = try_models(engine, able, available, period, scratch, told, question.seed)
    data = data_kind(history, available)
    return Advice(question, history, data, period, trial, _ranked(models, enough, trial, question, data), undated)


def ask_again(found: Advice, question: Question) -> Advice:
    """The same figures ranked for another goal or business; horizon and seed stay those of the trial."""
    models = [candidate.model for candidate in found.candidates]
    enough = {candidate.instance: candidate.sufficiency for candidate in found.candidates}
    ranked = _ranked(models, enough, found.trial, question, found.data)
    return replace(found, question=question, candidates=ranked)


def data_kind(history: History, available: Available) -> str:
    """How much is known: orders, or behaviour too; deep when behaviour is known and history is two years long."""
    if "events" not in available:
        return "orders"
    return "deep" if history.days >= DEEP_DAYS else "behaviour"


def _horizon(history: History, question: Question) -> int:
    wanted = question.horizon_days or history.horizon_days
    most = history.days // 2
    if not 1 <= wanted <= most:
        raise BAD_HORIZON.error(given=wanted, days=history.days, most=most)
    return wanted


def _able(models: Sequence[TierModel[Any]], enough: Mapping[str, Sufficiency]) -> list[TierModel[Any]]:
    """The models whose indicators can be computed, themselves and all that they build on."""
    lacking = {name for name, found in enough.items() if found.missing}
    known = {model.instance for model in models}
    return [
        model
        for model in models
        if model.instance not in lacking and set(models_needed(model)) <= known - lacking
    ]  # fmt: skip


def _ranked(
    models: Sequence[TierModel[Any]],
    enough: Mapping[str, Sufficiency],
    trial: Trial,
    question: Question,
    data: str,
) -> tuple[Candidate, ...]:
    metric = question.goal.metric
    values = {name: found.observed[metric] for name, found in trial.tested.items()}
    fair = {name: v for name, v in values.items() if math.isfinite(v) and enough[name].enough}
    level = _level_with_best(fair, trial, metric)
    better = surely_better({name: trial.tested[name] for name in values}, trial.baseline, metric)
    found = [_candidate(model, enough[model.instance], trial, question, data, level, better) for model in models]
    found.sort(key=lambda each: _order(each, values.get(each.instance, math.nan)))
    return tuple(_placed(candidate, place) for place, candidate in enumerate(found, start=1))


def _level_with_best(values: Mapping[str, float], trial: Trial, metric: Metric) -> frozenset[str]:
    """The models whose paired difference to the best does not surely differ from zero; the best is one of them."""
    if not values:
        return frozenset()
    best = max(values, key=lambda name: values[name])
    return frozenset(
        name
        for name in values
        if name == best or not trial.tested[best].minus(trial.tested[name], metric).above_zero
    )  # fmt: skip


def _order(found: Candidate, value: float) -> tuple[Any, ...]:
    known = math.isfinite(value)
    points, figure = -found.prior.points, -value if known else math.inf
    if found.sufficiency.enough and found.level_with_best:
        return 0, not found.beats_spend, points, figure, found.instance
    if found.sufficiency.enough and known:
        return 1, figure, points, found.instance
    return (2 if found.sufficiency.enough else 3), not known, points, found.instance


def _candidate(
    model: TierModel[Any],
    enough: Sufficiency,
    trial: Trial,
    question: Question,
    data: str,
    level: frozenset[str],
    better: frozenset[str],
) -> Candidate:
    name = model.instance
    refused = trial.refused.get(name)
    before = prior(model.name, model.card.difficulty.en, question.goal, question.business, data)
    told = _reasons(name, enough, trial, question.goal.metric, level, better)
    return Candidate(
        0, name, model, enough, before, trial.tested.get(name), refused.problems[0].what if refused else None,
        name in level, name in better, (*told, *before.reasons),
    )  # fmt: skip


def _reasons(
    name: str,
    enough: Sufficiency,
    trial: Trial,
    metric: Metric,
    level: frozenset[str],
    better: frozenset[str],
) -> tuple[Text, ...]:
    told = []
    if not enough.enough:
        lacking = enough.lacking
        told.append(
            Text(
                "not enough data: " + "; ".join(text.en for text in lacking),
                "数据不足：" + "；".join(text.zh for text in lacking),
            )
        )
    if name in trial.refused:
        what = trial.refused[name].problems[0].what
        told.append(Text(f"refused this data: {what.en}", f"无法用于这份数据：{what.zh}"))
    if name in trial.tested:
        if name in better:
            told.append(Text("better than spend alone", "胜过只看消费额"))
        elif _worse(trial.tested[name].minus(trial.baseline, metric)):
            told.append(Text("worse than spend alone", "不如只看消费额"))
        else:
            told.append(Text("not surely better than spend alone", "未能证明胜过只看消费额"))
    if name in level:
        told.append(Text("level with the best", "与最佳模型不相上下"))
    return tuple(told)


def _worse(difference: Estimate) -> bool:
    return difference.high is not None and difference.high < 0


def _placed(candidate: Candidate, place: int) -> Candidate:
    return replace(candidate, place=place)
