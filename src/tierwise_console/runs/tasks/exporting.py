"""Write what people take away: the label table, and the report of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tierwise.cli.finish import export_labels, write_run_report
from tierwise.cli.speech import take_language
from tierwise.engine.progress import Observer
from tierwise.language import Text
from tierwise.pipeline import Resources
from tierwise.snapshots.runs import open_run
from tierwise.snapshots.workspace import Workspace


def export(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Write the label table in the formats asked for, in the language asked for."""
    take_language([f"--lang={request['lang']}"])
    observer.stage("export", Text("writing the label table", "生成客户分类标签表"))
    run = open_run(Workspace(Path(request["workspace"])), request.get("run") or "current")
    files = export_labels(run, Path(request["folder"]), Resources(), tuple(request["formats"]))
    return {"run": run.name, "files": {name: file.name for name, file in files.items()}}


def report(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Write the HTML report of a run, in the language asked for."""
    take_language([f"--lang={request['lang']}"])
    observer.stage("report", Text("writing the report", "生成报告"))
    run = open_run(Workspace(Path(request["workspace"])), request.get("run") or "current")
    folder = Path(request["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    file = write_run_report(run, folder / "report.html", Resources())
    return {"run": run.name, "files": {"html": file.name}}
