"""What an order is worth: Gamma-Gamma where it can be learnt, each customer's own mean where it cannot; and margins.

Returns: repeat money nets refunds. A repeat buyer whose repeat money nets to 0 or less tells Gamma-Gamma nothing
(it needs positive amounts) and is left out of its fit; when scored, such a customer counts as having spent next to
nothing per order, not as an average one.

Margins: on a profit basis revenue per order is modelled and times the customer's margin taken, so that a customer
who loses money has a negative value. The margin is  (profit + A · m) / (net revenue + A)  with the shop's margin m
and its average order A: one average order's worth of prior keeps small histories from extremes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tierwise.clv.diagnostics import Finding, Severity
from tierwise.clv.gamma_gamma import GammaGamma
from tierwise.clv.summary import Summary
from tierwise.errors import ErrorKind, Family, TierwiseError
from tierwise.language import Text
from tierwise.lifetime.histories import Histories
from tierwise.lifetime.question import Basis

Floats = NDArray[np.float64]

NO_COST = ErrorKind(
    "lifetime.no_cost",
    Family.DATA,
    what=Text("profit cannot be computed: no order carries a cost", "无法按利润计算：订单没有成本"),
    cause=Text("--basis profit needs a cost column or a margin", "--basis profit 需要成本列或毛利率"),
    cure=Text(
        "name the column with --cost, give --margin 0.35, or use --basis revenue",
        "请用 --cost 指定成本列，或给出 --margin 0.35，或改用 --basis revenue",
    ),
)
OWN_MEAN = ErrorKind(
    "lifetime.own_mean_spend",
    Family.DATA,
    what=Text(
        "spend per order is each customer's own mean so far, not a model: {reason}",
        "单均金额取每位客户目前的均值，而非模型估计：{reason}",
    ),
    cause=Text(
        "Gamma-Gamma learns from repeat orders of different amounts", "Gamma-Gamma 需要金额有差异的复购订单才能学习"
    ),
    cure=Text(
        "values lean on what was spent so far; ask again when more customers have come back",
        "价值会依赖已有消费；待更多客户回购后再计算",
    ),
)


class OwnMeanSpend(GammaGamma):
    """Each customer's own mean order, known without doubt: what is left where Gamma-Gamma cannot be fitted."""

    def __init__(self) -> None:
        super().__init__()
        self.coordinates_, self.covariance_ = np.empty(0), np.empty((0, 0))

    def conditional_spend(self, summary: Summary) -> Floats:
        """Return `mean_spend` as it is."""
        assert summary.mean_spend is not None
        return summary.mean_spend

    def simulate_future(self, summary: Summary, orders: Floats, seed: int) -> Floats:
        """Return orders at the customer's mean."""
        return orders * self.conditional_spend(summary)

    @property
    def parameters_(self) -> dict[str, float]:
        """None: nothing is fitted."""
        return {}

    @property
    def standard_errors_(self) -> dict[str, float]:
        """None: nothing is fitted."""
        return {}


def learn_spend(summary: Summary) -> tuple[GammaGamma, list[Finding]]:
    """Return the model of spend that the data can carry, and what there is to know about it."""
    try:
        model = GammaGamma().fit(summary)
    except TierwiseError as error:
        problem = OWN_MEAN.problem(reason=error.problems[0].what)
        return OwnMeanSpend(), [Finding.of(Severity.WARNING, problem)]
    return model, list(model.diagnostics_)


def spend_summary(spend: GammaGamma, histories: Histories, summary: Summary, *, calibration: bool = False) -> Summary:
    """Return the summary with the mean that this model of spend reads."""
    if not isinstance(spend, OwnMeanSpend):
        return summary
    suffix, rows = ("_cal", histories.calibrated) if calibration else ("", slice(None))
    net, orders = (histories.columns[f"{name}{suffix}"][rows] for name in ("net", "orders"))
    return summary.with_spend(np.maximum(net, 0.0) / orders)


def resolve_basis(basis: Basis, margin: float | None, *, cost: bool) -> Basis:
    """Return revenue or profit; raises `lifetime.no_cost`."""
    known = cost or margin is not None
    if basis is Basis.AUTO:
        return Basis.PROFIT if known else Basis.REVENUE
    if basis is Basis.PROFIT and not known:
        raise NO_COST.error()
    return basis


def margins(histories: Histories, basis: Basis, margin: float | None) -> Floats:
    """Return profit per unit of revenue of each customer; 1 on a revenue basis."""
    if basis is Basis.REVENUE:
        return np.ones(len(histories))
    if "profit" not in histories.columns or margin is not None:
        assert margin is not None
        return np.full(len(histories), margin)
    columns: Mapping[str, Any] = histories.columns
    net, profit = np.maximum(columns["net"], 0.0), columns["profit"]
    revenue, orders = float(columns["net"].sum()), float(columns["orders"].sum())
    if revenue <= 0:
        return np.zeros(len(histories))
    shop, average = float(profit.sum()) / revenue, revenue / orders
    found: Floats = (np.where(columns["net"] > 0, profit, net * shop) + average * shop) / (net + average)
    return found


def spend_dict(spend: GammaGamma) -> dict[str, Any]:
    """Return what was learnt of spend as JSON-ready data; `model` says which."""
    if isinstance(spend, OwnMeanSpend):
        return {"model": "own_mean", "p": None, "q": None, "v": None}
    return {
        "model": "gamma_gamma",
        **spend.parameters_,
        "standard_errors": spend.standard_errors_,
        "log_likelihood": spend.log_likelihood_,
        "population_mean": spend.population_mean,
        "customers": spend.customers_,
    }
