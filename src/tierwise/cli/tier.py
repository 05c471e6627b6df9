"""`tierwise tier ORDERS`: from a raw order file to explained tiers, without a project file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from tierwise.cli.commands import summary
from tierwise.cli.finish import export_labels, show_files, show_next, write_run_report
from tierwise.cli.format import console
from tierwise.cli.options import (
    ONE_SHOT_FOLDER,
    IsoDate,
    OrderFile,
    engine_options,
    json_option,
    order_file,
    resources,
    set_option,
)
from tierwise.cli.progress import TerminalProgress
from tierwise.cli.results import print_json, run_json, show_mapping, show_quality, show_tiers
from tierwise.cli.speech import say
from tierwise.config.document import Document
from tierwise.config.project import EngineSpec, with_settings
from tierwise.pipeline import Job, Resources, preview, run
from tierwise.registry import build_models
from tierwise.registry import models as all_models
from tierwise.snapshots.workspace import Workspace

DEFAULT_MODELS = ("rfm", "lifecycle", "pyramid")
ALL = "all"
MOST_UNUSED = 20
"""Unused columns that are named; a wide file has hundreds."""


@click.command("tier", help=summary("tier"))
@order_file
@click.option(
    "--as-of",
    type=IsoDate(),
    help=say("day to compute for [default: the last order]", "计算日 [默认：最后一笔订单的日期]"),
)
@click.option(
    "--model",
    "models",
    multiple=True,
    help=say(
        "model, repeatable, or all that the data can carry [default: rfm, lifecycle, pyramid]",
        "模型，可重复；all 表示数据可支持的全部模型 [默认：rfm、lifecycle、pyramid]",
    ),
)
@set_option
@engine_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help=say(f"folder for results [default: {ONE_SHOT_FOLDER}]", f"结果目录 [默认：{ONE_SHOT_FOLDER}]"),
)
@json_option
@click.option("--dry-run", is_flag=True, help=say("show the mapping, write nothing", "只显示列映射，不写任何文件"))
@click.option("--report/--no-report", default=True, help=say("write the HTML report", "是否生成 HTML 报告"))
def tier(
    file: OrderFile,
    as_of: date | None,
    models: tuple[str, ...],
    settings: tuple[str, ...],
    engine_name: str | None,
    master: str | None,
    memory: str | None,
    threads: int | None,
    temp: Path | None,
    out: Path | None,
    as_json: bool,
    dry_run: bool,
    report: bool,
) -> None:
    """Read, tier, explain, export."""
    folder = out or Path(ONE_SHOT_FOLDER)
    by_default = frozenset(all_models() if ALL in models else () if models else DEFAULT_MODELS).difference(models)
    names = dict.fromkeys([*(name for name in models if name != ALL), *sorted(by_default, key=_usual_first)])
    document = with_settings(Document({"models": {name: {} for name in names}}, "--set"), settings)
    job = Job(
        Workspace(folder), [file.source], build_models(document), as_of, file.timezone, file.currency,
        optional=by_default,
    )  # fmt: skip
    engines = resources(EngineSpec(), engine_name, master, memory, threads, temp)
    if dry_run:
        _show_preview(job, engines, as_json)
    else:
        _tier(job, engines, folder, as_json, report)


def _usual_first(name: str) -> tuple[int, str]:
    return DEFAULT_MODELS.index(name) if name in DEFAULT_MODELS else len(DEFAULT_MODELS), name


def _show_preview(job: Job, engines: Resources, as_json: bool) -> None:
    found = preview(job, engines)
    if as_json:
        print_json({"mapping": {table.mapping.table.name: table.mapping.to_json() for table in found}})
        return
    screen = console()
    for each in found:
        show_mapping(screen, each.mapping.table.name, each.mapping.to_json())
        unused = _some(each.mapping.unmapped_columns)
        screen.print(say(f"  not used: {unused or '–'}", f"  未使用：{unused or '–'}"), markup=False)
    screen.print(say("Nothing was written.", "未写入任何文件。"))


def _some(names: Sequence[str]) -> str:
    """The first names of a long list, and how many more there are."""
    shown = ", ".join(names[:MOST_UNUSED])
    more = len(names) - MOST_UNUSED
    return shown if more <= 0 else say(f"{shown} … and {more} more", f"{shown} …… 另有 {more} 列")


def _tier(job: Job, engines: Resources, folder: Path, as_json: bool, report: bool) -> None:
    screen = console()
    with TerminalProgress() as progress:
        result = run(job, engines, progress)
        labels = export_labels(result, folder, engines)
        page = write_run_report(result, folder / "report.html", engines) if report else None
    if as_json:
        files = {name: str(file) for name, file in labels.items()}
        print_json({**run_json(result), "labels": files, "report": str(page) if page else None})
        return
    show_mapping(screen, "orders", result.manifest.mapping["orders"])
    show_quality(screen, result.manifest.quality)
    screen.print(f"[bold]{say('As of', '计算日')}[/bold]    {result.manifest.as_of}")
    show_tiers(screen, result)
    show_files(screen, result, labels, page)
    show_next(screen, folder)
