"""Which values each indicator can have at all, for proofs about rules.

What is a share of non-negative amounts only as long as the data is clean (a discount above the price) counts as
unbounded: a proof must hold for dirty data too.
"""

from __future__ import annotations

from collections.abc import Iterable

from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.mece import Domain, Grid
from tierwise.indicators.catalogue import CATALOGUE, label_of
from tierwise.indicators.catalogue.purchase_habits import DAYPARTS
from tierwise.indicators.declaration import WITH_CENTS, Indicator, Unit

_COUNTED = (Unit.DAYS, Unit.MINUTES, Unit.YEARS, Unit.COUNT)
_SHARES = frozenset(
    {"discount_use_percent", "coupon_use_percent", "weekend_percent", "festival_percent", "repeat_rate_percent"}
)
"""Percentages of purchases, counted: 0 to 100 whatever the data."""
_CLOSED_WORDS = {"preferred_daypart": (*(name for name, _, _ in DAYPARTS), "night")}


def domains_of(refs: Iterable[IndicatorRef]) -> dict[str, Domain]:
    """The domain of each indicator by its column; indicators that do not exist are left out."""
    return {ref.column: domain_of(ref) for ref in refs if ref.name in CATALOGUE}


def domain_of(ref: IndicatorRef) -> Domain:
    """The domain of one indicator; KeyError where it does not exist."""
    indicator = CATALOGUE[ref.name]
    nullable = indicator.absent == "NULL"
    if indicator.unit is Unit.WORD:
        words = _CLOSED_WORDS.get(ref.name, ())
        return Domain(Grid.WORDS, nullable, words=words, closed=bool(words), label=label_of(ref))
    grid = Grid.CENTS if indicator.unit in WITH_CENTS else Grid.WHOLE
    least, most = _bounds(indicator)
    return Domain(grid, nullable, least, most, label=label_of(ref))


def _bounds(indicator: Indicator) -> tuple[int | None, int | None]:
    if indicator.unit is Unit.FLAG:
        return 0, 1
    if indicator.name in _SHARES:
        return 0, 100
    return (0, None) if indicator.unit in _COUNTED else (None, None)
