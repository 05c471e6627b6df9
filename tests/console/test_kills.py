"""A worker killed with a real `kill -9` at the moments that matter: nothing is lost, nothing is there twice."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from benchmarks.console_kills import INSIDE
from benchmarks.console_kills_worker import MOMENTS
from tests.conftest import ROOT


@pytest.mark.slow
@pytest.mark.database
def test_a_worker_killed_at_each_dangerous_moment_loses_and_doubles_nothing():
    found = figures("--moments")
    assert found["struck"] == dict.fromkeys(MOMENTS, 1), "every kill struck at its moment"
    assert_whole(found)


@pytest.mark.slow
@pytest.mark.database
def test_a_worker_stopped_until_another_has_its_job_changes_nothing_when_it_goes_on():
    """Stopped with SIGSTOP while the core's process works on, and inside a transaction; the bench has the other moments."""
    moments = ("import: begun", "run: the core at work", INSIDE)
    found = figures("--stopped", *(word for moment in moments for word in ("--only", moment)))
    assert [found["struck"][moment] for moment in moments[:2]] == [1, 1], "another worker had the job"
    assert_whole(found)


def figures(*how: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.console_kills", *how]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1500, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = (line.strip().partition(": ") for line in done.stdout.splitlines() if line.startswith("  "))
    return {name: json.loads(figure) for name, _, figure in lines}


def assert_whole(found: dict[str, Any]) -> None:
    assert found["jobs_not_done"] == []
    assert found["orders"] == [found["orders_must"]] * 2 and found["run_orders"] == found["orders_must"]
    assert found["events"] == [found["events_must"]] * 2 and found["events_waiting"] == 0
    assert found["labels"] == found["labels_must"] > 0
    assert found["changes"] > 0 and found["changes_in_order"]
