"""Runs that the command line publishes come to the console by themselves, each once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.console.runs_on_disk import write_run

from tierwise_console.crm.models import Customer
from tierwise_console.jobs.models import Job, Status
from tierwise_console.jobs.worker import Loop
from tierwise_console.runs.performing import notice_published_run

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_of_the_command_line_is_taken_over_once(settings: Any, tmp_path: Path) -> None:
    settings.ENVIRONMENT = SimpleNamespace(workspace=tmp_path / "shop", home=tmp_path / "console")
    notice_published_run()
    assert not Job.objects.exists()  # nothing is published yet
    for day, customers in ((1, ("a", "b")), (2, ("a", "b", "c"))):
        run = write_run(tmp_path / "shop", date(2026, 10, day), {"rfm": dict.fromkeys(customers, "gold")})
        notice_published_run()
        notice_published_run()
        Loop().run_until_empty()
        notice_published_run()
        assert [job.status for job in Job.objects.filter(arguments__run=run.name)] == [Status.DONE]
        assert {customer.customer_id for customer in Customer.objects.all()} == set(customers)
