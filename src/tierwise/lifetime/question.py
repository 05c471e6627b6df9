"""What is asked about lifetime value: who, until when, how far ahead, with which model. Checked before any work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tierwise.clv import COUNT_MODELS
from tierwise.clv.discount import DAYS_PER_YEAR, Discount, check_horizon
from tierwise.clv.intervals import normal_quantile
from tierwise.config.validation import nearest
from tierwise.errors import ErrorKind, Family, Problem, TierwiseError
from tierwise.language import Text

AUTO = "auto"
SBG = "sbg"
MODELS = (AUTO, *COUNT_MODELS, SBG)

UNKNOWN_CLV_MODEL = ErrorKind(
    "lifetime.unknown_model",
    Family.USAGE,
    what=Text("there is no lifetime model {name}", "没有名为 {name} 的生命周期价值模型"),
    cause=Text("the models are: {known}", "可用的模型：{known}"),
    cure=Text("{nearest}", "{nearest}"),
)
BAD_MARGIN = ErrorKind(
    "lifetime.bad_margin",
    Family.USAGE,
    what=Text("{margin} is not a margin", "{margin} 不是有效的毛利率"),
    cause=Text("a margin is a share of revenue, at most 1", "毛利率是占销售额的比例，最大为 1"),
    cure=Text("0.35 means that 35% of revenue is profit", "0.35 表示销售额的 35% 是利润"),
)
CONTRACT_CONFLICT = ErrorKind(
    "lifetime.contract_conflict",
    Family.USAGE,
    what=Text(
        "the model {model} does not describe customers with contract {contract}",
        "模型 {model} 不适用于 {contract} 类型的客户关系",
    ),
    cause=Text(
        "sbg is for subscriptions, where leaving is seen; the others are for shops, where it is not",
        "sbg 用于能看到退订的订阅业务，其余模型用于看不到流失的零售业务",
    ),
    cure=Text("leave --model or --contract out", "请省略 --model 或 --contract"),
)


class TimeUnit(StrEnum):
    """The unit in which times and parameters are stated; months and years are mean ones, of 365.25 days a year."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"

    @property
    def days(self) -> float:
        """The length of the unit in days."""
        lengths = {"days": 1.0, "weeks": 7.0, "months": DAYS_PER_YEAR / 12.0, "years": DAYS_PER_YEAR}
        return lengths[self.value]


UNIT_LABELS = {
    TimeUnit.DAYS: Text("days", "天"),
    TimeUnit.WEEKS: Text("weeks", "周"),
    TimeUnit.MONTHS: Text("months", "月"),
    TimeUnit.YEARS: Text("years", "年"),
}


class Contract(StrEnum):
    """Whether leaving is seen (a subscription that is not renewed) or not (a shop)."""

    AUTO = "auto"
    NONE = "none"
    SUBSCRIPTION = "subscription"


class Basis(StrEnum):
    """What value is counted in; `auto` is profit where costs or a margin are known."""

    AUTO = "auto"
    REVENUE = "revenue"
    PROFIT = "profit"


@dataclass(frozen=True, slots=True)
class Question:
    """One question about lifetime value.

    Attributes:
        model: a name of `MODELS`.
        calibration_end: last day that models learn from, what follows judges them; None lets a stated rule find
            a split to judge by, and learns from everything afterwards.
        unit: of the parameters and of x, t_x, T as shown.
        horizon_days: days ahead from as_of that count.
        discount_annual: 0.1 makes money in a year worth 1 / 1.1 now.
        margin: profit per unit of revenue where no order carries a cost.
        level: share of intervals that hold the truth.
        intervals: whether to bound every customer's orders, which needs simulation.
        compare: whether to fit and judge the other models too.
    """

    model: str = AUTO
    calibration_end: date | None = None
    unit: TimeUnit = TimeUnit.WEEKS
    horizon_days: float = 365.0
    discount_annual: float = 0.1
    basis: Basis = Basis.AUTO
    margin: float | None = None
    contract: Contract = Contract.AUTO
    level: float = 0.9
    intervals: bool = True
    compare: bool = True

    def __post_init__(self) -> None:
        problems: list[Problem] = []
        for check in (self._check_model, self._check_margin, self._check_horizon, self._check_level):
            try:
                check()
            except TierwiseError as error:
                problems += error.problems
        if problems:
            raise TierwiseError(problems)

    @property
    def discount(self) -> Discount:
        """The discount, applied to each order at its own time."""
        return Discount.yearly(self.discount_annual)

    def _check_model(self) -> None:
        if self.model not in MODELS:
            known = ", ".join(MODELS)
            raise UNKNOWN_CLV_MODEL.error(name=self.model, known=known, nearest=nearest(self.model, MODELS))
        subscription = self.contract is Contract.SUBSCRIPTION
        if (subscription and self.model not in (AUTO, SBG)) or (self.contract is Contract.NONE and self.model == SBG):
            raise CONTRACT_CONFLICT.error(model=self.model, contract=self.contract)

    def _check_margin(self) -> None:
        if self.margin is not None and not -1e6 < self.margin <= 1:
            raise BAD_MARGIN.error(margin=self.margin)

    def _check_horizon(self) -> None:
        check_horizon(self.horizon_days, self.discount)

    def _check_level(self) -> None:
        normal_quantile(self.level)
