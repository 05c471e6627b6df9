"""A row per customer: what the model says of everyone, computed once per distinct history and streamed to Parquet.

Customers with equal (x, t_x, T) share everything but money, so the numerics run over the distinct histories;
the rows are then written batch by batch as the engine's own file is read, and no id is held.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tierwise.clv.count_model import CountModel
from tierwise.clv.gamma_gamma import GammaGamma
from tierwise.clv.outlook import Outlook, outcome_bounds
from tierwise.clv.summary import Summary
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise.lifetime.clock import EPOCH
from tierwise.lifetime.histories import Histories
from tierwise.lifetime.parquet import batches

Floats = NDArray[np.float64]

MOST_DRAWS = 400
FEWEST_DRAWS = 60
SIMULATED_ROWS = 4_000_000
LAST_DAY = (date(9999, 12, 31) - EPOCH).days


NOT_BOUNDED = ErrorKind(
    "lifetime.not_bounded",
    Family.RESOURCE,
    what=Text("no interval is given for the orders of single customers", "未计算单个客户的订单区间"),
    cause=Text(
        "the histories differ too much to simulate each in reasonable time", "不同的购买历史过多，逐一模拟耗时太长"
    ),
    cure=Text(
        "the total has its interval all the same; ask about fewer customers",
        "总价值仍有区间；如需个体区间，请减少客户数",
    ),
)


@dataclass(frozen=True)
class Scores:
    """What is said of every customer, a value each in the order of the histories; money in the shop's currency.

    `orders_low` and `orders_high` bound the number of orders within the horizon, `value_*` are these at the
    customer's expected spend and discount; NaN where no bounds were asked for. `next_order_days` counts from as_of.
    """

    p_alive: Floats
    expected_orders: Floats
    orders_low: Floats
    orders_high: Floats
    next_order_days: Floats
    spend: Floats
    value: Floats
    worth_per_order: Floats

    @property
    def bounded(self) -> bool:
        """Whether customers' orders are bounded."""
        return not bool(np.isnan(self.orders_low).any())

    @property
    def total(self) -> float:
        """The value of everyone."""
        return float(np.einsum("i->", self.value))


def score(
    counts: CountModel,
    spend: GammaGamma,
    histories: Histories,
    outlook: Outlook,
    *,
    level: float = 0.9,
    intervals: bool = True,
) -> Scores:
    """Score every customer; `outlook.summary` carries the histories in the unit of the model."""
    rows, inverse = outlook.merged.summary, outlook.merged.inverse
    orders = counts.conditional_expected_transactions(rows, outlook.horizon_days)
    discounted = counts.discounted_transactions(rows, outlook.horizon_days, outlook.discount)
    factor = np.divide(discounted, orders, out=np.ones_like(orders), where=orders > 0)
    worth = factor[inverse] * outlook.per_order(spend)
    low, high = _bounds(counts, outlook, level) if intervals else (np.full(len(rows), np.nan),) * 2
    return Scores(
        p_alive=counts.probability_alive(rows)[inverse],
        expected_orders=orders[inverse],
        orders_low=low[inverse],
        orders_high=high[inverse],
        next_order_days=counts.days_to_next_order(rows)[inverse],
        spend=spend.conditional_spend(outlook.summary),
        value=orders[inverse] * worth,
        worth_per_order=worth,
    )


def _bounds(counts: CountModel, outlook: Outlook, level: float) -> tuple[Floats, Floats]:
    """Bounds of orders per distinct history; who hardly orders at all has 0 and 0 without any simulation.

    NaN for all where so many histories differ that simulating each would take minutes.
    """
    rows = outlook.merged.summary
    likely = np.flatnonzero(counts.probability_of_order(rows, outlook.horizon_days) > (1.0 - level) / 4.0)
    low, high = np.zeros(len(rows)), np.zeros(len(rows))
    if likely.size * FEWEST_DRAWS > SIMULATED_ROWS:
        return np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    if likely.size:
        draws = min(SIMULATED_ROWS // likely.size, MOST_DRAWS)
        some = Outlook(rows.take(likely), outlook.horizon_days, outlook.discount)
        low[likely], high[likely] = outcome_bounds(some, counts, level=level, draws=draws)
    return low, high


COLUMNS = (
    "customer_id", "x", "t_x", "T", "first_order_date", "last_order_date", "p_alive", "expected_orders", "orders_low",
    "orders_high", "expected_spend", "value", "value_low", "value_high", "next_order_date",
)  # fmt: skip


def score_batches(scores: Scores, histories: Histories, summary: Summary) -> Iterator[Any]:
    """Yield Arrow batches of `COLUMNS`, in the order of the histories."""
    start = 0
    for batch in batches(histories.files, ["customer_id"]):
        stop = start + batch.num_rows
        yield _batch(batch.column("customer_id"), slice(start, stop), scores, histories, summary)
        start = stop


def _batch(ids: Any, part: slice, scores: Scores, histories: Histories, summary: Summary) -> Any:
    import pyarrow as pa

    clock, until = histories.span.clock, histories.span.until
    first, last = (histories.columns[name][part] for name in ("first_tick", "last_tick"))
    as_of = (clock.last_day(until) - EPOCH).days
    ahead = np.ceil(scores.next_order_days[part])
    never = ~np.isfinite(ahead) | (as_of + ahead > LAST_DAY)
    worth = scores.worth_per_order[part]
    bounds = np.sort(np.stack([scores.orders_low[part] * worth, scores.orders_high[part] * worth]), axis=0)
    unknown = np.isnan(scores.orders_low[part])
    columns = [
        ids,
        summary.x[part].astype(np.int64), summary.t_x[part], summary.age[part],
        _dates(clock, first), _dates(clock, last),
        scores.p_alive[part], scores.expected_orders[part],
        pa.array(scores.orders_low[part], mask=unknown), pa.array(scores.orders_high[part], mask=unknown),
        np.round(scores.spend[part], 4), np.round(scores.value[part], 4),
        pa.array(np.round(bounds[0], 4), mask=unknown), pa.array(np.round(bounds[1], 4), mask=unknown),
        pa.array(np.where(never, 0, as_of + ahead).astype(np.int32), pa.int32(), mask=never).cast(pa.date32()),
    ]  # fmt: skip
    return pa.RecordBatch.from_arrays([c if isinstance(c, pa.Array) else pa.array(c) for c in columns], names=COLUMNS)


def _dates(clock: Any, ticks: NDArray[Any]) -> Any:
    """Ticks as dates: the first day of each."""
    import pyarrow as pa

    if not clock.starts:
        return pa.array(ticks.astype(np.int32), pa.int32()).cast(pa.date32())
    starts = np.array([(day - EPOCH).days for day in clock.starts], dtype=np.int32)
    return pa.array(starts[ticks - 1], pa.int32()).cast(pa.date32())


FORMATS = ("parquet", "csv")


def write_scores(rows: Iterator[Any], folder: Path, formats: Sequence[str] = FORMATS) -> dict[str, Path]:
    """Write `customers.parquet` and `customers.csv` (UTF-8 with byte-order mark), batch by batch."""
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"customers.{name}" for name in formats}
    fresh = {name: file.with_name(f".{file.name}.writing") for name, file in files.items()}
    table: Any = None
    text: Any = None
    try:
        for batch in rows:
            if "parquet" in fresh:
                table = table or pq.ParquetWriter(fresh["parquet"], batch.schema, compression="zstd")
                table.write_batch(batch)
            if "csv" in fresh:
                text = text or _CsvFile(fresh["csv"], batch.schema)
                text.write(batch)
        for opened in (table, text):
            if opened is not None:
                opened.close()
        for name, file in fresh.items():
            file.replace(files[name])
    finally:
        for file in fresh.values():
            file.unlink(missing_ok=True)
    return files


class _CsvFile:
    """CSV as spreadsheets read it: byte-order mark, ids that look like formulas guarded by an apostrophe."""

    def __init__(self, file: Path, schema: Any) -> None:
        from pyarrow import csv

        self._file = file.open("wb")
        self._file.write(b"\xef\xbb\xbf")
        self._writer = csv.CSVWriter(self._file, schema, write_options=csv.WriteOptions(quoting_style="needed"))

    def write(self, batch: Any) -> None:
        import pyarrow as pa
        from pyarrow import compute

        ids = batch.column(0)
        guarded = compute.binary_join_element_wise(pa.scalar("'", ids.type), ids, pa.scalar("", ids.type))
        risky = compute.match_substring_regex(ids, r"^[=+@\t\r-]")
        columns = [compute.if_else(risky, guarded, ids), *batch.columns[1:]]
        self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=batch.schema))

    def close(self) -> None:
        self._writer.close()
        self._file.close()
