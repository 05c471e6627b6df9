"""Carry out plans: what every stage does with the steps it has made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tierwise.contracts.rows import Derived
from tierwise.engine.base import Engine
from tierwise.sql.steps import Plan


def run_plan(engine: Engine, steps: Plan) -> None:
    """Run the steps of a plan in order."""
    for step in steps:
        engine.run(step)


def attach_derived(engine: Engine, table: str, rows: Derived) -> None:
    """Make rows readable as `table` that are derived of files: views, computed inside whatever reads them."""
    source = f"{table}_source"
    engine.attach(source, rows.files)
    run_plan(engine, rows.steps(source, table))


def read_tables(engine: Engine, names: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of small tables by name."""
    return {name: engine.records(name, f"SELECT * FROM {name}") for name in names}
