"""The operations of the API: permission, selector or service, answer."""

from datetime import UTC
from pathlib import Path
from typing import Annotated, Any

from django.http import FileResponse, HttpResponseBase
from ninja import Path as PathParameter
from ninja import Query
from pydantic import StringConstraints

from tierwise_console.access.permissions import Permission
from tierwise_console.api import guard, problems
from tierwise_console.api.description import DescribedAPI
from tierwise_console.api.problems import DECLARED, problem
from tierwise_console.api.schemas import (
    ConsentOut,
    CustomerOut,
    CustomersOut,
    ExportIn,
    HoldingsOut,
    HoldoutOut,
    JobOut,
    LabelOut,
    ReasonOut,
    ReasonsOut,
    RunIn,
    RunOut,
    RunsOut,
    TaskDoneIn,
    TaskIn,
    TaskOut,
    TasksOut,
    TierOut,
    TiersOut,
)
from tierwise_console.crm.filters import filter_from
from tierwise_console.crm.selectors.card import customer_card
from tierwise_console.crm.selectors.choices import tasks_page
from tierwise_console.crm.selectors.listing import list_page
from tierwise_console.crm.services import work
from tierwise_console.jobs import selectors as jobs
from tierwise_console.jobs import services as job_services
from tierwise_console.runs import importing, published
from tierwise_console.runs.explaining import label_reasons
from tierwise_console.runs.holdings import holdings
from tierwise_console.shell.language import current_language, words

api = DescribedAPI(title="Tierwise", version="1", urls_namespace="api-1", auth=guard.Bearer(), docs_url=None)
problems.register(api)
Name = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00]*$")]
Key = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]+$")]
Number = Annotated[int, PathParameter(ge=1, le=2**53)]
EXPORTS = ("export",)
RUNS = ("run", "take_over")


@api.get("/customers", response={200: CustomersOut, **DECLARED}, tags=["customers"])
@guard.guarded(Permission.CUSTOMERS_VIEW)
def customers(
    request: guard.Authorised,
    cursor: Name = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    tier: Name = "",
    q: Name = "",
) -> CustomersOut:
    """Customers that the token's user may see, by money; `tier` is MODEL:TIER."""
    run = published.run_if_there()
    models = list(run.manifest.models) if run else []
    pairs = [(name, value) for name, value in (("tier", tier), ("q", q)) if value]
    page = list_page(filter_from(pairs), request.auth, models, cursor, limit)
    return CustomersOut(items=[_customer(each) for each in page.customers], next=page.following)


def _customer(each: Any) -> CustomerOut:
    labels = {
        model: LabelOut(tier=label.tier, rank=label.rank, since=label.since) for model, label in each.labels.items()
    }
    return CustomerOut(
        customer_id=each.customer_id, name=each.person.name, phone=each.person.phone, email=each.person.email,
        kind=each.kind, region=each.region, frequency=each.frequency, monetary=each.monetary, worth=each.worth,
        last_order_on=each.last_order_on, labels=labels,
    )  # fmt: skip


@api.get("/customers/{customer_id}", response={200: CustomerOut, **DECLARED}, tags=["customers"])
@guard.guarded(Permission.CUSTOMERS_VIEW)
def customer(request: guard.Authorised, customer_id: Key) -> CustomerOut:
    """One customer that the token's user may see."""
    card = customer_card(request.auth, customer_id)
    labels = {each.model: LabelOut(tier=each.tier, rank=each.rank, since=each.since) for each in card.labels}
    return CustomerOut(
        customer_id=card.customer_id, name=card.person.name, phone=card.person.phone, email=card.person.email,
        kind=card.profile["kind"], region=card.profile["region"], frequency=card.frequency, monetary=card.monetary,
        worth=card.worth, last_order_on=card.last_order_on, labels=labels,
    )  # fmt: skip


@api.get("/customers/{customer_id}/labels", response={200: ReasonsOut, **DECLARED}, tags=["labels"])
@guard.guarded(Permission.CUSTOMERS_VIEW)
def labels(request: guard.Authorised, customer_id: Key) -> ReasonsOut:
    """Every label of a customer with its reasons: values, rule, the smallest change upwards."""
    customer_card(request.auth, customer_id)
    run = published.named_run()
    reasons = label_reasons(run, customer_id, list(run.manifest.models), current_language())
    return ReasonsOut(customer_id=customer_id, run=run.name, items=[_reason(each) for each in reasons])


@api.get("/customers/{customer_id}/holdings", response={200: HoldingsOut, **DECLARED}, tags=["customers"])
@guard.guarded(Permission.CUSTOMERS_VIEW)
def held(request: guard.Authorised, customer_id: Key) -> HoldingsOut:
    """Points, consents and hold-outs of a customer; those of merged ids count as one customer's."""
    customer_card(request.auth, customer_id)
    run = published.named_run()
    found = holdings(run, customer_id)
    return HoldingsOut(
        customer_id=customer_id, run=run.name, points=found.points,
        consents=[ConsentOut(purpose=purpose, channel=channel, granted=yes) for purpose, channel, yes in found.consents],
        holdouts=[HoldoutOut(experiment=experiment, since=since) for experiment, since in found.holdouts],
    )  # fmt: skip


def _reason(each: Any) -> ReasonOut:
    rows = [{"name": row.name, "value": row.value, "score": row.score, "cuts": row.cuts} for row in each.rows]
    return ReasonOut(
        model=each.model, tier=each.tier, rank=each.rank, meaning=each.meaning, rule=each.rule, indicators=rows,
        up=list(each.up),
    )  # fmt: skip


@api.post("/tasks", response={201: TaskOut, **DECLARED}, tags=["tasks"])
@guard.guarded(Permission.TASKS_EDIT)
def add_task(request: guard.Authorised, body: TaskIn) -> Any:
    """Give a task to oneself, about a customer that one may see."""
    actor, due = request.auth, body.due_on.isoformat() if body.due_on else ""
    return guard.repeatable(request, 201, lambda: _task(work.add_task(actor, body.title, body.customer_id, due_on=due)))


@api.post("/tasks/{number}/done", response={200: TaskOut, **DECLARED}, tags=["tasks"])
@guard.guarded(Permission.TASKS_EDIT)
def finish_task(request: guard.Authorised, number: Number, body: TaskDoneIn) -> dict[str, Any]:
    """Mark a task as done, with what came of it."""
    return _task(work.finish_task(request.auth, number, outcome=body.outcome))


def _task(task: Any) -> dict[str, Any]:
    shown = TaskOut(
        id=task.pk, title=task.title, customer_id=task.customer_id, due_on=task.due_on, done_at=task.done_at,
        outcome=task.outcome,
    )  # fmt: skip
    return shown.model_dump(mode="json")


@api.get("/tasks", response={200: TasksOut, **DECLARED}, tags=["tasks"])
@guard.guarded(Permission.TASKS_EDIT)
def tasks(
    request: guard.Authorised,
    cursor: Annotated[str, StringConstraints(pattern=r"^\d{0,15}$")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    done: bool | None = None,
) -> TasksOut:
    """Tasks in the order they were given: one's own, or everyone's for those who see all customers."""
    found = tasks_page(request.auth, int(cursor or 0), limit + 1, done)
    items = [
        TaskOut(
            id=each.pk, title=each.title, customer_id=each.customer_id or None, due_on=each.due_on, done_at=each.done_at,
            outcome=each.outcome,
        )
        for each in found[:limit]
    ]  # fmt: skip
    return TasksOut(items=items, next=str(items[-1].id) if len(found) > limit else "")


@api.get("/tiers", response={200: TiersOut, **DECLARED}, tags=["tiers"])
@guard.guarded(Permission.RESULTS_VIEW)
def tiers(request: guard.Authorised) -> TiersOut:
    """The tiers of every model in the published run."""
    run = published.named_run()
    found = []
    for model, result in run.manifest.models.items():
        scheme = run.scheme(model)
        found += [_tier(model, scheme.tier(row["key"]), rank, row) for rank, row in enumerate(result.tiers, start=1)]
    manifest = run.manifest
    return TiersOut(
        run=run.name, as_of=manifest.as_of, calculated_at=manifest.calculated_at.astimezone(UTC), items=found
    )


def _tier(model: str, tier: Any, rank: int, row: dict[str, Any]) -> TierOut:
    percents = {
        name: None if row.get(name) is None else float(row[name]) for name in ("customers_percent", "revenue_percent")
    }
    return TierOut(
        model=model, key=row["key"], name=words(tier.name), rank=rank, customers=row["customers"], **percents
    )


@api.get("/runs", response={200: RunsOut, **DECLARED}, tags=["runs"])
@guard.guarded(Permission.RESULTS_VIEW)
def runs(request: guard.Authorised, cursor: Name = "", limit: Annotated[int, Query(ge=1, le=50)] = 20) -> RunsOut:
    """Published runs, newest first."""
    current = published.run_if_there()
    names = [name for name in reversed(published.run_names()) if not cursor or name < cursor]
    shown = names[:limit]
    items = [_run(published.named_run(name), current is not None and name == current.name) for name in shown]
    return RunsOut(items=items, next=shown[-1] if len(names) > limit else "")


def _run(run: Any, current: bool) -> RunOut:
    manifest = run.manifest
    return RunOut(
        run=run.name,
        as_of=manifest.as_of,
        calculated_at=manifest.calculated_at,
        current=current,
        models=list(manifest.models),
    )


@api.post("/runs", response={202: JobOut, **DECLARED}, tags=["runs"])
@guard.guarded(Permission.JOBS_RUN)
def start_run(request: guard.Authorised, body: RunIn) -> Any:
    """Ask for a run; the job says how it goes. `Idempotency-Key` makes a repetition harmless."""
    as_of = body.as_of.isoformat() if body.as_of else None
    actor = request.auth
    return guard.repeatable(request, 202, lambda: _job(importing.ask_run(actor, as_of)))


@api.get("/jobs/{number}", response={200: JobOut, **DECLARED}, tags=["runs"])
@guard.guarded(Permission.JOBS_VIEW)
def job(request: guard.Authorised, number: Number) -> dict[str, Any]:
    """Where a job stands."""
    return _job(jobs.job(number))


@api.post("/jobs/{number}/cancel", response={200: JobOut, **DECLARED}, tags=["runs"])
@guard.guarded(Permission.JOBS_RUN)
def cancel(request: guard.Authorised, number: Number) -> dict[str, Any]:
    """Cancel a job: at once while it waits, else at its next sign of life."""
    return _job(job_services.cancel(request.auth, number))


@api.post("/exports", response={202: JobOut, **DECLARED}, tags=["exports"])
@guard.guarded(Permission.CUSTOMERS_EXPORT)
def start_export(request: guard.Authorised, body: ExportIn) -> Any:
    """Ask for the label table of a run as a file."""
    actor = request.auth
    run = published.named_run(body.run or "current").name
    return guard.repeatable(request, 202, lambda: _job(importing.ask_export(actor, run, (body.format,), body.lang)))


@api.get("/exports/{number}/file", response=DECLARED, tags=["exports"])
@guard.guarded(Permission.CUSTOMERS_EXPORT)
def export_file(request: guard.Authorised, number: Number) -> HttpResponseBase:
    """The file of an export that is done."""
    found = jobs.job(number)
    if found.kind not in EXPORTS:
        return problem(404, "api.no_export")
    if found.status != "done":
        return problem(409, "api.export_not_done", found.status)
    file = next(
        (Path(found.arguments["folder"]) / name for name in (found.result or {"files": {}})["files"].values()), None
    )
    if file is None or not file.is_file():
        return problem(404, "api.no_export")
    return FileResponse(file.open("rb"), as_attachment=True, filename=file.name)


def _job(found: Any) -> dict[str, Any]:
    shown = JobOut(
        id=found.pk, kind=found.kind, status=found.status, created_at=found.created_at, finished_at=found.finished_at,
        done=found.done, total=found.total, result=found.result, error=found.error,
    )  # fmt: skip
    return shown.model_dump(mode="json")
