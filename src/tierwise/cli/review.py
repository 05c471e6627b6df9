"""`tierwise review`: pairs that a person decides on, one by one at a terminal, or by their ids."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tierwise.cli.commands import summary
from tierwise.cli.format import console, number
from tierwise.cli.identity_screen import engine_within, named_customers, own_rules, waterfall
from tierwise.cli.options import Bounds, bounds_options, find_workspace, json_option, workspace_option
from tierwise.cli.results import print_json
from tierwise.cli.speech import lang, say
from tierwise.config.environment import user_name
from tierwise.deduplication import attach_people, decide, open_pairs
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.identity.decisions import Decision, Verdict
from tierwise.identity.queue import Candidate
from tierwise.snapshots.workspace import Workspace

_KEYS = {"m": Verdict.MERGED, "n": Verdict.APART, "l": Verdict.LATER}
Pair = tuple[str, str]


@click.command(
    "review",
    help=summary(
        "review",
        "At a terminal it asks about one pair after the other; with --merge, --apart or --later it takes your word on one.",
        "在终端中逐对询问；也可用 --merge、--apart、--later 直接给出结论。",
    ),
)
@workspace_option
@click.option("--merge", "merge", nargs=2, metavar="ID ID", help=say("these two are one customer", "两者是同一客户"))
@click.option("--apart", "apart", nargs=2, metavar="ID ID", help=say("these two are not the same", "两者不是同一客户"))
@click.option("--later", "later", nargs=2, metavar="ID ID", help=say("leave this pair for later", "这一对以后再定"))
@click.option("--by", help=say("who decides [default: you]", "由谁决定 [默认：当前用户]"))
@click.option("--reason", default="", help=say("why", "原因"))
@click.option(
    "--top", type=click.IntRange(min=1), default=20, show_default=True, help=say("how many pairs", "显示多少对")
)
@bounds_options
@json_option
def review(
    bounds: Bounds, workspace: Path | None, merge: Pair | None, apart: Pair | None, later: Pair | None, by: str | None, reason: str,
    top: int, as_json: bool,
) -> None:  # fmt: skip
    """List what is open, or decide."""
    place, who = find_workspace(workspace), by or user_name()
    words = [(verdict, pair) for verdict, pair in zip(_KEYS.values(), (merge, apart, later), strict=True) if pair]
    with engine_within(place, bounds) as engine:
        if words:
            with place.writing():
                taken = [
                    decide(engine, place, verdict, *pair, who, reason, own_rules(place)) for verdict, pair in words
                ]
            _tell(taken, as_json)
            return
        pairs, count = open_pairs(place, top)
        if as_json:
            print_json({"open": count, "pairs": [_pair(pair) for pair in pairs]})
            return
        attach_people(engine, place)
        names = named_customers(engine, [member for pair in pairs for member in (pair.left, pair.right)])
        _ask(engine, place, pairs, names, who, reason)
    console().print(say(f"{number(count)} pairs were open.", f"待确认共 {number(count)} 对。"))


def _ask(
    engine: DuckDBEngine, place: Workspace, pairs: list[Candidate], names: dict[str, str], who: str, reason: str
) -> None:
    screen, asking = console(), sys.stdin.isatty() and sys.stdout.isatty()
    for pair in pairs:
        screen.print(waterfall(pair, names))
        if not asking:
            continue
        said = click.prompt(
            say("[m]erge, [n]ot the same, [l]ater, [q]uit", "[m] 合并，[n] 不是同一人，[l] 以后再说，[q] 退出"),
            type=click.Choice([*_KEYS, "q"]), show_choices=False,
        )  # fmt: skip
        if said == "q":
            return
        try:
            with place.writing():
                decide(engine, place, _KEYS[said], pair.left, pair.right, who, reason, own_rules(place))
        except TierwiseError as error:
            click.echo(error.to(lang()), err=True)


def _tell(taken: list[Decision], as_json: bool) -> None:
    if as_json:
        print_json([decision.to_json() for decision in taken])
        return
    for decision in taken:
        pair = " – ".join(decision.members)
        console().print(say(f"{decision.id}: {pair} {decision.verdict.value}; `tierwise unmerge {decision.id}` takes it back.",
                            f"{decision.id}：{pair} 已记录；可用 tierwise unmerge {decision.id} 撤销。"), soft_wrap=True)  # fmt: skip


def _pair(pair: Candidate) -> dict[str, Any]:
    why = [
        {"field": a.field.to(lang()), "level": a.level.to(lang()), "weight": round(a.weight, 4)} for a in pair.addends
    ]
    return {
        "left": pair.left, "right": pair.right, "weight": round(pair.weight, 4), "probability": round(pair.probability, 6),
        "refused": pair.refused, "later": pair.later, "held": [reason.to(lang()) for reason in pair.held], "why": why,
    }  # fmt: skip
