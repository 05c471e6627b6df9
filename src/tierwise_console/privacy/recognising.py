"""Recognising one person in what the console keeps: in texts by word, in values whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from tierwise.privacy.person import Person, in_text
from tierwise.privacy.scrubbing import ERASED


def cleaner(person: Person) -> Callable[[Any], Any]:
    """A function that returns a value without the person, whatever it is made of."""
    pattern, names, whole = in_text(person), _short_names(person), {*person.ids, *person.naming}

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: clean(each) for name, each in value.items()}
        if isinstance(value, list):
            return [clean(each) for each in value]
        if not isinstance(value, str):
            return value
        return ERASED if value.strip() in whole else names.sub(ERASED, pattern.sub(ERASED, value))

    return clean


def _short_names(person: Person) -> re.Pattern[str]:
    """Names of three characters, as most Chinese ones are: long enough to mean one person in a colleague's note."""
    names = [name for name in person.naming if len(name) == 3 and not name.isascii()]
    return re.compile("|".join(map(re.escape, names)) or r"(?!)")


def in_bodies(person: Person) -> Callable[[str], bool]:
    """A function that says whether the body of a request, JSON or not, speaks of the person: rather one too many."""
    pattern, whole = in_text(person), {*person.ids, *person.naming}

    def theirs(body: str) -> bool:
        return bool(pattern.search(body)) or any(each in whole for each in values_of(body))

    return theirs


def values_of(body: str) -> Iterator[str]:
    """The values of JSON as texts; of anything else none."""
    try:
        yield from _leaves(json.loads(body))
    except (ValueError, RecursionError):
        return


def _leaves(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        for each in data:
            yield from _leaves(each)
    else:
        yield str(data)
