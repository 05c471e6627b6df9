"""The demo's people have begun something, once, and only in the demo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tierwise_console.access.demo import make_demo_users
from tierwise_console.crm.models import Note, SavedView, Tagging, Task
from tierwise_console.crm.services.take_over import take_over
from tierwise_console.strategy.demo_work import notice_demo_shop
from tierwise_console.strategy.models import TierAction

LABELS = {"rfm": {"a1": "gold", "a2": "gold", "a3": "bronze"}}


@pytest.fixture
def shop(publish: Callable[..., Any], settings: Any, db: None) -> None:
    settings.DEMO = True
    make_demo_users()
    publish(1, LABELS)


def test_nothing_is_begun_before_the_customers_are_there(shop: None) -> None:
    notice_demo_shop()
    assert not Task.objects.exists()


def test_work_is_begun_once(shop: None) -> None:
    take_over()
    notice_demo_shop()
    notice_demo_shop()
    assert Task.objects.count() == 4
    assert Tagging.objects.count() == 3
    assert SavedView.objects.get().shared
    assert Note.objects.count() == 1
    assert TierAction.objects.exists()
    assert not TierAction.objects.filter(enabled=True).exists(), "drafts are off"


def test_nothing_is_begun_outside_the_demo(shop: None, settings: Any) -> None:
    take_over()
    settings.DEMO = False
    notice_demo_shop()
    assert not Task.objects.exists()
