"""What customers hold and what becomes of it when several are one: points add up, consent is what all allow, and who was
held out stays held out.

Portable SQL over the facts as they came and the map of merges. Nothing is stored, so nothing has to be taken apart.
"""

from __future__ import annotations

MAP_VIEW = "identity_map"


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
    return (
        "SELECT customer_id, CAST(SUM(points) AS DECIMAL(18, 2)) AS points"
        f" FROM ({under_surviving_ids(table, ('points',), merged)}) AS held GROUP BY customer_id"
    )


def effective_consents(table: str = "consents", merged: bool = True) -> str:
    """SQL: customer_id, purpose, channel, granted: the last word of each id, and of several ids the most restrictive.

    One id without a word on a purpose says neither yes nor no. Words of one moment count as the no among them.
    """
    rows = under_surviving_ids(table, ("purpose", "channel", "granted", "given_at"), merged)
    place = "ROW_NUMBER() OVER (PARTITION BY own_id, purpose, channel ORDER BY given_at DESC, granted) AS place"
    last = f"SELECT customer_id, purpose, channel, granted, {place} FROM ({rows}) AS said"
    return (
        f"SELECT customer_id, purpose, channel, MIN(granted) AS granted FROM ({last}) AS words WHERE place = 1"
        " GROUP BY customer_id, purpose, channel"
    )


def effective_holdouts(table: str = "holdouts", merged: bool = True) -> str:
    """SQL: customer_id, experiment, held_since: held out of what any of its ids is held out of."""
    return (
        "SELECT customer_id, experiment, MIN(held_since) AS held_since"
        f" FROM ({under_surviving_ids(table, ('experiment', 'held_since'), merged)}) AS held GROUP BY customer_id, experiment"
    )
