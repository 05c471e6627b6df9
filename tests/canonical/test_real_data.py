"""The retailer's invoices, as the file they come in and as Chinese Excel would save them."""

from __future__ import annotations

from decimal import Decimal

import pytest

RETAIL = "retail/online_retail_2010_2011.parquet"


def figures(ingest, built):
    amounts = ingest.rows(built, "count(DISTINCT customer_id), sum(amount), count(*)", order="1")[0]
    return (built.rows_read, {aside.reason: aside.rows for aside in built.set_aside}, *amounts)


def test_the_retailer_as_it_is(ingest, shared_data):
    built = ingest.build(shared_data / RETAIL)
    assert figures(ingest, built) == (541_909, {"no_customer": 135_080}, 4_372, Decimal("8300065.81"), 22_190)
    assert {finding.code: finding.rows for finding in built.findings} == {"duplicate_rows": 5_225}
    statuses = dict(
        ingest.engine.native(
            "status", f"SELECT status, count(*) FROM read_parquet('{built.folder}/*.parquet') GROUP BY status"
        )
    )
    assert statuses == {"sale": 18_536, "refund": 3_654}


def test_all_its_lines_add_up_to_the_published_figure(ingest, shared_data, tmp_path):
    """With every line given a customer, the net of all lines is the 9,747,747.93 of the file's description."""
    path = tmp_path / "all.parquet"
    ingest.engine.native(
        "write",
        "COPY (SELECT * REPLACE (coalesce(CAST(CustomerID AS VARCHAR), 'guest') AS CustomerID) "
        f"FROM read_parquet('{shared_data / RETAIL}')) TO '{path}'",
    )
    built = ingest.build(path)
    assert built.rows_used == 541_909
    total = ingest.rows(built, "sum(amount)", order="1")[0][0]
    assert abs(total - Decimal("9747747.93")) < Decimal("1.00")  # 25,900 invoices, each rounded to cents


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_the_retailer_as_chinese_excel_saves_it(encoding, ingest, shared_data, tmp_path):
    path = tmp_path / "plain.csv"
    ingest.engine.native(
        "write", f"COPY (SELECT *, '渠道' AS 渠道 FROM read_parquet('{shared_data / RETAIL}')) TO '{path}' (HEADER)"
    )
    saved = tmp_path / "orders.csv"
    saved.write_text(path.read_text("utf-8"), encoding)
    built = ingest.build(saved)
    assert figures(ingest, built) == (541_909, {"no_customer": 135_080}, 4_372, Decimal("8300065.81"), 22_190)


def test_cdnow(ingest, shared_data):
    built = ingest.build(shared_data / "clv/cdnow_master_transactions.csv")
    assert figures(ingest, built) == (69_659, {}, 23_570, Decimal("2500315.63"), 69_659)
    first = ingest.rows(built, "min(customer_id)", order="1")
    assert first == [("00001",)]
