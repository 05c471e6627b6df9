"""From an alert to where one can act, in a real browser: both languages, wide and narrow. Set TIERWISE_SCREENSHOTS to a
folder to look at the pages."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page, expect, sync_playwright

from tierwise_console.access.permissions import Role

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs a loop in this thread
WAYS = [("zh-hans", 1440), ("en", 360)]
WORDS = {
    "en": ("These customers", "40 customers match", "Rejected rows", "The two imports side by side"),
    "zh-hans": ("查看这些客户", "40 位客户符合条件", "查看未用的行", "对比两次导入"),
}


def _sound(page: Page, name: str, way: tuple[str, int]) -> None:
    page.wait_for_load_state("networkidle")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{name} is wider than the screen"
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == [], name
    if folder := os.environ.get("TIERWISE_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/alerts-{name}-{way[0]}-{way[1]}.png", full_page=True)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(map(str, way)))
def test_alerts_lead_where_one_can_act(
    way: tuple[str, int], shop: Path, live_server: Any, make_user: Callable[..., Any]
) -> None:
    lang, width = way
    customers, match, rejected, drift = WORDS[lang]
    client, complaints = Client(), []
    client.force_login(make_user(Role.OWNER))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": width, "height": 900})
        cookies = {"sessionid": client.cookies["sessionid"].value, "django_language": lang}
        context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()])
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.goto(live_server.url)
        _sound(page, "overview", way)
        page.get_by_role("link", name=customers).click()
        expect(page.locator(".page-head")).to_contain_text(match)
        chosen = page.locator("select[name=tier][multiple]").first.evaluate("each => each.selectedOptions.length")
        assert chosen > 1, "all tiers of the alert stay chosen when the list is filtered further"
        page.go_back()
        page.get_by_role("link", name=rejected).click()
        expect(page.locator("main tbody tr")).to_have_count(40)
        _sound(page, "rejected", way)
        page.go_back()
        page.get_by_role("link", name=drift).first.click()
        page.wait_for_url(re.compile("/quality#drift$"))
        expect(page.locator("#drift")).to_be_in_viewport()
        page.locator("main details details summary").last.click()
        _sound(page, "quality", way)
        browser.close()
    assert complaints == []
