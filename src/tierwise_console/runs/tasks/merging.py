"""Looking for customers that are one, and taking a person's word on a pair or on a decision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tierwise.config.project import FILE_NAME, IdentitySpec, read_project
from tierwise.deduplication import apply, decide, search, undo
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Observer
from tierwise.identity.decisions import Verdict
from tierwise.identity.duplicates import DuplicateSettings
from tierwise.language import Text
from tierwise.snapshots.workspace import Workspace


def _place(request: dict[str, Any]) -> tuple[Workspace, IdentitySpec]:
    root = Path(request["workspace"])
    file = root / FILE_NAME
    return Workspace(root), read_project(file)[0].identity if file.is_file() else IdentitySpec()


def merge_certain(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Search, take the merges that are certain, and queue the pairs that a person should look at."""
    place, spec = _place(request)
    observer.stage("dedupe", Text("comparing customers", "比对客户"))
    with DuckDBEngine(request.get("memory")) as engine:
        done = search(engine, place, DuplicateSettings(region=spec.region))
        observer.stage("dedupe", Text("taking certain merges", "执行确定的合并"))
        with place.writing():
            taken = apply(engine, place, done, spec.survivorship)
    return {"customers": done.customers, "taken": taken, "review": done.review}


def take_word(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Take a person's word: on the pair `left` and `right`, or on the decision `undoes`. The same word twice is one."""
    place, spec = _place(request)
    observer.stage("decide", Text("keeping the decision", "保存决定"))
    with DuckDBEngine(request.get("memory")) as engine, place.writing():
        if request.get("undoes"):
            done = undo(engine, place, request["undoes"], request["by"], own=spec.survivorship)
        else:
            verdict = Verdict(request["verdict"])
            done = decide(
                engine, place, verdict, request["left"], request["right"], request["by"], own=spec.survivorship
            )
    return {"decision": done.id}
