"""The whole way: histories → models tried and one taken → everyone scored → totals with bounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tierwise.clv.count_model import CountModel
from tierwise.clv.diagnostics import Finding, Severity
from tierwise.clv.fitted_model import FittedModel
from tierwise.clv.gamma_gamma import GammaGamma
from tierwise.clv.holdout import HoldoutReport
from tierwise.clv.intervals import Interval
from tierwise.clv.outlook import Outlook, total_interval
from tierwise.clv.sbg import SBG
from tierwise.clv.summary import Summary
from tierwise.engine.progress import Observer
from tierwise.language import Text
from tierwise.lifetime.acquisition import (
    SimpleValue,
    acquisition_known,
    channel_returns,
    channel_step,
    known_channels,
    payback_step,
    simple_ltv,
)
from tierwise.lifetime.clock import DAYS, Clock, occasions
from tierwise.lifetime.histories import Histories
from tierwise.lifetime.judging import (
    CONTINUOUS,
    Bench,
    Trial,
    alive_finding,
    check_takes_covariates,
    choose,
    finite,
    holdout_dict,
    new_model,
    try_models,
)
from tierwise.lifetime.parquet import write_table
from tierwise.lifetime.question import AUTO, Basis, Contract, Question, TimeUnit
from tierwise.lifetime.question import SBG as SBG_NAME
from tierwise.lifetime.reading import Shop, daily_orders, occasion_unit, read_shop
from tierwise.lifetime.scoring import NOT_BOUNDED, Scores, score
from tierwise.lifetime.spending import OwnMeanSpend, learn_spend, margins, resolve_basis, spend_dict, spend_summary
from tierwise.lifetime.split import check_split, found_split
from tierwise.lifetime.subscription import (
    SEEN_AS_SHOP,
    SEEN_AS_SUBSCRIPTION,
    judge_subscriptions,
    rhythm,
    subscriber_scores,
    subscriptions,
    total_value_interval,
)

Floats = NDArray[np.float64]
CovariateReader = Callable[[Histories], dict[str, Floats]]


@dataclass(frozen=True)
class Forecast:
    """An answer: which model, how sure, how good, and a value for everyone.

    `model` was learnt up to `learnt_until`, in units of `unit`. `summary` is everyone as of `as_of`, in that unit and in
    the order of `histories` and of `scores`. `daily` are orders and first orders per tick.
    """

    question: Question
    as_of: date
    learnt_until: date
    calibration_end: date | None
    contract: Contract
    basis: Basis
    unit: TimeUnit
    model: FittedModel[Any]
    spend: GammaGamma
    histories: Histories
    summary: Summary
    scores: Scores
    total: Interval
    margin: Floats
    simple: SimpleValue
    orders: HoldoutReport | None = None
    value: HoldoutReport | None = None
    trials: tuple[Trial, ...] = ()
    findings: tuple[Finding, ...] = ()
    channels: tuple[dict[str, Any], ...] | None = None
    daily: tuple[list[dict[str, Any]], list[dict[str, Any]]] = field(default=([], []))

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON-ready data, customers left out."""
        holdout = None if self.orders is None else holdout_dict(self.orders, self.value)
        if holdout is not None:
            holdout |= {"from": str(self.calibration_end), "to": str(self.as_of), "days": self.histories.holdout_days}
        return finite({
            "as_of": str(self.as_of),
            "learnt_until": str(self.learnt_until),
            "time_unit": str(self.unit),
            "contract": str(self.contract),
            "basis": str(self.basis),
            "model": self.model.name,
            "parameters": self.model.parameters_,
            "standard_errors": self.model.standard_errors_,
            "log_likelihood": self.model.log_likelihood_,
            "customers": len(self.histories),
            "repeat_customers": int((self.histories.columns["orders"] > 1).sum()),
            "spend": spend_dict(self.spend),
            "holdout": holdout,
            "horizon_days": self.question.horizon_days,
            "discount_annual": self.question.discount_annual,
            "expected_orders": float(np.einsum("i->", self.scores.expected_orders)),
            "total_value": {
                "low": self.total.low, "expected": self.total.estimate, "high": self.total.high,
                "level": self.question.level,
            },
            "comparison": [trial.to_dict() for trial in self.trials],
            "simple": self.simple.to_dict(),
            "channels": None if self.channels is None else list(self.channels),
            "findings": [finding.to_dict() for finding in self.findings],
        })  # fmt: skip


def forecast(shop: Shop, question: Question, told: Observer, covariates: CovariateReader | None = None) -> Forecast:
    """Answer a question about the customers of a shop.

    Raises:
        TierwiseError: `lifetime.*` and `clv.*`: a split outside the data, no cost for profit, a model that the data do not determine.
    """
    asked = _Asked(shop, question, told, covariates)
    return asked.answer()


class _Asked:
    """One question being answered."""

    def __init__(self, shop: Shop, question: Question, told: Observer, covariates: CovariateReader | None) -> None:
        self.shop, self.question, self.told, self.covariates = shop, question, told, covariates
        if covariates is not None and question.model != AUTO:
            check_takes_covariates(question.model)
        self.basis = resolve_basis(question.basis, question.margin, cost=shop.has_cost)
        self.first = shop.first_sale()
        self.findings: list[Finding] = []
        self.calibration_end = self._split()
        self.unit = question.unit

    def answer(self) -> Forecast:
        self.told.stage("histories", Text("purchase histories", "整理购买历史"))
        histories, daily, bg_bb = self._histories()
        margin = margins(histories, self.basis, self.question.margin)
        simple = simple_ltv(histories, margin)
        if self._is_subscription(histories):
            found = self._subscription(histories, margin, simple)
        else:
            found = self._shop(histories, margin, simple, bg_bb)
        self.told.stage("channels", Text("acquisition by channel", "按渠道核算获客"))
        return replace(found, daily=daily, channels=self._channels(histories, found.scores))

    # ---- data -----------------------------------------------------------------------------------------

    def _split(self) -> date | None:
        day = self.question.calibration_end
        if day is not None:
            check_split(day, self.first, self.shop.as_of)
            return day
        day, finding = found_split(self.first, self.shop.as_of, self.question.horizon_days)
        self.findings.append(finding)
        return day

    def _histories(self) -> tuple[Histories, Any, bool]:
        """Read by days; on occasions where BG/BB is asked for, or orders come on a few set days only."""
        asked = self.question.model == "bg_bb"
        if not asked:
            histories = self._read(DAYS)
            daily = daily_orders(self.shop)
            open_question = self.question.model == AUTO and self.question.contract is Contract.AUTO
            unit = occasion_unit(daily[0]) if open_question and self.covariates is None else None
            if unit is None:
                return histories, daily, False
            self.unit = unit
        histories = self._read(occasions(self.unit, self.first, self.shop.as_of))
        return histories, daily_orders(self.shop), True

    def _read(self, clock: Clock) -> Histories:
        model = self.question.model
        gaps = not clock.starts and (self.question.compare or model in (AUTO, "mbg_cnbd_k", SBG_NAME))
        gaps = gaps or self.question.contract is Contract.SUBSCRIPTION
        histories = read_shop(self.shop, clock, self.calibration_end, gaps=gaps)
        if self.covariates is None:
            return histories
        return replace(histories, covariates=self.covariates(histories))

    # ---- customers who leave unseen -------------------------------------------------------------------

    def _shop(self, histories: Histories, margin: Floats, simple: SimpleValue, bg_bb: bool) -> Forecast:
        unit_days = histories.days_per_tick if bg_bb else self.unit.days
        held_out = self._held_out(histories)
        learnt = histories.summary(unit_days, calibration=held_out)
        spend, spend_findings = learn_spend(learnt)
        self.told.stage("models", Text("fitting and judging models", "拟合并评判模型"))
        trials = try_models(self._names(bg_bb), Bench(learnt, histories, spend, judged=held_out))
        model, trial = self._take(trials)
        if held_out and self.question.calibration_end is None:
            everyone = histories.summary(unit_days)
            model = new_model(model.name, tuple(everyone.covariates)).fit(everyone.compress().summary)
            spend, spend_findings = learn_spend(everyone)
        self.findings += [*model.diagnostics_, *spend_findings]
        return self._scored(histories, margin, simple, model, spend, trial, trials, unit_days)

    def _names(self, bg_bb: bool) -> Sequence[str]:
        if bg_bb:
            return ("bg_bb",)
        if self.question.compare or self.question.model == AUTO:
            return CONTINUOUS
        return (self.question.model,)

    def _take(self, trials: Sequence[Trial]) -> tuple[CountModel, Trial]:
        if self.question.model == AUTO:
            trial, finding = choose(trials)
            self.findings.append(finding)
        else:
            trial = next(trial for trial in trials if trial.name == self.question.model)
        if trial.error is not None:
            raise trial.error
        assert trial.model is not None
        return trial.model, trial

    def _held_out(self, histories: Histories) -> bool:
        """Whether there is a period to judge by and somebody to learn from before it."""
        return histories.span.calibration_until is not None and bool(histories.calibrated.any())

    def _scored(
        self,
        histories: Histories,
        margin: Floats,
        simple: SimpleValue,
        model: CountModel,
        spend: GammaGamma,
        trial: Trial,
        trials: Sequence[Trial],
        unit_days: float,
    ) -> Forecast:
        self.told.stage("score", Text("valuing every customer", "为每位客户估值"))
        question = self.question
        summary = spend_summary(spend, histories, histories.summary(unit_days, floor=True))
        outlook = Outlook(summary, question.horizon_days, question.discount, margin)
        scores = score(model, spend, histories, outlook, level=question.level, intervals=question.intervals)
        total = total_interval(outlook, model, spend, level=question.level)
        self.findings += alive_finding(model, summary)
        if question.intervals and not scores.bounded:
            self.findings.append(Finding.of(Severity.NOTE, NOT_BOUNDED.problem()))
        return self._forecast(
            histories=histories, margin=margin, simple=simple, model=model, spend=spend, summary=summary, scores=scores,
            total=total, orders=trial.orders, value=trial.value, trials=tuple(trials), contract=Contract.NONE,
        )  # fmt: skip

    # ---- subscribers ----------------------------------------------------------------------------------

    def _is_subscription(self, histories: Histories) -> bool:
        if self.question.model == SBG_NAME or self.question.contract is Contract.SUBSCRIPTION:
            return True
        undecided = self.question.model == AUTO and self.question.contract is Contract.AUTO
        if not undecided or histories.gaps is None or not histories.gaps[1].sum():
            return False
        found = rhythm(histories)
        if found.regular:
            self.findings.append(Finding.of(Severity.NOTE, SEEN_AS_SUBSCRIPTION.problem(**found.words)))
        return found.regular

    def _subscription(self, histories: Histories, margin: Floats, simple: SimpleValue) -> Forecast:
        question = self.question
        found = rhythm(histories)
        if not found.regular:
            self.findings.append(Finding.of(Severity.WARNING, SEEN_AS_SHOP.problem(**found.words)))
        self.unit = found.unit
        self.told.stage("models", Text("fitting and judging models", "拟合并评判模型"))
        everyone = subscriptions(histories, self.unit.days)
        model, orders = SBG().fit(everyone), None
        if self._held_out(histories):
            before = subscriptions(histories, self.unit.days, calibration=True)
            tried = SBG().fit(before)
            orders = judge_subscriptions(tried, before, histories)
            model = tried if question.calibration_end is not None else model
        self.findings += model.diagnostics_
        payment = histories.own_mean() * margin
        scores = subscriber_scores(model, everyone, histories, payment, question.horizon_days, question.discount)
        total = total_value_interval(model, everyone, payment, question.horizon_days, question.discount, question.level)
        return self._forecast(
            histories=histories, margin=margin, simple=simple, model=model, spend=OwnMeanSpend(),
            summary=histories.summary(self.unit.days), scores=scores, total=total, orders=orders,
            contract=Contract.SUBSCRIPTION,
        )  # fmt: skip

    # ---- both -----------------------------------------------------------------------------------------

    def _forecast(self, **found: Any) -> Forecast:
        total = found.pop("total")
        low, high = sorted((total.low, total.high))
        judged = found["orders"] is not None
        given = self.question.calibration_end is not None
        return Forecast(
            question=self.question,
            as_of=self.shop.as_of,
            learnt_until=self.calibration_end if given and self.calibration_end and judged else self.shop.as_of,
            calibration_end=self.calibration_end if judged else None,
            basis=self.basis,
            unit=self.unit,
            total=Interval(low, total.estimate, high),
            findings=tuple(self.findings),
            **found,
        )

    def _channels(self, histories: Histories, scores: Scores) -> tuple[dict[str, Any], ...] | None:
        """Compare channels where customers carry acquisition cost and source channel; None where they do not."""
        engine = self.shop.engine
        if not acquisition_known(engine, tuple(self.shop.available)):
            return None
        profit = self.basis is Basis.PROFIT and "profit" in histories.columns
        self.shop.run((channel_step(), payback_step(profit=profit)))
        earned = histories.columns["profit" if profit else "net"].astype(np.float64)
        known = known_channels(write_table(engine, "lifetime_channels", self.shop.scratch / "channels"), histories)
        rows, channel, cost = known
        if not rows.size:
            return None
        value = (earned + scores.value)[rows]
        return tuple(channel_returns(channel, cost, value, self.shop.rows("lifetime_payback")))
