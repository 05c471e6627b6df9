"""Who moved, and which indicator moved them: replay the change with one indicator at a time.

The reference is the scheme of the later run. A customer with the values of before, under the scheme of after, has
some tier. If that already is the tier of after, the lines moved, not the customer. Otherwise each indicator is set to
its new value alone, the others staying as they were; those that alone lead to the tier of after explain the move. If
none does, the smallest set of indicators that does together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from tierwise.contracts.scheme import Scheme, Value, evaluate
from tierwise.sql.steps import Plan, Step

LINES = "lines"
UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Mover:
    """One customer that changed tier. `causes` are the sets of indicator columns that alone explain it.

    They are empty where the lines moved (`lines_moved`), or where no set of today's indicators explains it.
    """

    customer: str
    before: str
    after: str
    old: Mapping[str, Value]
    new: Mapping[str, Value]
    causes: tuple[tuple[str, ...], ...]
    lines_moved: bool


def causes_of(
    scheme: Scheme, before: Mapping[str, Value], after: Mapping[str, Value], target: str
) -> tuple[tuple[tuple[str, ...], ...], bool]:
    """The smallest sets of indicators whose change leads to the tier `target`, and whether the lines alone do."""
    if evaluate(scheme, before).tier.key == target:
        return (), True
    changed = [column for column in scheme.inputs if before[column] != after[column]]
    for size in range(1, len(changed) + 1):
        found = tuple(
            group
            for group in combinations(changed, size)
            if evaluate(scheme, {**before, **{column: after[column] for column in group}}).tier.key == target
        )
        if found:
            return found, False
    return (), False


def mover_steps(inputs: Sequence[str], worth: str) -> Plan:
    """The step `movers`, from `moves`, the indicator tables `inputs_before` and `inputs_after`, and `worth`.

    `inputs` name the columns that both indicator tables have; `worth` is a table (customer_id, monetary).
    """
    old = "".join(f", a.{column} AS old_{column}" for column in inputs)
    new = "".join(f", b.{column} AS new_{column}" for column in inputs)
    sql = (
        f"SELECT m.customer_id, m.tier_before, m.tier_after, w.monetary AS worth{old}{new} FROM moves AS m "
        "INNER JOIN inputs_before AS a ON m.customer_id = a.customer_id "
        "INNER JOIN inputs_after AS b ON m.customer_id = b.customer_id "
        f"LEFT JOIN {worth} AS w ON m.customer_id = w.customer_id WHERE m.tier_before <> m.tier_after"
    )
    return (Step("movers", sql),)


def movers_of(rows: Sequence[Mapping[str, Value]], scheme: Scheme, inputs: Sequence[str]) -> tuple[Mover, ...]:
    """The movers of rows of `movers`, each with its causes."""
    found = []
    for row in rows:
        old, new = ({column: row[f"{side}_{column}"] for column in inputs} for side in ("old", "new"))
        causes, lines = causes_of(scheme, old, new, str(row["tier_after"]))
        found.append(
            Mover(str(row["customer_id"]), str(row["tier_before"]), str(row["tier_after"]), old, new, causes, lines)
        )
    return tuple(found)


def tally(movers: Sequence[Mover]) -> dict[str, int]:
    """How many movers each cause explains; a set is written a+b. One mover counts for each of its causes."""
    counts: dict[str, int] = {}
    for mover in movers:
        names = ["+".join(group) for group in mover.causes] or [LINES if mover.lines_moved else UNEXPLAINED]
        for name in names:
            counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
