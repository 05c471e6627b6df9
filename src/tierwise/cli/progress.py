"""Progress on a terminal: the stage that runs and for how long. Silent when piped."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.status import Status

from tierwise.cli.format import console
from tierwise.cli.speech import interactive, tell
from tierwise.language import Text


class TerminalProgress:
    """An observer that draws a spinner with the current stage and leaves a line for each finished one."""

    def __init__(self) -> None:
        self._shown = interactive()
        self._console: Console = console(stderr=True)
        self._status: Status | None = None
        self._label = ""
        self._started = time.monotonic()

    def __enter__(self) -> TerminalProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish(done=error is None)

    def stage(self, name: str, label: Text) -> None:
        """Show the stage that begins."""
        if not self._shown:
            return
        self._finish(done=True)
        self._label, self._started = tell(label), time.monotonic()
        self._status = self._console.status(self._label)
        self._status.start()

    def detail(self, label: Text) -> None:
        """Show what the stage is doing."""
        if self._status is not None:
            self._status.update(f"{self._label} · [dim]{tell(label)}[/dim]")

    def _finish(self, done: bool) -> None:
        if self._status is None:
            return
        self._status.stop()
        self._status = None
        seconds = time.monotonic() - self._started
        mark = "[green]✓[/green]" if done else "[red]✗[/red]"
        self._console.print(f"{mark} {self._label} [dim]{seconds:.1f} s[/dim]")
