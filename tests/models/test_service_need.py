"""One customer for each rule, by hand."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from tests.models.by_hand import tiers

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.models.service_need import ServiceNeed, ServiceNeedSpec

CASES: list[tuple[Any, ...]] = [  # expert topics, minutes to solve, tickets, urgent ones, satisfaction
    (1, 10, 1, 0, 5, "professional"),
    (0, 2880, 1, 0, 5, "professional"),
    (0, 2879, 3, 0, 5, "sensitive"),
    (0, None, 1, 1, None, "sensitive"),
    (0, 10, 1, 0, 2, "sensitive"),
    (0, 10, 2, 0, "2.01", "cost_oriented"),
    (0, None, 0, 0, None, "cost_oriented"),
]


@pytest.mark.by_hand("service_need")
def test_by_hand(duck: DuckDBEngine) -> None:
    model = ServiceNeed(ServiceNeedSpec())
    columns = [ref.column for ref in model.needs()]
    values = {name: [case[place] for case in CASES] for place, name in enumerate(columns)}
    assert tiers(duck, model, values, ("ticket_satisfaction_365d",)) == [case[-1] for case in CASES]


def test_topics_are_the_users_own() -> None:
    ref = ServiceNeed(ServiceNeedSpec(expert_topics=("合规咨询", "API"))).needs()[0]
    assert ref.parameters == (("topic", "合规咨询|API"),)


@pytest.mark.parametrize("topics", [[], ["a|b"], [" "]])
def test_bad_topics_are_refused(topics: list[str]) -> None:
    with pytest.raises(ValidationError, match="at least one topic"):
        ServiceNeedSpec.model_validate({"expert_topics": topics})
