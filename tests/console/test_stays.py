"""Survival per tier on the page Migration: over the runs that there are, and else what is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.console.runs_on_disk import write_run

from tierwise_console.access.permissions import Role
from tierwise_console.runs import migration


@pytest.fixture
def publish(settings: Any, tmp_path: Path) -> Callable[..., Any]:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=tmp_path)
    return lambda day, tiers: write_run(tmp_path, date(2026, 10, day), {"rfm": tiers})


def test_two_days_cannot_tell_and_the_page_says_what_is_needed(publish: Any, signed_in: Callable[..., Client]) -> None:
    publish(1, {"a": "gold", "b": "silver"})
    publish(2, {"a": "silver", "b": "silver"})
    page = signed_in(Role.ANALYST).get("/migration/", headers={"accept-language": "en"}).content.decode()
    assert "Runs of 2 days so far" in page and "at least 3 different days" in page


def test_stays_that_begin_and_end_between_runs_make_a_curve(publish: Any, signed_in: Callable[..., Client]) -> None:
    for day, a, b in ((1, "gold", "silver"), (5, "silver", "gold"), (9, "silver", "gold"), (13, "bronze", "gold")):
        run = publish(day, {"a": a, "b": b})
    found = migration.stays(run, "rfm")
    assert found.days == 4 and found.chart is not None
    rows = {row[0].en: row[1:] for row in found.chart.tables[0].rows}
    assert rows["Silver"][:3] == [1, 8, 8], "one stay, of eight days, watched for eight"
    assert rows["Gold"][0] == 1 and rows["Gold"][3] == 1.0, "still there when last seen"
    page = signed_in(Role.ANALYST).get("/migration/", headers={"accept-language": "en"}).content.decode()
    assert 'id="rfm-survival"' in page
