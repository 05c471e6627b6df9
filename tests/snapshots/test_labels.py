"""Labels are derived from indicators and scheme; what older runs have in files reads the same, and joins change nothing."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.label_tables import label_file, label_rows_of
from tests.pipeline.conftest import job_of, write_orders

from tierwise.config.document import Document
from tierwise.contracts.rows import Derived
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.pipeline import run
from tierwise.questions import compare_runs
from tierwise.simulation import changed_models, simulate
from tierwise.snapshots.runs import Run, open_run
from tierwise.snapshots.workspace import Workspace

UPPER = [{"key": "top", "name": "Top", "when": {"combined": ["rest"], "pyramid": ["silver", "bronze"]}}]
ON_HELD = [{"key": "best", "name": "Best", "when": {"held": ["important_develop", "general_winback"]}}]
MODELS = {
    "rfm": {"bins": 3},
    "pyramid": {},
    "lifecycle": {},
    "two_axis": {},
    "combined": {},
    "upper": {"model": "combined", "groups": UPPER},
    "held": {"model": "rfm", "minimum_stay_days": 5},
    "on_held": {"model": "combined", "groups": ON_HELD},
}
FILES = {"held", "on_held"}


@pytest.fixture
def published(tmp_path: Path) -> Run:
    rows = [
        (f"c{n % 40}", date(2026, 1, 1) + timedelta(days=n * 7 % 180), f"{n * 37 % 500}.{n % 100:02d}")
        for n in range(300)
    ]
    orders = write_orders(tmp_path / "orders.csv", rows)
    return run(job_of(tmp_path / "workspace", orders, MODELS, today=date(2026, 12, 31)))


def test_only_what_remembers_is_written(published: Run) -> None:
    assert {name.rpartition("/")[0] for name in published.manifest.files} == {
        "indicators",
        *(f"labels/{name}" for name in FILES),
    }
    told = {name: result.labels for name, result in published.manifest.models.items()}
    assert told == dict.fromkeys(MODELS, "scheme") | dict.fromkeys(FILES, "files")
    assert all(isinstance(published.labels(name), Derived) == (name not in FILES) for name in MODELS)
    assert all(len(label_rows_of(published.labels(name))) == 40 for name in MODELS)


def test_a_run_whose_labels_are_all_files_reads_the_same(published: Run) -> None:
    """As runs were published before labels were derived: the manifest does not say where they are."""
    derived = {name: label_rows_of(published.labels(name)) for name in MODELS}
    for name in MODELS:
        if name not in FILES:
            label_file(published.labels(name), published.folder / "labels" / name)
    file = published.folder / "manifest.json"
    told = json.loads(file.read_text(encoding="utf-8"))
    for result in told["models"].values():
        del result["labels"]
    file.write_text(json.dumps(told), encoding="utf-8")
    old = open_run(Workspace(published.folder.parent.parent))
    assert {name: label_rows_of(old.labels(name)) for name in MODELS} == derived
    assert not any(isinstance(old.labels(name), Derived) for name in MODELS)


def test_what_builds_on_others_is_the_same_without_a_join(published: Run, tmp_path: Path) -> None:
    """The tiers that `combined` reads, made on the way, are those of the label tables that it names."""
    names = [column.removesuffix("_tier") for column in published.scheme("combined").inputs if column.endswith("_tier")]
    assert names
    rows = {row["customer_id"]: row for row in label_rows_of(published.labels("combined"))}
    for name in names:
        tiers = {row["customer_id"]: row["tier"] for row in label_rows_of(published.labels(name))}
        assert {customer: row[f"{name}_tier"] for customer, row in rows.items()} == tiers


def test_the_settings_of_a_run_move_nobody(published: Run) -> None:
    workspace = Workspace(published.folder.parent.parent)
    asked = changed_models(published, Document({"models": published.settings()}, "test"), list(MODELS))
    with DuckDBEngine() as engine:
        found = simulate(engine, workspace, published, asked)
    assert {name: each.migration.moved for name, each in found.items()} == dict.fromkeys(MODELS, 0)


GROUPS = [{"key": "best", "name": "Best", "when": {"rfm": ["important_develop", "important_winback"]}}]
CHANGED: dict[str, tuple[dict[str, dict[str, Any]], set[str]]] = {
    "scores": ({"rfm": {"bins": 4, "weights": {"recency": 3, "frequency": 1, "monetary": 1}}}, {"combined", "upper"}),
    "an indicator that the run lacks": ({"rfm": {"window_days": 60}}, {"combined", "upper"}),
    "shares": ({"pyramid": {"top_percents": [5, 20, 60]}}, {"upper"}),
    "days": ({"lifecycle": {"declining_days": 20, "lost_days": 60}}, {"combined", "upper"}),
    "what builds on others": ({"combined": {"groups": GROUPS}}, {"upper"}),
    "memory": ({"held": {"model": "rfm", "bins": 4, "minimum_stay_days": 5}}, {"on_held"}),
    "memory that was not there": (
        {"lifecycle": {"declining_days": 20, "lost_days": 60, "minimum_stay_days": 5}},
        {"combined", "upper"},
    ),
    "several": ({"lifecycle": {"declining_days": 20, "lost_days": 60}, "combined": {"groups": GROUPS}}, {"upper"}),
}


@pytest.mark.parametrize("changes", CHANGED)
def test_a_simulation_finds_the_flows_that_a_run_would(published: Run, tmp_path: Path, changes: str) -> None:
    """In the models that change and in all that build on them, where two runs are compared by joining label tables."""
    changed, above = CHANGED[changes]
    settings = MODELS | changed
    asked = changed_models(published, Document({"models": settings}, "test"), list(changed))
    assert {model.instance for model in asked} == {*changed, *above}
    after = run(job_of(tmp_path / "changed", tmp_path / "orders.csv", settings, today=date(2026, 12, 31)))
    with DuckDBEngine() as engine:
        found = simulate(engine, Workspace(published.folder.parent.parent), published, asked)
    assert set(found) == {*changed, *above}
    for model, simulated in found.items():
        with DuckDBEngine() as engine:
            compared = compare_runs(engine, published, after, model)
        assert simulated.scheme == after.scheme(model)
        assert simulated.migration == compared
        assert simulated.migration.moved > 0


def test_tier_tables_count_the_labels(published: Run) -> None:
    for name in MODELS:
        rows = label_rows_of(published.labels(name))
        counted = [sum(row["tier"] == tier["key"] for row in rows) for tier in published.manifest.models[name].tiers]
        assert counted == [tier["customers"] for tier in published.manifest.models[name].tiers]
