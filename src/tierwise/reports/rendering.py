"""From a page to one HTML file: markup that escapes whatever came from data, and a policy that trusts only itself.

The file carries its style and its scripts; the Content-Security-Policy names each by its SHA-256 and allows
nothing else, so that neither a customer's data nor an edit of the file can run anything or reach a network.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from tierwise.language import Lang, Text
from tierwise.reports.figures import DASH, amount_text, both, number_text, percent_text, said, significant_text
from tierwise.reports.page import Format, Page
from tierwise.reports.palette import THEMES, tier_colours

SCRIPTS = ("format.js", "charts.js", "value_charts.js", "placing.js", "page.js")


def bilingual(text: Text) -> Markup:
    """Both languages as markup, of which the page shows one; words that are the same in both stand once."""
    shown = said(text)
    if shown.en == shown.zh:
        return escape(shown.en)
    return Markup('<span lang="en">{}</span><span lang="zh-CN">{}</span>').format(shown.en, shown.zh)


def words(en: str, zh: str) -> Markup:
    """Both languages of a sentence that is written in the template."""
    return bilingual(Text(en, zh))


_PLAIN: dict[Format, Callable[[Any], str]] = {
    Format.PERCENT: percent_text,
    Format.SHARE: lambda share: percent_text(float(share) * 100),
    Format.AMOUNT: amount_text,
    Format.COUNT: number_text,
    Format.NUMBER: number_text,
    Format.SIGNIFICANT: significant_text,
}
"""Formats that read the same in both languages."""


def figure(value: Any, format: Format | str) -> Markup:
    """A cell as markup. Money carries its exact value, so that the page can show it in the reader's way."""
    shape = Format(format)
    if value is None:
        return Markup('<span class="none">{}</span>').format(DASH)
    if shape in _PLAIN:
        return escape(_PLAIN[shape](value))
    if shape is Format.MONEY:
        return Markup('<data class="money" value="{}">{}</data>').format(value, amount_text(value))
    if shape is Format.ROUND_MONEY:
        return Markup('<data class="money" data-round value="{}">{}</data>').format(value, f"{value:,.0f}")
    if shape is Format.CODE:
        return Markup("<code>{}</code>").format(value)
    return bilingual(value) if isinstance(value, Text) else escape(value)


def payload(page: Page, lang: Lang) -> Markup:
    """All that the scripts read, as JSON that cannot leave its element: `<` is written \\u003c."""
    data = {
        "lang": str(lang),
        "currency": page.currency,
        "title": both(page.title),
        "words": {name: both(text) for name, text in page.words.items()},
        "charts": [{"id": chart.id, "kind": chart.kind, **chart.data} for chart in page.charts],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return Markup(text.replace("<", "\\u003c"))


def _plain(value: Any) -> float:
    """Charts are drawn in floats: they are pictures; the exact figures stand in the tables."""
    return float(value)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tierwise.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(t=words, tt=bilingual, figure=figure)
    return environment


def _asset(folder: str, name: str) -> str:
    text = files("tierwise.reports").joinpath(folder, name).read_text(encoding="utf-8")
    if "</script" in text.lower() or "</style" in text.lower() or "<!--" in text:
        raise ValueError(f"{name} would end its own element")
    return text.replace("\r\n", "\n")


def _swatches(page: Page) -> str:
    """The colours of tiers as classes, for each theme: tables carry the colours of their charts."""
    rules: Mapping[str, list[str]] = {theme: [] for theme in THEMES}
    for count in page.tier_counts:
        for theme, colours in tier_colours(count).items():
            rules[theme] += [f".tier-{count}-{place} {{ fill: {c}; }}" for place, c in enumerate(colours, start=1)]
    light, dark = (" ".join(rules[theme]) for theme in THEMES)
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{ {dark} }}\n"


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def policy(style: str, scripts: list[str]) -> str:
    """The Content-Security-Policy of the page: its own style and scripts by hash, and nothing else."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash(style)}",
            f"script-src {' '.join(map(_hash, scripts))}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def render(page: Page, lang: Lang) -> str:
    """The whole file. It depends on the run and the language alone: the same run gives the same bytes."""
    style = _asset("templates", "report.css") + _swatches(page)
    own = "\n".join(_asset("templates", name) for name in SCRIPTS)
    scripts = [_asset("vendor", "echarts.min.js"), f'"use strict";\n{own}']
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            page=page,
            lang=str(lang),
            title=page.title.to(lang),
            policy=policy(style, scripts),
            style=Markup(style),
            scripts=[Markup(script) for script in scripts],
            payload=payload(page, lang),
            charts={section.id: section.charts for section in page.sections},
            Format=Format,
        )
    )
