"""What is known of customers besides their orders: a file with a row per customer, read beside the orders.

Numbers are used as they are (a coefficient is per unit of the number, so keep them near 1: a share, thousands);
text becomes 0/1 columns, one per value but the first in alphabetical order, at most `MOST_LEVELS` of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tierwise.canonical.ids import plan_ids
from tierwise.canonical.mapping import guess_mapping
from tierwise.contracts.ingest import RawColumn, RawKind, RawTable, ReadOptions
from tierwise.contracts.tables import CUSTOMERS
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.engine.progress import Observer
from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text
from tierwise.lifetime.histories import Histories
from tierwise.sources import open_source

Floats = NDArray[np.float64]

MOST_LEVELS = 12
_NUMBERS = (RawKind.INTEGER, RawKind.DECIMAL, RawKind.FLOAT, RawKind.BOOLEAN)

LACKING = ErrorKind(
    "lifetime.covariates_lack_customers",
    Family.DATA,
    what=Text(
        "{count} of {all} customers with orders are not in the covariates file or have blanks there, {example} for one",
        "有订单的 {all} 位客户中，{count} 位不在协变量文件中或有空值，例如 {example}",
    ),
    cause=Text("a model with covariates needs every value of every customer", "带协变量的模型需要每位客户的每个取值"),
    cure=Text(
        "add the rows (ids are compared as text), fill the blanks, or leave --covariates out",
        "请补齐这些行（编号按文本比较）与空值，或省略 --covariates",
    ),
)
TWICE = ErrorKind(
    "lifetime.covariates_twice",
    Family.DATA,
    what=Text(
        "customer {example} stands {count} times in the covariates file", "客户 {example} 在协变量文件中出现 {count} 次"
    ),
    cause=Text("covariates are static: one row per customer", "协变量是静态的：每位客户一行"),
    cure=Text("keep one row per customer", "请每位客户只保留一行"),
)
NO_COLUMNS = ErrorKind(
    "lifetime.covariates_without_columns",
    Family.DATA,
    what=Text("the covariates file has no column to use besides the customer", "协变量文件除客户编号外没有可用的列"),
    cause=Text(
        "a column must be numbers, or text of 2 to {most} different values",
        "列须为数字，或含 2 至 {most} 个不同取值的文本",
    ),
    cure=Text("add such a column: region, channel, a flag", "请加入这样的列，如地域、渠道、标记"),
)


def read_covariates(
    engine: DuckDBEngine,
    location: str,
    customer: str | None,
    options: ReadOptions,
    histories: Histories,
    told: Observer,
) -> dict[str, Floats]:
    """Return each covariate of each customer, in the order of the histories.

    Raises:
        TierwiseError: `lifetime.covariates_*`; whatever reading the file raises.
    """
    scratch = histories.files[0].parent.parent
    raw = open_source(engine, location, options, scratch, told)
    id_column = raw.column(
        guess_mapping(raw, CUSTOMERS, {"customer_id": customer} if customer else {}).need("customer_id").columns[0]
    )
    columns = [column for column in raw.columns if column is not id_column]
    _known_customers(engine, raw, id_column, columns, histories)
    found = {name: values for column in columns for name, values in _values(engine, column).items()}
    if not found:
        raise NO_COLUMNS.error(Place(file=raw.file), most=MOST_LEVELS)
    _check_complete(engine, raw, found, histories)
    return found


def _known_customers(
    engine: DuckDBEngine, raw: RawTable, id_column: RawColumn, columns: list[RawColumn], histories: Histories
) -> None:
    """Make the table `lifetime_covariates`: a row per customer with orders, in the order of the histories."""
    plan = plan_ids(engine, raw, id_column)
    source = f'"{raw.relation}"'
    for layer in plan.layers:
        listed = ", ".join(f"{sql} AS {name}" for name, sql in layer.items())
        source = f"(SELECT *, {listed} FROM {source})"
    keys = "".join(f', "{column.key}"' for column in columns)
    given = f"SELECT {plan.sql} AS customer_id{keys} FROM {source}"
    twice = engine.native_records(
        "covariates twice",
        f"SELECT customer_id, count(*) AS times FROM ({given}) WHERE customer_id IS NOT NULL "
        "GROUP BY customer_id HAVING count(*) > 1 ORDER BY customer_id LIMIT 1",
    )
    if twice:
        raise TWICE.error(Place(file=raw.file), example=twice[0]["customer_id"], count=twice[0]["times"])
    files = ", ".join(quoted(str(file)) for file in histories.files)
    engine.native(
        "join covariates",
        f"CREATE OR REPLACE TEMP TABLE lifetime_covariates AS SELECT h.customer_id, h.place{keys} FROM "
        f"(SELECT customer_id, row_number() OVER () AS place FROM read_parquet([{files}])) AS h "
        f"LEFT JOIN ({given}) AS c ON h.customer_id = c.customer_id ORDER BY h.place",
    )


def _values(engine: DuckDBEngine, column: RawColumn) -> dict[str, Floats]:
    """One column as numbers: itself, or 0/1 per level; nothing where it is neither."""
    if column.kind in _NUMBERS or _all_numbers(engine, column):
        return {column.name: _fetch(engine, f'TRY_CAST("{column.key}" AS DOUBLE)')}
    if column.kind is not RawKind.TEXT:
        return {}
    levels = [
        row[0]
        for row in engine.native(
            "levels",
            f'SELECT DISTINCT trim("{column.key}") AS level FROM lifetime_covariates '
            f"WHERE trim(\"{column.key}\") <> '' ORDER BY level LIMIT {MOST_LEVELS + 1}",
        )
    ]
    if not 2 <= len(levels) <= MOST_LEVELS:
        return {}
    blank = f"NULLIF(trim(\"{column.key}\"), '')"
    return {
        f"{column.name}={level}": _fetch(engine, f"CAST({blank} = {quoted(level)} AS DOUBLE)") for level in levels[1:]
    }


def _all_numbers(engine: DuckDBEngine, column: RawColumn) -> bool:
    text = f'trim(CAST("{column.key}" AS VARCHAR))'
    found = engine.native(
        "numbers",
        f"SELECT bool_and(TRY_CAST({text} AS DOUBLE) IS NOT NULL) FROM lifetime_covariates WHERE {text} <> ''",
    )
    return bool(found[0][0])


def _fetch(engine: DuckDBEngine, sql: str) -> Floats:
    rows = engine.native("covariate", f"SELECT {sql} FROM lifetime_covariates ORDER BY place")
    return np.array([np.nan if row[0] is None else row[0] for row in rows], dtype=np.float64)


def _check_complete(engine: DuckDBEngine, raw: RawTable, found: dict[str, Any], histories: Histories) -> None:
    lacking = np.any([~np.isfinite(values) for values in found.values()], axis=0)
    if lacking.any():
        place = int(lacking.argmax()) + 1
        row = engine.native("lacking", f"SELECT customer_id FROM lifetime_covariates WHERE place = {place}")
        raise LACKING.error(Place(file=raw.file), count=int(lacking.sum()), all=len(histories), example=repr(row[0][0]))
