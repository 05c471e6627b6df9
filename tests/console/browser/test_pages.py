"""Every page in a real browser: both languages, wide and narrow, light and dark; axe finds nothing serious, and the
Content-Security-Policy is never hit. Set TIERWISE_SCREENSHOTS to a folder to look at the pages."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

from tierwise.config.document import Document
from tierwise.datasets import simulate_shop
from tierwise.engine.progress import Silent
from tierwise.pipeline import Job, Source, run
from tierwise.registry import build_models
from tierwise.snapshots.workspace import Workspace
from tierwise_console.access.models import User
from tierwise_console.access.permissions import Role
from tierwise_console.crm.services import fields
from tierwise_console.runs import evidence, published
from tierwise_console.runs.tasks import TASKS

pytestmark = pytest.mark.slow
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs a loop in this thread
PAGES = (
    "/", "/data", "/data/events", "/quality", "/indicators", "/advisor", "/value", "/reports", "/privacy/", "/settings",
    "/tiers/?model=two_axis", "/settings/audit", "/settings/fields", "/account/", "/account/second-factor", "/tokens",
    "/quality/duplicates",
)  # fmt: skip
WAYS = [("zh-CN", 1440, "light"), ("en", 1440, "dark"), ("zh-CN", 360, "dark"), ("en", 360, "light")]
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A published run of a small shop, in a workspace of this module's own."""
    root = tmp_path_factory.mktemp("shop")
    simulate_shop(root / "data", 600, seed=3)
    models = build_models(Document({"models": {"rfm": {}, "lifecycle": {}, "pyramid": {}, "two_axis": {}}}, "test"))
    sources = [Source("orders", str(root / "data" / "orders.parquet"))]
    run(Job(Workspace(root), sources, models, as_of=date(2026, 10, 31), timezone="UTC"))
    before = settings.ENVIRONMENT
    settings.ENVIRONMENT = __import__("dataclasses").replace(before, workspace=root)
    published._open.cache_clear()
    name = published.named_run().name
    for request in (evidence.value_request(name), evidence.advice_request(name, evidence.FIRST_GOAL)):
        TASKS[request.pop("task")]({"workspace": str(root), **request}, Silent())
    yield root
    settings.ENVIRONMENT = before


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield found
        found.close()


def _sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/account/sign-in")
    page.fill("input[name=username]", "owner")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button.btn-primary")
    page.wait_for_load_state()


def _serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{item['id']}: {node['html'][:160]}"
        for item in found
        if item["impact"] in ("serious", "critical")
        for node in item["nodes"]
    ]


def _keep(page: Page, path: str, way: tuple[str, int, str]) -> None:
    folder = os.environ.get("TIERWISE_SCREENSHOTS")
    if folder:
        name = "-".join([re.sub(r"\W+", "-", path.strip("/")) or "overview", *map(str, way)])
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(map(str, way)))
def test_pages(
    way: tuple[str, int, str], shop: Path, browser: Browser, live_server: Any, make_user: Callable[..., User]
) -> None:
    lang, width, scheme = way
    make_user(Role.OWNER)
    context = browser.new_context(locale=lang, viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page, complaints, left = context.new_page(), [], []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda asked: left.append(asked.url) if not asked.url.startswith((live_server.url, "data:", "blob:")) else None,
    )
    _sign_in(page, live_server.url)
    problems = {}
    for path in PAGES:
        assert page.goto(live_server.url + path).status == 200, path  # type: ignore[union-attr]
        page.wait_for_load_state("networkidle")
        assert page.get_attribute("html", "lang") == lang
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), (
            f"{path} is wider than the screen"
        )
        if found := _serious(page):
            problems[path] = found
        _keep(page, path, way)
    assert problems == {}
    assert complaints == []
    assert left == [], "the pages ask nobody else"
    context.close()


def test_the_charts_are_drawn_and_their_table_can_be_saved(
    shop: Path, browser: Browser, live_server: Any, make_user: Callable[..., User]
) -> None:
    make_user(Role.OWNER)
    page = browser.new_context(locale="en", accept_downloads=True).new_page()
    _sign_in(page, live_server.url)
    assert page.locator(".chart .canvas svg").count() >= 3
    with page.expect_download() as saved:
        page.locator("button[data-csv]").first.click()
    text = Path(saved.value.path()).read_bytes().decode("utf-8-sig")
    assert len(text.splitlines()) > 3
    with page.expect_download() as saved:
        page.locator("button[data-png]").first.click()
    assert Path(saved.value.path()).read_bytes().startswith(b"\x89PNG")
    page.context.close()


def test_paper_shows_figures_and_nothing_to_press(
    shop: Path, browser: Browser, live_server: Any, make_user: Callable[..., User]
) -> None:
    make_user(Role.OWNER)
    page = browser.new_context(locale="en", viewport={"width": 1440, "height": 900}, color_scheme="dark").new_page()
    _sign_in(page, live_server.url)
    for path in ("/", "/tiers/", "/strategy/", "/reports"):
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 703, "height": 1000})
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator(".print-head").is_visible(), path
        assert page.locator(".btn:visible, nav:visible, .topbar:visible, main form:visible").count() == 0, path
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{path} is wider than the paper"
        closed = page.locator(".chart details:not([open])").count()
        assert closed == 0, "each chart has its table"
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 1440, "height": 900})
        assert page.get_attribute("html", "data-bs-theme") == "dark"
        assert page.locator(".chart details[open]").count() == 0
    page.context.close()


def test_the_keyboard_reaches_search_menu_and_content(
    shop: Path, browser: Browser, live_server: Any, make_user: Callable[..., User]
) -> None:
    make_user(Role.OWNER)
    page = browser.new_context(locale="en", viewport={"width": 360, "height": 900}).new_page()
    _sign_in(page, live_server.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    button = page.locator("[data-bs-target='#menu']")
    button.click()
    page.wait_for_selector("#menu.show")
    page.keyboard.press("Escape")
    page.wait_for_selector("#menu:not(.show, .collapsing)", state="attached")
    assert page.evaluate("document.activeElement.dataset.bsTarget") == "#menu"
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("C0000/1")
    assert page.input_value("#find") == "C0000/1", "within a field it is a letter as any other"
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/?q=C0000%2F1")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q", "the page's own search goes first"
    page.context.close()


def test_the_language_changes_and_the_page_stays(
    shop: Path, browser: Browser, live_server: Any, make_user: Callable[..., User]
) -> None:
    make_user(Role.OWNER)
    page = browser.new_context(locale="en").new_page()
    _sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/tiers/?model=pyramid")
    with page.expect_navigation():
        page.click("button[name=language]")
    assert page.url.endswith("/tiers/?model=pyramid")
    assert page.get_attribute("html", "lang") == "zh-CN"
    with page.expect_navigation():
        page.locator("main .tabs a").first.click()
    page.go_back()
    assert page.url.endswith("/tiers/?model=pyramid")
    page.context.close()


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_a_line_of_the_matrix_is_moved_by_keyboard_and_kept(
    lang: str, shop: Path, browser: Browser, live_server: Any, make_user: Callable[..., User]
) -> None:
    make_user(Role.OWNER)
    page = browser.new_context(locale=lang).new_page()
    _sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/tiers/?model=two_axis")
    before = page.locator("#line-x-out").inner_text()
    page.focus("#line-x")
    for _ in range(3):
        page.keyboard.press("PageUp")
    page.wait_for_selector("#simulation table", timeout=60_000)
    assert page.locator("#line-x-out").inner_text() != before
    assert page.evaluate("charts.get('two_axis-quadrants').x") == float(page.locator("#line-x-out").inner_text())
    with page.expect_navigation():
        page.click("#lines button[type=submit]")
    assert "/models/versions/" in page.url or "/models/version" in page.url
    assert "cut: own" in page.locator("main").inner_text()
    page.context.close()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(map(str, way)))
def test_custom_fields_are_added_and_ordered(
    way: tuple[str, int, str], browser: Browser, live_server: Any, make_user: Callable[..., User]
) -> None:
    lang, width, scheme = way
    owner = make_user(Role.OWNER)
    levels = ["普通", "银卡", "金卡", "Platinum & more"]
    ends = ("contract_ends_on", "The day on which the contract of supply ends", "供货合同到期日", "date")
    for wanted in (("level", "Level of the member", "会员等级", "choice", levels), ends, ("fax", "Fax", "传真")):
        fields.add_field(owner, fields.FieldDefinition(*wanted))
    fields.archive_field(owner, "fax")
    context = browser.new_context(locale=lang, viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page, complaints = context.new_page(), []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    _sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/settings")
    page.click("main a[href='/settings/fields']")
    page.locator("main details.card > summary").click()
    page.fill("#name_en", "Budget")
    page.fill("#name_zh", "预算")
    page.fill("#key", "budget")
    page.select_option("#kind", "number")
    with page.expect_navigation():
        page.click("main details.card button.btn-primary")
    with page.expect_navigation():
        page.click("#field-budget [formaction$=earlier]")
    shown = page.locator("main section.card[id^=field-]").evaluate_all("found => found.map(each => each.id)")
    assert shown == ["field-level", "field-budget", "field-contract_ends_on"]
    page.locator("#field-level details > summary").click()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert _serious(page) == []
    _keep(page, "/settings/fields/filled", way)
    assert complaints == []
    context.close()
