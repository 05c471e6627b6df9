"""`tierwise compare BEFORE AFTER`: who moved between two runs, how surely, whether that is healthy, and what moved them."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from tierwise.cli.commands import summary
from tierwise.cli.comparison import comparison_json, show_comparison, survival_json
from tierwise.cli.format import console
from tierwise.cli.options import find_workspace, json_option, limit_options, workspace_option
from tierwise.cli.results import print_json
from tierwise.cli.speech import say
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.evaluation.health import Expected
from tierwise.questions import examine_migration, history, tier_survival, with_engine
from tierwise.snapshots.runs import open_run


@click.command("compare", help=summary("compare"))
@click.argument("before", default="previous")
@click.argument("after", default="current")
@click.option("--model", "models", multiple=True, help=say("only this model, repeatable", "只看该模型，可重复"))
@click.option(
    "--expected",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=say(
        'JSON file of expected rates, {"tier": {"tier": share}} [default: as many up as down]',
        '期望流动率的 JSON 文件，{"层级": {"层级": 占比}} [默认：双向流动相等]',
    ),
)
@click.option(
    "--top", type=click.IntRange(min=0), default=5, show_default=True, help=say("movers to list", "列出多少位变动客户")
)
@workspace_option
@json_option
@limit_options
def compare(
    open_engine: Callable[[], DuckDBEngine],
    before: str,
    after: str,
    models: tuple[str, ...],
    expected: Path | None,
    top: int,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Print matrix, rates, health, causes and survival for each model that both runs have."""
    place = find_workspace(workspace)
    old, new = open_run(place, before), open_run(place, after)
    shared = models or tuple(name for name in new.manifest.models if name in old.manifest.models)
    wanted = read_expected(expected)
    found, stays = {}, {}
    for name in shared:
        ask = partial(examine_migration, before=old, after=new, model=name, expected=wanted)
        found[name] = with_engine(ask, open_engine)
        stays[name] = with_engine(partial(tier_survival, runs=history(place, new, name), model=name), open_engine)
    if as_json:
        flows: dict[str, Any] = {
            name: {**comparison_json(each, top), "survival": survival_json(stays[name])} for name, each in found.items()
        }
        print_json({"before": old.name, "after": new.name, "models": flows})
        return
    screen = console()
    for name, each in found.items():
        title = f"{name}: {old.manifest.as_of} → {new.manifest.as_of}"
        show_comparison(screen, each, stays[name], new, title, top)


def read_expected(file: Path | None) -> Expected | None:
    """The expected rates of a file; a usage error where it is no such JSON."""
    if file is None:
        return None
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return {str(a): {str(b): float(share) for b, share in row.items()} for a, row in data.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise click.BadParameter(f"{file}: {error}", param_hint="--expected") from error
