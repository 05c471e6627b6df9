"""Where a workspace keeps what: imports, identity, runs, and the name of the published run."""

from __future__ import annotations

import errno
import fcntl
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TextIO

from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text
from tierwise.snapshots.files import sync_folder, write_synced

NO_RUN = ErrorKind(
    "run.none",
    Family.DATA,
    what=Text("there is no published run here", "这里还没有已发布的运行结果"),
    cause=Text(
        "`tierwise tier` or `tierwise run` has not finished here yet", "尚未在此成功执行 tierwise tier 或 tierwise run"
    ),
    cure=Text("run one of them, or name the folder with --workspace", "请先运行其一，或用 --workspace 指定目录"),
)
UNKNOWN_RUN = ErrorKind(
    "run.unknown",
    Family.DATA,
    what=Text("there is no run {name}", "没有运行 {name}"),
    cause=Text("the runs here are: {known}", "现有运行：{known}"),
    cure=Text("name one of these, or 'current' or 'previous'", "请使用其中之一，或 current、previous"),
)
BUSY = ErrorKind(
    "run.busy",
    Family.RESOURCE,
    what=Text("another run is being written here", "此处正在写入另一次运行"),
    cause=Text("a workspace takes one writer at a time", "同一工作区同时只能有一个写入者"),
    cure=Text("wait for it to end; readers are never blocked", "请等待其结束；读取不受影响"),
)


UNUSABLE = ErrorKind(
    "run.workspace_unusable",
    Family.RESOURCE,
    what=Text("nothing can be written here: {message}", "无法写入此处：{message}"),
    cause=Text("it is a file and no folder, or you may not write to it", "它是文件而不是文件夹，或没有写入权限"),
    cure=Text("name another folder with --workspace or --out", "请用 --workspace 或 --out 指定其他文件夹"),
)

_NOT_WRITABLE = (errno.ENOTDIR, errno.EEXIST, errno.EACCES, errno.EPERM, errno.EROFS)
_PREPARED = ".CURRENT."


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with `imports/`, `identity/`, `runs/` and `CURRENT`."""

    root: Path

    @property
    def imports(self) -> Path:
        """The ledger of imports, one folder each; names that begin with a dot are being written."""
        return self.root / "imports"

    @property
    def identity(self) -> Path:
        """Which customer ids gave way to which, one folder a state."""
        return self.root / "identity"

    def identity_state(self) -> str | None:
        """The id of the identity state that holds; None where nobody was merged."""
        try:
            return (self.identity / "CURRENT").read_text(encoding="utf-8").strip() or None
        except FileNotFoundError:
            return None

    @property
    def state(self) -> Path:
        """What the published run left for the next one, so that it need not make everything anew."""
        return self.root / "state"

    @property
    def runs(self) -> Path:
        """Published runs, one folder each; names that begin with a dot are being written."""
        return self.root / "runs"

    @property
    def pointer(self) -> Path:
        """The file that names the published run."""
        return self.root / "CURRENT"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one writer's place; the lock ends with the process, however that ends."""
        with self._lock_file() as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BUSY.error(Place(file=str(self.root))) from error
            self.clear_leftovers()
            yield

    def _lock_file(self) -> TextIO:
        try:
            self.runs.mkdir(parents=True, exist_ok=True)
            self.imports.mkdir(exist_ok=True)
            return (self.root / ".lock").open("w")
        except OSError as error:
            if error.errno not in _NOT_WRITABLE:
                raise
            raise UNUSABLE.error(Place(file=str(self.root)), message=error.strerror) from error

    def clear_leftovers(self) -> None:
        """Remove what a writer that failed or was killed left behind; only the holder of `writing` may.

        That is what is half-written, and a whole run whose name was never put into CURRENT.
        """
        for left in self.root.glob(f"{_PREPARED}*"):
            name = left.read_text(encoding="utf-8").strip()
            if name and name != self._pointed_to() and (self.runs / name).is_dir():
                (self.runs / name).rename(self.runs / f".writing-{name}")
            left.unlink()
        for folder in (self.runs, self.imports, self.state):
            for left in folder.glob(".writing-*"):
                shutil.rmtree(left)

    def _pointed_to(self) -> str | None:
        return self.pointer.read_text(encoding="utf-8").strip() if self.pointer.exists() else None

    def current(self) -> str:
        """The name of the published run; raises `run.none`."""
        try:
            return self.pointer.read_text(encoding="utf-8").strip()
        except FileNotFoundError as error:
            raise NO_RUN.error(Place(file=str(self.root))) from error

    def names(self) -> list[str]:
        """All whole runs, oldest first."""
        if not self.runs.is_dir():
            return []
        return sorted(
            run.name for run in self.runs.iterdir() if (run / "manifest.json").is_file() and run.name[0] != "."
        )

    def resolve(self, name: str) -> Path:
        """The folder of a run named by its id, or as `current` or `previous`; raises `run.unknown`."""
        if name == "current":
            name = self.current()
        elif name == "previous":
            current = self.current()
            name = max((run for run in self.names() if run < current), default=name)
        known = self.names()  # after CURRENT was read: a run published in between is then among them
        if name not in known:
            raise UNKNOWN_RUN.error(Place(file=str(self.root)), name=name, known=", ".join(known) or "-")
        return self.runs / name

    def prepare_pointer(self, name: str) -> Path:
        """Write beside CURRENT what it is to hold, before the run gets its name: a crash between leaves a trace."""
        prepared = self.root / f"{_PREPARED}{secrets.token_hex(4)}"
        write_synced(prepared, name + "\n")
        return prepared

    def publish(self, prepared: Path) -> None:
        """Make the run named in a prepared pointer the current one, in one step."""
        prepared.replace(self.pointer)
        sync_folder(self.root)


def new_id(as_of: date | None = None) -> str:
    """A name that sorts by time of writing, and says the day it was computed for."""
    written = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    day = f"-asof{as_of:%Y%m%d}" if as_of else ""
    return f"{written}{day}-{secrets.token_hex(2)}"
