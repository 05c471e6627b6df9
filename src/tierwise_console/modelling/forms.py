"""A form drawn from a model's JSON schema, and the settings that come back from it.

Numbers, words, choices, yes-or-no, lists of plain values and nested settings have inputs of their own; what is
deeper (lists of rules, mappings by tier) is a text in YAML, as it stands in the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from tierwise.errors import Problem
from tierwise.language import Text
from tierwise_console.modelling.choice_words import choice_words, setting_words

NOTHING: tuple[Any, ...] = (None, "", {}, [])
COMMON = ("margin_percent", "minimum_stay_days", "names")


@dataclass
class Input:
    """One setting: `kind` is number, text, choice, yes_no, list, group or yaml. `problems` are those of this setting."""

    name: str
    title: str
    what: Text
    kind: str
    value: str = ""
    choices: tuple[str, ...] = ()
    optional: bool = False
    whole: bool = False
    many: bool = False
    low: str = ""
    high: str = ""
    inputs: list[Input] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def worded_choices(self) -> list[tuple[str, Text]]:
        """Each choice with what it is called."""
        return [(choice, choice_words(self.title, choice)) for choice in self.choices]

    @property
    def rows(self) -> int:
        """How high a text is."""
        lines = self.value.count("\n")
        return min(lines + 1, 24) if lines else 1


def draw(schema: Mapping[str, Any], settings: Mapping[str, Any]) -> list[Input]:
    """The inputs of a schema, filled with settings, else with defaults; those that every model has come last."""
    definitions = schema.get("$defs", {})
    inputs = [
        _input(name, _resolved(part, definitions), definitions, settings.get(name, part.get("default")), f"s.{name}")
        for name, part in schema.get("properties", {}).items()
    ]
    return sorted(inputs, key=lambda each: each.title in COMMON)


def _resolved(part: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """A part of a schema without references, and without the branches for nothing and for exact numbers as text."""
    found = dict(part)
    if "$ref" in found:
        found = {**definitions[found.pop("$ref").rpartition("/")[2]], **found}
    branches = [_resolved(branch, definitions) for branch in found.pop("anyOf", [])]
    if branches:
        found["optional"] = any(branch.get("type") == "null" for branch in branches)
        real = [branch for branch in branches if branch.get("type") != "null"]
        numbers = [branch for branch in real if branch.get("type") in ("number", "integer")]
        if numbers and all(branch.get("type") in ("number", "integer", "string") for branch in real):
            real = numbers[:1]
        found = {**(real[0] if len(real) == 1 else {"type": "any"}), **found}
    return found


def _input(name: str, part: dict[str, Any], definitions: Mapping[str, Any], value: Any, path: str) -> Input:
    what = _both(part["description"]) if part.get("description") else setting_words(name)
    made = Input(path, name, what, "yaml", optional=bool(part.get("optional")))
    kind = part.get("type")
    made.many = kind == "array"
    if part.get("enum"):
        made.kind, made.choices = "choice", tuple(map(str, part["enum"]))
    elif kind in ("number", "integer"):
        made.kind, made.whole = "number", kind == "integer"
        made.low, made.high = _bound(part, "inimum"), _bound(part, "aximum")
    elif kind == "boolean":
        made.kind = "yes_no"
    elif kind == "string":
        made.kind = "text"
    elif kind == "array" and _is_plain(_resolved(part.get("items", {}), definitions)):
        made.kind = "list"
        made.value = (
            ", ".join(str(each) for each in value or ()) if isinstance(value, list | tuple) else str(value or "")
        )
        return made
    elif kind == "object" and part.get("properties") and not made.optional and isinstance(value, dict | None):
        made.kind = "group"
        made.inputs = [
            _input(
                inner,
                _resolved(deep, definitions),
                definitions,
                (value or {}).get(inner, deep.get("default")),
                f"{path}.{inner}",
            )
            for inner, deep in part["properties"].items()
        ]
        return made
    made.value = _shown(made.kind, value)
    return made


def _is_plain(items: Mapping[str, Any]) -> bool:
    return items.get("type") in ("number", "integer", "string")


def _bound(part: Mapping[str, Any], end: str) -> str:
    found = part.get("m" + end, part.get("exclusiveM" + end))
    return "" if found is None else f"{found:g}"


def _shown(kind: str, value: Any) -> str:
    if kind == "yaml" and isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value)
    if kind == "yaml":
        return "" if value in NOTHING else yaml.safe_dump(_plain(value), allow_unicode=True, sort_keys=False, width=100)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _both(description: str) -> Text:
    """`english · 中文` as descriptions of settings are written."""
    en, _, zh = description.partition(" · ")
    return Text(en, zh or en)


def read(inputs: Sequence[Input], posted: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a form holds: those that stand in the file already, and those that differ from the default."""
    found = {key: value for key, value in before.items() if key == "model"}
    for each in inputs:
        fresh = _read(each, posted)
        if each.title in before or fresh != _default(each):
            found[each.title] = fresh
    return found


def _default(each: Input) -> Any:
    """What the form was drawn with, read back: the default, where the file does not say."""
    return _read(each, {inner.name: inner.value for inner in _all(each)})


def _all(each: Input) -> list[Input]:
    return [each, *(deep for inner in each.inputs for deep in _all(inner))]


def _read(each: Input, posted: Mapping[str, str]) -> Any:
    """One setting; what cannot be read is passed on as it is, for the check to refuse in its own words."""
    if each.kind == "group":
        values = {inner.title: _read(inner, posted) for inner in each.inputs}
        return {name: value for name, value in values.items() if value is not None}
    raw = posted.get(each.name, each.value).replace("\r\n", "\n").strip()
    if each.kind == "list":
        parts = [part.strip() for part in raw.replace("，", ",").replace("\n", ",").split(",") if part.strip()]
        return None if not parts and each.optional else [_number(part) for part in parts]
    if each.kind == "yaml":
        return _from_yaml(raw) if raw else None if each.optional else [] if each.many else {}
    if raw == "" and (each.optional or each.kind in ("number", "choice")):
        return None
    if each.kind == "yes_no":
        return raw in ("yes", "on", "true")
    return int(raw) if each.kind == "number" and each.whole and raw.lstrip("-").isdecimal() else raw


def _number(part: str) -> Any:
    return int(part) if part.lstrip("-").isdecimal() and str(int(part)) == part else part


def _from_yaml(raw: str) -> Any:
    try:
        return yaml.safe_load(raw)
    except yaml.YAMLError:
        return raw


def place(inputs: Sequence[Input], problems: Sequence[Problem], instance: str) -> list[Problem]:
    """Put each problem at its setting; returns those that belong to none."""
    rest = []
    known = {deep.name.removeprefix("s."): deep for each in inputs for deep in _all(each)}
    for problem in problems:
        path = (problem.place.column or "").removeprefix(f"models.{instance}.").removeprefix("models.")
        while path and path not in known:
            path = path.rpartition(".")[0]
        if path:
            known[path].problems.append(problem)
        else:
            rest.append(problem)
    return rest
