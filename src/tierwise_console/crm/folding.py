"""Names as they are searched for: by their beginning, or by the given name."""

from __future__ import annotations

import unicodedata

CJK_FROM, CJK_TO = "\u4e00", "\u9fff"


def folded(text: str) -> str:
    """A text without differences of case, width and spacing."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())[:200]


def folded_names(name: str) -> tuple[str, str]:
    """The whole name, and the part after the family name: 何志远 gives 志远, Henry Zhu gives zhu."""
    whole = folded(name)
    if whole and CJK_FROM <= whole[0] <= CJK_TO:
        return whole, whole[1:]
    return whole, whole.rpartition(" ")[2] if " " in whole else ""
