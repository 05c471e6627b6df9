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
from tierwise.language import Text

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
        """The tiers with the user's own names in place of the shipped ones."""
        return tuple(_rename(tier, self.spec.names.get(tier.key)) for tier in tiers)


def _rename(tier: Tier, name: str | TierNames | None) -> Tier:
    if name is None:
        return tier
    shown = Text.same(name) if isinstance(name, str) else Text(name.en or tier.name.en, name.zh or tier.name.zh)
    return Tier(tier.key, shown, tier.rank, tier.meaning, tier.action)
