"""`tierwise export`: the label table of a run as Parquet, CSV and Excel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from tierwise.cli.commands import summary
from tierwise.cli.finish import export_labels
from tierwise.cli.options import find_workspace, limit_options, run_option, workspace_option
from tierwise.cli.speech import say
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.exports.label_table import FORMATS
from tierwise.job import Resources
from tierwise.snapshots.runs import open_run


@click.command("export", help=summary("export"))
@workspace_option
@run_option
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    help=say("repeatable [default: all]", "可重复 [默认：全部]"),
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help=say("folder to write into", "输出目录"))
@limit_options
def export(
    open_engine: Callable[[], DuckDBEngine],
    workspace: Path | None,
    run_name: str,
    formats: tuple[str, ...],
    out: Path | None,
) -> None:
    """Write the label table and name the files."""
    place = find_workspace(workspace)
    run = open_run(place, run_name)
    for file in export_labels(run, out or place.root, Resources(open_engine), formats or FORMATS).values():
        click.echo(str(file))
