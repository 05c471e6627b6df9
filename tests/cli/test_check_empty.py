"""`tierwise check` where there is nothing yet says so, for silence would look like soundness."""

from __future__ import annotations

from tests.cli.conftest import Command


def test_nothing_to_check(command: Command) -> None:
    said = command("check")
    assert said.code == 0 and "nothing to check" in said.out
    assert "还没有可检查的内容" in command("check", lang="zh-CN").out
    assert command("check", "--json").json == {"sound": [], "problems": []}
