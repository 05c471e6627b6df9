"""The same SELECT over tables of other names."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import expressions as exp

from tierwise.sql.portable import parse


def renamed(sql: str, tables: Mapping[str, str]) -> str:
    """A portable SELECT that reads other tables in the place of some; columns may still name the old ones."""

    def other(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Table) or node.name not in tables:
            return node
        return exp.table_(tables[node.name], alias=node.alias or node.name)

    return parse(sql).copy().transform(other).sql(dialect="duckdb")
