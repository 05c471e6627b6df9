"""DuckDB and Spark agree to the row: EXCEPT ALL is empty both ways, for every indicator and model, in three zones.

The zone is set three times over: for the process, for the DuckDB session and for the Spark session.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.label_tables import label_rows_of
from tests.pipeline.conftest import THREE, job_of

from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.rows import Rows
from tierwise.datasets import simulate_shop
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.engine.progress import Silent
from tierwise.indicators.catalogue import CATALOGUE
from tierwise.indicators.checks import problems_of
from tierwise.indicators.compile import indicator_steps
from tierwise.indicators.declaration import Windows
from tierwise.pipeline import Ingested, Job, Resources, Source, compute, ingest
from tierwise.snapshots.runs import Run

pytestmark = [pytest.mark.slow, pytest.mark.spark]
ZONES = ("UTC", "Asia/Shanghai", "America/New_York")
MODELS = {
    **THREE,
    "nested": {"model": "rfm", "nested": True, "bins": 3},
    "top": {"model": "rfm", "scoring": "top", "window_days": 365},
    "stages_c": {"model": "lifecycle", "preset": "C"},
}
PARAMETERS = {"category": "C01", "event": "login", "topic": "delivery", "weights": "login=1"}


@pytest.fixture(scope="module", params=["demo shop", "retail"])
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Job, Ingested]:
    """A job and its canonical tables, read once; computing starts from them on either engine."""
    folder = tmp_path_factory.mktemp(request.param.replace(" ", "-"))
    if request.param == "retail":
        data: Path = request.getfixturevalue("shared_data")
        job = job_of(folder / "workspace", data / "retail" / "online_retail_2010_2011.parquet", MODELS)
    else:
        shop = simulate_shop(folder / "shop", 2_000, seed=3, tables=("orders", "customers"))
        customers = Source("customers", str(shop.paths["customers"]))
        job = job_of(folder / "workspace", shop.paths["orders"], MODELS, more_sources=[customers])
    job = replace(job, today=date(2026, 12, 31))
    with job.workspace.writing():
        return job, ingest(job, Resources(), Silent())


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def duckdb_in(zone: str) -> DuckDBEngine:
    engine = DuckDBEngine(threads=2)
    engine.native("zone", f"SET TimeZone = '{zone}'")
    return engine


def differences(left: Rows, right: Rows) -> list[Any]:
    """The types that differ, and the rows that only one side has."""
    with DuckDBEngine() as engine:
        engine.attach("l", left)
        engine.attach("r", right)
        types = [
            engine.native("types", f"SELECT column_name, column_type FROM (DESCRIBE {side})") for side in ("l", "r")
        ]
        if types[0] != types[1]:
            return [pair for pair in zip(*types, strict=False) if pair[0] != pair[1]]
        assert engine.native("rows", "SELECT count(*) FROM l")[0][0] > 1000
        return [
            row
            for a, b in (("l", "r"), ("r", "l"))
            for row in engine.native("except", f"SELECT '{a}', * FROM (FROM {a} EXCEPT ALL FROM {b}) LIMIT 3")
        ]


def test_runs(prepared: tuple[Job, Ingested], zone: str, make_spark: Callable[..., Engine]) -> None:
    job, ingested = prepared
    if zone != "UTC":  # zones touch dates, and dates reach models through three of them
        job = replace(job, models=[model for model in job.models if model.instance in THREE])
    one = compute(job, ingested, Resources(lambda: duckdb_in(zone)), Silent())
    other = compute(job, ingested, Resources(lambda: duckdb_in(zone), lambda: make_spark(zone)), Silent())
    assert (one.manifest.engine, other.manifest.engine) == ("duckdb", "spark")
    assert differences(one.indicator_files(), other.indicator_files()) == []
    for model in one.manifest.models:
        assert differences(one.labels(model), other.labels(model)) == [], model
        assert one.manifest.models[model] == other.manifest.models[model]
    assert one.manifest.totals == other.manifest.totals


def every_ref(available: Any) -> list[IndicatorRef]:
    """Every indicator that the data can carry, over all time and over 90 days where it takes a window."""
    refs = []
    for name, indicator in CATALOGUE.items():
        needed = tuple((p.name, PARAMETERS[p.name]) for p in indicator.parameters if p.default is None)
        windows = {Windows.NEVER: (None,), Windows.OPTIONAL: (None, 90), Windows.REQUIRED: (90,)}[indicator.windows]
        refs += [IndicatorRef(name, window, needed) for window in windows]
    return [ref for ref in refs if not problems_of([ref], available)]


def test_every_indicator(
    prepared: tuple[Job, Ingested], zone: str, make_spark: Callable[..., Engine], tmp_path: Path
) -> None:
    _, ingested = prepared
    available = {table.name: frozenset(table.columns) for table in ingested.tables}
    refs = every_ref(available)
    assert {"recency_days", "monetary_90d", "tenure_days", "mean_gap_days"} <= {ref.column for ref in refs}
    as_of = ingested.orders.last_date
    assert as_of is not None
    for name, engine in (("duckdb", duckdb_in(zone)), ("spark", make_spark(zone))):
        for table in ingested.tables:
            engine.attach(table.name, table.files)
        run_plan(engine, indicator_steps(refs, as_of, available))
        engine.write("indicators", tmp_path / name)
        engine.close()
    files = [sorted((tmp_path / name).glob("*.parquet")) for name in ("duckdb", "spark")]
    assert differences(*files) == []


def test_a_difference_would_be_seen(tmp_path: Path, prepared: tuple[Job, Ingested]) -> None:
    """One cent, or another type, is a difference."""
    _, ingested = prepared
    file = ingested.orders.files[0]
    with DuckDBEngine() as engine:
        engine.native("cent", f"COPY (SELECT * REPLACE (CASE WHEN row_number() OVER () = 7 THEN CAST(amount + 0.01 AS DECIMAL(18, 2)) "
                      f"ELSE amount END AS amount) FROM '{file}') TO '{tmp_path}/cent.parquet'")  # fmt: skip
        engine.native("type", f"COPY (SELECT * REPLACE (CAST(amount AS DOUBLE) AS amount) FROM '{file}') "
                      f"TO '{tmp_path}/type.parquet'")  # fmt: skip
    assert differences([file], [file]) == []
    assert len(differences([file], [tmp_path / "cent.parquet"])) == 2
    assert len(differences([file], [tmp_path / "type.parquet"])) == 1


def test_labels_of_a_run_are_readable_by_either(prepared: tuple[Job, Ingested]) -> None:
    """Whatever wrote them, a run's label tables are found and verified the same way."""
    job, _ = prepared
    for name in job.workspace.names():
        run = Run(job.workspace.runs / name)
        run.verify()
        assert all(label_rows_of(run.labels(model)) for model in run.manifest.models)
