"""The three sets of stages by hand: every rule at its border and one day or one order beside it, in both directions."""

from __future__ import annotations

from typing import Any

import pytest
from tests.models.conftest import Label

from tierwise.models.lifecycle import Lifecycle, LifecycleSpec

# recency in days, purchases, tenure in days, growth of spend in per cent; None is unknown
Facts = tuple[int | None, int, int | None, int | None]

PRESET_A: list[tuple[Facts, str]] = [
    ((0, 1, 0, None), "new"),
    ((29, 1, 29, None), "new"),
    ((30, 1, 30, None), "growing"),  # registered 30 days ago is no longer < 30
    ((5, 2, 20, None), "growing"),  # two purchases: not new, however young
    ((5, 1, None, None), "growing"),  # nobody knows since when
    ((10, 3, 300, 19), "mature"),  # three purchases, growing by less than 20 %
    ((10, 3, 300, 20), "growing"),  # 20 % is growth
    ((10, 3, 300, -100), "mature"),
    ((10, 3, 300, None), "growing"),  # nothing in the window before: came back, or bought all of it lately
    ((10, 2, 300, 0), "growing"),  # two purchases are not regular
    ((89, 3, 300, 0), "mature"),
    ((90, 3, 300, 0), "declining"),  # 90 days without a purchase (S62)
    ((90, 1, 95, None), "declining"),
    ((179, 50, 900, 300), "declining"),
    ((180, 50, 900, 300), "lost"),
    ((None, 0, 179, None), "declining"),  # registered, never bought
    ((None, 0, 180, None), "lost"),
    ((None, 0, None, None), "lost"),
]
PRESET_B: list[tuple[Facts, str]] = [
    ((None, 0, 5, None), "potential"),
    ((None, 0, None, None), "potential"),
    ((0, 1, 0, None), "new"),
    ((179, 1, 179, None), "new"),
    ((180, 1, 180, None), "dormant"),
    ((180, 9, 900, 50), "dormant"),
    ((10, 2, 100, None), "growth"),
    ((10, 3, 100, 20), "growth"),
    ((10, 3, 100, 19), "loyal"),
    ((179, 3, 400, -100), "loyal"),
    ((10, 3, 100, None), "growth"),
]
PRESET_C: list[tuple[Facts, str]] = [
    ((None, 0, 5, None), "acquired"),
    ((None, 0, 179, None), "acquired"),
    ((None, 0, 180, None), "churned"),
    ((None, 0, None, None), "acquired"),
    ((0, 1, 29, None), "acquired"),
    ((29, 1, 30, None), "active"),
    ((29, 2, 29, None), "active"),
    ((30, 2, 400, None), "retained"),
    ((179, 2, 400, None), "retained"),
    ((180, 2, 400, None), "churned"),
    ((30, 1, 30, None), "retained"),
]
TABLES = [(preset, *case) for preset, cases in (("A", PRESET_A), ("B", PRESET_B), ("C", PRESET_C)) for case in cases]


def row(facts: Facts, window_days: int = 90) -> dict[str, Any]:
    recency, frequency, tenure, growth = facts
    return {
        "recency_days": recency,
        "frequency": frequency,
        "tenure_days": tenure,
        "monetary": 10 * frequency,
        f"spend_growth_percent_{window_days}d": growth,
    }


def stages(label: Label, facts: list[Facts], **settings: Any) -> list[str]:
    spec = LifecycleSpec.model_validate(settings)
    labels = label(Lifecycle(spec), [row(one, spec.growth_window_days) for one in facts])
    return [found["tier"] for _, found in sorted(labels.items())]


@pytest.mark.by_hand("lifecycle")
@pytest.mark.parametrize(("preset", "facts", "stage"), TABLES)
def test_every_rule(label: Label, preset: str, facts: Facts, stage: str) -> None:
    assert stages(label, [facts], preset=preset) == [stage]


@pytest.mark.parametrize("preset", ["A", "B", "C"])
def test_the_tables_reach_every_stage(preset: str) -> None:
    model = Lifecycle(LifecycleSpec.model_validate({"preset": preset})).fit({})
    assert {tier.key for tier in model.scheme_.tiers} == {stage for own, _, stage in TABLES if own == preset}


def test_own_limits_move_every_border(label: Label) -> None:
    limits = {
        "new_days": 10, "declining_days": 20, "lost_days": 40, "growth_window_days": 30, "growth_percent": 50,
        "regular_orders": 5,
    }  # fmt: skip
    facts: list[Facts] = [
        (9, 1, 9, None), (9, 1, 10, None), (19, 5, 99, 49), (19, 5, 99, 50), (19, 4, 99, 49), (20, 5, 99, 49),
        (40, 5, 99, 49),
    ]  # fmt: skip
    expected = ["new", "growing", "mature", "growing", "growing", "declining", "lost"]
    assert stages(label, facts, **limits) == expected
    assert stages(label, [(14, 2, 99, None), (15, 2, 99, None)], preset="C", active_days=15) == ["active", "retained"]
