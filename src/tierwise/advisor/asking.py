"""Ask for advice on files that nobody has tiered yet, or on the tables of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tierwise.advisor.advice import Advice, Question, advise
from tierwise.contracts.model import TierModel
from tierwise.engine.base import Engine
from tierwise.engine.progress import Observer, Silent
from tierwise.ingestion import ingest
from tierwise.job import Job, Resources
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace


def advise_on_files(
    job: Job, resources: Resources, question: Question, scratch: Path, observer: Observer | None = None
) -> Advice:
    """Read the sources of a job and advise on its models; all that is written lies in the job's workspace and scratch."""
    told = observer or Silent()
    ingested = ingest(job, resources, told)
    last = ingested.orders.last_date
    assert last is not None, "build_table refuses a source without usable rows"
    tables = {table.name: table.files for table in ingested.tables}
    return _advise(tables, resources, job.models, job.as_of or last, question, scratch, told)


def advise_on_run(
    workspace: Workspace,
    run: Run,
    models: Sequence[TierModel[Any]],
    resources: Resources,
    question: Question,
    scratch: Path,
    as_of: date | None = None,
    observer: Observer | None = None,
) -> Advice:
    """Advise on models by the tables that a run was made from, as of its day unless told otherwise."""
    folder = workspace.tables / run.manifest.tables
    tables = {item.table: sorted((folder / item.table).glob("*.parquet")) for item in run.manifest.inputs}
    return _advise(tables, resources, models, as_of or run.manifest.as_of, question, scratch, observer or Silent())


def _advise(
    tables: Mapping[str, Sequence[Path]],
    resources: Resources,
    models: Sequence[TierModel[Any]],
    as_of: date,
    question: Question,
    scratch: Path,
    told: Observer,
) -> Advice:
    engine: Engine = resources.engine() if resources.engine else resources.ingest()
    try:
        for name, files in tables.items():
            engine.attach(name, files)
        available = {name: frozenset(engine.columns(name)) for name in tables}
        return advise(engine, models, available, as_of, question, scratch, told)
    finally:
        engine.close()
