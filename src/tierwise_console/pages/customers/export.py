"""The filtered list as CSV or Excel."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record
from tierwise_console.crm.filters import CustomerFilter
from tierwise_console.crm.selectors.exporting import guarded, listed_customers
from tierwise_console.pages.customers.listing import asked
from tierwise_console.runs.tier_names import model_names
from tierwise_console.shell.language import current_language, say

EXCEL_ROWS = 1_048_575


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


@require(Permission.CUSTOMERS_EXPORT)
@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """Stream the customers of the filter; contact data stay masked as in the list."""
    wanted = asked(request)
    kind = "xlsx" if request.GET.get("format") == "xlsx" else "csv"
    record("customers.exported", actor=request.user, detail={"format": kind, "filter": wanted.query()[:500]})
    if kind == "xlsx":
        return _excel(request, wanted)
    lines = csv.writer(_Echo())
    rows = (lines.writerow([guarded(value) for value in row]) for row in _rows(request, wanted))
    answer = StreamingHttpResponse(_with_mark(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="customers.csv"'
    return answer


def _with_mark(rows: Iterator[str]) -> Iterator[str]:
    """Excel reads UTF-8 by its byte-order mark alone."""
    yield "\ufeff"
    yield from rows


def _rows(request: HttpRequest, wanted: CustomerFilter) -> Iterator[list[Any]]:
    names, lang = model_names(), current_language()
    yield [
        say("Customer", "客户编号"), say("Name", "姓名"), say("Phone", "手机"), say("E-mail", "邮箱"),
        say("Region", "地域"), say("Owner", "负责人"), say("Orders", "购买次数"), say("Amount spent", "消费净额"),
        say("Expected value", "预期价值"), say("Last order", "最近购买"), say("Tags", "标签"),
        *(each.title.to(lang) for each in names.values()),
    ]  # fmt: skip
    for each in listed_customers(wanted, request.user, list(names)):
        tiers = ((each.labels[model].tier if model in each.labels else None) for model in names)
        yield [
            each.customer_id, each.person.name, each.person.phone, each.person.email, each.region, each.owner,
            each.frequency, each.monetary, each.worth, each.last_order_on and each.last_order_on.isoformat(),
            "; ".join(name for _, name, _ in each.tags),
            *("" if key is None else names[model].tier(key, lang) for model, key in zip(names, tiers, strict=True)),
        ]  # fmt: skip


def _excel(request: HttpRequest, wanted: CustomerFilter) -> FileResponse:
    """A workbook, written row by row; numbers stay numbers, texts are never formulas."""
    import xlsxwriter

    file = tempfile.TemporaryFile()  # noqa: SIM115  the answer closes it when it is sent
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        for place, row in zip(range(EXCEL_ROWS + 1), _rows(request, wanted), strict=False):
            sheet.write_row(place, 0, ["" if value is None else guarded(value) for value in row])
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="customers.xlsx")
