"""What one customer holds by the tables of a run: points, consents, hold-outs, of all ids that were merged."""

from __future__ import annotations

from tierwise.identity.holdings import Holdings, holdings_of
from tierwise.snapshots.runs import Run
from tierwise_console.runs.label_differences import attach_facts_of
from tierwise_console.runs.looking_up import looking_up


def holdings(run: Run, customer_id: str) -> Holdings:
    """What a customer holds; nothing where the run's tables have none of it."""
    with looking_up() as engine:
        return holdings_of(engine, attach_facts_of(engine, run, customer_id), customer_id)
