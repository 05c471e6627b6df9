"""`tierwise import`: bring what is new in the sources into the ledger, look before, take back after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from tierwise.cli.commands import summary
from tierwise.cli.format import console
from tierwise.cli.import_screen import imported_json, show_imported, show_ledger, show_stale
from tierwise.cli.options import Bounds, bounds_options, find_workspace, json_option, resources, workspace_option
from tierwise.cli.progress import TerminalProgress
from tierwise.cli.projects import load_job
from tierwise.cli.results import print_json
from tierwise.cli.speech import say
from tierwise.config.environment import user_name
from tierwise.config.project import FILE_NAME, EngineSpec
from tierwise.config.validation import nearest
from tierwise.contracts.ingest import ReadOptions, finding_json
from tierwise.contracts.tables import TABLES
from tierwise.errors import ErrorKind, Family, Place
from tierwise.freshness import stale
from tierwise.ingestion import import_sources
from tierwise.job import Job, Resources, Source
from tierwise.language import Text
from tierwise.snapshots.imports import holding, import_json, records, redo, undo
from tierwise.snapshots.workspace import Workspace

NO_SUCH_SOURCE = ErrorKind(
    "config.no_such_source",
    Family.USAGE,
    what=Text("there is no source {name}", "没有数据源 {name}"),
    cause=Text("the project file names: {known}", "项目文件中的数据源：{known}"),
    cure=Text(
        "{nearest}; a file that is no source is imported with --table, as in --table customers",
        "{nearest}；导入项目之外的文件请加 --table，例如 --table customers",
    ),
)


@click.command(
    "import",
    help=summary(
        "import",
        "SOURCE is a source of the project file [default: all], or with --table a file, folder or database URL. "
        "The same content is imported once, however often it is asked for.",
        "SOURCE 为项目文件中的数据源 [默认：全部]，加 --table 时为文件、文件夹或数据库地址。相同内容只导入一次。",
    ),
)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@workspace_option
@click.option("--dry-run", is_flag=True, help=say("show what would change and write nothing", "只预览变化，不写入"))
@click.option("--keep-existing", is_flag=True, help=say("overwrite no value that is there already", "不覆盖已有的值"))
@click.option("--table", type=click.Choice(list(TABLES)), help=say("table that SOURCE fills", "SOURCE 对应的表"))
@click.option(
    "--name", help=say("name of the source of a file [default: the file's]", "文件所属数据源的名称 [默认：文件名]")
)
@click.option("--query", help=say("query of a database", "数据库查询"))
@click.option("--list", "listing", is_flag=True, help=say("list all imports", "列出全部导入"))
@click.option("--undo", "undone", metavar="ID", help=say("take an import back", "撤销一次导入"))
@click.option("--redo", "redone", metavar="ID", help=say("have an undone import count again", "恢复已撤销的导入"))
@bounds_options
@json_option
def import_(
    bounds: Bounds,
    sources: tuple[str, ...],
    workspace: Path | None,
    dry_run: bool,
    keep_existing: bool,
    table: str | None,
    name: str | None,
    query: str | None,
    listing: bool,
    undone: str | None,
    redone: str | None,
    as_json: bool,
) -> None:
    """Import, or change and show the ledger."""
    place = find_workspace(workspace)
    if listing or undone or redone:
        _ledger(place, undone, redone, as_json)
        return
    job, engines = _job(place, sources, table, name, query, bounds)
    if keep_existing:
        job = replace(job, sources=[replace(source, keep_existing=True) for source in job.sources])
    with TerminalProgress() as progress:
        found = import_sources(job, engines, progress, dry_run)
    old = [] if dry_run else stale(job.sources, holding(records(place)), job.today)
    if as_json:
        listed = [imported_json(place, one) for one in found]
        print_json({"dry_run": dry_run, "imports": listed, "findings": [finding_json(each) for each in old]})
        return
    show_imported(console(), place, found, dry_run)
    show_stale(console(), old)


def _ledger(place: Workspace, undone: str | None, redone: str | None, as_json: bool) -> None:
    screen = console()
    for name, change in ((undone, "undo"), (redone, "redo")):
        if name:
            with place.writing():
                record = undo(place, name, user_name()) if change == "undo" else redo(place, name)
            if not as_json:
                done = say("undone", "已撤销") if change == "undo" else say("counts again", "已恢复")
                screen.print(f"{record.id}  {record.source} → {record.table}  {record.rows:,}  {done}", markup=False)
    if as_json:
        print_json({"imports": [import_json(record) for record in records(place)]})
    elif not (undone or redone):
        show_ledger(screen, place)
    else:
        screen.print(say("Tiers change with the next run.", "下次运行后层级才会更新。"))


def _job(
    place: Workspace, sources: Sequence[str], table: str | None, name: str | None, query: str | None, bounds: Bounds
) -> tuple[Job, Resources]:
    """The job over the sources named; of files that no project names, where a table is given."""
    has_project = (place.root / FILE_NAME).is_file()
    if has_project or not table:
        job, engines = load_job(place.root, (), None, (None, None, *bounds))
    else:
        job, engines = Job(place, [], []), resources(EngineSpec(), None, None, *bounds)
    if table:
        return replace(job, sources=[_file(job, given, table, name, query) for given in sources]), engines
    known = {source.called: source for source in job.sources}
    for given in sources:
        if given not in known:
            raise NO_SUCH_SOURCE.error(
                Place(file=FILE_NAME), name=given, known=", ".join(known) or "-", nearest=nearest(given, list(known))
            )
    return replace(job, sources=[known[given] for given in sources] if sources else job.sources), engines


def _file(job: Job, location: str, table: str, name: str | None, query: str | None) -> Source:
    """A file as a source: one of the project where it has that name, else one that counts until it is undone."""
    called = name or (table if "://" in location else Path(location).name.split(".")[0])
    known = {source.called: source for source in job.sources if source.table == table}
    if called in known:
        return replace(known[called], location=location)
    return Source(table, location, ReadOptions(query=query), name=called, listed=False)
