"""Indicators of the table customers: who somebody is, and what it cost to win her."""

from __future__ import annotations

from tierwise.contracts.tables import CUSTOMERS as TABLE
from tierwise.indicators.catalogue.dimensions import MEANS, ORIGIN, TRAIT
from tierwise.indicators.catalogue.order_facts import ORDERS
from tierwise.indicators.catalogue.orders import profit
from tierwise.indicators.declaration import Available, Dimensions, Grain, Indicator, Span, Unit, Windows
from tierwise.language import Text
from tierwise.sql.expressions import days_between, literal, percent_of_money
from tierwise.sql.steps import Plan, Step

_ANY = Windows.OPTIONAL


def _customer_facts(name: str, span: Span, have: Available) -> Plan:
    columns = ", ".join(column.name for column in TABLE.columns if column.name in have["customers"])
    return (Step(name, f"SELECT {columns} FROM customers"),)


CUSTOMERS = Grain("customer", ("customers",), (("customers", "customer_id"),), _customer_facts)


def _fact(
    column: str, label: Text, about: Text, unit: Unit = Unit.WORD, dimensions: Dimensions = TRAIT, name: str = ""
) -> Indicator:
    """A column of the customer as it stands. Ids are unique; MIN only says so to the engine."""
    return Indicator(
        name or column, label, about, dimensions, unit, None if unit is Unit.WORD else True, CUSTOMERS,
        lambda span: {column: f"MIN({column})"}, lambda span: f"{{{column}}}",
        needs=(("customers", column),), actionable=False,
    )  # fmt: skip


INDICATORS = (
    _fact("kind", Text("person or company", "客户类型"), Text("person or company", "个人或企业"), name="customer_kind"),
    _fact("gender", Text("gender", "性别"), Text("as registered", "登记的性别")),
    _fact("region", Text("region", "地域"), Text("as registered", "登记的地域")),
    _fact("city", Text("city", "城市"), Text("as registered", "登记的城市")),
    _fact("occupation", Text("occupation", "职业"), Text("as registered", "登记的职业")),
    _fact("industry", Text("industry", "行业"), Text("as registered", "登记的行业")),
    _fact("employees", Text("employees", "员工数"), Text("of a company", "企业员工数"), Unit.COUNT, MEANS),
    _fact("annual_revenue", Text("annual revenue", "年营收"), Text("of a company", "企业年营收"), Unit.MONEY, MEANS),
    _fact(
        "source_channel", Text("source channel", "来源渠道"), Text("where she came from", "客户来源"), dimensions=ORIGIN
    ),
    Indicator(
        "age_years", Text("age", "年龄"),
        Text("years since birth, to within a day", "按生日计算的周岁（误差不超过一天）"),
        TRAIT, Unit.YEARS, None, CUSTOMERS,
        lambda span: {"born": "MIN(birth_date)"},
        lambda span: f"{days_between('{born}', literal(span.as_of))} * 4 // 1461",
        needs=(("customers", "birth_date"),), actionable=False,
    ),
    Indicator(
        "acquisition_cost", Text("acquisition cost", "获客成本（CAC）"),
        Text("what it cost to win the customer", "获取该客户的花费"),
        ORIGIN, Unit.MONEY, False, CUSTOMERS,
        lambda span: {"spent": "MIN(acquisition_cost)"}, lambda span: "{spent}",
        needs=(("customers", "acquisition_cost"),), actionable=False,
    ),
    Indicator(
        "acquisition_return_percent", Text("return on acquisition cost", "获客成本回报率"),
        Text(
            "profit so far ÷ acquisition cost; unknown where it cost nothing",
            "累计利润 ÷ 获客成本；获客成本为零则未知",
        ),
        ORIGIN, Unit.PERCENT, True, ORDERS,
        lambda span: {"profit": profit(span)},
        lambda span: percent_of_money("COALESCE({profit}, 0)", "{spent}"),
        _ANY,
        (("orders", "cost"), ("customers", "acquisition_cost")),
        also=((CUSTOMERS, lambda span: {"spent": "MIN(acquisition_cost)"}),),
    ),
)  # fmt: skip
