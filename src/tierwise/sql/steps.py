"""A plan is a sequence of named SELECTs; each makes a table that later steps read by its name."""

from __future__ import annotations

from collections.abc import Sequence
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


def in_one(steps: Sequence[Step]) -> Step:
    """Several steps as one, with all but the last inside it: an engine then plans the chain once, and not once a step.

    Only for steps that nothing else reads.
    """
    *inner, last = steps
    if not inner:
        return last
    parts = ", ".join(f"{step.name} AS ({step.sql})" for step in inner)
    return Step(last.name, f"WITH {parts} {last.sql}", last.stored)


Plan = tuple[Step, ...]
