"""The five ways to score against a reference in plain Python, written from the definitions and not from the SQL."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.models.conftest import QUICK, Label

from tierwise.models.rfm import Rfm, RfmSpec

Values = Sequence[Fraction | None]


def type7(values: list[Fraction], share: Fraction) -> Fraction:
    """Hyndman and Fan's quantile of type 7, the default of R."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def quantile_scores(values: Values, bins: int, ascending: bool) -> list[int]:
    """rfm 0.3.0: a score rises where a value reaches quantile + 1 (one cent where there are cents)."""
    known = [value for value in values if value is not None]
    if not known:
        return [1 for _ in values]
    step = Fraction(1) if all(value.denominator == 1 for value in known) else Fraction(1, 100)
    cuts = [type7(known, Fraction(k, bins)) + step for k in range(1, bins)]
    return [_counted(value, cuts, bins, ascending) for value in values]


def _counted(value: Fraction | None, cuts: list[Fraction], bins: int, ascending: bool) -> int:
    if value is None:
        return 1
    reached = sum(value >= cut for cut in cuts)
    return 1 + reached if ascending else bins - reached


def middle_scores(values: Values, how: str, ascending: bool) -> list[int]:
    """Good is whoever is at least as good as the mean, or the median, of all."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return [1 for _ in values]
    half = (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2
    middle = Fraction(sum(known)) / len(known) if how == "mean" else half
    return [1 if v is None else 2 if (v >= middle if ascending else v <= middle) else 1 for v in values]


def top_scores(values: Values, percent: Fraction, ascending: bool) -> list[int]:
    """Good is whoever has fewer than percent of n customers strictly better than himself."""
    known = [value for value in values if value is not None]

    def good(value: Fraction) -> bool:
        better = sum(other > value if ascending else other < value for other in known)
        return better * 100 < len(known) * percent

    return [1 if value is None else 1 + good(value) for value in values]


def nested(groups: Sequence[Any], values: Values, score: Any) -> list[int]:
    """Score inside each group of equal earlier scores."""
    found = [0] * len(values)
    for group in set(groups):
        places = [place for place, own in enumerate(groups) if own == group]
        for place, points in zip(places, score([values[p] for p in places]), strict=True):
            found[place] = points
    return found


whole = st.integers(-20, 20)
counts = st.one_of(st.integers(0, 4), st.integers(0, 60))
cents = st.integers(-2000, 2000).map(lambda cents: Fraction(cents, 100))
money = st.one_of(whole.map(Fraction), cents, st.sampled_from([Fraction(10**12), Fraction(-(10**12) - 1, 100)]))
customer = st.tuples(st.one_of(st.none(), counts), counts, money)
customers = st.lists(customer, min_size=1, max_size=25)


def rows_of(people: Sequence[tuple[Any, int, Fraction]], suffix: str = "") -> list[dict[str, Any]]:
    return [
        {
            "recency_days": recency,
            f"frequency{suffix}": frequency,
            f"monetary{suffix}": Decimal(amount.numerator) / amount.denominator,
        }
        for recency, frequency, amount in people
    ]


def columns(people: Sequence[tuple[Any, int, Fraction]]) -> tuple[Values, Values, Values]:
    r, f, m = ([Fraction(person[i]) if person[i] is not None else None for person in people] for i in range(3))
    return r, f, m


def found(label: Label, spec: RfmSpec, people: Any, suffix: str = "") -> list[tuple[int, int, int]]:
    rows = label(Rfm(spec), rows_of(people, suffix))
    return [(row["r_score"], row["f_score"], row["m_score"]) for _, row in sorted(rows.items())]


@QUICK
@given(customers, st.sampled_from([2, 3, 4, 5, 7, 10]))
@example([(3, 1, Fraction(5))], 5)
@example([(None, 0, Fraction(-5)), (None, 0, Fraction(-5))], 5)
@example([(1, 1, Fraction(1)), (2, 2, Fraction(2)), (2, 2, Fraction(5, 2))], 5)
def test_quantile(label: Label, people: Any, bins: int) -> None:
    r, f, m = columns(people)
    spec = RfmSpec(bins=bins)
    expected = [quantile_scores(r, bins, False), quantile_scores(f, bins, True), quantile_scores(m, bins, True)]
    assert found(label, spec, people) == list(zip(*expected, strict=True))


@QUICK
@given(customers)
def test_quantile_with_own_bins_for_each_and_a_window(label: Label, people: Any) -> None:
    r, f, m = columns(people)
    spec = RfmSpec.model_validate({"bins": {"recency": 2, "frequency": 3, "monetary": 6}, "window_days": 90})
    expected = [quantile_scores(r, 2, False), quantile_scores(f, 3, True), quantile_scores(m, 6, True)]
    assert found(label, spec, people, "_90d") == list(zip(*expected, strict=True))


@QUICK
@given(customers, st.sampled_from([2, 3, 5]))
def test_quantile_nested(label: Label, people: Any, bins: int) -> None:
    r, f, m = columns(people)
    r_scores = quantile_scores(r, bins, False)
    f_scores = nested(r_scores, f, lambda values: quantile_scores(values, bins, True))
    groups = list(zip(r_scores, f_scores, strict=True))
    m_scores = nested(groups, m, lambda values: quantile_scores(values, bins, True))
    expected = list(zip(r_scores, f_scores, m_scores, strict=True))
    assert found(label, RfmSpec(bins=bins, nested=True), people) == expected


@QUICK
@given(customers, st.sampled_from(["mean", "median"]))
def test_mean_and_median(label: Label, people: Any, how: str) -> None:
    r, f, m = columns(people)
    expected = [middle_scores(r, how, False), middle_scores(f, how, True), middle_scores(m, how, True)]
    assert found(label, RfmSpec.model_validate({"scoring": how}), people) == list(zip(*expected, strict=True))


@QUICK
@given(customers, st.sampled_from(["mean", "median", "top"]))
def test_mean_median_and_top_nested(label: Label, people: Any, how: str) -> None:
    def score(values: Values, ascending: bool = True) -> list[int]:
        return top_scores(values, Fraction(20), ascending) if how == "top" else middle_scores(values, how, ascending)

    r, f, m = columns(people)
    r_scores = score(r, False)
    f_scores = nested(r_scores, f, score)
    m_scores = nested(list(zip(r_scores, f_scores, strict=True)), m, score)
    spec = RfmSpec.model_validate({"scoring": how, "nested": True})
    assert found(label, spec, people) == list(zip(r_scores, f_scores, m_scores, strict=True))


@QUICK
@given(customers, st.tuples(*[st.sampled_from(["0.5", "10", "12.5", "20", "33.3", "50", "99.9"])] * 3))
def test_top(label: Label, people: Any, percents: tuple[str, str, str]) -> None:
    r, f, m = columns(people)
    p = [Fraction(percent) for percent in percents]
    expected = [top_scores(r, p[0], False), top_scores(f, p[1], True), top_scores(m, p[2], True)]
    own = dict(zip(("recency", "frequency", "monetary"), percents, strict=True))
    spec = RfmSpec.model_validate({"scoring": "top", "top_percent": own})
    assert found(label, spec, people) == list(zip(*expected, strict=True))


own_cuts = st.lists(st.integers(-30, 30), min_size=1, max_size=4, unique=True).map(sorted)


@QUICK
@given(customers, st.tuples(own_cuts, own_cuts, own_cuts))
def test_own_breaks(label: Label, people: Any, cuts: tuple[list[int], list[int], list[int]]) -> None:
    own = dict(zip(("recency", "frequency", "monetary"), cuts, strict=True))
    spec = RfmSpec.model_validate({"scoring": "breaks", "breaks": own})
    expected = [
        [_counted(value, [Fraction(cut) for cut in own], len(own) + 1, place > 0) for value in values]
        for place, (own, values) in enumerate(zip(cuts, columns(people), strict=True))
    ]
    assert found(label, spec, people) == list(zip(*expected, strict=True))


@pytest.mark.by_hand("rfm")
def test_eight_classes_from_letters(label: Label) -> None:
    """All eight crossings of high and low, by hand: two customers of each kind around the medians 10, 5, 100."""
    kinds = {
        "important_value": (1, 9, 900), "important_develop": (1, 1, 900), "important_keep": (99, 9, 900),
        "important_winback": (99, 1, 900), "general_value": (1, 9, 1), "general_develop": (1, 1, 1),
        "general_keep": (99, 9, 1), "general_winback": (99, 1, 1),
    }  # fmt: skip
    people = [(r, f, Fraction(m)) for r, f, m in kinds.values()]
    rows = label(Rfm(RfmSpec(scoring="median")), rows_of(people))
    assert [row["tier"] for _, row in sorted(rows.items())] == list(kinds)
    assert [row["rank"] for _, row in sorted(rows.items())] == list(range(1, 9))


@pytest.mark.parametrize(
    ("bins", "high"), [(2, {2}), (3, {3}), (4, {3, 4}), (5, {4, 5}), (7, {5, 6, 7})], ids=str
)  # fmt: skip
def test_high_lies_above_the_middle_of_the_scale(label: Label, bins: int, high: set[int]) -> None:
    people = [(10, frequency, Fraction(10)) for frequency in range(0, 70)]
    spec = RfmSpec(bins=bins)
    rows = label(Rfm(spec), rows_of(people))
    often = {"important_value", "important_keep", "general_value", "general_keep"}
    assert {row["f_score"] for row in rows.values() if row["tier"] in often} == high


def test_weights_order_customers_inside_the_model(label: Label) -> None:
    people = [(r, f, Fraction(m)) for r, f, m in ((1, 1, 1), (50, 9, 1), (99, 1, 900), (40, 5, 30))]
    spec = RfmSpec.model_validate({"scoring": "median", "weights": {"recency": 0, "frequency": 3, "monetary": 1}})
    rows = label(Rfm(spec), rows_of(people))
    for row in rows.values():
        assert row["score"] == 3 * row["f_score"] + row["m_score"]
