"""Every guard that can hold a pair back has words in both languages, and an old queue is still read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.conflicts import CHAIN
from tierwise.identity.duplicates import find_duplicates
from tierwise.identity.held import GUARDS_SAY, held_back
from tierwise.identity.kinds import Kind
from tierwise.identity.merges import Standing
from tierwise.identity.queue import QUEUE, pending, write_queue
from tierwise.identity.rules import GUARDS, HOMOPHONES, RULES

KINDS = {"name": Kind.FULL_NAME, "phone": Kind.PHONE, "email": Kind.EMAIL}
HOME = {"phone": "13911110001", "email": "home@qq.com"}


@pytest.mark.parametrize("guard", [*GUARDS, HOMOPHONES, CHAIN])
def test_every_guard_has_words(guard: str) -> None:
    for rule in RULES:
        (told,) = held_back(rule, guard, False)
        assert GUARDS_SAY[guard].en in told.en and GUARDS_SAY[guard].zh in told.zh


def _queue(duck: DuckDBEngine, load: Callable[..., str], folder: Path) -> dict[tuple[str, str], tuple[str, ...]]:
    people = [
        {"id": "1", "name": "王芳", **HOME},
        {"id": "2", "name": "王建国", **HOME},
        {"id": "3", "name": None, **HOME},
        *({"id": f"x{n}", "name": f"赵{chr(0x4E00 + n * 7)}", "phone": f"1350000{n:04d}", "email": f"m{n}u@qq.com"} for n in range(40)),
    ]  # fmt: skip
    found = find_duplicates(duck, load("people", people), "id", KINDS)
    write_queue(duck, found, folder)
    pairs, _ = pending(folder, Standing({}, (), (), ()))
    return {(pair.left, pair.right): tuple(text.en for text in pair.held) for pair in pairs}


def test_couples_and_chains_say_why(duck: DuckDBEngine, load: Callable[..., str], tmp_path: Path) -> None:
    held = _queue(duck, load, tmp_path)
    assert "through it" in held["1", "3"][0] and "through it" in held["2", "3"][0]
    assert "the names differ" in held["1", "2"][0]


def test_a_queue_of_an_earlier_version_is_read(duck: DuckDBEngine, load: Callable[..., str], tmp_path: Path) -> None:
    _queue(duck, load, tmp_path)
    table = pq.read_table(tmp_path / QUEUE)
    pq.write_table(table.drop_columns(["held_rule", "held_by"]), tmp_path / QUEUE)
    pairs, count = pending(tmp_path, Standing({}, (), (), ()))
    assert count == len(pairs) > 0 and all(not pair.held or pair.refused for pair in pairs)
