"""Indicators of the table order_lines: what is bought. Lines of sales only, dated by their order."""

from __future__ import annotations

from tierwise.indicators.catalogue.dimensions import HABIT, PREFERENCE
from tierwise.indicators.catalogue.order_facts import ORDER_FACTS, ORDERS, order_facts
from tierwise.indicators.declaration import Available, Grain, Indicator, Parameter, Span, Unit, Windows
from tierwise.indicators.formulas import among, both, different, money_percent, total_of
from tierwise.language import Text
from tierwise.sql.expressions import count_where, money_ratio, total_money
from tierwise.sql.steps import Plan, Step

_ANY = Windows.OPTIONAL
_CARRIED = ("category", "category_root", "category_leaf", "quantity")
_CATEGORY = (("order_lines", "category"),)
_PRICED = (("order_lines", "quantity"), ("order_lines", "unit_price"))
_LINE_FACTS = "line_facts"


def _line_facts(name: str, span: Span, have: Available) -> Plan:
    """Lines with the customer and the date of their sale, and what was paid for them."""
    columns = have["order_lines"]
    carried = "".join(f", l.{column}" for column in _CARRIED if column in columns)
    if {"quantity", "unit_price"} <= columns:
        carried += f", {_paid_for_line(' - COALESCE(l.discount, 0)' if 'discount' in columns else '')} AS money"
    sql = (
        f"SELECT o.customer_id, o.order_date, l.order_id, l.product_id{carried} FROM order_lines AS l "
        f"JOIN {ORDER_FACTS} AS o ON l.order_id = o.order_id WHERE o.is_sale = 1"
    )
    return *order_facts(ORDER_FACTS, span, have), Step(name, sql)


_QUICK = 100_000
"""Below this a quantity times a price, eight places behind the point, fits into 64 bits: DuckDB multiplies in those."""


def _paid_for_line(reduced: str) -> str:
    """What was paid for a line: quantity times price, less its discount, at any size of the two."""
    small = f"ABS(l.quantity) < {_QUICK} AND ABS(l.unit_price) < {_QUICK}"
    wide = "CAST(CAST(l.quantity AS DECIMAL(19, 4)) * l.unit_price AS DECIMAL(36, 8))"
    quick, exact = (f"CAST({product}{reduced} AS DECIMAL(18, 2))" for product in ("l.quantity * l.unit_price", wide))
    return f"CASE WHEN {small} THEN {quick} ELSE {exact} END"


LINES = Grain(
    "line",
    ("order_lines", "orders"),
    (*ORDERS.columns, ("order_lines", "order_id"), ("order_lines", "product_id")),
    _line_facts,
)


def _by_category(name: str, span: Span, have: Available) -> Plan:
    """Per customer and category its lines, ranked: the most first, then by name."""
    column = "category_root" if "category_root" in have["order_lines"] else "category"
    counted = (
        f"SELECT customer_id, {column} AS choice, COUNT(*) AS lines FROM {_LINE_FACTS} "
        f"WHERE {both(f'{column} IS NOT NULL', span.inside('order_date'))} GROUP BY customer_id, {column}"
    )
    ranked = (
        "SELECT customer_id, choice, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY lines DESC, choice) "
        f"AS place FROM {name}_counted"
    )
    return *_line_facts(_LINE_FACTS, span, have), Step(f"{name}_counted", counted), Step(name, ranked)


_BY_CATEGORY = Grain("line_category", LINES.tables, (*LINES.columns, *_CATEGORY), _by_category, per_span=True)


def _in_category(span: Span) -> str:
    """The category is one of those listed: by its full name, its first or its last part."""
    listed = span.parameters["category"]
    columns = ("category", "category_root", "category_leaf")
    return "(" + " OR ".join(among(column, listed) for column in columns) + ")"


def _paid(span: Span, condition: str = "TRUE") -> str:
    return total_money(f"CASE WHEN {condition} AND {span.inside('order_date')} THEN money ELSE 0 END")


_WHICH_CATEGORY = Parameter(
    "category",
    Text("categories, with | between them: full name, first or last part", "品类，用 | 分隔：全名、首级或末级"),
)

INDICATORS = (
    Indicator(
        "items", Text("items bought", "购买件数"), Text("sum of quantities", "数量合计"),
        HABIT, Unit.ITEMS, True, LINES,
        lambda span: {"items": total_of(span.inside("order_date"), "quantity")},
        lambda span: "{items}", _ANY, (("order_lines", "quantity"),), "0",
    ),
    Indicator(
        "items_per_order", Text("items per purchase", "连带率（件/单）"),
        Text("items ÷ purchases that have lines", "件数 ÷ 有明细的购买次数"),
        HABIT, Unit.ITEMS, True, LINES,
        lambda span: {
            "items": total_of(span.inside("order_date"), "quantity"),
            "orders": different(span.inside("order_date"), "order_id"),
        },
        lambda span: money_ratio("{items}", "{orders}"), _ANY, (("order_lines", "quantity"),),
    ),
    Indicator(
        "products", Text("different products bought", "购买商品种数"),
        Text("number of different products", "不同商品数"),
        HABIT, Unit.COUNT, True, LINES,
        lambda span: {"products": different(span.inside("order_date"), "product_id")},
        lambda span: "{products}", _ANY, absent="0",
    ),
    Indicator(
        "categories", Text("different categories bought", "购买品类数"),
        Text("number of different categories", "不同品类数"),
        HABIT, Unit.COUNT, True, LINES,
        lambda span: {"categories": different(span.inside("order_date"), "category")},
        lambda span: "{categories}", _ANY, _CATEGORY, "0",
    ),
    Indicator(
        "preferred_category", Text("preferred category", "偏好品类"),
        Text("category with most lines, first part of its name", "明细行最多的品类（取首级）"),
        PREFERENCE, Unit.WORD, None, _BY_CATEGORY,
        lambda span: {"choice": "MIN(CASE WHEN place = 1 THEN choice END)"}, lambda span: "{choice}", _ANY,
    ),
    Indicator(
        "category_percent", Text("share of spend in a category", "品类消费占比"),
        Text("amount in the categories ÷ amount of all lines", "所选品类金额 ÷ 全部明细金额"),
        PREFERENCE, Unit.PERCENT, None, LINES,
        lambda span: {"inside": _paid(span, _in_category(span)), "all_lines": _paid(span)},
        lambda span: money_percent("{inside}", "{all_lines}"), _ANY,
        (*_PRICED, *_CATEGORY, ("order_lines", "category_root"), ("order_lines", "category_leaf")),
        parameters=(_WHICH_CATEGORY,),
    ),
    Indicator(
        "category_lines", Text("lines in a category", "品类购买行数"),
        Text("number of lines in the categories", "所选品类的明细行数"),
        PREFERENCE, Unit.COUNT, None, LINES,
        lambda span: {"lines": count_where(f"{_in_category(span)} AND {span.inside('order_date')}")},
        lambda span: "{lines}", _ANY,
        (*_CATEGORY, ("order_lines", "category_root"), ("order_lines", "category_leaf")), "0",
        parameters=(_WHICH_CATEGORY,),
    ),
)  # fmt: skip
