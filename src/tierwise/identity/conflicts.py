"""Chains of certain pairs that join what does not belong together.

A record without a name that shares telephone and mailbox with a mother is certainly hers, and with the father's just as
certainly his: each pair is decided by a rule, and together they would make one customer of two. Where certain pairs join
two records that something speaks against, those that compared no name give way, and if that does not help, all of them.

Likewise Wang Xiaoming sounds like 王晓明 and like 王小明, who may be brothers: where both are there, it is neither for certain.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.clusters import components
from tierwise.identity.folding import literal, quoted
from tierwise.identity.rules import NAMELESS, against, homophones

# Larger groups are refused whole by the guard against giant clusters.
_LARGEST = 200
CHAIN = "chain"
"""Among the guards that hold a pair back: it would join others that speak against each other."""


def break_chains(engine: DuckDBEngine, records: str, columns: Collection[str], certain: str) -> None:
    """Take the pairs out of `certain` (n_l, n_r, rule) that join, over others, records which speak against each other.

    They are added to the pairs held back, `find_certain`'s other table.
    """
    held = quoted(f"{certain.removesuffix('_certain')}_held")
    count = int(engine.native("count", f"SELECT count(*) FROM {quoted(records)}")[0][0])
    nameless = ", ".join(map(literal, NAMELESS))
    ways = [(against(columns), f"rule IN ({nameless})"), (against(columns), "true")]
    if "name_family" in columns:
        romanised = f"(SELECT n FROM {quoted(records)} WHERE name_family IS NULL)"
        by_sound = f"rule = 'phone_sound' AND (n_l IN {romanised} OR n_r IN {romanised})"
        ways.insert(0, (homophones(columns), by_sound))
    for speaks, yielding in ways:
        edges = engine.connection.execute(f"SELECT n_l, n_r FROM {quoted(certain)}").fetchnumpy()
        component = components(edges["n_l"], edges["n_r"], count)
        torn = _torn(engine, records, speaks, component)
        if not len(torn):
            continue
        _register(engine, "identity_torn", {"n": np.flatnonzero(np.isin(component, torn))})
        torn_pairs = f"FROM {quoted(certain)} WHERE n_l IN (SELECT n FROM identity_torn) AND {yielding}"
        engine.native("chains", f"INSERT INTO {held} SELECT n_l, n_r, rule, '{CHAIN}' {torn_pairs}")
        engine.native("break chains", f"DELETE {torn_pairs}")
        engine.unregister("identity_torn")


def _torn(engine: DuckDBEngine, records: str, speaks: str, component: Any) -> Any:
    """The components of three records and more in which two speak against each other."""
    size = np.bincount(component, minlength=len(component))[component]
    members = np.flatnonzero((size > 2) & (size <= _LARGEST))
    _register(engine, "identity_chained", {"n": members, "component": component[members]})
    rows = f"(SELECT r.*, c.component FROM identity_chained c JOIN {quoted(records)} r ON r.n = c.n)"
    found = engine.connection.execute(
        f"SELECT DISTINCT l.component FROM {rows} l JOIN {rows} r ON l.component = r.component AND l.n < r.n"
        f" WHERE {speaks}"
    ).fetchnumpy()["component"]
    engine.unregister("identity_chained")
    return found


def _register(engine: DuckDBEngine, name: str, columns: dict[str, Any]) -> None:
    import pyarrow as pa

    engine.register(name, pa.table(columns))
