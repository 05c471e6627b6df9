"""Rules as portable SQL: what is counted, and which rows fail.

All rules that look at one row at a time are counted in one pass over their table, in the table `quality_<table>`:
columns `checked_0, failed_0, checked_1, …` in the order of the rules. Rules that look at several rows have a small
table each, `quality_<table>_<place>`. `failing` is the same rule as a SELECT of the rows that fail it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from tierwise.contracts.quality import FarOut, Fresh, Holds, Present, Refers, Rule, Together, Unique
from tierwise.sql.expressions import literal
from tierwise.sql.steps import Step

Fences = Mapping[str, Decimal]
"""The fence of each far-out rule, by its name."""
BY_ROW = (Present, Holds, FarOut)


def scope(rule: Rule) -> str:
    """The rows that a rule checks."""
    parts = [f"({rule.when})"] if rule.when else []
    blanks = isinstance(rule.check, Present) or (isinstance(rule.check, Holds) and rule.check.blanks)
    if not blanks:
        parts += [f"{column} IS NOT NULL" for column in rule.columns]
    return " AND ".join(parts) or "TRUE"


def demand(rule: Rule, fences: Fences) -> str:
    """What a row must meet; of rules by row only, and never unknown inside the scope of the rule."""
    if isinstance(rule.check, Present):
        return f"{rule.field} IS NOT NULL"
    if isinstance(rule.check, FarOut):
        fence = fences.get(rule.name)
        return "TRUE" if fence is None else f"ABS({rule.field}) <= {literal(fence)}"
    assert isinstance(rule.check, Holds)
    return f"COALESCE({rule.check.condition}, FALSE)"


def counting_step(table: str, name: str, rules: Sequence[Rule], fences: Fences) -> Step:
    """One pass over a table that counts what each rule by row checks, and what fails it."""
    counted = ["COUNT(*) AS all_rows"]
    for place, rule in enumerate(rules):
        within, met = scope(rule), demand(rule, fences)
        counted.append(f"{_count(within)} AS checked_{place}")
        counted.append(f"{_count(f'{within} AND NOT ({met})')} AS failed_{place}")
    return Step(name, f"SELECT {', '.join(counted)} FROM {table}", stored=True)


def grouped_step(table: str, name: str, rule: Rule) -> Step:
    """What a rule over several rows checks and what fails it, as `checked` and `failed`."""
    within, key = scope(rule), ", ".join(rule.columns)
    if isinstance(rule.check, Unique):
        groups = f"SELECT COUNT(*) AS times FROM {table} WHERE {within} GROUP BY {key}"
        failed = f"{_total('times')} - COUNT(*)"
    elif isinstance(rule.check, Together):
        held = f"CASE WHEN {rule.check.condition} THEN 1 ELSE 0 END"
        groups = f"SELECT COUNT(*) AS times, {held} AS held FROM {table} WHERE {within} GROUP BY {rule.field}"
        failed = _total("CASE WHEN held = 1 THEN 0 ELSE times END")
    else:
        assert isinstance(rule.check, Refers)
        groups = (
            f"SELECT 1 AS times, CASE WHEN b.known IS NULL THEN 1 ELSE 0 END AS lost FROM {table} AS a "
            f"LEFT JOIN ({_known(rule.check)}) AS b ON a.{rule.field} = b.known WHERE a.{rule.field} IS NOT NULL"
        )
        failed = _total("lost")
    sql = f"SELECT {_total('times')} AS checked, CAST({failed} AS BIGINT) AS failed FROM ({groups}) AS counted"
    return Step(name, sql, stored=True)


def newest_step(table: str, name: str, rule: Rule) -> Step:
    """The newest date of a field, as `newest`."""
    assert isinstance(rule.check, Fresh)
    return Step(name, f"SELECT MAX({rule.field}) AS newest FROM {table}", stored=True)


def failing(rule: Rule, table: str, fences: Fences, key: Sequence[str]) -> str:
    """A SELECT of the rows of a table that fail a rule; `key` orders the rows of one value, where that matters."""
    within = scope(rule)
    if isinstance(rule.check, BY_ROW):
        return f"SELECT * FROM {table} WHERE {within} AND NOT ({demand(rule, fences)})"
    if isinstance(rule.check, Unique):
        order = ", ".join(dict.fromkeys((*key, *rule.columns)))
        numbered = f"ROW_NUMBER() OVER (PARTITION BY {', '.join(rule.columns)} ORDER BY {order})"
        return f"SELECT * FROM (SELECT *, {numbered} AS place FROM {table} WHERE {within}) AS numbered WHERE place > 1"
    if isinstance(rule.check, Together):
        groups = f"SELECT {rule.field} FROM {table} WHERE {within} GROUP BY {rule.field}"
        return (
            f"SELECT * FROM {table} WHERE {within} AND {rule.field} IN ({groups} HAVING NOT ({rule.check.condition}))"
        )
    if isinstance(rule.check, Refers):
        known = _known(rule.check)
        return (
            f"SELECT a.* FROM {table} AS a LEFT JOIN ({known}) AS b ON a.{rule.field} = b.known "
            f"WHERE a.{rule.field} IS NOT NULL AND b.known IS NULL"
        )
    return f"SELECT * FROM {table} WHERE FALSE"


def _known(check: Refers) -> str:
    return f"SELECT DISTINCT {check.column} AS known FROM {check.table} WHERE {check.column} IS NOT NULL"


def _count(condition: str) -> str:
    return f"CAST(COALESCE(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END), 0) AS BIGINT)"


def _total(value: str) -> str:
    return f"CAST(COALESCE(SUM({value}), 0) AS BIGINT)"
