"""The CRM's pages in a real browser: both languages, wide and narrow; axe finds nothing serious, nothing is wider than
the screen, the reasons of a label arrive by themselves, a changed setting shows who would move. Set
TIERWISE_SCREENSHOTS to a folder to look at the pages."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import sync_playwright

from tierwise.cli.init import project_text
from tierwise.cli.projects import load_job
from tierwise.datasets import simulate_shop
from tierwise.pipeline import run
from tierwise_console.access.permissions import Role
from tierwise_console.crm.models import Customer
from tierwise_console.crm.services.take_over import take_over

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs a loop in this thread
PAGES = (
    "/customers/",
    "/customers/new",
    "/tasks/",
    "/tiers/",
    "/migration/",
    "/models/",
    "/strategy/",
    "/strategy/budget",
)
WAYS = [("zh-hans", 1440), ("en", 1440), ("zh-hans", 360), ("en", 360)]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop")
    simulate_shop(root / "data", 500, seed=3)
    sources = {name: {"location": f"data/{name}.parquet"} for name in ("orders", "customers")}
    (root / "tierwise.yaml").write_text(project_text(sources, "Asia/Shanghai", []), encoding="utf-8")
    for day in (date(2026, 9, 30), date(2026, 10, 31)):
        run(*load_job(root, (), day, (None, None, None, None, None)))
    return root


def _serious(page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found if each["impact"] in ("serious", "critical")
    ]


def _listen(page, problems: list[str]) -> None:
    """Keep what the console says; that a form was refused (422) is what one test asks for."""
    page.on(
        "console", lambda said: problems.append(said.text) if said.type == "error" and "422" not in said.text else None
    )
    page.on("pageerror", lambda error: problems.append(str(error)))


def test_pages_in_a_browser(workspace, settings, live_server, make_user):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=workspace)
    take_over()
    client = Client()
    client.force_login(make_user(Role.OWNER))
    card = f"/customers/card/{Customer.objects.order_by('-monetary')[0].pk}"
    wished = {"model": "rfm", "total": "100000", "least": "1000", "margin": "30"}
    ranges = {"low.important_value": "2", "high.important_value": "5"}
    assert client.post("/strategy/budget/keep", {**wished, **ranges}).status_code == 302
    drafted = client.post("/models/draft", {"instance": "rfm", "s.bins": "4"}, follow=True).redirect_chain[-1][0]
    problems: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for lang, width in WAYS:
            context = browser.new_context(viewport={"width": width, "height": 900})
            cookies = {"sessionid": client.cookies["sessionid"].value, "django_language": lang}
            context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()])
            page = context.new_page()
            _listen(page, problems)
            for path in (*PAGES, card, drafted):
                assert page.goto(live_server.url + path).status == 200, path
                page.wait_for_load_state("networkidle")
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    problems.append(f"{path} {lang} {width}: wider than the screen")
                problems += [f"{path} {lang} {width}: {each}" for each in _serious(page)]
                if folder := os.environ.get("TIERWISE_SCREENSHOTS"):
                    page.screenshot(
                        path=f"{folder}/{path.strip('/').replace('/', '-')}-{lang}-{width}.png", full_page=True
                    )
            page.goto(live_server.url + card)
            page.wait_for_load_state("networkidle")
            assert page.locator(".why table").count() >= 1, "the reason of the first label arrives by itself"
            page.goto(live_server.url + "/models/?model=lifecycle")
            page.fill("[name='s.new_days']", "5")
            page.wait_for_selector("#simulation table", timeout=60_000)
            page.goto(live_server.url + "/strategy/budget?model=rfm")
            page.fill("#total", "ten")
            page.locator("main .btn-primary").click()
            page.wait_for_selector(".alert-danger, .alert-error")
            assert page.input_value("#total") == "ten", "what was written stays beside what is wrong with it"
            page.fill("#total", "1000.01")
            page.fill("#least", "")
            page.locator("main .btn-primary").click()
            page.wait_for_selector("tfoot >> text=1,000.01")
            context.close()
        browser.close()
    assert problems == []
