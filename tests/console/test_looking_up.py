"""Engines for cards: kept between requests, one request at a time each, and gone after a failure."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.console.runs_on_disk import write_run

from tierwise.engine.progress import Silent
from tierwise.errors import TierwiseError
from tierwise.language import Lang
from tierwise.snapshots import by_customer
from tierwise_console.runs import looking_up as kept
from tierwise_console.runs import stories
from tierwise_console.runs.looking_up import looking_up
from tierwise_console.runs.stories import Happening, story
from tierwise_console.runs.tasks import TASKS


@pytest.fixture(autouse=True)
def free(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(kept, "_FREE", {})
    yield
    for engines in kept._FREE.values():
        for engine in engines:
            engine.close()


def test_the_next_request_has_the_same_engine() -> None:
    with looking_up() as first:
        pass
    with looking_up() as second:
        assert second is first


def test_two_requests_at_once_have_two() -> None:
    with looking_up() as one, looking_up() as other:
        assert one is not other


def test_a_thread_never_meets_an_engine_in_use() -> None:
    met, start = [], threading.Barrier(8)

    def ask() -> None:
        start.wait(30)
        for number in range(20):
            with looking_up() as engine:
                engine.native("mark", f"CREATE OR REPLACE TEMP TABLE mark AS SELECT {number} AS n, {id(met)} AS who")
                met.append(engine.native("mark", "SELECT n FROM mark")[0][0] == number)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert met == [True] * 160


def test_an_engine_that_failed_is_not_used_again() -> None:
    with pytest.raises(TierwiseError), looking_up() as failed:
        failed.native("wrong", "SELECT nothing_here")
    with looking_up() as fresh:
        assert fresh is not failed
        assert fresh.native("one", "SELECT 1") == [(1,)]


def test_a_forked_process_opens_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with looking_up() as parents:
        pass
    monkeypatch.setattr("os.getpid", lambda: -1)
    with looking_up() as childs:
        assert childs is not parents


def test_a_story_reads_the_same_before_and_after_the_sorting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles = (
        "SELECT 'a' AS customer_id, 'Ann' AS name, '{\"pet\": \"cat\"}' AS attributes UNION ALL SELECT 'b', 'Bob', NULL"
    )
    run = write_run(tmp_path, date(2026, 10, 1), {"rfm": {"a": "gold", "b": "silver"}}, profiles=profiles)
    before = {customer: story(run, customer, Lang.EN) for customer in "ab"}
    request = {"workspace": str(tmp_path)}
    assert TASKS["sort"](dict(request), Silent()) == {"sorted": []}, "small imports need no copy"
    monkeypatch.setattr(by_customer.sort_by_customer, "__defaults__", (1,))
    assert len(TASKS["sort"](dict(request), Silent())["sorted"]) == 1
    assert {customer: story(run, customer, Lang.EN) for customer in "ab"} == before
    assert before["a"].attributes == {"pet": "cat"}


def test_a_story_tells_once_what_happened_several_times_running() -> None:
    day = date(2026, 10, 1)
    seen = [Happening(day, "event", "viewed"), Happening(day, "event", "viewed"), Happening(day, "event", "added")]
    bought = [Happening(day, "order", "order 1", Decimal(5)), Happening(day, "order", "order 1", Decimal(5))]
    later = [Happening(date(2026, 10, 2), "event", "viewed")]
    told = [each.title for each in stories._counted([*later, *seen, *bought])]
    assert told == ["viewed", "viewed × 2", "added", "order 1", "order 1"]


def test_events_of_the_usual_specifications_are_told_in_chinese() -> None:
    told = stories._event({"event": "Product Viewed", "channel": "小程序"})
    assert (told.en, told.zh) == ("Product Viewed 小程序", "浏览商品 小程序")
    assert stories._event({"event": "own", "channel": None}).zh == "own"
