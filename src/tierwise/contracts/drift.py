"""How one import differs from the one before it: volume, blanks, distributions, categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tierwise.language import Text

PSI_NOTE = 0.1
PSI_WARN = 0.25
"""The customary limits of the population stability index: below .1 stable, from .25 on another population."""


@dataclass(frozen=True, slots=True)
class DriftLimits:
    """From where on a difference is worth a word; shares are in percentage points."""

    psi_note: float = PSI_NOTE
    psi_warn: float = PSI_WARN
    volume_change_percent: int = 50
    null_change_points: int = 5


@dataclass(frozen=True, slots=True)
class FieldDrift:
    """One field in two imports: the shares of blanks, the PSI over `bins` bins, categories that came and went.

    `psi` is None where a field has too few values, too many different ones, or a kind that has no distribution.
    """

    field: str
    null_before: float
    null_after: float
    psi: float | None = None
    bins: int = 0
    new: Sequence[str] = ()
    vanished: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Drift:
    """Two imports of one source; `warnings` and `notes` say what went beyond the limits."""

    table: str
    source: str
    before: str
    after: str
    rows_before: int
    rows_after: int
    fields: Sequence[FieldDrift]
    warnings: Sequence[Text] = field(default=())
    notes: Sequence[Text] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """As it is kept with a run."""
        return {
            "table": self.table,
            "source": self.source,
            "before": self.before,
            "after": self.after,
            "rows_before": self.rows_before,
            "rows_after": self.rows_after,
            "fields": [
                {
                    "field": each.field,
                    "null_before": round(each.null_before, 6),
                    "null_after": round(each.null_after, 6),
                    "psi": None if each.psi is None else round(each.psi, 4),
                    "bins": each.bins,
                    "new": list(each.new),
                    "vanished": list(each.vanished),
                }
                for each in self.fields
            ],
            "warnings": [{"en": text.en, "zh-CN": text.zh} for text in self.warnings],
            "notes": [{"en": text.en, "zh-CN": text.zh} for text in self.notes],
        }
