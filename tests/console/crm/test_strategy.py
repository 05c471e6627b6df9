"""The action matrix: drafts from the tiers, all off; on only with an owner and a day; done by whoever answers."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from tierwise.errors import TierwiseError
from tierwise_console.access.permissions import Role
from tierwise_console.strategy.selectors import action_lines, done_rate
from tierwise_console.strategy.services import (
    add_action,
    change_action,
    finish_action,
    generate_actions,
    remove_action,
)

pytestmark = pytest.mark.django_db


def test_drafts_come_from_the_tiers_once_and_are_off(publish, make_user):
    publish(1, {"rfm": {"a": "gold"}})
    marketing = make_user(Role.MARKETING)
    assert generate_actions(marketing) == 3
    lines = action_lines("rfm")
    assert {line.action.zh for line in lines} == {"致电gold", "致电silver", "致电bronze"}
    assert not any(line.enabled for line in lines)
    remove_action(marketing, lines[0].pk)
    assert generate_actions(marketing) == 0
    assert len(action_lines()) == 2


def test_an_action_is_turned_on_with_owner_and_day_and_done_by_its_owner(make_user):
    marketing, sales = make_user(Role.MARKETING), make_user(Role.SALES)
    action = add_action(marketing, "rfm", "gold", "call them")
    with pytest.raises(TierwiseError, match="not_ready"):
        change_action(marketing, action.pk, "call them", "", "", True)
    change_action(marketing, action.pk, "call them", str(sales.pk), "2026-01-01", True)
    assert done_rate(action_lines()).percent == 0.0 and done_rate(action_lines()).late == 1
    finish_action(sales, action.pk)
    rate = done_rate(action_lines())
    assert (rate.on, rate.done, rate.late, rate.percent) == (1, 1, 0, 100.0)


def test_sales_may_not_edit_the_matrix(make_user):
    sales = make_user(Role.SALES)
    action = add_action(make_user(Role.MARKETING), "rfm", "gold", "call them")
    for act in (
        lambda: generate_actions(sales),
        lambda: add_action(sales, "rfm", "gold", "x"),
        lambda: change_action(sales, action.pk, "x", "", "", False),
        lambda: remove_action(sales, action.pk),
        lambda: finish_action(sales, action.pk),
    ):
        with pytest.raises(PermissionDenied):
            act()
