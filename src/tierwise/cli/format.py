"""Numbers and tables as the terminal shows them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

PLAIN_WIDTH = 118


class _Terminal(Console):
    """A console that leaves it to `tierwise.cli.main` to end quietly when its reader has gone."""

    def on_broken_pipe(self) -> None:
        """Let the error of the pipe reach the entry point: rich would end the process with a code that we do not document."""
        raise BrokenPipeError


def console(stderr: bool = False) -> Console:
    """A console as wide as the terminal; of a fixed width where output goes to a file or a pipe."""
    stream = sys.stderr if stderr else sys.stdout
    width = shutil.get_terminal_size().columns if stream.isatty() else PLAIN_WIDTH
    return _Terminal(file=stream, width=width, highlight=False, soft_wrap=False)


def number(value: Any) -> str:
    """A number with thousands separators; a dash where there is none."""
    if value is None:
        return "–"
    if isinstance(value, str):
        value = Decimal(value)
    return f"{value:,}"


def money(value: Any) -> str:
    """An amount with two decimals; a dash where there is none."""
    return "–" if value is None else f"{Decimal(value).quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


def percent(value: Any) -> str:
    """A share in per cent; a dash where there is none."""
    return "–" if value is None else f"{Decimal(value):.1f}%"


def score_percent(score: float | None) -> str:
    """A score in per cent, cut and never rounded up: 100.0% is said of what is without a fault only."""
    return "–" if score is None else f"{(Decimal(str(score)) * 100).quantize(Decimal('0.1'), ROUND_DOWN)}%"


def table(title: str, columns: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]]) -> Table:
    """A table; each column has a heading and whether it holds figures, which stand to the right."""
    drawn = Table(title=title or None, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for heading, figures in columns:
        drawn.add_column(heading, justify="right" if figures else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(escape(cell) for cell in row))
    return drawn
