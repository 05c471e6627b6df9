"""Patterns that RE2 (DuckDB) and Java (Spark) read alike: plain ones, held against the whole value."""

from __future__ import annotations

import re

from tierwise.language import Text

ENGINES_DIFFER = re.compile(r"\\|\(\?|[*+?}][*+?]|\[[^\]]*\[|&&|\$|(?<!\[)\^")
"""Escapes, look-around, lazy and possessive counts, classes inside classes, anchors: not the same everywhere."""


def pattern_problem(pattern: str) -> Text | None:
    """Why a pattern is refused: what engines read differently, or cannot read; None where it is sound."""
    if found := ENGINES_DIFFER.search(pattern):
        return Text(f"engines read {found[0]} differently", f"各引擎对 {found[0]} 的理解不同")
    try:
        re.compile(pattern)
    except re.error as error:
        return Text(str(error), f"匹配式有误（{error}）")
    return None


def whole_match(pattern: str) -> str:
    """The anchored form in which a pattern stands in SQL."""
    return f"^({pattern})$"


def is_whole_match(text: str) -> bool:
    """Whether a pattern found in SQL is the anchored form of a sound one."""
    return text.startswith("^(") and text.endswith(")$") and pattern_problem(text[2:-2]) is None
