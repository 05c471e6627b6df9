"""What customers hold and what becomes of it when several are one: points add up, consent is what all allow, and who was
held out stays held out.

Portable SQL over the facts as they came and the map of merges. Nothing is stored, so nothing has to be taken apart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tierwise.engine.base import Engine
from tierwise.sql.expressions import literal

MAP_VIEW = "identity_map"


@dataclass(frozen=True, slots=True)
class Holdings:
    """What one customer holds, all ids together: points, None where no table has any; consents as purpose, channel and
    whether it is given; hold-outs as experiment and day.
    """

    points: Decimal | None
    consents: tuple[tuple[str, str, bool], ...]
    holdouts: tuple[tuple[str, date], ...]

    def __bool__(self) -> bool:
        return self.points is not None or bool(self.consents) or bool(self.holdouts)


def holdings_of(engine: Engine, tables: Mapping[str, Collection[str]], customer: str) -> Holdings:
    """What a customer holds, of `tables` laid out for that customer as `snapshots.visible` does: `<table>_mapped` has `own_id`."""
    his = f"WHERE customer_id = {literal(customer)}"

    def rows(table: str, sql: str, order: str) -> list[dict[str, object]]:
        return engine.records(f"what is held: {table}", f"SELECT * FROM ({sql}) AS held {his} ORDER BY {order}")

    points = rows("points", _balances("points_mapped"), "points") if "points" in tables else []
    consents = rows("consents", _last_words("consents_mapped"), "purpose, channel") if "consents" in tables else []
    holdouts = rows("holdouts", _held_since("holdouts_mapped"), "experiment") if "holdouts" in tables else []
    return Holdings(
        Decimal(str(points[0]["points"])) if points else None,
        tuple((str(row["purpose"]), str(row["channel"]), bool(row["granted"])) for row in consents),
        tuple((str(row["experiment"]), row["held_since"]) for row in holdouts if isinstance(row["held_since"], date)),
    )


def under_surviving_ids(table: str, columns: tuple[str, ...], merged: bool = True) -> str:
    """SQL: rows of a table, each id replaced by the one that survives; `own_id` is the id the row came with."""
    listed = ", ".join(f"r.{column}" for column in columns)
    if not merged:
        return f"SELECT r.customer_id, r.customer_id AS own_id, {listed} FROM {table} AS r"
    return (
        f"SELECT COALESCE(m.survivor_id, r.customer_id) AS customer_id, r.customer_id AS own_id, {listed} FROM {table} AS r"
        f" LEFT JOIN {MAP_VIEW} AS m ON r.customer_id = m.customer_id"
    )


def point_balances(table: str = "points", merged: bool = True) -> str:
    """SQL: customer_id, points: the sum of all entries of all ids of a customer."""
    return _balances(f"({under_surviving_ids(table, ('points',), merged)}) AS held")


def _balances(rows: str) -> str:
    return f"SELECT customer_id, CAST(SUM(points) AS DECIMAL(18, 2)) AS points FROM {rows} GROUP BY customer_id"


def effective_consents(table: str = "consents", merged: bool = True) -> str:
    """SQL: customer_id, purpose, channel, granted: the last word of each id, and of several ids the most restrictive.

    One id without a word on a purpose says neither yes nor no. Words of one moment count as the no among them.
    """
    return _last_words(f"({under_surviving_ids(table, ('purpose', 'channel', 'granted', 'given_at'), merged)}) AS said")


def _last_words(rows: str) -> str:
    place = "ROW_NUMBER() OVER (PARTITION BY own_id, purpose, channel ORDER BY given_at DESC, granted) AS place"
    last = f"SELECT customer_id, purpose, channel, granted, {place} FROM {rows}"
    return (
        f"SELECT customer_id, purpose, channel, MIN(granted) AS granted FROM ({last}) AS words WHERE place = 1"
        " GROUP BY customer_id, purpose, channel"
    )


def effective_holdouts(table: str = "holdouts", merged: bool = True) -> str:
    """SQL: customer_id, experiment, held_since: held out of what any of its ids is held out of."""
    return _held_since(f"({under_surviving_ids(table, ('experiment', 'held_since'), merged)}) AS held")


def _held_since(rows: str) -> str:
    return f"SELECT customer_id, experiment, MIN(held_since) AS held_since FROM {rows} GROUP BY customer_id, experiment"
