"""Merges are a map over facts that never change: sums stay, undo is exact, guards hold, crashes lose nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.identity.decisions import LOG, Decision, read_log
from tierwise.identity.holdings import (
    effective_consents,
    effective_holdouts,
    point_balances,
    under_surviving_ids,
)
from tierwise.identity.ledger import MAP, IdentityLedger, current_state
from tierwise.identity.merges import MOST_PER_CUSTOMER
from tierwise.sql.steps import Step

PEOPLE = [f"c{n}" for n in range(8)]
SEVERAL = st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=4, unique=True)
TABLES = {
    "orders": "SELECT 'o' || i AS order_id, 'c' || (i % 8) AS customer_id, CAST(i * 3.25 AS DECIMAL(18, 2)) AS amount FROM range(40) t(i)",
    "points": "SELECT 'p' || i AS entry_id, 'c' || (i % 7) AS customer_id, CAST(i - 9 AS DECIMAL(18, 2)) AS points FROM range(30) t(i)",
    "consents": "SELECT 'c' || (i % 8) AS customer_id, 'marketing' AS purpose, CASE i % 2 WHEN 0 THEN 'sms' ELSE 'email' END AS channel,"
    " CAST(i % 3 > 0 AS BIGINT) AS granted, TIMESTAMP '2026-01-01 00:00:00' + INTERVAL (i) DAY AS given_at FROM range(24) t(i)",
    "holdouts": "SELECT 'c' || (i * 3) AS customer_id, 'spring' AS experiment, DATE '2026-01-01' + CAST(i AS INTEGER) AS held_since"
    " FROM range(3) t(i)",
}  # fmt: skip
COLUMNS = {
    "orders": ("order_id", "amount"),
    "points": ("entry_id", "points"),
    "consents": ("purpose", "channel", "granted", "given_at"),
    "holdouts": ("experiment", "held_since"),
}
VIEWS = {"balance": point_balances, "consent": effective_consents, "holdout": effective_holdouts}


@pytest.fixture
def facts(duck: DuckDBEngine) -> DuckDBEngine:
    for table, sql in TABLES.items():
        duck.native(table, f"CREATE TABLE {table} AS {sql}")
    return duck


def lay_map(engine: DuckDBEngine, survivors: Any) -> None:
    engine.native("map", "CREATE OR REPLACE TEMP TABLE identity_map (customer_id VARCHAR, survivor_id VARCHAR)")
    if survivors:
        engine.native(
            "map", "INSERT INTO identity_map SELECT unnest(?), unnest(?)", [list(survivors), list(survivors.values())]
        )


def seen(engine: DuckDBEngine, name: str) -> list[tuple[Any, ...]]:
    return engine.native(name, f"SELECT * FROM ({VIEWS[name]()}) ORDER BY ALL")


def digests(engine: DuckDBEngine, folder: Path, ledger: IdentityLedger) -> dict[str, str]:
    """The SHA-256 of every table as a run would read and write it now."""
    state = current_state(ledger.folder)
    if state:
        engine.attach("identity_map", [ledger.folder / state / MAP])
    queries = {table: under_surviving_ids(table, columns, bool(state)) for table, columns in COLUMNS.items()}
    queries |= {name: make(merged=bool(state)) for name, make in VIEWS.items()}
    found = {}
    for name, sql in queries.items():
        engine.run(Step(f"seen_{name}", sql))
        engine.write(f"seen_{name}", folder / name, order_by=["ALL"])
        found[name] = hashlib.sha256((folder / name / "part-000.parquet").read_bytes()).hexdigest()
    return found


def test_a_merge_and_its_undo_leave_every_table_byte_for_byte(facts: DuckDBEngine, tmp_path: Path) -> None:
    ledger = IdentityLedger(tmp_path / "identity")
    before = digests(facts, tmp_path / "before", ledger)
    first = ledger.merge(["c1", "c4"], "ann", "same phone and name")
    once = digests(facts, tmp_path / "once", ledger)
    second = ledger.merge(["c4", "c6", "c0"], "ann", "one family card")
    twice = digests(facts, tmp_path / "twice", ledger)
    assert len({before["orders"], once["orders"], twice["orders"]}) == 3
    ledger.undo(second.id, "bob", "two people")
    assert digests(facts, tmp_path / "undone", ledger) == once
    ledger.undo(first.id, "bob")
    assert digests(facts, tmp_path / "all undone", ledger) == before
    assert current_state(ledger.folder) is None


def test_what_customers_hold_follows_them(facts: DuckDBEngine, tmp_path: Path) -> None:
    lay_map(facts, {})
    apart = {name: seen(facts, name) for name in VIEWS}
    ledger = IdentityLedger(tmp_path)
    merged = ledger.merge(["c2", "c3"], "ann", "same person")
    lay_map(facts, ledger.now.survivors)
    points, alone = dict(seen(facts, "balance")), dict(apart["balance"])
    assert points["c2"] == alone["c2"] + alone["c3"] and "c3" not in points
    refused = {row[:3] for row in apart["consent"] if row[3] == 0}
    assert {row[:3]: row[3] for row in seen(facts, "consent")}[("c2", "marketing", "sms")] == (
        0 if ("c2", "marketing", "sms") in refused else 1
    )
    assert ("c2", "spring") in {row[:2] for row in seen(facts, "holdout")}  # c3 was held out
    ledger.undo(merged.id, "ann")
    lay_map(facts, ledger.now.survivors)
    assert {name: seen(facts, name) for name in VIEWS} == apart


def test_one_no_among_several_ids_is_a_no(duck: DuckDBEngine) -> None:
    duck.native(
        "c",
        "CREATE TABLE consents (customer_id VARCHAR, purpose VARCHAR, channel VARCHAR, granted BIGINT, given_at TIMESTAMP)",
    )
    duck.native("c", "INSERT INTO consents VALUES ('a', 'm', 'sms', 0, '2026-01-01'), ('a', 'm', 'sms', 1, '2026-02-01'),"
                     " ('b', 'm', 'sms', 0, '2025-01-01'), ('b', 'm', 'email', 1, '2025-01-01')")  # fmt: skip
    lay_map(duck, {"b": "a"})
    assert seen(duck, "consent") == [("a", "m", "email", 1), ("a", "m", "sms", 0)]
    lay_map(duck, {})
    assert ("a", "m", "sms", 1) in seen(duck, "consent")


class _InMemory(IdentityLedger):
    """The same decisions and checks without the disk, so that thousands of histories can be tried."""

    def __init__(self) -> None:
        self.decisions, self.folder, self.enrich, self.basis = [], Path("nowhere"), None, ""

    def _take(self, decisions: Any) -> list[Decision]:
        self.decisions += decisions
        return list(decisions)


def machine(maps: list[dict[str, str]]) -> type[RuleBasedStateMachine]:
    """Histories of decisions; the map that each leads to is added to `maps`."""

    class Histories(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.ledger = _InMemory()

        @initialize(groups=st.lists(SEVERAL, min_size=1, max_size=3))
        def begin_merged(self, groups: list[list[str]]) -> None:
            """A history without a merge shows nothing: each begins with some."""
            for members in groups:
                self.ledger.merge(members, "ann", "")

        @rule(members=SEVERAL)
        def merge(self, members: list[str]) -> None:
            try:
                self.ledger.merge(members, "ann", "")
            except TierwiseError as error:
                assert error.code == "identity.kept_apart"
                assert self.ledger.now.apart

        @rule(pair=st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=2, unique=True))
        def keep_apart(self, pair: list[str]) -> None:
            joined = self.ledger.now.survivor(pair[0]) == self.ledger.now.survivor(pair[1])
            try:
                self.ledger.keep_apart(*pair, "ann", "")
                assert not joined
            except TierwiseError as error:
                assert joined and error.code == "identity.merged_now"

        @rule(which=st.integers(0, 50))
        def undo(self, which: int) -> None:
            now = self.ledger.now
            held = [*now.merges, *now.apart]
            if held:
                self.ledger.undo(held[which % len(held)].id, "bob")

        def teardown(self) -> None:
            now = self.ledger.now
            maps.append(dict(now.survivors))
            for kept in now.apart:
                assert now.survivor(kept.members[0]) != now.survivor(kept.members[1])
            for decision in now.merges:
                self.ledger.undo(decision.id, "bob")
            assert self.ledger.now.survivors == {} and self.ledger.now.state_on() is None

    return Histories


def try_histories(engine: DuckDBEngine, histories: int) -> None:
    """Try many histories, and look at the sums after all of them at once: each has the facts to itself."""
    maps: list[dict[str, str]] = []
    chosen = settings(
        max_examples=histories, stateful_step_count=12, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(machine(maps), settings=chosen)
    # which histories are tried changes with the constants in the code, of which hypothesis takes note
    assert len(maps) >= histories and sum(map(bool, maps)) > histories / 2
    assert len({tuple(sorted(survivors.items())) for survivors in maps}) > histories / 50
    lay_map(
        engine, {f"{n}:{gone}": f"{n}:{kept}" for n, survivors in enumerate(maps) for gone, kept in survivors.items()}
    )
    sums = {"orders": "sum(amount)", "points": "sum(points)", "consents": "sum(granted)", "holdouts": "min(held_since)"}
    for table, total in sums.items():
        columns = ", ".join(COLUMNS[table])
        engine.native(
            table,
            f"CREATE OR REPLACE TEMP VIEW many AS SELECT n || ':' || customer_id AS customer_id, {columns} FROM {table},"
            f" range({len(maps)}) h(n)",
        )
        rows = f"({under_surviving_ids('many', COLUMNS[table])})"
        whole = engine.native("whole", f"SELECT {total}, count(*) FROM {table}")[0]
        by_history = f"SELECT split_part(customer_id, ':', 1), {total}, count(*) FROM {rows} GROUP BY 1"
        found = engine.native("sums", by_history)
        assert len(found) == len(maps) and {row[1:] for row in found} == {whole}
        if table == "points":
            balances = f"SELECT DISTINCT sum(points) OVER (PARTITION BY split_part(customer_id, ':', 1)) FROM ({point_balances('many')})"
            assert engine.native("balances", balances) == [(whole[0],)]


def test_sums_outlast_any_history_of_merges_and_undos(facts: DuckDBEngine) -> None:
    try_histories(facts, 100)


@pytest.mark.slow
def test_sums_outlast_ten_thousand_histories(facts: DuckDBEngine) -> None:
    try_histories(facts, 10_000)


def test_the_order_of_merges_does_not_matter(tmp_path: Path) -> None:
    pairs = [("a", "b"), ("c", "d"), ("b", "d"), ("e", "f")]
    states = []
    for place, order in enumerate((pairs, pairs[::-1])):
        ledger = IdentityLedger(tmp_path / str(place))
        for pair in order:
            ledger.merge(pair, "ann", "")
        state = ledger.now.state_on()
        states.append((state, (ledger.folder / str(state) / MAP).read_bytes()))
    assert states[0] == states[1] and ledger.now.group("d") == ("a", "b", "c", "d")


Call = Callable[[IdentityLedger], object]


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("identity.too_few", lambda ledger: ledger.merge(["a", "a"], "ann", "")),
        ("identity.too_few", lambda ledger: ledger.keep_apart("a", "a", "ann", "")),
        ("identity.merged_now", lambda ledger: ledger.keep_apart("a", "c", "ann", "")),
        ("identity.kept_apart", lambda ledger: ledger.merge(["c", "z"], "ann", "")),
        ("identity.unknown_decision", lambda ledger: ledger.undo("nothing", "ann")),
        (
            "identity.merge_too_large",
            lambda ledger: ledger.merge([f"m{n}" for n in range(MOST_PER_CUSTOMER + 1)], "ann", ""),
        ),
    ],
)
def test_what_may_not_be_is_refused_and_changes_nothing(tmp_path: Path, code: str, call: Call) -> None:
    ledger = IdentityLedger(tmp_path)
    ledger.merge(["a", "b"], "ann", "")
    ledger.merge(["b", "c"], "ann", "")
    ledger.keep_apart("a", "z", "ann", "father and son")
    before = (tmp_path / LOG).read_bytes()
    with pytest.raises(TierwiseError) as raised:
        call(ledger)
    assert raised.value.code == code and (tmp_path / LOG).read_bytes() == before


def test_a_decision_is_taken_back_once(tmp_path: Path) -> None:
    ledger = IdentityLedger(tmp_path)
    merged = ledger.merge(["a", "b"], "ann", "")
    undone = ledger.undo(merged.id, "bob", "wrong")
    for name, code in ((merged.id, "identity.undone_already"), (undone.id, "identity.unknown_decision")):
        with pytest.raises(TierwiseError) as raised:
            ledger.undo(name, "bob")
        assert raised.value.code == code


def test_a_line_that_a_killed_writer_left_is_not_a_decision(tmp_path: Path) -> None:
    IdentityLedger(tmp_path).merge(["a", "b"], "ann", "")
    with (tmp_path / LOG).open("ab") as stream:
        stream.write(b'{"id": "half')
    ledger = IdentityLedger(tmp_path)
    ledger.merge(["c", "d"], "ann", "")
    assert [decision.members for decision in read_log(tmp_path)] == [("a", "b"), ("c", "d")]


def test_a_crash_after_the_log_is_made_good(tmp_path: Path) -> None:
    ledger = IdentityLedger(tmp_path)
    ledger.merge(["a", "b"], "ann", "")
    kept = current_state(tmp_path)
    (tmp_path / "CURRENT").unlink()
    assert IdentityLedger(tmp_path).publish() == kept == current_state(tmp_path)


def test_a_log_that_somebody_changed_is_refused_with_its_line(tmp_path: Path) -> None:
    IdentityLedger(tmp_path).merge(["a", "b"], "ann", "")
    (tmp_path / LOG).write_text((tmp_path / LOG).read_text() + "{}\n")
    with pytest.raises(TierwiseError) as raised:
        read_log(tmp_path)
    assert raised.value.code == "identity.broken_log" and raised.value.problems[0].place.line == 2
