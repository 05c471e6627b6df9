"""Every action that the console records, and every choice of a setting, has words in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import tierwise_console
from tierwise.registry import models
from tierwise_console.audit.wording import ACTIONS, SUBJECTS
from tierwise_console.modelling.choice_words import choice_words
from tierwise_console.modelling.forms import Input, draw
from tierwise_console.runs.settings_file import schema_of


def _recorded() -> Iterator[tuple[str, str]]:
    """Name and subject of each entry that the sources write out."""
    for file in Path(tierwise_console.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("record", "_note") and node.args:
                subjects = [each.value for each in node.keywords if each.arg == "subject_type"]
                subject = subjects[0].value if subjects and isinstance(subjects[0], ast.Constant) else ""
                texts = [part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)]
                texts += [part.value for part in node.args[1:2] if isinstance(part, ast.Constant)]
                yield from ((text, subject) for text in texts if isinstance(text, str) and "." in text.strip("."))


def test_what_is_recorded_has_words() -> None:
    recorded = set(_recorded())
    assert len(recorded) > 40
    assert {action for action, _ in recorded} <= set(ACTIONS)
    assert {subject for _, subject in recorded if subject} <= set(SUBJECTS)


def test_no_wording_is_missing_or_the_same_twice() -> None:
    for words in (ACTIONS, SUBJECTS):
        assert all(text.en and text.zh for text in words.values())
        assert len({text.en for text in words.values()}) == len({text.zh for text in words.values()}) == len(words)


def _inputs(found: list[Input]) -> Iterator[Input]:
    for each in found:
        yield each
        yield from _inputs(each.inputs)


def test_every_choice_of_a_model_is_named() -> None:
    inputs = [each for name in models() for each in _inputs(draw(schema_of(name), {}))]
    choices = {(each.title, choice) for each in inputs for choice in each.choices}
    assert len(choices) > 20
    assert [each for each in choices if choice_words(*each).en == each[1]] == []


def test_settings_that_every_model_has_come_last() -> None:
    for name in models():
        titles = [each.title for each in draw(schema_of(name), {})]
        assert titles[-3:] == ["names", "margin_percent", "minimum_stay_days"], name
