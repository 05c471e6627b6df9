"""What a model asks of the indicator stage: a named indicator, over all time or over a window of days."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class IndicatorRef:
    """An indicator by name. `window_days` counts back from as_of, as_of included; None is all time."""

    name: str
    window_days: int | None = None

    @property
    def column(self) -> str:
        """The column it has in the indicator table: `monetary`, `monetary_365d`."""
        return self.name if self.window_days is None else f"{self.name}_{self.window_days}d"
