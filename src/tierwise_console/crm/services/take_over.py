"""Take a published run over into the console: what changed since the run taken over before, and nothing else.

A take-over is a walk: customers first, then one model after the other, then what is gone. Every batch is written in
one transaction with the place that the walk has reached; a process killed anywhere leaves a place from which the
next one goes on, and two at once cannot both move it. A batch is compared with the rows that are there before it is
written, so that going over it twice writes nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise_console.audit.services import record
from tierwise_console.crm.models import Label, TakeOver, TakeOverState, TierCount
from tierwise_console.crm.services.taking_customers import CustomerTaker
from tierwise_console.crm.services.taking_labels import write_labels
from tierwise_console.crm.services.taking_leftovers import leftover_customers, leftover_labels
from tierwise_console.runs.label_differences import (
    CustomerRow,
    LabelRow,
    changed_customers,
    changed_labels,
    customers_missing,
    labels_missing,
    reading,
)
from tierwise_console.runs.published import named_run, run_if_there

BATCH_ROWS = 20_000

OVERTAKEN = ErrorKind(
    "crm.take_over_overtaken",
    Family.RESOURCE,
    what=Text("the take-over of {run} was moved on by somebody else", "运行 {run} 的标签同步已由其他进程推进"),
    cause=Text("two processes took it over at once, or a newer run came", "两个进程同时同步，或已有更新的运行"),
    cure=Text("nothing: the other one goes on; call it again to be sure", "无需处理：另一进程会继续；可再次调用以确认"),
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a take-over has come: the stage (customers, a model, what is gone) and the rows written so far."""

    run: str
    stage: str
    customers: int
    labels: int
    changes: int
    done: bool = False


Told = Callable[[Progress], None]
Within = Callable[[], AbstractContextManager[Any]]


def take_over(
    run: str = "current", told: Told = lambda _: None, rows: int = BATCH_ROWS, within: Within = transaction.atomic
) -> Progress:
    """Take a run over, or go on where it was left; `told` hears of every batch and may stop it by raising.

    Each step is one transaction that `within` opens, and may refuse: a job's is there while its claim stands.

    Raises `run.none`, `run.unknown`, `crm.take_over_overtaken`.
    """
    name = named_run(run).name
    with within():
        begun = _begin(name)
    walk = _Walk(begun, told, rows, within)
    while not walk.finished:
        walk.stage()
    return walk.progress(done=True)


def _begin(run: str) -> TakeOver:
    """The take-over of this run that is under way or done already, else a new one. Call it inside a transaction."""
    last = TakeOver.objects.select_for_update().order_by("-pk").first()
    if last is not None and last.run == run:
        return last
    base = ""
    if last is not None and last.state == TakeOverState.DONE:
        base = last.run if run_if_there(last.run) else ""
    elif last is not None:
        last.state = TakeOverState.SUPERSEDED
        last.save(update_fields=["state"])
    baseline = not Label.objects.exists()
    return TakeOver.objects.create(run=run, base=base, as_of=named_run(run).manifest.as_of, baseline=baseline)


class _Walk:
    """One take-over on its way."""

    def __init__(self, state: TakeOver, told: Told, rows: int, within: Within) -> None:
        self.state, self.told, self.rows, self.within = state, told, rows, within
        self.run = named_run(state.run)
        self.base = run_if_there(state.base) if state.base else None

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do."""
        return bool(self.state.state == TakeOverState.DONE)

    def stage(self) -> None:
        """Go through the stage that the walk is in, batch by batch, and step into the next."""
        stage, model = self.state.stage, self.state.model
        for batch in self._batches(stage, model):
            self._step(batch)
        following = self._after(stage, model)
        if following is None:
            self._finish()
        else:
            self._move(*following)

    def _batches(self, stage: str, model: str) -> Iterator[list[CustomerRow] | list[LabelRow]]:
        with reading() as engine:
            found: Iterable[list[CustomerRow] | list[LabelRow]]
            if stage == "customers":
                found = changed_customers(engine, self.run, self.base, self.state.cursor, self.rows)
            elif stage == "labels":
                found = changed_labels(engine, self.run, self.base, model, self.state.cursor, self.rows)
            elif stage == "gone":
                found = leftover_labels(
                    partial(labels_missing, engine, self.run, model), model, self.state.cursor, self.rows
                )
            else:
                found = leftover_customers(partial(customers_missing, engine, self.run), self.state.cursor, self.rows)
            yield from found

    def _after(self, stage: str, model: str) -> tuple[str, str] | None:
        """The stage after this one; what is gone is looked for only where the runs themselves could not tell."""
        order = [("customers", ""), *(("labels", name) for name in self.run.manifest.models)]
        if not self.state.baseline:
            labelled = set(TierCount.objects.values_list("model", flat=True))
            known = set(self.run.manifest.models)
            order += [("gone", name) for name in sorted(labelled if self.base is None else labelled - known)]
            order += [("unknown", "")] if self.base is None else []
        place = order.index((stage, model)) + 1
        return order[place] if place < len(order) else None

    def _step(self, batch: list[CustomerRow] | list[LabelRow]) -> None:
        if not batch:
            return
        with self.within():
            state = self._held()
            if state.stage in ("customers", "unknown"):
                CustomerTaker(state).write([row for row in batch if isinstance(row, CustomerRow)])
                state.customers += len(batch)
            else:
                written = write_labels(state, [row for row in batch if isinstance(row, LabelRow)])
                state.labels, state.changes = state.labels + written.labels, state.changes + written.changes
            state.cursor, state.steps = batch[-1].customer_id, state.steps + 1
            state.save()
        self.state = state
        self.told(self.progress())

    def _move(self, stage: str, model: str) -> None:
        with self.within():
            state = self._held()
            state.stage, state.model, state.cursor, state.steps = stage, model, "", state.steps + 1
            state.save()
        self.state = state

    def _held(self) -> TakeOver:
        """The state, locked, if it still stands where this walk left it; raises `crm.take_over_overtaken`."""
        state = TakeOver.objects.select_for_update().get(pk=self.state.pk)
        if state.steps != self.state.steps or state.state != TakeOverState.RUNNING:
            raise OVERTAKEN.error(run=self.state.run)
        return state

    def _finish(self) -> None:
        with self.within():
            state = self._held()
            TierCount.objects.all().delete()
            TierCount.objects.bulk_create(
                TierCount(model=model, tier=tier["key"], customers=tier["customers"])
                for model, result in self.run.manifest.models.items()
                for tier in result.tiers
            )
            state.state, state.done_at, state.steps = TakeOverState.DONE, timezone.now(), state.steps + 1
            state.save()
            figures = {"customers": state.customers, "labels": state.labels, "changes": state.changes}
            record("labels.taken_over", subject_type="run", subject_id=state.run, detail=figures)
        self.state = state
        if state.baseline:
            _analyse()

    def progress(self, done: bool = False) -> Progress:
        """How far it is."""
        state = self.state
        return Progress(
            state.run, state.model or state.stage, state.customers, state.labels, state.changes, done or self.finished
        )


def _analyse() -> None:
    """Have the database look at its new tables, without which it plans badly."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
