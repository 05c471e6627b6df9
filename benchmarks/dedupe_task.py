"""One task of the duplicate benchmark in a process of its own: prints one JSON line."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

from benchmarks.dedupe_sets import judge, labelled_set, load
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.duplicates import DuplicateSettings, find_duplicates

MEMORY = "600MB"


def tierwise(engine: DuckDBEngine, name: str) -> dict[str, Any]:
    labelled = labelled_set(name)
    found = find_duplicates(
        engine, "customers", labelled.key, labelled.kinds, DuplicateSettings(region=labelled.region)
    )
    both, automatic = engine.native(
        "automatic",
        f"SELECT count(*) FILTER (l.entity = r.entity), count(*) FROM {found.automatic} a"
        " JOIN truth l ON l.record = a.record_l JOIN truth r ON r.record = a.record_r",
    )[0]
    figures: dict[str, Any] = {"automatic": automatic, "automatic_precision": both / max(automatic, 1)}
    figures["review"] = engine.native("review", f"SELECT count(*) FROM {found.review}")[0][0]
    return {"clusters": found.clusters, **figures}


def plain_splink(engine: DuckDBEngine, name: str) -> dict[str, Any]:
    """Splink as its tutorial has it: Jaro-Winkler on every raw column, blocked on every column but the city."""
    import splink
    import splink.comparison_library as cl

    logging.getLogger("splink").setLevel(logging.ERROR)
    labelled = labelled_set(name)
    columns = [column for column in labelled.kinds if column not in {"city", "suburb", "street_number"}]
    api = splink.DuckDBAPI(connection=engine.connection)
    settings = splink.SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name=labelled.key,
        comparisons=[cl.JaroWinklerAtThresholds(column, [0.92, 0.8]) for column in labelled.kinds],
        blocking_rules_to_generate_predictions=[splink.block_on(column) for column in columns],
    )
    linker = splink.Linker(api.register("customers"), settings, log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for column in columns[:3]:
        linker.training.estimate_parameters_using_expectation_maximisation(splink.block_on(column))
    pairs = linker.inference.predict(threshold_match_probability=0.8, warning_mode="never")
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=0.8)
    engine.native(
        "plain",
        f"CREATE TABLE plain AS SELECT {labelled.key} AS record, cluster_id AS cluster FROM {clusters.physical_name}",
    )
    return {"clusters": "plain"}


def main(who: str, name: str) -> None:
    with DuckDBEngine(MEMORY, threads=2) as engine:
        load(engine, labelled_set(name))
        began, cpu = time.perf_counter(), time.process_time()
        result = {"tierwise": tierwise, "splink": plain_splink}[who](engine, name)
        took = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - cpu}
        records = engine.native("count", "SELECT count(*) FROM customers")[0][0]
        result |= judge(engine, result.pop("clusters")) | {"records": records}
    print(json.dumps(took | {"result": json.dumps(result)}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
