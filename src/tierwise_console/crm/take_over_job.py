"""The job that takes the labels of a published run over; it goes on where it was interrupted."""

from __future__ import annotations

from typing import Any

from tierwise.language import Text
from tierwise_console.crm.services.tags import refresh_rule_tags
from tierwise_console.crm.services.take_over import Progress, take_over
from tierwise_console.jobs.kinds import JobKind, register
from tierwise_console.jobs.work import Work


def perform(work: Work) -> dict[str, Any]:
    """Take over batch by batch, each a transaction that asks for this claim; rule tags follow, which are made of what is there."""

    def told(progress: Progress) -> None:
        work.check()
        work.progress(progress.labels, doing=Text("taking labels over", "同步客户标签"))

    done = take_over(work.arguments["run"], told, within=work.effect)
    work.check()
    refresh_rule_tags()
    return {"customers": done.customers, "labels": done.labels, "changes": done.changes}


def register_all() -> None:
    """Make the kind known."""
    register(JobKind("take_over", Text("take labels over", "同步客户标签"), perform, lane="take_over", priority=70))
