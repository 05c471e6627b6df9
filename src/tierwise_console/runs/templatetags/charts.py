"""`{% chart item facts %}` and `{% table item facts %}`: a chart with its table, its units, where it is from, and its downloads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from tierwise.language import Text
from tierwise_console.runs.charts import WORDS, Chart, DataTable, Facts, Format
from tierwise_console.shell.language import current_language, words
from tierwise_console.shell.templatetags import numbers

register = template.Library()

_SHOWN: Mapping[Format, Callable[[Any, str | None], str]] = {
    Format.COUNT: lambda value, _: numbers.count(value),
    Format.NUMBER: lambda value, _: numbers.number(value),
    Format.AMOUNT: lambda value, _: numbers.money(value),
    Format.MONEY: numbers.money,
    Format.ROUND_MONEY: numbers.round_money,
    Format.PERCENT: lambda value, _: numbers.percent(value),
    Format.SHARE: lambda value, _: numbers.share(value),
    Format.SIGNIFICANT: lambda value, _: numbers.number(value) if value is None or abs(float(value)) >= 10_000
    else f"{float(value):#,.4g}".removesuffix("."),
}  # fmt: skip


def shown(value: Any, form: Format | str, currency: str | None = None) -> str:
    """A cell as text in the language of the request."""
    form = Format(form)
    if value is None:
        return numbers.DASH
    if isinstance(value, Text):
        return words(value)
    return _SHOWN[form](value, currency) if form in _SHOWN else str(value)


@register.simple_tag
def figure(value: Any, form: str, facts: Facts | None = None) -> str:
    """One figure by its format."""
    return shown(value, form, facts.currency if facts else None)


@register.inclusion_tag("runs/chart.html")
def chart(item: Chart, facts: Facts) -> dict[str, Any]:
    """One chart with everything that belongs to it."""
    data = {"id": item.id, "kind": item.kind, **item.data}
    return {"chart": item, "facts": facts, "data": _script(f"{item.id}-data", data, "chart-data")}


@register.inclusion_tag("runs/table.html")
def table(item: DataTable, facts: Facts | None = None, id: str = "") -> dict[str, Any]:  # the word of HTML
    """A table; the first cell of a row names the row."""
    currency = facts.currency if facts else None
    texts = (Format.TEXT, Format.CODE)
    columns = [(words(column.label), column.format not in texts) for column in item.columns]
    rows = [
        [
            (shown(cell, column.format, currency), column.format not in texts)
            for cell, column in zip(row, item.columns, strict=True)
        ]
        for row in item.rows
    ]
    return {"caption": words(item.caption), "columns": columns, "rows": rows, "id": id}


@register.simple_tag
def chart_words(facts: Facts) -> SafeString:
    """What the drawings read of the page: its words in its language, and the currency."""
    said = {name: {"en": text.en, "zh-CN": text.zh} for name, text in WORDS.items()}
    return _script("data", {"lang": str(current_language()), "currency": facts.currency, "words": said})


def _script(name: str, data: Mapping[str, Any], classes: str = "") -> SafeString:
    """A block of data that no browser runs; `<` is written so that it cannot end its own element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_plain).replace("<", "\\u003c")
    return format_html(
        '<script type="application/json" id="{}" class="{}">{}</script>',
        name,
        classes,
        mark_safe(text),  # JSON whose < is escaped above  # nosec B308 B703
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return {"en": value.en, "zh-CN": value.zh}
    return float(value)
