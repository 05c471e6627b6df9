"""A workspace of its own for each test, and a worker that does what was asked for."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.console.settings import TIME_ZONE

from tierwise.snapshots.workspace import Workspace


@pytest.fixture
def place(settings: Any, tmp_path: Path) -> Workspace:
    settings.ENVIRONMENT = SimpleNamespace(workspace=tmp_path / "shop", home=tmp_path / "console")
    settings.MEDIA_ROOT = tmp_path / "uploads"
    assert TIME_ZONE
    (tmp_path / "shop").mkdir()
    return Workspace(tmp_path / "shop")
