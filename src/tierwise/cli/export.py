"""`tierwise export`: tables of a run as Parquet, CSV and Excel, in full, masked or pseudonymised."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from tierwise.cli.commands import summary
from tierwise.cli.finish import export_labels
from tierwise.cli.guises import export_guised
from tierwise.cli.options import find_workspace, json_option, limit_options, run_option, workspace_option
from tierwise.cli.results import print_json
from tierwise.cli.speech import say
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.exports.writing import FORMATS
from tierwise.job import Resources
from tierwise.privacy.guises import Guise
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
@click.option(
    "--masked",
    "guises",
    flag_value=Guise.MASKED.value,
    multiple=True,
    help=say("personal data in part, as in 138****1234", "个人信息脱敏显示，如 138****1234"),
)
@click.option(
    "--pseudonymised",
    "guises",
    flag_value=Guise.PSEUDONYMISED.value,
    multiple=True,
    help=say(
        "keyed hashes for ids, no names or contacts; the key stays in the workspace",
        "编号替换为带密钥的哈希，不含姓名与联系方式；密钥保留在工作区",
    ),
)
@click.option(
    "--customers",
    is_flag=True,
    help=say("the customer table as well; masked or pseudonymised only", "同时导出客户表；仅限脱敏或假名化"),
)
@json_option
@limit_options
def export(
    open_engine: Callable[[], DuckDBEngine],
    workspace: Path | None,
    run_name: str,
    formats: tuple[str, ...],
    out: Path | None,
    guises: tuple[str, ...],
    customers: bool,
    as_json: bool,
) -> None:
    """Write the tables and name the files."""
    if customers and not guises:
        raise click.UsageError(
            say("--customers needs --masked or --pseudonymised", "--customers 须与 --masked 或 --pseudonymised 同用")
        )
    place = find_workspace(workspace)
    run, resources, chosen = open_run(place, run_name), Resources(open_engine), formats or FORMATS
    if not guises:
        files = list(export_labels(run, out or place.root, resources, chosen).values())
    else:
        tables = ("customers", "labels") if customers else ("labels",)
        both = dict.fromkeys(map(Guise, guises))
        ways = [(out or place.root, resources, guise, table, chosen) for guise in both for table in tables]
        files = [file for way in ways for file in export_guised(run, *way)]
    if as_json:
        print_json({"files": [str(file) for file in files]})
    else:
        click.echo("\n".join(map(str, files)))
