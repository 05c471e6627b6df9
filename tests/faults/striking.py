"""Striking a process down at random moments, on a machine of any speed."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerContext


class Striker:
    """Kills pieces of work at random moments and counts the strikes that hit.

    How long the work lasts on this machine is learnt as it goes: a strike that came too late makes the next ones
    earlier, so that a fast machine sees as many hits as a slow one.
    """

    def __init__(self, processes: ForkServerContext, seed: int, longest_seconds: float) -> None:
        self.processes, self.dice, self.longest_seconds = processes, random.Random(seed), longest_seconds
        self.killed = 0

    def strike(self, target: Callable[..., None], *args: object) -> None:
        """Start `target(*args, begun)`, which sets `begun` when its work begins, and kill it at some moment after."""
        begun = self.processes.Event()
        process = self.processes.Process(target=target, args=(*args, begun))
        process.start()
        assert begun.wait(120), "the work never began"
        time.sleep(self.dice.uniform(0, self.longest_seconds))
        process.kill()
        process.join(60)
        if process.exitcode == -signal.SIGKILL:
            self.killed += 1
        else:
            assert process.exitcode == 0, f"the work failed by itself, with {process.exitcode}"
            self.longest_seconds *= 0.7
