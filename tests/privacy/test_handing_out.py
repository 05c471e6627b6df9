"""Exports that give nobody away, on values whose masks were written down by hand."""

from __future__ import annotations

import csv
import re

import fastexcel
import pyarrow.parquet as pq
import pytest
from tests.privacy.conftest import EMAIL, NAME, PHONE, job_of, write_sources

from tierwise.cli.main import execute
from tierwise.pipeline import run
from tierwise.privacy.views import masked_id
from tierwise.snapshots.workspace import Workspace

ORDER_HEAD = "order_id,customer_id,order_date,amount\n"


@pytest.fixture
def shop(tmp_path):
    write_sources(tmp_path)
    run(job_of(tmp_path))
    return Workspace(tmp_path / "w")


def export(shop, out, *options):
    return execute(["export", "--workspace", str(shop.root), "--out", str(out), *options])


def rows_of(file):
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_masked_tables_in_every_format(shop, tmp_path):
    out = tmp_path / "out"
    assert export(shop, out, "--masked", "--customers") == 0
    found = {file.name for file in out.iterdir()}
    assert found == {
        f"{table}-masked.{form}" for table in ("labels", "customers") for form in ("csv", "parquet", "xlsx")
    }
    by_id = {row["customer_id"]: row for row in rows_of(out / "customers-masked.csv")}
    them = by_id["c007"]
    assert (them["name"], them["phone"], them["email"], them["city"]) == (
        "王**",
        "138****5678",
        "w***@example.com",
        "北京",
    )
    assert by_id["c008"]["name"] == "P*** 8***" and by_id["c008"]["phone"] == "139****0008"
    stored = pq.read_table(out / "customers-masked.parquet").to_pylist()
    sheet = fastexcel.read_excel(out / "customers-masked.xlsx").load_sheet(0).to_arrow()
    assert len(stored) == sheet.num_rows == len(by_id) == 30
    assert "138****5678" in {row["phone"] for row in stored} and "138****5678" in str(sheet.to_pydict())
    assert {row["customer_id"] for row in rows_of(out / "labels-masked.csv")} == set(by_id)
    for text in (str(stored), str(sheet.to_pydict()), (out / "customers-masked.csv").read_text(encoding="utf-8")):
        assert not any(secret in text for secret in (PHONE, EMAIL, NAME))


def test_pseudonymised_tables_join_and_name_nobody(shop, tmp_path):
    out = tmp_path / "out"
    assert export(shop, out, "--pseudonymised", "--customers", "--format", "csv") == 0
    labels, people = rows_of(out / "labels-pseudonymised.csv"), rows_of(out / "customers-pseudonymised.csv")
    ids = {row["customer_id"] for row in people}
    assert ids == {row["customer_id"] for row in labels} and len(ids) == 30
    assert all(re.fullmatch("[0-9a-f]{16}", name) for name in ids)
    assert not {"name", "phone", "email", "name_clean", "phone_clean", "email_clean"} & set(people[0])
    plain = tmp_path / "plain"
    assert export(shop, plain, "--format", "csv") == 0
    hidden = sorted((row["rfm_key"], row["monetary"]) for row in labels)
    assert hidden == sorted((row["rfm_key"], row["monetary"]) for row in rows_of(plain / "labels.csv"))
    assert [row["customer_id"] for row in labels] == sorted(ids)
    assert (shop.root / "pseudonyms.key").stat().st_mode & 0o77 == 0
    again = tmp_path / "again"
    assert export(shop, again, "--pseudonymised", "--format", "csv") == 0
    assert {row["customer_id"] for row in rows_of(again / "labels-pseudonymised.csv")} == ids


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("13812341234", "138****1234"),
        ("+8613812341234", "+86*******1234"),
        ("ann@example.com", "a***@example.com"),
        ("110101199003071234", "110*************34"),
        ("c007", "c007"),
        ("110101999999991234", "110101999999991234"),
        ("23812341234", "23812341234"),
    ],
)
def test_ids_that_are_a_phone_or_an_address_are_masked(duck, given, shown):
    assert duck.native("id", f"SELECT {masked_id('v')} FROM (SELECT ? AS v)", [given]) == [(shown,)]


def test_customers_need_a_guise(shop, tmp_path, capsys):
    assert export(shop, tmp_path / "out", "--customers") == 2
    assert "--masked" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_a_run_of_orders_alone_has_no_customers(tmp_path, capsys):
    (tmp_path / "o.csv").write_text(
        ORDER_HEAD + "".join(f"o{n},c{n % 9},2025-01-{1 + n % 28:02d},{n}\n" for n in range(1, 60))
    )
    assert execute(["tier", str(tmp_path / "o.csv"), "--model", "pyramid", "--out", str(tmp_path / "w")]) == 0
    assert export(Workspace(tmp_path / "w"), tmp_path / "x", "--masked", "--customers") == 4
    assert "export.no_customer_table" in capsys.readouterr().err and not (tmp_path / "x").exists()


def test_an_erasure_reaches_them(shop, tmp_path):
    out = tmp_path / "out"
    assert export(shop, out, "--masked", "--pseudonymised", "--customers", "--format", "csv") == 0
    assert len(list(out.iterdir())) == 4
    before = {file: {row["customer_id"] for row in rows_of(file)} for file in out.iterdir()}
    assert execute(["erase", "c007", "--workspace", str(shop.root), "--yes"]) == 0
    for file, ids in before.items():
        left = {row["customer_id"] for row in rows_of(file)}
        assert left < ids and len(left) == 29, file.name
