"""The action matrix as pages show it, and how far it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from tierwise.language import Text
from tierwise_console.strategy.models import TierAction


@dataclass(frozen=True, slots=True)
class ActionLine:
    """One action of a tier; `late` where it is on, its day is past, and it is not done."""

    pk: int
    model: str
    tier: str
    action: Text
    enabled: bool
    owner_id: int | None
    owner: str
    due_on: date | None
    done_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class DoneRate:
    """Actions that are on, how many of them are done, and how many are late."""

    on: int
    done: int
    late: int

    @property
    def percent(self) -> float | None:
        """Done, in per cent of those that are on; None where none is."""
        return 100 * self.done / self.on if self.on else None


def action_lines(model: str = "", removed: bool = False) -> list[ActionLine]:
    """The actions of one model, or of all; or those that were removed and can be put back."""
    rows = TierAction.objects.filter(removed=removed).select_related("owner").order_by("model", "tier", "pk")
    return [_line(row) for row in (rows.filter(model=model) if model else rows)]


def _line(row: TierAction) -> ActionLine:
    late = row.enabled and row.done_at is None and row.due_on is not None and row.due_on < timezone.localdate()
    return ActionLine(
        row.pk, row.model, row.tier, Text(row.action_en or row.action_zh, row.action_zh or row.action_en), row.enabled,
        row.owner_id, row.owner.shown_name if row.owner else "", row.due_on, row.done_at, late,
    )  # fmt: skip


def done_rate(lines: list[ActionLine]) -> DoneRate:
    """How far the actions that are on are done."""
    on = [line for line in lines if line.enabled]
    return DoneRate(len(on), sum(line.done_at is not None for line in on), sum(line.late for line in on))
