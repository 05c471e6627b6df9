"""The contract of a tiering model: settings, what to learn, the scheme that follows, and the method card.

A model never touches an engine. It names the steps that compress the data (`learn`), is handed the few rows
they yield (`fit`), and sets `scheme_`, which is data: compiled to SQL it labels everyone, evaluated in Python
it explains one customer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from tierwise.contracts.indicators import IndicatorFact, IndicatorRef
from tierwise.contracts.mece import Claim
from tierwise.contracts.scheme import Scheme, Tier
from tierwise.contracts.settings import ExactDecimal
from tierwise.errors import ErrorKind, Family, raise_all
from tierwise.language import Text

UNKNOWN_TIER = ErrorKind(
    "config.unknown_tier",
    Family.CONFIG,
    what=Text("{model} has no tier {key} to be named", "{model} 没有层级 {key}，无法命名"),
    cause=Text("its tiers are: {known}", "它的层级：{known}"),
    cure=Text("correct the key under `names`", "请更正 names 下的层级代码"),
)

Records = list[dict[str, Any]]
Learned = Mapping[str, Records]


class TierNames(BaseModel):
    """A user's own name of a tier: one string for both languages, or one for each."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    en: str | None = None
    zh: str | None = Field(default=None, alias="zh-CN")


class ModelSpec(BaseModel):
    """Settings that every model has. Its JSON schema also draws the form on screen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    names: dict[str, str | TierNames] = Field(
        default_factory=dict, description="own tier names by tier key · 自定义层级名称（按层级代码）"
    )
    margin_percent: ExactDecimal = Field(
        default=Decimal(0),
        ge=0,
        lt=100,
        description="keep the tier until a threshold is crossed by so many per cent · 越线超过此百分比才换层",
    )
    minimum_stay_days: int = Field(
        default=0, ge=0, description="keep a tier for at least so many days · 层级至少保持天数"
    )

    @property
    def has_memory(self) -> bool:
        """Whether the tier of the run before matters."""
        return self.margin_percent > 0 or self.minimum_stay_days > 0


Spec = TypeVar("Spec", bound=ModelSpec)


@dataclass(frozen=True, slots=True)
class MethodCard:
    """What a person needs to choose a model; the advisor, the docs and the console show the same card."""

    title: Text
    question: Text
    data: Text
    minimum: Text
    fit: Text
    strengths: Text
    limits: Text
    difficulty: Text
    reference: str


@dataclass(frozen=True, slots=True)
class Learning:
    """The steps that compress the indicator table, and which of their tables `fit` wants to be handed."""

    steps: tuple[Any, ...] = ()
    reads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Training:
    """A second indicator table to learn from: `refs` as they were `days_before` as_of, called `table`.

    For models that predict: what was known then, beside what the indicators of today say came of it.
    """

    table: str
    refs: tuple[IndicatorRef, ...]
    days_before: int


@dataclass(frozen=True, slots=True)
class PredictedColumn:
    """A column that a model adds to the indicator table.

    `sql` is portable, over `i` (the indicator table) and `p` (the prediction's own rows); `unit` is an indicator's.
    """

    name: str
    sql: str
    label: Text
    unit: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model knows of customers beside their indicators.

    `rows` (an Arrow table, a row per combination of `keys`) are joined to the indicator table on `keys`; nobody has to
    have one. Engines then agree to the last digit, whatever the mathematics that made the rows.
    """

    rows: Any
    keys: tuple[str, ...]
    columns: tuple[PredictedColumn, ...]


Columns = Mapping[str, Any]
"""A table as numpy arrays by column: whole numbers as int64, decimals as float64; rows sorted, column by column."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something a fitted model found out about the data that its reader should know."""

    code: str
    text: Text
    figures: Mapping[str, Any]


class TierModel(ABC, Generic[Spec]):
    """Base of every model. The constructor stores the settings; names that end in `_` exist after `fit`."""

    name: ClassVar[str]
    card: ClassVar[MethodCard]
    spec_type: ClassVar[type[ModelSpec]]

    scheme_: Scheme
    notes_: tuple[Note, ...] = ()

    facts: Mapping[str, IndicatorFact] = {}
    """What the catalogue knows of the columns of `needs`; set before `fit`."""

    def __init__(self, spec: Spec, instance: str | None = None) -> None:
        self.spec = spec
        self.instance = instance or self.name

    @abstractmethod
    def needs(self) -> tuple[IndicatorRef, ...]:
        """The indicators this model reads with these settings."""

    def training(self) -> Training | None:
        """The earlier indicator table that `learn` reads too; most models need none."""
        return None

    def claim(self) -> Claim | None:
        """Rules that must be proved exclusive and exhaustive before the model may run; most models have none."""
        return None

    @abstractmethod
    def learn(self, table: str) -> Learning:
        """The steps over the indicator table whose results `fit` learns from."""

    @abstractmethod
    def fit(self, learned: Learned) -> Self:
        """Set `scheme_` (and `notes_`) from the results of `learn`; returns self."""

    def named(self, tiers: Sequence[Tier]) -> tuple[Tier, ...]:
        """The tiers with the user's own names in place of the shipped ones; raises `config.unknown_tier`."""
        known = {tier.key for tier in tiers}
        raise_all(
            [
                UNKNOWN_TIER.problem(key=key, model=self.instance, known=", ".join(sorted(known)))
                for key in self.spec.names
                if key not in known
            ]
        )
        return tuple(_rename(tier, self.spec.names.get(tier.key)) for tier in tiers)


class PredictingModel(TierModel[Spec]):
    """A model that adds columns to the indicator table before it learns its tiers from them.

    The tables that `study` reads may be long: they are handed over as columns. `prediction_` exists after `predict`.
    """

    prediction_: Prediction

    @abstractmethod
    def study(self, table: str) -> Learning:
        """The steps over the indicator table whose results `predict` learns from."""

    @abstractmethod
    def predict(self, studied: Mapping[str, Columns]) -> Prediction:
        """Learn; set `prediction_` to what is to be added, and return it."""


def _rename(tier: Tier, name: str | TierNames | None) -> Tier:
    if name is None:
        return tier
    shown = Text.same(name) if isinstance(name, str) else Text(name.en or tier.name.en, name.zh or tier.name.zh)
    return Tier(tier.key, shown, tier.rank, tier.meaning, tier.action)
