"""Fill and keep the action matrix: generated as drafts, all off; a person turns actions on and answers for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record
from tierwise_console.crm.access import user_or_none
from tierwise_console.crm.services.work import day
from tierwise_console.runs.shipped_actions import shipped_actions
from tierwise_console.shell.language import current_language
from tierwise_console.strategy.models import TierAction

NO_ACTION = ErrorKind(
    "strategy.no_action",
    Family.DATA,
    what=Text("there is no such action", "没有这项行动"),
    cause=Text("it was removed meanwhile", "该行动已被删除"),
    cure=Text("load the page anew", "请刷新页面"),
)
EMPTY_ACTION = ErrorKind(
    "strategy.empty_action",
    Family.USAGE,
    what=Text("an action needs words, 1 to 300 characters", "行动须有内容，1–300 个字符"),
    cause=Text("nothing was written", "内容为空或过长"),
    cure=Text("write what is to be done for this tier", "请写明对该层级要做什么"),
)
NOT_READY = ErrorKind(
    "strategy.not_ready",
    Family.USAGE,
    what=Text("the action cannot be turned on", "该行动无法启用"),
    cause=Text("it has no owner or no due date, so nobody would see to it", "没有负责人或截止日期，无人跟进"),
    cure=Text("give it an owner and a due date first", "请先指定负责人和截止日期"),
)


@transaction.atomic
def generate_actions(actor: Any, models: Iterable[str] = ()) -> int:
    """Add, as drafts, the actions that the models and the template name for each tier; returns how many were new.

    What is there already, edited or removed included, stays as it is.
    """
    check_may(actor, Permission.STRATEGY_EDIT)
    wanted = set(models)
    known = set(TierAction.objects.exclude(shipped_key="").values_list("shipped_key", flat=True))
    fresh = [
        TierAction(
            model=a.model, tier=a.tier, action_en=a.action.en[:300], action_zh=a.action.zh[:300], shipped_key=a.key
        )
        for a in shipped_actions()
        if a.key not in known and (not wanted or a.model in wanted)
    ]
    TierAction.objects.bulk_create(fresh)
    if fresh:
        record("strategy.generated", actor=actor, detail={"actions": len(fresh)})
    return len(fresh)


@transaction.atomic
def add_action(actor: Any, model: str, tier: str, words: str) -> TierAction:
    """Add an action of one's own for a tier."""
    check_may(actor, Permission.STRATEGY_EDIT)
    text = _words(words)
    action = TierAction.objects.create(model=model[:40], tier=tier[:60], action_en=text, action_zh=text)
    record("strategy.added", actor=actor, subject_type="action", subject_id=action.pk)
    return action


@transaction.atomic
def change_action(actor: Any, pk: int, words: str, owner: Any, due_on: str, enabled: bool) -> TierAction:
    """Set words, owner, due date, and whether it is on; raises `strategy.not_ready`.

    Words are set in the language of who writes; what was written by hand in one language only stands in both.
    """
    action = _held(actor, pk)
    text = _words(words)
    written, other = (
        ("action_zh", "action_en") if str(current_language()).startswith("zh") else ("action_en", "action_zh")
    )
    if not action.shipped_key or getattr(action, other) == getattr(action, written):
        setattr(action, other, text)
    setattr(action, written, text)
    action.owner_id, action.due_on = user_or_none(owner), day(due_on)
    if enabled and (action.owner_id is None or action.due_on is None):
        raise NOT_READY.error()
    action.enabled = enabled
    action.save()
    detail = {"enabled": enabled, "owner": action.owner_id, "due_on": str(action.due_on or "")}
    record("strategy.changed", actor=actor, subject_type="action", subject_id=pk, detail=detail)
    return action


@transaction.atomic
def finish_action(actor: Any, pk: int, done: bool = True) -> TierAction:
    """Mark an action as done, or as not done: by who may edit, or by its owner."""
    action = TierAction.objects.select_for_update().filter(pk=pk, removed=False).first()
    if action is None:
        raise NO_ACTION.error()
    if action.owner_id != actor.pk:
        check_may(actor, Permission.STRATEGY_EDIT)
    action.done_at, action.done_by = (timezone.now(), actor) if done else (None, None)
    action.save()
    record("strategy.done" if done else "strategy.not_done", actor=actor, subject_type="action", subject_id=pk)
    return action


@transaction.atomic
def remove_action(actor: Any, pk: int) -> None:
    """Take an action off the matrix; generating anew does not bring it back."""
    action = _held(actor, pk)
    action.removed, action.enabled = True, False
    action.save()
    record("strategy.removed", actor=actor, subject_type="action", subject_id=pk)


@transaction.atomic
def put_action_back(actor: Any, pk: int) -> None:
    """Put a removed action back on the matrix, off as it was left."""
    action = _held(actor, pk, removed=True)
    action.removed = False
    action.save()
    record("strategy.put_back", actor=actor, subject_type="action", subject_id=pk)


def _held(actor: Any, pk: int, removed: bool = False) -> TierAction:
    check_may(actor, Permission.STRATEGY_EDIT)
    action = TierAction.objects.select_for_update().filter(pk=pk, removed=removed).first()
    if action is None:
        raise NO_ACTION.error()
    return action


def _words(words: str) -> str:
    text = " ".join(words.replace("\x00", "").split())
    if not 1 <= len(text) <= 300:
        raise EMPTY_ACTION.error()
    return text
