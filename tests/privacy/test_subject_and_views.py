"""What is handed out: everything to the person, as little as is useful to everybody else."""

from __future__ import annotations

import csv
import json

from tests.privacy.conftest import EMAIL, NAME, PHONE
from tests.quality.conftest import write_table

from tierwise.cli.main import execute
from tierwise.contracts.personal import MASKED, data_class, mask
from tierwise.privacy.views import masked, pseudonym_key, pseudonymised


def test_the_export_of_a_person(place, tmp_path, capsys):
    out = tmp_path / "subject"
    assert execute(["subject", "c007", "--workspace", str(place.root), "--out", str(out)]) == 0
    data = json.loads((out / "subject.json").read_text())
    assert data["customer_ids"] == ["c007", "old-007"]
    (person,) = {row["phone"]: row for row in data["facts"]["customers"]}.values()
    assert (person["name"], person["email"], person["phone"]) == (NAME, EMAIL, PHONE)
    assert len({row["order_id"] for row in data["facts"]["orders"]}) == 11
    assert {row["order_id"] for row in data["facts"]["order_lines"]} == {f"o{n}" for n in range(300) if n % 30 == 7}
    assert set(data["labels"]) == set(place.names())
    for run in place.names():
        reason = data["reasons"][run]["c007"]["rfm"]
        assert reason["key"] == data["labels"][run]["rfm"][0]["tier"] and reason["rule"] is not None
    assert any("map.parquet" in name for name in data["other"])
    rows = list(csv.DictReader((out / "labels.csv").open(encoding="utf-8-sig")))
    assert {row["model"] for row in rows} == {"rfm", "pyramid"} and len(rows) == 2 * len(place.names())
    assert "c008" not in (out / "subject.json").read_text()


def test_an_unknown_person(place, tmp_path, capsys):
    assert execute(["subject", "c99", "--workspace", str(place.root), "--out", str(tmp_path / "s")]) == 4
    assert "erasure.unknown_customer" in capsys.readouterr().err


ROWS = [
    ("a", "张小明", "13812345678", "zhang.wei@example.com", "1990-03-07", "vip,北京"),
    ("b", "Ann Marie Lee", "8123456", "no address", "1985-12-31", None),
    ("c", "李", "12345", None, None, ""),
    ("d", None, None, "@x", None, "x"),
]
COLUMNS = "customer_id name phone email birth_date tags"


def test_masked_views_show_what_masks_say(tmp_path, duck):
    duck.attach("customers", [write_table(tmp_path, "customers", COLUMNS, ROWS)])
    names = COLUMNS.split()
    shown = duck.native_records("masked", masked("customers", names, "customers") + " ORDER BY customer_id")
    for row, given in zip(shown, ROWS, strict=True):
        for name, value in zip(names, given, strict=True):
            found = data_class("customers", name)
            expected = value if value is None or found not in MASKED else mask(value, found)
            if value == "" and found in MASKED:
                expected = "[0]"
            assert row[name] == expected, (name, value)


def test_pseudonyms_join_and_lead_nowhere(tmp_path, duck):
    duck.attach("customers", [write_table(tmp_path, "customers", COLUMNS, ROWS)])
    orders = [("o1", "a", "2025-01-01", "5", "sale"), ("o2", "b", "2025-01-01", "7", "sale")]
    duck.attach("orders", [write_table(tmp_path, "orders", "order_id customer_id order_date amount status", orders)])
    key = pseudonym_key(tmp_path / "keys" / "pseudonyms")
    assert (
        key == pseudonym_key(tmp_path / "keys" / "pseudonyms")
        and (tmp_path / "keys" / "pseudonyms").stat().st_mode & 0o77 == 0
    )
    people = duck.native_records("p", pseudonymised("customers", COLUMNS.split(), "customers", key))
    sold = duck.native_records("o", pseudonymised("orders", ["order_id", "customer_id", "amount"], "orders", key))
    assert {row["customer_id"] for row in sold} < {row["customer_id"] for row in people} and len(people) == 4
    assert set(people[0]) == {"customer_id", "birth_date"} and str(people[0]["birth_date"]) in (
        "1990-01-01",
        "1985-01-01",
        "None",
    )
    assert not {"a", "b", "o1", "o2"} & {str(value) for row in (*people, *sold) for value in row.values()}
    other = duck.native_records("p", pseudonymised("customers", COLUMNS.split(), "customers", "other key"))
    assert not {row["customer_id"] for row in other} & {row["customer_id"] for row in people}
