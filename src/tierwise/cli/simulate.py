"""`tierwise simulate MODEL --set …`: who would move under other settings, before anything is changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tierwise.cli.commands import summary
from tierwise.cli.flows import migration_json, show_messages, show_migration
from tierwise.cli.format import console
from tierwise.cli.options import find_workspace, json_option, limit_options, run_option, set_option, workspace_option
from tierwise.cli.results import print_json
from tierwise.cli.speech import say
from tierwise.config.document import Document
from tierwise.config.project import FILE_NAME, read_project, with_settings
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.evaluation.messages import Messages, messages_of, messages_per_tier
from tierwise.evaluation.migration import Migration
from tierwise.questions import with_engine
from tierwise.simulation import changed_models
from tierwise.simulation import simulate as ask
from tierwise.snapshots.runs import Run, open_run
from tierwise.sql.stacking import inputs_of


class PerTier(click.ParamType[tuple[str, int]]):
    """A tier and a number of messages, written as gold=2."""

    name = "TIER=N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Return both, or fail with what is expected."""
        if isinstance(value, tuple):
            return value
        tier, _, count = str(value).rpartition("=")
        if not tier or not count.isdecimal():
            self.fail(say(f"{value!r} is not like gold=2", f"{value!r} 不是 金牌=2 这样的写法"), param, ctx)
        return tier.strip(), int(count)


@click.command("simulate", help=summary("simulate"))
@click.argument("model")
@set_option
@click.option(
    "--messages-per-tier",
    "told",
    multiple=True,
    type=PerTier(),
    help=say(
        "messages that a round sends to each customer of a tier, repeatable [default: 1 where the project file names "
        "an action for the tier; 1 for every tier where it names none for the model]",
        "每轮向该层级每位客户发送的消息数，可重复 [默认：项目文件为该层级写有动作时为 1；"
        "该模型未写任何动作时各层级均为 1]",
    ),
)
@workspace_option
@run_option
@json_option
@limit_options
def simulate(
    open_engine: Callable[[], DuckDBEngine],
    model: str,
    settings: tuple[str, ...],
    told: tuple[tuple[str, int], ...],
    workspace: Path | None,
    run_name: str,
    as_json: bool,
) -> None:
    """Fit the model with the run's settings and the new ones over them, and compare."""
    place = find_workspace(workspace)
    run = open_run(place, run_name)
    run.scheme(model)
    scoped = tuple(_scoped(run, model, setting) for setting in settings)
    document = with_settings(Document({"models": run.settings()}, "--set"), scoped)
    named = dict.fromkeys((model, *(each.partition(".")[0].strip() for each in scoped)))
    changed = changed_models(run, document, tuple(named))
    found = with_engine(lambda engine: ask(engine, place, run, changed), open_engine)
    migration = found.pop(model).migration
    messages = _messages(migration, place.root / FILE_NAME, model, dict(told))
    if as_json:
        others = {name: migration_json(each.migration) for name, each in found.items()}
        print_json({"run": run.name, "model": model, **migration_json(migration, messages), "others": others})
        return
    screen = console()
    show_migration(screen, migration, _title(model))
    show_messages(screen, messages, migration)
    for name, each in found.items():
        show_migration(screen, each.migration, _title(name))
    screen.print(say("Nothing was changed.", "未做任何改动。"))


def _title(model: str) -> str:
    return f"{model}: {say('as published → as simulated', '现行 → 模拟')}"


def _messages(migration: Migration, project: Path, model: str, told: dict[str, int]) -> Messages:
    """The messages of a migration: the tiers that act are those for which the project file has an action."""
    template = read_project(project)[0].template if project.is_file() else None
    acting = template.actions.get(model) if template else None
    return messages_of(migration, messages_per_tier(migration, acting, told))


def _scoped(run: Run, model: str, setting: str) -> str:
    """`bins=4` means `MODEL.bins=4` here; `OTHER.bins=4` is meant for a model that MODEL builds on."""
    first = setting.partition("=")[0].partition(".")[0].strip()
    schemes = {name: run.scheme(name) for name in run.manifest.models}
    return setting if first in (model, *inputs_of(model, schemes)) else f"{model}.{setting}"
