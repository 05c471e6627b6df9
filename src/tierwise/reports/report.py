"""Make the report of a run: one HTML file that opens offline, prints, and speaks English and Chinese."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tierwise.contracts.model import MethodCard
from tierwise.contracts.run_view import RunView
from tierwise.engine.base import Engine
from tierwise.language import Lang, Text
from tierwise.reports.figures import as_decimal, percent_text
from tierwise.reports.identity_section import IdentityFigures, identity_section
from tierwise.reports.model_sections import Stays, model_sections, settings_of
from tierwise.reports.page import Format, Headline, KeyFigure, Page, Section
from tierwise.reports.quality_section import manifest_tables, quality_section
from tierwise.reports.wording import WORDS
from tierwise.reports.writing import write_page


def write_report(
    run: RunView,
    engine: Engine,
    file: Path,
    lang: Lang,
    cards: Mapping[str, MethodCard] | None = None,
    stays: Stays | None = None,
    identity: IdentityFigures | None = None,
) -> None:
    """Write the report of a published run to `file`, replacing it whole or not at all.

    The file holds both languages; `lang` is the one it opens in. `cards` are the method cards by name of model
    (not of instance), as the registry knows them: a model without one is shown without its card. `stays` are the
    survival curves of tiers by name of instance, where several runs are known; `identity` says which customers are
    one, where anybody looked. Everything else is drawn from the
    tier tables of the manifest and from sums that `engine` makes of the label tables, so neither the time nor the
    size depends much on the number of customers.

    Raises `resource.disk_full`, and whatever the engine raises for label files that are gone.
    """
    write_page(build_page(run, engine, cards or {}, stays or {}, identity), file, lang)


def build_page(
    run: RunView,
    engine: Engine,
    cards: Mapping[str, MethodCard],
    stays: Stays | None = None,
    identity: IdentityFigures | None = None,
) -> Page:
    """All that the report shows, before it is HTML."""
    manifest = run.manifest
    sections = model_sections(run, engine, cards, stays or {})
    used = dict.fromkeys(result.model for result in manifest.models.values())
    return Page(
        title=Text("Customer tiers", "客户分层报告"),
        run=run.name,
        as_of=manifest.as_of.isoformat(),
        calculated_at=manifest.calculated_at.isoformat(timespec="seconds"),
        data_version=manifest.tables,
        engine=manifest.engine,
        currency=manifest.currency,
        figures=_key_figures(run),
        headlines=_headlines(run, sections),
        sections=sections,
        quality=quality_section(manifest.quality, manifest.mapping),
        cards=[(name, cards[name]) for name in used if name in cards],
        manifest=manifest_tables(run),
        specs_sha256=manifest.specs_sha256,
        specs={name: _pretty(result.model, result.spec) for name, result in manifest.models.items()},
        words=WORDS,
        identity=identity_section(identity) if identity else None,
    )


def _pretty(model: str, spec: Mapping[str, object]) -> str:
    return json.dumps({"model": model, **settings_of(spec)}, ensure_ascii=False, indent=2)


def _key_figures(run: RunView) -> list[KeyFigure]:
    totals = run.manifest.totals
    customers, orders, revenue = (as_decimal(totals[name]) for name in ("customers", "orders", "revenue"))
    each = (revenue / customers, orders / customers) if customers else (None, None)
    return [
        KeyFigure(Text("Customers", "客户数"), customers, Format.COUNT),
        KeyFigure(Text("Orders", "订单数"), orders, Format.COUNT),
        KeyFigure(Text("Net revenue", "净额"), revenue, Format.ROUND_MONEY, Text("after refunds", "已扣除退款")),
        KeyFigure(Text("Revenue per customer", "人均净额"), each[0], Format.MONEY),
        KeyFigure(Text("Orders per customer", "人均订单数"), each[1], Format.NUMBER),
    ]


def _headlines(run: RunView, sections: Sequence[Section]) -> list[Headline]:
    """What stands out: the titles of the charts, and what was set aside."""
    lines = [Headline(chart.id, section.heading, chart.title) for section in sections for chart in section.charts]
    quality = run.manifest.quality
    if quality["rows_set_aside"]:
        share = percent_text(as_decimal(quality["rows_set_aside"]) * 100 / quality["rows_read"])
        text = Text("{share} of the rows read could not be used", "读取的数据中有 {share} 的行未能使用")
        lines.append(Headline("quality", Text("Data quality", "数据质量"), text.fill(share=share)))
    return lines
