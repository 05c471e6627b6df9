"""Aggregates that can be mended by adding: sums of what each row brings, exact to the last cent.

`CAST(COALESCE(SUM(x), 0) AS DECIMAL(18, 2))` of a customer's rows today is what it was, plus what each of these rows
brings today beyond what it brought then. That holds to the digit where no cast rounds: where x has at most the
decimals of the result. It holds for nulls where a sum of nothing is 0, or where x is never null. Everything else is
not an aggregate of this kind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlglot import expressions as exp

from tierwise.sql.differing import days_in
from tierwise.sql.portable import WRITTEN_IN, parse

_MONEY, _WHOLE = ("DECIMAL(18, 2)", "DECIMAL(20, 2)"), ("BIGINT", "INT")


@dataclass(frozen=True, slots=True)
class Summed:
    """A sum: the type of its result, and what one row brings, never null."""

    kind: str
    value: str


def summed(sql: str, numbers: Collection[str]) -> Summed | None:
    """The sum that an aggregate is; None where it is something else. `numbers` are columns with at most two decimals."""
    cast = parse(f"SELECT {sql} AS x").expressions[0].this
    if not isinstance(cast, exp.Cast) or _type(cast) not in (*_MONEY, "BIGINT"):
        return None
    inner, or_nothing = cast.this, False
    if isinstance(inner, exp.Coalesce) and [each.sql() for each in inner.expressions] == ["0"]:
        inner, or_nothing = inner.this, True
    if type(inner) is not exp.Sum or not _is_exact(inner.this, _type(cast) in _MONEY, numbers):
        return None
    if not or_nothing and not _is_filled(inner.this):
        return None
    value = inner.this.sql(dialect=WRITTEN_IN)
    return Summed(_type(cast), f"COALESCE({value}, 0)" if or_nothing else f"({value})")


def entering(sql: str, column: str) -> str | None:
    """The days without which a row brings nothing to an aggregate that is 0 of no rows, as SQL over a date column.

    `COALESCE(…SUM(CASE WHEN day > x AND … THEN … ELSE 0 END)…, 0)` looks at no row up to x, and is 0 of whoever has no
    other. None where an aggregate is not of this form, or looks at every day.
    """
    tree = parse(f"SELECT {sql} AS x").expressions[0].this
    inner = tree.this if isinstance(tree, exp.Cast) else tree
    if not isinstance(inner, exp.Coalesce) or [each.sql() for each in inner.expressions] != ["0"]:
        return None
    told = inner.this
    if isinstance(told, exp.Anonymous) and str(told.this).upper() == "BIT_COUNT":
        told = told.expressions[0]  # no bits of nothing: null stays null, and 0 stays 0
    case = told.this if isinstance(told, exp.Sum | exp.BitwiseOrAgg) else None
    if not isinstance(case, exp.Case) or case.this is not None or len(case.args["ifs"]) != 1:
        return None
    default = case.args.get("default")
    days = days_in(case.args["ifs"][0].this, column) if default is None or default.sql() == "0" else "TRUE"
    return None if days == "TRUE" else days


def plain_numbers(
    sql: str, tables: Callable[[str], Collection[str]]
) -> tuple[str, frozenset[str], frozenset[str]] | None:
    """Of a SELECT that takes rows of one table as they are: the table, its numbers, and the columns that keep their names.

    `tables` says which columns of a table have at most two decimals. None where rows are joined, grouped or numbered.
    """
    tree = parse(sql)
    read = list(tree.find_all(exp.Table))
    selects = len(list(tree.find_all(exp.Query)))
    if not isinstance(tree, exp.Select) or len(read) != 1 or selects != 1 or tree.args.get("group"):
        return None
    if tree.args.get("distinct") or tree.args.get("limit") or list(tree.find_all(exp.AggFunc, exp.Window, exp.Star)):
        return None
    known = tables(read[0].name)
    exact = {each.alias_or_name for each in tree.expressions if _is_exact(each.unalias(), True, known)}
    kept = {each.name for each in tree.expressions if isinstance(each, exp.Column)}
    return read[0].name, frozenset(exact), frozenset(kept)


def _type(cast: exp.Cast) -> str:
    return str(cast.to.sql(dialect=WRITTEN_IN))


def _branches(case: exp.Case) -> list[exp.Expr]:
    """What a CASE may come to, its ELSE last where it has one."""
    default = case.args.get("default")
    return [*(branch.args["true"] for branch in case.args["ifs"]), *([default] if default is not None else [])]


def _is_exact(value: exp.Expr, cents: bool, numbers: Collection[str]) -> bool:
    """Whether a value is a whole number, or one of at most two decimals where `cents` are allowed."""
    if isinstance(value, exp.Literal):
        return not value.is_string and len(str(value.this).partition(".")[2]) <= (2 if cents else 0)
    if isinstance(value, exp.Column):
        return cents and value.name in numbers
    if isinstance(value, exp.Cast):
        return _type(value) in _WHOLE or (cents and _type(value) in _MONEY)
    parts: list[exp.Expr] | None = None
    if isinstance(value, exp.Case) and value.this is None:
        parts = _branches(value)
    elif isinstance(value, exp.Paren | exp.Neg):
        parts = [value.this]
    elif isinstance(value, exp.Add | exp.Sub):
        parts = [value.this, value.expression]
    elif isinstance(value, exp.Coalesce):
        parts = [value.this, *value.expressions]
    return parts is not None and all(_is_exact(part, cents, numbers) for part in parts)


def _is_filled(value: exp.Expr) -> bool:
    """Whether a value is never null."""
    if isinstance(value, exp.Case):
        return value.args.get("default") is not None and all(map(_is_filled, _branches(value)))
    return isinstance(value, exp.Literal) or (isinstance(value, exp.Paren | exp.Neg) and _is_filled(value.this))
