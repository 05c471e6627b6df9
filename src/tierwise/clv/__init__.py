"""Customer lifetime value: when customers order, when they leave, what they spend; exactly and fast.

Pure numerics on numpy arrays: no engine, no SQL, no printing. A model class is reached by its name::

    summary = Summary(x, t_x, age, mean_spend=spend, days_per_unit=7)
    orders = model_class("mbg_nbd")().fit(summary)
    spend = GammaGamma().fit(summary)
    value = customer_value(orders, spend, summary, horizon_days=365)

Names are imported when they are first used, so that `import tierwise.clv` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

if TYPE_CHECKING:
    from tierwise.clv.count_model import CountModel

COUNT_MODELS = {
    "bg_nbd": "tierwise.clv.bg_nbd:BGNBD",
    "mbg_nbd": "tierwise.clv.mbg_nbd:MBGNBD",
    "mbg_cnbd_k": "tierwise.clv.mbg_cnbd_k:MBGCNBDk",
    "pareto_nbd": "tierwise.clv.pareto_nbd:ParetoNBD",
    "bg_bb": "tierwise.clv.bg_bb:BGBB",
    "nbd": "tierwise.clv.nbd:NBD",
}
"""Models of repeat orders by name: where customers leave unseen."""

UNKNOWN_MODEL = ErrorKind(
    "clv.unknown_model",
    Family.USAGE,
    what=Text("there is no model {name}; known: {known}", "没有名为 {name} 的模型；已有：{known}"),
    cause=Text("the name is misspelt, or belongs to a spend or subscription model", "名称有误，或属于消费额、订阅模型"),
    cure=Text("choose one of the names listed", "请从列出的名称中选择"),
)

_LAZY = {
    "Summary": "tierwise.clv.summary:Summary",
    "summarise": "tierwise.clv.summary:summarise",
    "count_orders": "tierwise.clv.summary:count_orders",
    "Discount": "tierwise.clv.discount:Discount",
    "Prior": "tierwise.clv.prior:Prior",
    "AUTO": "tierwise.clv.prior:AUTO",
    "GammaGamma": "tierwise.clv.gamma_gamma:GammaGamma",
    "SBG": "tierwise.clv.sbg:SBG",
    "Subscriptions": "tierwise.clv.sbg:Subscriptions",
    "customer_value": "tierwise.clv.value:customer_value",
    "BuyTillYouDieModel": "tierwise.clv.base:BuyTillYouDieModel",
}


def model_class(name: str) -> type[CountModel]:
    """Return the model of repeat orders called `name`; raises `clv.unknown_model` with the names known."""
    if name not in COUNT_MODELS:
        raise UNKNOWN_MODEL.error(name=name, known=", ".join(COUNT_MODELS))
    found: type[CountModel] = _load(COUNT_MODELS[name])
    return found


def _load(path: str) -> Any:
    module, attribute = path.split(":")
    return getattr(import_module(module), attribute)


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return _load(_LAZY[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
