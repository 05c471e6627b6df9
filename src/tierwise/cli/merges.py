"""`tierwise merges`: who was merged, by whom and why, and what was decided otherwise."""

from __future__ import annotations

from pathlib import Path

import click

from tierwise.cli.commands import summary
from tierwise.cli.format import console, number, table
from tierwise.cli.options import find_workspace, json_option, workspace_option
from tierwise.cli.results import print_json
from tierwise.cli.speech import lang, say
from tierwise.deduplication import decisions
from tierwise.identity.decisions import Decision, Verdict
from tierwise.language import Text

_WORDS = {
    Verdict.MERGED: Text("merged", "合并"),
    Verdict.APART: Text("not the same", "不是同一客户"),
    Verdict.LATER: Text("later", "以后再定"),
    Verdict.UNDONE: Text("taken back", "撤销"),
}


@click.command("merges", help=summary("merges"))
@workspace_option
@click.option("--customer", help=say("only those that concern this customer", "只看与该客户有关的"))
@click.option("--all", "every", is_flag=True, help=say("also what was taken back", "包括已撤销的"))
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help=say("how many, the newest first", "显示多少条，最新的在前"),
)
@json_option
def merges(workspace: Path | None, customer: str | None, every: bool, top: int, as_json: bool) -> None:
    """List decisions, the newest first."""
    taken, now = decisions(find_workspace(workspace))
    group = set(now.group(customer)) if customer else set()
    held = {decision.id for decision in (*now.merges, *now.apart, *now.later)}
    found = [d for d in reversed(taken) if (every or d.id in held) and (not group or group & set(d.members))]
    if as_json:
        print_json({"count": len(found), "decisions": [d.to_json() | {"holds": d.id in held} for d in found[:top]]})
        return
    columns = [(say("Id", "编号"), False), (say("Decision", "决定"), False), (say("Customers", "客户"), False),
               (say("By", "决定人"), False), (say("Why", "原因"), False)]  # fmt: skip
    rows = [[d.id, _word(d, d.id in held), "\n".join(d.members), d.by, d.reason or d.undoes or ""] for d in found[:top]]
    if rows:
        console().print(table(say("Decisions", "决定"), columns, rows))
    gone = number(len(now.survivors))
    console().print(
        say(
            f"{number(len(found))} decisions; {gone} ids gave way to another one.",
            f"共 {number(len(found))} 条；{gone} 个编号已并入其他客户。",
        )
    )


def _word(decision: Decision, holds: bool) -> str:
    word = _WORDS[decision.verdict].to(lang())
    return word if holds or decision.verdict is Verdict.UNDONE else word + say(" (taken back)", "（已撤销）")
