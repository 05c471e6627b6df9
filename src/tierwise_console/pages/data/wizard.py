"""From a dropped file to an import: columns, dry run, import. One page that says at each moment what comes next."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from tierwise.contracts.tables import TABLES
from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.selectors.duplicates import named
from tierwise_console.jobs import selectors as jobs
from tierwise_console.runs import importing
from tierwise_console.runs.settings_file import rfm_window
from tierwise_console.shell.language import current_language

_INGEST_ONLY = {
    "orders": {
        "quantity": Text("quantity", "数量"), "unit_price": Text("unit price", "单价"),
        "currency": Text("currency", "币种"), "refunded_amount": Text("refunded amount", "退款金额"),
    }
}  # fmt: skip
_MADE = {"orders": ("order_id", "status"), "feedback": ("kind",)}
_ENDED_BADLY = ("failed", "dead", "cancelled")


def _upload(request: HttpRequest, token: str) -> Any:
    try:
        return importing.access_upload(request.user, token)
    except TierwiseError as error:
        raise Http404 from error


def _job(number: int | None) -> Any:
    return jobs.job(number) if number else None


@require(Permission.DATA_IMPORT)
def upload(request: HttpRequest, token: str) -> HttpResponse:
    """Where a dropped file stands; the part that changes is asked for again while a job is at work."""
    found = _upload(request, token)
    look, tried, done = _job(found.look_job), _job(found.try_job), _job(found.import_job)
    busy = next((job for job in (done, tried, look) if job and job.status in ("queued", "running")), None)
    failed = next((job for job in (done, tried, look) if job and job.status in _ENDED_BADLY), None)
    shown = {
        "upload": found, "look": look, "tried": tried, "done": done, "busy": busy, "failed": failed,
        "workers": jobs.workers_alive(), "tables": TABLES.values(), **_columns(found, look), **_card(tried),
        "examples": _examples(request.user, tried), **_window(tried),
    }  # fmt: skip
    part = request.headers.get("HX-Request") == "true"
    return render(request, "pages/data/upload_part.html" if part else "pages/data/upload.html", shown)


def _columns(found: Any, look: Any) -> dict[str, Any]:
    """The form of the columns: each field of the table with the column that fills it."""
    if look is None or look.status != "done":
        return {}
    seen = look.result
    table = TABLES[found.table or seen["table"]]
    said = found.said.get("columns") or {}
    fields = []
    for column in table.given:
        match = seen["matches"].get(column.name) if table.name == seen["table"] else None
        chosen = said.get(column.name) or (match["columns"][0] if match and len(match["columns"]) == 1 else "")
        product = " × ".join(match["columns"]) if match and len(match["columns"]) > 1 else ""
        needed = column.required and column.name not in _MADE.get(table.name, ())
        fields.append(
            {"name": column.name, "label": column.label, "chosen": chosen, "product": product, "needed": needed}
        )
    for name, label in _INGEST_ONLY.get(table.name, {}).items():
        fields.append({"name": name, "label": label, "chosen": said.get(name, ""), "product": "", "needed": False})
    return {
        "seen": seen, "table": table, "fields": fields, "source": found.source or importing.default_source(found),
        "filled": sum(bool(each["chosen"] or each["product"]) for each in fields),
    }  # fmt: skip


def _card(tried: Any) -> dict[str, Any]:
    """The figures of a dry run as the page shows them."""
    if tried is None or tried.status != "done":
        return {}
    card = tried.result["card"]
    reasons = [{"label": card["set_aside_labels"][code], "rows": rows} for code, rows in card["set_aside"].items()]
    table = TABLES[tried.arguments["table"]]
    quality = [
        {
            "label": table.column(each["field"]).label,
            "complete": each["completeness"] * 100, "accurate": each["accuracy"] * 100,
        }
        for each in card["fields"]
    ]  # fmt: skip
    return {"reasons": reasons, "quality": quality, "rows_to_import": tried.result["rows"]}


def _window(tried: Any) -> dict[str, Any]:
    """The analysis window that the dry run suggests, and the one that is set."""
    found = tried.result.get("window") if tried is not None and tried.status == "done" else None
    return {"window": found, "window_now": rfm_window()} if found else {}


def _examples(actor: Any, tried: Any) -> list[dict[str, Any]]:
    """New customers who look like ones that are there, these as the actor may see them."""
    alike = (tried.result or {}).get("alike") if tried is not None and tried.status == "done" else None
    if not alike:
        return []
    known = named(actor, [each["like"] for each in alike["examples"]])
    said = [
        Text("; ".join(why["en"] for why in each["reasons"]), "；".join(why["zh"] for why in each["reasons"]))
        for each in alike["examples"]
    ]
    return [
        {"customer": each["customer"], "known": known.get(each["like"]), "certain": each["certain"], "why": why}
        for each, why in zip(alike["examples"], said, strict=True)
    ]


@require_POST
@require(Permission.DATA_IMPORT)
def look_again(request: HttpRequest, token: str) -> HttpResponse:
    """Look into the file as another table, or read in another way."""
    importing.look_again(request.user, _upload(request, token), request.POST.get("table", ""), request.POST.dict())
    return redirect("pages:data_upload", token)


@require_POST
@require(Permission.DATA_IMPORT)
def try_it(request: HttpRequest, token: str) -> HttpResponse:
    """Try the file with the columns of the form."""
    table = request.POST.get("table", "")
    if table not in TABLES:
        raise Http404
    prefix = "column:"
    columns = {
        name[len(prefix) :]: str(value) for name, value in request.POST.items() if name.startswith(prefix) and value
    }
    importing.ask_dry_run(request.user, _upload(request, token), table, columns, request.POST.dict())
    return redirect("pages:data_upload", token)


@require_POST
@require(Permission.DATA_IMPORT)
def import_it(request: HttpRequest, token: str) -> HttpResponse:
    """Import the file as it was tried."""
    try:
        importing.ask_import(request.user, _upload(request, token))
    except TierwiseError as error:
        messages.error(request, error.to(current_language()))
    return redirect("pages:data_upload", token)


@require(Permission.DATA_IMPORT)
def rejects(request: HttpRequest, token: str) -> HttpResponseBase:
    """The rows that the dry run would set aside, as CSV."""
    file = importing.rejects_of(_upload(request, token))
    if not file.is_file():
        raise Http404
    return FileResponse(file.open("rb"), as_attachment=True, filename="rejects.csv", content_type="text/csv")


urlpatterns = [
    path("data/files/<uuid:token>", upload, name="data_upload"),
    path("data/files/<uuid:token>/look", look_again, name="data_look"),
    path("data/files/<uuid:token>/try", try_it, name="data_try"),
    path("data/files/<uuid:token>/import", import_it, name="data_import"),
    path("data/files/<uuid:token>/rejects.csv", rejects, name="data_upload_rejects"),
]
