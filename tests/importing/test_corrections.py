"""Corrections in a workspace: counted in the ledger, switched off in the project, taken back, reached by an erasure."""

from __future__ import annotations

import json

import pytest

from tierwise.cli.main import execute

ORDERS = (
    'customer_id,order_date,amount,channel\n ａ1,2025-01-01,"1,234.50",微信\na1,2025-02-01,¥12,微信\n'
    "b2,2025-02-01,15,WeChat\n'c3,2025-03-01,16,Web\n"
)
PEOPLE = "customer_id,name,phone,gender\na1,张小明,138\u200b00138000,女\nb2,13900139000,李雷,F\nc3,Ann,无,女\n"
PROJECT = (
    "version: 1\n{extra}sources:\n  orders: {{location: orders.csv}}\n  crm: {{fills: customers, location: crm.csv}}\n"
)


def made(folder, extra=""):
    folder.mkdir()
    (folder / "orders.csv").write_text(ORDERS)
    (folder / "crm.csv").write_text(PEOPLE)
    (folder / "tierwise.yaml").write_text(PROJECT.format(extra=extra))
    assert execute(["import", "--workspace", str(folder), "--lang", "en"]) == 0
    return folder


def tables(folder):
    """The bytes of every table of the imports that count, by source."""
    from tierwise.snapshots.imports import holding, records
    from tierwise.snapshots.workspace import Workspace

    held = holding(records(Workspace(folder)))
    return {
        (r.source, file.name): file.read_bytes()
        for r in held
        for file in sorted((folder / "imports" / r.id / r.table).glob("*.parquet"))
    }


def said(capsys, folder, *arguments):
    capsys.readouterr()
    assert execute(["quality", "--workspace", str(folder), *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def place(tmp_path):
    return made(tmp_path / "w")


def test_they_are_counted_and_listed(place, capsys):
    found = said(capsys, place, "--corrections")
    counts = {kind["code"]: kind["values"] for kind in found["kinds"]}
    assert counts == {
        "invisible": 1, "full_width": 1, "spreadsheet_text": 1, "blanks": 1, "no_value": 1, "mailbox_domain": 0, "point_zero": 0,
        "number_text": 2, "excel_day": 0, "currency_word": 0, "synonym": 2, "spelling": 0, "swapped": 2,
    }  # fmt: skip
    assert {"row": 2, "field": "gender", "before": "F", "after": "女"}.items() <= next(
        value for value in found["values"] if value["code"] == "synonym" and value["field"] == "gender"
    ).items()
    assert len(found["values"]) == 11


def test_a_run_counts_them_in_its_card_and_report(place, capsys):
    assert execute(["run", "--workspace", str(place), "--lang", "en"]) == 0
    assert "11 values were corrected while reading" in capsys.readouterr().out
    card = said(capsys, place)
    assert sum(each["rows"] for each in card["corrections"]) == 11
    page = next(place.rglob("report*.html")).read_text()
    assert "Corrected while reading" in page and "13900139000" not in page


@pytest.mark.parametrize("code", ["synonym", "swapped", "blanks", "number_text"])
def test_taking_one_back_leaves_what_an_import_without_it_makes(place, tmp_path, capsys, code):
    before = tables(place)
    without = tables(made(tmp_path / "off", f"corrections: {{without: [{code}]}}\n"))
    found = said(capsys, place, "--revert", code)
    assert tables(place) == without != before
    assert next(kind for kind in found["kinds"] if kind["code"] == code)["values"] == 0
    assert execute(["import", "--workspace", str(place)]) == 0
    assert tables(place) == without
    said(capsys, place, "--restore", code)
    assert tables(place) == before


def test_switching_all_off_in_the_project_reads_again_what_was_read(place, capsys):
    before = tables(place)
    (place / "tierwise.yaml").write_text(PROJECT.format(extra="corrections: off\n"))
    assert execute(["import", "--workspace", str(place)]) == 0
    assert tables(place) != before and said(capsys, place, "--corrections")["values"] == []


def test_an_unknown_code_is_named_with_its_line(place, capsys):
    (place / "tierwise.yaml").write_text(PROJECT.format(extra="corrections: {without: [blank]}\n"))
    assert execute(["import", "--workspace", str(place), "--lang", "en"]) != 0
    text = capsys.readouterr().err
    assert "config.unknown_correction" in text and "did you mean blanks?" in text
    assert execute(["quality", "--workspace", str(place), "--revert", "swaped", "--lang", "en"]) != 0
    text = capsys.readouterr().err
    assert "quality.unknown_correction" in text and "did you mean swapped?" in text


def test_what_was_never_made_cannot_be_taken_back(place, capsys):
    assert execute(["quality", "--workspace", str(place), "--revert", "excel_day", "--lang", "en"]) != 0
    assert "quality.nothing_corrected" in capsys.readouterr().err


def test_a_source_that_is_gone_changes_nothing(place, capsys):
    before = tables(place)
    (place / "crm.csv").unlink()
    assert execute(["quality", "--workspace", str(place), "--revert", "swapped", "--lang", "en"]) != 0
    assert "quality.source_out_of_reach" in capsys.readouterr().err
    assert tables(place) == before and json.loads((place / "corrections.json").read_text()) == {}


def test_a_file_that_no_project_names_is_read_again(tmp_path, capsys):
    place, file = tmp_path / "w", tmp_path / "fair.csv"
    file.write_text(PEOPLE)
    place.mkdir()
    assert execute(["import", str(file), "--table", "customers", "--workspace", str(place)]) == 0
    found = said(capsys, place, "--revert", "swapped")
    assert next(kind for kind in found["kinds"] if kind["code"] == "swapped")["not_made_in"] == ["customers/fair"]
    assert not any(value["code"] == "swapped" for value in found["values"])


def test_rows_without_a_key_are_not_added_twice_when_they_are_read_in_another_way(tmp_path, capsys):
    folder = tmp_path / "w"
    (folder / "tickets").mkdir(parents=True)
    (folder / "tickets" / "may.csv").write_text("customer_id,opened_at,topic\n a,2025-05-01,x\nb,2025-05-02,y\n")
    text = "version: 1\n{}sources:\n  tickets: {{location: tickets}}\n"
    for extra in ("", "corrections: off\n"):
        (folder / "tierwise.yaml").write_text(text.format(extra))
        assert execute(["import", "--workspace", str(folder)]) == 0
        assert len(tables(folder)) == 1


def test_an_erasure_reaches_the_list(place, capsys):
    assert execute(["erase", "b2", "--workspace", str(place), "--yes"]) == 0
    assert not [
        v
        for v in said(capsys, place, "--corrections", "--limit", "1000")["values"]
        if v["row"] == 2 and v["source"] == "crm"
    ]
    for file in place.rglob("*"):
        if file.is_file() and "imports" in file.parts:
            assert b"13900139000" not in file.read_bytes() and "李雷".encode() not in file.read_bytes()
    (place / "crm.csv").write_text(PEOPLE + "d4,Bo,无,女\n")
    assert execute(["import", "--workspace", str(place)]) == 0
    assert {
        v["row"] for v in said(capsys, place, "--corrections", "--limit", "1000")["values"] if v["source"] == "crm"
    } == {1, 3, 4}
