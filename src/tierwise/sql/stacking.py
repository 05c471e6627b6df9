"""The input of a stacked model: the indicator table with the tiers of other models beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tierwise.contracts.scheme import Scheme
from tierwise.contracts.stacking import tier_column
from tierwise.sql.scheme import label_steps
from tierwise.sql.steps import Plan, Step


def stacked_step(name: str, table: str, labels: Mapping[str, str]) -> Step:
    """The step that joins to the indicator table the tier keys of models, given as instance → label table."""
    joins, columns = "", ""
    for place, (instance, labelled) in enumerate(labels.items()):
        columns += f", l{place}.tier AS {tier_column(instance)}"
        joins += f" JOIN {labelled} AS l{place} ON i.customer_id = l{place}.customer_id"
    return Step(name, f"SELECT i.*{columns} FROM {table} AS i{joins}")


def rank_column(instance: str) -> str:
    """The column in which `stacked_steps` puts the rank of a tier."""
    return f"{instance}_rank"


def inputs_of(model: str, schemes: Mapping[str, Scheme]) -> tuple[str, ...]:
    """The models whose tiers a model reads, directly or through others; each after those that it reads itself."""
    found: list[str] = []
    for name in schemes:
        if name != model and tier_column(name) in schemes[model].inputs:
            found += [*inputs_of(name, schemes), name]
    return tuple(dict.fromkeys(found))


def stacked_steps(
    prefix: str, table: str, schemes: Mapping[str, Scheme], below: Sequence[str], wanted: Collection[str]
) -> Plan:
    """Steps that put beside the columns `wanted` of a table the tiers of the models `below` and their ranks, in one pass.

    A tier is a function of its customer's row, so that nothing has to be joined. The last step is the table.
    """
    tiers, added = [tier_column(name) for name in below], list[str]()
    reads = {column for name in below for column in schemes[name].inputs}
    columns = [column for column in dict.fromkeys((*wanted, *sorted(reads))) if column not in tiers]
    steps: list[Step] = []
    for place, name in enumerate(below):
        labelled = f"{prefix}_{place}"
        have = [*columns, *added]
        steps += label_steps(schemes[name], table, labelled, have)
        table, new = f"{labelled}_tier", {"tier": tiers[place], "rank": rank_column(name)}
        listed = ", ".join(["customer_id", *have, *(f"{column} AS {alias}" for column, alias in new.items())])
        steps.append(Step(table, f"SELECT {listed} FROM {labelled}"))
        added += new.values()
    return tuple(steps)
