"""Commands that work through a workspace take the same three bounds, and say so where one cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Command

COMMANDS = (
    ("quality", "--again"), ("subject", "0007", "--out", "told"), ("erase", "0007", "--dry-run"),
    ("import", "orders.csv", "--table", "orders"), ("explain", "0007"), ("export",), ("report",),
)  # fmt: skip


@pytest.fixture
def tiered(command: Command, orders: Path) -> Command:
    assert command("tier", str(orders), "--no-report", "--model", "pyramid").code == 0
    return command


@pytest.mark.parametrize("asked", COMMANDS, ids=[asked[0] for asked in COMMANDS])
def test_a_bound_that_cannot_be_read_is_refused(tiered: Command, asked: tuple[str, ...]) -> None:
    said = tiered(*asked, "--memory", "much")
    assert said.code == 3
    assert "config.engine_limit" in said.err


@pytest.mark.parametrize("asked", [COMMANDS[0], COMMANDS[2]], ids=["quality", "erase"])
def test_within_bounds(tiered: Command, asked: tuple[str, ...]) -> None:
    assert tiered(*asked, "--memory", "500MB", "--threads", "1", "--temp", ".").code == 0
