"""The pairs that a person should look at, kept until the next search, with what speaks for and against each.

It holds ids and weights and no personal data. What was decided is not in it but in the log: a decided pair is not shown.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.duplicates import Duplicates
from tierwise.identity.explanation import Addend, addends_of
from tierwise.identity.folding import literal, quoted
from tierwise.identity.held import held_back
from tierwise.identity.merges import Standing
from tierwise.language import Text

QUEUE = "queue.parquet"


@dataclass(frozen=True)
class Candidate:
    """A pair to decide on. `refused` says that a guard against chains kept it from merging; `later` that it was put off.

    `held` tells which rule holds, and which guards kept it from merging the pair; empty where no rule does.
    """

    left: str
    right: str
    weight: float
    refused: bool
    later: bool
    addends: tuple[Addend, ...]
    held: tuple[Text, ...] = ()

    @property
    def probability(self) -> float:
        """How likely they are one customer, by the weights."""
        return 1.0 if self.weight > 60 else float(1 / (1 + 2.0**-self.weight))


def write_queue(engine: DuckDBEngine, found: Duplicates, folder: Path) -> int:
    """Put the doubtful pairs of a search in the place of those of the last one; return how many."""
    folder.mkdir(parents=True, exist_ok=True)
    prepared = folder / f".{QUEUE}-{os.getpid()}"
    model = literal(json.dumps(found.model))
    done = engine.native(
        "queue",
        f"COPY (SELECT * FROM {quoted(found.review)} ORDER BY match_weight DESC, record_l, record_r)"
        f" TO {literal(str(prepared))} (FORMAT parquet, KV_METADATA {{model: {model}}})",
    )
    prepared.replace(folder / QUEUE)
    return int(done[0][0])


def learned_model(folder: Path) -> dict[str, Any] | None:
    """The weights that the last search learned; None where none was kept."""
    import pyarrow.parquet as pq

    if not (folder / QUEUE).exists():
        return None
    model: dict[str, Any] = json.loads(pq.read_schema(folder / QUEUE).metadata[b"model"])
    return model


def pending(folder: Path, now: Standing, most: int = 50, later: bool = True) -> tuple[list[Candidate], int]:
    """Return the first pairs that are still open, the likeliest first and those put off last, and how many there are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not (folder / QUEUE).exists():
        return [], 0
    table = pq.read_table(folder / QUEUE)
    model = json.loads(table.schema.metadata[b"model"])
    put_off = {tuple(decision.members) for decision in now.later}
    apart = {tuple(sorted(map(now.survivor, decision.members))) for decision in now.apart}
    first, last = [], []
    for place, pair in enumerate(zip(table["record_l"].to_pylist(), table["record_r"].to_pylist(), strict=True)):
        seen = tuple(sorted(map(now.survivor, pair)))
        if seen[0] == seen[1] or seen in apart:
            continue
        if tuple(sorted(pair)) not in put_off:
            first.append(place)
        elif later:
            last.append(place)
    chosen = table.take(pa.array((first + last)[:most], pa.int64())).to_pylist()
    return [_candidate(row, model, put_off) for row in chosen], len(first) + len(last)


def _candidate(row: dict[str, Any], model: dict[str, Any], put_off: set[tuple[str, ...]]) -> Candidate:
    left, right = row["record_l"], row["record_r"]
    later = tuple(sorted((left, right))) in put_off
    # A queue that an earlier version wrote does not say what held a pair back.
    held = held_back(row.get("held_rule"), row.get("held_by"), row["refused"])
    return Candidate(left, right, row["match_weight"], row["refused"], later, addends_of(model, row), held)
