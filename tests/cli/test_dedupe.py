"""From a dirty customer list to merged customers and back, as a user goes: run, dedupe, review, merges, unmerge."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb
import pytest

PEOPLE = [
    ("a1", "张慧志", "+86 138-2213-8000", "zhz@qq.com", "2024-05-01"),
    ("a2", "張慧志", "13822138000", "", "2023-01-01"),
    ("b1", "李明", "13911112222", "liming@163.com", "2024-01-01"),
    ("b2", "李明", "13911112223", "", "2024-01-02"),
    ("c1", "王芳", "13700001111", "", "2024-01-03"),
    ("c2", "王建国", "13700001111", "", "2024-01-04"),
]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    people = [
        *PEOPLE,
        *[
            (f"x{n}", f"赵{chr(0x4E00 + n * 7)}{chr(0x5E00 + n)}", f"1350000{n:04d}", f"m{n}u@qq.com", "2024-02-01")
            for n in range(60)
        ],
    ]
    rows = "\n".join(",".join(row) for row in [("customer_id", "name", "phone", "email", "registered_at"), *people])
    (tmp_path / "customers.csv").write_text(rows + "\n", encoding="utf-8")
    orders = "\n".join(f"o{n},{row[0]},2026-0{n % 9 + 1}-11,{n + 1}.50" for n, row in enumerate(people * 2))
    (tmp_path / "orders.csv").write_text("order_id,customer_id,order_date,amount\n" + orders + "\n", encoding="utf-8")
    (tmp_path / "tierwise.yaml").write_text(
        "version: 1\nsources:\n  orders: {location: orders.csv}\n  customers: {location: customers.csv}\nmodels:\n  rfm: {}\n"
        "identity:\n  survivorship: {phone: most_trusted}\n"
    )
    return tmp_path


def indicators(folder: Path) -> tuple[str, list[tuple[object, ...]]]:
    """The SHA-256 of the current run's indicators, and the orders and money of the customers in question."""
    run = folder / "runs" / (folder / "CURRENT").read_text().strip()
    file = next((run / "indicators").glob("*.parquet"))
    rows = duckdb.sql(
        f"SELECT customer_id, frequency, monetary FROM '{file}' WHERE customer_id < 'x' ORDER BY ALL"
    ).fetchall()
    return hashlib.sha256(file.read_bytes()).hexdigest(), rows


def test_dedupe_merges_and_unmerge_puts_everything_back(shop, command):
    assert command("run").code == 0
    before = indicators(shop)
    dry = command("dedupe", "--json")
    assert dry.code == 0 and [merge["members"] for merge in dry.json["merges"]] == [["a1", "a2"]]
    assert not (shop / "identity").exists()
    assert command("dedupe", "--apply").code == 0
    again = command("dedupe", "--apply", "--json")
    assert again.json["merges"] == [] and again.json["taken"] == 0
    assert command("run").code == 0
    merged, apart = indicators(shop)[1], {row[0]: row[1:] for row in before[1]}
    assert (
        merged[0] == ("a1", apart["a1"][0] + apart["a2"][0], apart["a1"][1] + apart["a2"][1]) and merged[1][0] == "b1"
    )
    listed = command("merges", "--json").json
    assert listed["count"] == 1 and listed["decisions"][0]["rule"] == "phone_name"
    undone = command("unmerge", listed["decisions"][0]["id"], "--reason", "father and son")
    assert undone.code == 0
    assert command("run").code == 0
    assert indicators(shop) == before
    again = command("dedupe", "--apply", "--json").json  # what somebody took back does not come back by itself
    assert again["taken"] == 0 and again["held_back"] == [["a1", "a2"]]
    assert command("review", "--merge", "a1", "a2").code == 0
    assert command("dedupe", "--json").json["held_back"] == []


def test_the_merged_row_says_where_each_field_came_from(shop, command):
    command("run"), command("dedupe", "--apply")
    state = shop / "identity" / (shop / "identity" / "CURRENT").read_text().strip()
    (row,) = duckdb.sql(
        f"SELECT customer_id, phone, CAST(registered_at AS VARCHAR) FROM '{state / 'customers.parquet'}'"
    ).fetchall()
    assert row == ("a1", "+86 138-2213-8000", "2023-01-01")
    origins = dict(duckdb.sql(f"SELECT field, own_id || ' ' || rule FROM '{state / 'provenance.parquet'}'").fetchall())
    assert origins["registered_at"] == "a2 smallest" and origins["phone"] == "a1 most_trusted"
    assert "email" in origins and origins["email"].startswith("a1")


def test_a_person_decides_and_is_remembered(shop, command):
    command("run"), command("dedupe", "--apply")
    listed = command("review", "--json").json
    pairs = [(pair["left"], pair["right"]) for pair in listed["pairs"]]
    assert ("b1", "b2") in pairs
    shown = next(pair for pair in listed["pairs"] if pair["left"] == "b1")
    assert sum(part["weight"] for part in shown["why"]) == pytest.approx(shown["weight"], abs=0.01)
    assert command("review", "--later", "b1", "b2").code == 0
    assert command("review", "--json").json["pairs"][-1]["later"]
    assert command("review", "--apart", "b1", "b2", "--by", "ann", "--reason", "asked them").code == 0
    assert command("review", "--apart", "b1", "b2").code == 0
    assert command("merges", "--json", "--customer", "b1").json["count"] == 2  # the same word twice is one decision
    command("dedupe", "--apply")
    assert ("b1", "b2") not in [(p["left"], p["right"]) for p in command("review", "--json").json["pairs"]]
    refused = command("review", "--merge", "b1", "b2")
    assert refused.code == 4 and "identity.kept_apart" in refused.err
    assert "b1" not in command("review", lang="zh-CN").out


def test_a_pair_that_a_guard_held_back_says_which(shop, command):
    with (shop / "customers.csv").open("a", encoding="utf-8") as file:
        file.write("d1,王晓明,13800011122,,2024-01-01\nd2,王小明,13800011122,,2024-01-01\n")
        file.write("e1,陈晨先生,13800033344,,2024-01-01\ne2,陈晨女士,13800033344,,2024-01-01\n")
    assert command("run").code == 0 and command("dedupe", "--apply").code == 0
    held = {pair["left"]: pair["held"] for pair in command("review", "--json").json["pairs"]}
    assert held["d1"] == [
        "same phone, names sound the same, but not merged on its own: the given names sound alike and are written "
        "differently, as those of siblings, and nothing else agrees"
    ]
    assert held["e1"] == [
        "same phone and name, but not merged on its own: the genders differ, by the record or by a title"
    ]
    assert held["b1"] == []
    assert "性别不同" in command("review", lang="zh-CN").out


def test_households_are_groups_and_no_merge(shop, command):
    lines = ["customer_id,name,phone,attributes"]
    for n, name in enumerate(("王芳", "王建国", "李娜")):
        address = json.dumps(
            {"address": "上海市徐汇区建设路75号万科城17栋202室" if n < 2 else "上海市徐汇区建设路9号3栋101室"},
            ensure_ascii=False,
        )
        lines.append(f'h{n},{name},1370000111{n},"{address.replace(chr(34), chr(34) * 2)}"')
    (shop / "customers.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert command("run").code == 0 and command("dedupe", "--apply").code == 0
    rows = duckdb.sql(f"SELECT * FROM '{shop / 'identity' / 'households.parquet'}' ORDER BY ALL").fetchall()
    assert rows == [("h0", "h0", "person"), ("h1", "h0", "person")]
    assert not (shop / "identity" / "CURRENT").exists()


def test_the_limits_of_engines_are_asked_of_every_command_that_opens_one(shop, command):
    command("run"), command("dedupe", "--apply", "--memory", "1GB", "--threads", "1")
    decision = command("merges", "--json").json["decisions"][0]["id"]
    entry = ("dedupe", "--check", '{"name": "张慧志", "phone": "13822138000"}')
    (shop / "identity" / "entry.sqlite").unlink()
    for asked in (("review", "--json"), ("unmerge", decision), entry):
        refused = command(*asked, "--memory", "much")
        assert refused.code == 3 and "config.engine_limit" in refused.err
        assert command(*asked, "--memory", "1GB", "--threads", "1", "--temp", str(shop)).code == 0
    (shop / "tierwise.yaml").write_text((shop / "tierwise.yaml").read_text() + "engine: {memory: much}\n")
    assert "config.engine_limit" in command("review", "--json").err


def test_what_is_wrong_is_said(shop, command, tmp_path):
    empty = command("dedupe", "--workspace", str(tmp_path / "nowhere"))
    assert empty.code == 4 and "identity.no_customers" in empty.err
    command("run")
    unknown = command("unmerge", "nothing")
    assert unknown.code == 4 and "identity.unknown_decision" in unknown.err
    command("dedupe", "--apply")
    file = shop / "tierwise.yaml"
    file.write_text(file.read_text().replace("most_trusted", "prettiest"))
    bad = command("review", "--merge", "b1", "b2")
    assert bad.code == 3 and "identity.bad_survivorship" in bad.err
    assert command("merges", "--json").json["count"] == 1  # nothing was decided
