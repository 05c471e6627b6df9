"""Certain corrections: each is made, listed row by row, can be switched off, and leaves corrected values alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tierwise.canonical.text_corrections import EMAIL, ID, NUMBER, PHONE, steps_of
from tierwise.contracts.corrections import ALL, CORRECTIONS
from tierwise.engine.duckdb import DuckDBEngine, quoted

HEAD = "customer_id,order_date,amount\n"
PEOPLE = "customer_id,name,phone,email,gender,source_channel,kind\n"


def listed(ingest, built):
    """(row, field, code, before, after) of every correction, in order."""
    if not built.corrections_file.exists():
        return []
    found = ingest.engine.native(
        "list",
        f"SELECT row_number, field, code, before, after FROM read_parquet('{built.corrections_file}') ORDER BY ALL",
    )
    return [tuple(row) for row in found]


def people(ingest, *rows, on=ALL):
    return ingest.build(PEOPLE + "".join(f"{row}\n" for row in rows), "customers", corrections=on)


CASES = {
    "invisible": ("a\u200b1,An,138,,,,", "customer_id", "a1", "a\u200b1"),
    "full_width": ("Ａ１,An,138,,,,", "customer_id", "A1", "Ａ１"),
    "spreadsheet_text": ("'007,An,138,,,,", "customer_id", "007", "'007"),
    "blanks": (" a1 ,An,138,,,,", "customer_id", "a1", " a1 "),
    "no_value": ("a1,An,无,,,,", "phone", None, "无"),
    "mailbox_domain": ("a1,An,138,an@qq.con,,,", "email", "an@qq.com", "an@qq.con"),
    "swapped": ("a1,13800138000,张小明,,,,", "name", "张小明", "13800138000"),
}


@pytest.mark.parametrize("code", CASES)
def test_a_value_is_corrected_and_listed_or_counts_as_it_is(ingest, code):
    row, field, corrected, raw = CASES[code]
    built = people(ingest, row)
    assert ingest.rows(built, field) == [(corrected,)]
    assert (1, field, code, raw, corrected) in listed(ingest, built)
    assert code in {each.code for each in built.corrected}
    without = people(ingest, row, on=ALL - {code})
    assert ingest.rows(without, field) == [(raw,)]
    assert code not in {each.code for each in without.corrected} and listed(ingest, without) == []


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("an@163。com", "an@163.com"), ('"an@qq,com"', "an@qq.com"), ("An.B@GMAIL.CON", "An.B@gmail.com"), ("an@gmailcom", "an@gmail.com"),
        ("an@hotmail..com", "an@hotmail.com"), ("an@outlook.com.", "an@outlook.com"), ("an@qq.cmo", "an@qq.com"),
        ("an@qq.com", "an@qq.com"), ("an@163.co", "an@163.co"), ("an@gamil.com", "an@gamil.com"), ("an@yahoo.cn", "an@yahoo.cn"),
        ("an@myqq.con", "an@myqq.con"), ("an@qq.con.cn", "an@qq.con.cn"), ("qqcom", "qqcom"),
    ],
)  # fmt: skip
def test_only_domains_that_cannot_exist_are_set_right(ingest, said, meant):
    built = people(ingest, f"a1,An,138,{said},,,")
    said = said.strip('"')
    assert [str(row[0]).casefold() for row in ingest.rows(built, "email")] == [meant.casefold()]
    assert [each.code for each in built.corrected] == ([] if said == meant else ["mailbox_domain"])


def test_a_formula_that_holds_text_gives_its_text(ingest):
    built = ingest.build('customer_id,order_date,amount\n"=""00123""",2025-01-01,1\n')
    assert ingest.rows(built, "customer_id") == [("00123",)]


def test_numbers_of_other_forms_are_listed_and_set_aside_where_that_is_switched_off(ingest):
    text = HEAD + 'a,2025-01-01,"1,234.50"\nb,2025-01-01,¥12\nc,2025-01-01,(5)\nd,2025-01-01,7\n'
    built = ingest.build(text)
    assert [row[2:] for row in listed(ingest, built)] == [
        ("number_text", "1,234.50", "1234.50"), ("number_text", "¥12", "12"), ("number_text", "(5)", "-5"),
    ]  # fmt: skip
    without = ingest.build(text, corrections=ALL - {"number_text"})
    assert without.rows == 1 and without.set_aside[0].examples[0].value == "1,234.50"


def test_a_wide_number_cannot_be_read_where_that_is_switched_off(ingest):
    text = HEAD + "a,2025-01-01,１２\nb,２０２５-01-01,5\nc,2025-01-01,7\n"
    assert ingest.build(text).rows == 3
    without = ingest.build(text, corrections=ALL - {"full_width"})
    assert {(a.reason, a.examples[0].value) for a in without.set_aside} == {
        ("bad_amount", "１２"), ("bad_date", "２０２５-01-01"),
    }  # fmt: skip


def test_ids_of_floats_keep_their_point_where_that_is_switched_off(ingest):
    text = HEAD + "17850.0,2025-01-01,1\n13047.0,2025-01-02,1\n"
    assert ingest.rows(ingest.build(text, corrections=ALL - {"point_zero"}), "customer_id") == [
        ("13047.0",),
        ("17850.0",),
    ]


def test_words_become_the_one_that_the_column_uses_most(ingest):
    rows = [
        "a,,,,女,微信,person",
        "b,,,,女,WeChat,个人",
        "c,,,,F,微信,公司",
        "d,,,,female,Ｗｅｂ,",
        "e,,,,男,web,",
        "f,,,,,WEB,",
    ]
    rows += ["g,,,,,web,"]
    built = people(ingest, *rows)
    assert [r[0] for r in ingest.rows(built, "gender", "customer_id")] == ["女", "女", "女", "女", "男", None, None]
    channels = [r[0] for r in ingest.rows(built, "source_channel", "customer_id")]
    assert channels == ["微信", "微信", "微信", "web", "web", "web", "web"]
    assert [r[0] for r in ingest.rows(built, "kind", "customer_id")][:3] == ["person", "person", "company"]
    assert (4, "gender", "synonym", "female", "女") in listed(ingest, built)
    assert (6, "source_channel", "spelling", "WEB", "web") in listed(ingest, built)
    without = people(ingest, *rows, on=ALL - {"synonym", "spelling"})
    assert [r[0] for r in ingest.rows(without, "source_channel", "customer_id")][3:] == ["Ｗｅｂ", "web", "WEB", "web"]
    assert [r[0] for r in ingest.rows(without, "kind", "customer_id")][:3] == ["person", "个人", "公司"]


def test_a_column_of_one_spelling_is_never_touched(ingest):
    built = people(ingest, "a,,,,F,WeChat,person", "b,,,,M,WeChat,person")
    assert built.corrected == () and not built.corrections_file.exists()
    assert [r[0] for r in ingest.rows(built, "gender", "customer_id")] == ["F", "M"]


def test_currencies_are_listed_by_their_code(ingest):
    text = "customer_id,order_date,amount,currency\na,2025-01-01,1,rmb\nb,2025-01-01,1,CNY\n"
    built = ingest.build(text)
    assert built.currency == "CNY" and (1, "currency", "currency_word", "rmb", "CNY") in listed(ingest, built)


def test_rows_that_are_set_aside_are_not_listed(ingest):
    built = ingest.build(HEAD + " a,2025-01-01,1\n b,x,1\n")
    assert [row[0] for row in listed(ingest, built)] == [1]


def test_names_that_could_be_anything_are_not_exchanged(ingest):
    rows = ("a1,13800138000,13900139000,,,,", "a2,张小明,李女士,,,,", "a3,13800138000,a.b@x.org,,,,")
    assert [each.code for each in people(ingest, *rows).corrected] == []


def test_every_day_number_of_a_workbook_is_listed(ingest, tmp_path):
    import xlsxwriter

    path = Path(tmp_path) / "o.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate((["customer_id", "order_date", "amount"], ["a", 45432, 1], ["b", "2024-05-21", 2])):
            sheet.write_row(n, 0, row)
    built = ingest.build(path)
    assert ingest.rows(built, "order_date") == [(date(2024, 5, 20),), (date(2024, 5, 21),)]
    assert [row[2:4] for row in listed(ingest, built)] == [("excel_day", "45432")]
    assert ingest.build(path, corrections=ALL - {"excel_day"}).rows == 1


CELL = st.text(st.sampled_from("ａ１ '=\"\u3000\u200b\u00ad\ufeff無无-aN/0.１\t\u00a0’中é＇＝＂@q,。"), max_size=9)


@pytest.fixture(scope="module")
def engine():
    with DuckDBEngine() as found:
        yield found


@pytest.mark.parametrize("kind", [ID, NUMBER, PHONE, EMAIL, "text", "code"])
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(values=st.lists(CELL, min_size=1, max_size=20))
def test_correcting_twice_changes_nothing_more(engine, kind, values):
    def once(value):
        for step in steps_of("x", kind).values():
            value = step(value)
        return value

    given_rows = ", ".join(f"({quoted(value)})" for value in values)
    rows = engine.native(
        "twice",
        f"SELECT v, {once('v')} AS one, {once('one')} AS two FROM (SELECT v, {once('v')} AS one FROM (VALUES {given_rows}) t(v))",
    )
    assert [row for row in rows if row[1] != row[2]] == []


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.tuples(CELL, CELL, CELL, CELL), min_size=1, max_size=8))
def test_a_corrected_table_needs_no_correction(ingest, rows):
    import csv
    import io

    def table(lines):
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["customer_id", "name", "phone", "gender"])
        writer.writerows([["good", "x", "1", "男"], *lines])
        return ingest.build(out.getvalue(), "customers")

    once = ingest.rows(table(rows), "customer_id, name, phone, gender")
    twice = table([["" if cell is None else cell for cell in row] for row in once])
    assert twice.corrected == ()


def test_every_correction_says_what_and_why_in_both_languages():
    for found in CORRECTIONS.values():
        assert found.label.en and found.label.zh != found.label.en and found.rule.zh != found.rule.en
