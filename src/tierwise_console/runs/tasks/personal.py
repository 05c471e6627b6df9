"""What the core knows of one person: found, counted, told, erased. A customer whom it does not know is no error here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tierwise.cli.erase import export_again
from tierwise.cli.subject import write_subject
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Observer
from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise.privacy import erasure
from tierwise.privacy.erasure import Erased
from tierwise.privacy.journal import pending
from tierwise.privacy.person import UNKNOWN, find_person
from tierwise.privacy.tombstones import tombstones
from tierwise.snapshots.workspace import Workspace


def find(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Everything by which a customer is found, and whether the workspace knows any of it."""
    observer.stage("person", Text("looking for the customer", "查找客户"))
    try:
        with DuckDBEngine() as engine:
            return {"known": True, **find_person(engine, _place(request), request["customer"]).to_json()}
    except TierwiseError as error:
        _unless_unknown(error)
        return {"known": False, "ids": [request["customer"]], "orders": [], "naming": []}


def look_for_person(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """What an erasure would take out of the workspace."""
    observer.stage("look", Text("looking through the workspace", "检查工作区"))
    try:
        return _told(erasure.look(_place(request), request["customer"]))
    except TierwiseError as error:
        _unless_unknown(error)
        return _told(Erased(None, 0, {}))


def erase_person(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Erase a customer once, however often this is asked: the tombstone's reason carries the mark of the request."""
    observer.stage("erase", Text("erasing in the workspace", "在工作区中删除"))
    place = _place(request)
    if pending(place):
        for done in erasure.resume(place, told=observer):
            export_again(place, done)
    earlier = _stone(place, request["mark"])
    if earlier is not None:
        return earlier
    try:
        done = erasure.erase(
            place,
            request["customer"],
            f"{request['reason']} {request['mark']}".strip(),
            request["by"],
            told=observer,
        )
    except TierwiseError as error:
        _unless_unknown(error)
        return _told(Erased(None, 0, {}))
    export_again(place, done)
    return _told(done)


def tell_of_person(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Write all that is known of a customer into a folder."""
    observer.stage("subject", Text("collecting what is known", "汇总已知数据"))
    try:
        files = write_subject(_place(request), request["customer"], Path(request["folder"]))
    except TierwiseError as error:
        _unless_unknown(error)
        files = []
    return {"files": [file.name for file in files]}


def _place(request: dict[str, Any]) -> Workspace:
    return Workspace(Path(request["workspace"]))


def _unless_unknown(error: TierwiseError) -> None:
    if error.code != UNKNOWN.code:
        raise error


def _told(found: Erased) -> dict[str, Any]:
    return {
        "erasure": found.id, "ids": found.ids, "by_area": found.by_area(), "files": len(found.gone),
        "exports": [Path(file).name for _, file in found.exports], "sources": list(found.sources),
    }  # fmt: skip


def _stone(place: Workspace, mark: str) -> dict[str, Any] | None:
    """The tombstone of a request that was carried out before its worker could say so."""
    for file in tombstones(place):
        data = json.loads(file.read_text(encoding="utf-8"))
        if str(data.get("reason", "")).endswith(mark):
            return {**_told(Erased(data["erasure"], 0, {})), "rows": data["rows"]}
    return None
