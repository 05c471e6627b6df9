"""Groups across models: by hand, in the pipeline, explained, and refused where the models below do not fit."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tierwise.config.document import Document
from tierwise.contracts.explanation import explain
from tierwise.contracts.scheme import evaluate
from tierwise.contracts.stacking import in_order
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.models.combined import Combined, CombinedSpec
from tierwise.pipeline import Job, Source, run
from tierwise.questions import explain_customer
from tierwise.registry import build_models
from tierwise.simulation import changed_models, simulate
from tierwise.snapshots.workspace import Workspace

BY_HAND = [  # RFM class, stage of life, group
    ("important_value", "mature", "core"),
    ("important_develop", "growing", "core"),
    ("important_value", "new", "newcomer"),
    ("important_winback", "lost", "leaving"),
    ("important_keep", "declining", "leaving"),
    ("general_value", "growing", "rising"),
    ("general_value", "declining", "rest"),
    ("important_keep", "mature", "rest"),
]
ORDERS = """customer,date,amount
a,2026-01-05,500
a,2026-03-05,500
a,2026-05-05,500
a,2026-06-20,500
b,2025-06-01,900
b,2025-07-01,900
c,2026-06-25,10
d,2026-02-01,20
d,2026-03-01,20
d,2026-06-01,20
"""


@pytest.mark.by_hand("combined")
@pytest.mark.parametrize(("rfm", "stage", "group"), BY_HAND)
def test_by_hand(rfm: str, stage: str, group: str) -> None:
    scheme = Combined(CombinedSpec()).fit({}).scheme_
    assert evaluate(scheme, {"rfm_tier": rfm, "lifecycle_tier": stage}).tier.key == group


# tiers below, then the changes that lead up and down, by hand
CHANGES = [
    (
        "general_value",
        "growing",
        [{"rfm_tier": "important_value"}, {"lifecycle_tier": "new"}],
        [{"rfm_tier": "important_keep"}],
    ),
    ("important_keep", "mature", [{"rfm_tier": "important_value"}, {"lifecycle_tier": "declining"}], []),
    (
        "important_winback",
        "lost",
        [{"rfm_tier": "important_value", "lifecycle_tier": "growing"}],
        [{"rfm_tier": "general_value"}, {"lifecycle_tier": "growing"}],
    ),
]


@pytest.mark.parametrize(("rfm", "stage", "up", "down"), CHANGES)
def test_smallest_changes_by_hand(rfm: str, stage: str, up: list[dict[str, str]], down: list[dict[str, str]]) -> None:
    scheme = Combined(CombinedSpec()).fit({}).scheme_
    values = {"rfm_tier": rfm, "lifecycle_tier": stage}
    found = explain(scheme, values)
    told = {move: {change.column: change.new for change in move.changes} for move in (*found.up, *found.down)}
    assert [told[move] for move in found.up] == up
    assert [told[move] for move in found.down][: len(down)] == down
    for move, change in told.items():
        assert evaluate(scheme, {**values, **change}).tier == move.tier


def models(**settings: Any) -> dict[str, Any]:
    return {"models": {"combined": settings, "rfm": {"scoring": "median"}, "lifecycle": {"lost_days": 200}}}


def job(folder: Path, settings: dict[str, Any]) -> Job:
    (folder / "orders.csv").write_text(ORDERS)
    source = Source("orders", str(folder / "orders.csv"))
    built = build_models(Document(settings, "tierwise.yaml"))
    return Job(Workspace(folder / "workspace"), [source], built, as_of=date(2026, 6, 30), today=date(2026, 6, 30))


def test_a_run_computes_the_models_below_first_and_reads_their_labels(tmp_path: Path, duck: DuckDBEngine) -> None:
    settings = models()
    found = run(job(tmp_path, settings))
    assert list(found.manifest.models) == ["combined", "rfm", "lifecycle"]
    for name in found.manifest.models:
        duck.attach(name, found.labels(name))
    rows = duck.records(
        "labels",
        "SELECT c.customer_id, c.rfm_tier, c.lifecycle_tier, c.tier, r.tier AS rfm, l.tier AS stage FROM combined AS c "
        "JOIN rfm AS r ON c.customer_id = r.customer_id JOIN lifecycle AS l ON c.customer_id = l.customer_id",
    )
    assert len(rows) == 4 and all((r["rfm_tier"], r["lifecycle_tier"]) == (r["rfm"], r["stage"]) for r in rows)
    assert {row["customer_id"]: row["tier"] for row in rows} == {
        "a": "core",
        "b": "leaving",
        "c": "newcomer",
        "d": "rest",
    }


def test_its_labels_are_explained_and_other_groups_simulated(tmp_path: Path, duck: DuckDBEngine) -> None:
    settings = models()
    asked = job(tmp_path, settings)
    found = run(asked)
    reason = explain_customer(duck, found, "b", ["combined"])[0].explanation
    assert reason.verdict.tier.key == "leaving"
    assert reason.values == {"rfm_tier": "important_winback", "lifecycle_tier": "lost"}
    groups = [{"key": "gone", "name": "走了", "when": {"lifecycle": ["lost"]}}]
    changed = changed_models(found, Document(models(groups=groups), "--set"), ["combined"])
    (simulated,) = simulate(duck, asked.workspace, found, changed).values()
    assert [tier.name.zh for tier in simulated.scheme.tiers] == ["走了", "其他"]
    assert sum(flow.customers for flow in simulated.migration.flows if flow.after == "gone") == 1


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({"models": {"combined": {}, "rfm": {}}}, "config.no_such_input_model", "builds on lifecycle"),
        ({"models": {"combined": {}}}, "config.no_such_input_model", "builds on rfm"),
    ],
)
def test_models_below_must_be_computed(settings: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(TierwiseError, match=re.escape(words)) as caught:
        build_models(Document(settings, "tierwise.yaml"))
    assert {problem.kind.code for problem in caught.value.problems} == {code}


def test_a_tier_that_does_not_exist_is_named_with_the_nearest(tmp_path: Path) -> None:
    groups = [{"key": "x", "name": "x", "when": {"rfm": ["important_vale"]}}]
    with pytest.raises(TierwiseError, match=r"did you mean important_value\?") as caught:
        run(job(tmp_path, models(groups=groups)))
    assert caught.value.code == "config.no_such_input_tier"


def test_models_in_a_circle_are_refused() -> None:
    def on(other: str, name: str) -> Combined:
        group = {"key": "x", "name": "x", "when": {other: ["y"]}}
        return Combined(CombinedSpec.model_validate({"groups": [group]}), name)

    with pytest.raises(TierwiseError, match="in a circle") as caught:
        in_order([on("b", "a"), on("a", "b")])
    assert caught.value.code == "config.models_in_a_circle"


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ([], "groups need keys of their own"),
        ([{"key": "rest", "name": "x", "when": {"rfm": ["y"]}}], "rest is taken"),
        ([{"key": "x", "name": "x", "when": {}}], "needs tiers of a model"),
        ([{"key": "x", "name": "x", "when": {"rfm": []}}], "needs tiers of a model"),
    ],
)
def test_bad_groups_are_refused(groups: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        CombinedSpec.model_validate({"groups": groups})
