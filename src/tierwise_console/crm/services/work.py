"""Notes and tasks."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record
from tierwise_console.crm.access import customer_for, user_or_none
from tierwise_console.crm.models import Note, Task

EMPTY = ErrorKind(
    "crm.nothing_written",
    Family.USAGE,
    what=Text("nothing is written", "内容为空"),
    cause=Text("a note or a task needs words, 1 to {most} characters", "备注或任务须有内容，1–{most} 个字符"),
    cure=Text("write what it is about", "请填写内容"),
)
BAD_DAY = ErrorKind(
    "crm.bad_day",
    Family.USAGE,
    what=Text("{day} is no day", "{day} 不是有效日期"),
    cause=Text("a day is written as 2026-11-30", "日期须写成 2026-11-30"),
    cure=Text("correct it, or leave it empty", "请更正，或留空"),
)
NO_TASK = ErrorKind(
    "crm.no_task",
    Family.DATA,
    what=Text("there is no such task", "没有这项任务"),
    cause=Text("it was removed, or belongs to a customer of a colleague", "任务已删除，或属于其他同事的客户"),
    cure=Text("load the list of tasks anew", "请刷新任务列表"),
)


@transaction.atomic
def add_note(actor: Any, customer_id: str, text: str) -> Note:
    """Write a note about a customer."""
    customer = customer_for(actor, customer_id, Permission.CUSTOMERS_EDIT)
    note = Note.objects.create(customer=customer, author=actor, text=_words(text, 5000))
    record("customer.noted", actor=actor, subject_type="customer", subject_id=customer_id, detail={"note": note.pk})
    return note


@transaction.atomic
def add_task(actor: Any, title: str, customer_id: str = "", owner: Any = None, due_on: str = "") -> Task:
    """Give a task to somebody, by default to oneself."""
    check_may(actor, Permission.TASKS_EDIT)
    customer = customer_for(actor, customer_id, Permission.CUSTOMERS_VIEW) if customer_id else None
    task = Task.objects.create(
        customer=customer,
        title=_words(title, 200),
        owner_id=user_or_none(owner) or actor.pk,
        author_id=actor.pk,
        due_on=day(due_on),
    )
    record("task.added", actor=actor, subject_type="task", subject_id=task.pk)
    return task


@transaction.atomic
def finish_task(actor: Any, task_id: int, done: bool = True, outcome: str = "") -> Task:
    """Mark a task as done, with what came of it, or as open again; raises `crm.no_task`."""
    check_may(actor, Permission.TASKS_EDIT)
    task = Task.objects.select_for_update().filter(pk=task_id).first()
    if task is None or not _theirs(actor, task):
        raise NO_TASK.error()
    task.done_at = timezone.now() if done else None
    task.outcome = outcome.strip()[:300]
    task.save()
    record("task.done" if done else "task.opened", actor=actor, subject_type="task", subject_id=task.pk)
    return task


def _theirs(actor: Any, task: Task) -> bool:
    """Whether somebody may touch a task: those who see all customers, its owner and author, the customer's owner."""
    if actor.may(Permission.CUSTOMERS_ALL) or actor.pk in (task.owner_id, task.author_id):
        return True
    return task.customer is not None and task.customer.owner_id == actor.pk


def _words(text: str, most: int) -> str:
    clean = text.strip().replace("\x00", "")
    if not 1 <= len(clean) <= most:
        raise EMPTY.error(most=most)
    return clean


def day(text: str) -> date | None:
    """A day as forms send it; None for nothing. Raises `crm.bad_day`."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise BAD_DAY.error(day=repr(text[:40])) from error
