"""`tierwise advise`: which model suits the goal, the business and this very data."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import click

from tierwise.advisor.advice import Question
from tierwise.advisor.asking import advise_on_files, advise_on_run
from tierwise.advisor.goals import BUSINESSES, GOALS, Goal
from tierwise.cli.advise_screen import advice_json, show_advice
from tierwise.cli.advise_tables import show_steps, show_tables, steps_json, tables_json
from tierwise.cli.commands import summary
from tierwise.cli.format import console
from tierwise.cli.options import (
    IsoDate,
    OrderFile,
    engine_options,
    find_workspace,
    json_option,
    optional_order_file,
    resources,
    set_option,
    workspace_option,
)
from tierwise.cli.progress import TerminalProgress
from tierwise.cli.results import print_json
from tierwise.cli.speech import say
from tierwise.config.document import Document
from tierwise.config.project import EngineSpec, with_settings
from tierwise.contracts.tables import TABLES
from tierwise.job import Job, Source
from tierwise.registry import build_models
from tierwise.registry import models as all_models
from tierwise.snapshots.runs import open_run
from tierwise.snapshots.workspace import Workspace


@click.command(
    "advise",
    help=summary(
        "advise",
        "ORDERS is an order file; without it the tables of the workspace's current run are used.",
        "ORDERS 为订单文件；省略时使用工作区当前运行的数据表。",
    ),
)
@optional_order_file
@workspace_option
@click.option(
    "--goal",
    type=click.Choice(list(GOALS)),
    default="repurchase",
    show_default=True,
    help=say("what is to be achieved", "业务目标"),
)
@click.option("--business", type=click.Choice(list(BUSINESSES)), help=say("kind of business", "业务类型"))
@click.option(
    "--also",
    multiple=True,
    metavar="TABLE=FILE",
    help=say(
        "a further table beside ORDERS, repeatable, as events=events.csv", "其他数据表，可重复，如 events=events.csv"
    ),
)
@click.option(
    "--as-of",
    type=IsoDate(),
    help=say("last day that is known [default: the last order]", "最后已知日期 [默认：最后一笔订单]"),
)
@click.option(
    "--horizon",
    type=click.IntRange(min=1),
    help=say("days to foretell [default: from the data]", "预测期（天） [默认：由数据决定]"),
)
@click.option("--model", "names", multiple=True, help=say("only these models, repeatable", "只评估这些模型，可重复"))
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help=say("seed of the bootstrap", "自助抽样随机种子"),
)
@set_option
@engine_options
@click.option(
    "--tables", is_flag=True, help=say("only print the tables of models and methods", "只显示模型与方法对照表")
)
@click.option(
    "--steps",
    is_flag=True,
    help=say("only print what to settle before, for the goal", "只显示针对目标需事先确定的事项"),
)
@json_option
def advise(
    file: OrderFile | None,
    workspace: Path | None,
    goal: str,
    business: str | None,
    also: tuple[str, ...],
    as_of: date | None,
    horizon: int | None,
    names: tuple[str, ...],
    seed: int,
    settings: tuple[str, ...],
    engine_name: str | None,
    master: str | None,
    memory: str | None,
    threads: int | None,
    temp: Path | None,
    tables: bool,
    steps: bool,
    as_json: bool,
) -> None:
    """Measure, back-test, rank; or print the two tables, or what to settle before."""
    if tables or steps:
        _show_without_data(GOALS[goal], steps, as_json)
        return
    document = with_settings(Document({"models": {name: {} for name in names or all_models()}}, "--set"), settings)
    question = Question(GOALS[goal], BUSINESSES[business] if business else None, horizon, seed)
    engines = resources(EngineSpec(), engine_name, master, memory, threads, temp)
    models = build_models(document)
    with TerminalProgress() as progress, tempfile.TemporaryDirectory(dir=temp) as folder:
        scratch = Path(folder)
        if file is None:
            place = find_workspace(workspace)
            run = open_run(place, "current")
            found = advise_on_run(place, run, models, engines, question, scratch, as_of, progress)
        else:
            sources = [file.source, *(_source(given) for given in also)]
            job = Job(Workspace(scratch), sources, models, as_of, file.timezone, file.currency)
            found = advise_on_files(job, engines, question, scratch, progress)
    if as_json:
        print_json(advice_json(found))
    else:
        show_advice(console(), found)


def _show_without_data(goal: Goal, steps: bool, as_json: bool) -> None:
    if as_json:
        print_json(steps_json(goal) if steps else tables_json())
    elif steps:
        show_steps(console(), goal)
    else:
        show_tables(console())


def _source(given: str) -> Source:
    table, _, location = given.partition("=")
    if table not in TABLES or not location:
        raise click.UsageError(
            say(
                f"{given!r}: write TABLE=FILE with TABLE one of {', '.join(TABLES)}",
                f"{given!r}：请写成 表=文件，表可为 {'、'.join(TABLES)}",
            )
        )
    return Source(table, location)
