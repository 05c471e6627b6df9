"""`tierwise simulate MODEL --set …`: who would move under other settings, before anything is changed."""

from __future__ import annotations

from pathlib import Path

import click

from tierwise.cli.commands import summary
from tierwise.cli.flows import migration_json, show_migration
from tierwise.cli.format import console
from tierwise.cli.options import find_workspace, json_option, run_option, set_option, workspace_option
from tierwise.cli.results import print_json
from tierwise.cli.speech import say
from tierwise.config.document import Document
from tierwise.config.project import with_settings
from tierwise.questions import simulate as ask
from tierwise.questions import with_engine
from tierwise.registry import build_models
from tierwise.snapshots.runs import open_run


@click.command("simulate", help=summary("simulate"))
@click.argument("model")
@set_option
@workspace_option
@run_option
@json_option
def simulate(model: str, settings: tuple[str, ...], workspace: Path | None, run_name: str, as_json: bool) -> None:
    """Fit the model with the run's settings and the new ones over them, and compare."""
    place = find_workspace(workspace)
    run = open_run(place, run_name)
    run.scheme(model)
    result = run.manifest.models[model]
    base = Document({"models": {model: {**result.spec, "model": result.model}}}, "--set")
    changed = build_models(with_settings(base, tuple(_scoped(model, setting) for setting in settings)))[0]
    _, migration = with_engine(lambda engine: ask(engine, place, run, changed))
    if as_json:
        print_json({"run": run.name, "model": model, **migration_json(migration)})
        return
    screen = console()
    show_migration(screen, migration, f"{model}: {say('as published → as simulated', '现行 → 模拟')}")
    screen.print(say("Nothing was changed.", "未做任何改动。"))


def _scoped(model: str, setting: str) -> str:
    """`bins=4` means `MODEL.bins=4` here."""
    name = setting.partition("=")[0]
    return setting if name.startswith(f"{model}.") else f"{model}.{setting}"
