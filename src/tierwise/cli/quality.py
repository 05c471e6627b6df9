"""`tierwise quality`: what the data of a run is worth, and what that does to its tiers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import click

from tierwise.cli.commands import summary
from tierwise.cli.corrections import SHOWN_ROWS, change_corrections, corrections_json, show_changed, show_corrections
from tierwise.cli.format import console
from tierwise.cli.options import find_workspace, json_option, limit_options, run_option, workspace_option
from tierwise.cli.projects import sources_of
from tierwise.cli.quality_screen import (
    show_doubts,
    show_drift,
    show_import_trend,
    show_rules,
    show_scores_by_table,
    show_sources,
    show_trend,
)
from tierwise.cli.results import print_json, show_quality
from tierwise.cli.speech import say
from tierwise.config.project import FILE_NAME, read_project
from tierwise.contracts.ingest import finding_json
from tierwise.contracts.quality import Rule
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.freshness import CODE, stale
from tierwise.import_quality import trend_of_imports
from tierwise.quality.own import project_rules
from tierwise.quality.shipped import shipped_rules
from tierwise.questions import with_engine
from tierwise.reassessment import assess_again, trend_of
from tierwise.snapshots.imports import holding, records
from tierwise.snapshots.runs import open_run
from tierwise.snapshots.workspace import Workspace


@click.command(
    "quality",
    help=summary(
        "quality",
        "Figures are those the run kept; --again looks at its tables once more, with the rules as they are now.",
        "默认显示该次运行保存的结果；--again 按当前规则重新检查其数据表。",
    ),
)
@workspace_option
@run_option
@click.option("--again", is_flag=True, help=say("examine the tables anew, whole", "重新检查全部数据表"))
@click.option("--all", "every", is_flag=True, help=say("also rules that no row fails", "同时列出全部通过的规则"))
@click.option("--corrections", is_flag=True, help=say("what was corrected while reading", "列出读取时的自动更正"))
@click.option(
    "--limit", type=click.IntRange(0), default=SHOWN_ROWS, help=say("corrected values to show", "显示的更正条数")
)
@click.option("--trend", is_flag=True, help=say("scores of each source, import by import", "各数据源历次导入的得分"))
@click.option("--revert", metavar="CODE", help=say("take corrections of a kind back", "撤销某类更正，恢复原值"))
@click.option("--restore", metavar="CODE", help=say("have corrections of a kind made again", "恢复某类更正"))
@click.option("--source", help=say("for this source only", "仅对该数据源"))
@limit_options
@json_option
def quality(
    open_engine: Callable[[], DuckDBEngine],
    workspace: Path | None,
    run_name: str,
    again: bool,
    every: bool,
    corrections: bool,
    trend: bool,
    limit: int,
    revert: str | None,
    restore: str | None,
    source: str | None,
    as_json: bool,
) -> None:
    """Show the quality card of a run, or the corrections of the imports that count."""
    place = find_workspace(workspace)
    if code := revert or restore:
        changed = change_corrections(place, code, source, back=revert is None)
        if not as_json:
            show_changed(console(), place, code, revert is None, changed)
            return
    if corrections or code:
        found = corrections_json(place, limit)
        print_json(found) if as_json else show_corrections(console(), found)
        return
    if trend:
        scored = trend_of_imports(place)
        print_json({"imports": scored}) if as_json else show_import_trend(console(), scored)
        return
    run = open_run(place, run_name)
    card: dict[str, Any] = dict(run.manifest.quality)
    if again or "rules" not in card:
        card = with_engine(partial(assess_again, workspace=place, run=run, rules=rules_of_project(place)), open_engine)
    card["findings"] = [*_but_stale(card), *_stale_today(place)]
    points = trend_of(place, run)
    if as_json:
        print_json({"run": run.name, **card, "trend": [point.to_json() for point in points]})
        return
    screen = console()
    show_quality(screen, card)
    show_scores_by_table(screen, card)
    show_sources(screen, card)
    show_rules(screen, card, every)
    show_doubts(screen, card, run)
    show_trend(screen, points)
    show_drift(screen, card)


def _but_stale(card: dict[str, Any]) -> list[dict[str, Any]]:
    return [found for found in card["findings"] if found["code"] != CODE]


def _stale_today(place: Workspace) -> list[dict[str, Any]]:
    """Sources age after the run too: how old they are is asked of the ledger, today."""
    sources = [source for source in sources_of(place.root) if source.fresh_days is not None]
    if not sources:
        return []
    return [finding_json(found) for found in stale(sources, holding(records(place)), date.today())]


def rules_of_project(place: Workspace) -> tuple[Rule, ...]:
    """The rules of the project in a folder; the shipped ones where there is no project."""
    file = place.root / FILE_NAME
    if not file.is_file():
        return shipped_rules(date.today())
    project, document = read_project(file)
    return project_rules(project.quality, document, date.today())
