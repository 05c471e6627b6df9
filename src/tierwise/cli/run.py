"""`tierwise run`: compute what the project file describes and publish it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from tierwise.cli.commands import summary
from tierwise.cli.finish import export_labels, show_files, write_run_report
from tierwise.cli.format import console
from tierwise.cli.options import IsoDate, engine_options, find_workspace, json_option, set_option, workspace_option
from tierwise.cli.progress import TerminalProgress
from tierwise.cli.projects import load_job
from tierwise.cli.results import print_json, run_json, show_made, show_mapping, show_quality, show_tiers
from tierwise.cli.speech import say


@click.command("run", help=summary("run"))
@workspace_option
@click.option("--as-of", type=IsoDate(), help=say("day to compute for", "计算日"))
@click.option("--full", is_flag=True, help=say("make everything anew", "全量重算，不沿用上次运行的状态"))
@set_option
@engine_options
@json_option
def run(
    workspace: Path | None,
    as_of: date | None,
    full: bool,
    settings: tuple[str, ...],
    engine_name: str | None,
    master: str | None,
    memory: str | None,
    threads: int | None,
    temp: Path | None,
    as_json: bool,
) -> None:
    """Load the project, run it, export labels and report."""
    from tierwise import pipeline

    root = find_workspace(workspace).root
    job, engines = load_job(root, settings, as_of, (engine_name, master, memory, threads, temp))
    with TerminalProgress() as progress:
        result = pipeline.run(replace(job, full=full), engines, progress)
        labels = export_labels(result, root / "out", engines)
        page = write_run_report(result, root / "out" / "report.html", engines)
    if as_json:
        print_json({**run_json(result), "labels": {k: str(v) for k, v in labels.items()}, "report": str(page)})
        return
    screen = console()
    for table, mapping in result.manifest.mapping.items():
        show_mapping(screen, table, mapping)
    show_quality(screen, result.manifest.quality)
    show_made(screen, result)
    show_tiers(screen, result)
    show_files(screen, result, labels, page)
