"""Published runs: found by name, verified byte by byte, damaged ones named, old ones removed, none ever changed."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.pipeline.conftest import job_of, write_orders

from tierwise.errors import TierwiseError
from tierwise.pipeline import run
from tierwise.snapshots.files import files_below, sha256
from tierwise.snapshots.manifest import manifest_to_json
from tierwise.snapshots.runs import Run, open_run, remove_old
from tierwise.snapshots.workspace import Workspace, new_id

Publish = Callable[..., Run]
HELD = {"held": {"model": "pyramid", "minimum_stay_days": 5}}
"""A model with memory: its labels are files."""


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    def published(models: dict[str, Any] | None = None, **settings: object) -> Run:
        orders = write_orders(
            tmp_path / "orders.csv", [("c1", date(2026, 5, 1), "10.00"), ("c2", date(2026, 5, 2), "5")]
        )
        return run(
            job_of(tmp_path / "workspace", orders, models or {"pyramid": {}}, today=date(2026, 12, 31), **settings)
        )

    return published


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(TierwiseError) as caught:
        action()
    return caught.value.code


def test_names_current_and_previous(publish: Publish, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    assert code_of(lambda: open_run(workspace)) == "run.none"
    first = publish()
    assert open_run(workspace).name == first.name
    assert code_of(lambda: open_run(workspace, "previous")) == "run.unknown"
    second = publish()
    assert (open_run(workspace).name, open_run(workspace, "previous").name) == (second.name, first.name)
    assert open_run(workspace, first.name).folder == first.folder
    assert code_of(lambda: open_run(workspace, "../tables")) == "run.unknown"
    assert code_of(lambda: open_run(workspace, "")) == "run.unknown"


def test_a_published_run_is_never_changed(publish: Publish) -> None:
    first = publish()
    before = {file: sha256(file) for file in files_below(first.folder)}
    publish()
    assert {file: sha256(file) for file in files_below(first.folder)} == before


@pytest.mark.parametrize("name", ["labels/held", "indicators"])
@pytest.mark.parametrize("damage", ["flip", "cut", "remove", "add"])
def test_damage_is_found_and_named(publish: Publish, name: str, damage: str) -> None:
    published = publish(HELD)
    published.verify()
    file = next((published.folder / name).glob("*.parquet"))
    content = bytearray(file.read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif damage == "cut":
        file.write_bytes(content[:-1])
    elif damage == "remove":
        file.unlink()
    else:
        (file.parent / "part-999.parquet").write_bytes(content)
    with pytest.raises(TierwiseError) as caught:
        Run(published.folder).verify()
    assert caught.value.code == "run.damaged"
    assert name in str(caught.value)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"as_of": 5}', '{"as_of": "2026-01-01", "calculated_at": "x"}', "\xff"],
    ids=["empty", "cut off", "a list", "nothing", "a number", "no time", "no text"],
)
def test_a_damaged_manifest(publish: Publish, content: str) -> None:
    published = publish()
    (published.folder / "manifest.json").write_bytes(content.encode("latin-1"))
    assert code_of(lambda: Run(published.folder).manifest) == "run.damaged"


def test_a_manifest_whose_models_are_a_list(publish: Publish) -> None:
    published = publish()
    file = published.folder / "manifest.json"
    data = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**data, "models": []}), encoding="utf-8")
    assert code_of(lambda: Run(published.folder).manifest) == "run.damaged"


def test_a_manifest_says_all_that_it_read(publish: Publish) -> None:
    manifest = publish().manifest
    assert manifest.inputs[0].rows_read == 2 and len(manifest.inputs[0].sha256) == 64
    assert manifest.as_of == date(2026, 5, 2) and manifest.calculated_at.tzinfo is not None
    assert manifest.versions.keys() >= {"tierwise", "duckdb"}
    assert json.dumps(manifest_to_json(manifest), default=str)


def test_an_unknown_model_of_a_run(publish: Publish) -> None:
    published = publish()
    assert code_of(lambda: published.labels("rfm")) == "run.no_such_model"


def test_old_runs_go_by_age_but_never_the_last_two(publish: Publish, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    runs = [publish() for _ in range(4)]
    assert remove_old(workspace, keep_days=30) == []
    later = datetime.now(UTC) + timedelta(days=31)
    assert remove_old(workspace, keep_days=30, now=later) == [runs[0].name, runs[1].name]
    assert workspace.names() == [runs[2].name, runs[3].name]
    assert [path.name for path in workspace.imports.iterdir()] == runs[3].manifest.version["imports"]["orders"]
    open_run(workspace).verify()


def test_an_old_run_that_cannot_be_read_stops_nobody(publish: Publish, tmp_path: Path) -> None:
    """Nobody knows which imports it used, so none is removed; and the next run succeeds."""
    workspace = Workspace(tmp_path / "workspace")
    old = publish()
    publish()
    (old.folder / "manifest.json").write_text("{", encoding="utf-8")
    newest = publish()
    assert open_run(workspace).name == newest.name
    imports = len(list(workspace.imports.iterdir()))
    remove_old(workspace, keep_days=1, now=datetime.now(UTC) + timedelta(days=99))
    assert len(list(workspace.imports.iterdir())) == imports
    assert (old.folder / "manifest.json").exists()


def test_ids_sort_by_time() -> None:
    names = [new_id(date(2026, 1, 1)) for _ in range(50)]
    assert names == sorted(names) and len(set(names)) == 50
    assert names[0].split("-")[1] == "asof20260101"


def _try_to_write(folder: Path, told: object) -> None:
    try:
        with Workspace(folder).writing():
            told.put("free")  # type: ignore[attr-defined]
    except TierwiseError as error:
        told.put(error.code)  # type: ignore[attr-defined]


def test_one_writer_at_a_time_over_processes(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    workspace = Workspace(tmp_path / "workspace")
    with workspace.writing():
        process = context.Process(target=_try_to_write, args=(workspace.root, told))
        process.start()
        assert told.get(timeout=60) == "run.busy"
        process.join(60)
        assert code_of(lambda: workspace.writing().__enter__()) == "run.busy"
    with workspace.writing():
        pass
