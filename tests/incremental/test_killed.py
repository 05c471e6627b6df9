"""`kill -9` at random moments of incremental runs, and ten readers beside a writer: what is published is whole and right.

CI strikes 12 times and publishes 20 runs; `TIERWISE_STRIKES=50 TIERWISE_PUBLISHED=200` with this file does all.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from tests.faults.striking import Striker
from tests.incremental import child
from tests.incremental.ledger import DAYS, PEOPLE, Ledger, differences

from tierwise.snapshots.files import files_below
from tierwise.snapshots.runs import Run, open_run

STRIKES = int(os.environ.get("TIERWISE_STRIKES", "12"))
READERS = 10
PUBLISHED = int(os.environ.get("TIERWISE_PUBLISHED", "20"))


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Fork from a server that has imported everything and started nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.incremental.child"])
    return context


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(tmp_path)
    made.begin(1)
    for place in (made.stepwise, made.whole):
        made.run(place, child.models(), DAYS[0], child.one_thread)
    return made


def in_full(ledger: Ledger, day: int) -> Run:
    return ledger.run(ledger.whole, child.models(), DAYS[day], child.one_thread)


def duration(ledger: Ledger, processes: ForkServerContext) -> float:
    """How long a run takes in a process of its own, so that strikes fall all over it, and some after it."""
    begun = processes.Event()
    process = processes.Process(target=child.run_when_told, args=(ledger.folder, 0, begun))
    process.start()
    begun.wait(60)
    started = time.monotonic()
    process.join(120)
    return time.monotonic() - started


@pytest.mark.slow
def test_at_random_moments(ledger: Ledger, processes: ForkServerContext, capsys: pytest.CaptureFixture[str]) -> None:
    dice, longest = random.Random(7), duration(ledger, processes)
    striker = Striker(processes, seed=7, longest_seconds=1.6 * longest)
    published, kinds = 0, set[str]()
    for strike in range(STRIKES * 4):
        if strike >= STRIKES and striker.killed >= STRIKES // 2:
            break
        ledger.bring("orders", ledger.rows_of("orders", dice.choices(PEOPLE, k=2), dice))
        day, before = min(strike // 12, len(DAYS) - 1), ledger.stepwise.current()
        striker.strike(child.run_when_told, ledger.folder, day)
        found = open_run(ledger.stepwise)
        found.verify()
        if found.name == before:
            continue
        assert found.name > before
        published += 1
        kinds.add(found.manifest.made["kind"])
        assert differences(found, in_full(ledger, day)) == []
    last = ledger.run(ledger.stepwise, child.models(), DAYS[-1], child.one_thread)
    assert last.manifest.made["kind"] == "incremental"
    assert differences(last, ledger.run(ledger.whole, child.models(), DAYS[-1], child.one_thread)) == []
    assert {folder.name for folder in ledger.stepwise.state.iterdir()} == {last.name}
    assert not [file for file in files_below(ledger.stepwise.root) if ".writing" in str(file)]
    with capsys.disabled():
        print(
            f"\n{strike} strikes, {striker.killed} killed a run, {published} runs were published before the strike, {kinds}"
        )
    assert striker.killed >= STRIKES // 2


@pytest.mark.slow
def test_readers_see_one_run_at_a_time(
    ledger: Ledger, processes: ForkServerContext, capsys: pytest.CaptureFixture[str]
) -> None:
    done, told = processes.Event(), processes.Queue()
    readers = [
        processes.Process(target=child.read_on, args=(ledger.folder, number, done, told)) for number in range(READERS)
    ]
    writer = processes.Process(target=child.publish_many, args=(ledger.folder, ledger.orders, PUBLISHED))
    for process in (*readers, writer):
        process.start()
    writer.join()
    done.set()
    found = [told.get(timeout=60) for _ in readers]
    for reader in readers:
        reader.join(60)
    assert writer.exitcode == 0
    assert [wrong for _, _, wrong in found if wrong] == []
    assert len(ledger.stepwise.names()) == PUBLISHED + 1
    reads, most = sum(reads for reads, _, _ in found), max(runs for _, runs, _ in found)
    with capsys.disabled():
        print(
            f"\n{READERS} readers read {reads} times, one of them {most} runs, while {PUBLISHED} were published: no error"
        )
    assert reads >= PUBLISHED and most >= PUBLISHED // 10, "the readers saw too little to prove anything"
