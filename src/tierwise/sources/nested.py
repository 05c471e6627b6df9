"""Objects within rows: their fields become columns with dotted names, `customer.id`; lists stay text, and that is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tierwise.language import Text

DEEPEST = 6
"""A name has at most so many parts; what lies below stays text."""
MOST_FIELDS = 200
"""An object with more fields than this is a dictionary of data, and stays text."""
_SHOWN = 5
_LEFT = Text(
    "left as text, for they hold lists or objects with no fixed fields: {columns}",
    "以下列含列表或没有固定字段的对象，按文本保留：{columns}",
)


class Holds(StrEnum):
    """What stands in a field."""

    OBJECT = "object"
    LIST = "list"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Nested:
    """A field by its way from the row down, and what it holds."""

    path: tuple[str, ...]
    holds: Holds = Holds.VALUE

    @property
    def name(self) -> str:
        """The name of its column."""
        return ".".join(self.path)


Inside = Callable[[Nested], Sequence[Nested]]
"""Returns the fields of an object."""


def flat(fields: Sequence[Nested], inside: Inside) -> list[Nested]:
    """Return the fields with those of objects in the place of the objects; what cannot be taken apart stays."""
    taken = {field.name for field in fields}
    return [found for field in fields for found in _parts(field, inside, taken)]


def _parts(field: Nested, inside: Inside, taken: set[str]) -> Iterator[Nested]:
    within = inside(field) if field.holds is Holds.OBJECT and len(field.path) < DEEPEST else ()
    names = {part.name for part in within}
    if not within or len(within) > MOST_FIELDS or len(names) < len(within) or names & taken:
        yield field
        return
    taken |= names
    for part in within:
        yield from _parts(part, inside, taken)


def left_as_text(fields: Iterable[Nested]) -> tuple[Text, ...]:
    """Return what is to be said of fields that stay as they are though there is more in them."""
    left = [field.name for field in fields if field.holds is not Holds.VALUE]
    shown = ", ".join(left[:_SHOWN]) + (" …" if len(left) > _SHOWN else "")
    return (_LEFT.fill(columns=shown),) if left else ()


def within(parent: Nested, name: str, holds: Holds = Holds.VALUE) -> Nested:
    """Return a field of `parent`."""
    return replace(parent, path=(*parent.path, name), holds=holds)
