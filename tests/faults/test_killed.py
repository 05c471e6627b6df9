"""`kill -9` at every stage of a run, inside its publishing, and at random: the run before stays, the next one works."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from typing import Any

import pytest
from tests.faults import child
from tests.faults.conftest import Shop
from tests.faults.striking import Striker

from tierwise.snapshots.runs import open_run


def some_slow(cases: tuple[str, ...], quick: tuple[str, ...]) -> list[Any]:
    """All cases, of which CI runs every one and the quick suite those named."""
    return [case if case in quick else pytest.param(case, marks=pytest.mark.slow) for case in cases]


def struck_down(processes: ForkServerContext, target: Callable[..., None], *args: Any) -> None:
    process = processes.Process(target=target, args=args)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL, f"the run ended with {process.exitcode} before it could be killed"


@pytest.mark.parametrize("stage", some_slow(child.STAGES, quick=("indicators", "publish")))
def test_at_every_stage(shop: Shop, processes: ForkServerContext, stage: str) -> None:
    struck_down(processes, child.run_dying_at_stage, shop.folder, shop.orders, stage)
    shop.check_intact()
    shop.check_next_run_clears_up()


@pytest.mark.parametrize("moment", some_slow(child.MOMENTS[:-1], quick=("run renamed",)))
def test_inside_publishing(shop: Shop, processes: ForkServerContext, moment: str) -> None:
    struck_down(processes, child.run_dying_at_moment, shop.folder, shop.orders, moment)
    shop.check_intact()
    shop.check_next_run_clears_up()


def test_after_the_pointer_was_replaced_the_new_run_is_whole(shop: Shop, processes: ForkServerContext) -> None:
    struck_down(processes, child.run_dying_at_moment, shop.folder, shop.orders, child.MOMENTS[-1])
    found = open_run(shop.workspace)
    assert found.name > shop.first.name
    found.verify()
    shop.check_next_run_clears_up()


def test_stages_are_those_a_run_tells(shop: Shop) -> None:
    """Should a stage be added or renamed, this list must follow, or it would be struck at no longer."""
    from tierwise.pipeline import run

    told: list[str] = []

    class Listens(child.DiesAt):
        def stage(self, name: str, label: Any) -> None:
            told.append(name)

    run(child.job_of(shop.folder, shop.orders), child.resources_in(shop.folder), Listens(""))
    assert tuple(told) == child.STAGES


@pytest.mark.slow
def test_at_random_moments(make_shop: Callable[..., Shop], processes: ForkServerContext) -> None:
    shop = make_shop(20_000)
    started = time.perf_counter()
    shop.run()
    striker = Striker(processes, seed=11, longest_seconds=time.perf_counter() - started)
    for _ in range(60):
        current = shop.workspace.current()
        striker.strike(child.run_when_told, shop.folder, shop.orders)
        found = open_run(shop.workspace)
        assert found.name == current or found.name > current
        found.verify()
        if striker.killed >= 12:
            break
    assert striker.killed >= 12
    shop.run()
    shop.check_no_leftovers()
