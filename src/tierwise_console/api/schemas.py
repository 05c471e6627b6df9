"""What the API takes and gives; every field stands here, so that a new column is never told by accident."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field


class LabelOut(Schema):
    """The tier of a customer in one model."""

    tier: str
    rank: int
    since: date


class CustomerOut(Schema):
    """One customer; personal data are masked as on the pages."""

    customer_id: str
    name: str
    phone: str
    email: str
    kind: str
    region: str
    frequency: int
    monetary: Decimal
    worth: Decimal | None
    last_order_on: date | None
    labels: dict[str, LabelOut]


class ConsentOut(Schema):
    """Whether a customer agrees to a purpose over a channel; of several ids that were merged, what all of them allow."""

    purpose: str
    channel: str
    granted: bool


class HoldoutOut(Schema):
    """An experiment that a customer is held out of."""

    experiment: str
    since: date


class HoldingsOut(Schema):
    """What a customer holds in the published run, all merged ids together."""

    customer_id: str
    run: str
    points: Decimal | None
    consents: list[ConsentOut]
    holdouts: list[HoldoutOut]


class CustomersOut(Schema):
    """A page of customers; `next` is the cursor of the following one, empty at the end."""

    items: list[CustomerOut]
    next: str


class TierOut(Schema):
    """One tier of a model in the published run."""

    model: str
    key: str
    name: str
    rank: int
    customers: int
    customers_percent: float | None
    revenue_percent: float | None


class TiersOut(Schema):
    """The tiers of the published run."""

    run: str
    as_of: date
    calculated_at: datetime
    items: list[TierOut]


class RunOut(Schema):
    """A published run."""

    run: str
    as_of: date
    calculated_at: datetime
    current: bool
    models: list[str]


class RunsOut(Schema):
    """Published runs, newest first."""

    items: list[RunOut]
    next: str


class RunIn(Schema):
    """Which day to compute for; left out: the day of the last order."""

    as_of: date | None = None


class ExportIn(Schema):
    """What to write."""

    format: Literal["csv", "parquet", "xlsx"] = "csv"
    lang: Literal["en", "zh-CN"] = "en"
    run: Annotated[str, Field(max_length=80, pattern=r"^[A-Za-z0-9-]+$")] | None = None


class JobOut(Schema):
    """A job: where it stands, and what came of it."""

    id: int
    kind: str
    status: Literal["queued", "running", "done", "failed", "dead", "cancelled"]
    created_at: datetime
    finished_at: datetime | None
    done: int
    total: int | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None


class ReasonOut(Schema):
    """One label with its reasons in words."""

    model: str
    tier: str
    rank: int
    meaning: str
    rule: str
    indicators: list[dict[str, str]]
    up: list[str]


class ReasonsOut(Schema):
    """Every label of a customer and why, in the published run."""

    customer_id: str
    run: str
    items: list[ReasonOut]


class TaskIn(Schema):
    """What is to be done; for nobody in particular where no customer is named."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    customer_id: Annotated[str, Field(max_length=200)] = ""
    due_on: date | None = None


class TaskDoneIn(Schema):
    """What came of a task."""

    outcome: Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")] = ""


class TaskOut(Schema):
    """A task."""

    id: int
    title: str
    customer_id: str | None
    due_on: date | None
    done_at: datetime | None
    outcome: str


class TasksOut(Schema):
    """A page of tasks; `next` is the cursor of the following one, empty at the end."""

    items: list[TaskOut]
    next: str
