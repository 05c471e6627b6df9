"""What the input is worth, how its columns were read, and what the run was made of: tables without opinion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tierwise.contracts.quality import DIMENSION_LABELS, Dimension
from tierwise.contracts.run_view import InputView, RunView
from tierwise.contracts.tables import TABLES
from tierwise.language import Text
from tierwise.reports.page import Column, DataTable, Finding, Format, KeyFigure, Quality


def _table_label(name: str) -> Text:
    return TABLES[name].label if name in TABLES else Text.same(name)


def _field_label(table: str, field: str) -> Text:
    names = {column.name: column.label for column in TABLES[table].columns} if table in TABLES else {}
    return names.get(field, Text.same(field))


def quality_section(card: Mapping[str, Any], mapping: Mapping[str, Mapping[str, str]]) -> Quality:
    """A quality card as JSON, ready to be shown."""
    return Quality(
        _figures(card),
        _set_aside(card),
        _fields(card["fields"], mapping),
        [Finding(found["severity"], Text(found["en"], found["zh"])) for found in card["findings"]],
        [_in_workspace(file) for file in card["rejects_files"]],
        _rules(card.get("rules", ())),
        _corrections(card.get("corrections", ())),
        _trend(card.get("import_trend", ())),
    )


def _trend(points: Sequence[Mapping[str, Any]]) -> DataTable | None:
    """The scores of each source, import by import, where any source has several."""
    if len(points) == len({(point["source"], point["table"]) for point in points}):
        return None
    columns = (
        Column(Text("Source", "数据源")),
        Column(Text("Table", "表")),
        Column(Text("Imported", "导入时间")),
        Column(Text("Rows read", "读取行数"), Format.COUNT),
        Column(Text("Rows used", "使用行数"), Format.COUNT),
        Column(Text("Score", "得分"), Format.SHARE),
    )
    rows = [
        [
            Text.same(p["source"]), _table_label(p["table"]), Text.same(p["imported_at"][:10]), p["rows_read"],
            p["rows_used"], p["score"],
        ]
        for p in points
    ]  # fmt: skip
    return DataTable(Text("Trend over imports", "历次导入趋势"), columns, rows)


def _corrections(made: Sequence[Mapping[str, Any]]) -> DataTable | None:
    """What was corrected while reading, field by field; how often only, for values name people."""
    if not made:
        return None
    columns = (
        Column(Text("Field", "字段")),
        Column(Text("Table", "表")),
        Column(Text("Correction", "更正")),
        Column(Text("Values", "数量"), Format.COUNT),
    )
    rows = [
        [_field_label(c["table"], c["field"]), _table_label(c["table"]), Text.of(c["label"]), c["rows"]] for c in made
    ]
    return DataTable(Text("Corrected while reading", "读取时的自动更正"), columns, rows)


def _rules(rules: Sequence[Mapping[str, Any]]) -> DataTable | None:
    """The rules that rows fail, those that cost most first, each with what to do."""
    failed = sorted((r for r in rules if r["failed"]), key=lambda r: (-r["weight"] * (1 - r["score"]), r["rule"]))
    if not failed:
        return None
    columns = (
        Column(Text("Demand", "要求")),
        Column(Text("Dimension", "维度")),
        Column(Text("Table", "表")),
        Column(Text("Checked", "检查行数"), Format.COUNT),
        Column(Text("Failed", "未通过"), Format.COUNT),
        Column(Text("Passed", "通过率"), Format.SHARE),
        Column(Text("What to do", "解决办法")),
    )
    rows = [
        [
            Text.of(r["label"]), DIMENSION_LABELS[Dimension(r["dimension"])], _table_label(r["table"]), r["checked"],
            r["failed"], r["score"], Text.of(r["cure"]),
        ]
        for r in failed
    ]  # fmt: skip
    return DataTable(Text("Rules that rows fail", "未通过的规则"), columns, rows)


def _in_workspace(file: str) -> str:
    """Where the workspace keeps a rejects file; the rest of the path is of the machine, not of the run."""
    return "/".join(PurePath(file).parts[-4:])


def shown_source(source: str) -> str:
    """What a reader may see of a source: a file's name; a database's address without user, password and query.

    The report is made to be passed on; folders and passwords are not. The fingerprint says which file it was.
    """
    parts = urlsplit(source)
    if len(parts.scheme) > 1 and parts.netloc:
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    return source.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def _figures(card: Mapping[str, Any]) -> list[KeyFigure]:
    return [
        KeyFigure(Text("Rows read", "读取行数"), card["rows_read"], Format.COUNT),
        KeyFigure(Text("Rows used", "使用行数"), card["rows_used"], Format.COUNT),
        KeyFigure(Text("Rows set aside", "未使用行数"), card["rows_set_aside"], Format.COUNT),
        KeyFigure(Text("Sales", "成交订单"), card["orders"], Format.COUNT),
        KeyFigure(Text("Refunds", "退款单"), card["refunds"], Format.COUNT),
        KeyFigure(Text("Voided orders", "作废订单"), card["voids"], Format.COUNT),
    ]


def _set_aside(card: Mapping[str, Any]) -> DataTable:
    names = card.get("set_aside_labels", {})
    columns = (
        Column(Text("Reason", "原因")),
        Column(Text("Rows", "行数"), Format.COUNT),
        Column(Text("Share of rows read", "占读取行数"), Format.SHARE),
    )
    rows = [
        [_reason(names.get(reason), reason), count, count / card["rows_read"] if card["rows_read"] else None]
        for reason, count in card["set_aside"].items()
    ]
    return DataTable(Text("Rows set aside, by reason", "未使用的行，按原因"), columns, rows)


def _reason(label: Mapping[str, str] | None, reason: str) -> Text:
    return Text.of(label) if label else Text.same(reason)


def _fields(fields: Sequence[Mapping[str, Any]], mapping: Mapping[str, Mapping[str, str]]) -> DataTable:
    """A row per field that a table has: the column it was filled from, if any, and how good it is."""
    columns = (
        Column(Text("Field", "字段")),
        Column(Text("Table", "表")),
        Column(Text("Filled from", "来源列"), Format.CODE),
        Column(Text("Filled", "完整率"), Format.SHARE),
        Column(Text("Readable", "准确率"), Format.SHARE),
    )
    rows = []
    for found in fields:
        table, field = found["table"], found["field"]
        source = mapping.get(table, {}).get(field)
        names = (_field_label(table, field), _table_label(table), source)
        rows.append([*names, found["completeness"], found["accuracy"]])
    caption = Text("Fields: source column, completeness and accuracy", "字段：来源列、完整率与准确率")
    return DataTable(caption, columns, rows)


def inputs_table(inputs: Sequence[InputView]) -> DataTable:
    """What was read, with fingerprints."""
    return DataTable(
        Text("Inputs", "输入数据"),
        (
            Column(Text("Table", "表")),
            Column(Text("Source", "来源"), Format.CODE),
            Column(Text("Rows read", "读取行数"), Format.COUNT),
            Column(Text("Rows used", "使用行数"), Format.COUNT),
            Column(Text("SHA-256", "SHA-256"), Format.CODE),
        ),
        [[_table_label(i.table), shown_source(i.source), i.rows_read, i.rows_used, i.sha256] for i in inputs],
    )


def versions_table(versions: Mapping[str, str]) -> DataTable:
    """The version of each package."""
    return DataTable(
        Text("Versions", "版本"),
        (Column(Text("Package", "软件包")), Column(Text("Version", "版本"), Format.CODE)),
        [[Text.same(name), version] for name, version in versions.items()],
    )


def manifest_tables(run: RunView) -> list[DataTable]:
    """The inputs with their fingerprints, the versions, and the fingerprints of the run's own files."""
    manifest = run.manifest
    files = DataTable(
        Text("Files of this run", "本次运行的文件"),
        (Column(Text("File", "文件")), Column(Text("SHA-256", "SHA-256"), Format.CODE)),
        [[Text.same(name), digest] for name, digest in manifest.files.items()],
    )
    return [inputs_table(manifest.inputs), versions_table(manifest.versions), files]
