"""The first five minutes on real data: a dropped order file becomes tiers, and one customer's label is explained.

One file is imported once; each language and width drops it, sees the guessed columns, and walks from the result to why.
Set TIERWISE_SCREENSHOTS to a folder to look at the pages.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tierwise.snapshots.workspace import Workspace
from tierwise_console.access.models import User
from tierwise_console.access.permissions import Role
from tierwise_console.crm.models import Customer
from tierwise_console.jobs.models import Job, Status
from tierwise_console.jobs.worker import Loop
from tierwise_console.runs import published

pytestmark = pytest.mark.slow
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs a loop in this thread
WAYS = [("zh-CN", 1440), ("en", 1440), ("zh-CN", 360), ("en", 360)]
PASSWORD = "correct horse battery"
PATIENT_MS = 60_000


def open_page(browser: Browser, address: str, lang: str, width: int) -> Page:
    """A page of somebody who has just signed in."""
    page = browser.new_context(locale=lang, viewport={"width": width, "height": 900}).new_page()
    page.set_default_timeout(PATIENT_MS)
    page.goto(f"{address}/account/sign-in")
    page.fill("input[name=username]", "owner")
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.click("main button.btn-primary")
    return page


def work() -> None:
    """Do what was asked for, and see that it went well."""
    Loop().run_until_empty()
    assert not Job.objects.exclude(status=Status.DONE).values("kind", "error").exists()


def send(page: Page, button: str) -> None:
    """Send a form, and have done what it asks for once the answer has come."""
    with page.expect_navigation():
        page.click(button)
    work()


def keep(page: Page, name: str, way: tuple[str, int]) -> None:
    """Look at what is shown: nothing wider than the screen; a picture where somebody wants one."""
    page.wait_for_load_state("networkidle")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{name} is wider than the screen"
    if folder := os.environ.get("TIERWISE_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/walk-{name}-{way[0]}-{way[1]}.png", full_page=True)


def drop(page: Page, file: Path, address: str, way: tuple[str, int]) -> None:
    """Drop the file, and see its columns guessed."""
    page.goto(f"{address}/data")
    page.set_input_files("input[type=file]", file)
    send(page, "form[action$='/data/drop'] button")
    page.wait_for_selector("#field-customer_id")
    assert page.input_value("#field-customer_id") == "CustomerID"
    keep(page, "columns", way)


def bring_in(page: Page, way: tuple[str, int]) -> None:
    """Dry run, quality card, import, run."""
    send(page, "form[action$='/try'] > button[type=submit]")
    expect(page.locator("h2", has_text="试导入结果")).to_be_visible(timeout=PATIENT_MS)
    expect(page.locator("dl.figures")).to_contain_text("541,909")
    expect(page.locator("#window-h")).to_contain_text("建议的分析窗口")
    keep(page, "quality", way)
    send(page, "form[action$='/import'] button")
    send(page, "form[action$='/data/run'] button")
    expect(page.locator("a.btn-primary[href='/advisor']")).to_be_visible(timeout=PATIENT_MS)


def from_tiers_to_why(page: Page, address: str, way: tuple[str, int]) -> None:
    """Advisor, tiers, a cell of the grid, its customers, and why one of them has its label."""
    page.goto(f"{address}/advisor")
    expect(page.locator("form[action$='/back-test'] button")).to_be_visible()
    keep(page, "advisor", way)
    page.goto(f"{address}/tiers/?model=rfm")
    keep(page, "tiers", way)
    page.locator(".rf-grid a").first.click()
    page.wait_for_url(re.compile("cell="))
    keep(page, "customers", way)
    page.locator("main table a[href*='/customers/card/']").first.click()
    expect(page.locator(".why").first).to_contain_text("R", timeout=PATIENT_MS)
    expect(page.locator(".why").first).not_to_contain_text("Why this label?" if way[0] == "en" else "为何是该标签？")
    keep(page, "why", way)


def test_the_first_five_minutes_on_real_orders(
    shared_data: Path, settings: Any, tmp_path: Path, live_server: Any, make_user: Callable[..., User]
) -> None:
    (tmp_path / "shop").mkdir()
    settings.MEDIA_ROOT = tmp_path / "uploads"
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=tmp_path / "shop", home=tmp_path / "console")
    published._open.cache_clear()
    make_user(Role.OWNER)
    file = shared_data / "retail" / "online_retail_2010_2011.parquet"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for number, way in enumerate(WAYS):
            page = open_page(browser, live_server.url, *way)
            drop(page, file, live_server.url, way)
            if number == 0:
                bring_in(page, way)
                assert Workspace(tmp_path / "shop").current()
                assert Customer.objects.count() > 4_000
            from_tiers_to_why(page, live_server.url, way)
            page.context.close()
        browser.close()
