"""Whether an amount in a file of order lines is the whole order's, said again on each of its lines.

Exports of Youzan, JD and many tills write one row for each product and put what the order cost on every one of them.
Summed, an order of three products would count three times.
"""

from __future__ import annotations

from tierwise.canonical.duplicates import row_hashes
from tierwise.canonical.headers import plain
from tierwise.contracts.ingest import Mapping, RawTable
from tierwise.engine.duckdb import DuckDBEngine

_ORDER_MARKS = ("order", "invoice", "grandtotal", "订单", "实付", "總額", "总额", "总金额")
_ABOUT_THE_CHANNEL = ("online", "offline")
"""Words that only look as if they spoke of lines."""
_LINE_MARKS = ("line", "item", "product", "商品", "单价", "小计", "明细")
_ENOUGH_ORDERS = 20
_ENOUGH_AMOUNTS = 5
_NEARLY_ALL = 0.99


def repeats_order_amount(engine: DuckDBEngine, raw: RawTable, mapping: Mapping, staged: str) -> bool:
    """Tell whether lines repeat the amount of their order.

    That is so where in at least 99 % of the orders of several different lines all lines have the same amount other
    than zero. Where the column's name does not speak of an order, there must be twenty such orders of five amounts
    at least: a few orders of two articles at one price prove nothing.
    """
    columns = mapping.need("amount").columns
    if len(columns) > 1:
        return False
    name = plain(columns[0])
    for word in _ABOUT_THE_CHANNEL:
        name = name.replace(word, "")
    if any(mark in name for mark in _LINE_MARKS):
        return False
    said = any(mark in name for mark in _ORDER_MARKS)
    lines = f"{staged} AS staged"
    if not _alike(engine, lines, "*", said):
        return False
    return _alike(engine, f"{lines} JOIN ({row_hashes(raw, staged)}) USING (row_number)", "DISTINCT h", said)


def _alike(engine: DuckDBEngine, lines: str, several: str, said: bool) -> bool:
    """Tell whether nearly all orders of several lines say one amount; a look without hashes is had first, being cheap."""
    orders, alike, amounts = engine.native(
        "amounts said of orders",
        "SELECT count(*), count(*) FILTER (least = most), count(DISTINCT least) FROM ("
        f"SELECT min(amount) AS least, max(amount) AS most FROM {lines} WHERE rejected_for IS NULL AND amount <> 0 "
        f"GROUP BY order_id, customer_id HAVING count({several}) > 1)",
    )[0]
    enough = orders > 0 if said else orders >= _ENOUGH_ORDERS and amounts >= _ENOUGH_AMOUNTS
    return bool(enough and alike >= _NEARLY_ALL * orders)


def once(column: str, condition: str = "") -> str:
    """SQL: what the lines of an order say alike, or else their sum."""
    filtered = f" FILTER ({condition})" if condition else ""
    least, most, total = (f"{name}({column}){filtered}" for name in ("min", "max", "sum"))
    return f"CASE WHEN {least} = {most} THEN {least} ELSE {total} END"
