"""Apply a model to a table of indicators written by hand, without any order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from tierwise.contracts.model import TierModel
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.labelling import fit
from tierwise.sql.expressions import literal
from tierwise.sql.scheme import label_steps
from tierwise.sql.steps import Step

Values = Mapping[str, Sequence[Any]]


def _literal(value: Any, money: bool) -> str:
    if value is None:
        return "NULL"
    return f"CAST({literal(Decimal(str(value)))} AS DECIMAL(18, 2))" if money else literal(value)


def label(
    engine: DuckDBEngine, model: TierModel[Any], values: Values, money: Sequence[str] = ()
) -> dict[str, dict[str, Any]]:
    """Label customers c1, c2, … whose indicators are the columns of `values`; those in `money` have two decimals."""
    count = len(next(iter(values.values())))
    types = {
        name: "DECIMAL(18, 2)" if name in money else "VARCHAR" if any(isinstance(v, str) for v in column) else "BIGINT"
        for name, column in values.items()
    }
    rows = (
        f"(CAST('c{place + 1}' AS VARCHAR), "
        + ", ".join(f"CAST({_literal(values[name][place], name in money)} AS {kind})" for name, kind in types.items())
        + ")"
        for place in range(count)
    )
    columns = ", ".join(values)
    engine.run(
        Step(
            "indicators",
            f"SELECT customer_id, {columns} FROM (VALUES {', '.join(rows)}) AS t(customer_id, {columns})",
            True,
        )
    )
    assert {ref.column for ref in model.needs()} <= set(values)
    run_plan(engine, label_steps(fit(engine, model).scheme_, "indicators", "labels"))
    return {row["customer_id"]: row for row in engine.records("labels", "SELECT * FROM labels")}


def tiers(engine: DuckDBEngine, model: TierModel[Any], values: Values, money: Sequence[str] = ()) -> list[str]:
    """The tiers of c1, c2, … in order."""
    found = label(engine, model, values, money)
    return [found[f"c{place + 1}"]["tier"] for place in range(len(found))]
