"""One record at entry is standardised exactly as a whole table is: by the same definitions, on another engine."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from benchmarks.dedupe_people import batches
from tests.identity.test_standardise import HOSTILE

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.entry_forms import EntryForms, entry_keys, key_sql
from tierwise.identity.kinds import Kind
from tierwise.identity.likeness import damerau_levenshtein, jaro_winkler
from tierwise.identity.records import make_records
from tierwise.identity.standardise import standardise

KINDS = {
    "name": Kind.FULL_NAME, "company": Kind.COMPANY, "phone": Kind.PHONE, "email": Kind.EMAIL, "birth_date": Kind.BIRTH_DATE,
    "city": Kind.CITY, "address": Kind.ADDRESS, "id_number": Kind.ID_NUMBER,
}  # fmt: skip
ODD: dict[str, tuple[str, ...]] = {
    "name": ("欧阳 娜娜", "張總", "曾女士", "Dr. José  Müller Jr.", "ÉLODIE D’Arc", "李", "单于丹（VIP）", "王小明-微信", "Zhang Wei"),
    "company": ("上海（浦东）华智商贸有限公司", "Acme S.A.R.L.", "江苏省南京市宏达科技", "海东商贸", "Ströer SE & Co. KGaA", "上海"),
    "phone": ("１３８-0013 8000", "138****8000", "(010) 6552-9988", "+44 20 7031 3000", "电话8000", "12345", "0086 138 0013 8000"),
    "email": (" Anna.Lee+Shop@GMAIL.com ", "mailto:li@qq.com", "Li <li＠qq.com>", "a..b@qq.com", "li@qq"),
    "birth_date": ("1990年1月3日", "19900103", "01/02/1990", "31/12/1990", "1990-02-30", "05.05.2001", "1990-1-3 00:00:00"),
    "city": ("上海市", "吉林市", "吉林省长春市", "São Paulo", "南京 市"),
    "address": ("江苏省南京市鼓楼区中山路100号13栋4单元1201", "吉林市船营区解放大路9号", "12 Main Street Apt 4", "Hauptstrasse 5"),
    "id_number": ("11010519491231002x", "G 1234-5678"),
}  # fmt: skip
Load = Callable[[str, list[dict[str, str | None]]], str]


def people(count: int) -> list[dict[str, str | None]]:
    """Made people with the odd and the hostile values mixed in, from one seed."""
    chance = random.Random(5)
    rows: list[dict[str, str | None]] = []
    for n, row in enumerate(next(batches(count)).to_pylist()):
        made = {column: row.get(column) for column in KINDS}
        made["birth_date"] = chance.choice(["1988-03-04", "1988/3/4", None])
        for column in KINDS:
            if chance.random() < 0.25:
                made[column] = chance.choice(ODD[column] + HOSTILE)
        rows.append({"customer_id": f"c{n:05d}", **made})
    return rows


def batch(duck: DuckDBEngine, load: Load, rows: list[dict[str, str | None]]) -> tuple[str, frozenset[str]]:
    load("people", rows)
    return make_records(duck, standardise(duck, "people", KINDS), "customer_id", KINDS)


def test_one_record_has_the_forms_that_a_table_gives_it(duck: DuckDBEngine, load: Load) -> None:
    rows = people(600)
    table, columns = batch(duck, load, rows)
    keys = ", ".join(f"{key_sql(name, sql)} AS key_{name}" for name, sql in entry_keys(columns).items())
    expected = duck.native_records("all", f"SELECT *, {keys} FROM {table} ORDER BY record")
    forms = EntryForms(KINDS, "CN")
    for row, by_batch in zip(rows, expected, strict=True):
        one = forms.record(row)
        assert _plain(one) == _plain({name: by_batch[name] for name in one}), row
        by_key = [value for name, value in by_batch.items() if name.startswith("key_") and value is not None]
        assert sorted(forms.keys(one)) == sorted(by_key), row


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """SQLite has no truth but 0 and 1."""
    return record | {name: bool(record[name]) for name in ("name_part", "nobody")}


def test_likeness_is_counted_as_duckdb_counts_it(duck: DuckDBEngine, load: Load) -> None:
    chance = random.Random(1)
    texts = ["".join(chance.choices("abc张伟德 ", k=chance.randint(0, 9))) for _ in range(4_000)]
    load("texts", [{"a": a, "b": b} for a, b in zip(texts[::2], texts[1::2], strict=True)])
    sql = "SELECT a, b, jaro_winkler_similarity(a, b), damerau_levenshtein(a, b) FROM texts"
    for a, b, similarity, typos in duck.native("likeness", sql):
        assert jaro_winkler(a, b) == pytest.approx(similarity, abs=1e-12)
        assert damerau_levenshtein(a, b) == typos
