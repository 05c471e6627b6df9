"""Every action that the console records has words in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import tierwise_console
from tierwise_console.audit.wording import ACTIONS, SUBJECTS


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
