"""All models side by side on a period they have not seen, and which one `auto` takes.

The rule of `auto`, in this order:

1. every model is fitted up to the end of calibration; one whose parameters the data do not determine is out;
2. a model that calls every one-time buyer alive (BG/NBD, NBD) is shown but not taken where another one is left: its
   P(alive) says nothing of most customers;
3. one whose best tenth catches less than 90 % of the hold-out value that the best tenth of any model catches is out,
   for ranking is what tiers need;
4. of the rest, the smallest AIC wins: the models describe the same order times, so likelihoods compare.

The mean absolute error decides nothing: predicting nobody nearly wins by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tierwise.clv import model_class
from tierwise.clv.count_model import CountModel
from tierwise.clv.diagnostics import Finding, Severity
from tierwise.clv.gamma_gamma import GammaGamma
from tierwise.clv.holdout import HoldoutReport, judge
from tierwise.clv.summary import Compressed, Summary
from tierwise.errors import ErrorKind, Family, TierwiseError
from tierwise.language import Text
from tierwise.lifetime.histories import Histories
from tierwise.lifetime.spending import spend_summary

Floats = NDArray[np.float64]

CONTINUOUS = ("bg_nbd", "mbg_nbd", "mbg_cnbd_k", "pareto_nbd", "nbd")
ALIVE_FOR_EVER = ("bg_nbd", "nbd")
WITH_COVARIATES = ("bg_nbd", "mbg_nbd", "mbg_cnbd_k", "pareto_nbd")
ENOUGH_OF_THE_BEST = 0.9

NO_COVARIATES = ErrorKind(
    "lifetime.model_without_covariates",
    Family.USAGE,
    what=Text("{model} takes no covariates", "{model} 不支持协变量"),
    cause=Text("models with covariates: {known}", "支持协变量的模型：{known}"),
    cure=Text("choose one of these, or leave --covariates out", "请改用其中之一，或省略 --covariates"),
)
CHOSEN = ErrorKind(
    "lifetime.chosen",
    Family.DATA,
    what=Text("auto took {model}: {reason}", "自动选择了 {model}：{reason}"),
    cause=Text(
        "smallest AIC among models whose P(alive) is not 1 for one-time buyers and whose best tenth holds up",
        "在一次性买家的存活概率不恒为 1、且前 10% 捕获力合格的模型中，AIC 最小",
    ),
    cure=Text("name another with --model to have it instead", "如需其他模型，请用 --model 指定"),
)
NOTHING_FITS = ErrorKind(
    "lifetime.nothing_fits",
    Family.DATA,
    what=Text("no model can be learnt from these orders: {reasons}", "这些订单无法学习任何模型：{reasons}"),
    cause=Text("too few customers came back, or all behave alike", "回购客户太少，或客户行为几乎完全相同"),
    cure=Text(
        "use a longer observation; the simple value (in the result) needs no model",
        "请延长观察期；结果中的简易 LTV 不需要模型",
    ),
)
ALIVE_WARNING = ErrorKind(
    "lifetime.alive_for_ever",
    Family.DATA,
    what=Text(
        "{model} says that every one-time buyer is still a customer ({share:.0f}% of all)",
        "{model} 认为所有一次性买家都仍是客户（占全部的 {share:.0f}%）",
    ),
    cause=Text(
        "in this model customers can leave only after a repeat order, or never",
        "该模型中客户只能在复购之后流失，或永不流失",
    ),
    cure=Text(
        "P(alive) of this model cannot serve tiers or win-back; where mbg_nbd or pareto_nbd can be fitted, use one of these",
        "该模型的存活概率不宜用于分层与召回；若 mbg_nbd 或 pareto_nbd 能够拟合，请改用它们",
    ),
)


@dataclass(frozen=True)
class Trial:
    """One model on the calibration period; `model` is None where it could not be fitted, and `error` says why."""

    name: str
    model: CountModel | None
    error: TierwiseError | None = None
    orders: HoldoutReport | None = None
    value: HoldoutReport | None = None

    @property
    def problem(self) -> Text:
        """Why it could not be fitted."""
        assert self.error is not None
        return self.error.problems[0].what

    @property
    def aic(self) -> float:
        """Akaike's criterion: 2 · parameters - 2 · log-likelihood; k of MBG/CNBD-k counts as one."""
        assert self.model is not None
        extra = int(self.name == "mbg_cnbd_k")
        return 2.0 * (self.model.coordinates_.size + extra - self.model.log_likelihood_)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        if self.model is None:
            return {"model": self.name, "fitted": False, "problem": {"en": self.problem.en, "zh": self.problem.zh}}
        shown: dict[str, Any] = {
            "model": self.name,
            "fitted": True,
            "parameters": self.model.parameters_,
            "log_likelihood": self.model.log_likelihood_,
            "aic": self.aic,
        }
        return shown | (holdout_dict(self.orders, self.value) if self.orders else {})


def holdout_dict(orders: HoldoutReport, value: HoldoutReport | None) -> dict[str, Any]:
    """Return the judgement of a forecast as JSON-ready data: orders, and under `value_*` money."""
    shown = finite(orders.to_dict())
    if value is not None:
        money = finite(value.to_dict())
        kept = ("expected_total", "actual_total", "bias", "rank_correlation", "top_decile_share", "top_decile_best")
        shown |= {f"value_{name}": money[name] for name in kept}
    return shown


def finite(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data with null for figures that do not exist, however deep."""
    return {key: _finite(value) for key, value in data.items()}


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, dict):
        return finite(value)
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


@dataclass(frozen=True)
class Bench:
    """What every model is tried on."""

    summary: Summary
    histories: Histories
    spend: GammaGamma | None = None
    judged: bool = True


def new_model(name: str, covariates: Sequence[str] = (), *, strict: bool = True) -> CountModel:
    """Return an unfitted model, every covariate acting on both ordering and leaving."""
    if not covariates:
        return model_class(name)(strict=strict)
    check_takes_covariates(name)
    kind: Any = model_class(name)
    built: CountModel = kind(purchase_covariates=covariates, dropout_covariates=covariates, strict=strict)
    return built


def check_takes_covariates(name: str) -> None:
    """Raise `lifetime.model_without_covariates` for a model that knows none."""
    if name not in WITH_COVARIATES:
        raise NO_COVARIATES.error(model=name, known=", ".join(WITH_COVARIATES))


def try_models(names: Sequence[str], bench: Bench) -> list[Trial]:
    """Fit and judge every model; one that fails says why and stops nobody."""
    covariates = tuple(bench.summary.covariates)
    usable = [name for name in names if not covariates or name in WITH_COVARIATES]
    merged = bench.summary.compress()
    return [_try(name, covariates, bench, merged) for name in usable]


def _try(name: str, covariates: Sequence[str], bench: Bench, merged: Compressed) -> Trial:
    try:
        model = new_model(name, covariates).fit(merged.summary)
    except TierwiseError as error:
        return Trial(name, None, error)
    if not bench.judged:
        return Trial(name, model)
    orders, value = judged(model, bench, merged)
    return Trial(name, model, None, orders, value)


def judged(model: CountModel, bench: Bench, merged: Compressed) -> tuple[HoldoutReport, HoldoutReport | None]:
    """Judge a model's forecast of the hold-out period: orders, and money where spend was learnt."""
    histories = bench.histories
    rows = model.conditional_expected_transactions(merged.summary, histories.holdout_days)
    expected = rows[merged.inverse]
    orders = judge(expected, histories.holdout_orders())
    if bench.spend is None:
        return orders, None
    floored = histories.summary(bench.summary.days_per_unit, calibration=True, floor=True)
    summary = spend_summary(bench.spend, histories, floored, calibration=True)
    return orders, judge(expected * bench.spend.conditional_spend(summary), histories.holdout_money())


def choose(trials: Sequence[Trial]) -> tuple[Trial, Finding]:
    """Return the model that the stated rule takes, and why; raises `lifetime.nothing_fits`."""
    fitted = [trial for trial in trials if trial.model is not None]
    if not fitted:
        reasons = [trial.problem for trial in trials]
        joined = Text("; ".join(r.en for r in reasons), "；".join(r.zh for r in reasons))
        raise NOTHING_FITS.error(reasons=joined)
    honest = [trial for trial in fitted if trial.name not in ALIVE_FOR_EVER] or fitted
    sound = _ranks_well(honest, fitted)
    best = min(sound, key=lambda trial: trial.aic)
    problem = CHOSEN.problem(model=_label(best), reason=_reason(best, sound))
    return best, Finding.of(Severity.NOTE, problem)


def _ranks_well(trials: list[Trial], everyone: list[Trial]) -> list[Trial]:
    shares = [_caught(trial) for trial in everyone]
    limit = ENOUGH_OF_THE_BEST * max((share for share in shares if np.isfinite(share)), default=0.0)
    return [trial for trial in trials if not _caught(trial) < limit] or trials


def _caught(trial: Trial) -> float:
    """The share of hold-out value (orders, where money is unknown) in the best tenth; NaN where unknown."""
    report = trial.value or trial.orders
    return report.top_decile_share if report else float("nan")


def _reason(best: Trial, sound: Sequence[Trial]) -> Text:
    others = [f"{trial.name} {trial.aic:.1f}" for trial in sorted(sound, key=lambda t: t.aic) if trial is not best]
    caught = _caught(best)
    tenth = Text("", "")
    if np.isfinite(caught):
        tenth = Text(f", best tenth holds {caught:.0%} of the value", f"，前 10% 客户占价值的 {caught:.0%}")
    beside = Text(f" against {', '.join(others)}", f"，对比 {', '.join(others)}") if others else Text("", "")
    return Text(f"AIC {best.aic:.1f}{beside.en}{tenth.en}", f"AIC {best.aic:.1f}{beside.zh}{tenth.zh}")


def _label(trial: Trial) -> Text:
    assert trial.model is not None
    return trial.model.label


def alive_finding(model: CountModel, summary: Summary) -> list[Finding]:
    """Warn where one-time buyers are all called alive, and there are any."""
    share = 100.0 * (1.0 - summary.repeat_customers / summary.customers)
    if model.name not in ALIVE_FOR_EVER or share == 0:
        return []
    return [Finding.of(Severity.WARNING, ALIVE_WARNING.problem(model=model.label, share=share))]
