"""Sort large imports by customer once more, so that a card finds one customer's story without reading them all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tierwise.contracts.imports import version_from_json
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Observer
from tierwise.language import Text
from tierwise.snapshots.by_customer import sort_by_customer
from tierwise.snapshots.runs import open_run
from tierwise.snapshots.workspace import Workspace

MEMORY = "1GB"


def sort_imports(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Sort the imports that the published run was made of, where they are large and not sorted yet."""
    observer.stage("sort", Text("sorting large imports by customer", "按客户整理大批导入数据"))
    workspace = Workspace(Path(request["workspace"]))
    with workspace.writing(), DuckDBEngine(request.get("memory") or MEMORY) as engine:
        version = version_from_json(open_run(workspace).manifest.version)
        return {"sorted": sort_by_customer(engine, workspace, version)}
