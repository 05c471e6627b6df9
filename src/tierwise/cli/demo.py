"""`tierwise demo`: make the demo shop and run everything there is on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click

from tierwise.cli.commands import load_other, summary
from tierwise.cli.finish import export_labels, show_files, show_next, write_run_report
from tierwise.cli.format import console
from tierwise.cli.init import project_text
from tierwise.cli.options import limit_options
from tierwise.cli.progress import TerminalProgress
from tierwise.cli.projects import DEFAULT_MODELS, load_job
from tierwise.cli.results import show_quality, show_tiers
from tierwise.cli.speech import say
from tierwise.config.environment import can_open_browser, no_server
from tierwise.config.project import FILE_NAME
from tierwise.contracts.tables import TABLES
from tierwise.datasets import simulate_shop
from tierwise.datasets.shop import DEFAULT_END
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.job import Resources
from tierwise.language import Text
from tierwise.pipeline import run
from tierwise.registry import models

EARLIER_DAYS = 90
"""The shop is looked at this many days before its last one, too: movement between tiers needs two days."""


@click.command("demo", help=summary("demo"))
@click.option("--customers", type=click.IntRange(min=500, max=10_000_000), default=20_000, show_default=True)
@click.option("--seed", default=7, show_default=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), show_default=True)
@limit_options
def demo(open_engine: Callable[[], DuckDBEngine], customers: int, seed: int, out: Path) -> None:
    """Simulate, write a project file, run it, export and report."""
    with TerminalProgress() as progress:
        progress.stage("simulate", Text("making the demo shop", "生成演示商店"))
        data = out / "data"
        if data.exists():
            shutil.rmtree(data)
        simulate_shop(data, customers, seed=seed, observer=progress)
        sources = {name: {"location": f"data/{name}.parquet"} for name in TABLES if (data / f"{name}.parquet").exists()}
        further = sorted(set(models()) - set(DEFAULT_MODELS))
        (out / FILE_NAME).write_text(project_text(sources, "Asia/Shanghai", further, "CNY"), encoding="utf-8")
        engines = Resources(open_engine)
        job, _ = load_job(out, (), None, (None, None, None, None, None))
        job = replace(job, optional=frozenset(further))
        run(replace(job, as_of=DEFAULT_END - timedelta(days=EARLIER_DAYS)), engines, progress)
        result = run(job, engines, progress)
        labels = export_labels(result, out / "out", engines)
        page = write_run_report(result, out / "out" / "report.html", engines)
    screen = console()
    show_quality(screen, result.manifest.quality)
    show_tiers(screen, result, whole=DEFAULT_MODELS)
    show_files(screen, result, labels, page)
    show_next(screen, out)
    _open(out, page)


def _open(out: Path, page: Path) -> None:
    """Open the console on the shop; say how where nothing may be opened, and open the report where there is none."""
    command = load_other("console")
    if command is None:
        if can_open_browser():
            click.launch(page.resolve().as_uri())
        return
    how = f"tierwise console --demo --workspace {out}"
    click.echo(say(f"Console: {how}", f"控制台：{how}"))
    if not no_server():
        command.main(["--demo", "--workspace", str(out)], prog_name="tierwise console", standalone_mode=False)
