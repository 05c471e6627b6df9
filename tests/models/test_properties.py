"""What must hold of every labelling, whatever the data: through the real SQL, on data nobody thought of."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.models.conftest import QUICK, Label

from tierwise.contracts.model import TierModel
from tierwise.models.lifecycle import Lifecycle
from tierwise.models.pyramid import Pyramid, PyramidSpec
from tierwise.models.rfm import Rfm, RfmSpec

money = st.one_of(
    st.integers(-50, 500).map(Decimal),
    st.integers(-5000, 50000).map(lambda cents: Decimal(cents) / 100),
)
person = st.fixed_dictionaries(
    {
        "recency_days": st.one_of(st.none(), st.integers(0, 400)),
        "frequency": st.integers(0, 12),
        "monetary": money,
        "tenure_days": st.one_of(st.none(), st.integers(0, 900)),
        "spend_growth_percent_90d": st.one_of(st.none(), st.integers(-100, 300)),
    }
)
people = st.lists(person, min_size=1, max_size=20)

RFM_SPECS: list[dict[str, Any]] = [
    {"bins": 5}, {"bins": 3}, {"preset": "rfm_r"}, {"scoring": "mean"}, {"scoring": "median"}, {"scoring": "top"},
]  # fmt: skip
rfm_specs = st.sampled_from(RFM_SPECS).map(RfmSpec.model_validate)
MODELS: list[tuple[type[TierModel[Any]], dict[str, Any]]] = [
    *[(Rfm, spec) for spec in RFM_SPECS],
    (Rfm, {"nested": True}),
    *[(Lifecycle, {"preset": preset}) for preset in "ABC"],
    (Pyramid, {}),
    (Pyramid, {"thresholds": [100, 10]}),
]
any_model = st.sampled_from(MODELS).map(lambda chosen: chosen[0](chosen[0].spec_type.model_validate(chosen[1])))


@QUICK
@given(rfm_specs, people)
def test_scores_are_monotone_and_equal_values_share_one(label: Label, spec: RfmSpec, rows: Any) -> None:
    labels = list(label(Rfm(spec), rows).values())
    for score, column, sign in (
        ("r_score", "recency_days", -1),
        ("f_score", "frequency", 1),
        ("m_score", "monetary", 1),
    ):
        by_value = sorted((sign * row[column], row[score]) for row in labels if row[column] is not None)
        for (value, points), (next_value, next_points) in pairwise(by_value):
            assert points <= next_points
            assert points == next_points or value < next_value


@QUICK
@given(any_model, people, st.integers(0, 2**16))
def test_labels_do_not_depend_on_the_order_of_rows(label: Label, model: Any, rows: Any, seed: int) -> None:
    places = list(range(len(rows)))
    random.Random(seed).shuffle(places)
    straight = label(model, rows)
    shuffled = label(type(model)(model.spec), [rows[place] for place in places])
    for new, old in enumerate(places):
        expected, got = straight[f"c{old:03d}"], shuffled[f"c{new:03d}"]
        assert {**got, "customer_id": ""} == {**expected, "customer_id": ""}


@QUICK
@given(any_model, people)
def test_everyone_has_exactly_one_tier(label: Label, model: Any, rows: Any) -> None:
    labels = label(model, rows)
    known = {tier.key: tier.rank for tier in model.scheme_.tiers}
    assert len(labels) == len(rows)
    assert all(known[row["tier"]] == row["rank"] for row in labels.values())


BY_MONEY: list[TierModel[Any]] = [
    Pyramid(PyramidSpec()),
    Pyramid(PyramidSpec.model_validate({"thresholds": [100, 10]})),
    Rfm(RfmSpec(scoring="mean")),
    Rfm(RfmSpec(scoring="median")),
    Rfm(RfmSpec(scoring="top")),
    Rfm(RfmSpec(bins=5)),
    Rfm(RfmSpec(bins=3, nested=True)),
]


@QUICK
@given(st.sampled_from(BY_MONEY), people, st.data())
def test_a_refund_never_raises_the_score_of_money(label: Label, model: Any, rows: Any, data: Any) -> None:
    """Whole amounts stay whole: see the next test for what cents do to the quantile."""
    place = data.draw(st.integers(0, len(rows) - 1))
    whole = [{**row, "monetary": row["monetary"].to_integral_value()} for row in rows]
    unit = data.draw(st.sampled_from([Decimal(1), Decimal("0.01")]))
    before_rows = [{**row, "monetary": row["monetary"] * unit} for row in whole]
    refund = data.draw(st.integers(1, 600)) * unit
    after_rows = [dict(row) for row in before_rows]
    after_rows[place]["monetary"] -= refund
    before = label(type(model)(model.spec), before_rows)[f"c{place:03d}"]
    after = label(type(model)(model.spec), after_rows)[f"c{place:03d}"]
    score = "level" if isinstance(model, Pyramid) else "m_score"
    assert after[score] <= before[score]
    if isinstance(model, Pyramid):
        assert after["rank"] >= before["rank"]


def test_a_refund_that_makes_two_customers_equal_raises_neither(label: Label) -> None:
    def scored(first: str, second: str) -> list[int]:
        base = {"recency_days": 1, "frequency": 1}
        rows = [{**base, "monetary": Decimal(first)}, {**base, "monetary": Decimal(second)}]
        return [row["m_score"] for row in label(Rfm(RfmSpec()), rows).values()]

    assert scored("101", "100") == scored("100", "100") == [1, 1]
