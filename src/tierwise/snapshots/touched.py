"""Whom a change of version concerns: the customers whose rows may differ between two versions, and nobody is left out.

Imports that only one version has concern the customers of their rows, and of the rows they take the place of. Where
both versions have an import of the same source that the other has not, as snapshots that follow one another do, only
the rows that differ count. Where ids gave way to others in one version alone, both ids are concerned.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tierwise.contracts.imports import ImportRecord, Version
from tierwise.engine.base import Engine
from tierwise.engine.plans import run_plan
from tierwise.snapshots.imports import table_of
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace
from tierwise.sql.steps import Step


def attach_touched(engine: Engine, workspace: Workspace, old: Version, new: Version, name: str = "touched") -> bool:
    """Make the table `name` (customer_id) of all customers whose visible rows may differ; False: it may be anyone.

    Ids are those of either version, so that who gave way is among them, and who took over. Anyone may be concerned
    after an erasure, and where the order in which sources are trusted changed.
    """
    if old.erasures != new.erasures or _trust_changed(old, new):
        return False
    before, after = Visible(workspace, old), Visible(workspace, new)
    if old.identity is not None:
        engine.attach("map_before", [workspace.identity / old.identity / "map.parquet"])
    if new.identity is not None:
        engine.attach("map_after", [workspace.identity / new.identity / "map.parquet"])
    orders = {record.id: record for side in (before, after) for record in side.records.get("orders", ())}
    if orders:
        engine.attach_imports("orders_ever", _files(workspace, list(orders.values())))
    found = [sql for table in {**before.records, **after.records} for sql in _of_table(engine, before, after, table)]
    if old.identity != new.identity:
        found += _of_identity(old, new)
    raw = " UNION ALL ".join(found) or "SELECT CAST(NULL AS VARCHAR) AS customer_id"
    run_plan(engine, (Step(f"{name}_raw", raw), Step(name, _under_all_ids(f"{name}_raw", old, new), stored=True)))
    return True


def _trust_changed(old: Version, new: Version) -> bool:
    """Whether imports that both versions have stand in another order."""
    for table in set(old.imports) & set(new.imports):
        common = set(old.imports[table]) & set(new.imports[table])
        if [i for i in old.imports[table] if i in common] != [i for i in new.imports[table] if i in common]:
            return True
    return False


def _of_table(engine: Engine, before: Visible, after: Visible, table: str) -> list[str]:
    """SELECTs of the customer ids, as sources know them, that a change of one table concerns."""
    gone = _only(before, after, table)
    come = _only(after, before, table)
    both = {record.source for record in gone} & {record.source for record in come}
    found: list[str] = []
    for source in sorted(both):
        pair = [[r for r in side if r.source == source] for side in (gone, come)]
        found += _differing(engine, after.workspace, table, f"{table}_{len(found)}", *pair)
    alone = [record for record in (*gone, *come) if record.source not in both]
    if alone:
        engine.attach_imports(f"{table}_alone", _files(after.workspace, alone))
        found += _ids(table, f"{table}_alone", _columns(alone))
    superseding = [
        after.workspace.imports / record.id / "superseded" / f"{table}.parquet"
        for record in (*gone, *come)
        if record.overlaps
    ]
    if superseding and table != "order_lines":
        engine.attach(f"{table}_superseding", superseding)
        found.append(f"SELECT customer_id FROM {table}_superseding")
    return found


def _only(one: Visible, other: Visible, table: str) -> list[ImportRecord]:
    known = {record.id for record in other.records.get(table, ())}
    return [record for record in one.records.get(table, ()) if record.id not in known]


def _files(workspace: Workspace, found: Sequence[ImportRecord]) -> list[Path]:
    return [file for record in found for file in table_of(workspace, record).files]


def _columns(found: Sequence[ImportRecord]) -> list[str]:
    return sorted({column for record in found for column in record.columns})


def _differing(
    engine: Engine,
    workspace: Workspace,
    table: str,
    name: str,
    gone: Sequence[ImportRecord],
    come: Sequence[ImportRecord],
) -> list[str]:
    """The ids of rows that only one side has; everyone's where the sides do not have the same columns."""
    columns = _columns(gone)
    sides = (f"{name}_gone", f"{name}_come")
    for side, found in zip(sides, (gone, come), strict=True):
        engine.attach_imports(side, _files(workspace, found))
    if columns != _columns(come):
        return [
            sql for side, found in zip(sides, (gone, come), strict=True) for sql in _ids(table, side, _columns(found))
        ]
    listed = ", ".join(columns)
    selects = []
    for number, (one, other) in enumerate((sides, sides[::-1])):
        step = Step(f"{name}_{number}", f"SELECT {listed} FROM {one} EXCEPT ALL SELECT {listed} FROM {other}")
        engine.run(step)
        selects += _ids(table, step.name, columns)
    return selects


def _ids(table: str, source: str, columns: Sequence[str]) -> list[str]:
    """SELECTs of the customers of rows; order lines name an order, and its customer is found through the orders."""
    if table == "order_lines":
        return [f"SELECT o.customer_id FROM {source} AS l JOIN orders_ever AS o ON l.order_id = o.order_id"]
    ids = [column for column in ("customer_id", "referred_customer_id") if column in columns]
    return [f"SELECT {column} AS customer_id FROM {source}" for column in ids]


def _of_identity(old: Version, new: Version) -> list[str]:
    """Ids whose survivor is not the same in both versions, and these survivors."""
    sides = [name for name, version in (("map_before", old), ("map_after", new)) if version.identity is not None]
    rows = [f"SELECT customer_id, survivor_id FROM {side}" for side in sides]
    changed = [f"({rows[0]}) AS c"] if len(rows) == 1 else [f"({a} EXCEPT {b}) AS c" for a, b in (rows, rows[::-1])]
    return [
        f"SELECT {column} AS customer_id FROM {part}" for part in changed for column in ("customer_id", "survivor_id")
    ]


def _under_all_ids(raw: str, old: Version, new: Version) -> str:
    """The ids themselves, and what each is called in either version."""
    parts = [f"SELECT customer_id FROM {raw} WHERE customer_id IS NOT NULL"]
    for name, version in (("map_before", old), ("map_after", new)):
        if version.identity is not None:
            parts.append(
                f"SELECT m.survivor_id AS customer_id FROM {raw} AS r JOIN {name} AS m ON r.customer_id = m.customer_id"
            )
    return f"SELECT DISTINCT customer_id FROM ({' UNION ALL '.join(parts)}) AS ids"
