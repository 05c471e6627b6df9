"""Why two records are held to be one customer, or not: what each field adds to the odds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import ErrorKind, Family
from tierwise.identity.comparisons import ALL, DIFFERENT, Comparison
from tierwise.identity.duplicates import Duplicates
from tierwise.identity.folding import literal, quoted
from tierwise.language import Text

NOT_COMPARED = ErrorKind(
    "identity.not_compared",
    Family.DATA,
    what=Text("{left} and {right} were not compared", "{left} 与 {right} 没有比较过"),
    cause=Text(
        "they share none of the values by which records are brought together", "两条记录没有任何可供配对的相同信息"
    ),
    cure=Text("look both up by their ids to see what they hold", "请按编号分别查看两条记录的内容"),
)
BEFORE = Text("any two records", "任意两条记录")
_PRIOR = Text("before anything is compared", "尚未比较任何信息")
_UNKNOWN = Text("unknown on one side at least", "至少一方缺失")


@dataclass(frozen=True, slots=True)
class Addend:
    """What one field adds: its name, how alike the two are in it, and the weight in doublings of the odds."""

    field: Text
    level: Text
    weight: float


def explain(engine: DuckDBEngine, found: Duplicates, left: str, right: str) -> tuple[Addend, ...]:
    """Return the waterfall of a pair, prior first; the weights add up to its match_weight. `identity.not_compared` else."""
    record_l, record_r = sorted((left, right))
    rows = engine.native_records(
        "explain",
        f"SELECT * FROM {quoted(found.pairs)} WHERE record_l = {literal(record_l)} AND record_r = {literal(record_r)}",
    )
    if not rows:
        raise NOT_COMPARED.error(left=left, right=right)
    return addends_of(found.model, rows[0])


def addends_of(model: dict[str, Any], row: dict[str, Any]) -> tuple[Addend, ...]:
    """Return the waterfall of a pair from its row of levels (gamma_…) and weights (mw_…), prior first."""
    share = model["probability_two_random_records_match"]
    addends = [Addend(BEFORE, _PRIOR, math.log2(share / (1 - share)))]
    for settings in model["comparisons"]:
        field, count = settings["output_column_name"], len(settings["comparison_levels"])
        comparison = next(c for c in ALL if c.field == field and len(c.levels) + 2 == count)
        addends.append(Addend(comparison.label, _level(comparison, row[f"gamma_{field}"]), row[f"mw_{field}"]))
    return tuple(addends)


def _level(comparison: Comparison, gamma: int) -> Text:
    """Splink numbers the levels from 0, different, up to the same; -1 is unknown."""
    if gamma < 0:
        return _UNKNOWN
    return DIFFERENT if gamma == 0 else comparison.levels[len(comparison.levels) - gamma].label
