"""Models that predict add their columns to the indicator table, so that everyone who reads indicators has them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tierwise.contracts.model import Columns, PredictingModel, Prediction, TierModel
from tierwise.engine.base import Engine
from tierwise.sql.steps import Step


def enrich(engine: Engine, model: TierModel[Any], folder: Path, table: str = "indicators") -> str:
    """Let a model add its columns to an indicator table; return the table to learn from and to label.

    For a model that predicts nothing that is `table` itself. `folder` keeps the rows for as long as the engine lives.
    """
    if not isinstance(model, PredictingModel):
        return table
    studying = model.study(table)
    for step in studying.steps:
        engine.run(step)
    work = folder / f"{model.instance}-studied"
    prediction = model.predict({name: _columns(engine, name, work) for name in studying.reads})
    rows = f"{model.instance}_predicted"
    engine.attach(rows, [_write(prediction, folder / rows)])
    enriched = f"{model.instance}_indicators"
    engine.run(Step(enriched, _join(prediction, table, rows, engine.columns(table))))
    return enriched


def write_enriched(
    engine: Engine, models: Sequence[PredictingModel[Any]], indicators: Path, scratch: Path
) -> list[dict[str, Any]]:
    """Rewrite the indicator files of a run with the columns of models that predict; return what they are.

    The table `indicators` is attached by then, and again afterwards.
    """
    table, found = "indicators", list[dict[str, Any]]()
    for model in models:
        table = enrich(engine, model, scratch, table)
        found += _described(model)
    engine.write(table, scratch / "indicators", ("customer_id",))
    shutil.rmtree(indicators)
    (scratch / "indicators").rename(indicators)
    engine.attach("indicators", sorted(indicators.glob("*.parquet")))
    return found


def _described(model: PredictingModel[Any]) -> list[dict[str, Any]]:
    """The columns of a model as the manifest lists indicators."""
    return [
        {
            "column": column.name, "name": column.name, "window_days": None, "unit": column.unit,
            "label": {"en": column.label.en, "zh-CN": column.label.zh},
        }
        for column in model.prediction_.columns
    ]  # fmt: skip


def _columns(engine: Engine, table: str, folder: Path) -> Columns:
    """A table as sorted numpy columns, so that what is learnt does not depend on the order of rows."""
    import numpy as np

    from tierwise.lifetime.parquet import batches, numbers, write_table

    files = write_table(engine, table, folder / table)
    parts: dict[str, list[Any]] = {name: [] for name in engine.columns(table)}
    for batch in batches(files):
        for name, part in parts.items():
            part.append(numbers(batch.column(name)))
    columns = {name: np.concatenate(found) if found else np.empty(0, np.int64) for name, found in parts.items()}
    order = np.lexsort(tuple(reversed(list(columns.values()))))
    return {name: values[order] for name, values in columns.items()}


def _write(prediction: Prediction, folder: Path) -> Path:
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "part-0.parquet"
    pq.write_table(prediction.rows, file)
    return file


def _join(prediction: Prediction, table: str, rows: str, have: Sequence[str]) -> str:
    """The indicator table with the columns of the prediction in place of any of the same name."""
    added = {column.name: column.sql for column in prediction.columns}
    kept = ", ".join(f"i.{name}" for name in have if name not in added)
    listed = ", ".join(f"{sql} AS {name}" for name, sql in added.items())
    on = " AND ".join(f"i.{key} = p.{key}" for key in prediction.keys)
    return f"SELECT {kept}, {listed} FROM {table} AS i LEFT JOIN {rows} AS p ON {on}"
