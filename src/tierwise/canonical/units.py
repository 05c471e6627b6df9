"""Amounts whose header says that they are counted in hundredths or in thousands: `amount_cents`, 合同金额（万元）."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from tierwise.language import Text


@dataclass(frozen=True, slots=True)
class Unit:
    """What one of a column's amounts is worth in the currency, and what the unit is called."""

    worth: Decimal
    label: Text


_HUNDREDTH, _THOUSAND, _MILLION = Decimal("0.01"), Decimal(1_000), Decimal(1_000_000)
_CHINESE = {
    "分": _HUNDREDTH, "角": Decimal("0.1"), "千元": _THOUSAND, "万元": Decimal(10_000), "万": Decimal(10_000),
    "百万元": _MILLION, "亿元": Decimal(100_000_000),
}  # fmt: skip
_ENGLISH = {
    "cents": _HUNDREDTH, "cent": _HUNDREDTH, "pence": _HUNDREDTH, "paise": _HUNDREDTH, "kopecks": _HUNDREDTH,
    "thousands": _THOUSAND, "thousand": _THOUSAND, "teur": _THOUSAND, "tusd": _THOUSAND, "millions": _MILLION,
    "million": _MILLION,
}  # fmt: skip
_IN_BRACKETS = re.compile(r"[(\[【]\s*(?:单位\s*:?\s*)?(?:人民币)?\s*(分|角|千元|万元?|百万元|亿元)\s*[)\]】]")
_AT_END = re.compile(r"[\W_]?(千元|万元|百万元|亿元)$")
_WORDS = re.compile(rf"(?<![a-z])(?:in[\W_]+)?({'|'.join(_ENGLISH)})(?![a-z])")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def unit_of(header: str) -> Unit | None:
    """Return the unit that a header names, None where it is the currency itself."""
    name = unicodedata.normalize("NFKC", header).strip()
    if chinese := _IN_BRACKETS.search(name) or _AT_END.search(name):
        return Unit(_CHINESE[chinese[1]], Text.same(chinese[1]))
    english = _WORDS.search(_CAMEL.sub(" ", name).casefold())
    return Unit(_ENGLISH[english[1]], Text.same(english[1])) if english else None


def without_unit(header: str) -> str:
    """Return the header without its unit, to be compared with names that are known."""
    name = unicodedata.normalize("NFKC", header).strip()
    bare = _AT_END.sub("", _IN_BRACKETS.sub("", name))
    return _WORDS.sub("", _CAMEL.sub(" ", bare).casefold())
