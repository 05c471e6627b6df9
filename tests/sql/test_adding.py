"""Which aggregates can be mended by adding, and which rows bring nothing to one: every doubt is refused."""

from __future__ import annotations

import pytest

from tierwise.sql.adding import Summed, entering, plain_numbers, summed

DAY = "CAST('2026-03-01' AS DATE)"
INSIDE = f"CASE WHEN order_date > {DAY} THEN money ELSE 0 END"
MONEY, WHOLE = "DECIMAL(18, 2)", "BIGINT"

SUMS = {
    f"CAST(COALESCE(SUM({INSIDE}), 0) AS {MONEY})": Summed(MONEY, f"COALESCE({INSIDE}, 0)"),
    f"CAST(COALESCE(SUM(money - COALESCE(cost, 0)), 0) AS {MONEY})": Summed(
        MONEY, "COALESCE(money - COALESCE(cost, 0), 0)"
    ),
    f"CAST(SUM(CASE WHEN is_sale = 1 THEN 1 ELSE 0 END) AS {WHOLE})": Summed(
        WHOLE, "(CASE WHEN is_sale = 1 THEN 1 ELSE 0 END)"
    ),
    f"CAST(COALESCE(SUM(CAST(money * 3 AS {MONEY})), 0) AS {MONEY})": Summed(
        MONEY, f"COALESCE(CAST(money * 3 AS {MONEY}), 0)"
    ),
}


@pytest.mark.parametrize("sql", SUMS)
def test_a_sum_is_known(sql: str) -> None:
    assert summed(sql, {"money", "cost"}) == SUMS[sql]


@pytest.mark.parametrize(
    "sql",
    [
        f"CAST(COALESCE(SUM(quantity), 0) AS {MONEY})",  # a column with more decimals: the cast rounds
        f"CAST(COALESCE(SUM(money * 0.5), 0) AS {MONEY})",
        f"CAST(COALESCE(SUM(0.005), 0) AS {MONEY})",
        f"CAST(COALESCE(SUM(money), 0) AS {WHOLE})",
        f"CAST(COALESCE(SUM(DISTINCT money), 0) AS {MONEY})",
        f"CAST(COALESCE(SUM(money), 1) AS {MONEY})",
        f"CAST(SUM(money) AS {MONEY})",  # null where there is no row
        f"CAST(SUM(CASE WHEN is_sale = 1 THEN 1 END) AS {WHOLE})",
        f"CAST(COALESCE(MAX(money), 0) AS {MONEY})",
        f"CAST(COUNT(DISTINCT CASE WHEN order_date > {DAY} THEN order_date END) AS {WHOLE})",
        "SUM(money)",
        "CAST(COALESCE(SUM(money), 0) AS DECIMAL(18, 4))",
    ],
)
def test_what_may_round_or_be_null_is_none(sql: str) -> None:
    assert summed(sql, {"money"}) is None


BITS = "BIT_OR(CASE WHEN is_sale = 1 AND order_date > {day} THEN 1 << CAST(GREATEST(LEAST(n, 12), 0) AS INT) ELSE {other} END)"


def test_the_days_an_aggregate_looks_at() -> None:
    bits = BITS.format(day=DAY, other=0)
    assert entering(f"CAST(COALESCE(BIT_COUNT({bits}), 0) AS BIGINT)", "order_date") == f"((order_date > {DAY}))"
    assert entering(f"CAST(COALESCE(SUM({INSIDE}), 0) AS {MONEY})", "order_date") == f"((order_date > {DAY}))"


@pytest.mark.parametrize(
    "sql",
    [
        f"CAST(COALESCE(BIT_COUNT({BITS.format(day=DAY, other=1)}), 0) AS BIGINT)",  # other rows bring something
        f"CAST(BIT_COUNT({BITS.format(day=DAY, other=0)}) AS BIGINT)",  # null, not 0, of no rows
        f"CAST(COALESCE(SUM({INSIDE}) + 5, 0) AS {MONEY})",
        f"CAST(COALESCE(SUM(CASE WHEN is_sale = 1 THEN money ELSE 0 END), 0) AS {MONEY})",  # looks at every day
        f"CAST(COALESCE(MIN({INSIDE}), 0) AS {MONEY})",
        f"CAST(COALESCE(SUM(CASE WHEN order_date > {DAY} THEN 1 WHEN n = 1 THEN 2 ELSE 0 END), 0) AS BIGINT)",
    ],
)
def test_what_looks_at_other_rows_is_none(sql: str) -> None:
    assert entering(sql, "order_date") is None


def test_rows_taken_as_they_are() -> None:
    def numbers(table: str) -> set[str]:
        return {"amount"} if table == "orders" else set()

    case = "CASE WHEN status = 'void' THEN 0.00 ELSE amount END AS money"
    sql = f"SELECT customer_id, order_date, {case}, quantity, 1 AS one FROM orders WHERE order_date <= {DAY}"
    found = plain_numbers(sql, numbers)
    assert found == ("orders", frozenset({"money", "one"}), frozenset({"customer_id", "order_date", "quantity"}))
    for other in (
        "SELECT customer_id, amount FROM orders JOIN lines ON orders.id = lines.id",
        "SELECT customer_id, COUNT(*) AS n FROM orders GROUP BY customer_id",
        "SELECT customer_id, ROW_NUMBER() OVER (ORDER BY id) AS n FROM orders",
        "SELECT DISTINCT customer_id FROM orders",
        "SELECT customer_id FROM orders WHERE id IN (SELECT id FROM lines)",
        "SELECT * FROM orders",
    ):
        assert plain_numbers(other, numbers) is None
