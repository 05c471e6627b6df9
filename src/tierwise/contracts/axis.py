"""Settings that name an indicator: which one, over which window, which way is better, and where high begins."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tierwise.contracts.indicators import IndicatorFact, IndicatorRef, ref_of
from tierwise.contracts.settings import ExactDecimal, refuse
from tierwise.language import Text

Facts = Mapping[str, IndicatorFact]
"""What the catalogue knows of indicators, by column."""


class IndicatorSetting(BaseModel):
    """An indicator by name, as a user writes it; the catalogue checks the name when data is at hand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    indicator: str = Field(description="name of an indicator · 指标名称")
    window_days: int | None = Field(default=None, ge=1, description="days it looks back · 统计窗口（天）")
    parameters: dict[str, str] = Field(default_factory=dict, description="parameters of the indicator · 指标参数")
    better: Literal["high", "low"] | None = Field(
        default=None,
        description="which values are good; by default as the catalogue says · 越高越好或越低越好（默认按指标定义）",
    )

    @property
    def ref(self) -> IndicatorRef:
        """What the indicator stage is asked for."""
        return ref_of(self.indicator, self.window_days, **self.parameters)

    def ascending(self, facts: Facts) -> bool:
        """Whether more is better: as the setting says, else as the catalogue does; yes where neither speaks."""
        if self.better is not None:
            return self.better == "high"
        fact = facts.get(self.ref.column)
        return fact is None or fact.higher_is_better is not False

    def label(self, facts: Facts) -> Text:
        """The name of the indicator in words, else its column."""
        fact = facts.get(self.ref.column)
        return Text.same(self.ref.column) if fact is None else fact.label


class Axis(IndicatorSetting):
    """An indicator cut in two. Mean, median and top are taken over `among`, own is the value at which good begins."""

    cut: Literal["mean", "median", "top", "own"] = Field(
        default="median", description="where high begins · 高低分界方式"
    )
    top_percent: ExactDecimal = Field(
        default=Decimal(20), gt=0, lt=100, description="share of customers that is high, for top · 前 N% 为高"
    )
    at: ExactDecimal | None = Field(default=None, description="the value at which good begins, for own · 自定义分界值")
    among: Literal["active", "all"] = Field(
        default="active", description="learn from customers above zero, or from all · 以有数值者或全体为基准"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.cut == "own") != (self.at is not None):
            refuse(Text("`at` goes with cut: own, and only with it", "at 须与 cut: own 同时使用"))
        return self
