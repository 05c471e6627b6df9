"""Can the figures be trusted? Findings are data with a cause and a cure, never a silent number.

Severity `error` stops a strict fit; `warning` and `note` travel with the model in `diagnostics_`.
Thresholds are on the log scale, where a standard error of 1 means a factor of e either way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tierwise.clv.optimise import Optimum
from tierwise.errors import ErrorKind, Family, Problem, TierwiseError
from tierwise.language import Text

Floats = NDArray[np.float64]

RIDGE_LOG_SE = 3.0
WEAK_LOG_SE = 1.0
SLOPE_LEFT = 1e-3
STRONG_CORRELATION = 0.3

FLAT_RIDGE = ErrorKind(
    "clv.flat_ridge",
    Family.DATA,
    what=Text(
        "{model}: the data do not determine {parameters}: many values fit equally well",
        "{model}：数据无法确定 {parameters}，许多取值拟合得一样好",
    ),
    cause=Text(
        "customers hardly differ in that respect (a nearly constant drop-out or buying rate), or too few came back",
        "客户在这方面几乎没有差异（流失率或购买频率近乎相同），或回购客户太少",
    ),
    cure=Text(
        "use a simpler model (nbd without drop-out), a longer observation, or a prior (prior=Prior(...))",
        "请改用更简单的模型（无流失的 nbd）、更长的观察期，或加入先验（prior=Prior(...)）",
    ),
)
AT_BORDER = ErrorKind(
    "clv.at_border",
    Family.DATA,
    what=Text(
        "{model}: the best {parameters} lies at the edge of what is searched",
        "{model}：{parameters} 的最优值落在搜索范围的边界上",
    ),
    cause=Text(
        "the data show no drop-out, no difference between customers, or a pattern that this model does not describe",
        "数据中没有流失、客户之间没有差异，或其规律不是该模型所描述的",
    ),
    cure=Text(
        "try another model (--model auto compares them), or a prior (prior=Prior(...))",
        "请换用其他模型（--model auto 会逐一比较），或加入先验（prior=Prior(...)）",
    ),
)
NOT_A_SUMMIT = ErrorKind(
    "clv.not_a_summit",
    Family.DATA,
    what=Text("{model}: the search stopped where the likelihood still rises", "{model}：搜索停在似然仍在上升的位置"),
    cause=Text("numbers of an unusual size, or a likelihood with a sharp bend", "数值量级异常，或似然函数有尖锐的拐弯"),
    cure=Text(
        "check for extreme customers (x or T far from the others), or use a prior",
        "请检查极端客户（x 或 T 远离其他客户），或使用先验",
    ),
)
NO_REPEAT_BUYERS = ErrorKind(
    "clv.no_repeat_buyers",
    Family.DATA,
    what=Text(
        "{model}: nobody came back, so nothing can be learnt of repeat buying",
        "{model}：没有任何客户回购，无从学习复购规律",
    ),
    cause=Text("all customers ordered once within the observation", "观察期内所有客户都只下过一单"),
    cure=Text(
        "observe for longer, or allow a prior (prior=AUTO): the answer then leans on it and its interval is wide",
        "请延长观察期，或允许使用先验（prior=AUTO）：结果会倚重先验，区间也会很宽",
    ),
)
WEAK_PARAMETERS = ErrorKind(
    "clv.weak_parameters",
    Family.DATA,
    what=Text("{model}: {parameters} is known only roughly", "{model}：{parameters} 只能粗略估计"),
    cause=Text("few customers came back, or they are much alike", "回购客户较少，或客户彼此相近"),
    cure=Text("read the intervals, not the point estimates", "请看区间，不要只看点估计"),
)
SMALL_DATA = ErrorKind(
    "clv.small_data",
    Family.DATA,
    what=Text(
        "{model}: only {found} customers came back; below {needed} the estimate is drawn towards a stated prior",
        "{model}：只有 {found} 位客户回购；少于 {needed} 位时，估计会向已声明的先验收缩",
    ),
    cause=Text(
        "so few repeat buyers do not determine a distribution over customers", "回购客户太少，不足以确定客户间的分布"
    ),
    cure=Text(
        "use the intervals; they narrow as orders come in (prior=None turns the prior off)",
        "请使用区间，随订单积累区间会变窄（prior=None 可关闭先验）",
    ),
)
LEANS_ON_PRIOR = ErrorKind(
    "clv.leans_on_prior",
    Family.DATA,
    what=Text(
        "{model}: {found} customers came back, too few here to determine the parameters; they are drawn towards a stated prior",
        "{model}：{found} 位客户回购，在此数据上不足以确定参数，估计已向声明的先验收缩",
    ),
    cause=Text(
        "the likelihood alone is flat or has its optimum at the edge, with fewer than {needed} repeat buyers",
        "回购客户少于 {needed} 位，仅凭似然曲线平坦或最优值落在边界",
    ),
    cure=Text(
        "use the intervals, or a simpler model (prior=None shows what the data alone say)",
        "请使用区间，或改用更简单的模型（prior=None 可查看仅凭数据的结论）",
    ),
)
INFINITE_MEAN_SPEND = ErrorKind(
    "clv.infinite_mean_spend",
    Family.DATA,
    what=Text(
        "Gamma-Gamma: q = {q:.3g} ≤ 1, so mean spend has no finite value",
        "Gamma-Gamma：q = {q:.3g} ≤ 1，平均消费额没有有限值",
    ),
    cause=Text(
        "a few enormous amounts, or almost no difference within a customer",
        "存在极少数巨额订单，或同一客户的金额几乎不变",
    ),
    cure=Text(
        "look for wrong amounts, split wholesale from retail, or use a prior (prior=Prior(...))",
        "请检查异常金额，把批发与零售分开，或使用先验（prior=Prior(...)）",
    ),
)
SPEND_FOLLOWS_FREQUENCY = ErrorKind(
    "clv.spend_follows_frequency",
    Family.DATA,
    what=Text(
        "spend per order and number of orders are correlated ({correlation:+.2f})",
        "单均金额与购买次数相关（{correlation:+.2f}）",
    ),
    cause=Text(
        "Gamma-Gamma assumes that how much is independent of how often", "Gamma-Gamma 假设消费金额与购买频率相互独立"
    ),
    cure=Text(
        "model groups that differ (wholesale, subscribers) apart; totals are biased by the correlation",
        "请把不同群体（批发、订阅等）分开建模；否则总额会因相关性而有偏",
    ),
)
SPEND_NOT_POSITIVE = ErrorKind(
    "clv.spend_not_positive",
    Family.DATA,
    what=Text(
        "{count} repeat buyers have a mean spend of 0 or less; the usual amount of an order is learnt without them",
        "{count} 位回购客户的平均消费额不大于 0，估计单均金额时未计入",
    ),
    cause=Text("returns outweigh their orders, or the orders were free", "退货超过订单金额，或订单金额为零"),
    cure=Text("count returns against the order they belong to", "请把退货冲减到对应的订单上"),
)


class Severity(StrEnum):
    """How much a finding matters: an error stops a strict fit."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know before a figure is used, in both languages."""

    severity: Severity
    code: str
    what: Text
    cause: Text
    cure: Text

    @classmethod
    def of(cls, severity: Severity, problem: Problem) -> Finding:
        """Return the finding for a problem, its texts already filled."""
        return cls(severity, problem.kind.code, problem.what, problem.cause, problem.cure)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        texts = {name: getattr(self, name) for name in ("what", "cause", "cure")}
        words = {name: {"en": text.en, "zh": text.zh} for name, text in texts.items()}
        return {"severity": str(self.severity), "code": self.code, **words}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Finding:
        """Return the finding that `to_dict` wrote."""
        words = {name: Text(data[name]["en"], data[name]["zh"]) for name in ("what", "cause", "cure")}
        return cls(Severity(data["severity"]), data["code"], **words)


def covariance(hessian: Floats) -> Floats:
    """Return the covariance of the estimates, infinite along directions the data say nothing of."""
    curvature, axes = np.linalg.eigh(-(hessian + hessian.T) / 2.0)
    variance = np.where(curvature > 1e-10, 1.0 / np.maximum(curvature, 1e-10), 1e10)
    found: Floats = (axes * variance) @ axes.T
    return found


def examine(label: str, names: Sequence[str], optimum: Optimum) -> list[tuple[Severity, Problem]]:
    """Return what the shape of the likelihood at its optimum tells: ridge, border, slope left."""
    found: list[tuple[Severity, Problem]] = []

    def named(mask: NDArray[np.bool_]) -> str:
        return ", ".join(name for name, bad in zip(names, mask, strict=True) if bad)

    if optimum.at_border.any():
        found.append((Severity.ERROR, AT_BORDER.problem(model=label, parameters=named(optimum.at_border))))
    log_se = np.sqrt(np.diag(covariance(optimum.hessian)))
    ridge = log_se > RIDGE_LOG_SE
    if ridge.any():
        found.append((Severity.ERROR, FLAT_RIDGE.problem(model=label, parameters=named(ridge))))
    elif (log_se > WEAK_LOG_SE).any():
        weak = named(log_se > WEAK_LOG_SE)
        found.append((Severity.WARNING, WEAK_PARAMETERS.problem(model=label, parameters=weak)))
    elif not optimum.converged or _slope_left(optimum) > SLOPE_LEFT:
        found.append((Severity.ERROR, NOT_A_SUMMIT.problem(model=label)))
    return found


def has_errors(found: Sequence[tuple[Severity, Problem]]) -> bool:
    """Whether one of the findings is an error."""
    return any(severity is Severity.ERROR for severity, _ in found)


def raise_errors(found: Sequence[tuple[Severity, Problem]]) -> None:
    """Raise the findings that are errors, together."""
    errors = [problem for severity, problem in found if severity is Severity.ERROR]
    if errors:
        raise TierwiseError(errors)


def _slope_left(optimum: Optimum) -> float:
    """Return how many standard errors the summit is still away."""
    gradient = np.where(optimum.at_border, 0.0, optimum.gradient)
    return float(np.sqrt(np.maximum(gradient @ covariance(optimum.hessian) @ gradient, 0.0)))
