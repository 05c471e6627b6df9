"""Find the records that are the same customer: some for certain, some to merge, some for a person to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.blocking import make_pairs
from tierwise.identity.clusters import components, connect
from tierwise.identity.conflicts import break_chains
from tierwise.identity.fillers import forget_shared
from tierwise.identity.folding import quoted
from tierwise.identity.kinds import Kinds, check_comparable
from tierwise.identity.records import make_records
from tierwise.identity.rules import find_apart, find_certain
from tierwise.identity.scoring import Compare, score
from tierwise.identity.standardise import standardise


@dataclass(frozen=True)
class DuplicateSettings:
    """One setting for customer data in general; no data set needs its own.

    `same_weight`: pairs from this weight on (log2 of the odds; 2 is four to one) are one customer. `review_weight`: from
    here up to it a person should look. `most_per_key`: a value that more records share makes no pairs, nor do the most
    common ones beyond `pairs_per_record`. `most_per_cluster`: no customer has more records. `region`: of telephone
    numbers without a country code.
    """

    same_weight: float = 2.0
    review_weight: float = -6.0
    most_per_key: int = 100
    pairs_per_record: int = 6
    most_per_cluster: int = 50
    region: str = "CN"


@dataclass(frozen=True)
class Duplicates:
    """What was found, as tables of the engine; records are named by the key, as text.

    `pairs`: record_l, record_r, rule (null unless certain), match_weight, and mw_… how much each field adds; where guards
    held a rule back, `held_rule` is that rule and `held_by` names them, with blanks between.
    `clusters`: record, cluster (the smallest record of it), size; every record once. `automatic`: the certain pairs.
    `review`: pairs that are not certain and of doubtful weight, or refused by the guard. `model`: the weights, as
    Splink describes them.
    """

    pairs: str
    clusters: str
    automatic: str
    review: str
    model: dict[str, Any]
    records: str
    columns: frozenset[str]


def find_duplicates(
    engine: DuckDBEngine, table: str, key: str, kinds: Kinds, settings: DuplicateSettings | None = None,
    compare: Compare | None = None,
) -> Duplicates:  # fmt: skip
    """Find the duplicates of `table`, whose column `key` names its records; `kinds` says what the other columns hold.

    `compare` compares the pairs elsewhere, as `scoring_on_spark` does.

    Raises `identity.unknown_column`, `identity.kind_twice`, `identity.nothing_to_compare`, `identity.unknown_region`.
    """
    settings = settings or DuplicateSettings()
    check_comparable(table, kinds)
    clean = standardise(engine, table, kinds, settings.region)
    records, columns = make_records(engine, clean, key, kinds)
    forget_shared(engine, records, columns)
    candidates = make_pairs(engine, records, columns, settings.most_per_key, settings.pairs_per_record)
    certain = find_certain(engine, records, columns, candidates)
    break_chains(engine, records, columns, certain)
    scored = score(engine, records, columns, candidates, compare)
    pairs = _judged(engine, table, scored.table, certain, settings.review_weight)
    edges = _edges(engine, pairs, settings.same_weight)
    separate = find_apart(engine, records, columns, _together(engine, table, edges, records))
    clusters, refused = _clustered(engine, records, edges, separate, settings.most_per_cluster)
    made = _publish(engine, _Made(table, records, pairs, certain, separate, edges, clusters, refused), settings)
    engine.native("drop weights", f"DROP VIEW {quoted(scored.table)}")
    held = f"{candidates}_held"
    for done in (scored.levels, candidates, separate, certain, held, f"{table}_together", "identity_numbered"):
        engine.native(f"drop {done}", f"DROP TABLE {quoted(done)}")
    return Duplicates(**made, model=scored.model, records=records, columns=columns)


@dataclass(frozen=True)
class _Made:
    """Tables and arrays on the way to the result."""

    table: str
    records: str
    pairs: str
    certain: str
    separate: str
    edges: Any
    clusters: Any
    refused: Any


def _judged(engine: DuckDBEngine, table: str, scored: str, certain: str, review_weight: float) -> str:
    """Make the pairs that matter: those that a rule decides, and those of some weight."""
    engine.native(
        "judged",
        "CREATE OR REPLACE TEMP TABLE identity_numbered AS SELECT s.*, c.rule, h.rule AS held_rule, h.held_by"
        f" FROM {quoted(scored)} s LEFT JOIN {quoted(certain)} c ON s.n_l = c.n_l AND s.n_r = c.n_r"
        f" LEFT JOIN {quoted(certain.removesuffix('_certain') + '_held')} h ON s.n_l = h.n_l AND s.n_r = h.n_r"
        f" WHERE c.rule IS NOT NULL OR s.match_weight >= {review_weight}",
    )
    return "identity_numbered"


def _edges(engine: DuckDBEngine, pairs: str, same_weight: float) -> Any:
    """The pairs that are one customer unless a guard refuses, as arrays n_l, n_r and weight."""
    return engine.connection.execute(
        "SELECT n_l, n_r, CASE WHEN rule IS NOT NULL THEN 'inf'::DOUBLE ELSE match_weight END AS weight"
        f" FROM {quoted(pairs)} WHERE rule IS NOT NULL OR match_weight >= ? ORDER BY n_l, n_r",
        [same_weight],
    ).fetchnumpy()


# In a component larger than this, which the guard will cut, only the pairs that hold it together are looked at.
_LARGEST_LOOKED_AT = 200


def _together(engine: DuckDBEngine, table: str, edges: Any, records: str) -> str:
    """Make all pairs of records that the edges bring together: each is asked whether it may be one customer."""
    import numpy as np
    import pyarrow as pa

    count = int(engine.native("count", f"SELECT count(*) FROM {quoted(records)}")[0][0])
    component = components(edges["n_l"], edges["n_r"], count)
    touched = np.unique(np.concatenate([edges["n_l"], edges["n_r"]]))
    small = np.bincount(component, minlength=max(count, 1))[component[touched]] <= _LARGEST_LOOKED_AT
    members = touched[small]
    engine.register("identity_members", pa.table({"n": members, "component": component[members]}))
    engine.register("identity_edges", pa.table({"n_l": edges["n_l"], "n_r": edges["n_r"]}))
    name = f"{table}_together"
    engine.native(
        name,
        f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS SELECT l.n AS n_l, r.n AS n_r FROM identity_members l"
        " JOIN identity_members r ON l.component = r.component AND l.n < r.n UNION SELECT n_l, n_r FROM identity_edges",
    )
    for view in ("identity_members", "identity_edges"):
        engine.unregister(view)
    return name


def _clustered(engine: DuckDBEngine, records: str, edges: Any, separate: str, most: int) -> tuple[Any, Any]:
    """Every record's cluster, and which edges were refused: those that are apart, and those that the guard cut."""
    count = int(engine.native("count", f"SELECT count(*) FROM {quoted(records)}")[0][0])
    apart = engine.connection.execute(f"SELECT n_l, n_r FROM {quoted(separate)}").fetchnumpy()
    size = max(count, 1)
    torn = np.isin(edges["n_l"] * size + edges["n_r"], apart["n_l"] * size + apart["n_r"])
    kept = {name: values[~torn] for name, values in edges.items()}
    clusters, cut = connect(kept["n_l"], kept["n_r"], kept["weight"], count, most, (apart["n_l"], apart["n_r"]))
    refused = np.zeros(len(torn), bool)
    refused[np.flatnonzero(~torn)[cut]] = True
    return clusters, refused


def _publish(engine: DuckDBEngine, made: _Made, settings: DuplicateSettings) -> dict[str, str]:
    """Make the tables of the result, records named by their keys instead of numbers."""
    import pyarrow as pa

    engine.register("identity_clusters", pa.table({"n": range(len(made.clusters)), "cluster": made.clusters}))
    refused = {name: made.edges[name][made.refused] for name in ("n_l", "n_r")}
    engine.register("identity_refused", pa.table(refused))
    names = {part: f"{made.table}_{part}" for part in ("pairs", "clusters", "automatic", "review")}
    records, named = quoted(made.records), "l.record AS record_l, r.record AS record_r"
    both = f"JOIN {records} l ON l.n = p.n_l JOIN {records} r ON r.n = p.n_r"
    queries = {
        "pairs": f"SELECT {named}, p.* EXCLUDE (n_l, n_r), a.n_l IS NOT NULL AS apart, f.n_l IS NOT NULL AS refused"
        f" FROM {quoted(made.pairs)} p {both} LEFT JOIN {quoted(made.separate)} a ON a.n_l = p.n_l AND a.n_r = p.n_r"
        " LEFT JOIN identity_refused f ON f.n_l = p.n_l AND f.n_r = p.n_r",
        "clusters": "SELECT a.record, b.record AS cluster, count(*) OVER (PARTITION BY c.cluster) AS size"
        f" FROM identity_clusters c JOIN {records} a ON a.n = c.n JOIN {records} b ON b.n = c.cluster ORDER BY a.record",
        "automatic": f"SELECT {named}, p.rule FROM {quoted(made.certain)} p {both} ORDER BY record_l, record_r",
        "review": f"SELECT * FROM {quoted(names['pairs'])} WHERE refused OR (rule IS NULL"
        f" AND match_weight >= {settings.review_weight}) ORDER BY match_weight DESC, record_l, record_r",
    }
    for part, query in queries.items():
        engine.native(names[part], f"CREATE OR REPLACE TEMP TABLE {quoted(names[part])} AS {query}")
    for view in ("identity_clusters", "identity_refused"):
        engine.unregister(view)
    return names
