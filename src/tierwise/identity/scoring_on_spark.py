"""Compare pairs with Splink on Spark: the same model, levels and weights as on DuckDB, on the executors of a cluster.

Records are standardised, brought together and weighed on the machine that starts the search, as everything that does
not grow with the pairs; what grows with them, comparing, is dealt over the cluster. DuckDB and Spark exchange Parquet
files in a folder that executors see under the same path.

The likeness of texts is counted in Python, byte by byte as DuckDB does it: the functions that Splink ships for Spark as
a jar count characters of Java, and swaps of letters otherwise.
"""

from __future__ import annotations

import copy
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tierwise.engine.base import STEP_FAILED
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.spark import SparkEngine
from tierwise.engine.spill import SpillFolder
from tierwise.identity import likeness
from tierwise.identity.folding import literal, quoted
from tierwise.identity.scoring import Compare, kept_columns

# What Spark spells otherwise, and the two steps of counting typos as one function: Spark computes both sides of a CASE.
_SPELLINGS = (
    (
        r"CASE WHEN jaro_winkler_similarity\((\w+), (\w+)\) >= [\d.]+ THEN damerau_levenshtein\(\1, \2\) <= (\d+) ELSE false END",
        r"few_typos(\1, \2, \3)",
    ),
    (r"\bstarts_with\(", "startswith("),
)


def comparing_on(spark: SparkEngine, shared: Path) -> Compare:
    """Return how pairs are compared on a Spark session; `shared` is a folder that its executors see."""

    def compare(engine: DuckDBEngine, model: dict[str, Any], records: str, pairs: str) -> str:
        name = f"{pairs}_levels"
        with _exchange(shared) as folder:
            _hand_over(engine, spark, folder, "identity_records", f"SELECT * FROM {quoted(records)}")
            keys = f"SELECT n_l AS join_key_l, n_r AS join_key_r, '0' AS match_key FROM {quoted(pairs)}"
            _hand_over(engine, spark, folder, "identity_pairs", keys)
            spark.spread("identity_pairs")
            spark.teach(_functions(), [likeness])
            _predict(spark, model, name)
            spark.write(name, folder / "levels")
            files = literal(str(folder / "levels" / "*.parquet"))
            engine.native(name, f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS SELECT * FROM read_parquet({files})")
        return name

    return compare


@contextmanager
def _exchange(shared: Path) -> Iterator[Path]:
    """A folder below `shared` for the length of a search, open to whom that is; it holds personal data."""
    taken = SpillFolder(shared)
    try:
        taken.path.chmod(stat.S_IMODE(shared.stat().st_mode))
        yield taken.path
    finally:
        taken.remove()


def _hand_over(engine: DuckDBEngine, spark: SparkEngine, folder: Path, table: str, query: str) -> None:
    file = folder / f"{table}.parquet"
    engine.native(f"hand over {table}", f"COPY ({query}) TO {literal(str(file))} (FORMAT parquet, COMPRESSION snappy)")
    spark.attach(table, [file])


def _predict(spark: SparkEngine, model: dict[str, Any], name: str) -> None:
    """Make the view `name` of the compared pairs."""
    import splink
    from splink.backends.spark import SparkAPI
    from splink.internals.exceptions import SplinkException

    api = SparkAPI(spark_session=spark.session, break_lineage_method="persist", register_udfs_automatically=False)
    try:
        linker = splink.Linker(api.register("identity_records"), in_sparks_words(model), log_level=None)
        linker.table_management.register_blocked_pairs_for_predict(api.register("identity_pairs"))
        found = linker.inference.predict(warning_mode="never").physical_name
        rows = f"SELECT n_l, n_r, {', '.join(kept_columns(model))} FROM {found}"
        spark.session.sql(rows).createOrReplaceTempView(name)
    except SplinkException as error:
        raise STEP_FAILED.error(step=name, message=str(error), sql="") from error


def in_sparks_words(model: dict[str, Any]) -> dict[str, Any]:
    """Return Splink's model with its conditions as Spark spells them."""
    model = copy.deepcopy(model) | {"sql_dialect": "spark"}
    for comparison in model["comparisons"]:
        for level in comparison["comparison_levels"]:
            for pattern, spelling in _SPELLINGS:
                level["sql_condition"] = re.sub(pattern, spelling, level["sql_condition"])
    return model


def _functions() -> dict[str, tuple[Callable[..., Any], str]]:
    """The functions that Spark lacks; without their caches, which do not travel."""
    alike, counted = likeness.jaro_winkler.__wrapped__, likeness.damerau_levenshtein.__wrapped__
    least = likeness.LEAST_LIKE

    def similarity(left: str | None, right: str | None) -> float | None:
        return None if left is None or right is None else alike(left, right)

    def few_typos(left: str | None, right: str | None, most: int) -> bool | None:
        if left is None or right is None:
            return None
        return alike(left, right) >= least and counted(left, right) <= most

    return {"jaro_winkler_similarity": (similarity, "double"), "few_typos": (few_typos, "boolean")}
