"""Tiers from Python, of a table in memory or of a file: `tierwise.tier(orders).labels()`.

What the command line does, `tierwise tier`, with a pandas, polars or Arrow table in place of the file, and tables in
place of the screen. Errors are `TierwiseError`, with code, place, cause and cure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tierwise.config.document import Document
from tierwise.contracts.ingest import ReadOptions
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import ErrorKind, Family
from tierwise.exports.label_table import write_label_table
from tierwise.job import Job, Resources, Source
from tierwise.language import Lang, Text
from tierwise.pipeline import run
from tierwise.questions import Reason, explain_customer, labelled
from tierwise.registry import build_models
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

NOT_A_TABLE = ErrorKind(
    "frame.not_a_table",
    Family.USAGE,
    what=Text("orders of type {kind} cannot be read", "无法读取类型为 {kind} 的订单数据"),
    cause=Text(
        "a pandas, polars or Arrow table is needed, or the path of a file, a folder or the URL of a database",
        "应传入 pandas、polars 或 Arrow 表，或文件、目录路径、数据库地址",
    ),
    cure=Text("make a table of it first, as pandas.DataFrame(rows) does", "请先转成表，例如 pandas.DataFrame(rows)"),
)
MIXED_COLUMN = ErrorKind(
    "frame.mixed_column",
    Family.DATA,
    what=Text("a column of the table holds values of several types", "表中有一列混有多种类型的值"),
    cause=Text("{reason}", "{reason}"),
    cure=Text(
        'make it one type first: orders["COLUMN"] = orders["COLUMN"].astype(str)',
        '请先统一类型：orders["列名"] = orders["列名"].astype(str)',
    ),
)
_NAMELESS_INDEX = "__index_level_"
"""What a pandas index without a name is called in Arrow; one with a name is a column like others."""


@dataclass(frozen=True)
class Tiers:
    """A run, and the questions that one asks of it. Without a workspace of your own it goes when this object goes."""

    run: Run
    memory: str | None = None
    _place: TemporaryDirectory[str] | None = field(default=None, repr=False)

    @property
    def quality(self) -> dict[str, Any]:
        """What was read, set aside by reason, corrected and found: look here before you trust a tier."""
        return self.run.manifest.quality

    def labels(self, lang: str = "en") -> pa.Table:
        """One row per customer: indicators, and of each model `_tier` in words, `_key`, `_rank` (1 is best) and scores."""
        import pyarrow.parquet as pq

        with TemporaryDirectory(prefix="tierwise-labels-") as folder, DuckDBEngine(self.memory) as engine:
            files = write_label_table(engine, labelled(self.run), Path(folder), Lang.parse(lang), ("parquet",))
            return pq.read_table(files["parquet"])

    def tiers(self, model: str) -> pa.Table:
        """One row per tier of a model, best first: customers, orders, revenue, and its typical customer."""
        import pyarrow as pa

        self.run.scheme(model)  # raises `run.no_such_model`
        return pa.Table.from_pylist(self.run.manifest.models[model].tiers)

    def explain(self, customer: str, *models: str) -> list[Reason]:
        """Why a customer has its tier in each model, and the smallest changes that move it; raises `customer.unknown`."""
        with DuckDBEngine(self.memory) as engine:
            return explain_customer(engine, self.run, str(customer), models)


def tier(
    orders: Any,
    models: str | Sequence[str] = "rfm",
    *,
    columns: Mapping[str, str] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    as_of: date | None = None,
    timezone: str | None = None,
    currency: str | None = None,
    date_format: str | None = None,
    read: ReadOptions = ReadOptions(),
    workspace: str | Path | None = None,
    memory: str | None = None,
) -> Tiers:
    """Tier the customers of orders: a pandas, polars or Arrow table, or the path of anything that the command line reads.

    `columns` maps `customer_id`, `order_date`, `amount`, `order_id` and others to the table's own columns where their
    names do not say it. `settings` are those of a project file, `{"rfm": {"bins": 4}}`. `as_of` is the day to compute
    for, by default that of the last order. `read` says how to read a file. With a `workspace` the run stays there, and
    `tierwise explain` and the others see it.
    """
    names = (models,) if isinstance(models, str) else tuple(models)
    document = Document({"models": {name: dict((settings or {}).get(name, {})) for name in names}}, "tierwise.tier")
    built = build_models(document)
    place = TemporaryDirectory(prefix="tierwise-") if workspace is None else None
    root = Path(place.name) if place else Path(str(workspace))
    with TemporaryDirectory(prefix="tierwise-frame-") as scratch:
        location = str(orders) if isinstance(orders, str | Path) else _stored(orders, Path(scratch))
        source = Source("orders", location, read, columns or {}, date_format)
        job = Job(Workspace(root), [source], built, as_of, timezone, currency)
        return Tiers(run(job, Resources(lambda: DuckDBEngine(memory))), memory, place)


def _stored(orders: Any, folder: Path) -> str:
    """Write a table as Parquet, with the types it has; return where it is."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = _arrow(orders)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise MIXED_COLUMN.error(reason="; ".join(map(str, error.args))) from error
    file = folder / "orders.parquet"
    pq.write_table(table, file)
    return str(file)


def _arrow(orders: Any) -> pa.Table:
    import pyarrow as pa

    if hasattr(orders, "__arrow_c_stream__"):
        table = pa.table(orders)
        return table.drop_columns([name for name in table.column_names if name.startswith(_NAMELESS_INDEX)])
    raise NOT_A_TABLE.error(kind=type(orders).__name__)
