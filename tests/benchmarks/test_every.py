"""`make bench` works: every bench on little data, goals judged, JSON written, the page made of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from benchmarks.measure import Figure, Goal, Table

from benchmarks import every
from docs import performance

BASE = Figure("limit", 2.0, 1.0, 100, "10 rows")
OURS = Figure("ours", 5.0, 3.5, 200, "10 rows", {"differing_rows": 1})
TABLE = Table(
    "A table", [BASE, OURS], BASE, {"ours": [Goal("ratio", 2.5), Goal("cpu_ratio", 3), Goal("differing_rows", 0)]}
)


def test_goals_are_judged_against_the_base() -> None:
    limit, ours = TABLE.rows()
    assert (limit["ratio"], limit["goals"]) == (1.0, [])
    assert (ours["ratio"], ours["cpu_ratio"]) == (2.5, 3.5)
    assert [goal["kept"] for goal in ours["goals"]] == [True, False, False]
    assert every.missed({"tables": [TABLE.to_json()]}) and not every.missed({"tables": []})


def test_the_page_names_what_is_missed() -> None:
    bench = {"bench": "rfm", "machine": "a machine", "ended_at": "2026-11-25T12:00:00", "tables": [TABLE.to_json()]}
    text = performance.page({"benches": [bench, {**bench, "printed": "words", "bench": "proof"}]})
    assert "ratio by the clock ≤ 2.5: kept<br>ratio by CPU ≤ 3: **missed**" in text
    assert "```\nwords\n```" in text


def test_the_page_is_as_measured() -> None:
    results = json.loads(every.RESULTS.read_text(encoding="utf-8"))
    assert not results["quick"]
    assert performance.PAGE.read_text(encoding="utf-8") == performance.page(results), "run python -m docs.performance"


def test_an_unknown_bench_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["every", "--only", "rmf"])
    with pytest.raises(SystemExit):
        every.main()
    assert "no bench is called rmf" in capsys.readouterr().err


@pytest.mark.slow
def test_all_benches_on_little_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "quick.json"
    monkeypatch.setattr(sys, "argv", ["every", "--quick", "--out", str(file)])
    assert every.main() == 0
    found = json.loads(file.read_text(encoding="utf-8"))
    assert [bench["bench"] for bench in found["benches"]] == list(every.BENCHES)
    titles = [table["title"] for bench in found["benches"] for table in bench["tables"]]
    assert any("RFM" in title for title in titles) and any("Clusters" in title for title in titles)
