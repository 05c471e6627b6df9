"""A plan is a sequence of named SELECTs; each makes a table that later steps read by its name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One named SELECT in the portable subset.

    A `stored` step is computed once and kept, for tables that more than one later step reads; any other is
    a view, computed inside whatever reads it.
    """

    name: str
    sql: str
    stored: bool = False


Plan = tuple[Step, ...]
