"""Stale sources: who answers for them is named by import, run and quality, in both languages."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tierwise.cli.main import execute


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tierwise.yaml").write_text(
        "version: 1\nsources:\n"
        "  old: {fills: orders, location: old.csv, fresh_days: 7, owner: Li Wei}\n"
        "  new: {fills: orders, location: new.csv, fresh_days: 7, owner: Wang Fang}\n"
        "  any: {fills: orders, location: any.csv, owner: Zhao Min}\n"
    )
    write(tmp_path, "old", 30)
    write(tmp_path, "new", 7)
    write(tmp_path, "any", 400)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(home: Path, name: str, days: int) -> None:
    rows = [f"{name}{n},c{n % 5},{date.today() - timedelta(days=days + n % 40)},{10 + n}\n" for n in range(80)]
    (home / f"{name}.csv").write_text("order_id,customer_id,order_date,amount\n" + "".join(rows))


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code = execute([*arguments])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    return " ".join(captured.out.split())


def findings(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    found = json.loads(said(capsys, *arguments, "--json"))
    listed = found["findings"] if "findings" in found else found["quality"]["findings"]
    return [each for each in listed if each["code"] == "stale_source"]


def test_import_names_the_owner_of_what_is_older_than_it_may_be(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = findings(capsys, "import")
    day = date.today() - timedelta(days=30)
    assert found["en"] == f"source old: its newest row is of {day}, 30 days old; it may be 7. Ask Li Wei"
    assert found["severity"] == "warning" and found["rows"] == 80
    assert "已有 30 天" in (text := said(capsys, "import", "--lang", "zh-CN")) and "负责人：Li Wei" in text
    assert "Wang Fang" not in text and "Zhao Min" not in text
    write(home, "old", 0)
    assert "Li Wei" not in said(capsys, "import", "--lang", "en")


def test_run_keeps_it_as_a_finding_and_quality_asks_again(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Ask Li Wei" in said(capsys, "run", "--lang", "en")
    assert "Ask Li Wei" in said(capsys, "quality", "--lang", "en")
    assert len(findings(capsys, "quality")) == 1, "that of the run is not said twice"
    text = (home / "tierwise.yaml").read_text()
    (home / "tierwise.yaml").write_text(text.replace("fresh_days: 7, owner: Li", "fresh_days: 60, owner: Li"))
    assert findings(capsys, "quality") == []
    (manifest,) = home.glob("runs/*/manifest.json")
    assert "stale_source" in manifest.read_text()


def test_the_age_of_the_import_counts_where_rows_have_no_date(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "people.csv").write_text("customer_id,name\na,An\n")
    with (home / "tierwise.yaml").open("a") as file:
        file.write("  people: {fills: customers, location: people.csv, fresh_days: 2}\n")
    said(capsys, "import", "people")
    (record,) = home.glob("imports/*/import.json")
    data = json.loads(record.read_text())
    record.write_text(json.dumps({**data, "read_on": str(date.today() - timedelta(days=3))}))
    (found,) = findings(capsys, "import", "people")
    assert "its newest import is of" in found["en"] and "3 days old; it may be 2" in found["en"]
    assert "Ask" not in found["en"]
