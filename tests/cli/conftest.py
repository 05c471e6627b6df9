"""Run the command line in this process, as a user's shell would: arguments in, output and exit code out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tierwise.cli.main import execute


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Said]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_SERVER", "1")

    def say(*arguments: str, lang: str = "en") -> Said:
        capsys.readouterr()
        code = execute(["--lang", lang, *arguments])
        found = capsys.readouterr()
        return Said(code, found.out, found.err)

    return say


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Thirty customers with one to five orders each, a refund, and a row that nobody can use."""
    file = tmp_path / "orders.csv"
    lines = ["会员号,下单时间,实付金额"]
    for customer in range(1, 31):
        for order in range(1, customer % 5 + 2):
            lines.append(
                f"{customer:04d},2026-{order * 2:02d}-{customer % 27 + 1:02d} 10:30:00,{customer * 10 + order}.50"
            )
    lines.append("0007,2026-10-30 09:00:00,-20.00")
    lines.append(",2026-10-30 09:00:00,99.00")
    file.write_text("\n".join(lines) + "\n", encoding="gb18030")
    return file
