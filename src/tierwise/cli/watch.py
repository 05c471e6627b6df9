"""`tierwise watch`: run whenever data arrive."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click

from tierwise.cli.commands import summary
from tierwise.cli.finish import export_labels, write_run_report
from tierwise.cli.options import engine_options, find_workspace, set_option, workspace_option
from tierwise.cli.projects import load_job
from tierwise.cli.results import made_words
from tierwise.cli.speech import lang, say
from tierwise.config.project import FILE_NAME
from tierwise.errors import TierwiseError
from tierwise.job import Job
from tierwise.snapshots.runs import Run

_REASONS = {
    "start": ("first run", "首次运行"), "arrival": ("data arrived", "数据到达"),
    "schedule": ("by timetable", "按时间表"), "again": ("tried again", "重试"),
}  # fmt: skip


@click.command("watch", help=summary("watch"))
@workspace_option
@click.option(
    "--every", "every_seconds", type=click.FloatRange(min=0.05), default=5.0, show_default=True,
    help=say("seconds between two looks", "检查间隔（秒）"),
)  # fmt: skip
@click.option(
    "--settle", "settle_seconds", type=click.FloatRange(min=0), default=2.0, show_default=True,
    help=say("seconds that files must stay as they are to count as arrived", "文件须保持不变的秒数"),
)  # fmt: skip
@click.option(
    "--schedule", metavar="CRON",
    help=say("also run by a timetable in the zone of the project, as '0 6 * * *'", "另按时间表运行，如 '0 6 * * *'"),
)  # fmt: skip
@click.option("--once", is_flag=True, help=say("look once, run if there is a reason, end", "只检查一次"))
@click.option("--export/--no-export", default=True, help=say("write labels and report", "是否导出标签与报告"))
@set_option
@engine_options
def watch(
    workspace: Path | None,
    every_seconds: float,
    settle_seconds: float,
    schedule: str | None,
    once: bool,
    export: bool,
    settings: tuple[str, ...],
    engine_name: str | None,
    master: str | None,
    memory: str | None,
    threads: int | None,
    temp: Path | None,
) -> None:
    """Look for what has arrived, run, and go on."""
    from tierwise.watch.timetable import Timetable
    from tierwise.watch.watching import Pace, Watch

    root = find_workspace(workspace).root
    project = _Project(root, settings, (engine_name, master, memory, threads, temp), export)
    job = project.load()
    table = Timetable(schedule, job.timezone) if schedule else None
    watching = Watch(
        project.load, project.run, _Lines(), (root / FILE_NAME,), Pace(every_seconds, settle_seconds), table
    )
    signal.signal(signal.SIGTERM, _interrupt)
    if once:
        if watching.look() is None:
            _line(say("nothing new", "没有新数据"))
        return
    _line(
        say(
            f"watching {root}, every {every_seconds:g} s; Ctrl-C ends it",
            f"正在监视 {root}，每 {every_seconds:g} 秒检查一次；Ctrl-C 结束",
        )
    )
    watching.forever()


class _Project:
    """The project of a folder, read anew for each run."""

    def __init__(
        self,
        root: Path,
        settings: tuple[str, ...],
        engine: tuple[str | None, str | None, str | None, int | None, Path | None],
        export: bool,
    ) -> None:
        self.root, self.settings, self.engine, self.export = root, settings, engine, export

    def load(self) -> Job:
        """The job as the project file describes it now."""
        return load_job(self.root, self.settings, None, self.engine)[0]

    def run(self, job: Job) -> Run:
        """Carry a job out, with what `tierwise run` leaves in the folder out."""
        from tierwise import pipeline

        _, engines = load_job(self.root, self.settings, None, self.engine)
        result = pipeline.run(job, engines)
        if self.export:
            export_labels(result, self.root / "out", engines)
            write_run_report(result, self.root / "out" / "report.html", engines)
        return result


class _Lines:
    """One line for each run."""

    def done(self, run: Run, why: str, seconds: float) -> None:
        """Say which run was published, and how it was made."""
        customers = run.manifest.totals["customers"]
        reason = say(*_REASONS[why])
        _line(
            say(
                f"{run.name} · {reason} · {customers:,} customers · {made_words(run.manifest.made)} · {seconds:.1f} s",
                f"{run.name} · {reason} · {customers:,} 位客户 · {made_words(run.manifest.made)} · {seconds:.1f} 秒",
            )
        )

    def failed(self, error: TierwiseError, wait_seconds: float | None) -> None:
        """Say what is wrong, and when it is tried again."""
        then = (
            say("waits until something changes", "等待数据变化后再试")
            if wait_seconds is None
            else say(f"tries again in {wait_seconds:g} s", f"{wait_seconds:g} 秒后重试")
        )
        _line(f"{error.to(lang())}\n  → {then}", err=True)


def _line(text: str, err: bool = False) -> None:
    click.echo(f"{datetime.now(UTC).isoformat(timespec='seconds')}  {text}", err=err)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """A request to end, as service managers send it, is an interruption like Ctrl-C."""
    raise KeyboardInterrupt
