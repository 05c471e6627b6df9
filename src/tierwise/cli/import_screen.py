"""What `tierwise import` prints: what came, what was set aside and why, what would change; and the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from tierwise.cli.format import number, table
from tierwise.cli.results import show_mapping
from tierwise.cli.speech import say, tell
from tierwise.contracts.corrections import CORRECTIONS
from tierwise.contracts.imports import ImportRecord
from tierwise.contracts.ingest import Example, Finding
from tierwise.importing import Imported
from tierwise.snapshots.imports import holding, import_json, records
from tierwise.snapshots.workspace import Workspace


def show_imported(screen: Console, place: Workspace, found: Sequence[Imported], dry: bool) -> None:
    """Print an import after the other."""
    for one in found:
        screen.print(f"[bold]{escape(one.source.called)}[/bold]  {escape(Path(one.location).name)}")
        if one.record is None:
            screen.print("  " + _why_nothing(one), markup=False)
        else:
            _show_record(screen, place, one, one.record, dry)
    if not found:
        screen.print(say("There are no sources to import.", "没有可导入的数据源。"))
    elif dry:
        screen.print(say("Nothing was written.", "未写入任何内容。"))


def show_stale(screen: Console, found: Sequence[Finding]) -> None:
    """Print which sources are older than they may be."""
    for each in found:
        screen.print(f"! {tell(each.label)}", style="yellow", markup=False, soft_wrap=True)


def _why_nothing(one: Imported) -> str:
    if one.undone:
        return say(
            f"this content was undone as {one.undone}; --redo {one.undone} brings it back",
            f"此内容已作为 {one.undone} 撤销；用 --redo {one.undone} 可恢复",
        )
    return say("nothing new: its content is imported already", "没有新内容：已导入过")


def _show_record(screen: Console, place: Workspace, one: Imported, record: ImportRecord, dry: bool) -> None:
    show_mapping(screen, record.table, {match.field: match.expression for match in record.matches})
    counts = say(
        f"{record.rows_read:,} rows read, {record.rows_used:,} used → {record.rows:,} rows of {record.table}",
        f"读取 {record.rows_read:,} 行，使用 {record.rows_used:,} 行 → {record.table} {record.rows:,} 行",
    )
    screen.print("  " + counts, markup=False)
    if one.changed:
        change = one.changed
        screen.print(
            "  "
            + say(
                f"{change.added:,} new, {change.changed:,} changed, {change.removed:,} gone, {change.unchanged:,} the same",
                f"新增 {change.added:,}，变更 {change.changed:,}，移除 {change.removed:,}，不变 {change.unchanged:,}",
            ),
            markup=False,
        )
    for aside in record.set_aside:
        example = aside.examples[0] if aside.examples else None
        where = f"  ({_where(example)})" if example else ""
        screen.print(f"  {aside.rows:,} × {tell(aside.label)}{where}", markup=False)
    for finding in record.findings:
        screen.print(f"  · {tell(finding.label)}", markup=False)
    for each in record.corrected:
        words = say(f"{each.rows:,} values in {each.column} corrected", f"“{each.column}”列更正 {each.rows:,} 个值")
        screen.print(f"  ~ {words}: {tell(CORRECTIONS[each.code].label)}", markup=False)
    for line in one.rejects:
        screen.print(f"    {line}", markup=False)
    if not dry:
        screen.print(f"  {say('import', '导入')} {record.id}", markup=False)
        rejects = _rejects(place, record)
        if rejects.exists():
            screen.print(f"  {say('set aside', '未使用的行')}: {rejects}", markup=False, soft_wrap=True)


def _rejects(place: Workspace, record: ImportRecord) -> Path:
    return place.imports / record.id / "rejects" / f"{record.table}.csv"


def _where(example: Example) -> str:
    """The row of an example, its column, and what stands there."""
    said = "" if example.value is None else repr(example.value)
    if example.column:
        said = f"{example.column} {said or say('is blank', '为空')}"
    row = say(f"row {example.row}", f"数据行 {example.row}")
    return f"{row}{say(': ', '：')}{said}" if said else row


def show_ledger(screen: Console, place: Workspace) -> None:
    """Print all imports, oldest first, and which of them count."""
    found = records(place)
    held = {record.id for record in holding(found)}
    columns = [
        (say("Import", "导入"), False), (say("Source", "数据源"), False), (say("Table", "表"), False),
        (say("Rows", "行数"), True), (say("Set aside", "未使用"), True), (say("State", "状态"), False),
    ]  # fmt: skip
    rows = [
        [r.id, r.source, r.table, number(r.rows), number(r.rows_read - r.rows_used), _state(r, r.id in held)]
        for r in found
    ]
    screen.print(table(say("Imports", "导入记录"), columns, rows))


def _state(record: ImportRecord, held: bool) -> str:
    if record.undone:
        return say(f"undone by {record.undone.by}", f"已由 {record.undone.by} 撤销")
    return say("counts", "有效") if held else say("replaced", "已被取代")


def imported_json(place: Workspace, one: Imported) -> dict[str, Any]:
    """One import as `--json` prints it."""
    rejects = _rejects(place, one.record) if one.record else None
    return {
        "source": one.source.called,
        "location": Path(one.location).name if "://" not in one.location else one.record and one.record.location,
        "import": import_json(one.record) if one.record else None,
        "changed": one.changed.to_json() if one.changed else None,
        "undone": one.undone,
        "rejects_file": str(rejects) if rejects and rejects.exists() else None,
    }
