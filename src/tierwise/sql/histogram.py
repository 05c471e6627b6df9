"""Cut-points from value histograms: count per distinct value, cumulate, cut.

Equal values always share a score, and no score depends on the order of rows, on threads or on the engine,
because cut-points are found by comparing whole numbers and decimals only.

With n customers, values v, `upto` = customers with a value <= v and `below` = customers with a value < v:

- quantile k of b: R's type-7 quantile plus one step of the column, as in the R package rfm, whose scores rise
  at value >= quantile + 1. The step is 1 where all values are whole and 0.01 elsewhere, so that amounts scored
  in cents and in yuan agree.
- mean, median: what is at least as good as the mean (median) is good, in the indicator's own direction.
- top p per cent: everyone with fewer than n * p / 100 better customers, so ties at the border are all in.

Where all values are equal, quantiles give everyone the first score (nobody rises above the crowd; the last one
for a descending column), as R does; the other methods call everyone good. No value has a rule of its own: that
would let a refund that makes two customers equal raise both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any, Literal

from tierwise.sql.expressions import cents, literal
from tierwise.sql.near import near_steps
from tierwise.sql.steps import Plan, Step, in_one

Method = Literal["quantile", "mean", "median", "top"]


@dataclass(frozen=True, slots=True)
class CutRequest:
    """Cut-points wanted for one column.

    `bins` counts for quantile, `top_percents` (ascending) for top; `by` lists the columns of the table
    inside whose groups the cut-points are learned separately.
    """

    column: str
    method: Method
    ascending: bool
    bins: int = 2
    top_percents: tuple[Decimal, ...] = ()
    by: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """The number of cut-points this request yields."""
        return {"quantile": self.bins - 1, "top": len(self.top_percents)}.get(self.method, 1)

    @property
    def scale(self) -> int:
        """What learned cut-points are multiplied by, so that fractions of a quantile stay exact."""
        return self.bins if self.method == "quantile" else 1


def cut_points(row: Mapping[str, Any], request: CutRequest) -> tuple[Decimal, ...]:
    """The cut-points of one row of `{prefix}_cuts`, rounded up to the cent, which no comparison can notice."""
    found = [row[f"cut_{place}"] for place in range(1, request.count + 1)]
    return tuple(
        (Decimal(cut) / request.scale).quantize(Decimal("0.01"), ROUND_CEILING) for cut in found if cut is not None
    )


def histogram_steps(prefix: str, table: str, column: str, by: Sequence[str] = (), stored: bool = False) -> Plan:
    """Steps ending in `{prefix}_upto`: per distinct value its customers, what is cumulated, and the group's totals.

    `upto` counts the customers with at most this value, `amount_upto` sums what they have. With `stored` the table is
    kept for those who read it several times.
    """
    groups = "".join(f"{name}, " for name in by)
    partition = f"PARTITION BY {', '.join(by)} " if by else ""
    counted = (
        f"SELECT {groups}CAST({column} AS DECIMAL(18, 2)) AS value, COUNT(*) AS customers FROM {table} "
        f"WHERE {column} IS NOT NULL GROUP BY {groups}{column}"
    )
    upto = (
        f"SELECT {groups}value, customers, CAST(SUM(customers) OVER ({partition}ORDER BY value) AS BIGINT) AS upto, "
        f"CAST(SUM(value * customers) OVER ({partition}ORDER BY value) AS DECIMAL(38, 2)) AS amount_upto, "
        f"CAST(SUM(customers) OVER ({partition}) AS BIGINT) AS total, "
        f"CAST(SUM(value * customers) OVER ({partition}) AS DECIMAL(38, 2)) AS amount FROM {prefix}_histogram"
    )
    return Step(f"{prefix}_histogram", counted, stored=True), Step(f"{prefix}_upto", upto, stored=stored)


def _first_value(condition: str) -> str:
    return f"MIN(CASE WHEN {condition} THEN value END)"


def _conditions(request: CutRequest) -> dict[str, str]:
    """What is wanted, and the condition that the smallest value for it meets: it holds for all greater ones too.

    For quantiles these are the order statistics around each, counted from 0: lo_k at floor((n - 1) k / b) and hi_k at
    its ceiling. For the other methods they are the cut-points.
    """
    if request.method == "quantile":
        low = {f"lo_{k}": f"upto - 1 >= ((total - 1) * {k}) // {request.bins}" for k in range(1, request.bins)}
        return low | {f"hi_{k}": f"(upto - 1) * {request.bins} >= (total - 1) * {k}" for k in range(1, request.bins)}
    if request.method == "mean":
        conditions = [f"value * total {'>=' if request.ascending else '>'} amount"]
    elif request.method == "median":
        conditions = ["(upto - 1) * 2 >= total - 1" if request.ascending else "(upto - customers) * 2 > total - 1"]
    elif request.ascending:
        conditions = [f"(total - upto) * 100 < total * {literal(p)}" for p in reversed(request.top_percents)]
    else:
        conditions = [f"(upto - customers) * 100 >= total * {literal(p)}" for p in request.top_percents]
    return {f"cut_{place}": condition for place, condition in enumerate(conditions, start=1)}


def _quantile_column(k: int, bins: int) -> str:
    """Quantile k plus one step, times `bins`: exact, since the interpolation divides by `bins`."""
    low, high = (f"CAST({end}_{k} AS DECIMAL(24, 2))" for end in ("lo", "hi"))
    part = f"CAST(((total - 1) * {k}) % {bins} AS INT)"
    step = f"CASE WHEN cents_part = 0 THEN {bins}.00 ELSE {literal(Decimal(bins) / 100)} END"
    return f"CAST({low} * {bins} + {part} * ({high} - {low}) + {step} AS DECIMAL(38, 2)) AS cut_{k}"


def cut_steps(prefix: str, table: str, request: CutRequest, stored: bool = False, few: bool = False) -> Plan:
    """Steps ending in `{prefix}_cuts`: a row per group of `request.by` with cut_1 … cut_n, lowest and highest.

    Cut-points ascend and are multiplied by `request.scale`; one that no value reaches is null. `stored` is that of
    `histogram_steps`; `few` says that the column has few values, or that its table is dear to read twice.
    """
    conditions = _conditions(request)
    if stored or few or not all(_counts_up(test) for test in conditions.values()):
        counted, *inner = histogram_steps(prefix, table, request.column, request.by, stored)
        of_all = "MAX(ABS(value % 1)) AS cents_part, MIN(value) AS lowest, MAX(value) AS highest"
    else:
        tests = tuple(dict.fromkeys(conditions.values()))
        counted, *inner = near_steps(prefix, table, request.column, request.by, tests)
        of_all = "MAX(cents_part) AS cents_part, MIN(lowest) AS lowest, MAX(highest) AS highest"
    groups = "".join(f"{name}, " for name in request.by)
    grouped = f" GROUP BY {', '.join(request.by)}" if request.by else ""
    wanted = ", ".join(f"MIN(CASE WHEN {test} THEN value END) AS {name}" for name, test in conditions.items())
    ends = Step(f"{prefix}_ends", f"SELECT {groups}{wanted}, MAX(total) AS total, {of_all} FROM {prefix}_upto{grouped}")
    names = list(conditions)
    if request.method == "quantile":
        names = [_quantile_column(k, request.bins) for k in range(1, request.bins)]
    cuts = f"SELECT {groups}{', '.join(names)}, lowest, highest FROM {prefix}_ends"
    found = Step(f"{prefix}_cuts", cuts, stored=True)
    return (counted, *inner, in_one((ends, found))) if stored else (counted, in_one((*inner, ends, found)))


def _counts_up(condition: str) -> bool:
    """Whether a condition compares nothing but the number of customers up to a value with all there are."""
    return "customers" not in condition and "value" not in condition


def _bounds(request: CutRequest, prefix: str) -> str:
    """The cut-points as the lowest values in whole cents that reach them: comparing needs no multiplication then."""
    columns = ""
    for place in range(1, request.count + 1):
        up = f"CASE WHEN cut_{place} > 0 THEN {request.scale - 1} ELSE 0 END"
        whole = f"({cents(f'cut_{place}')} + {up}) // {request.scale}"
        columns += f", CAST({whole} * 0.01 AS DECIMAL(20, 2)) AS bound_{place}"
    groups = "".join(f"{name}, " for name in request.by)
    return f"(SELECT {groups}lowest{columns} FROM {prefix}_cuts)"


def _score(request: CutRequest, bounds: str) -> str:
    """The score of a row `a` by the bounds of an alias."""
    value = f"a.{request.column}"
    cases = " ".join(f"WHEN {value} >= {bounds}.bound_{place} THEN {place}" for place in range(request.count, 0, -1))
    reached = f"CASE {cases} ELSE 0 END"
    points = f"1 + {reached}" if request.ascending else f"{request.count + 1} - {reached}"
    return f"CAST(CASE WHEN {value} IS NULL THEN 1 ELSE {points} END AS INT)"


def scored_step(name: str, table: str, keep: Sequence[str], request: CutRequest, prefix: str, score: str) -> Step:
    """The step that adds `score` to the columns `keep`, from the cut-points in `{prefix}_cuts`.

    For scores that are nested in this one: their cut-points are learned inside its groups, in the same plan.
    """
    join = " AND ".join(f"a.{group} = b.{group}" for group in request.by) or "TRUE"
    columns = ", ".join(f"a.{column}" for column in keep)
    joined = f"{table} AS a LEFT JOIN {_bounds(request, prefix)} AS b ON {join}"
    return Step(name, f"SELECT {columns}, {_score(request, 'b')} AS {score} FROM {joined}", stored=True)


def scores_step(name: str, table: str, scores: Mapping[str, tuple[str, CutRequest]]) -> Step:
    """The step that has of each row several scores and nothing else; each is given by its prefix and request.

    None of the requests has groups: the cut-points of each are one row.
    """
    columns, joined = [], f"{table} AS a"
    for place, (score, (prefix, request)) in enumerate(scores.items()):
        columns.append(f"{_score(request, f'b{place}')} AS {score}")
        joined += f" CROSS JOIN {_bounds(request, prefix)} AS b{place}"
    return Step(name, f"SELECT {', '.join(columns)} FROM {joined}")
