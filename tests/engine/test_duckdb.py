"""What the embedded engine promises beyond running SQL: its temporary files, its limits, its errors."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.spill import SpillFolder
from tierwise.errors import TierwiseError
from tierwise.sql.steps import Step


def test_a_spill_folder_lives_as_long_as_its_engine(tmp_path: Path) -> None:
    with DuckDBEngine(temp_folder=tmp_path):
        assert len(list(tmp_path.glob("tierwise-spill-*"))) == 1
    assert not list(tmp_path.iterdir())


def test_a_new_engine_removes_what_the_dead_left_and_only_that(tmp_path: Path) -> None:
    dead, unknown = tmp_path / "tierwise-spill-dead", tmp_path / "tierwise-spill-unknown"
    for folder in (dead, unknown):
        folder.mkdir()
        (folder / "big.tmp").write_bytes(b"spilt")
    (dead / "lock").touch()
    with DuckDBEngine(temp_folder=tmp_path), DuckDBEngine(temp_folder=tmp_path) as second:
        assert not dead.exists()
        assert (unknown / "big.tmp").exists()
        assert len(list(tmp_path.glob("tierwise-spill-*/lock"))) == 2
        second.run(Step("one", "SELECT 1 AS number", stored=True))
        assert second.records("one", "SELECT number FROM one") == [{"number": 1}]


def test_a_held_folder_is_not_taken_for_abandoned(tmp_path: Path) -> None:
    mine = SpillFolder(tmp_path)
    SpillFolder(tmp_path).remove()
    assert mine.path.is_dir()
    mine.remove()


def test_limits_that_cannot_be_read_are_a_setting_to_correct(tmp_path: Path) -> None:
    with pytest.raises(TierwiseError) as caught:
        DuckDBEngine(memory_limit="lots", temp_folder=tmp_path)
    assert caught.value.code == "config.engine_limit"
    assert not list(tmp_path.iterdir())


def test_a_step_that_fails_names_itself_and_shows_its_sql(duck: DuckDBEngine) -> None:
    with pytest.raises(TierwiseError) as caught:
        duck.run(Step("broken", "SELECT nothing FROM nowhere"))
    assert caught.value.code == "engine.step_failed"
    assert "broken" in str(caught.value) and "nowhere" in str(caught.value)


def test_a_memory_limit_that_is_too_low_is_said_so(tmp_path: Path) -> None:
    with DuckDBEngine(memory_limit="20MB", threads=1, temp_folder=tmp_path) as engine:
        engine.native("no spilling", "SET max_temp_directory_size = '0GB'")
        with pytest.raises(TierwiseError) as caught:
            engine.native(
                "large", "CREATE TEMP TABLE t AS SELECT range AS n, repeat('x', 100) AS s FROM range(9000000)"
            )
    assert caught.value.code in ("resource.out_of_memory", "resource.disk_full")


def test_odd_names_of_folders_are_only_names(tmp_path: Path) -> None:
    folder = tmp_path / "it's [2026] *客户?"
    folder.mkdir()
    with DuckDBEngine() as engine:
        engine.run(Step("numbers", "SELECT n FROM (VALUES (2), (1)) AS v(n)"))
        assert engine.write("numbers", folder / "out", order_by=("n",)) == 2
        engine.attach("again", sorted((folder / "out").glob("*.parquet")))
        assert engine.records("again", "SELECT n FROM again ORDER BY n") == [{"n": 1}, {"n": 2}]


def test_a_value_beyond_money_is_an_error_and_no_wrong_number(duck: DuckDBEngine) -> None:
    with pytest.raises(TierwiseError) as caught:
        duck.records("big", "SELECT CAST(99999999999999999.99 AS DECIMAL(18, 2)) AS amount")
    assert caught.value.code == "engine.step_failed"
    assert isinstance(caught.value.__cause__, duckdb.Error)
