"""Check that a statement stays inside the subset whose meaning is the same on every engine.

A step is written once, in DuckDB's notation. What the engines read differently without saying so is refused
here, on the syntax tree, before anything runs: floats, division, native medians and quantiles, time zones,
timestamp arithmetic, global ntile. `tierwise.sql.expressions` has the portable spellings.
"""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import expressions as exp
from sqlglot.errors import ParseError

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise.sql.patterns import is_whole_match

NOT_PORTABLE = ErrorKind(
    "sql.not_portable",
    Family.ENGINE,
    what=Text("SQL outside the portable subset: {found}", "SQL 超出可移植子集：{found}"),
    cause=Text("{reason}", "{reason}"),
    cure=Text(
        "use the portable spelling from tierwise.sql.expressions; docs/adr/0002 lists the subset",
        "请改用 tierwise.sql.expressions 中的可移植写法；子集见 docs/adr/0002",
    ),
)

ALLOWED: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Select, exp.From, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Subquery, exp.With,
        exp.CTE, exp.Table, exp.TableAlias, exp.Alias, exp.Identifier, exp.Column, exp.Star, exp.Literal,
        exp.Join, exp.Union, exp.Except, exp.Distinct, exp.Paren, exp.Tuple, exp.Null, exp.Boolean, exp.Case,
        exp.If, exp.Coalesce, exp.Nullif, exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT,
        exp.LTE, exp.Between, exp.In, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Add, exp.Sub, exp.Mul,
        exp.Neg, exp.IntDiv, exp.Mod, exp.Abs, exp.Cast, exp.DataType, exp.DataTypeParam, exp.Count, exp.Sum,
        exp.Min, exp.Max, exp.Window, exp.WindowSpec, exp.RowNumber, exp.Lag, exp.Lead, exp.DateDiff, exp.DateSub,
        exp.Like, exp.RegexpLike, exp.Greatest, exp.Least, exp.Var, exp.Values, exp.Limit,
        exp.BitwiseOrAgg,
    }
)  # fmt: skip

WRITTEN_IN = "duckdb"
"""The notation of every step."""

_TYPES = frozenset(
    {
        exp.DType.VARCHAR,
        exp.DType.TEXT,
        exp.DType.DATE,
        exp.DType.BIGINT,
        exp.DType.INT,
        exp.DType.DECIMAL,
        exp.DType.BOOLEAN,
    }
)

_REASONS: dict[type[exp.Expr], Text] = {
    exp.Div: Text(
        "DuckDB divides decimals to floats, Spark to decimals, and by zero they differ",
        "DuckDB 的小数相除得浮点数，Spark 得小数，除以零也各不相同",
    ),
    exp.Median: Text("engines interpolate medians differently", "各引擎对中位数的插值方式不同"),
    exp.PercentileCont: Text("engines interpolate quantiles differently", "各引擎对分位数的插值方式不同"),
    exp.Quantile: Text("engines interpolate quantiles differently", "各引擎对分位数的插值方式不同"),
    exp.Ntile: Text("ntile splits equal values by row order", "ntile 会按行序拆开相同的值"),
    exp.Avg: Text("engines type the average of a decimal differently", "各引擎对小数平均值的类型不同"),
}
_UNKNOWN = Text(
    "this construct has not been shown to mean the same on every engine", "尚未证明该写法在各引擎上含义一致"
)


def _reject(found: str, reason: Text) -> None:
    raise NOT_PORTABLE.error(found=found, reason=reason)


def _check_node(node: exp.Expr) -> None:
    kind = type(node)
    if kind not in ALLOWED and not _counts_bits(node):
        _reject(node.sql(dialect="duckdb")[:80], _REASONS.get(kind, _UNKNOWN))
    if isinstance(node, exp.DataType) and node.this not in _TYPES:
        _reject(
            node.sql(dialect="duckdb"),
            Text("floats and timestamps are compared differently", "浮点数与时间戳的比较方式不同"),
        )
    if isinstance(node, exp.DateDiff) and str(node.args.get("unit") or "DAY").upper().strip("'") != "DAY":
        _reject(node.sql(dialect="duckdb"), Text("only differences in days agree", "只有以天为单位的日期差一致"))
    if isinstance(node, exp.IntDiv | exp.Mod) and not _guarded(node):
        _reject(
            node.sql(dialect="duckdb")[:80],
            Text(
                "division by zero is an error in one engine and null in another; divide by NULLIF(x, 0)",
                "除以零在不同引擎中或报错或得空值；请除以 NULLIF(x, 0)",
            ),
        )
    if isinstance(node, exp.Distinct) and node.args.get("on"):
        _reject(node.sql(dialect="duckdb")[:80], Text("which row stays depends on their order", "保留哪一行取决于行序"))
    if isinstance(node, exp.Window) and isinstance(node.this, exp.RowNumber) and not node.args.get("order"):
        _reject(
            node.sql(dialect="duckdb")[:80],
            Text("row numbers without an order are arbitrary", "没有排序的行号是任意的"),
        )
    if isinstance(node, exp.RegexpLike) and not _plain_pattern(node):
        _reject(
            node.sql(dialect="duckdb")[:80],
            Text("engines agree on whole matches of plain patterns only", "各引擎仅对简单匹配式的整体匹配结果一致"),
        )
    if isinstance(node, exp.Literal) and not node.is_string and "e" in str(node.this).lower():
        _reject(str(node.this), Text("a literal in exponent notation is a float", "指数写法的数字是浮点数"))


def _counts_bits(node: exp.Expr) -> bool:
    """Whether it is the count of bits of a number, or one bit shifted by an INT that is kept from 0 to 30."""
    if isinstance(node, exp.Anonymous):
        return str(node.this).upper() == "BIT_COUNT"
    if (
        not isinstance(node, exp.BitwiseLeftShift)
        or node.this.sql() != "1"
        or not isinstance(node.expression, exp.Cast)
    ):
        return False
    kept = node.expression.this
    least = kept.this if isinstance(kept, exp.Greatest) and isinstance(kept.this, exp.Least) else None
    most = [term for term in least.flatten() if isinstance(term, exp.Literal)] if least else []
    return [term.sql() for term in kept.expressions] == ["0"] and any(int(term.this) <= 30 for term in most)


def _plain_pattern(node: exp.RegexpLike) -> bool:
    """Whether the pattern is a text that spans the whole value, without escapes, look-around or possessive counts."""
    pattern = node.expression
    plain = isinstance(pattern, exp.Literal) and pattern.is_string and not node.args.get("flag")
    return plain and is_whole_match(str(pattern.this))


def _guarded(division: exp.Expr) -> bool:
    """Whether a divisor cannot be zero: a number, NULLIF, GREATEST with a number, or tested by the CASE around it."""
    divisor = division.expression.unnest()
    if isinstance(divisor, exp.Literal):
        return float(divisor.this) != 0
    if isinstance(divisor, exp.Nullif):
        return True
    if isinstance(divisor, exp.Greatest):
        return any(isinstance(term, exp.Literal) and float(term.this) > 0 for term in divisor.flatten())
    needed = {column.sql() for column in divisor.find_all(exp.Column)}
    branch = division.find_ancestor(exp.If)
    while branch is not None and needed:
        for test in branch.this.find_all(exp.GT):
            if test.expression.is_int and not test.find_ancestor(exp.Or, exp.Not):
                needed -= {column.sql() for column in test.this.find_all(exp.Column)}
        branch = branch.find_ancestor(exp.If)
    return not needed


@lru_cache(maxsize=4096)
def parse(sql: str) -> exp.Expr:
    """Parse one SELECT and check it; raises `sql.not_portable` with what is outside the subset and why."""
    try:
        tree = sqlglot.parse_one(sql, read=WRITTEN_IN)
    except ParseError as error:
        raise NOT_PORTABLE.error(found=sql[:80], reason=Text.same(str(error).split("\n", 1)[0])) from error
    for node in tree.walk():
        _check_node(node)
    return tree


@lru_cache(maxsize=4096)
def to_dialect(sql: str, dialect: str) -> str:
    """Return the checked statement in an engine's dialect (`duckdb` or `spark`)."""
    return parse(sql).sql(dialect=dialect)
