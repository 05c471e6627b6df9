"""`tierwise import` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tierwise.cli.main import execute

PROJECT = """\
version: 1
sources:
  shop: {fills: orders, location: shop.csv}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tierwise.yaml").write_text(PROJECT, encoding="utf-8")
    write(tmp_path, "1,a,2026-01-01,10\n2,b,2026-01-02,x\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(home: Path, rows: str) -> None:
    (home / "shop.csv").write_text("order_id,customer_id,order_date,amount\n" + rows, encoding="utf-8")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code = execute(["import", "--lang", "en", *arguments])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    return captured.out


def test_import_list_undo_redo(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    preview = said(capsys, "--dry-run")
    assert "Nothing was written" in preview and "row 2: amount 'x'" in preview
    assert not (home / "imports").exists()
    first = json.loads(said(capsys, "--json"))["imports"][0]
    assert first["import"]["rows"] == 1 and Path(first["rejects_file"]).exists()
    assert "nothing new" in said(capsys)
    name = first["import"]["id"]
    assert "undone" in said(capsys, "--undo", name)
    assert "--redo" in said(capsys), "the same content is not imported behind the back of who undid it"
    assert "undone by" in said(capsys, "--list")
    said(capsys, "--redo", name)
    assert "counts" in said(capsys, "--list")


def test_a_file_that_no_project_names(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "fair.csv").write_text("customer_id,name\na,An\n", encoding="utf-8")
    found = json.loads(said(capsys, "fair.csv", "--table", "customers", "--json"))["imports"][0]["import"]
    assert (found["source"], found["table"], found["listed"]) == ("fair", "customers", False)


def test_an_unknown_source(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["import", "--lang", "en", "shpo"]) == 2
    assert "shop" in capsys.readouterr().err
