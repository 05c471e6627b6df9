"""From rows to orders: ids, lines, refunds, voids, copies, and what is set aside."""

from __future__ import annotations

import csv
import datetime

import pytest
import xlsxwriter

from tierwise.errors import TierwiseError
from tierwise.language import Lang

HEAD = "customer_id,order_date,amount\n"


def found(ingest, built, columns):
    return [tuple(str(cell) for cell in row) for row in ingest.rows(built, columns)]


def test_rows_without_an_order_number_are_orders(ingest):
    built = ingest.build(HEAD + "a,2025-01-01,10\nb,2025-01-02,-3.50\nc,2025-01-03,0\n")
    assert found(ingest, built, "order_id, customer_id, order_date, amount, status") == [
        ("row-1", "a", "2025-01-01", "10.00", "sale"),
        ("row-2", "b", "2025-01-02", "-3.50", "refund"),
        ("row-3", "c", "2025-01-03", "0.00", "sale"),
    ]
    assert built.columns == ("order_id", "customer_id", "order_date", "amount", "status")
    assert (built.first_date, built.last_date) == (datetime.date(2025, 1, 1), datetime.date(2025, 1, 3))


def test_lines_are_summed_exactly_and_dated_by_the_first(ingest):
    built = ingest.build(
        "order_id,customer_id,order_date,quantity,unit_price,channel\n"
        "1,a,2025-01-02 10:00,3,0.1115,web\n1,a,2025-01-01 09:30,1,0.0055,app\n1,b,2025-01-05 00:00,1,5,web\n2,a,2025-01-06,2,2.5,\n"
    )
    assert found(ingest, built, "order_id, customer_id, ordered_at, order_hour, amount, channel") == [
        ("1", "a", "2025-01-01 09:30:00", "9", "0.34", "web"),
        ("1", "b", "2025-01-05 00:00:00", "0", "5.00", "web"),
        ("2", "a", "2025-01-06 00:00:00", "0", "5.00", "None"),
    ]
    assert built.rows_used == 4


def test_optional_columns_are_there_only_where_the_source_has_them(ingest):
    built = ingest.build(
        "order_id,customer_id,order_date,amount,discount,coupon,cost,store\n1,a,2025-01-01,10,1.5,X5,n/a,北京路\n"
    )
    assert built.columns == (
        "order_id", "customer_id", "order_date", "amount", "discount", "coupon", "cost", "status", "store",
    )  # fmt: skip
    assert found(ingest, built, "discount, coupon, cost, store") == [("1.50", "X5", "None", "北京路")]
    assert [finding.code for finding in built.findings] == ["unreadable_value"]


@pytest.mark.parametrize("blank", ["", "   ", "　", "\u00a0", "NULL", "nan", "None", "N/A", "无", "-"])
def test_blank_customers_are_set_aside(blank, ingest):
    built = ingest.build(HEAD + f'a,2025-01-01,1\n"{blank}",2025-01-01,1\n')
    assert built.rows == 1
    assert [(aside.reason, aside.rows) for aside in built.set_aside] == [("no_customer", 1)]
    assert built.set_aside[0].examples[0].row == 2


def test_ids_stay_text(ingest):
    built = ingest.build(
        HEAD
        + "007,2025-01-01,1\n7,2025-01-01,1\n 8\u3000,2025-01-01,1\n1e5,2025-01-01,1\n12345678901234567890,2025-01-01,1\n"
    )
    assert [row[0] for row in found(ingest, built, "customer_id")] == ["007", "12345678901234567890", "1e5", "7", "8"]
    assert [(each.code, each.field, each.rows) for each in built.corrected] == [("blanks", "customer_id", 1)]


def test_ids_that_became_floats_lose_their_point(ingest, tmp_path):
    built = ingest.build(HEAD + "17850.0,2025-01-01,1\n,2025-01-01,1\n13047.0,2025-01-02,1\n")
    assert found(ingest, built, "customer_id") == [("13047",), ("17850",)]
    assert [(each.code, each.rows) for each in built.corrected] == [("point_zero", 2)]
    mixed = ingest.build(HEAD + "17850.0,2025-01-01,1\nA7.0x,2025-01-01,1\n")
    assert found(ingest, mixed, "customer_id") == [("17850.0",), ("A7.0x",)]
    path = tmp_path / "o.parquet"
    ingest.engine.native(
        "write",
        "COPY (SELECT unnest([17850.0, 13047.0, NULL, 'NaN'::DOUBLE]) AS customer_id, DATE '2025-01-01' AS order_date, 1 AS amount) "
        f"TO '{path}'",
    )
    parquet = ingest.build(path)
    assert found(ingest, parquet, "customer_id") == [("13047",), ("17850",)]
    assert parquet.set_aside[0].rows == 2


STATUS = "order_id,customer_id,order_date,amount,status\n"


@pytest.mark.parametrize(
    ("word", "amount", "expected"),
    [
        ("paid", "10", ("10.00", "sale")),
        ("", "10", ("10.00", "sale")),
        ("交易成功", "10", ("10.00", "sale")),
        ("部分退款", "10", ("10.00", "sale")),
        ("refund", "10", ("-10.00", "refund")),
        ("退款单", "-10", ("-10.00", "refund")),
        ("Return", "10", ("-10.00", "refund")),
        ("refunded", "10", ("10.00", "void")),
        ("已退款", "10", ("10.00", "void")),
        ("Cancelled", "10", ("10.00", "void")),
        ("已取消", "10", ("10.00", "void")),
        ("待付款", "10", ("10.00", "void")),
        ("voided", "10", ("10.00", "void")),
        ("cancelled", "-10", ("-10.00", "refund")),
        ("something", "10", ("10.00", "sale")),
        ("(删除)等待出库", "10", ("10.00", "void")),
        ("（删除）锁定", "10", ("10.00", "void")),
        ("(锁定)等待出库", "10", ("10.00", "sale")),
        ("(锁定)已取消", "10", ("10.00", "void")),
        ("[已退款] 完成", "10", ("10.00", "void")),
        ("(锁定)", "10", ("10.00", "sale")),
        ("wc-completed", "10", ("10.00", "sale")),
        ("wc-cancelled", "10", ("10.00", "void")),
        ("wc-refunded", "10", ("10.00", "void")),
        ("已发货，待收货", "10", ("10.00", "sale")),
        ("未发货，退款成功", "10", ("10.00", "void")),
        ("已发货，退款成功", "10", ("10.00", "void")),
        ("交易完成(退款成功)", "10", ("10.00", "void")),
        ("交易成功（部分退款）", "10", ("10.00", "sale")),
        ("付款以后用户退款成功，交易自动关闭", "10", ("10.00", "void")),
        ("退款中", "10", ("10.00", "sale")),
        ("Shipped - Delivered to Buyer", "10", ("10.00", "sale")),
        ("Shipped - Returned to Seller", "10", ("10.00", "void")),
        ("Pending - Waiting for Pick Up", "10", ("10.00", "void")),
        ("On backorder (not paid)", "10", ("10.00", "void")),
        ("On backorder (paid)", "10", ("10.00", "sale")),
        ("Disputed", "10", ("10.00", "void")),
        ("storniert", "10", ("10.00", "void")),
    ],
)
def test_status_words(word, amount, expected, ingest):
    built = ingest.build(STATUS + f"1,a,2025-01-01,{amount},{word}\n")
    assert found(ingest, built, "amount, status") == [expected]


def test_brackets_before_a_known_word_do_not_hide_it(ingest):
    words = ("(删除)等待出库", "(锁定)等待出库", "(锁定)", "(x)完成")
    built = ingest.build(STATUS + "".join(f"{n},a,2025-01-01,1,{word}\n" for n, word in enumerate(words)))
    assert not [finding for finding in built.findings if finding.code == "unknown_status"]


def test_a_sale_with_a_part_nobody_knows_is_shown(ingest):
    built = ingest.build(STATUS + "1,a,2025-01-01,1,Shipped - Blorped\n2,a,2025-01-01,1,paid\n")
    assert [(finding.code, finding.rows) for finding in built.findings] == [("unknown_status", 1)]


def test_an_order_undone_of_which_no_column_says_a_refund_counts_for_nothing(ingest):
    built = ingest.build(
        "order_id,customer_id,order_date,amount,status,refunded amount\n"
        "1,a,2025-01-01,10,Disputed,0.00\n2,a,2025-01-01,10,refunded,\n3,a,2025-01-01,10,refunded,4\n"
    )
    assert found(ingest, built, "order_id, amount, status") == [
        ("1", "10.00", "void"), ("2", "10.00", "void"), ("3", "6.00", "sale"),
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["合计", "总 计：", "Grand Total", "TOTAL:", "Summe"])
@pytest.mark.parametrize("place", ["order", "customer"])
def test_a_row_of_totals_is_no_customer(ingest, word, place):
    row = f"{word},x" if place == "order" else f"9,{word}"
    built = ingest.build(f"order_id,customer_id,order_date,amount\n1,a,2025-01-01,10\n{row},2025-12-31,10\n")
    assert found(ingest, built, "customer_id, amount") == [("a", "10.00")]
    assert [(aside.reason, aside.rows) for aside in built.set_aside] == [("total_row", 1)]


def test_the_customer_that_outlasts_an_order_is_taken(ingest):
    """Olist: customer_id is made anew for each order, customer_unique_id is the person."""
    built = ingest.build(
        "order_id,customer_id,customer_unique_id,order_purchase_timestamp,payment_value\n"
        "1,c1,u1,2018-01-01 10:00:00,10\n2,c2,u1,2018-02-01 10:00:00,20\n"
    )
    assert found(ingest, built, "customer_id, amount") == [("u1", "10.00"), ("u1", "20.00")]
    named = ingest.map("order_id,customer_id,customer_unique_id,date,amount\n1,2,3,4,5\n", customer_id="customer_id")
    assert named.match("customer_id").columns == ("customer_id",)


def test_that_nobody_ever_comes_back_is_said(ingest):
    def build(orders, customers):
        rows = "".join(f"{n},c{n % customers},2025-01-01,10\n" for n in range(orders))
        return ingest.build("order_id,visit,order_date,amount\n" + rows, given={"customer_id": "visit"})

    finding = build(100, 100).findings[0]
    assert (finding.code, finding.severity) == ("one_order_each", "warning") and "visit" in finding.label.en
    assert build(100, 99).findings == () and build(99, 99).findings == ()


def test_long_ids_that_a_workbook_took_for_numbers_are_set_aside(ingest):
    """Order numbers of Taobao, opened in Excel: the last four of nineteen digits are zeros, and orders become one."""
    header = "order_id,customer_id,order_date,amount\n"
    cut = "".join(
        f"{start}0000,{n},2025-01-01,5\n" for n, start in enumerate((200000000000000, 200000000000001, 200000000000002))
    )
    built = ingest.build(header + cut + "77,9,2025-01-01,5\n")
    assert [(aside.reason, aside.rows) for aside in built.set_aside] == [("digits_lost", 3)]
    whole = ingest.build(header + cut + "2000000000000000123,9,2025-01-01,5\n")
    assert whole.set_aside == (), "one long id with all its digits shows that the others have theirs"


def test_amounts_that_are_all_zero_are_said(ingest):
    built = ingest.build("customer_id,order_date,amount\n1,2025-01-01,0\n2,2025-01-01,0.00\n")
    assert [(finding.code, finding.severity) for finding in built.findings] == [("all_amounts_zero", "warning")]


def test_masked_ids_are_said(ingest):
    built = ingest.build("手机号,下单时间,金额\n138****0001,2025-01-01,10\n139****0001,2025-01-01,10\n")
    assert [finding.code for finding in built.findings] == ["masked_ids"]
    assert "手机号" in built.findings[0].label.zh


def test_words_nobody_knows_are_shown(ingest):
    built = ingest.build(STATUS + "1,a,2025-01-01,1,blorp\n2,a,2025-01-01,1,paid\n3,a,2025-01-01,1,blorp\n")
    finding = next(finding for finding in built.findings if finding.code == "unknown_status")
    assert finding.rows == 2
    assert "blorp" in finding.label.en and "blorp" in finding.label.to(Lang.ZH)


def test_cancelled_lines_count_for_nothing_within_an_order(ingest):
    built = ingest.build(
        STATUS + "1,a,2025-01-01,10,paid\n1,a,2025-01-01,5,cancelled\n2,a,2025-01-01,7,void\n2,a,2025-01-01,3,void\n"
    )
    assert found(ingest, built, "order_id, amount, status") == [("1", "10.00", "sale"), ("2", "10.00", "void")]


def test_a_refund_line_lowers_its_order_and_never_raises_it(ingest):
    built = ingest.build(STATUS + "1,a,2025-01-01,10,paid\n1,a,2025-01-01,4,refund\n2,a,2025-01-01,4,refund\n")
    assert found(ingest, built, "order_id, amount, status") == [("1", "6.00", "sale"), ("2", "-4.00", "refund")]


def test_what_was_given_back_is_subtracted(ingest):
    built = ingest.build(
        "order_id,customer_id,order_date,amount,status,refunded amount\n"
        "1,a,2025-01-01,100,partially_refunded,30\n2,a,2025-01-01,100,refunded,100\n3,a,2025-01-01,100,refunded,80\n4,a,2025-01-01,100,paid,\n"
    )
    assert found(ingest, built, "order_id, amount, status") == [
        ("1", "70.00", "sale"), ("2", "0.00", "void"), ("3", "20.00", "sale"), ("4", "100.00", "sale"),
    ]  # fmt: skip


SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,"
    "Created at,Lineitem quantity,Lineitem name,Lineitem price,Cancelled at,Vendor,Id,Phone\n"
    "#1001,ann@example.com,paid,2025-03-01 10:00:00 -0500,USD,30,5,0,35.00,SPRING,2.00,2025-03-01 23:00:00 -0500,1,Mug,10,,V,1,\n"
    "#1001,ann@example.com,,,,,,,,,,2025-03-01 23:00:00 -0500,2,Cup,10,,V,,\n"
    "#1002,bob@example.com,refunded,2025-03-02 10:00:00 -0500,USD,30,5,0,35.00,,,2025-03-02 10:00:00 -0500,1,Mug,30,,V,2,\n"
    "#1003,ann@example.com,voided,,USD,30,5,0,35.00,,,2025-03-03 10:00:00 -0500,1,Mug,30,,V,3,\n"
    "#1004,,paid,,USD,30,5,0,35.00,,,2025-03-03 10:00:00 -0500,1,Mug,30,,V,4,\n"
    "#1005,cat@example.com,partially_refunded,,USD,30,5,0,40.00,,,2025-03-04 10:00:00 -0500,1,Mug,30,,V,5,\n"
    "#1006,dan@example.com,,,,,,,,,,2025-03-04 10:00:00 -0500,1,Mug,30,,V,,\n"
)


def test_the_shopify_export_is_read_as_it_is(ingest):
    built = ingest.build(SHOPIFY, timezone="America/New_York")
    assert built.mapping.shape == "shopify"
    assert built.mapping.to_json() == {
        "customer_id": "Email", "order_id": "Name", "order_date": "Created at", "amount": "Total",
        "discount": "Discount Amount", "coupon": "Discount Code", "status": "Financial Status", "currency": "Currency",
    }  # fmt: skip
    assert found(ingest, built, "order_id, customer_id, order_date, amount, discount, status") == [
        ("#1001", "ann@example.com", "2025-03-01", "35.00", "2.00", "sale"),
        ("#1002", "bob@example.com", "2025-03-02", "35.00", "None", "void"),
        ("#1003", "ann@example.com", "2025-03-03", "35.00", "None", "void"),
        ("#1005", "cat@example.com", "2025-03-04", "40.00", "None", "sale"),
    ]
    assert {aside.reason: aside.rows for aside in built.set_aside} == {"no_customer": 1, "bad_amount": 1}
    assert built.currency == "USD"


def test_copies_in_a_file_of_orders_are_set_aside(ingest):
    built = ingest.build(STATUS + "1,a,2025-01-01,10,paid\n2,b,2025-01-01,5,paid\n1,a,2025-01-01,10,paid\n")
    assert found(ingest, built, "order_id, amount") == [("1", "10.00"), ("2", "5.00")]
    assert [(aside.reason, aside.rows, aside.examples[0].row) for aside in built.set_aside] == [("duplicate_row", 1, 3)]


def test_copies_among_lines_are_lines(ingest):
    built = ingest.build(
        "order_id,customer_id,order_date,amount,product\n1,a,2025-01-01,10,mug\n1,a,2025-01-01,10,mug\n2,b,2025-01-01,5,cup\n"
    )
    assert found(ingest, built, "order_id, amount") == [("1", "20.00"), ("2", "5.00")]
    assert [(finding.code, finding.rows) for finding in built.findings] == [("duplicate_rows", 1)]


def test_an_order_that_comes_back_with_another_amount_is_no_copy(ingest):
    built = ingest.build(
        STATUS + "1,a,2025-01-01,10,paid\n1,a,2025-01-01,10,paid\n2,b,2025-01-01,5,paid\n2,b,2025-01-01,6,paid\n"
    )
    assert found(ingest, built, "order_id, amount") == [("1", "20.00"), ("2", "11.00")]
    assert built.set_aside == ()


def test_rows_without_an_order_number_in_a_file_that_has_them(ingest):
    built = ingest.build(STATUS + "1,a,2025-01-01,10,paid\n,a,2025-01-01,5,paid\n,a,2025-01-01,6,paid\n")
    assert found(ingest, built, "order_id, amount") == [("1", "10.00"), ("row-2", "5.00"), ("row-3", "6.00")]
    assert [finding.code for finding in built.findings] == ["no_order_id"]


def test_the_first_reason_counts_and_all_are_listed(ingest):
    built = ingest.build(HEAD + "a,2025-01-01,1\n,x,x\nb,x,x\nc,2025-01-01,=1+1\nd,2027-01-01,1\n1,2\n")
    assert {aside.reason: aside.rows for aside in built.set_aside} == {
        "no_customer": 1, "bad_date": 1, "bad_amount": 1, "future_date": 1, "bad_row": 1,
    }  # fmt: skip
    raw = built.rejects_file.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert [(line["row"], line["column"], line["value"], line["reason"]) for line in lines] == [
        ("2", "customer_id", "", "no_customer"),
        ("3", "order_date", "x", "bad_date"),
        ("4", "amount", "'=1+1", "bad_amount"),
        ("5", "order_date", "2027-01-01", "future_date"),
        ("6", "", "1,2", "bad_row"),
    ]
    assert lines[0]["reason_zh"] == "没有客户编号" and lines[0]["reason_en"] == "no customer"


def test_no_reject_file_where_nothing_is_set_aside(ingest):
    built = ingest.build(HEAD + "a,2025-01-01,1\n")
    assert built.rejects_file is None
    assert not (built.folder.parent / "rejects").exists()
    assert [path.name for path in built.folder.parent.iterdir()] == ["orders"]


def test_a_source_none_of_whose_rows_can_be_used(ingest):
    with pytest.raises(TierwiseError) as caught:
        ingest.build(HEAD + "a,soon,1\nb,later,2\n")
    assert caught.value.code == "input.all_rows_bad"
    assert caught.value.problems[0].place.row == 1
    assert "soon" in str(caught.value) and "order_date = order_date" in str(caught.value)
    assert "日期缺失或无法识别（2）" in caught.value.to(Lang.ZH)


def test_a_workbook_with_numbers_for_ids_and_days(ingest, tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "o.xlsx"))
    sheet = book.add_worksheet("订单")
    day = book.add_format({"num_format": "yyyy/m/d"})
    sheet.write_row(0, 0, ["会员号", "下单时间", "金额"])
    sheet.write_number(1, 0, 10086)
    sheet.write_datetime(1, 1, datetime.datetime(2025, 3, 4), day)
    sheet.write_number(1, 2, 0.1 + 0.2)
    sheet.write_string(2, 0, "00086")
    sheet.write_number(2, 1, 45720.5)
    sheet.write_string(2, 2, "¥1,200")
    book.close()
    built = ingest.build(tmp_path / "o.xlsx")
    assert found(ingest, built, "customer_id, ordered_at, amount") == [
        ("00086", "2025-03-04 12:00:00", "1200.00"), ("10086", "2025-03-04 00:00:00", "0.30"),
    ]  # fmt: skip


def test_names_with_quotes_and_braces_do_no_harm(ingest):
    head = '"customer ""id"" {x}",order\'date,amount %s\n'
    built = ingest.build(
        head + " 1,2025-01-01,1\n2,x,1\n",
        given={"customer_id": 'customer "id" {x}', "order_date": "order'date", "amount": "amount %s"},
    )
    assert built.rows == 1
    assert built.corrected[0].column == 'customer "id" {x}'


def test_ids_whose_digits_a_spreadsheet_dropped_are_set_aside(ingest):
    rows = (
        "13800000001,1,2025-01-02,5\n1.38E+10,2,2025-01-02,5\n13800000001,2.1E+18,2025-01-02,5\nA-1E+5,4,2025-01-02,5\n"
    )
    built = ingest.build("手机号,订单号,下单时间,实付金额\n" + rows)
    assert [(aside.reason, aside.rows) for aside in built.set_aside] == [("digits_lost", 2)]
    assert {row[0] for row in ingest.rows(built, "customer_id")} == {"13800000001", "A-1E+5"}


def test_ids_that_differ_in_leading_zeros_alone_are_said(ingest):
    """A spreadsheet drops them from one of two exports: one customer would count as two without a word."""
    head = "customer_id,order_date,amount\n"
    built = ingest.build(head + "007,2025-01-01,1\n7,2025-01-02,2\n08,2025-01-02,2\n9,2025-01-02,2\nA07,2025-01-02,2\n")
    found = {finding.code: finding for finding in built.findings}["leading_zeros"]
    assert (found.rows, found.severity) == (2, "warning") and "007 / 7" in found.label.en
    for rows in ("007,2025-01-01,1\n008,2025-01-02,2\n", "7,2025-01-01,1\n8,2025-01-02,2\n"):
        assert "leading_zeros" not in {finding.code for finding in ingest.build(head + rows).findings}


def test_totals_between_the_rows_are_told_from_rows_without_a_customer(ingest):
    text = (
        "门店,日期,会员卡号,金额\n徐汇,2025-01-01,7,5\n徐汇,2025-01-01,,3\n小计,,,8\n徐汇,2025-01-02,8,2\n合计,,,10\n"
    )
    built = ingest.build(text)
    assert {aside.reason: aside.rows for aside in built.set_aside} == {"total_row": 2, "no_customer": 1}
