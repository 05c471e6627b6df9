"""Forecasts and back-tests of a run: asked for as jobs, kept as files, read by the pages Value and Advisor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from tierwise.advisor.goals import GOALS
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise.snapshots.runs import Run
from tierwise_console.access.permissions import Permission
from tierwise_console.jobs import services as jobs
from tierwise_console.jobs.models import OPEN, Job
from tierwise_console.jobs.queueing import asked_for, enqueue
from tierwise_console.runs.published import run_if_there
from tierwise_console.runs.told_sections import Told, read_told

FIRST_GOAL = "repurchase"
UNASKED_CUSTOMERS = 100_000
"""Runs of at most so many customers are forecast and back-tested without being asked: it takes less than a minute."""
UNKNOWN_GOAL = ErrorKind(
    "advice.unknown_goal",
    Family.USAGE,
    what=Text("there is no goal {goal}", "没有目标 {goal}"),
    cause=Text("the goals are: {known}", "可选目标：{known}"),
    cure=Text("choose one of them", "请从中选择"),
)


def goals() -> list[tuple[str, Text]]:
    """The goals that advice is given for."""
    return [(goal.name, goal.label) for goal in GOALS.values()]


def _file(run: str, name: str) -> Path:
    found: Path = Path(settings.ENVIRONMENT.home) / "evidence" / run / f"{name}.json"
    return found


def value_of(run: Run) -> Told | None:
    """The forecast of a run; None where none was made yet."""
    return read_told(_file(run.name, "value"))


def advice_on(run: Run, goal: str) -> Told | None:
    """The back-test of a run for a goal; None where none was made yet."""
    return read_told(_file(run.name, f"advice-{goal}")) if goal in GOALS else None


def value_request(run: str) -> dict[str, Any]:
    """What the job is told that forecasts."""
    return {"task": "value", "run": run, "file": str(_file(run, "value"))}


def advice_request(run: str, goal: str) -> dict[str, Any]:
    """What the job is told that back-tests; raises `advice.unknown_goal`."""
    if goal not in GOALS:
        raise UNKNOWN_GOAL.error(goal=goal, known=", ".join(GOALS))
    return {"task": "advise", "run": run, "goal": goal, "file": str(_file(run, f"advice-{goal}"))}


def ask_value(actor: Any, run: Run) -> Job:
    """Have the forecast made; while one such job is open, asking again is asking for that one."""
    return _ask(actor, "value", value_request(run.name))


def ask_advice(actor: Any, run: Run, goal: str) -> Job:
    """Have the models back-tested for a goal."""
    return _ask(actor, "advise", advice_request(run.name, goal))


def _ask(actor: Any, kind: str, request: dict[str, Any]) -> Job:
    return _open(request) or jobs.ask(actor, kind, request, Permission.JOBS_RUN)


def _open(request: dict[str, Any]) -> Job | None:
    return Job.objects.filter(arguments__file=request["file"], status__in=OPEN).first()


def job_of_value(run: Run) -> Job | None:
    """The newest job that forecasts this run."""
    return Job.objects.filter(kind="value", arguments__file=value_request(run.name)["file"]).order_by("-pk").first()


def job_of_advice(run: Run, goal: str) -> Job | None:
    """The newest job that back-tests this run for a goal."""
    return (
        Job.objects.filter(kind="advise", arguments__file=advice_request(run.name, goal)["file"])
        .order_by("-pk")
        .first()
    )


def notice_missing_evidence() -> None:
    """Have the published run forecast and back-tested once, where that is a small thing."""
    run = run_if_there()
    if run is None or int(run.manifest.totals["customers"]) > UNASKED_CUSTOMERS:
        return
    for kind, request in (("value", value_request(run.name)), ("advise", advice_request(run.name, FIRST_GOAL))):
        key = f"{kind}:{run.name}"
        if not asked_for(key):
            enqueue(kind, request, unique_key=key)
