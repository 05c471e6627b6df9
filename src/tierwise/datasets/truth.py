"""What the simulator knows and the tables do not say: one row an id, the person behind it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tierwise.datasets import arrow
from tierwise.datasets.chunk import Chunk
from tierwise.datasets.spec import PERSONAS, Persona

SCHEMA = pa.schema(
    [
        ("customer_id", pa.string()),
        ("same_as", pa.string()),
        ("persona", pa.string()),
        ("persona_name", pa.string()),
        ("purchase_rate_per_day", pa.float64()),
        ("dropout_probability", pa.float64()),
        ("mean_spend_yuan", pa.float64()),
        ("engagement", pa.float64()),
        ("satisfaction", pa.float64()),
        ("never_buys", pa.bool_()),
        ("registered_on", pa.date32()),
        ("first_purchase_on", pa.date32()),
        ("sales", pa.int64()),
        ("dropped_out_on", pa.date32()),
        ("alive_at_end", pa.bool_()),
        ("expected_orders_next_365_days", pa.float64()),
    ]
)
"""The columns of truth; `docs/datasets.md` says what each means."""


def expected_orders(chunk: Chunk, horizon_days: int = 365) -> NDArray[np.float64]:
    """Return the true expected sales of each customer in the `horizon_days` after the end.

    (1 − exp(−λ·p·Λ)) / p for a customer who is alive, Λ what her seasonal clock runs in the horizon; zero
    for one who dropped out. Those who have not bought yet get zero: their first purchase is not a repeat.
    """
    who = chunk.population
    ahead = chunk.clock.ahead(horizon_days)[who.persona]
    p = who.dropout_probability
    expected = -np.expm1(-who.rate_per_day * p * ahead) / p
    alive = (chunk.sales.count > 0) & (chunk.sales.dropped_out_at < 0)
    return np.where(alive, expected, 0.0)


def truth_table(chunk: Chunk) -> Any:
    """Return the truth of the chunk's customers, then of their second ids."""
    who, sales = chunk.population, chunk.sales
    twice = np.flatnonzero(chunk.twice)
    person = np.concatenate((np.arange(chunk.size), twice))
    second = np.arange(len(person)) >= chunk.size
    first_ids = arrow.ids("C", chunk.numbers[person], 8)
    own = np.where(second, chunk.second_numbers[person], chunk.numbers[person])
    bought, dropped = sales.first_at[person] >= 0, sales.dropped_out_at[person] >= 0
    persona = who.persona[person]
    columns = (
        arrow.ids("C", own, 8),
        arrow.blank(first_ids, ~second),
        arrow.plain(arrow.words(persona, [p.name.lower() for p in Persona])),
        arrow.plain(arrow.words(persona, [PERSONAS[p].zh for p in Persona])),
        pa.array(who.rate_per_day[person]),
        pa.array(who.dropout_probability[person]),
        pa.array(who.mean_spend_yuan[person]),
        pa.array(who.engagement[person]),
        pa.array(who.satisfaction[person]),
        pa.array(who.never_buys[person]),
        arrow.dates(who.registered_day[person]),
        arrow.dates(sales.first_at[person] // 86400, ~bought),
        pa.array(sales.count[person]),
        arrow.dates(sales.dropped_out_at[person] // 86400, ~dropped),
        pa.array(bought & ~dropped, mask=~bought),
        pa.array(expected_orders(chunk)[person]),
    )
    return pa.Table.from_arrays([pa.array(c) if not isinstance(c, pa.Array) else c for c in columns], schema=SCHEMA)
