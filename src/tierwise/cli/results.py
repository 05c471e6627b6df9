"""How a run is shown: the mapping, the quality card, the tier tables; and as JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape

from tierwise.canonical.mapping import INGEST_LABELS
from tierwise.cli.format import money, number, percent, score_percent, table
from tierwise.cli.speech import lang, say, tell
from tierwise.contracts.doubts import doubt_note
from tierwise.contracts.quality import DIMENSION_LABELS, Dimension
from tierwise.contracts.scheme import Scheme
from tierwise.contracts.tables import TABLES
from tierwise.language import Lang
from tierwise.snapshots.runs import Run


def localised(texts: Mapping[str, str]) -> str:
    """The wording of a text that was stored in both languages."""
    return texts[str(lang())]


def show_mapping(out: Console, table_name: str, mapping: Mapping[str, str]) -> None:
    """Print which source column fills which field."""
    columns = {column.name: column.label for column in TABLES[table_name].columns} | INGEST_LABELS
    shown = []
    for field, source in mapping.items():
        label = columns[field].to(lang()) if field in columns else field
        shown.append(f"{label} ← {source}")
    out.print(f"[bold]{say('Columns', '列映射')}[/bold]  " + escape(" · ".join(shown)))


def show_quality(out: Console, quality: Mapping[str, Any]) -> None:
    """Print what was read, used and set aside, and what was noticed."""
    line = say(
        f"{number(quality['rows_read'])} rows read, {number(quality['rows_used'])} used, "
        f"{number(quality['rows_set_aside'])} set aside",
        f"读取 {number(quality['rows_read'])} 行，使用 {number(quality['rows_used'])} 行，"
        f"搁置 {number(quality['rows_set_aside'])} 行",
    )
    reasons = quality["set_aside"]
    labels = quality.get("set_aside_labels", {})
    if reasons:
        separator = "；" if lang() is Lang.ZH else "; "
        parts = [f"{localised(labels[r]) if r in labels else r} {number(count)}" for r, count in reasons.items()]
        line += f" ({separator.join(parts)})"
    out.print(f"[bold]{say('Quality', '数据质量')}[/bold]  {escape(line)}")
    show_scores(out, quality)
    for finding in quality["findings"]:
        words = finding["zh"] if lang() is Lang.ZH else finding["en"]
        out.print(f"         [dim]{escape(words)}[/dim]")
    if corrected := sum(each["rows"] for each in quality.get("corrections", ())):
        words = say(
            f"{number(corrected)} values were corrected while reading; tierwise quality --corrections lists them",
            f"读取时自动更正了 {number(corrected)} 个值，tierwise quality --corrections 可列出",
        )
        out.print(f"         [dim]{escape(words)}[/dim]")
    facts = say(
        f"{number(quality['customers'])} customers, {number(quality['orders'])} orders, "
        f"{number(quality['refunds'])} refunds, {quality['first_date']} to {quality['last_date']}",
        f"{number(quality['customers'])} 位客户，{number(quality['orders'])} 笔订单，"
        f"{number(quality['refunds'])} 笔退款，{quality['first_date']} 至 {quality['last_date']}",
    )
    out.print(f"         {facts}")


def show_scores(out: Console, quality: Mapping[str, Any]) -> None:
    """Print the score of the data, and of each dimension; nothing where no rules were held against it."""
    scores = quality.get("scores")
    if not scores or scores["overall"] is None:
        return
    parts = [
        f"{tell(DIMENSION_LABELS[Dimension(name)])} {score_percent(score)}"
        for name, score in scores["dimensions"].items()
    ]
    line = say(
        f"score {score_percent(scores['overall'])}: {', '.join(parts)}",
        f"得分 {score_percent(scores['overall'])}：{'，'.join(parts)}",
    )
    out.print(f"         {line}")


def show_tiers(out: Console, run: Run, whole: Collection[str] | None = None) -> None:
    """Print the tier table of every model; of models not in `whole`, where that is given, the shares in a line."""
    shown = [name for name in run.manifest.models if whole is None or name in whole]
    for instance in shown:
        result = run.manifest.models[instance]
        out.print()
        out.print(_tier_table(_title(run, instance), run.scheme(instance), result.tiers))
        for note in result.notes:
            out.print(f"  [dim]{escape(localised(note['text']))}[/dim]")
        if doubt := doubt_note(run.manifest.quality, instance):
            out.print(f"  [dim]{escape(tell(doubt))}[/dim]")
    rest = [name for name in run.manifest.models if name not in shown]
    if rest:
        headings = [(say("Further models", "其他模型"), False), (say("Shares of customers", "客户占比"), False)]
        out.print()
        out.print(table("", headings, [[_title(run, name), _shares(run, name)] for name in rest]))
    _show_left_out(out, run)


def _show_left_out(out: Console, run: Run) -> None:
    """Say which models were left out for want of data, and what each lacks."""
    for name, lacks in run.manifest.left_out.items():
        missing = say(f"{name}: the data has no {', '.join(lacks)}", f"{name}：数据中没有 {'、'.join(lacks)}")
        out.print(f"[bold]{say('Left out', '已略过')}[/bold]  {escape(missing)}")


def _title(run: Run, instance: str) -> str:
    from tierwise.registry import card_of

    model = run.manifest.models[instance].model
    card = card_of(model)
    title = card.title.to(lang()) if card else instance
    return title if instance == model else f"{title} ({instance})"


def _shares(run: Run, instance: str) -> str:
    scheme = run.scheme(instance)
    rows = run.manifest.models[instance].tiers
    shares = [f"{scheme.tier(row['key']).name.to(lang())} {percent(row['customers_percent'])}" for row in rows]
    return " · ".join(shares)


def _tier_table(title: str, scheme: Scheme, rows: list[dict[str, Any]]) -> Any:
    columns = [
        (say("Tier", "层级"), False),
        (say("Customers", "客户数"), True),
        (say("Share", "占比"), True),
        (say("Orders", "订单数"), True),
        (say("Revenue", "销售额"), True),
        (say("Share", "占比"), True),
        (say("Median R (days)", "R 中位（天）"), True),
        (say("F", "F 中位"), True),
        (say("M", "M 中位"), True),
    ]
    cells = [
        [
            scheme.tier(row["key"]).name.to(lang()),
            number(row["customers"]),
            percent(row["customers_percent"]),
            number(row["orders"]),
            money(row["revenue"]),
            percent(row["revenue_percent"]),
            number(row["median_recency_days"]),
            number(row["median_frequency"]),
            money(row["median_monetary"]),
        ]
        for row in rows
    ]
    return table(title, columns, cells)


def made_words(made: Mapping[str, Any]) -> str:
    """How a run was made, in a few words."""
    if made.get("kind") == "incremental":
        touched = number(made["touched"])
        return say(
            f"incrementally, customers touched since {made['from']}: {touched}",
            f"增量计算，自 {made['from']} 以来数据有变化的客户：{touched} 位",
        )
    why = localised(made["why"]) if made.get("why") else ""
    return say(f"everything anew: {why}", f"全量重算：{why}")


def show_made(screen: Console, run: Run) -> None:
    """Say how a run was made, and why it was not made on top of the one before."""
    label = say("Made", "计算方式")
    screen.print(f"[bold]{label}[/bold]    {escape(made_words(run.manifest.made))}")


def run_json(run: Run) -> dict[str, Any]:
    """A run as `--json` prints it; numbers are numbers, and equal the stored decimals digit by digit."""
    manifest = run.manifest
    return {
        "as_of": manifest.as_of.isoformat(),
        "calculated_at": manifest.calculated_at.isoformat(),
        "engine": manifest.engine,
        "run": manifest.run,
        "data_version": manifest.tables,
        "made": manifest.made,
        "currency": manifest.currency,
        "mapping": manifest.mapping.get("orders", {}),
        "mappings": manifest.mapping,
        "quality": manifest.quality,
        "totals": plain(manifest.totals),
        "models": {name: _model_json(run, name) for name in manifest.models},
        "left_out": manifest.left_out,
    }


def _model_json(run: Run, name: str) -> dict[str, Any]:
    result, scheme = run.manifest.models[name], run.scheme(name)
    tiers = [{"tier": scheme.tier(row["key"]).name.to(lang()), **plain(row)} for row in result.tiers]
    return {
        "model": result.model,
        "settings": result.spec,
        "tiers": tiers,
        "cut_points": {s.name: [float(cut) for cut in s.cuts[()]] for s in scheme.scores if () in s.cuts},
        "notes": [{"code": note["code"], "text": localised(note["text"])} for note in result.notes],
    }


_FIGURES = ("revenue", "percent", "median", "value")


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Figures that the manifest keeps as exact strings, as JSON numbers."""
    return {
        key: _number(value) if isinstance(value, str | Decimal) and any(word in key for word in _FIGURES) else value
        for key, value in row.items()
    }


def _number(value: str | Decimal) -> int | float:
    exact = Decimal(value)
    return int(exact) if exact == exact.to_integral_value() and exact.as_tuple().exponent == 0 else float(exact)


def print_json(data: Any) -> None:
    """Print one JSON object to standard output."""
    import click

    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
