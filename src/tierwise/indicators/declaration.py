"""What the declaration of an indicator consists of: names, dimensions, unit, window, needs, and its SQL.

Three ways to sort indicators into dimensions are in use side by side; each indicator has a place in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.tables import Kind
from tierwise.language import Text
from tierwise.sql.expressions import date_before, literal
from tierwise.sql.steps import Plan

Available = Mapping[str, frozenset[str]]
"""The columns that each canonical table has."""


class Unit(StrEnum):
    """What an indicator is measured in. SCORE, RATE and ITEMS have two decimals; WORD is a name and has no order."""

    DAYS = "days"
    MINUTES = "minutes"
    YEARS = "years"
    COUNT = "count"
    RATE = "rate"
    ITEMS = "items"
    MONEY = "money"
    PERCENT = "percent"
    SCORE = "score"
    FLAG = "flag"
    WORD = "word"


UNIT_NAMES = {
    Unit.DAYS: Text("days", "天"),
    Unit.MINUTES: Text("minutes", "分钟"),
    Unit.YEARS: Text("years", "岁"),
    Unit.COUNT: Text("times", "次"),
    Unit.RATE: Text("times", "次"),
    Unit.ITEMS: Text("items", "件"),
    Unit.MONEY: Text("money", "元"),
    Unit.PERCENT: Text("%", "%"),
    Unit.SCORE: Text("points", "分"),
    Unit.FLAG: Text("yes (1) or no (0)", "是（1）/否（0）"),
    Unit.WORD: Text("name", "名称"),
}
WITH_CENTS = frozenset({Unit.MONEY, Unit.SCORE, Unit.RATE, Unit.ITEMS})
"""Units that are told to two decimals."""
_KINDS = {**dict.fromkeys(WITH_CENTS, Kind.MONEY), Unit.WORD: Kind.TEXT}


class Aspect(StrEnum):
    """Dimension set 1, the four key dimensions of a customer."""

    VALUE = "value"
    LIFECYCLE = "lifecycle"
    BEHAVIOUR = "behaviour"
    NEED = "need"


class Evidence(StrEnum):
    """Dimension set 2, by the kind of fact."""

    STATIC = "static"
    DYNAMIC = "dynamic"
    CONTRIBUTION = "contribution"
    SATISFACTION = "satisfaction"


class Worth(StrEnum):
    """Dimension set 3, what makes a customer worth having."""

    CONTRIBUTION = "contribution"
    LOYALTY = "loyalty"
    POTENTIAL = "potential"


ASPECT_NAMES = {
    Aspect.VALUE: Text("customer value", "客户价值"),
    Aspect.LIFECYCLE: Text("customer lifecycle", "客户生命周期"),
    Aspect.BEHAVIOUR: Text("customer behaviour", "客户行为"),
    Aspect.NEED: Text("customer need", "客户需求"),
}
EVIDENCE_NAMES = {
    Evidence.STATIC: Text("static attributes", "静态属性"),
    Evidence.DYNAMIC: Text("dynamic behaviour", "动态行为"),
    Evidence.CONTRIBUTION: Text("value contribution", "价值贡献"),
    Evidence.SATISFACTION: Text("satisfaction feedback", "满意度反馈"),
}
WORTH_NAMES = {
    Worth.CONTRIBUTION: Text("contribution", "客户贡献"),
    Worth.LOYALTY: Text("loyalty", "客户忠诚度"),
    Worth.POTENTIAL: Text("potential", "客户潜力"),
}


@dataclass(frozen=True, slots=True)
class Dimensions:
    """The place of an indicator in each of the three sets."""

    aspect: Aspect
    evidence: Evidence
    worth: Worth


class Windows(StrEnum):
    """Whether an indicator looks at all time, at a window, or at either."""

    NEVER = "never"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A setting of an indicator. `default` None means that it must be given."""

    name: str
    label: Text
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The time an indicator looks at, up to as_of, from `after` on (exclusive) where a window is set."""

    as_of: date
    window_days: int | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def after(self) -> date | None:
        """The day before the window."""
        return None if self.window_days is None else date_before(self.as_of, self.window_days)

    def inside(self, column: str) -> str:
        """SQL: the date lies in the window."""
        return "TRUE" if self.after is None else f"{column} > {literal(self.after)}"

    def previous(self, column: str) -> str:
        """SQL: the date lies in the window of the same length before."""
        after, days = self.after, self.window_days
        assert after is not None and days is not None, "an indicator that compares windows has Windows.REQUIRED"
        return f"{column} > {literal(date_before(self.as_of, 2 * days))} AND {column} <= {literal(after)}"


@dataclass(frozen=True, slots=True)
class Grain:
    """Rows that indicators aggregate per customer: one of `customer_id` and what they need beside it.

    `tables` must be there, `columns` (table, column) too. `steps` get the name of the table to end in. Where
    `per_span` is set the rows depend on window and parameters; else they are shared by all indicators.

    A row counts for the customer it names, except where `through` names a table that says who brought whom
    (`customer_id` brought `referred_customer_id`): what those others do then counts for whoever brought them.
    """

    name: str
    tables: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    steps: Callable[[str, Span, Available], Plan]
    per_span: bool = False
    through: str | None = None

    def facts(self, ref: IndicatorRef) -> str:
        """The name of its table of facts for an indicator."""
        return f"{ref.column}_facts" if self.per_span else f"{self.name}_facts"


Aggregates = Callable[[Span], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator.

    `aggregates` names the sums it needs of the grain's facts, per customer, as `{placeholder: aggregate SQL}`;
    `also` those of further grains. `value` combines them by `{placeholder}`; `absent` is what a customer without
    any row gets. Where the columns `refines` of the table customers are there, `refined` takes the place of
    `value`; it may name them too. `higher_is_better` is None where neither is. An indicator that is not
    `actionable` is a fact that no campaign changes.
    """

    name: str
    label: Text
    about: Text
    dimensions: Dimensions
    unit: Unit
    higher_is_better: bool | None
    grain: Grain
    aggregates: Aggregates
    value: Callable[[Span], str]
    windows: Windows = Windows.NEVER
    needs: tuple[tuple[str, str], ...] = ()
    absent: str = "NULL"
    also: tuple[tuple[Grain, Aggregates], ...] = ()
    refines: tuple[str, ...] = ()
    refined: Callable[[Span], str] | None = None
    parameters: tuple[Parameter, ...] = ()
    actionable: bool = True

    @property
    def kind(self) -> Kind:
        """The type of its column."""
        return _KINDS.get(self.unit, Kind.INTEGER)

    @property
    def grains(self) -> tuple[tuple[Grain, Aggregates], ...]:
        """Every grain it reads, with what it aggregates there."""
        return ((self.grain, self.aggregates), *self.also)

    @property
    def required(self) -> tuple[tuple[str, str], ...]:
        """The (table, column) pairs without which it cannot be computed."""
        of_grains = [pair for grain, _ in self.grains for pair in grain.columns]
        return tuple(dict.fromkeys((*of_grains, *self.needs)))

    def missing(self, available: Available) -> tuple[tuple[str, str], ...]:
        """The (table, column) pairs that are not there."""
        return tuple(
            (table, column) for table, column in self.required if column not in available.get(table, frozenset())
        )
