"""Find the records that are the same customer: some for certain, some to merge, some for a person to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.blocking import make_pairs
from tierwise.identity.clusters import connect
from tierwise.identity.folding import quoted
from tierwise.identity.kinds import Kinds, check_comparable
from tierwise.identity.records import make_records
from tierwise.identity.rules import find_apart, find_certain
from tierwise.identity.scoring import score
from tierwise.identity.standardise import standardise


@dataclass(frozen=True)
class DuplicateSettings:
    """One setting for customer data in general; no data set needs its own.

    `same_weight`: pairs from this weight on (log2 of the odds; 2 is four to one) are one customer. `review_weight`: from
    here up to it a person should look. `most_per_key`: a value that more records share makes no pairs.
    `most_per_cluster`: no customer has more records. `region`: of telephone numbers without a country code.
    """

    same_weight: float = 2.0
    review_weight: float = -6.0
    most_per_key: int = 100
    most_per_cluster: int = 50
    region: str = "CN"


@dataclass(frozen=True)
class Duplicates:
    """What was found, as tables of the engine; records are named by the key, as text.

    `pairs`: record_l, record_r, rule (null unless certain), match_weight, and mw_… how much each field adds.
    `clusters`: record, cluster (the smallest record of it), size; every record once. `automatic`: the certain pairs.
    `review`: pairs that are not certain and of doubtful weight, or refused by the guard. `model`: the weights, as
    Splink describes them.
    """

    pairs: str
    clusters: str
    automatic: str
    review: str
    model: dict[str, Any]


def find_duplicates(
    engine: DuckDBEngine, table: str, key: str, kinds: Kinds, settings: DuplicateSettings | None = None
) -> Duplicates:
    """Find the duplicates of `table`, whose column `key` names its records; `kinds` says what the other columns hold.

    Raises `identity.unknown_column`, `identity.kind_twice`, `identity.nothing_to_compare`, `identity.unknown_region`.
    """
    settings = settings or DuplicateSettings()
    check_comparable(table, kinds)
    clean = standardise(engine, table, kinds, settings.region)
    records, columns = make_records(engine, clean, key, kinds)
    candidates = make_pairs(engine, records, columns, settings.most_per_key)
    certain = find_certain(engine, records, columns, candidates)
    separate = find_apart(engine, records, columns, candidates)
    scored = score(engine, records, columns, candidates)
    pairs = _judged(engine, table, scored.table, certain, separate)
    clusters, review = _clustered(engine, table, records, pairs, settings)
    for done in (scored.table, candidates, separate, records):
        engine.native(f"drop {done}", f"DROP TABLE {quoted(done)}")
    return Duplicates(pairs, clusters, certain, review, scored.model)


def _judged(engine: DuckDBEngine, table: str, scored: str, certain: str, separate: str) -> str:
    name = f"{table}_pairs"
    why = ", ".join(f"s.{quoted(column)}" for column in engine.columns(scored) if column.startswith(("mw_", "gamma_")))
    engine.native(
        name,
        f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS SELECT s.record_l, s.record_r, c.rule,"
        f" a.record_l IS NOT NULL AS apart, s.match_weight, {why}"
        f" FROM {quoted(scored)} s"
        f" LEFT JOIN {quoted(certain)} c ON s.record_l = c.record_l AND s.record_r = c.record_r"
        f" LEFT JOIN {quoted(separate)} a ON s.record_l = a.record_l AND s.record_r = a.record_r",
    )
    return name


def _clustered(
    engine: DuckDBEngine, table: str, records: str, pairs: str, settings: DuplicateSettings
) -> tuple[str, str]:
    """Make `<table>_clusters` and `<table>_review` of the judged pairs."""
    import pyarrow as pa

    engine.native(
        "numbers",
        "CREATE OR REPLACE TEMP TABLE identity_numbers AS SELECT record, row_number() OVER (ORDER BY record) - 1 AS n"
        f" FROM {quoted(records)}",
    )
    edges = engine.connection.execute(
        "SELECT l.n AS l, r.n AS r, CASE WHEN p.rule IS NOT NULL THEN 'inf'::DOUBLE ELSE p.match_weight END AS weight"
        f" FROM {quoted(pairs)} p JOIN identity_numbers l ON l.record = p.record_l"
        " JOIN identity_numbers r ON r.record = p.record_r WHERE NOT p.apart"
        " AND (p.rule IS NOT NULL OR p.match_weight >= ?) ORDER BY l.n, r.n",
        [settings.same_weight],
    ).fetchnumpy()
    count = int(engine.native("count", "SELECT count(*) FROM identity_numbers")[0][0])
    apart = engine.connection.execute(
        f"SELECT l.n AS l, r.n AS r FROM {quoted(pairs)} p JOIN identity_numbers l ON l.record = p.record_l"
        " JOIN identity_numbers r ON r.record = p.record_r WHERE p.apart"
    ).fetchnumpy()
    clusters, refused = connect(
        edges["l"], edges["r"], edges["weight"], count, settings.most_per_cluster, (apart["l"], apart["r"])
    )
    engine.register("identity_clusters", pa.table({"n": range(count), "cluster": clusters}))
    engine.register("identity_refused", pa.table({"l": edges["l"][refused], "r": edges["r"][refused]}))
    made, review = f"{table}_clusters", f"{table}_review"
    engine.native(
        made,
        f"CREATE OR REPLACE TEMP TABLE {quoted(made)} AS SELECT a.record, b.record AS cluster,"
        " count(*) OVER (PARTITION BY c.cluster) AS size FROM identity_clusters c"
        " JOIN identity_numbers a ON a.n = c.n JOIN identity_numbers b ON b.n = c.cluster ORDER BY a.record",
    )
    engine.native(
        review,
        f"CREATE OR REPLACE TEMP TABLE {quoted(review)} AS SELECT p.*, f.l IS NOT NULL AS refused FROM {quoted(pairs)} p"
        " JOIN identity_numbers l ON l.record = p.record_l JOIN identity_numbers r ON r.record = p.record_r"
        " LEFT JOIN identity_refused f ON f.l = l.n AND f.r = r.n"
        f" WHERE f.l IS NOT NULL OR (p.rule IS NULL AND p.match_weight >= {settings.review_weight})"
        " ORDER BY p.match_weight DESC, p.record_l, p.record_r",
    )
    for view in ("identity_clusters", "identity_refused"):
        engine.unregister(view)
    engine.native("numbers", "DROP TABLE identity_numbers")
    return made, review
