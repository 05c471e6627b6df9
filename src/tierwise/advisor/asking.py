"""Ask for advice on files that nobody has tiered yet, or on the tables of a run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tierwise.advisor.advice import Advice, Question, advise
from tierwise.contracts.imports import version_from_json
from tierwise.contracts.model import TierModel
from tierwise.engine.base import Engine
from tierwise.engine.progress import Observer, Silent
from tierwise.ingestion import ingest
from tierwise.job import Job, Resources
from tierwise.snapshots.runs import Run
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace


def advise_on_files(
    job: Job, resources: Resources, question: Question, scratch: Path, observer: Observer | None = None
) -> Advice:
    """Read the sources of a job and advise on its models; all that is written lies in the job's workspace and scratch."""
    told = observer or Silent()
    ingested = ingest(job, resources, told)
    return _advise(ingested.visible, resources, job.models, job.as_of or ingested.period[1], question, scratch, told)


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
    visible = Visible(workspace, version_from_json(run.manifest.version))
    return _advise(visible, resources, models, as_of or run.manifest.as_of, question, scratch, observer or Silent())


def _advise(
    visible: Visible,
    resources: Resources,
    models: Sequence[TierModel[Any]],
    as_of: date,
    question: Question,
    scratch: Path,
    told: Observer,
) -> Advice:
    engine: Engine = resources.engine() if resources.engine else resources.ingest()
    try:
        available = visible.attach(engine)
        return advise(engine, models, available, as_of, question, scratch, told)
    finally:
        engine.close()
