"""Indicators of the table balances: assets kept with us, by snapshot dates."""

from __future__ import annotations

from tierwise.indicators.catalogue.dimensions import MEANS
from tierwise.indicators.declaration import Available, Grain, Indicator, Span, Unit, Windows
from tierwise.indicators.formulas import mean_of
from tierwise.language import Text
from tierwise.sql.expressions import count_where, literal, percent_change, total_money
from tierwise.sql.steps import Plan, Step

_ANY = Windows.OPTIONAL


def _balance_facts(name: str, span: Span, have: Available) -> Plan:
    """Snapshots with their place: 1 is the latest up to as_of."""
    place = "ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY as_of_date DESC)"
    known = f"as_of_date <= {literal(span.as_of)}"
    sql = f"SELECT customer_id, as_of_date, assets, {place} AS place FROM balances WHERE {known}"
    return (Step(name, sql),)


def _balance_before(name: str, span: Span, have: Available) -> Plan:
    """Snapshots up to the window with their place: 1 is the latest before it."""
    assert span.after is not None, "a change of assets has Windows.REQUIRED"
    return _balance_facts(name, Span(span.after), have)


_COLUMNS = tuple(("balances", column) for column in ("customer_id", "as_of_date", "assets"))
BALANCES = Grain("balance", ("balances",), _COLUMNS, _balance_facts)
_BEFORE = Grain("balance_before", ("balances",), _COLUMNS, _balance_before, per_span=True)
_LATEST = "MAX(CASE WHEN place = 1 THEN assets END)"

INDICATORS = (
    Indicator(
        "assets", Text("assets", "资产规模"), Text("the latest snapshot up to as_of", "截至计算日的最近一次余额"),
        MEANS, Unit.MONEY, True, BALANCES,
        lambda span: {"latest": _LATEST}, lambda span: "{latest}",
    ),
    Indicator(
        "mean_assets", Text("mean assets", "平均资产规模"), Text("mean of the snapshots", "窗口内各次余额的均值"),
        MEANS, Unit.MONEY, True, BALANCES,
        lambda span: {
            "held": total_money(f"CASE WHEN {span.inside('as_of_date')} THEN assets ELSE 0 END"),
            "snapshots": count_where(span.inside("as_of_date")),
        },
        lambda span: mean_of("{held}", "{snapshots}"), _ANY,
    ),
    Indicator(
        "assets_growth_percent", Text("growth of assets", "资产增长率"),
        Text("latest snapshot against the latest before the window", "最近余额相对窗口开始前最近余额的变化"),
        MEANS, Unit.PERCENT, True, BALANCES,
        lambda span: {"latest": _LATEST},
        lambda span: percent_change("{latest}", "{earlier}"), Windows.REQUIRED,
        also=((_BEFORE, lambda span: {"earlier": _LATEST}),),
    ),
)  # fmt: skip
