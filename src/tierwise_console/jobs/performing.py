"""One claim of a job from its start to its end, whatever the end is."""

from __future__ import annotations

import logging
import traceback

from tierwise.errors import TierwiseError
from tierwise.language import Lang, Text
from tierwise_console.jobs.claiming import settle
from tierwise_console.jobs.clock import after
from tierwise_console.jobs.models import Job, Status
from tierwise_console.jobs.queueing import say
from tierwise_console.jobs.retrying import delay_seconds, helps_to_retry
from tierwise_console.jobs.work import CancelledError, LeaseLostError, Work

LOG = logging.getLogger("tierwise.jobs")


def perform(work: Work) -> str:
    """Do the work and settle the job; returns its new status, or `lost` where another worker has it now."""
    try:
        result = work.kind.perform(work)
        work.check()
        ended = settle(work.job, Status.DONE, result=result, error=None)
        return str(Status.DONE) if ended else "lost"
    except LeaseLostError:
        LOG.warning("job %s was given to another worker", work.job.pk)
        return "lost"
    except CancelledError:
        return _cancelled(work)
    except Exception as error:  # noqa: BLE001  (whatever a job's code raises is the job's failure, not the worker's)
        return _failed(work, error)


def _cancelled(work: Work) -> str:
    if not settle(work.job, Status.CANCELLED):
        return "lost"
    say(work.job, Text("cancelled", "已取消"), "warning")
    return str(Status.CANCELLED)


def _failed(work: Work, error: Exception) -> str:
    """Try again later where that can help, else leave the job to a person."""
    kind, tries = work.kind, Job.objects.values_list("tries", flat=True).get(pk=work.job.pk) + 1
    told = error_json(error)
    if not helps_to_retry(error):
        status, wait = Status.FAILED, 0.0
    elif tries >= kind.most_tries:
        status, wait = Status.DEAD, 0.0
    else:
        status, wait = Status.QUEUED, delay_seconds(tries, kind.first_delay_seconds, kind.longest_delay_seconds)
    if not settle(work.job, status, tries=tries, error=told, run_after=after(wait)):
        return "lost"
    say(work.job, Text.of(told), "error")
    if status == Status.QUEUED:
        say(work.job, Text(f"trying again in {wait:.0f} s", f"{wait:.0f} 秒后重试"))
    LOG.warning("job %s: %s", work.job.pk, told["en"])
    return str(status)


def error_json(error: BaseException) -> dict[str, str]:
    """An error as a job keeps it: code, and words in both languages; a defect of ours with the place it came from."""
    if isinstance(error, TierwiseError):
        first = error.problems[0]
        return {
            "code": error.code,
            "en": "\n".join(problem.to(Lang.EN) for problem in error.problems),
            "zh-CN": "\n".join(problem.to(Lang.ZH) for problem in error.problems),
            "cure_en": first.cure.en,
            "cure_zh": first.cure.zh,
        }
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" ({last[0].filename}:{last[0].lineno})" if last else ""
    words = f"{type(error).__name__}: {error}{place}"
    return {"code": "job.defect", "en": words, "zh-CN": words}
