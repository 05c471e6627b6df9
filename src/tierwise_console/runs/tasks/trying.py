"""A dry run: the file is read into canonical rows as an import would, judged, and nothing of it is kept but the rejects."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tierwise.advisor.window import Window, window_of
from tierwise.canonical import build_table, guess_mapping
from tierwise.canonical.rejects import with_rejects_at
from tierwise.contracts.ingest import CanonicalTable, IngestSettings
from tierwise.contracts.tables import TABLES
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.engine.progress import Observer
from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise.quality import assess
from tierwise.snapshots.workspace import Workspace
from tierwise_console.runs.tasks.alike import alike
from tierwise_console.runs.tasks.opening import opened

SHOWN_ROWS = 8
NO_FILE = Text("the file that an import leaves", "正式导入后生成的文件")


def try_import(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Return the quality card, the first rows as they would stand, and keep the rejected rows in `rejects`."""
    with opened(request, observer) as (engine, raw), TemporaryDirectory(prefix="tierwise-try-") as folder:
        schema = TABLES[request["table"]]
        observer.stage("read", Text("reading {table}", "读取{table}").fill(table=schema.label))
        mapping = guess_mapping(raw, schema, request.get("columns") or {})
        settings = IngestSettings(
            date.fromisoformat(request["today"]), request.get("timezone"), request.get("currency"),
            request.get("date_format"),
        )  # fmt: skip
        try:
            table = build_table(engine, raw, mapping, schema, settings, Path(folder))
        except TierwiseError as error:
            raise with_rejects_at(error, Path(folder) / "rejects" / f"{schema.name}.csv", NO_FILE) from error
        observer.stage("quality", Text("judging the quality of the data", "评估数据质量"))
        card = assess(engine, (table,)).to_json()
        return {
            "card": {**card, "rejects_files": []},
            "rows": table.rows,
            "sample": _sample(engine, table),
            "matches": {match.field: match.expression for match in mapping.matches},
            "alike": _alike(request, engine, table, observer),
            "window": _window(engine, table, observer),
            "rejects": _keep_rejects(table, Path(request["rejects"])),
        }


def _alike(
    request: dict[str, Any], engine: DuckDBEngine, table: CanonicalTable, observer: Observer
) -> dict[str, Any] | None:
    """Who of the file's new customers looks like one that is there; only where a workspace is named."""
    if not request.get("workspace") or table.name != "customers":
        return None
    observer.stage("alike", Text("looking for customers who are there already", "查找已存在的客户"))
    return alike(engine, table, Workspace(Path(request["workspace"])))


def _window(engine: DuckDBEngine, table: CanonicalTable, observer: Observer) -> dict[str, Any] | None:
    """Which analysis window the orders of the file suggest; None of other tables."""
    if table.name != "orders" or table.first_date is None or table.last_date is None:
        return None
    observer.stage("window", Text("measuring how often customers come back", "测算客户回购周期"))
    engine.attach(table.name, table.files)
    return _told(window_of(engine, table.first_date, table.last_date))


def _told(window: Window) -> dict[str, Any]:
    return {
        "days": window.window_days, "gaps": window.gaps, "median": window.median_gap_days, "span": window.span_days,
        "within": [[days, round(percent, 1)] for days, percent in window.within],
        "why": {"en": window.why.en, "zh-CN": window.why.zh},
    }  # fmt: skip


def _sample(engine: DuckDBEngine, table: CanonicalTable) -> dict[str, Any]:
    files = ", ".join(quoted(str(file)) for file in table.files)
    rows = engine.native("first rows", f"SELECT * FROM read_parquet([{files}]) LIMIT {SHOWN_ROWS}")
    names = [row[0] for row in engine.native("columns", f"DESCRIBE SELECT * FROM read_parquet([{files}])")]
    return {"columns": names, "rows": [[None if value is None else str(value) for value in row] for row in rows]}


def _keep_rejects(table: CanonicalTable, target: Path) -> bool:
    target.unlink(missing_ok=True)
    if table.rejects_file is None:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(table.rejects_file, target)
    return True
