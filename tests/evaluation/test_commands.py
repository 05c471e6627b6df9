"""The commands `compare` and `disagree` over whole runs, and an explanation of a tier that is kept."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.pipeline.conftest import duckdb_with, job_of, write_orders

from tierwise.cli.compare import compare
from tierwise.cli.disagree import disagree
from tierwise.cli.explain import explain
from tierwise.errors import TierwiseError
from tierwise.pipeline import run

LIFECYCLE: dict[str, Any] = {"declining_days": 90, "lost_days": 180, "new_days": 1}
# at 1 March all four are growing; on 1 May ann has not bought for 120 days, the others have
ORDERS = [
    ("ann", "2026-01-01", 100), ("bob", "2026-02-25", 50), ("bob", "2026-04-20", 5),
    ("cy", "2026-02-20", 10), ("cy", "2026-04-01", 10), ("dee", "2026-02-20", 10), ("dee", "2026-04-01", 900),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    orders = write_orders(tmp_path / "orders.csv", ORDERS)
    models = {"lifecycle": LIFECYCLE, "pyramid": {"thresholds": [500, 50]}}
    for day in (date(2026, 2, 27), date(2026, 5, 1)):
        run(job_of(tmp_path / "ws", orders, models, as_of=day, today=date(2026, 5, 1)), duckdb_with(1))
    return tmp_path / "ws"


def ask(command: Any, *arguments: str) -> Any:
    done = CliRunner().invoke(command, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.output) if "--json" in arguments else done.output


def test_compare_names_what_moved_whom(folder: Path) -> None:
    found = ask(compare, "--workspace", str(folder), "--json")["models"]
    lifecycle, pyramid = found["lifecycle"], found["pyramid"]
    moved = {m["customer"]: [[c["column"] for c in group] for group in m["causes"]] for m in lifecycle["movers"]}
    assert moved["ann"] == [["recency_days"]]
    assert lifecycle["moved"] == sum(f["customers"] for f in lifecycle["flows"] if f["from"] != f["to"])
    (dee,) = pyramid["movers"]
    assert dee["customer"] == "dee"
    assert dee["causes"] == [[{"column": "monetary", "from": 10.0, "to": 910.0}]]
    assert pyramid["causes"] == {"monetary": 1}
    (rate,) = [r for r in pyramid["rates"] if r["customers"] == 1 and r["from"] != r["to"]]
    assert (rate["of"], rate["rate"]) == (2, 0.5) and rate["low"] < 0.5 < rate["high"]
    assert pyramid["health"]["up"] == 1 and pyramid["health"]["p_value"] == pytest.approx(0.3173, abs=1e-4)


def test_compare_in_words(folder: Path) -> None:
    shown = ask(compare, "--workspace", str(folder), "--model", "pyramid")
    assert "dee" in shown and "10.00 → 910.00" in shown and "95%" in shown


def test_expected_rates_from_a_file(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "expected.json"
    file.write_text(json.dumps({"level_3": {"level_3": 1}}))
    found = ask(compare, "--workspace", str(folder), "--model", "pyramid", "--expected", str(file), "--json")
    assert found["models"]["pyramid"]["health"]["forbidden"] == [["level_3", "level_1"]]
    file.write_text("[1]")
    bad = CliRunner().invoke(compare, ["--workspace", str(folder), "--expected", str(file)])
    assert bad.exit_code == 2 and "--expected" in bad.output


def test_disagree(folder: Path) -> None:
    found = ask(disagree, "--workspace", str(folder), "--json")
    stakes = [each["at_stake"] for each in found["customers"]]
    assert stakes == sorted(stakes, reverse=True) and len(stakes) == 4
    assert {pair["models"][0] for pair in found["pairs"]} == {"lifecycle"}
    first = found["customers"][0]
    assert first["at_stake"] == pytest.approx(first["gap_percent"] * first["monetary"] / 100, abs=0.01)
    assert len(ask(disagree, "--workspace", str(folder), "--top", "2", "--json")["customers"]) == 2
    assert "dee" in ask(disagree, "--workspace", str(folder))


def test_one_model_cannot_disagree(folder: Path) -> None:
    with pytest.raises(TierwiseError) as refused:
        ask(disagree, "--workspace", str(folder), "--model", "pyramid")
    assert refused.value.code == "disagreement.one_model"


def test_explain_says_which_tier_is_kept(tmp_path: Path) -> None:
    orders = write_orders(tmp_path / "orders.csv", [("ann", "2026-01-01", 100), ("bob", "2026-03-01", 5)])
    for day in (date(2026, 3, 31), date(2026, 4, 5)):
        job = job_of(tmp_path / "ws", orders, {"lifecycle": {**LIFECYCLE, "margin_percent": 10}}, as_of=day, today=day)
        run(job, duckdb_with(1))
    found = ask(explain, "ann", "--workspace", str(tmp_path / "ws"), "--json")["models"]["lifecycle"]
    assert (found["key"], found["held"]) == ("declining", "growing")
    assert ask(explain, "bob", "--workspace", str(tmp_path / "ws"), "--json")["models"]["lifecycle"]["held"] is None
