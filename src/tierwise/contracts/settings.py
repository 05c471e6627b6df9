"""Settings that models check themselves say what is wrong in both languages."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, NoReturn

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from tierwise.language import Text


def refuse(problem: Text) -> NoReturn:
    """Refuse a setting inside a pydantic validator; the configuration reader keeps both languages."""
    raise PydanticCustomError("tierwise", "{en}", {"en": problem.en, "zh": problem.zh})


def _exact(value: object) -> object:
    """Read YAML's floats as the decimals that were typed: 0.1 means one tenth."""
    return Decimal(str(value)) if isinstance(value, float) else value


ExactDecimal = Annotated[Decimal, BeforeValidator(_exact)]
