"""What jobs keep of a person: samples of files that were looked into, messages of errors. Taken out of jobs that ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from tierwise_console.jobs.models import OPEN, Job, JobLine

_KEPT = ("arguments", "cursor", "result", "error", "doing")


@transaction.atomic
def forget(clean: Callable[[Any], Any]) -> int:
    """Take the person out of arguments, results and logs; returns how many jobs and lines changed."""
    changed = 0
    for job in Job.objects.exclude(status__in=OPEN).iterator(chunk_size=500):
        before = {name: getattr(job, name) for name in _KEPT}
        after = {name: clean(value) for name, value in before.items()}
        if after != before:
            changed += Job.objects.filter(pk=job.pk).update(**after)
    for line in JobLine.objects.iterator(chunk_size=2000):
        said = {"en": clean(line.en), "zh": clean(line.zh)}
        if said != {"en": line.en, "zh": line.zh}:
            changed += JobLine.objects.filter(pk=line.pk).update(**said)
    return changed
