"""The check at entry: the weights and rules of a search, one record against the index, and what can be wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from benchmarks.dedupe_people import batches
from tests.identity.test_entry_forms import KINDS, Load, people

from tierwise.cli.main import execute
from tierwise.config.document import Document
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.entry import check_entry
from tierwise.errors import TierwiseError
from tierwise.identity.decisions import Verdict, append_log, new_decision
from tierwise.identity.duplicates import find_duplicates
from tierwise.identity.entry_index import INDEX, EntryIndex, IndexSource, write_index
from tierwise.job import Job, Source
from tierwise.pipeline import run
from tierwise.registry import build_models
from tierwise.snapshots.workspace import Workspace

ORDERS = "order_id,customer_id,order_date,amount\no1,c00000,2025-01-02,10.00\n"


def test_a_record_weighs_what_a_search_says(duck: DuckDBEngine, load: Load, tmp_path: Path) -> None:
    rows = people(900)
    load("people", rows)
    found = find_duplicates(duck, "people", "customer_id", KINDS)
    write_index(duck, IndexSource(found.records, KINDS, "CN", found.model, "b"), tmp_path)
    raw = {row["customer_id"]: {column: row[column] for column in KINDS} for row in rows}
    index = EntryIndex(tmp_path / INDEX)
    checked = {}
    pairs = duck.native("pairs", f'SELECT record_l, record_r, match_weight, rule FROM "{found.pairs}" ORDER BY ALL')
    both = alone = 0
    for left, right, weight, rule in pairs:
        if left not in checked:
            checked[left] = {one.customer: one for one in index.check(raw[left])}
        one = checked[left].get(right)
        if one is None:
            assert rule is None or weight < 2, (raw[left], raw[right])
            continue
        both += 1
        assert rule in (one.rule, None)
        alone += one.rule != rule  # a search sees chains of such pairs, a check at entry one pair
        assert one.weight == pytest.approx(weight, abs=1e-4)
    assert both > 300 and alone < both / 50


def workspace_of(folder: Path) -> Workspace:
    lines = ["customer_id,name,phone,email,city"]
    for n, row in enumerate(next(batches(400)).to_pylist()):
        lines.append(f'c{n:05d},"{row["name"] or ""}",{row["phone"] or ""},{row["email"] or ""},{row["city"] or ""}')
    lines.append("x1,欧阳明,13822138000,ouyang@example.com,上海")
    lines.append("x2,上海华智商贸有限公司,02162881234,,上海")
    lines += [
        f"f{n},{name}有限公司,0216288{n:04d},,杭州"
        for n, name in enumerate(["恒联物流", "创优食品", "德泰建材", "普康餐饮"])
    ]
    (folder / "customers.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    sources = [Source(name, str(folder / f"{name}.csv")) for name in ("orders", "customers")]
    place = Workspace(folder / "w")
    run(Job(place, sources, build_models(Document({"models": {"pyramid": {}}}, "test"))))
    return place


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with sources and a workspace of 406 customers, made once."""
    folder = tmp_path_factory.mktemp("made")
    workspace_of(folder)
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Workspace:
    """A workspace of the test's own."""
    shutil.copytree(made, tmp_path / "own")
    return Workspace(tmp_path / "own" / "w")


def test_a_known_customer_is_found_with_the_reasons_in_both_languages(place: Workspace) -> None:
    found = check_entry(place, {"name": "歐陽 明先生", "phone": "+86 138-2213-8000", "city": "上海市"})
    assert found[0].customer == "x1"
    assert found[0].certain
    assert found[0].reasons[0].en.startswith("same phone")
    assert found[0].reasons[0].zh.startswith("电话")
    assert check_entry(place, {"name": "Nobody Known", "phone": "13999999999"}) == []


def test_a_typo_is_found_and_is_not_certain(place: Workspace) -> None:
    found = check_entry(place, {"name": "欧阳明", "phone": "13822138001", "city": "上海"})
    assert [one.customer for one in found if one.weight > 0] == ["x1"]
    assert not found[0].certain


def test_a_firm_is_compared_as_a_firm(place: Workspace) -> None:
    found = check_entry(place, {"name": "华智商贸（上海）公司", "phone": "021-6288 1234"})
    assert found[0].customer == "x2"
    assert any(reason.en.startswith("company") for reason in found[0].reasons)


def test_a_customer_who_is_changed_is_not_a_duplicate_of_itself(place: Workspace) -> None:
    record = {"name": "欧阳明", "phone": "13822138000"}
    assert [one.customer for one in check_entry(place, record)] == ["x1"]
    assert check_entry(place, {"customer_id": "x1", **record}) == []
    append_log(place.identity, [new_decision(Verdict.APART, ["x1", "x9"], "ann")])
    assert check_entry(place, {"customer_id": "x9", **record}) == []


def test_a_merged_customer_goes_by_the_surviving_id(place: Workspace) -> None:
    record = {"name": "欧阳明", "phone": "13822138000"}
    append_log(place.identity, [new_decision(Verdict.MERGED, ["x1", "a1"], "ann")])
    assert [one.customer for one in check_entry(place, record)] == ["a1"]


def test_the_index_follows_the_customers(place: Workspace) -> None:
    record = {"name": "慕容雪", "phone": "13700137000"}
    assert check_entry(place, record) == []
    file = place.root.parent / "customers.csv"
    file.write_text(file.read_text(encoding="utf-8") + "x3,慕容雪,13700137000,,北京\n", encoding="utf-8")
    sources = [Source(name, str(place.root.parent / f"{name}.csv")) for name in ("orders", "customers")]
    run(Job(place, sources, build_models(Document({"models": {"pyramid": {}}}, "test"))))
    assert check_entry(place, record, refresh=False) == []
    assert [one.customer for one in check_entry(place, record)] == ["x3"]


def test_a_search_leaves_its_weights_to_the_index(place: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["dedupe", "--apply", "--workspace", str(place.root), "--json"]) == 0
    written = (place.identity / INDEX).stat().st_ino
    capsys.readouterr()
    entry = json.dumps({"name": "欧阳明", "phone": "13822138000"})
    assert execute(["dedupe", "--check", entry, "--workspace", str(place.root), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["candidates"][0]["customer_id"] == "x1"
    assert said["candidates"][0]["certain"]
    assert (place.identity / INDEX).stat().st_ino == written


def test_an_erasure_leaves_no_index(place: Workspace) -> None:
    record = {"name": "欧阳明", "phone": "13822138000"}
    assert check_entry(place, record)
    assert execute(["erase", "x1", "--workspace", str(place.root), "--reason", "asked", "--yes"]) == 0
    assert not (place.identity / INDEX).exists()
    assert check_entry(place, record) == []


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"naem": "x"}, "identity.unknown_entry_field"),
        ({"name": " "}, "identity.empty_entry"),
        ({}, "identity.empty_entry"),
    ],
)
def test_what_cannot_be_checked_is_named(place: Workspace, record: dict[str, str], code: str) -> None:
    with pytest.raises(TierwiseError) as raised:
        check_entry(place, record)
    assert raised.value.code == code


def test_a_workspace_without_customers_is_named(tmp_path: Path) -> None:
    with pytest.raises(TierwiseError) as raised:
        check_entry(Workspace(tmp_path), {"name": "x"})
    assert raised.value.code == "identity.no_customers"


@pytest.mark.parametrize("entry", ["{", "[]", "3"])
def test_what_is_no_record_is_named(place: Workspace, entry: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["dedupe", "--check", entry, "--workspace", str(place.root)]) != 0
    assert "identity.no_entry" in capsys.readouterr().err
