"""`tierwise quality --corrections`: what was corrected while reading; taken back and made again by code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from tierwise.cli.format import number, table
from tierwise.cli.options import resources
from tierwise.cli.progress import TerminalProgress
from tierwise.cli.projects import NO_PROJECT, load_job
from tierwise.cli.speech import say, tell
from tierwise.config.project import FILE_NAME, EngineSpec
from tierwise.config.validation import nearest
from tierwise.contracts.corrections import CORRECTIONS
from tierwise.contracts.imports import ImportRecord
from tierwise.contracts.tables import TABLES
from tierwise.errors import ErrorKind, Family, Place, TierwiseError
from tierwise.importing import Imported
from tierwise.ingestion import import_sources
from tierwise.job import Job, Resources, Source
from tierwise.language import Text
from tierwise.questions import with_engine
from tierwise.reassessment import corrected_values
from tierwise.snapshots.imports import holding, records
from tierwise.snapshots.reverted import keep_reverted, reverted
from tierwise.snapshots.workspace import Workspace

SHOWN_ROWS = 20
UNKNOWN_CODE = ErrorKind(
    "quality.unknown_correction",
    Family.USAGE,
    what=Text("there is no correction {code}", "没有名为 {code} 的更正"),
    cause=Text("corrections are: {known}", "可用的更正：{known}"),
    cure=Text("{nearest}", "{nearest}"),
)
NOT_CORRECTED = ErrorKind(
    "quality.nothing_corrected",
    Family.USAGE,
    what=Text("no import that counts has corrections of the kind {code}", "有效的导入中没有 {code} 类更正"),
    cause=Text("nothing was corrected in this way, or it was taken back before", "未做过此类更正，或已撤销"),
    cure=Text("`tierwise quality --corrections` lists what was", "tierwise quality --corrections 可列出已做的更正"),
)
OUT_OF_REACH = ErrorKind(
    "quality.source_out_of_reach",
    Family.DATA,
    what=Text("{source} cannot be read again: {message}", "无法重新读取 {source}：{message}"),
    cause=Text(
        "a correction is taken back by reading the source once more, and nothing was changed",
        "撤销更正需要重新读取数据源；未做任何更改",
    ),
    cure=Text("put it back to {location}, or import it anew", "请把它放回 {location}，或重新导入"),
)


def check_code(code: str) -> None:
    """Raise `quality.unknown_correction`."""
    if code not in CORRECTIONS:
        raise UNKNOWN_CODE.error(code=code, known=", ".join(CORRECTIONS), nearest=nearest(code, list(CORRECTIONS)))


def corrections_json(place: Workspace, limit: int) -> dict[str, Any]:
    """All that `--json` says: every kind with its rule and count, where it was made, and the first of the values."""
    found = [record for record in holding(records(place)) if record.corrected]
    total = Counter[str]()
    for record in found:
        for each in record.corrected:
            total[each.code] += each.rows
    return {
        "kinds": [
            {
                "code": kind.code, "values": total[kind.code], "label": _both(kind.label), "rule": _both(kind.rule),
                "not_made_in": sorted(source for source, codes in reverted(place).items() if kind.code in codes),
            }
            for kind in CORRECTIONS.values()
        ],
        "imports": [
            {
                "import": record.id, "source": record.source, "table": record.table, "list": str(_list_of(place, record)),
                "corrections": [each.to_json() for each in record.corrected],
            }
            for record in found
        ],
        "values": with_engine(partial(corrected_values, workspace=place, found=found, limit=limit)),
    }  # fmt: skip


def show_corrections(screen: Console, card: dict[str, Any]) -> None:
    """Print every kind with its rule and how often it was made, then where, then the first values."""
    columns = [(say("Correction", "更正"), False), (say("Values", "数量"), True), (say("Rule", "规则"), False)]
    rows = [
        [f"{kind['code']}\n{_said(kind['label'])}", number(kind["values"]), _said(kind["rule"]) + _not_made(kind)]
        for kind in card["kinds"]
    ]
    screen.print(table(say("Corrections", "自动更正"), columns, rows))
    columns = [
        (say("Source", "数据源"), False), (say("Row", "行"), True), (say("Field", "字段"), False),
        (say("Correction", "更正"), False), (say("Before", "更正前"), False), (say("After", "更正后"), False),
    ]  # fmt: skip
    values = [
        [
            value["source"],
            number(value["row"]),
            _field(value),
            value["code"],
            repr(value["before"]),
            _after(value["after"]),
        ]
        for value in card["values"]
    ]
    if values:
        screen.print(table(say("The first of them", "示例"), columns, values))
        for found in card["imports"]:
            screen.print(f"  {say('all', '全部')}: {found['list']}", markup=False, soft_wrap=True)


def change_corrections(place: Workspace, code: str, source: str | None, back: bool) -> list[Imported]:
    """Take a kind of correction back, or have it made again, and read the sources it concerns once more.

    Where one of them cannot be read, everything stays as it was.
    """
    check_code(code)
    before = reverted(place)
    held = [record for record in holding(records(place)) if source in (None, record.source)]
    concerned = [record for record in held if _concerns(record, code, before, back)]
    if not concerned:
        raise NOT_CORRECTED.error(code=code)
    after = {key: list(codes) for key, codes in before.items()}
    for record in concerned:
        codes = set(after.get(_key(record), ()))
        after[_key(record)] = sorted(codes - {code} if back else codes | {code})
    job, engines = _job(place, concerned)
    _keep(place, after)
    try:
        with TerminalProgress() as progress:
            return import_sources(job, engines, progress)
    except TierwiseError as error:
        _keep(place, before)
        first = concerned[0]
        raise OUT_OF_REACH.error(
            Place(file=first.location), source=", ".join(dict.fromkeys(r.source for r in concerned)),
            message=error.problems[0].what, location=first.location,
        ) from error  # fmt: skip


def show_changed(screen: Console, place: Workspace, code: str, back: bool, found: Sequence[Imported]) -> None:
    """Print what was read again, and which imports still hold the correction because their content is elsewhere."""
    done = say("is made again in", "已恢复于") if back else say("is taken back in", "已撤销于")
    names = ", ".join(dict.fromkeys(one.source.called for one in found if one.record))
    screen.print(f"{code} {done} {names or '–'}", markup=False)
    for record in left_over(place, code) if not back else ():
        where = say("still has it: its content was not found in its source", "仍含该更正：未在数据源中找到其内容")
        screen.print(f"  {record.id}  {record.source}  {where}", markup=False)
    screen.print(say("Tiers change with the next run.", "下次运行后层级才会更新。"))


def left_over(place: Workspace, code: str) -> list[ImportRecord]:
    """The imports that count and still have a correction which is not made in their source."""
    without = reverted(place)
    return [
        record
        for record in holding(records(place))
        if code in without.get(_key(record), ()) and any(each.code == code for each in record.corrected)
    ]


def _concerns(record: ImportRecord, code: str, without: dict[str, list[str]], back: bool) -> bool:
    return code in without.get(_key(record), ()) if back else any(each.code == code for each in record.corrected)


def _keep(place: Workspace, codes: dict[str, list[str]]) -> None:
    with place.writing():
        keep_reverted(place, codes)


def _job(place: Workspace, concerned: Sequence[ImportRecord]) -> tuple[Job, Resources]:
    """The job over the sources of some imports: those of the project, and files that no project names."""
    if (place.root / FILE_NAME).is_file():
        job, engines = load_job(place.root, (), None, (None, None, None, None, None))
    elif any(record.listed for record in concerned):
        raise NO_PROJECT.error(Place(file=str(place.root)), file=FILE_NAME)
    else:
        job, engines = Job(place, [], []), resources(EngineSpec(), None, None, None, None, None)
    known = {_source_key(source): source for source in job.sources}
    sources = {_key(r): known.get(_key(r)) or _file(r) for r in concerned}
    return replace(job, sources=list(sources.values())), engines


def _file(record: ImportRecord) -> Source:
    columns = {match.field: match.columns[0] for match in record.matches if match.how == "given"}
    return Source(
        record.table, record.location, columns=columns, name=record.source, mode=record.mode, listed=record.listed
    )


def _source_key(source: Source) -> str:
    return f"{source.table}/{source.called}"


def _key(record: ImportRecord) -> str:
    return f"{record.table}/{record.source}"


def _list_of(place: Workspace, record: ImportRecord) -> Path:
    return place.imports / record.id / "corrections" / f"{record.table}.parquet"


def _both(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh-CN": text.zh}


def _said(words: dict[str, str]) -> str:
    return tell(Text.of(words))


def _not_made(kind: dict[str, Any]) -> str:
    sources = ", ".join(kind["not_made_in"])
    return say(f"\nNot made in {sources}", f"\n在 {sources} 中不执行") if sources else ""


def _field(value: dict[str, Any]) -> str:
    columns: Callable[[str], Any] = TABLES[value["table"]].column
    known = {column.name for column in TABLES[value["table"]].columns}
    return tell(columns(value["field"]).label) if value["field"] in known else str(value["field"])


def _after(value: str | None) -> str:
    return say("(empty)", "（空）") if value is None else repr(value)
