"""What can go wrong, said so that the reader can act: code, place, cause and cure, in both languages.

A stage declares each kind of error once, beside the code that raises it::

    MISSING_COLUMN = ErrorKind(
        "input.missing_column", Family.DATA,
        what=Text("no column for {field}", "找不到“{field}”列"), cause=..., cure=...)

    raise MISSING_COLUMN.error(Place(file="orders.csv"), field="customer_id")

`docs/errors.md` is generated from `all_kinds()`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from tierwise.language import Lang, Text


class Family(IntEnum):
    """The family of an error; its value is the exit code of the command line."""

    USAGE = 2
    CONFIG = 3
    DATA = 4
    RESOURCE = 5
    ENGINE = 6


@dataclass(frozen=True, slots=True)
class Place:
    """Where it happened. Lines and rows count from 1; a row is a record of the data below its header."""

    file: str | None = None
    line: int | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def to(self, lang: Lang) -> str:
        """Return the place in words, empty when nothing is known."""
        names = {
            "line": Text("line", "行号"),
            "row": Text("row", "数据行"),
            "column": Text("column", "列"),
            "value": Text("value", "值"),
        }
        parts = [self.file] if self.file else []
        for attribute, name in names.items():
            found = getattr(self, attribute)
            if found is not None:
                shown = repr(found) if attribute == "value" else found
                parts.append(f"{name.to(lang)} {shown}")
        return ", ".join(str(p) for p in parts)


_KINDS: dict[str, ErrorKind] = {}


@dataclass(frozen=True)
class ErrorKind:
    """One kind of error, declared once. `{fields}` of the texts are filled when it is raised."""

    code: str
    family: Family
    what: Text
    cause: Text
    cure: Text

    def __post_init__(self) -> None:
        known = _KINDS.setdefault(self.code, self)
        if known != self:
            raise ValueError(f"two kinds of error share the code {self.code}")

    def problem(self, place: Place | None = None, **values: Any) -> Problem:
        """Return one problem of this kind, to be collected with others and raised together."""
        return Problem(
            self, place or Place(), self.what.fill(**values), self.cause.fill(**values), self.cure.fill(**values)
        )

    def error(self, place: Place | None = None, **values: Any) -> TierwiseError:
        """Return an exception that carries one problem of this kind."""
        return TierwiseError([self.problem(place, **values)])


@dataclass(frozen=True)
class Problem:
    """An `ErrorKind` that happened at a place, its texts filled in."""

    kind: ErrorKind
    place: Place
    what: Text
    cause: Text
    cure: Text

    def to(self, lang: Lang) -> str:
        """Return the problem as the command line prints it."""
        where = self.place.to(lang)
        labels = (Text("cause", "原因"), Text("cure", "解决"))
        head = f"[{self.kind.code}] {self.what.to(lang)}" + (f" ({where})" if where else "")
        cause, cure = (
            f"  {label.to(lang)}: {text.to(lang)}" for label, text in zip(labels, (self.cause, self.cure), strict=True)
        )
        return "\n".join((head, cause, cure))


class TierwiseError(Exception):
    """One or more problems, all that were found, in the order they were found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        if not problems:
            raise ValueError("an error needs at least one problem")
        self.problems = tuple(problems)
        super().__init__(self.to(Lang.EN))

    @property
    def code(self) -> str:
        """The code of the first problem."""
        return self.problems[0].kind.code

    @property
    def exit_code(self) -> int:
        """The exit code of the command line for this error."""
        return int(self.problems[0].kind.family)

    def to(self, lang: Lang) -> str:
        """Return all problems in words."""
        return "\n".join(problem.to(lang) for problem in self.problems)


class TierwiseWarning(UserWarning):
    """A problem that does not stop the work: the command line prints it, a library's caller may turn it into an error."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.to(Lang.EN))


def raise_all(problems: Sequence[Problem]) -> None:
    """Raise the problems together, or do nothing where there are none."""
    if problems:
        raise TierwiseError(problems)


def all_kinds() -> tuple[ErrorKind, ...]:
    """Every kind of error declared by the modules that were imported so far, by code."""
    return tuple(kind for _, kind in sorted(_KINDS.items()))
