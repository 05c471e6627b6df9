"""What can be seen of privacy requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tierwise.language import Text
from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.sealing import unseal
from tierwise_console.jobs.models import Job
from tierwise_console.privacy.models import PrivacyRequest

SHOWN = 200
AREAS = {
    "imports": Text("Imports", "导入数据"), "tables": Text("Canonical tables", "标准表"),
    "identity": Text("Merges and decisions", "合并与决定"), "state": Text("Aggregates", "汇总状态"),
    "runs": Text("Indicators and labels of runs", "各次运行的指标与标签"), "logs": Text("Logs", "日志"),
    "corrections": Text("Corrections", "更正"),
    "customers": Text("Customer's row", "客户档案"), "labels": Text("Labels", "标签"),
    "tier_history": Text("Earlier tiers", "历史层级"), "tier_changes": Text("Changes of tier", "层级变动"),
    "fields": Text("Custom fields", "自定义字段"), "tags": Text("Tags", "标记"), "notes": Text("Notes", "备注"),
    "tasks": Text("Tasks", "任务"), "bulk_actions": Text("Entries of bulk actions", "批量操作记录"),
    "events": Text("Events", "事件"), "rejected_events": Text("Bodies of refused events", "被拒事件原文"),
    "in_words": Text("Mentions in other notes, tasks and views", "其他备注、任务与视图中的提及"),
    "jobs": Text("Samples and messages of jobs", "任务中的样例与信息"),
    "dropped_files": Text("Files that were dropped here", "曾上传的文件"), "rows": Text("Rows and entries", "行与条目"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One request in the list; `customer` is empty once it was forgotten."""

    pk: int
    kind: str
    state: str
    customer: str
    asked_by: str
    asked_at: Any
    done_at: Any
    tombstone: str
    reason: str


@dataclass(frozen=True, slots=True)
class Whole:
    """One request with what was found and what went, each as place and rows; the files of its archive; and its job."""

    line: Line
    workspace: tuple[tuple[Text, int], ...]
    console: tuple[tuple[Text, int], ...]
    ids: int
    sources: tuple[str, ...]
    exports: tuple[str, ...]
    confirmed_by: str
    confirmed_at: Any
    has_file: bool
    archive: tuple[str, ...]
    job: Job | None


def requests(actor: Any) -> list[Line]:
    """All requests, newest first."""
    check_may(actor, Permission.PRIVACY_MANAGE)
    rows = PrivacyRequest.objects.select_related("asked_by")[:SHOWN]
    return [_line(row) for row in rows]


def _line(row: PrivacyRequest) -> Line:
    by = row.asked_by.shown_name if row.asked_by else row.by_command
    return Line(
        row.pk,
        row.kind,
        row.state,
        unseal(row.customer_sealed),
        by,
        row.asked_at,
        row.done_at,
        row.tombstone,
        row.reason,
    )


def request_of(actor: Any, number: int) -> Whole | None:
    """One request, whole."""
    check_may(actor, Permission.PRIVACY_MANAGE)
    row = PrivacyRequest.objects.select_related("asked_by", "confirmed_by").filter(pk=number).first()
    if row is None:
        return None
    told = row.gone or row.found
    core = told.get("workspace") or {}
    console = {**told.get("console", {}), **({"dropped_files": n} if (n := told.get("dropped_files")) else {})}
    areas = core.get("by_area") or ({"rows": core["rows"]} if core.get("rows") else {})
    return Whole(
        _line(row), _places(areas), _places(console), int(row.found.get("ids", 1)), tuple(core.get("sources", ())),
        tuple(core.get("exports", ())), row.confirmed_by.shown_name if row.confirmed_by else "", row.confirmed_at,
        bool(row.file), tuple(told.get("archive", ())), Job.objects.filter(pk=row.job or 0).first(),
    )  # fmt: skip


def _places(rows: dict[str, int]) -> tuple[tuple[Text, int], ...]:
    return tuple((AREAS.get(name, Text.same(name)), count) for name, count in rows.items() if count)
