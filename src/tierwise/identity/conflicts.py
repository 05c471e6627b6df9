"""Chains of certain pairs that join what does not belong together.

A record without a name that shares telephone and mailbox with a mother is certainly hers, and with the father's just as
certainly his: each pair is decided by a rule, and together they would make one customer of two. Where certain pairs join
two records that something speaks against, those that compared no name give way, and if that does not help, all of them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.clusters import components
from tierwise.identity.folding import literal, quoted
from tierwise.identity.rules import NAMELESS, against

# Larger groups are refused whole by the guard against giant clusters.
_LARGEST = 200


def break_chains(engine: DuckDBEngine, records: str, columns: Collection[str], certain: str) -> None:
    """Take the pairs out of `certain` (n_l, n_r, rule) that join, over others, records which speak against each other."""
    count = int(engine.native("count", f"SELECT count(*) FROM {quoted(records)}")[0][0])
    nameless = ", ".join(map(literal, NAMELESS))
    for yielding in (f"rule IN ({nameless})", "true"):
        edges = engine.connection.execute(f"SELECT n_l, n_r FROM {quoted(certain)}").fetchnumpy()
        component = components(edges["n_l"], edges["n_r"], count)
        torn = _torn(engine, records, columns, component)
        if not len(torn):
            return
        _register(engine, "identity_torn", {"n": np.flatnonzero(np.isin(component, torn))})
        engine.native(
            "break chains", f"DELETE FROM {quoted(certain)} WHERE n_l IN (SELECT n FROM identity_torn) AND {yielding}"
        )
        engine.unregister("identity_torn")


def _torn(engine: DuckDBEngine, records: str, columns: Collection[str], component: Any) -> Any:
    """The components of three records and more in which two speak against each other."""
    size = np.bincount(component, minlength=len(component))[component]
    members = np.flatnonzero((size > 2) & (size <= _LARGEST))
    _register(engine, "identity_chained", {"n": members, "component": component[members]})
    rows = f"(SELECT r.*, c.component FROM identity_chained c JOIN {quoted(records)} r ON r.n = c.n)"
    found = engine.connection.execute(
        f"SELECT DISTINCT l.component FROM {rows} l JOIN {rows} r ON l.component = r.component AND l.n < r.n"
        f" WHERE {against(columns)}"
    ).fetchnumpy()["component"]
    engine.unregister("identity_chained")
    return found


def _register(engine: DuckDBEngine, name: str, columns: dict[str, Any]) -> None:
    import pyarrow as pa

    engine.register(name, pa.table(columns))
