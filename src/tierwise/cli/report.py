"""`tierwise report`: the HTML report of a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from tierwise.cli.commands import summary
from tierwise.cli.finish import write_run_report
from tierwise.cli.options import find_workspace, json_option, limit_options, run_option, workspace_option
from tierwise.cli.results import print_json
from tierwise.cli.speech import say
from tierwise.config.environment import can_open_browser
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.job import Resources
from tierwise.snapshots.runs import open_run


@click.command("report", help=summary("report"))
@workspace_option
@run_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help=say("file to write", "输出文件"))
@click.option("--open", "show", is_flag=True, help=say("open it in the browser", "用浏览器打开"))
@json_option
@limit_options
def report(
    open_engine: Callable[[], DuckDBEngine],
    workspace: Path | None,
    run_name: str,
    out: Path | None,
    show: bool,
    as_json: bool,
) -> None:
    """Write the report, and open it if asked."""
    place = find_workspace(workspace)
    run = open_run(place, run_name)
    file = write_run_report(run, out or place.root / "report.html", Resources(open_engine))
    if as_json:
        print_json({"report": str(file)})
    else:
        click.echo(str(file))
    if show and can_open_browser():
        click.launch(file.resolve().as_uri())
