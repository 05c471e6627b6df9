"""The report in a real browser: it draws, speaks both languages, prints, stays inside its frame and inside its file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tierwise.language import Lang, Text
from tierwise.reports import write_value_report
from tierwise.snapshots.runs import Run

from .conftest import HARM
from .value_pages import by_hand

pytestmark = pytest.mark.slow

ReportOf = Callable[..., Path]

CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parse = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = (c) => [0, 1, 2].map((i) => c[i] / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = parse(getComputedStyle(at).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !element.checkVisibility() || element.closest("svg, script, style")) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(parse(style.color)), light(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(`${ratio.toFixed(2)} ${node.textContent.trim().slice(0, 40)}`);
  }
  return bad;
}"""

NAMELESS = """() => [...document.querySelectorAll("a, button, input, summary, [role=img], [role=group], section, table")]
  .filter((element) => element.checkVisibility())
  .filter((element) => {
    const ids = (element.getAttribute("aria-labelledby") || "").split(" ").filter(Boolean);
    const named = ids.map((id) => document.getElementById(id).innerText).join("");
    const own = element.innerText || element.closest("label")?.innerText || "";
    return !(named || own).trim();
  }).map((element) => element.outerHTML.slice(0, 120))"""


@contextmanager
def opened(chromium: Any, file: Path, width: int = 1440, scheme: str = "light") -> Iterator[Any]:
    """The page, and a failure for every console message, error and request that it makes."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-GB")
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: heard.append(f"error: {error}"))
    page.on("request", lambda request: heard.append(request.url) if request.url != file.as_uri() else None)
    page.goto(file.as_uri())
    yield page
    context.close()
    assert heard == []


@pytest.fixture(scope="module")
def file(shop: Run, report_of: ReportOf) -> Path:
    return report_of(shop, Lang.ZH)


@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_it_draws_and_reads_well_everywhere(chromium: Any, file: Path, width: int, scheme: str, lang: str) -> None:
    with opened(chromium, file, width, scheme) as page:
        page.click(f"button[data-lang='{lang}']")
        assert page.evaluate("document.documentElement.lang") == lang
        sizes = page.evaluate(
            "() => [...document.querySelectorAll('.canvas')].map((c) => [c.clientWidth, c.querySelectorAll('svg path').length])"
        )
        assert len(sizes) == 5
        assert all(0 < drawn <= width and paths > 3 for drawn, paths in sizes)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate("document.querySelectorAll('details').forEach((item) => { item.open = true; })")
        assert page.evaluate(CONTRAST) == []
        assert page.evaluate(NAMELESS) == []


def drawn_words(page: Any) -> str:
    return str(page.evaluate("[...document.querySelectorAll('.canvas svg text')].map((t) => t.textContent).join('|')"))


def test_one_button_changes_the_language_of_everything(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        assert page.title().startswith("客户分层报告")
        assert "客户占比" in drawn_words(page) and "重要价值" in drawn_words(page)
        assert not re.search(r"[A-Za-z]{3,}", drawn_words(page))
        page.click("button[data-lang=en]")
        assert page.title().startswith("Customer tiers")
        assert not re.search(r"[\u3400-\u9fff]", drawn_words(page))
        seen = page.inner_text("main")
        assert "2025年" not in seen and "2025" in seen
        assert page.get_attribute("button[data-lang=en]", "aria-pressed") == "true"


def test_amounts_are_said_in_the_currency_of_the_run(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        assert re.search(r"¥[\d,]+\.\d\d", page.inner_text("#model-rfm .tiers"))


def test_the_treemap_switches_its_measure_by_keyboard(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        before = page.text_content("#rfm-treemap-canvas svg")
        page.focus("#rfm-treemap input[value=customers]")
        page.keyboard.press("ArrowRight")
        assert page.is_checked("#rfm-treemap input[value=revenue]")
        assert page.text_content("#rfm-treemap-canvas svg") != before


def test_paper_is_light_and_shows_the_figures(chromium: Any, file: Path) -> None:
    with opened(chromium, file, scheme="dark") as page:
        open_now = "document.querySelectorAll('details[open]').length"
        everything = page.evaluate("document.querySelectorAll('details').length")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate(open_now) == everything
        assert page.evaluate("document.querySelectorAll('svg text[fill-opacity]').length") == 0, (
            "nothing fades in on paper"
        )
        assert "#0b4f5c" in page.inner_html("#rfm-treemap-canvas").lower().replace("rgb(11,79,92)", "#0b4f5c")
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert page.evaluate(open_now) == 0
        assert len(page.pdf(prefer_css_page_size=True)) > 50_000


def test_names_that_mean_harm_do_none(chromium: Any, harmful: Run, report_of: ReportOf) -> None:
    with opened(chromium, report_of(harmful)) as page:
        for lang in ("zh-CN", "en"):
            page.click(f"button[data-lang='{lang}']")
            for canvas in page.query_selector_all(".canvas"):
                canvas.scroll_into_view_if_needed()
                canvas.hover(position={"x": 150, "y": 80})
        assert page.evaluate("window.harmed") is None
        assert page.query_selector("main img") is None
        assert "</script><img" in page.inner_text("#model-rfm .tiers")


def test_the_policy_stops_what_is_put_into_the_file(chromium: Any, file: Path, tmp_path: Path) -> None:
    edited = tmp_path / "edited.html"
    text = file.read_text(encoding="utf-8").replace("<main", "<script>window.harmed = 1</script><main", 1)
    edited.write_text(text, encoding="utf-8")
    page = chromium.new_page()
    page.goto(edited.as_uri())
    assert page.evaluate("window.harmed") is None
    assert page.evaluate("document.documentElement.classList.contains('scripted')")
    page.close()


def test_one_customer_and_one_model_draw_without_a_word(chromium: Any, single: Run, report_of: ReportOf) -> None:
    with opened(chromium, report_of(single), 360) as page:
        assert len(page.query_selector_all(".canvas svg")) == 5


def test_without_scripts_the_figures_are_still_there(chromium: Any, file: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.is_visible("#model-rfm .tiers")
    assert page.is_visible("#rfm-heat-map noscript")
    assert not page.is_visible("#print")
    context.close()


@pytest.fixture(scope="module")
def forecast_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("clv") / "clv.html"
    write_value_report(by_hand(groups=(("all", Text.same("A")), ("high", Text.same(HARM)))), file, Lang.ZH)
    return file


@pytest.mark.parametrize(("width", "scheme", "lang"), [(1440, "light", "en"), (360, "dark", "zh-CN")])
def test_the_page_of_a_forecast_draws_and_reads_well(
    chromium: Any, forecast_page: Path, width: int, scheme: str, lang: str
) -> None:
    with opened(chromium, forecast_page, width, scheme) as page:
        page.click(f"button[data-lang='{lang}']")
        assert page.evaluate(
            "[...document.querySelectorAll('.canvas')].every((c) => c.querySelectorAll('svg path').length > 2)"
        )
        assert len(page.query_selector_all(".canvas svg")) == 8
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        words = drawn_words(page)
        assert re.search("客" if lang == "zh-CN" else "customers", words)
        assert not re.search(r"[A-Za-z]{4,}" if lang == "zh-CN" else r"[\u3400-\u9fff]", words)
        for canvas in page.query_selector_all(".canvas"):
            canvas.scroll_into_view_if_needed()
            for across in (0.3, 0.5, 0.8):
                canvas.hover(position={"x": width * across * (0.33 if width > 400 else 0.8), "y": 70})
        assert page.evaluate("window.harmed") is None
        page.evaluate("document.querySelectorAll('details').forEach((item) => { item.open = true; })")
        assert page.evaluate(CONTRAST) == []
        assert page.evaluate(NAMELESS) == []


def test_columns_of_a_forecast_switch_from_customers_to_value(chromium: Any, forecast_page: Path) -> None:
    with opened(chromium, forecast_page) as page:
        before = page.text_content("#value-distribution-canvas svg")
        page.focus("#value-distribution input[value=customers]")
        page.keyboard.press("ArrowRight")
        assert page.text_content("#value-distribution-canvas svg") != before
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert len(page.query_selector_all(".canvas svg")) == 8
