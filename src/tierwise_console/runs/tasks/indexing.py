"""Make the index by which new customers are checked while they are typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tierwise.config.project import FILE_NAME, read_project
from tierwise.deduplication import NO_CUSTOMERS
from tierwise.engine.progress import Observer
from tierwise.entry import make_current
from tierwise.errors import TierwiseError
from tierwise.identity.kinds import NOTHING_TO_COMPARE
from tierwise.snapshots.workspace import Workspace


def index_customers(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Make the index where the customers changed; a workspace without customers has none."""
    root = Path(request["workspace"])
    file = root / FILE_NAME
    region = read_project(file)[0].identity.region if file.is_file() else "CN"
    try:
        make_current(Workspace(root), region)
    except TierwiseError as error:
        if error.code not in (NO_CUSTOMERS.code, NOTHING_TO_COMPARE.code):
            raise
        return {"indexed": False}
    return {"indexed": True}
