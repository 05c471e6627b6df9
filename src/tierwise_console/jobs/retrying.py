"""When a failed job is tried again: later each time, and never all at the same moment."""

from __future__ import annotations

import random

from tierwise.errors import Family, TierwiseError

_FOR_A_PERSON = (Family.USAGE, Family.CONFIG, Family.DATA)


def delay_seconds(tries: int, first: float, longest: float, dice: random.Random | None = None) -> float:
    """The wait after the try of that number: doubled each time up to `longest`, less up to half by chance."""
    whole = min(longest, first * 2.0 ** min(tries - 1, 30))
    return whole * (0.5 + 0.5 * (dice or random).random())


def helps_to_retry(error: BaseException) -> bool:
    """Whether trying again may end otherwise: wrong data and settings stay wrong until somebody mends them."""
    return not (isinstance(error, TierwiseError) and all(p.kind.family in _FOR_A_PERSON for p in error.problems))
