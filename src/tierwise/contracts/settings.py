"""Settings that models check themselves say what is wrong in both languages."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, NoReturn

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from tierwise.language import Text


def refuse(problem: Text) -> NoReturn:
    """Refuse a setting inside a pydantic validator; the configuration reader keeps both languages."""
    raise PydanticCustomError("tierwise", "{en}", {"en": problem.en, "zh": problem.zh})


def _exact(value: object) -> object:
    """Read YAML's floats as the decimals that were typed: 0.1 means one tenth."""
    return Decimal(str(value)) if isinstance(value, float) else value


ExactDecimal = Annotated[Decimal, BeforeValidator(_exact)]


def _ascending(percents: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
    if not percents or list(percents) != sorted(set(percents)) or not 0 < percents[0] <= percents[-1] < 100:
        refuse(Text("top_percents must ascend between 0 and 100", "累计占比须在 0 与 100 之间递增"))
    return percents


def _descending(amounts: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
    if not amounts or list(amounts) != sorted(set(amounts), reverse=True):
        refuse(Text("thresholds must descend", "门槛须从高到低"))
    return amounts


TopPercents = Annotated[tuple[ExactDecimal, ...], AfterValidator(_ascending)]
"""Cumulative shares of customers, from the top: 1, 5, 20 are the best 1 %, the next 4 % and the next 15 %."""
TwoTopPercents = Annotated[tuple[ExactDecimal, ExactDecimal], AfterValidator(_ascending)]
Thresholds = Annotated[tuple[ExactDecimal, ...], AfterValidator(_descending)]
"""Where tiers begin, from the top."""
TwoThresholds = Annotated[tuple[ExactDecimal, ExactDecimal], AfterValidator(_descending)]
