"""`take_over_labels [RUN]`: take a published run over, or go on where that was interrupted."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tierwise_console.crm.services.take_over import Progress, take_over


class Command(BaseCommand):
    """Take the labels of a published run over into the console's database."""

    help = "Take the labels of a published run over into the console's database, or go on where that was interrupted."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which run."""
        parser.add_argument("run", nargs="?", default="current", help="id of the run, or current (default) or previous")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take it over, telling of every batch."""
        self._line(take_over(options["run"], self._line))

    def _line(self, progress: Progress) -> None:
        stage = "done" if progress.done else progress.stage
        self.stdout.write(
            f"{stage}: {progress.customers:,} customers, {progress.labels:,} labels, {progress.changes:,} changes of tier"
        )
