"""What was decided about pairs of customers: a log that only grows. Merges are one entry, and so is taking one back."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text

LOG = "decisions.jsonl"

BROKEN_LOG = ErrorKind(
    "identity.broken_log",
    Family.DATA,
    what=Text("the log of merges cannot be read", "合并记录无法读取"),
    cause=Text("a line in it was changed or is no decision: {message}", "其中一行被改动，或不是合法的记录：{message}"),
    cure=Text(
        "put back the file from a backup; nothing is merged or unmerged while it is broken",
        "请从备份恢复该文件；在修复之前不会合并或拆分任何客户",
    ),
)


class Verdict(StrEnum):
    """What an entry says of its members. `UNDONE` takes another entry back."""

    MERGED = "merged"
    APART = "apart"
    LATER = "later"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry: who said what of which customers, when, and why.

    `rule` is the certain rule that decided, None where a person did. `weight` is the weight of the pair then, log2 of
    the odds. `undoes` is the id of the entry that an `UNDONE` one takes back.
    """

    id: str
    verdict: Verdict
    members: tuple[str, ...]
    by: str
    at: datetime
    reason: str = ""
    rule: str | None = None
    weight: float | None = None
    undoes: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As a line of the log holds it."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return plain | {"verdict": self.verdict.value, "members": list(self.members), "at": self.at.isoformat()}


def decision_from_json(data: dict[str, Any]) -> Decision:
    """Return the entry of a line; KeyError, TypeError or ValueError where it is none."""
    at, members = datetime.fromisoformat(data["at"]), tuple(str(member) for member in data["members"])
    return Decision(**{**data, "verdict": Verdict(data["verdict"]), "members": members, "at": at})


def new_decision(verdict: Verdict, members: Iterable[str], by: str, **more: Any) -> Decision:
    """Return an entry of now; members are sorted and named once."""
    now = datetime.now(UTC)
    return Decision(
        f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}", verdict, tuple(sorted(set(members))), by, now, **more
    )


def read_log(folder: Path) -> list[Decision]:
    """Return the entries, oldest first. A last line without its end was never confirmed: its writer was killed."""
    file = folder / LOG
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(_whole(file.read_bytes()).decode().splitlines(), 1):
        try:
            found.append(decision_from_json(json.loads(line)))
        except (KeyError, TypeError, ValueError) as error:
            raise BROKEN_LOG.error(Place(file=str(file), line=number), message=str(error)) from error
    return found


def append_log(folder: Path, decisions: Sequence[Decision]) -> None:
    """Append entries and have the disk confirm them; what a killed writer left of a line is cut off first."""
    if not decisions:
        return
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / LOG
    with file.open("ab") as stream:
        stream.truncate(len(_whole(file.read_bytes())))
        stream.seek(0, os.SEEK_END)
        lines = (json.dumps(decision.to_json(), ensure_ascii=False) + "\n" for decision in decisions)
        stream.write("".join(lines).encode())
        stream.flush()
        os.fsync(stream.fileno())


def _whole(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]
