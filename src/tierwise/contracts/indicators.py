"""What a model asks of the indicator stage: a named indicator, over all time or over a window of days."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import total_ordering

from tierwise.language import Text

_PLAIN = re.compile(r"[a-z0-9_]{1,20}")

Parameters = tuple[tuple[str, str], ...]


@total_ordering
@dataclass(frozen=True, slots=True)
class IndicatorRef:
    """An indicator by name. `window_days` counts back from as_of, as_of included; None is all time.

    `parameters` are (name, value) pairs, sorted, for indicators that take them: which event, which category,
    which weights. Refs are ordered by their column.
    """

    name: str
    window_days: int | None = None
    parameters: Parameters = ()

    @property
    def column(self) -> str:
        """The column it has in the indicator table: `monetary`, `monetary_365d`, `event_count_30d_login`.

        Parameters that are not one plain word are told apart by eight digits of their SHA-256.
        """
        window = "" if self.window_days is None else f"_{self.window_days}d"
        return f"{self.name}{window}{self._suffix}"

    @property
    def _suffix(self) -> str:
        if not self.parameters:
            return ""
        values = [value for _, value in self.parameters]
        if len(values) == 1 and _PLAIN.fullmatch(values[0]):
            return f"_{values[0]}"
        text = "\n".join(f"{name}={value}" for name, value in self.parameters)
        return f"_{hashlib.sha256(text.encode()).hexdigest()[:8]}"

    def __lt__(self, other: IndicatorRef) -> bool:
        return self.column < other.column


@dataclass(frozen=True, slots=True)
class IndicatorFact:
    """What a model may know of an indicator column: its name in words, and which way is better, where either is."""

    label: Text
    higher_is_better: bool | None


def ref_of(name: str, window_days: int | None = None, **parameters: str) -> IndicatorRef:
    """An indicator with parameters given by name, in any order."""
    return IndicatorRef(name, window_days, tuple(sorted(parameters.items())))
