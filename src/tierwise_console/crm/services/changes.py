"""Let a reader consume changes of tier, each exactly once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import transaction

from tierwise_console.crm.models import ChangeHead, ChangeReader, TierChange


def consume_changes(reader: str, handle: Callable[[Sequence[TierChange]], None], most: int = 1000) -> int:
    """Hand the next changes to `handle` and move the reader on, in one transaction; return how many there were.

    What `handle` writes to the database happens exactly once per change. A reader that is new starts with what comes
    after now: nobody wants messages about changes of last year.
    """
    with transaction.atomic():
        cursor = ChangeReader.objects.select_for_update().filter(pk=reader).first()
        if cursor is None:
            ChangeReader.objects.create(name=reader, position=_head())
            return 0
        changes = list(TierChange.objects.filter(position__gt=cursor.position).order_by("position")[:most])
        if changes:
            handle(changes)
            cursor.position = changes[-1].position
            cursor.save()
        return len(changes)


@transaction.atomic
def start_reader(reader: str, position: int | None = None) -> None:
    """Have a reader begin after a position, by default after the change recorded last; one that is there stays."""
    ChangeReader.objects.get_or_create(name=reader, defaults={"position": _head() if position is None else position})


def _head() -> int:
    return ChangeHead.objects.filter(pk=1).values_list("position", flat=True).first() or 0
