"""The input of a stacked model: the indicator table with the tiers of other models beside it."""

from __future__ import annotations

from collections.abc import Mapping

from tierwise.contracts.stacking import tier_column
from tierwise.sql.steps import Step


def stacked_step(name: str, table: str, labels: Mapping[str, str]) -> Step:
    """The step that joins to the indicator table the tier keys of models, given as instance → label table."""
    joins, columns = "", ""
    for place, (instance, labelled) in enumerate(labels.items()):
        columns += f", l{place}.tier AS {tier_column(instance)}"
        joins += f" JOIN {labelled} AS l{place} ON i.customer_id = l{place}.customer_id"
    return Step(name, f"SELECT i.*{columns} FROM {table} AS i{joins}")
