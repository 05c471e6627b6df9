"""Order files whose rows are lines, with the amount of the whole order on each of them."""

from __future__ import annotations

import pytest
from tests.canonical.conftest import Ingest


def lines(amount: str, *orders: tuple[str, str, list[str]]) -> str:
    """A file of order lines: number, what is said as amount, and the articles."""
    rows = [f"{order},c{order},2026-01-01,{article},{said}" for order, said, names in orders for article in names]
    return "\n".join([f"订单号,客户编号,下单时间,商品名称,{amount}", *rows]) + "\n"


def test_an_order_amount_on_every_line_counts_once(ingest: Ingest) -> None:
    source = lines(
        "订单实付金额", ("1", "100", ["tea", "cup", "pot"]), ("2", "30", ["tea"]), ("3", "70.50", ["cup", "pot"])
    )
    built = ingest.build(source)
    assert [str(row[0]) for row in ingest.rows(built, "amount", "order_id")] == ["100.00", "30.00", "70.50"]
    finding = next(finding for finding in built.findings if finding.code == "repeated_order_amount")
    assert (finding.rows, finding.severity) == (3, "warning")
    assert "订单实付金额" in finding.label.zh


def test_one_order_in_a_hundred_may_differ_and_is_summed(ingest: Ingest) -> None:
    alike = [(str(n), str(50 + n), ["tea", "cup"]) for n in range(1, 100)]
    source = lines("订单金额", *alike) + "900,c900,2026-01-01,tea,10\n900,c900,2026-01-01,cup,20\n"
    built = ingest.build(source)
    assert [str(row[0]) for row in ingest.rows(built, "amount", "order_id = '900' DESC, order_id")][:2] == [
        "30.00",
        "51.00",
    ]


def test_online_does_not_speak_of_lines(ingest: Ingest) -> None:
    source = lines("online order total", ("1", "100", ["tea", "cup", "pot"]), ("2", "30", ["tea"]))
    built = ingest.build(source, given={"amount": "online order total"})
    assert [str(row[0]) for row in ingest.rows(built, "amount", "order_id")] == ["100.00", "30.00"]


@pytest.mark.parametrize(
    ("amount", "orders"),
    [
        ("订单金额", [("1", "100", ["tea", "cup"]), ("2", "30", ["tea"])]),
        ("amount", [(str(n), str(n + 10), ["tea", "cup"]) for n in range(25)]),
    ],
)
def test_a_name_or_many_orders_prove_it(ingest: Ingest, amount: str, orders: list[tuple[str, str, list[str]]]) -> None:
    built = ingest.build(lines(amount, *orders))
    assert sum(row[0] for row in ingest.rows(built, "amount")) == sum(float(said) for _, said, _ in orders)


@pytest.mark.parametrize(
    ("amount", "orders"),
    [
        ("amount", [("1", "10", ["tea", "cup"]), ("2", "20", ["tea", "pot"])]),
        ("amount", [(str(n), "9.90", ["tea", "cup"]) for n in range(25)]),
        ("商品金额", [(str(n), str(n + 10), ["tea", "cup"]) for n in range(25)]),
        ("订单金额", [("1", "10", ["tea", "tea"])]),
    ],
    ids=["few orders", "one price", "a column of articles", "copies of a row"],
)
def test_lines_are_summed_where_nothing_is_proved(
    ingest: Ingest, amount: str, orders: list[tuple[str, str, list[str]]]
) -> None:
    built = ingest.build(lines(amount, *orders), given={"amount": amount})
    assert "repeated_order_amount" not in {finding.code for finding in built.findings}
    wanted = sum(float(said) * len(names) for _, said, names in orders)
    assert float(sum(row[0] for row in ingest.rows(built, "amount"))) == pytest.approx(wanted)


def test_lines_with_amounts_of_their_own_are_summed(ingest: Ingest) -> None:
    built = ingest.build(
        "order_id,customer_id,order_date,product,order_amount\n1,a,2026-01-01,tea,10\n1,a,2026-01-01,cup,20\n"
    )
    assert [str(row[0]) for row in ingest.rows(built, "amount")] == ["30.00"]
