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
from tierwise.questions import compare_runs, simulate
from tierwise.registry import build_models
from tierwise.snapshots.runs import Run, open_run
from tierwise.snapshots.workspace import Workspace

MODELS = {
    "rfm": {"bins": 3},
    "pyramid": {},
    "lifecycle": {},
    "two_axis": {},
    "combined": {},
    "held": {"model": "rfm", "minimum_stay_days": 5},
}


@pytest.fixture
def published(tmp_path: Path) -> Run:
    rows = [
        (f"c{n % 40}", date(2026, 1, 1) + timedelta(days=n * 7 % 180), f"{n * 37 % 500}.{n % 100:02d}")
        for n in range(300)
    ]
    orders = write_orders(tmp_path / "orders.csv", rows)
    return run(job_of(tmp_path / "workspace", orders, MODELS, today=date(2026, 12, 31)))


def test_only_what_remembers_is_written(published: Run) -> None:
    assert {name.rpartition("/")[0] for name in published.manifest.files} == {"indicators", "labels/held"}
    told = {name: result.labels for name, result in published.manifest.models.items()}
    assert told == dict.fromkeys(MODELS, "scheme") | {"held": "files"}
    assert all(isinstance(published.labels(name), Derived) == (name != "held") for name in MODELS)
    assert all(len(label_rows_of(published.labels(name))) == 40 for name in MODELS)


def test_a_run_whose_labels_are_all_files_reads_the_same(published: Run) -> None:
    """As runs were published before labels were derived: the manifest does not say where they are."""
    derived = {name: label_rows_of(published.labels(name)) for name in MODELS}
    for name in MODELS:
        if name != "held":
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
    for model in build_models(Document({"models": MODELS}, "test")):
        with DuckDBEngine() as engine:
            _, migration = simulate(engine, workspace, published, model)
        assert migration.moved == 0, model.instance


GROUPS = [{"key": "best", "name": "Best", "when": {"rfm": ["important_value", "important_keep"]}}]
CHANGED: dict[str, tuple[str, dict[str, Any]]] = {
    "scores": ("rfm", {"bins": 4, "weights": {"recency": 3, "frequency": 1, "monetary": 1}}),
    "an indicator that the run lacks": ("rfm", {"window_days": 60}),
    "shares": ("pyramid", {"top_percents": [5, 20, 60]}),
    "days": ("lifecycle", {"declining_days": 20, "lost_days": 60}),
    "what builds on others": ("combined", {"groups": GROUPS}),
    "memory": ("held", {"model": "rfm", "bins": 4, "minimum_stay_days": 5}),
}


@pytest.mark.parametrize("changes", CHANGED)
def test_a_simulation_finds_the_flows_that_a_run_would(published: Run, tmp_path: Path, changes: str) -> None:
    """In one pass over the indicators, where two runs are compared by joining their label tables."""
    model, other = CHANGED[changes]
    settings = {**MODELS, model: other}
    (changed,) = (each for each in build_models(Document({"models": settings}, "test")) if each.instance == model)
    after = run(job_of(tmp_path / "changed", tmp_path / "orders.csv", settings, today=date(2026, 12, 31)))
    with DuckDBEngine() as engine:
        scheme, migration = simulate(engine, Workspace(published.folder.parent.parent), published, changed)
    with DuckDBEngine() as engine:
        compared = compare_runs(engine, published, after, model)
    assert scheme == after.scheme(model)
    assert migration == compared
    assert migration.moved > 0


def test_tier_tables_count_the_labels(published: Run) -> None:
    for name in MODELS:
        rows = label_rows_of(published.labels(name))
        counted = [sum(row["tier"] == tier["key"] for row in rows) for tier in published.manifest.models[name].tiers]
        assert counted == [tier["customers"] for tier in published.manifest.models[name].tiers]
