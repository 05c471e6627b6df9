"""The kinds of job that drive the core: imports, undo, runs, reports, exports, and the flow of events.

All of them may be killed at any moment and begin again: the ledger knows content that it has, a run that was
published since the job began is the job's run, and files are replaced whole.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from tierwise.language import Text
from tierwise.snapshots.workspace import Workspace
from tierwise_console.events import batches
from tierwise_console.events.services import IMPORT
from tierwise_console.jobs.kinds import JobKind, register
from tierwise_console.jobs.queueing import asked_for, enqueue
from tierwise_console.jobs.work import Work
from tierwise_console.runs.core_process import call_core
from tierwise_console.runs.results import remove_old_results
from tierwise_console.runs.zone import project_zone

LANE = "workspace"
EVENTS_SOURCE = "event stream"
TAKE_OVER = "take_over"


def workspace() -> Workspace:
    """The workspace of this installation."""
    return Workspace(settings.ENVIRONMENT.workspace)


def today() -> str:
    """The day in the business's zone, by which rows of the future are set aside."""
    return datetime.now(UTC).astimezone(project_zone()).date().isoformat()


def core(work: Work, task: str, **request: Any) -> dict[str, Any]:
    """Have the child do a task, its stages told in the job's log; what may change the workspace names its claim."""

    def tell(kind: str, words: Text) -> None:
        work.doing(words) if kind == "stage" else work.log(words, "debug")

    claim = {"job": work.job.pk, "attempt": work.job.attempt} if work.kind.lane == LANE else None
    given = {"workspace": str(workspace().root), "today": today(), "claim": claim, **request}
    return call_core(task, given, tell, work.check)


def do_task(work: Work) -> dict[str, Any]:
    """A job whose arguments are a task of the core and its request, and whose result is the core's."""
    return core(work, **work.arguments)


def write_result(work: Work) -> dict[str, Any]:
    """A report or a label table; one by the calendar goes into a folder of its job's, and its oldest ones go."""
    own = str(settings.ENVIRONMENT.home / "results" / f"job-{work.job.pk}")
    request = {"folder": own, **work.arguments}
    found = core(work, **request)
    remove_old_results(work.job.unique_key or "")
    return {**found, "folder": request["folder"]}


def compute(work: Work) -> dict[str, Any]:
    """Compute and publish a run, then have its labels taken over and its customers indexed."""
    if "before" not in work.cursor:
        with work.effect(before=_current()):
            pass
    published = _current()
    if published is None or published == work.cursor["before"]:
        published = core(work, "run", before=work.cursor["before"], **work.arguments)["run"]
    with work.effect(run=published):
        _follow_up(published)
    return {"run": published}


def notice_published_run() -> None:
    """Have the published run taken over, once, whoever published it: the command line and `tierwise watch` do too."""
    published = _current()
    if published is not None and not asked_for(_take_over_key(published)):
        _follow_up(published)


def _follow_up(run: str) -> None:
    """Have the labels of a run taken over, its customers indexed for the check at entry, its imports sorted for cards."""
    enqueue(TAKE_OVER, {"run": run}, unique_key=_take_over_key(run))
    enqueue("index", {"task": "index"}, unique_key=f"index:{run}")
    enqueue("sort", {"task": "sort"}, unique_key=f"sort:{run}")


def _take_over_key(run: str) -> str:
    return f"take_over:{run}"


def _current() -> str | None:
    place = workspace()
    return place.current() if place.pointer.exists() else None


def import_events(work: Work) -> dict[str, Any]:
    """Take what waits to the core, batch by batch; a batch that was begun before is finished first."""
    taken = int(work.cursor.get("batches", 0))
    while True:
        if work.cursor.get("batch") is None:
            with work.effect() as ahead:
                ahead["batch"] = batches.make()
        if work.cursor["batch"] is None:
            return {"batches": taken}
        taken += 1
        _import_batch(work, int(work.cursor["batch"]), taken)


def _import_batch(work: Work, number: int, taken: int) -> None:
    work.doing(Text(f"importing batch {number}", f"导入第 {number} 批事件"))
    folder = settings.ENVIRONMENT.home / "event-batches"
    files = batches.write(number, folder)
    sources = [
        {"table": table, "file": str(file), "name": EVENTS_SOURCE, "mode": "append"} for table, file in files.items()
    ]
    done = core(work, "import", sources=sources, timezone=str(project_zone()))
    with work.effect(batch=None, batches=taken):
        batches.settle(number, [each["id"] for each in done["imports"]])
    for file in files.values():
        file.unlink(missing_ok=True)


KINDS = (
    JobKind("look", Text("look into a file", "查看文件"), do_task, priority=10, most_tries=2),
    JobKind("try", Text("dry run", "试导入"), do_task, priority=20, most_tries=2),
    JobKind("import", Text("import", "导入"), do_task, lane=LANE, priority=50),
    JobKind("undo", Text("undo an import", "撤销导入"), do_task, lane=LANE, priority=40),
    JobKind("run", Text("compute tiers", "计算分层"), compute, lane=LANE),
    JobKind("export", Text("export labels", "导出标签表"), write_result, priority=60),
    JobKind(
        "index", Text("index customers for the check at entry", "建立录入查重索引"), do_task, lane=LANE, priority=70
    ),
    JobKind("sort", Text("sort imports by customer", "按客户整理导入数据"), do_task, lane=LANE, priority=75),
    JobKind("dedupe", Text("look for duplicates", "查找重复客户"), do_task, lane=LANE, priority=65, most_tries=2),
    JobKind("decide", Text("decide on duplicates", "处理重复客户"), do_task, lane=LANE, priority=30, most_tries=2),
    JobKind("report", Text("write the report", "生成报告"), write_result, priority=60),
    JobKind("value", Text("forecast value", "预测客户价值"), do_task, priority=90, most_tries=2),
    JobKind("advise", Text("back-test the models", "回测各模型"), do_task, priority=95, most_tries=2),
    JobKind(IMPORT, Text("import events", "导入事件"), import_events, lane=LANE, priority=80),
)


def register_all() -> None:
    """Make the kinds known."""
    for kind in KINDS:
        register(kind)
