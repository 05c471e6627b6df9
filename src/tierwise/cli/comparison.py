"""How a comparison of two runs is shown: matrix, rates, health, causes, movers, survival; and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape

from tierwise.cli.flows import migration_json, show_migration
from tierwise.cli.format import number, table
from tierwise.cli.results import localised
from tierwise.cli.speech import lang, say
from tierwise.contracts.scheme import Value
from tierwise.evaluation.health import Health, Rate
from tierwise.evaluation.movers import LINES, UNEXPLAINED, Mover, tally
from tierwise.evaluation.survival import Curve
from tierwise.language import Text
from tierwise.questions import Comparison
from tierwise.snapshots.runs import Run

CAUSES = {
    LINES: Text("the lines moved, not the customer", "分界线变了，客户没变"),
    UNEXPLAINED: Text(
        "no indicator explains it (tier held back, or other settings)", "指标无法解释（层级被保持或设置不同）"
    ),
}


def show_comparison(
    screen: Console, found: Comparison, stays: Mapping[str, Curve], run: Run, title: str, top: int
) -> None:
    """Print one model's comparison."""
    show_migration(screen, found.migration, title)
    names = {tier.key: tier.name.to(lang()) for tier in (*found.migration.before, *found.migration.after)}
    screen.print(_rates(found.rates, names))
    if found.health is not None:
        _show_health(screen, found.health)
    words = {item["column"]: localised(item["label"]) for item in run.manifest.indicators}
    if found.movers:
        _show_causes(screen, found.movers, words)
    for mover in found.movers[:top]:
        screen.print("  " + escape(_mover(mover, names, words)))
    if stays:
        screen.print(_survival(stays, names))
    screen.print()


def _rates(rates: tuple[Rate, ...], names: Mapping[str, str]) -> Any:
    """The rates of those who left a tier, the largest first; staying is shown too."""
    columns = [
        (say("From", "由"), False),
        (say("To", "至"), False),
        (say("Customers", "客户数"), True),
        (say("Rate", "流动率"), True),
        (say("95% interval", "95% 区间"), True),
    ]
    rows = [
        [
            names[rate.before],
            names[rate.after],
            f"{number(rate.customers)} / {number(rate.of)}",
            f"{rate.rate:.1%}",
            f"{rate.low:.1%} – {rate.high:.1%}",
        ]
        for rate in rates
        if rate.customers and rate.rate is not None
    ]
    return table(say("Rates", "流动率"), columns, rows)


def _show_health(screen: Console, health: Health) -> None:
    screen.print(f"[bold]{say('Health', '健康度')}[/bold]  {escape(health.verdict.to(lang()))}")
    screen.print(
        say(
            f"  up {number(health.up)}, down {number(health.down)}; balance of the two: {_p(health.direction_p_value)}",
            f"  升级 {number(health.up)}，降级 {number(health.down)}；升降相抵检验：{_p(health.direction_p_value)}",
        )
    )
    test = f"χ² = {health.statistic:.2f}, df = {health.degrees}, {_p(health.p_value)}"
    screen.print("  " + escape(say(f"null: {health.null.en}; {test}", f"原假设：{health.null.zh}；{test}")))
    for before, after in health.forbidden:
        screen.print("  " + escape(say(f"not expected at all: {before} → {after}", f"完全未预期：{before} → {after}")))


def _p(value: float | None) -> str:
    if value is None:
        return "p –"
    return f"p = {value:.3f}" if value >= 0.001 else "p < 0.001"


def _cause(name: str, words: Mapping[str, str]) -> str:
    if name in CAUSES:
        return CAUSES[name].to(lang())
    return " + ".join(words.get(column, column) for column in name.split("+"))


def _show_causes(screen: Console, movers: tuple[Mover, ...], words: Mapping[str, str]) -> None:
    counts = tally(movers)
    shown = "; ".join(f"{_cause(name, words)} {number(count)}" for name, count in counts.items())
    title = say(f"What moved {number(len(movers))}", f"{number(len(movers))} 位客户变动的原因")
    screen.print(f"[bold]{title}[/bold]  {escape(shown)}")


def _mover(mover: Mover, names: Mapping[str, str], words: Mapping[str, str]) -> str:
    arrow = f"{mover.customer}: {names[mover.before]} → {names[mover.after]}"
    if not mover.causes:
        return f"{arrow} ({CAUSES[LINES if mover.lines_moved else UNEXPLAINED].to(lang())})"
    ways = [
        " + ".join(f"{words.get(c, c)} {_value(mover.old[c])} → {_value(mover.new[c])}" for c in group)
        for group in mover.causes
    ]
    return f"{arrow} ({say(' or ', ' 或 ').join(ways)})"


def _value(value: Value) -> str:
    return "–" if value is None else str(value)


def _survival(stays: Mapping[str, Curve], names: Mapping[str, str]) -> Any:
    columns = [
        (say("Tier", "层级"), False),
        (say("Stays", "停留次数"), True),
        (say("Median days", "停留中位天数"), True),
        (say("Still there at the end (95%)", "最长观察期后仍停留（95%）"), True),
    ]
    rows = []
    for key, curve in stays.items():
        last, median = curve.points[-1], curve.median_days
        rows.append(
            [
                names.get(key, key),
                number(curve.stays),
                number(median) if median is not None else say("not reached", "未达到"),
                f"{last.day} d: {last.survival:.1%} ({last.low:.1%} – {last.high:.1%})",
            ]
        )
    return table(say("How long customers stay", "层级停留时间"), columns, rows)


def comparison_json(found: Comparison, top: int) -> dict[str, Any]:
    """One model's comparison as JSON."""
    return {
        **migration_json(found.migration),
        "rates": [
            {"from": r.before, "to": r.after, "customers": r.customers, "of": r.of,
             "rate": r.rate, "low": r.low, "high": r.high}
            for r in found.rates
        ],
        "health": _health_json(found.health) if found.health else None,
        "causes": tally(found.movers) if found.replayed else None,
        "movers": [_mover_json(mover) for mover in found.movers[:top]],
    }  # fmt: skip


def _health_json(health: Health) -> dict[str, Any]:
    return {
        "verdict": health.verdict.to(lang()),
        "null": health.null.to(lang()),
        "statistic": health.statistic,
        "degrees": health.degrees,
        "p_value": health.p_value,
        "up": health.up,
        "down": health.down,
        "direction_p_value": health.direction_p_value,
        "net_up_percent": health.net_up_percent,
        "forbidden": [list(cell) for cell in health.forbidden],
    }


def _mover_json(mover: Mover) -> dict[str, Any]:
    return {
        "customer": mover.customer,
        "from": mover.before,
        "to": mover.after,
        "lines_moved": mover.lines_moved,
        "causes": [
            [{"column": c, "from": _plain(mover.old[c]), "to": _plain(mover.new[c])} for c in group]
            for group in mover.causes
        ],
    }


def _plain(value: Value) -> int | float | str | None:
    return float(value) if isinstance(value, Decimal) else value


def survival_json(stays: Mapping[str, Curve]) -> dict[str, Any]:
    """Survival curves as JSON, by tier."""
    return {
        tier: {
            "stays": curve.stays,
            "median_days": curve.median_days,
            "points": [
                {"day": p.day, "at_risk": p.at_risk, "ended": p.ended, "cut_off": p.cut_off,
                 "survival": p.survival, "low": p.low, "high": p.high}
                for p in curve.points
            ],
        }
        for tier, curve in stays.items()
    }  # fmt: skip
