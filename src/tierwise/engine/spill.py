"""Spill folders that clean up after the dead: each engine locks its own, so an unlocked one has no owner any more."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from pathlib import Path

_PREFIX = "tierwise-spill-"
_LOCK = "lock"


class SpillFolder:
    """A fresh folder below `parent` (the system's place for temporary files by default), ours until `remove`.

    Making one removes what processes that were killed have left there: spill files can be as large as the data.
    """

    def __init__(self, parent: Path | None = None) -> None:
        home = parent or Path(tempfile.gettempdir())
        remove_abandoned(home)
        made = Path(tempfile.mkdtemp(prefix="tierwise-new-", dir=home))
        self._lock = (made / _LOCK).open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.path = made.rename(home / made.name.replace("tierwise-new-", _PREFIX))  # seen only once it is locked

    def remove(self) -> None:
        """Remove the folder and everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def remove_abandoned(home: Path) -> None:
    """Remove the spill folders whose lock nobody holds; those of other users are not ours to open, and stay."""
    for folder in home.glob(f"{_PREFIX}*"):
        try:
            with (folder / _LOCK).open("r+") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # held, not ours, or being made or removed at this moment
