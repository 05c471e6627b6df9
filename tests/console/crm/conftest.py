"""A workspace of its own for each test of the CRM."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.console.runs_on_disk import write_run


@pytest.fixture
def publish(tmp_path: Path, settings: Any) -> Callable[..., Any]:
    """Publish a run into a workspace that the console shows."""
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=tmp_path)

    def run(day: int, labels: Mapping[str, Mapping[str, str]], **more: Any) -> Any:
        return write_run(tmp_path, date(2026, 10, day), labels, **more)

    return run
