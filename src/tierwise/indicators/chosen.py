"""Advice on a set of indicators: too few, too many, money only, two that say the same, one that has no order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from tierwise.contracts.indicators import IndicatorRef
from tierwise.indicators.catalogue import CATALOGUE, label_of
from tierwise.indicators.checks import problems_of
from tierwise.indicators.declaration import ASPECT_NAMES, Aspect, Unit
from tierwise.language import Text
from tierwise.sql.correlation import correlations, rank_steps
from tierwise.sql.steps import Plan, Step

FEWEST, MOST = 8, 12
"""Fewer indicators leave the portrait incomplete; more thin the data out over too many dimensions."""

FEWEST_KNOWN = 5
"""Customers of whom both must say something before two indicators are called the same."""

SAME_FROM = Decimal("0.9")
"""Rank correlation, either sign, from which two indicators say nearly the same."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One remark on a choice of indicators. An error must be corrected, a warning may be kept."""

    code: str
    severity: Literal["error", "warning"]
    text: Text
    figures: Mapping[str, Any] = field(default_factory=dict)


def check_chosen(refs: Sequence[IndicatorRef]) -> list[Advice]:
    """All that can be said of a choice without looking at the data."""
    wanted = sorted(set(refs))
    found = [Advice(p.kind.code, "error", _joined(p.what, p.cause, p.cure)) for p in problems_of(wanted)]
    known = [ref for ref in wanted if ref.name in CATALOGUE]
    return [*found, *_count(len(wanted)), *_dimensions(known)]


def _joined(*texts: Text) -> Text:
    return Text("; ".join(text.en for text in texts), "；".join(text.zh for text in texts))


def _count(chosen: int) -> list[Advice]:
    figures = {"chosen": chosen, "fewest": FEWEST, "most": MOST}
    if chosen < FEWEST:
        text = Text(
            f"{chosen} indicators are chosen; below {FEWEST} the portrait of a customer is incomplete",
            f"只选了 {chosen} 个指标；少于 {FEWEST} 个，客户画像不完整",
        )
        return [Advice("chosen.too_few", "warning", text, figures)]
    if chosen > MOST:
        text = Text(
            f"{chosen} indicators are chosen; above {MOST} customers thin out over too many dimensions",
            f"选了 {chosen} 个指标；超过 {MOST} 个会出现维度灾难，分层难以解释",
        )
        return [Advice("chosen.too_many", "warning", text, figures)]
    return []


def _dimensions(known: Sequence[IndicatorRef]) -> list[Advice]:
    """Tiers by money alone are inaccurate: value, lifecycle, behaviour and need belong together."""
    have = {CATALOGUE[ref.name].dimensions.aspect for ref in known}
    if have != {Aspect.VALUE}:
        return []
    lacking = [ASPECT_NAMES[aspect] for aspect in Aspect if aspect not in have]
    text = Text(
        f"only customer value is measured; tiers by money alone are inaccurate: add {', '.join(n.en for n in lacking)}",
        f"只衡量了客户价值；仅按金额分层不够准确，请补充：{'、'.join(name.zh for name in lacking)}",
    )
    return [Advice("chosen.money_only", "warning", text, {"lacking": [str(a) for a in Aspect if a not in have]})]


def ordered(refs: Sequence[IndicatorRef]) -> tuple[IndicatorRef, ...]:
    """The refs whose values have an order, so that ranks mean something."""
    return tuple(ref for ref in sorted(set(refs)) if CATALOGUE[ref.name].unit is not Unit.WORD)


def same_thing_steps(refs: Sequence[IndicatorRef], table: str = "indicators") -> tuple[Plan, str]:
    """Steps over the indicator table, and the name of the one row that `alike` reads.

    Customers with nothing to count (every count and amount zero) are left out: their ties would make any two
    indicators look alike.
    """
    columns = [ref.column for ref in ordered(refs)]
    counted = [ref.column for ref in ordered(refs) if CATALOGUE[ref.name].absent != "NULL"]
    some = " OR ".join(f"{column} <> 0" for column in counted) or "TRUE"
    steps, name = rank_steps("chosen", "chosen_active", columns)
    return (Step("chosen_active", f"SELECT {', '.join(columns)} FROM {table} WHERE {some}"), *steps), name


def alike(
    refs: Sequence[IndicatorRef], row: Mapping[str, Any], same_from: Decimal = SAME_FROM
) -> list[tuple[IndicatorRef, IndicatorRef]]:
    """The pairs whose rank correlation over all is `same_from` or more, either sign, the closest first.

    Each is to be looked at by itself: see `pair_steps`.
    """
    by_column = {ref.column: ref for ref in ordered(refs)}
    found = correlations(row, list(by_column))
    close = [(abs(rho), pair) for pair, rho in found.items() if rho is not None and abs(rho) >= same_from]
    return [(by_column[a], by_column[b]) for _, (a, b) in sorted(close, key=lambda item: -item[0])]


def pair_steps(a: IndicatorRef, b: IndicatorRef, table: str = "indicators") -> tuple[Plan, str]:
    """Steps over the customers of whom both of two indicators say something; and the name of the row for `same_pair`.

    Two that are unknown of the same many customers look alike, whatever they say of the others.
    """
    known = " AND ".join(f"{ref.column} IS NOT NULL" for ref in (a, b))
    counted = all(CATALOGUE[ref.name].absent != "NULL" for ref in (a, b))
    some = f" AND ({a.column} <> 0 OR {b.column} <> 0)" if counted else ""
    steps, name = rank_steps("pair", "pair_known", (a.column, b.column))
    return (Step("pair_known", f"SELECT {a.column}, {b.column} FROM {table} WHERE {known}{some}"), *steps), name


def same_pair(a: IndicatorRef, b: IndicatorRef, row: Mapping[str, Any], same_from: Decimal = SAME_FROM) -> list[Advice]:
    """The warning of a pair, where it still says nearly the same among at least FEWEST_KNOWN customers."""
    rho = correlations(row, (a.column, b.column))[a.column, b.column]
    alike = rho is not None and abs(rho) >= same_from and row["customers"] >= FEWEST_KNOWN
    return [_pair(a, b, rho)] if alike and rho is not None else []


def _pair(a: IndicatorRef, b: IndicatorRef, rho: Decimal) -> Advice:
    one, other = label_of(a), label_of(b)
    text = Text(
        f"{one.en} and {other.en} say nearly the same (rank correlation {rho}): keep one of them",
        f"“{one.zh}”与“{other.zh}”几乎说的是同一件事（秩相关 {rho}），保留其一即可",
    )
    return Advice("chosen.same_thing", "warning", text, {"a": a.column, "b": b.column, "rank_correlation": rho})
