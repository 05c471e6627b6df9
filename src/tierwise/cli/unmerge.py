"""`tierwise unmerge`: take a merge, or another decision on customers, back."""

from __future__ import annotations

from pathlib import Path

import click

from tierwise.cli.commands import summary
from tierwise.cli.format import console
from tierwise.cli.identity_screen import engine_within, own_rules
from tierwise.cli.options import Bounds, bounds_options, find_workspace, json_option, workspace_option
from tierwise.cli.results import print_json
from tierwise.cli.speech import say
from tierwise.config.environment import user_name
from tierwise.deduplication import undo


@click.command(
    "unmerge",
    help=summary(
        "unmerge",
        "Orders, points, consents and hold-outs are where they were before. DECISION is an id that `tierwise merges` shows.",
        "订单、积分、授权与对照组随即恢复原状。DECISION 为 tierwise merges 所列的编号。",
    ),
)
@click.argument("decision")
@workspace_option
@click.option("--by", help=say("who takes it back [default: you]", "由谁撤销 [默认：当前用户]"))
@click.option("--reason", default="", help=say("why", "原因"))
@bounds_options
@json_option
def unmerge(bounds: Bounds, decision: str, workspace: Path | None, by: str | None, reason: str, as_json: bool) -> None:
    """Take one decision back."""
    place = find_workspace(workspace)
    with engine_within(place, bounds) as engine, place.writing():
        done = undo(engine, place, decision, by or user_name(), reason, own_rules(place))
    if as_json:
        print_json(done.to_json())
        return
    names = ", ".join(done.members)
    console().print(
        say(f"Taken back; the next run counts {names} as before.", f"已撤销；下次运行将恢复 {names} 原来的状态。"),
        soft_wrap=True,
    )
