"""After any sequence of changes and days an incremental run equals a full one: states, indicators, labels, manifests.

`TIERWISE_SEQUENCES=500 pytest tests/incremental/test_sequences.py` plays five hundred; CI plays fewer.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from tests.incremental.ledger import DAYS, PEOPLE, Ledger, Widest, differences, order

from tierwise.config.document import Document
from tierwise.contracts.model import ModelSpec, TierModel
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.registry import build_models

SEQUENCES = int(os.environ.get("TIERWISE_SEQUENCES", "12"))
STEPS = 8
HELD = {"model": "rfm", "bins": 3, "margin_percent": 10, "minimum_stay_days": 5}
GROUPS: tuple[dict[str, Any], ...] = (
    {"rfm": {"bins": 3}, "lifecycle": {}, "engagement": {}, "balances": {}, "held": HELD},
    {"pyramid": {}, "vip": {}, "value_grade": {}, "satisfaction": {}, "held": HELD},
    {"two_axis": {}, "b2b": {}, "behaviour_types": {}, "goal_groups": {}, "service_need": {}},
)
"""Every model whose tiers are SQL and that needs no settings; each sequence plays one group, all with `Widest`."""


def models(group: int) -> list[TierModel[Any]]:
    """A group of models, one among them that remembers the run before, and one that asks for facts of every table."""
    return [*build_models(Document({"models": GROUPS[group]}, "test")), Widest(ModelSpec())]


def duckdb() -> Engine:
    return DuckDBEngine(threads=1)


@cache
def prepared(seed: int, group: int) -> Ledger:
    """A shop with its first run, made once; sequences begin from copies of it."""
    ledger = Ledger(Path(tempfile.mkdtemp(prefix="tierwise-sequences-")))
    ledger.begin(seed)
    one, other = (ledger.run(place, models(group), DAYS[0], duckdb) for place in (ledger.stepwise, ledger.whole))
    assert differences(one, other) == []
    return ledger


customers = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4)
seeds = st.integers(0, 2**16)
others = st.sampled_from(
    ("order_lines", "events", "feedback", "tickets", "touches", "balances", "referrals", "customers")
)


class Sequences(RuleBasedStateMachine):
    """One sequence: changes in any order, and runs now and then, the last thing always a run."""

    engine = staticmethod(duckdb)
    played: ClassVar[dict[str, int]] = {}

    @initialize(seed=st.integers(0, 1), group=st.integers(0, len(GROUPS) - 1))
    def begin(self, seed: int, group: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tierwise-sequence-"))
        self.ledger = prepared(seed, group).copy(self.folder)
        self.group, self.day, self.merged = group, 0, dict[str, str]()

    @rule(whom=customers, seed=seeds)
    def orders_come(self, whom: list[str], seed: int) -> None:
        """New orders of any day: late ones, returns, and orders that are not due yet are among them."""
        self.ledger.bring("orders", self.ledger.rows_of("orders", whom, random.Random(seed)))

    @rule(whom=customers, seed=seeds)
    def orders_change(self, whom: list[str], seed: int) -> None:
        """Orders that came before come again, with other amounts, days, states, or another customer."""
        dice = random.Random(seed)
        names = dice.sample(sorted(self.ledger.orders), len(whom))
        self.ledger.bring("orders", [order(name, customer, dice) for name, customer in zip(names, whom, strict=True)])

    @rule(table=others, whom=customers, seed=seeds)
    def other_rows_come(self, table: str, whom: list[str], seed: int) -> None:
        self.ledger.bring(table, self.ledger.rows_of(table, whom, random.Random(seed)))

    @rule(seed=seeds)
    def an_import_is_undone_or_redone(self, seed: int) -> None:
        self.ledger.undo_or_redo(random.Random(seed))

    @rule(pair=st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=2, unique=True))
    def two_are_merged(self, pair: list[str]) -> None:
        gone, stays = pair
        if gone not in self.merged and gone not in self.merged.values() and stays not in self.merged:
            self.merged[gone] = stays
            self.ledger.merge(self.merged)

    @precondition(lambda self: self.merged)
    @rule(seed=seeds)
    def a_merge_is_undone(self, seed: int) -> None:
        del self.merged[random.Random(seed).choice(sorted(self.merged))]
        self.ledger.merge(self.merged)

    @rule(whom=st.sampled_from(PEOPLE))
    def one_is_erased(self, whom: str) -> None:
        self.ledger.erase(whom)

    @rule(days=st.integers(1, 2))
    def days_pass(self, days: int) -> None:
        self.day = min(self.day + days, len(DAYS) - 1)

    @rule()
    def both_run(self) -> None:
        ledger, day = self.ledger, DAYS[self.day]
        one, other = (
            ledger.run(place, models(self.group), day, self.engine) for place in (ledger.stepwise, ledger.whole)
        )
        assert other.manifest.made["kind"] == "full"
        self.played[one.manifest.made["kind"]] = self.played.get(one.manifest.made["kind"], 0) + 1
        assert differences(one, other) == []

    def teardown(self) -> None:
        if hasattr(self, "ledger"):
            self.both_run()
            self.played["sequences"] = self.played.get("sequences", 0) + 1
            shutil.rmtree(self.folder, ignore_errors=True)


@pytest.mark.slow
def test_any_sequence(capsys: pytest.CaptureFixture[str]) -> None:
    played = settings(
        max_examples=SEQUENCES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
    )
    Sequences.played = {}
    run_state_machine_as_test(Sequences, settings=played)
    with capsys.disabled():
        print(f"\nplayed {Sequences.played}")
    assert Sequences.played["sequences"] >= min(SEQUENCES, 10)
    assert Sequences.played["incremental"] > Sequences.played.get("full", 0)
