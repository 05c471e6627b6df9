"""Files that people dropped are copies of a source and may hold anybody: an erasure removes them.

What was imported is in the ledger, which the core erases from; a file that was not yet imported has to be dropped again.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from tierwise_console.runs.models import Upload


def dropped_files() -> list[Path]:
    """The files that lie here, with the rejected rows of their dry runs."""
    found = [
        *(Path(settings.MEDIA_ROOT) / "dropped").glob("*"),
        *(settings.ENVIRONMENT.home / "event-batches").glob("*"),
    ]
    return sorted(file for file in found if file.is_file())


def forget_dropped_files() -> int:
    """Remove them, and what is known of files that were not imported; returns how many files went."""
    files = dropped_files()
    for file in files:
        file.unlink(missing_ok=True)
    Upload.objects.filter(import_job=None).delete()
    return len(files)
