"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from tierwise.cli.speech import say
from tierwise.config.environment import temp_folder
from tierwise.config.project import FILE_NAME, EngineSpec
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.pipeline import Resources
from tierwise.snapshots.workspace import Workspace

Command = TypeVar("Command", bound=Callable[..., Any])

ONE_SHOT_FOLDER = "tierwise-out"


class IsoDate(click.ParamType[date]):
    """A day written as 2026-10-31."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day, or fail with what is expected."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(
                say(f"{value!r} is not a date like 2026-10-31", f"{value!r} 不是 2026-10-31 这样的日期"), param, ctx
            )


def workspace_option(command: Command) -> Command:
    """Add --workspace."""
    return click.option(
        "--workspace",
        type=click.Path(path_type=Path, file_okay=False),
        help=say(
            f"folder with the runs [default: the folder of {FILE_NAME}, else ./{ONE_SHOT_FOLDER}]",
            f"运行结果所在目录 [默认：{FILE_NAME} 所在目录，否则 ./{ONE_SHOT_FOLDER}]",
        ),
    )(command)


def run_option(command: Command) -> Command:
    """Add --run."""
    return click.option(
        "--run",
        "run_name",
        default="current",
        show_default=True,
        help=say("run id, or current, or previous", "运行编号，或 current、previous"),
    )(command)


def json_option(command: Command) -> Command:
    """Add --json."""
    return click.option("--json", "as_json", is_flag=True, help=say("print one JSON object", "输出一个 JSON 对象"))(
        command
    )


def set_option(command: Command) -> Command:
    """Add --set."""
    return click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="MODEL.SETTING=VALUE",
        help=say("what a project file would set, as rfm.bins=5", "等同项目文件中的设置，如 rfm.bins=5"),
    )(command)


def engine_options(command: Command) -> Command:
    """Add --engine, --master, --memory, --threads and --temp."""
    for option in reversed(
        (
            click.option(
                "--engine",
                "engine_name",
                type=click.Choice(["duckdb", "spark"]),
                help=say("computing engine", "计算引擎"),
            ),
            click.option("--master", help=say("Spark master", "Spark 主节点地址")),
            click.option("--memory", help=say("memory limit of the engine, as 2GB", "引擎内存上限，如 2GB")),
            click.option("--threads", type=click.IntRange(min=1), help=say("number of threads", "线程数")),
            click.option(
                "--temp",
                type=click.Path(path_type=Path, file_okay=False, exists=True),
                help=say("folder for spilling", "临时文件目录"),
            ),
        )
    ):
        command = option(command)
    return command


def resources(
    spec: EngineSpec,
    engine_name: str | None,
    master: str | None,
    memory: str | None,
    threads: int | None,
    temp: Path | None,
) -> Resources:
    """The engines that the project file and the options ask for; options win."""
    limit, count, spill = memory or spec.memory, threads or spec.threads, temp or temp_folder()

    def ingest() -> DuckDBEngine:
        return DuckDBEngine(limit, count, spill)

    def spark() -> Engine:
        from tierwise.engine.spark import SparkEngine

        return SparkEngine(master or (f"local[{count}]" if count else spec.master), memory=limit)

    return Resources(ingest, spark if (engine_name or spec.name) == "spark" else None)


def find_workspace(given: Path | None) -> Workspace:
    """The workspace named, else the folder with a project file, else the one-shot folder."""
    if given is not None:
        return Workspace(given)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FILE_NAME).is_file():
            return Workspace(folder)
    return Workspace(here / ONE_SHOT_FOLDER)
