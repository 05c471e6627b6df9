"""Headers of the world, known by name, told by type, or asked for."""

from __future__ import annotations

import pytest

from tierwise.errors import TierwiseError
from tierwise.language import Lang

ROW = "2025-03-04"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("客户编号,下单时间,实付金额", ("客户编号", "下单时间", "实付金额")),
        ("会员号,订单日期,订单金额", ("会员号", "订单日期", "订单金额")),
        ("会员ID,付款时间,消费金额(元)", ("会员ID", "付款时间", "消费金额(元)")),
        ("客户ID,日期,金额", ("客户ID", "日期", "金额")),
        ("买家昵称,付款时间,实付金额", ("买家昵称", "付款时间", "实付金额")),
        ("用户ID,交易时间,销售额", ("用户ID", "交易时间", "销售额")),
        ("customer_id,order_date,amount", ("customer_id", "order_date", "amount")),
        ("CustomerID,InvoiceDate,Total Price", ("CustomerID", "InvoiceDate", "Total Price")),
        ("Customer No.,Order Date,Sales", ("Customer No.", "Order Date", "Sales")),
        ("user_id,Timestamp,revenue", ("user_id", "Timestamp", "revenue")),
        ("Member,DATE,TOTAL", ("Member", "DATE", "TOTAL")),
        ("ｃｕｓｔｏｍｅｒ＿ｉｄ,ｄａｔｅ,ａｍｏｕｎｔ", ("ｃｕｓｔｏｍｅｒ＿ｉｄ", "ｄａｔｅ", "ａｍｏｕｎｔ")),
    ],
)
def test_names(header, expected, ingest):
    mapping = ingest.map(f"{header}\n1,{ROW},2.5\n")
    assert tuple(mapping.to_json()[field] for field in ("customer_id", "order_date", "amount")) == expected
    assert {match.how for match in mapping.matches} == {"name"}


def test_the_better_name_wins_and_the_rest_is_listed(ingest):
    mapping = ingest.map(
        "订单编号,买家昵称,会员号,创建时间,下单时间,订单金额,实付金额,备注\n1,a,7,2025-01-01,2025-01-01,9,8,x\n"
    )
    assert mapping.to_json() == {
        "order_id": "订单编号", "customer_id": "会员号", "order_date": "下单时间", "amount": "实付金额",
    }  # fmt: skip
    assert mapping.unmapped_columns == ("买家昵称", "创建时间", "订单金额", "备注")


def test_types_and_content_tell_where_names_do_not(ingest):
    mapping = ingest.map("wer,wann,wieviel\nx,2025-01-01,1.5\ny,2025-01-02,2.5\n")
    assert mapping.to_json() == {"order_date": "wann", "amount": "wieviel", "customer_id": "wer"}
    assert {match.how for match in mapping.matches} == {"type"}


def test_what_only_content_speaks_for_is_said(ingest):
    built = ingest.build("wer,wann,wieviel\nx,2025-01-01,1.5\ny,2025-01-02,2.5\n")
    assert [f.label.en for f in built.findings if f.code == "guessed_column"] == [
        "no column is named as the order date; wann is taken, for it alone could be: check it, or name another",
        "no column is named as the amount; wieviel is taken, for it alone could be: check it, or name another",
        "no column is named as the customer; wer is taken, for it alone could be: check it, or name another",
    ]
    named = ingest.build("customer_id,order_date,amount\nx,2025-01-01,1.5\n")
    assert "guessed_column" not in {finding.code for finding in named.findings}


@pytest.mark.parametrize("column", ["seats", "refund_amount_usd", "Tax", "购买数量", "年龄", "satisfaction_score"])
def test_a_number_that_is_no_amount_is_not_taken_for_one(ingest, column):
    """An export of accounts or returns looks like orders else, and its sum like any turnover."""
    with pytest.raises(TierwiseError) as caught:
        ingest.map(f"account_id,signup_date,{column}\na,2025-01-01,5\nb,2025-01-02,7\n")
    assert caught.value.code == "input.missing_column" and "amount" in str(caught.value)


def test_german_names_of_amounts_and_days(ingest):
    mapping = ingest.map("Kundennummer;Belegnummer;Datum;Betrag\n1;2;04.03.2025;3,50\n")
    assert mapping.to_json() == {
        "customer_id": "Kundennummer", "order_id": "Belegnummer", "order_date": "Datum", "amount": "Betrag",
    }  # fmt: skip


def test_quantity_times_price_is_the_amount_where_there_is_none(ingest):
    mapping = ingest.map("CustomerID,InvoiceDate,Quantity,UnitPrice\n1,2025-01-01,2,3\n")
    match = mapping.match("amount")
    assert (match.columns, match.how, match.expression) == (
        ("Quantity", "UnitPrice"),
        "product",
        "Quantity × UnitPrice",
    )
    with_amount = ingest.map("CustomerID,InvoiceDate,Quantity,UnitPrice,Amount\n1,2025-01-01,2,3,6\n")
    assert with_amount.match("amount").columns == ("Amount",)


@pytest.mark.parametrize(
    ("header", "label", "option"),
    [
        ("客户编号,会员号,date,amount", ("客户编号", "会员号"), "--customer"),
        ("customer_id,订单日期,下单时间,amount", ("订单日期", "下单时间"), "--date"),
        ("customer_id,date,total,revenue", ("total", "revenue"), "--amount"),
    ],
)
def test_two_columns_that_are_equally_good_are_an_error(header, label, option, ingest):
    with pytest.raises(TierwiseError) as caught:
        ingest.map(header + "\n1,2,3,4\n")
    assert caught.value.code == "input.ambiguous_column"
    assert all(name in str(caught.value) for name in label)
    assert option in caught.value.to(Lang.ZH)


def test_of_two_good_names_the_column_that_holds_days_is_taken(ingest):
    till = ingest.map("Customer ID,Date,Time,Net Sales,Transaction ID\n1,2025-01-01,10:30:00,5,9\n")
    assert till.match("order_date").columns == ("Date",)
    assert till.match("amount").columns == ("Net Sales",)


def test_which_of_two_columns_of_one_name_is_meant_is_asked_if_it_matters(ingest):
    unneeded = ingest.map("customer_id,order_date,amount,note,note\n1,2025-01-01,4,x,y\n")
    assert unneeded.match("amount").columns == ("amount",)
    source = "customer_id,order_date,amount,amount\n1,2025-01-01,4,5\n"
    with pytest.raises(TierwiseError) as caught:
        ingest.map(source)
    assert caught.value.code == "input.ambiguous_column" and "amount (2)" in str(caught.value)
    assert ingest.map(source, amount="amount (2)").match("amount").columns == ("amount (2)",)


def test_what_is_given_settles_it_and_is_taken_from_the_rest(ingest):
    mapping = ingest.map("customer_id,会员号,date,amount\n1,2,2025-01-01,4\n", customer_id="会员号")
    assert mapping.match("customer_id").how == "given"
    assert mapping.to_json()["customer_id"] == "会员号"
    loose = ingest.map("My Customer,date,amount\n1,2025-01-01,4\n", customer_id="my_customer")
    assert loose.to_json()["customer_id"] == "My Customer"


def test_a_given_column_that_is_not_there(ingest):
    with pytest.raises(TierwiseError) as caught:
        ingest.map("customer_id,date,amount\n1,2025-01-01,4\n", customer_id="kunde")
    assert caught.value.code == "input.no_such_column"
    assert "customer_id, date, amount" in str(caught.value)


def test_a_field_that_is_not_there(ingest):
    with pytest.raises(TierwiseError) as caught:
        ingest.map("customer_id,date,amount\n1,2025-01-01,4\n", shoe_size="date")
    assert caught.value.code == "input.no_such_field"


def test_all_that_misses_is_said_together(ingest):
    with pytest.raises(TierwiseError) as caught:
        ingest.map("a,b\nx,y\n")
    assert [problem.kind.code for problem in caught.value.problems] == ["input.missing_column"] * 3
    text = caught.value.to(Lang.ZH)
    assert "--customer" in text and "--date" in text and "--amount" in text


def test_the_shared_files_of_transactions_map_by_themselves(ingest, shared_data):
    expected = {
        "retail/online_retail_2010_2011.parquet": ("CustomerID", "InvoiceDate", "Quantity × UnitPrice"),
        "clv/cdnow_master_transactions.csv": ("customer_id", "date", "amount"),
        "clv/cdnow_sample_transactions.csv": ("customer_id", "date", "amount"),
        "clv/rfm_data_orders.csv": ("customer_id", "order_date", "revenue"),
        "clv/online_retail_invoices.csv": ("customer_id", "datetime", "amount"),
    }
    for file, columns in expected.items():
        found = ingest.map(shared_data / file).to_json()
        assert tuple(found[field] for field in ("customer_id", "order_date", "amount")) == columns
    tickets = ingest.map(shared_data / "engagement/saas_support_tickets.csv", "tickets").to_json()
    assert tickets["customer_id"] == "account_id"
    assert tickets["opened_at"] == "submitted_at"
    accounts = ingest.map(shared_data / "engagement/saas_accounts.csv", "customers").to_json()
    assert (accounts["customer_id"], accounts["registered_at"]) == ("account_id", "signup_date")


def test_a_column_called_as_the_field_is_the_field(ingest):
    mapping = ingest.map("customer_id,会员号,order_date,下单时间,amount\n1,2,2025-01-01,2025-01-01,4\n").to_json()
    assert (mapping["customer_id"], mapping["order_date"]) == ("customer_id", "order_date")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "订单编号,买家会员名,买家实际支付金额,订单状态,订单创建时间,订单付款时间",
            ("买家会员名", "订单编号", "订单创建时间", "买家实际支付金额"),
        ),
        (
            "订单号,订单状态,下单时间,买家付款时间,买家手机号,买家姓名,订单实付金额",
            ("买家手机号", "订单号", "下单时间", "订单实付金额"),
        ),
        ("订单号,下单时间,订单金额,下单帐号,客户姓名,联系电话", ("下单帐号", "订单号", "下单时间", "订单金额")),
        ("订单号,下单时间,订单金额,客户姓名,联系电话", ("联系电话", "订单号", "下单时间", "订单金额")),
        (
            "amazon-order-id\tpurchase-date\tbuyer-email\tquantity\titem-price".replace("\t", ","),
            ("buyer-email", "amazon-order-id", "purchase-date", "item-price"),
        ),
        (
            "Verkaufsbeleg,Auftraggeber,Name,Belegdatum,Nettowert",
            ("Auftraggeber", "Verkaufsbeleg", "Belegdatum", "Nettowert"),
        ),
    ],
)
def test_exports_of_shops_need_no_help(header, expected, ingest):
    cells = {"quantity": "2", "订单状态": "交易成功"}
    row = ",".join(
        cells.get(name, ROW if "时间" in name or "date" in name.lower() else "25") for name in header.split(",")
    )
    mapping = ingest.map(f"{header}\n{row}\n")
    assert tuple(mapping.to_json()[f] for f in ("customer_id", "order_id", "order_date", "amount")) == expected
