"""`tierwise explain CUSTOMER`: why this label, in one screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from tierwise.cli.commands import summary
from tierwise.cli.format import console, money, number, table
from tierwise.cli.options import find_workspace, json_option, limit_options, run_option, workspace_option
from tierwise.cli.results import localised, print_json
from tierwise.cli.speech import lang, say
from tierwise.contracts.explanation import Change, Move, Near
from tierwise.contracts.scheme import Condition, Op, Score, Value
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.language import Lang
from tierwise.questions import Reason, explain_customer, with_engine
from tierwise.snapshots.runs import Run, open_run

MOVES_SHOWN = 3


@click.command("explain", help=summary("explain"))
@click.argument("customer")
@click.option("--model", "models", multiple=True, help=say("only this model, repeatable", "只看该模型，可重复"))
@workspace_option
@run_option
@json_option
@limit_options
def explain(
    open_engine: Callable[[], DuckDBEngine],
    customer: str,
    models: tuple[str, ...],
    workspace: Path | None,
    run_name: str,
    as_json: bool,
) -> None:
    """Read the customer's row and explain it from the run's own schemes."""
    run = open_run(find_workspace(workspace), run_name)
    reasons: list[Reason] = with_engine(lambda engine: explain_customer(engine, run, customer, models), open_engine)
    if as_json:
        explained = {reason.model: reason_json(reason) for reason in reasons}
        print_json({"customer": customer, "run": run.name, **_stamps(run), "models": explained})
        return
    screen, stamps = console(), _stamps(run)
    worth = say(
        f"as of {stamps['as_of']}, calculated {stamps['calculated_at']}, data {stamps['data_version']}",
        f"计算日 {stamps['as_of']}，计算时间 {stamps['calculated_at']}，数据版本 {stamps['data_version']}",
    )
    screen.print(f"[bold]{escape(customer)}[/bold] · {worth}")
    words = Words(run)
    for reason in reasons:
        _show(screen, reason, words)


def _stamps(run: Run) -> dict[str, str]:
    """What the labels of a run are worth: the day they are for, when they were calculated, and the data's version."""
    manifest = run.manifest
    calculated = manifest.calculated_at.isoformat(timespec="seconds")
    return {"as_of": manifest.as_of.isoformat(), "calculated_at": calculated, "data_version": manifest.tables}


class Words:
    """Columns of a run in words: names, units and values."""

    def __init__(self, run: Run) -> None:
        self._indicators = {item["column"]: item for item in run.manifest.indicators}

    def name(self, column: str, scores: Mapping[str, Score]) -> str:
        """The name of an indicator or score."""
        if column in scores:
            return scores[column].label.to(lang())
        return localised(self._indicators[column]["label"]) if column in self._indicators else column

    def value(self, column: str, value: Value) -> str:
        """A value as people write it."""
        if value is None or isinstance(value, str):
            return value or "–"
        unit = self._indicators.get(column, {}).get("unit")
        return money(value) if unit == "money" else number(int(value) if value == int(value) else value)


def _show(screen: Console, reason: Reason, words: Words) -> None:
    found, tier = reason.explanation, reason.explanation.verdict.tier
    scores = {score.name: score for score in reason.scheme.scores}
    screen.print()
    rank = say(f"rank {tier.rank} of {len(reason.scheme.tiers)}", f"第 {tier.rank}/{len(reason.scheme.tiers)} 层")
    screen.print(f"[bold]{escape(reason.model)}[/bold]: [bold]{escape(tier.name.to(lang()))}[/bold] ({rank})")
    screen.print(f"  {escape(tier.meaning.to(lang()))} → {escape(tier.action.to(lang()))}")
    screen.print(_values(reason, scores, words))
    if found.conditions:
        rule = say(" and ", " 且 ").join(_condition(c, scores, words) for c in found.conditions)
        screen.print(f"  {say('Rule', '规则')}: {escape(rule)}")
    else:
        screen.print(f"  {say('Rule: none of the others applies', '规则：不满足其他任何规则')}")
    if reason.held is not None:
        name = escape(reason.held.name.to(lang()))
        screen.print(
            f"  {say(f'Keeps for now, by margin or minimum stay: {name}', f'因缓冲幅度或最短停留期，暂保持：{name}')}"
        )
    for near in found.near:
        screen.print(f"  {escape(_nearness(near, scores, words))}")
    for title, moves in ((say("Up", "升级"), found.up), (say("Down", "降级"), found.down)):
        for move in moves[:MOVES_SHOWN]:
            screen.print(f"  {title}: {escape(_move(move, scores, words))}")


def _nearness(near: Near, scores: Mapping[str, Score], words: Words) -> str:
    typical = ", ".join(f"{words.name(column, scores)} {words.value(column, v)}" for column, v in near.values.items())
    name = near.tier.name.to(lang())
    return say(f"Distance {near.distance} to {name} ({typical})", f"与“{name}”中心的距离 {near.distance}（{typical}）")


def _values(reason: Reason, scores: Mapping[str, Score], words: Words) -> Any:
    found = reason.explanation
    rows = []
    for column in reason.scheme.inputs:
        score = next((s for s in scores.values() if s.column == column), None)
        shown = [words.name(column, scores), words.value(column, found.values[column]), "–", "–"]
        if score is not None:
            cuts = score.cuts_for(found.verdict.scores)
            shown[2] = f"{found.verdict.scores[score.name]} / {score.bins}"
            shown[3] = " · ".join(words.value(column, cut) for cut in cuts) or "–"
        rows.append(shown)
    headings = [
        (say("Indicator", "指标"), False),
        (say("Value", "数值"), True),
        (say("Score", "得分"), True),
        (say("Cut-points", "分界点"), False),
    ]
    return table("", headings, rows)


def _condition(condition: Condition, scores: Mapping[str, Score], words: Words) -> str:
    name = words.name(condition.column, scores)
    if condition.value is None:
        return f"{name} {say('is known', '已知') if condition.op is Op.NOT_NULL else say('is unknown', '未知')}"
    sign = {">=": "≥", "<=": "≤", "<>": "≠"}.get(str(condition.op), str(condition.op))
    or_unknown = say(" or unknown", "或未知") if condition.or_null else ""
    return f"{name} {sign} {words.value(condition.column, condition.value)}{or_unknown}"


def _move(move: Move, scores: Mapping[str, Score], words: Words) -> str:
    parts = say(" and ", " 且 ").join(_change(change, scores, words) for change in move.changes)
    to = move.tier.name.to(lang())
    return f"{parts} → {to}"


def _change(change: Change, scores: Mapping[str, Score], words: Words) -> str:
    name = words.name(change.column, scores)
    old, new = words.value(change.column, change.old), words.value(change.column, change.new)
    if lang() is Lang.ZH:
        return f"{name}由 {old} 变为 {new}"
    return f"{name} from {old} to {new}"


def reason_json(reason: Reason) -> dict[str, Any]:
    """One model's explanation as JSON."""
    found, tier = reason.explanation, reason.explanation.verdict.tier
    return {
        "tier": tier.name.to(lang()),
        "key": tier.key,
        "rank": tier.rank,
        "meaning": tier.meaning.to(lang()),
        "action": tier.action.to(lang()),
        "values": {column: _plain(value) for column, value in found.values.items()},
        "scores": dict(found.verdict.scores),
        "cut_points": {s.name: [_plain(c) for c in s.cuts_for(found.verdict.scores)] for s in reason.scheme.scores},
        "rule": [{"column": c.column, "op": str(c.op), "value": _plain(c.value)} for c in found.conditions],
        "up": [_move_json(move) for move in found.up],
        "down": [_move_json(move) for move in found.down],
        "held": reason.held.key if reason.held else None,
        "near": [
            {"key": n.tier.key, "distance": float(n.distance), "values": {c: _plain(v) for c, v in n.values.items()}}
            for n in found.near
        ],
    }


def _move_json(move: Move) -> dict[str, Any]:
    changes = [{"column": c.column, "from": _plain(c.old), "to": _plain(c.new)} for c in move.changes]
    return {"changes": changes, "tier": move.tier.name.to(lang()), "key": move.tier.key, "rank": move.tier.rank}


def _plain(value: Value) -> int | float | str | None:
    return float(value) if isinstance(value, Decimal) else value
