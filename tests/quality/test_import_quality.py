"""What single imports are worth: scores by source, and drift that a run warns of."""

from __future__ import annotations

from datetime import date

import pytest
from tests.quality.test_sensitivity import HEADER, SOUND

from tierwise import import_drift, import_quality
from tierwise.assessed import basis_of, taken_over
from tierwise.cli.main import execute
from tierwise.config.document import Document
from tierwise.contracts.drift import DriftLimits
from tierwise.contracts.imports import version_from_json
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.job import Job, Source
from tierwise.pipeline import run
from tierwise.quality import assess
from tierwise.quality.adding import Addition
from tierwise.quality.shipped import shipped_rules
from tierwise.registry import build_models
from tierwise.snapshots import samples
from tierwise.snapshots.imports import records, version_of
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace


def computed(folder, rows, limits=DriftLimits()):
    folder.mkdir(exist_ok=True)
    (folder / "orders.csv").write_text(HEADER + "".join(rows))
    models = build_models(Document({"models": {"rfm": {}}}, "test"))
    source = Source("orders", str(folder / "orders.csv"))
    return run(Job(Workspace(folder / "w"), [source], models, drift_limits=limits))


def test_the_first_import_has_nothing_to_drift_from(tmp_path):
    assert computed(tmp_path, SOUND).manifest.quality["drift"] == []


def test_a_run_warns_of_what_drifted(tmp_path, capsys):
    first = computed(tmp_path, SOUND)
    inflated = [row.rpartition(",")[0] + f",{1000 + place}\n" for place, row in enumerate(SOUND)]
    second = computed(tmp_path, inflated)
    (found,) = second.manifest.quality["drift"]
    assert found["rows_before"] == found["rows_after"] == 400 and found["before"] < found["after"]
    warned = [each["en"] for each in second.manifest.quality["findings"] if each["code"] == "drift"]
    assert len(warned) == 1 and warned[0].startswith("Orders: amount is distributed differently, PSI")
    assert execute(["quality", "--workspace", str(tmp_path / "w"), "--lang", "en"]) == 0
    assert "Against the import before" in capsys.readouterr().out
    assert first.manifest.quality["findings"] == []


def test_limits_of_the_project_hold(tmp_path):
    computed(tmp_path, SOUND)
    second = computed(
        tmp_path, SOUND[:250], DriftLimits(volume_change_percent=90, psi_warn=100, null_change_points=100)
    )
    assert not [each for each in second.manifest.quality["findings"] if each["code"] == "drift"]
    third = computed(tmp_path, SOUND[:100], DriftLimits())
    assert [each["en"] for each in third.manifest.quality["findings"] if each["code"] == "drift"] == [
        "Orders: 100 rows, -60 % against 250 in the import before"
    ]


def test_each_source_has_its_score(tmp_path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(HEADER + "".join(SOUND))
    bad.write_text(HEADER + "".join(f"b{row}" for row in SOUND[:100]) + "x1,,2025-01-01,5\nx2,,2025-01-01,5\n")
    models = build_models(Document({"models": {"rfm": {}}}, "test"))
    sources = [Source("orders", str(good), name="till"), Source("orders", str(bad), name="web")]
    found = run(Job(Workspace(tmp_path / "w"), sources, models)).manifest.quality["sources"]
    scores = {each["source"]: each["score"] for each in found}
    assert scores["till"] == 1.0 and scores["web"] < 1.0
    assert {each["source"]: each["rows_read"] for each in found} == {"till": 400, "web": 102}
    assert {each["source"]: each["dimensions"]["complete"] for each in found}["web"] == round(100 / 102, 6)


def test_scores_are_kept_and_only_new_imports_are_looked_at(tmp_path, monkeypatch, capsys):
    looked = []
    real = import_quality._scored
    monkeypatch.setattr(
        import_quality, "_scored", lambda e, table, rules: looked.append(table.rows) or real(e, table, rules)
    )
    computed(tmp_path, SOUND)
    computed(tmp_path, SOUND)
    assert looked == [len(SOUND)]
    second = computed(tmp_path, [*SOUND[:250], ",,2025-01-01,5\n"])
    assert looked == [len(SOUND), 250]
    points = second.manifest.quality["import_trend"]
    assert [(point["rows"], point["rows_looked_at"]) for point in points] == [(len(SOUND), len(SOUND)), (250, 250)]
    assert points[0]["fields"]["customer_id"] > points[1]["fields"]["customer_id"]
    assert execute(["quality", "--workspace", str(tmp_path / "w"), "--trend", "--lang", "en"]) == 0
    text = capsys.readouterr().out
    assert "Trend over imports" in text and "customer -" in text


def test_other_rules_have_the_scores_made_anew(tmp_path):
    computed(tmp_path, SOUND)
    kept = next(tmp_path.rglob("imports/*/quality.json"))
    before = kept.read_bytes()
    day = date(2026, 1, 1)
    with DuckDBEngine() as engine:
        visible = Visible(
            Workspace(tmp_path / "w"), version_of(Workspace(tmp_path / "w"), records(Workspace(tmp_path / "w")))
        )
        import_quality.source_scores(
            engine, visible, [rule for rule in shipped_rules(day) if rule.name != "orders.amount.not_zero"], day
        )
    assert kept.read_bytes() != before


def test_of_a_large_import_a_share_is_looked_at_and_that_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(samples, "ROWS_PER_SHARE", 150)
    computed(tmp_path, SOUND)
    found = computed(tmp_path, SOUND[:390]).manifest.quality
    (scored,) = found["sources"]
    assert 0 < scored["rows_looked_at"] < 390
    (drifted,) = found["drift"]
    assert (drifted["rows_before"], drifted["rows_after"]) == (len(SOUND), 390)
    assert any("by samples of" in note["en"] for note in drifted["notes"])
    assert execute(["quality", "--workspace", str(tmp_path / "w"), "--trend", "--lang", "en"]) == 0
    assert f"(of {scored['rows_looked_at']})" in capsys.readouterr().out


def drift_of(folder, rows):
    return computed(folder, rows).manifest.quality["drift"]


def test_an_import_is_looked_at_once_for_drift(tmp_path, monkeypatch):
    looked = []
    real = import_drift.attach_some
    monkeypatch.setattr(import_drift, "attach_some", lambda e, n, t: looked.append(t.rows) or real(e, n, t))
    first, second = [*SOUND[:390]], [*SOUND[:300], *(row.replace("2025", "2024") for row in SOUND[300:])]
    drift_of(tmp_path, first)
    (found,) = drift_of(tmp_path, second)
    assert looked == [390, 400]
    assert drift_of(tmp_path, second) == [found] and looked == [390, 400]
    for kept in tmp_path.rglob("imports/*/*.json"):
        if kept.name in ("profile.json", "drift.json"):
            assert not any(row.split(",")[0] in kept.read_text().split('"') for row in SOUND)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"basis": "other", "found": {}}'])
def test_what_is_not_kept_or_damaged_is_made_anew(tmp_path, damage):
    drift_of(tmp_path, SOUND[:390])
    found = drift_of(tmp_path, SOUND)
    for name in ("profile.json", "drift.json"):
        for kept in tmp_path.rglob(f"imports/*/{name}"):
            whole = kept.read_text()
            kept.write_text(damage) if damage else kept.unlink()
            assert drift_of(tmp_path, SOUND) == found and kept.read_text() == whole


def judged_whole(monkeypatch):
    """How often rules were held against a version."""
    times = []
    real = Addition.assess
    monkeypatch.setattr(Addition, "assess", lambda self, *given: times.append(1) or real(self, *given))
    return times


DIRTY = ["x1,guest,2025-03-01,0\n", "x2,c1,2025-03-02,99999999\n", "x3,c1,2025-03-02,99999999\n", ",,2025-01-01,5\n"]


def test_what_the_run_before_found_is_taken_over_where_nothing_changed(tmp_path, monkeypatch):
    times = judged_whole(monkeypatch)
    first = computed(tmp_path, [*SOUND, *DIRTY]).manifest.quality
    again = computed(tmp_path, [*SOUND, *DIRTY]).manifest.quality
    assert again == first and len(times) == 1 and any(each["failed"] for each in first["rules"])
    more = computed(tmp_path, [*SOUND, *DIRTY, "x4,c1,2025-03-03,5\n"]).manifest.quality
    assert len(times) == 2 and more["orders"] == first["orders"] + 1 and more["basis"] != first["basis"]


def test_another_rule_or_a_damaged_run_is_no_ground_to_take_anything_over(tmp_path):
    made = computed(tmp_path, [*SOUND, *DIRTY])
    place, rules = Workspace(tmp_path / "w"), shipped_rules(date.today())
    visible = Visible(place, version_from_json(made.manifest.version))
    taken = taken_over(place, basis_of(visible, rules))
    assert taken is not None and taken.assessment.to_json()["rules"] == made.manifest.quality["rules"]
    with DuckDBEngine() as engine:
        card = assess(engine, visible.tables, rules, visible.attach(engine))
    assert (card.assessment, card.customers) == (taken.assessment, taken.customers)
    assert taken_over(place, basis_of(visible, rules[1:])) is None
    (made.folder / "manifest.json").write_text("{")
    assert taken_over(place, basis_of(visible, rules)) is None
