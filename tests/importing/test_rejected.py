"""A source none of whose rows can be used: the error names a list of them that is there afterwards."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tierwise.cli.main import execute

HEAD = "客户编号,下单时间,实付金额,订单编号\n"
TORN = "001,2025-01-03 10:00,￥1,200.50,A1\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tierwise.yaml").write_text("version: 1\nsources:\n  till 1: {fills: orders, location: shop.csv}\n")
    (tmp_path / "shop.csv").write_text(HEAD + TORN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, lang: str = "en") -> str:
    assert execute([*arguments, "--lang", lang]) != 0
    return capsys.readouterr().err


def test_the_rejects_are_where_the_error_says_until_an_import_succeeds(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for lang, words in (("en", "the rejected rows are in"), ("zh-CN", "被剔除的行见")):
        told = refused(capsys, "import", lang=lang)
        assert "input.all_rows_bad" in told and words in told and ".writing-" not in told
    file = Path(re.findall(r"(/\S+\.csv)$", told, re.MULTILINE)[-1])
    assert file == home / "logs" / "rejects" / "till_1.orders.csv"
    assert "￥1,200.50,A1" in file.read_text(encoding="utf-8-sig")
    assert [left.name for left in file.parent.iterdir()] == [file.name]
    assert not list((home / "imports").iterdir())
    (home / "shop.csv").write_text(HEAD + '001,2025-01-03 10:00,"￥1,200.50",A1\n', encoding="utf-8")
    assert execute(["import"]) == 0
    assert not file.exists()


def test_a_dry_run_leaves_nothing_and_points_at_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = refused(capsys, "import", "--dry-run")
    assert "without --dry-run" in told and "/rejects/" not in told and "A1" in told
    assert sorted(left.name for left in home.iterdir()) == ["shop.csv", "tierwise.yaml"]


def test_tier_without_a_project(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = refused(capsys, "tier", "shop.csv", "--out", "w")
    file = Path(re.findall(r"(\S+\.csv)$", told, re.MULTILINE)[-1])
    assert "A1" in file.read_text(encoding="utf-8-sig")


def test_an_erasure_reaches_them(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "shop.csv").write_text(HEAD + "001,2025-01-03 10:00,1200.50,A1\n", encoding="utf-8")
    assert execute(["import"]) == 0
    (home / "shop.csv").write_text(HEAD + TORN + TORN.replace("001", "002").replace("A1", "A2"), encoding="utf-8")
    refused(capsys, "import")
    file = home / "logs" / "rejects" / "till_1.orders.csv"
    assert "001," in file.read_text(encoding="utf-8-sig")
    assert execute(["erase", "001", "--yes", "--reason", "asked"]) == 0
    left = file.read_text(encoding="utf-8-sig")
    assert "001," not in left and "002," in left


def test_an_erasure_reaches_the_rejects_and_the_examples_of_an_import(home: Path) -> None:
    sound = "001,2025-01-03 10:00,1200.50,A1\n002,2025-01-03 10:00,1200.50,A2\n"
    (home / "shop.csv").write_text(HEAD + sound + TORN.replace("A1", "A3"), encoding="utf-8")
    assert execute(["import"]) == 0
    (record,) = home.glob("imports/*/import.json")
    (rejects,) = home.glob("imports/*/rejects/orders.csv")
    assert "001," in record.read_text(encoding="utf-8") and "001," in rejects.read_text(encoding="utf-8-sig")
    assert execute(["erase", "001", "--yes", "--reason", "asked"]) == 0
    assert "001," not in record.read_text(encoding="utf-8")
    assert "001," not in rejects.read_text(encoding="utf-8-sig")
