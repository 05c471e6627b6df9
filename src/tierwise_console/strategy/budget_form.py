"""What a person may write into the form of a budget, read into figures; a mistake is told with what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise_console.strategy.models import Basis

BASES = {
    Basis.REVENUE: Text("net revenue so far", "历史净额"),
    Basis.EXPECTED: Text("expected value", "预期价值"),
    Basis.RESPONSE: Text("expected margin × assumed response", "预期毛利 × 假定响应"),
}
MOST_CENTS = 10**15
BAD_AMOUNT = ErrorKind(
    "strategy.bad_amount",
    Family.USAGE,
    what=Text("{value} is no amount of a budget", "{value} 不是有效的预算金额"),
    cause=Text(
        "an amount is zero or more, with at most two decimals, and below ten trillion",
        "金额须大于等于 0，最多两位小数，且小于十万亿",
    ),
    cure=Text("write it as 120000 or 1,500.50", "请写成 120000 或 1,500.50"),
)
BAD_PERCENT = ErrorKind(
    "strategy.bad_percent",
    Family.USAGE,
    what=Text("{value} is no percentage from 0 to 100", "{value} 不是 0–100 之间的百分比"),
    cause=Text("it has another form, or more than two decimals", "格式不符，或超过两位小数"),
    cure=Text("write it as 3 or 2.5", "请写成 3 或 2.5"),
)
BAD_RANGE = ErrorKind(
    "strategy.bad_range",
    Family.USAGE,
    what=Text("the response of {tier} is no range: {low} to {high}", "{tier} 的假定响应不是有效区间：{low} 至 {high}"),
    cause=Text("one end is missing, or the lower one is higher", "缺少一端，或下限大于上限"),
    cure=Text("write both ends, the lower one first; they may be equal", "请填写两端，下限在前，两者可相等"),
)


@dataclass(frozen=True, slots=True)
class TierWish:
    """What a person set for a tier: an amount, and the response that is assumed of it, in per cent of expected margin."""

    fixed_cents: int | None = None
    low_percent: Decimal | None = None
    high_percent: Decimal | None = None

    @property
    def middle_percent(self) -> Decimal:
        """The middle of the range; a tier of which nobody assumes a response has none."""
        if self.low_percent is None or self.high_percent is None:
            return Decimal(0)
        return (self.low_percent + self.high_percent) / 2

    def to_json(self) -> dict[str, int | str | None]:
        """As it is kept: percentages as exact texts."""
        low, high = (None if each is None else str(each) for each in (self.low_percent, self.high_percent))
        return {"fixed_cents": self.fixed_cents, "low_percent": low, "high_percent": high}


@dataclass(frozen=True, slots=True)
class BudgetWish:
    """The whole form: the total, what it is split by, the minimum of a tier, an assumed margin, and wishes by tier."""

    total_cents: int
    basis: Basis
    least_cents: int
    margin_percent: Decimal | None
    tiers: Mapping[str, TierWish]


def wish_of(form: Mapping[str, str], tiers: Mapping[str, str]) -> BudgetWish:
    """Read a form for these tiers (key to name); raises `strategy.bad_amount`, `_percent`, `_range`."""
    basis = form.get("basis", "")
    return BudgetWish(
        amount_of(form.get("total", "")),
        Basis(basis) if basis in Basis.values else Basis.REVENUE,
        amount_of(form.get("least", "") or "0"),
        _percent(form.get("margin", "")),
        {key: _tier(form, key, name) for key, name in tiers.items()},
    )


def _tier(form: Mapping[str, str], key: str, name: str) -> TierWish:
    fixed = form.get(f"fixed.{key}", "").strip()
    low, high = (_percent(form.get(f"{end}.{key}", "")) for end in ("low", "high"))
    if (low is None) != (high is None) or (low is not None and high is not None and low > high):
        raise BAD_RANGE.error(tier=name, low=low if low is not None else "–", high=high if high is not None else "–")
    return TierWish(amount_of(fixed) if fixed else None, low, high)


def amount_of(written: str) -> int:
    """An amount in cents; commas and blanks may group thousands; raises `strategy.bad_amount`."""
    found = _decimal(written)
    cents = None if found is None else found * 100
    if cents is None or cents != cents.to_integral_value() or not 0 <= cents < MOST_CENTS:
        raise BAD_AMOUNT.error(value=repr(written[:40]))
    return int(cents)


def _percent(written: str) -> Decimal | None:
    if not written.strip():
        return None
    found = _decimal(written.replace("%", ""))
    if found is None or not 0 <= found <= 100 or found * 100 != (found * 100).to_integral_value():
        raise BAD_PERCENT.error(value=repr(written[:40]))
    return found


def _decimal(written: str) -> Decimal | None:
    """A finite number; digits of full width are digits, too."""
    try:
        found = Decimal("".join(written.replace("，", ",").replace(",", "").split()))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < MOST_CENTS else None
