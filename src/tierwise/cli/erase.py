"""`tierwise erase CUSTOMER`: take a customer out of everything a workspace holds."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from tierwise.cli.commands import summary
from tierwise.cli.finish import export_labels, write_run_report
from tierwise.cli.format import console, number, table
from tierwise.cli.guises import export_guised
from tierwise.cli.options import find_workspace, json_option, limit_options, workspace_option
from tierwise.cli.progress import TerminalProgress
from tierwise.cli.results import print_json
from tierwise.cli.speech import say
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.exports.writing import FORMATS
from tierwise.job import Resources
from tierwise.language import Text
from tierwise.privacy import erasure
from tierwise.privacy.erasure import Erased, Opened
from tierwise.privacy.guises import guise_of
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace

AREAS = {
    "imports": ("Imports", "导入数据"),
    "tables": ("Canonical tables", "标准表"),
    "identity": ("Identity: merges and decisions", "身份：合并与决定"),
    "state": ("State of aggregates", "汇总状态"),
    "runs": ("Runs: indicators, labels, findings", "运行：指标、标签与质量发现"),
    "logs": ("Logs", "日志"),
}


_ERASING = Text("erasing, file by file", "逐个文件删除")


@click.command(
    "erase",
    help=summary(
        "erase",
        "Runs stay verifiable; a salted hash stays, so that the customer's rows are left out should they be imported again.",
        "运行结果仍可校验；仅保留加盐哈希，以便再次导入时剔除该客户的数据。",
    ),
)
@click.argument("customer", required=False)
@workspace_option
@click.option("--dry-run", is_flag=True, help=say("show what would go, change nothing", "只显示将删除的内容，不做更改"))
@click.option("--reason", default="", help=say("why, as the tombstone keeps it", "原因，保存在删除记录中"))
@click.option("--by", default=None, help=say("who asks [default: the user of this machine]", "经办人 [默认：当前用户]"))
@click.option("--yes", is_flag=True, help=say("do not ask", "不再询问"))
@click.option(
    "--resume", "resuming", is_flag=True, help=say("finish an erasure that was interrupted", "完成被中断的删除")
)
@limit_options
@json_option
def erase(
    open_engine: Opened,
    customer: str | None,
    workspace: Path | None,
    dry_run: bool,
    reason: str,
    by: str | None,
    yes: bool,
    resuming: bool,
    as_json: bool,
) -> None:
    """Look, ask, erase, and write the exports anew."""
    place = find_workspace(workspace)
    if resuming:
        with TerminalProgress() as progress:
            progress.stage("erase", _ERASING)
            finished = erasure.resume(place, open_engine, progress)
        _tell(finished, place, as_json, open_engine)
        return
    if customer is None:
        raise click.UsageError(say("name a customer, or --resume", "请给出客户编号，或使用 --resume"))
    with TerminalProgress() as progress:
        progress.stage("look", Text("looking through the workspace", "检查工作区"))
        found = erasure.look(place, customer, open_engine)
    if dry_run:
        _show(found, as_json, dry=True)
        return
    if not yes:
        rows = number(sum(found.gone.values()))
        click.confirm(
            say(
                f"Erase {customer}: {rows} rows in {len(found.gone)} files, for good?",
                f"永久删除 {customer}：{len(found.gone)} 个文件中的 {rows} 行，确定吗？",
            ),
            abort=True,
            err=True,
        )
    with TerminalProgress() as progress:
        progress.stage("erase", _ERASING)
        done = erasure.erase(place, customer, reason, by or getpass.getuser(), open_engine, progress)
    _tell([done], place, as_json, open_engine)


def _tell(done: Iterable[Erased], place: Workspace, as_json: bool, open_engine: Opened) -> None:
    for each in done:
        written = export_again(place, each, open_engine)
        _show(each, as_json, dry=False, written=written)


def export_again(place: Workspace, done: Erased, open_engine: Opened = DuckDBEngine) -> list[str]:
    """Write exports that were removed once more, from runs that no longer hold the customer."""
    written, engines = [], Resources(open_engine)
    formats = {f".{name}": name for name in FORMATS}
    for run, name in done.exports:
        file = Path(name)
        if run not in place.names():
            continue
        if file.suffix in formats and file.stem == "labels":
            export_labels(Run(place.runs / run), file.parent, engines, (formats[file.suffix],))
        elif file.suffix in formats and (found := guise_of(file)) is not None:
            export_guised(Run(place.runs / run), file.parent, engines, *found, formats=(formats[file.suffix],))
        elif file.suffix == ".html":
            write_run_report(Run(place.runs / run), file, engines)
        else:
            continue
        written.append(name)
    return written


def _show(found: Erased, as_json: bool, dry: bool, written: Iterable[str] = ()) -> None:
    again = list(written)
    if as_json:
        print_json({**found.to_json(), "dry_run": dry, "exports_written_again": again})
        return
    screen = console()
    title = say("Would be erased", "将要删除") if dry else say("Erased", "已删除")
    rows = [
        [say(*AREAS.get(area, (area, area))), number(sum(1 for file in found.gone if file.startswith(f"{area}/"))), number(gone)]
        for area, gone in found.by_area().items()
    ]  # fmt: skip
    columns = [
        (say("Where", "位置"), False),
        (say("Files", "文件数"), True),
        (say("Rows and entries", "行与条目"), True),
    ]
    screen.print(table(title, columns, rows))
    _show_rest(screen, found, again, dry)


def _show_rest(screen: Console, found: Erased, again: list[str], dry: bool) -> None:
    if found.ids > 1:
        screen.print(
            say(f"{found.ids} ids that were merged are one customer", f"{found.ids} 个已合并的编号属于同一客户")
        )
    for _, file in found.exports:
        state = say("would be removed", "将移除") if dry else say("removed", "已移除")
        if file in again:
            state = say("written anew", "已重新生成")
        screen.print(f"{say('Export', '导出文件')} {escape(file)}: {state}")
    for source in found.sources:
        screen.print(
            say(f"The source still holds the customer: {escape(source)}", f"来源中仍有该客户的数据：{escape(source)}")
        )
    if found.id:
        screen.print(say(f"Tombstone {found.id}", f"删除记录 {found.id}"))
