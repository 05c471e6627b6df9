"""Splink on Spark finds what it finds on DuckDB: the same levels, weights, clusters, certain pairs and queue."""

from __future__ import annotations

import json
import math
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from benchmarks.dedupe_people import write_people

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.spark import SparkEngine
from tierwise.identity.comparisons import ALL
from tierwise.identity.duplicates import Duplicates, find_duplicates
from tierwise.identity.kinds import Kind
from tierwise.identity.scoring import comparison_settings
from tierwise.identity.scoring_on_spark import comparing_on, in_sparks_words
from tierwise.testing.spark_cluster import SparkCluster

KINDS = {
    "name": Kind.FULL_NAME, "company": Kind.COMPANY, "phone": Kind.PHONE, "email": Kind.EMAIL, "city": Kind.CITY, "address": Kind.ADDRESS,
}  # fmt: skip


def test_what_spark_lacks_is_spelled_otherwise() -> None:
    conditions = [
        level["sql_condition"]
        for settings in in_sparks_words({"comparisons": [comparison_settings(each) for each in ALL]})["comparisons"]
        for level in settings["comparison_levels"]
    ]
    said = " ".join(conditions)
    assert "damerau" not in said and "starts_with" not in said and "CASE" not in said
    assert "few_typos(birth_l, birth_r, 2)" in said and "startswith(company_core_l" in said


def tierwise(folder: Path, *arguments: str, configuration: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own: one process holds one Spark session."""
    environment = dict(os.environ) | ({"SPARK_CONF_DIR": str(configuration)} if configuration else {})
    command = [sys.executable, "-m", "tierwise", *arguments, "--workspace", str(folder)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)


def rows(engine: DuckDBEngine, found: Duplicates) -> dict[str, list[tuple[Any, ...]]]:
    """What was found, without the weights of pairs."""
    levels = "COLUMNS('gamma_.*')"
    queries = {
        "clusters": f'SELECT record, cluster, size FROM "{found.clusters}"',
        "automatic": f'SELECT record_l, record_r, rule FROM "{found.automatic}"',
        "review": f'SELECT record_l, record_r, rule, apart, refused FROM "{found.review}"',
        "levels": f'SELECT record_l, record_r, {levels} FROM "{found.pairs}"',
    }
    return {name: engine.native(name, f"{sql} ORDER BY ALL") for name, sql in queries.items()}


def weights(engine: DuckDBEngine, found: Duplicates) -> dict[tuple[str, str], float]:
    sql = f'SELECT record_l, record_r, match_weight FROM "{found.pairs}"'
    return {(left, right): weight for left, right, weight in engine.native("weights", sql)}


@pytest.mark.slow
@pytest.mark.spark
def test_spark_finds_what_duckdb_finds(
    make_spark: Callable[[], SparkEngine], duck: DuckDBEngine, tmp_path: Path
) -> None:
    people = write_people(tmp_path / "people.parquet", 200)
    duck.native("people", f"CREATE TABLE people AS SELECT * FROM read_parquet('{people}')")
    here = find_duplicates(duck, "people", "record_id", KINDS)
    expected, weighed = rows(duck, here), weights(duck, here)
    shared = tmp_path / "shared"
    shared.mkdir()
    spark = make_spark()
    there = find_duplicates(duck, "people", "record_id", KINDS, compare=comparing_on(spark, shared))
    assert rows(duck, there) == expected and len(expected["automatic"]) > 20 and len(expected["review"]) > 20
    found = weights(duck, there)
    assert set(found) == set(weighed)
    assert all(math.isclose(found[pair], weight, abs_tol=1e-9) for pair, weight in weighed.items())
    assert not list(shared.iterdir()), "what was exchanged holds personal data"


@pytest.mark.slow
@pytest.mark.spark
def test_a_cluster_merges_and_queues_what_one_machine_does(
    spark_available: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the command line, on executors that have Python and none of our modules."""
    people = write_people(tmp_path / "people.parquet", 200)
    project = f"version: 1\nsources:\n  customers: {{location: {people}, columns: {{customer_id: record_id}}}}\n"
    (tmp_path / "tierwise.yaml").write_text(project, encoding="utf-8")
    assert tierwise(tmp_path, "import").returncode == 0
    here = json.loads(tierwise(tmp_path, "dedupe", "--json").stdout)
    with monkeypatch.context() as without_ours:
        without_ours.delenv("PYTHONPATH", raising=False)
        cluster = SparkCluster(tmp_path / "cluster", workers=2)
    try:
        configuration = tmp_path / "conf"
        configuration.mkdir()
        bare = tmp_path / "bare-python"
        bare.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -S "$@"\n', encoding="utf-8")
        bare.chmod(0o755)
        settings = cluster.settings() | {"spark.pyspark.python": str(bare)}
        lines = [f"{name} {value}" for name, value in settings.items()]
        (configuration / "spark-defaults.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
        asked = ("dedupe", "--json", "--engine", "spark", "--master", cluster.master, "--memory", "700MB")
        there = tierwise(tmp_path, *asked, configuration=configuration)
    finally:
        cluster.stop()
    assert there.returncode == 0, there.stderr[-3000:]
    assert json.loads(there.stdout) == here and len(here["merges"]) > 20
