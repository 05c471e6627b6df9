"""`tierwise compare BEFORE AFTER`: who moved between two runs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from tierwise.cli.flows import migration_json, show_migration
from tierwise.cli.format import console
from tierwise.cli.options import find_workspace, json_option, workspace_option
from tierwise.cli.results import print_json
from tierwise.cli.speech import say
from tierwise.questions import compare_runs, with_engine
from tierwise.snapshots.runs import open_run


@click.command("compare", help=say("Show who moved between two runs.", "比较两次运行之间客户的层级流动。"))
@click.argument("before", default="previous")
@click.argument("after", default="current")
@click.option("--model", "models", multiple=True, help=say("only this model, repeatable", "只看该模型，可重复"))
@workspace_option
@json_option
def compare(before: str, after: str, models: tuple[str, ...], workspace: Path | None, as_json: bool) -> None:
    """Print a matrix for each model that both runs have."""
    place = find_workspace(workspace)
    old, new = open_run(place, before), open_run(place, after)
    shared = models or tuple(name for name in new.manifest.models if name in old.manifest.models)
    found = {name: with_engine(partial(compare_runs, before=old, after=new, model=name)) for name in shared}
    if as_json:
        flows = {name: migration_json(migration) for name, migration in found.items()}
        print_json({"before": old.name, "after": new.name, "models": flows})
        return
    screen = console()
    for name, migration in found.items():
        show_migration(screen, migration, f"{name}: {old.manifest.as_of} → {new.manifest.as_of}")
