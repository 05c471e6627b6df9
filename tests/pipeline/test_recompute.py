"""A label can be computed again from its run alone: indicators and the scheme of the manifest give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.label_tables import label_file
from tests.pipeline.conftest import THREE, job_of

from tierwise.contracts.scheme import evaluate
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.pipeline import run
from tierwise.snapshots.files import sha256
from tierwise.snapshots.runs import Run, open_run
from tierwise.snapshots.workspace import Workspace
from tierwise.sql.scheme import label_columns, label_steps
from tierwise.sql.steps import Step

MODELS = {**THREE, "own": {"model": "rfm", "nested": True, "names": {"important_value": {"zh-CN": "宝藏客户"}}}}


@pytest.fixture(scope="module")
def retail(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("retail")
    run(job_of(folder, shared_data / "retail" / "online_retail_2010_2011.parquet", MODELS))
    yield open_run(Workspace(folder))


@pytest.mark.parametrize("model", MODELS)
def test_the_label_table_again(retail: Run, model: str, tmp_path: Path) -> None:
    scheme = retail.scheme(model)
    with DuckDBEngine(threads=1) as engine:
        engine.attach("indicators", retail.indicator_files())
        run_plan(engine, label_steps(scheme, "indicators", "again"))
        engine.run(Step("labels", f"SELECT {', '.join(label_columns(scheme))} FROM again"))
        engine.write("labels", tmp_path / "labels")
    assert [sha256(tmp_path / "labels" / "part-000.parquet")] == [
        sha256(label_file(retail.labels(model), tmp_path / "of-the-run"))
    ]


@pytest.mark.parametrize("model", MODELS)
def test_every_label_in_python(retail: Run, model: str) -> None:
    """The scheme that was read back from JSON says of every customer what the label file says."""
    scheme = retail.scheme(model)
    with DuckDBEngine() as engine:
        engine.attach("labels", retail.labels(model))
        rows = engine.records("labels", "SELECT * FROM labels")
    assert len(rows) == retail.manifest.totals["customers"] == 4372
    for row in rows:
        verdict = evaluate(scheme, {column: row[column] for column in scheme.inputs})
        assert (verdict.tier.key, verdict.tier.rank) == (row["tier"], row["rank"])


def test_the_tier_table_adds_up(retail: Run) -> None:
    totals = retail.manifest.totals
    for result in retail.manifest.models.values():
        assert sum(row["customers"] for row in result.tiers) == totals["customers"]
        assert sum(row["orders"] for row in result.tiers) == totals["orders"]
        assert f"{sum(float(row['revenue']) for row in result.tiers):.2f}" == totals["revenue"]


def test_lines_without_a_customer_are_counted_and_cancellations_reduce_money(retail: Run) -> None:
    quality = retail.manifest.quality
    assert quality["rows_read"] == 541_909 == quality["rows_used"] + quality["rows_set_aside"]
    assert quality["set_aside"]["no_customer"] == 135_080
    assert retail.manifest.totals["revenue"] == "8300065.81"
    assert all(Path(file).is_file() for file in quality["rejects_files"])
