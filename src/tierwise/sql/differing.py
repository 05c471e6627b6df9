"""On which days two statements that differ in their dates disagree.

The same indicator compiled for two days gives two SELECTs of one shape with other dates in them. A row can count
differently in the two only if some expression over its date does: `order_date > '2026-03-01'` and
`order_date > '2026-03-02'` agree on every day but one. So walk the two syntax trees side by side, stop at the
largest pairs of expressions that differ and that read nothing but one date column, and ask an engine on which days
of a calendar they differ. Whatever cannot be told apart this way is said to differ everywhere.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import expressions as exp

from tierwise.sql.portable import parse

_NO_SCALAR = (exp.AggFunc, exp.Window, exp.Query, exp.Subquery, exp.From, exp.Join, exp.Values, exp.Star)


@dataclass(frozen=True, slots=True)
class Difference:
    """Two expressions over one date column, in DuckDB's notation, and conditions without which neither counts.

    `guard` is found beside the expressions; `bound` is what rows must meet to be read at all, where that is known.
    """

    column: str
    one: str
    other: str
    guard: str = "TRUE"
    bound: str = "TRUE"

    @property
    def differs(self) -> str:
        """SQL: the two disagree on a day. What the guard leaves unknown counts as a disagreement."""
        guards = f"COALESCE({self.guard}, TRUE) AND COALESCE({self.bound}, TRUE)"
        return f"(({self.one}) IS DISTINCT FROM ({self.other}) AND {guards})"


def differences(one: str, other: str, dates: Collection[str]) -> list[Difference] | None:
    """What makes two portable SELECTs disagree, as expressions over date columns; None where it is something else."""
    walk = _Walk(frozenset(dates))
    return walk.found if walk.alike(parse(one), parse(other)) else None


def entered(sql: str, table: str, column: str) -> str | None:
    """The condition on a date column without which no row of a table enters a SELECT; None where it reads another table."""
    tree = parse(sql)
    if table not in {found.name for found in tree.find_all(exp.Table)}:
        return None
    where = _condition(tree)
    return _Walk(frozenset((column,))).on_days(where, column)


def days_in(condition: exp.Expr, column: str) -> str:
    """The parts of a condition that must all hold and that read this date column only, as SQL."""
    return _Walk(frozenset((column,))).on_days(condition, column)


class _Walk:
    """Walks two trees side by side and collects the differences."""

    def __init__(self, dates: frozenset[str]) -> None:
        self.dates = dates
        self.found: list[Difference] = []

    def alike(self, one: exp.Expr, other: exp.Expr) -> bool:
        """Whether the trees differ in expressions over dates at most; those are collected."""
        if one == other:
            return True
        column = self._date_of(one, other)
        if column:
            self.found.append(Difference(column, _plain(one), _plain(other)))
            return True
        if type(one) is not type(other) or one.args.keys() != other.args.keys():
            return False
        before = len(self.found)
        if not all(self._alike_part(part, other.args[name]) for name, part in one.args.items()):
            return False
        self._guard(before, _condition(one), _condition(other))
        return True

    def _alike_part(self, one: Any, other: Any) -> bool:
        if isinstance(one, exp.Expr) and isinstance(other, exp.Expr):
            return self.alike(one, other)
        if isinstance(one, list) and isinstance(other, list):
            return len(one) == len(other) and all(map(self._alike_part, one, other))
        return bool(one == other)

    def _date_of(self, *expressions: exp.Expr) -> str | None:
        """The one date column that the expressions read; None where they read anything else, or nothing."""
        names: set[str] = set()
        for expression in expressions:
            for node in expression.walk():
                if isinstance(node, _NO_SCALAR):
                    return None
                if isinstance(node, exp.Column):
                    names.add(node.name)
            if not isinstance(expression, exp.Condition):
                return None
        return names.pop() if len(names) == 1 and names <= self.dates else None

    def _guard(self, start: int, *conditions: exp.Expr | None) -> None:
        """Let what was found since `start` count only on days when one of the two conditions can hold."""
        for place in range(start, len(self.found)):
            found = self.found[place]
            sides = [self.on_days(condition, found.column) for condition in conditions]
            if found.guard == "TRUE" and all(side != "TRUE" for side in sides):
                self.found[place] = replace(found, guard=f"({' OR '.join(sides)})")

    def on_days(self, condition: exp.Expr | None, column: str) -> str:
        """The parts of a condition that must all hold and that read this date column only, as SQL."""
        parts = list(condition.flatten()) if isinstance(condition, exp.And) else [condition] if condition else []
        told = [f"({_plain(part)})" for part in parts if self._date_of(part) == column]
        return f"({' AND '.join(told)})" if told else "TRUE"


def _condition(node: exp.Expr) -> exp.Expr | None:
    """The condition under which the other parts of a node count: WHEN of a branch, WHERE of a SELECT."""
    found: exp.Expr | None = None
    if isinstance(node, exp.If):
        found = node.this
    elif isinstance(node, exp.Select) and node.args.get("where") and not list(node.find_all(exp.Subquery)):
        found = node.args["where"].this
    return found


def _plain(expression: exp.Expr) -> str:
    """An expression without the names of tables before its columns."""

    def bare(node: exp.Expr) -> exp.Expr:
        return exp.column(node.name) if isinstance(node, exp.Column) else node

    return expression.copy().transform(bare).sql(dialect="duckdb")
