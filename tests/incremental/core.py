"""Two versions of a shop, aggregates kept from the first, and both ways to the indicators of the second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tierwise.contracts.indicators import IndicatorRef, ref_of
from tierwise.engine.base import Engine
from tierwise.engine.plans import run_plan
from tierwise.incremental.aggregates import TOUCHED, Aggregates
from tierwise.incremental.reach import reaches
from tierwise.indicators.catalogue import CATALOGUE
from tierwise.indicators.compile import Compiled, compile_indicators
from tierwise.indicators.declaration import Windows
from tierwise.snapshots.state import KeptFacts
from tierwise.sql.steps import Step

PARAMETERS = {"category": "食品", "event": "login", "topic": "物流", "weights": "login=1|comment=3"}
Files = Mapping[str, Path]


def all_refs(window_days: int = 60, half_life_days: str = "7") -> list[IndicatorRef]:
    """Every indicator of the catalogue, over all time and over a window where it takes one."""
    refs = []
    for indicator in CATALOGUE.values():
        given = {p.name: PARAMETERS[p.name] for p in indicator.parameters if p.default is None}
        if any(p.name == "half_life_days" for p in indicator.parameters):
            given["half_life_days"] = half_life_days
        windows = {Windows.NEVER: [None], Windows.OPTIONAL: [None, window_days], Windows.REQUIRED: [window_days]}
        refs += [ref_of(indicator.name, window, **given) for window in windows[indicator.windows]]
    return refs


def columns_of(files: Files) -> dict[str, frozenset[str]]:
    """The columns that each table has."""
    import pyarrow.parquet as pq

    return {name: frozenset(pq.read_schema(file).names) for name, file in files.items()}


def attach(engine: Engine, files: Files) -> None:
    """Make a version of the shop readable."""
    for name, file in files.items():
        engine.attach(name, [file])


def keep(engine: Engine, files: Files, refs: Sequence[IndicatorRef], as_of: date, folder: Path) -> dict[str, KeptFacts]:
    """Make all aggregates of a version, and return what is known of them."""
    attach(engine, files)
    compiled = compile_indicators(refs, as_of, columns_of(files))
    Aggregates(engine, compiled, folder).make()
    return kept_of(compiled)


def kept_of(compiled: Compiled) -> dict[str, KeptFacts]:
    """What a state says of its aggregates."""
    return {
        facts.name: KeptFacts(
            tuple(step.sql for step in facts.steps), {alias: sql for sql, alias in facts.aggregates.items()}
        )
        for facts in compiled.facts
    }


def touch(engine: Engine, before: Files, after: Files) -> None:
    """Make the table of customers with rows in one version that the other does not have."""
    found = []
    for name, file in after.items():
        engine.attach("version_one", [before[name]])
        engine.attach("version_two", [file])
        key = "customer_id"
        if name == "order_lines":
            continue
        for one, other in (("version_one", "version_two"), ("version_two", "version_one")):
            whom = f"SELECT DISTINCT {key} FROM (SELECT * FROM {one} EXCEPT ALL SELECT * FROM {other}) AS t"
            engine.run(Step(f"touched_{len(found)}", whom, stored=True))
            found.append(f"SELECT customer_id FROM touched_{len(found)}")
    engine.run(Step(TOUCHED, " UNION ".join(found), stored=True))


def differing_lines(engine: Engine, before: Files, after: Files) -> bool:
    """Whether the order lines are others."""
    engine.attach("version_one", [before["order_lines"]])
    engine.attach("version_two", [after["order_lines"]])
    sql = "SELECT COUNT(*) AS n FROM (SELECT * FROM {a} EXCEPT ALL SELECT * FROM {b}) AS t"
    pairs = (("version_one", "version_two"), ("version_two", "version_one"))
    return any(engine.records("lines", sql.format(a=a, b=b))[0]["n"] for a, b in pairs)


def both_ways(
    engine: Engine, before: Files, after: Files, refs: Sequence[IndicatorRef], days: tuple[date, date], folder: Path
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Aggregates]:
    """Rows that only the full way or only the incremental way yields, and how the incremental way went."""
    kept = keep(engine, before, refs, days[0], folder / "kept")
    attach(engine, after)
    now = compile_indicators(refs, days[1], columns_of(after))
    run_plan(engine, (*now.plan[:-1], Step("whole", now.indicators.sql, stored=True)))
    then = compile_indicators(refs, days[0], columns_of(after))
    touch(engine, before, after)
    unkeyed = ["order_lines"] if differing_lines(engine, before, after) else []
    made = Aggregates(engine, now, folder / "made", folder / "kept", reaches(now, then, kept), unkeyed)
    made.make()
    run_plan(engine, (now.everyone, Step("in_parts", now.indicators.sql, stored=True)))
    sql = "SELECT * FROM {a} EXCEPT ALL SELECT * FROM {b}"
    return (
        engine.records("missing", sql.format(a="whole", b="in_parts")),
        engine.records("extra", sql.format(a="in_parts", b="whole")),
        made,
    )
