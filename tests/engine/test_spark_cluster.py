"""A standalone cluster, a master and two workers: the same project through the command line, and a worker that dies."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tierwise.datasets import simulate_shop
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.snapshots.runs import Run, open_run
from tierwise.snapshots.workspace import Workspace
from tierwise.testing.event_log import lost_executors, stages
from tierwise.testing.spark_cluster import SparkCluster, spark_cluster

pytestmark = [pytest.mark.slow, pytest.mark.spark]
PARTS = 3
PROJECT = """
as_of: 2026-10-31
sources:
  orders: {location: shop/orders.parquet}
  customers: {location: shop/customers.parquet}
models: {rfm: {}, pyramid: {}}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose published run was computed by DuckDB."""
    folder = tmp_path_factory.mktemp("project")
    simulate_shop(folder / "shop", 2_500, seed=11, tables=("orders", "customers"))
    (folder / "tierwise.yaml").write_text(PROJECT, encoding="utf-8")
    assert tierwise(folder, "run").wait(600) == 0
    return folder


@pytest.fixture(scope="module")
def cluster(spark_available: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkCluster]:
    with spark_cluster(tmp_path_factory.mktemp("cluster"), workers=2) as started:
        yield started


def tierwise(folder: Path, *arguments: str, configuration: Path | None = None) -> subprocess.Popen[bytes]:
    """The command in a process of its own: one process holds one Spark session."""
    environment = dict(os.environ) | ({"SPARK_CONF_DIR": str(configuration)} if configuration else {})
    command = [sys.executable, "-m", "tierwise", *arguments, "--workspace", str(folder)]
    with (folder / "said.log").open("ab") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


def on_cluster(folder: Path, cluster: SparkCluster, event_log: Path) -> subprocess.Popen[bytes]:
    """Start the run of a project on the cluster; what the session needs stands in a spark-defaults.conf, as at a company."""
    configuration = event_log.parent / f"{event_log.name}-conf"
    configuration.mkdir()
    settings = cluster.settings(event_log) | {"spark.sql.shuffle.partitions": str(PARTS)}
    lines = [f"{name} {value}" for name, value in settings.items()]
    (configuration / "spark-defaults.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    asked = ("run", "--engine", "spark", "--master", cluster.master, "--memory", "700MB")
    return tierwise(folder, *asked, configuration=configuration)


def differing(one: Run, other: Run) -> int:
    """Rows that only one of two runs has, over indicators and all labels."""
    assert list(one.manifest.models) == list(other.manifest.models)
    pairs = [(one.indicator_files(), other.indicator_files())]
    pairs += [(one.labels(model), other.labels(model)) for model in one.manifest.models]
    rows = 0
    with DuckDBEngine() as engine:
        for left, right in pairs:
            engine.attach("l", left)
            engine.attach("r", right)
            assert engine.native("count", "SELECT count(*) FROM l")[0][0] > 1_500
            for a, b in (("l", "r"), ("r", "l")):
                sql = f"SELECT count(*) FROM (FROM {a} EXCEPT ALL FROM {b})"
                rows += engine.native("except", sql)[0][0]
    return rows


def ended(process: subprocess.Popen[bytes], folder: Path) -> Run:
    """The run that a command published."""
    code = process.wait(600)
    assert code == 0, (folder / "said.log").read_text(encoding="utf-8")[-3000:]
    return open_run(Workspace(folder), "current")


def test_same_labels_spread_over_many_parts(project: Path, cluster: SparkCluster, tmp_path: Path) -> None:
    embedded = open_run(Workspace(project), "current")
    spread = ended(on_cluster(project, cluster, tmp_path / "events"), project)
    assert (embedded.manifest.engine, spread.manifest.engine) == ("duckdb", "spark")
    assert differing(embedded, spread) == 0
    assert embedded.manifest.totals == spread.manifest.totals
    assert max(stage.tasks for stage in stages(tmp_path / "events")) == PARTS


def test_a_worker_that_dies_changes_nothing(project: Path, cluster: SparkCluster, tmp_path: Path) -> None:
    """The worker is killed by its id once indicators are being written."""
    before = open_run(Workspace(project), "current")
    process = on_cluster(project, cluster, tmp_path / "events")
    limit = time.monotonic() + 120
    while not list((project / "runs").glob(".writing-*/indicators/*")):
        assert process.poll() is None and time.monotonic() < limit, (project / "said.log").read_text()[-3000:]
        time.sleep(0.05)
    cluster.kill_worker(1)
    after = ended(process, project)
    assert after.name != before.name
    assert differing(before, after) == 0
    assert lost_executors(tmp_path / "events") >= 1
