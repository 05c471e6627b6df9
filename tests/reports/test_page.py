"""The page says everything in both languages, escapes what it is given, and has a place for what is missing."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.language import Lang, Text
from tierwise.reports import write_report
from tierwise.reports import writing as writing_module
from tierwise.reports.figures import money_unit
from tierwise.reports.heat_map import Cell, heat_map
from tierwise.reports.page import Format, Page
from tierwise.reports.quality_section import shown_source
from tierwise.reports.rendering import SCRIPTS, bilingual, figure, render
from tierwise.reports.wording import WORDS
from tierwise.snapshots.runs import Run

from .conftest import HARM, Doctored, MakeRun, shop_orders

VOID = {"meta", "link", "br", "input", "path", "rect"}
CHINESE = re.compile(r"[\u3400-\u9fff]")
ENGLISH_SENTENCE = re.compile(r"[A-Za-z]{2,}(?: [a-z]{2,}){2,}")
MOST_BYTES = 3_000_000


class Reader(HTMLParser):
    """What a reader of one language sees, and every inline script, style and attribute."""

    def __init__(self, lang: str) -> None:
        super().__init__()
        self.other = {"en": "zh-CN", "zh-CN": "en"}[lang]
        self.open: list[tuple[str, bool, str]] = []
        self.words: list[str] = []
        self.inline: list[tuple[str, str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.tags.append((tag, found))
        if tag in VOID:
            return
        spoken = found.get("lang") if tag != "html" and found.get("class") != "always" else None
        hidden = spoken == self.other or tag in ("code", "cite", "pre")
        self.open.append((tag, hidden or (bool(self.open) and self.open[-1][1]), found.get("type") or ""))

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1][0] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        tag, hidden, kind = self.open[-1] if self.open else ("", False, "")
        if tag in ("script", "style"):
            if kind != "application/json":
                self.inline.append((tag, data))
        elif not hidden and data.strip():
            self.words.append(data.strip())


def read(html: str, lang: str = "en") -> Reader:
    reader = Reader(lang)
    reader.feed(html)
    reader.close()
    return reader


@pytest.fixture(scope="module")
def html(shop: Run, report_of: Callable[..., Path]) -> str:
    return report_of(shop).read_text(encoding="utf-8")


def test_english_readers_see_no_chinese(html: str) -> None:
    seen = [words for words in read(html, "en").words if CHINESE.search(words)]
    assert seen == ["中文"]


def test_chinese_readers_see_no_english_sentence(html: str) -> None:
    seen = read(html, "zh-CN").words
    assert [words for words in seen if ENGLISH_SENTENCE.search(words)] == []
    assert sum(1 for words in seen if CHINESE.search(words)) > 150


def test_the_words_of_the_script_exist_in_both_languages_and_no_others_are_used() -> None:
    for text in WORDS.values():
        assert CHINESE.search(text.zh) and not CHINESE.search(text.en)
        assert set(re.findall(r"{\w+}", text.en)) == set(re.findall(r"{\w+}", text.zh))
    folder = Path(writing_module.__file__).parent / "templates"
    source = "".join((folder / name).read_text(encoding="utf-8") for name in SCRIPTS)
    used = set(re.findall(r'word\("(\w+)"', source)) | set(re.findall(r'label\("(\w+)"', source))
    used |= {"from", "range"}
    assert used == set(WORDS)


@pytest.mark.parametrize("lang", list(Lang))
def test_the_language_asked_for_is_the_one_it_opens_in(shop: Run, report_of: Callable[..., Path], lang: Lang) -> None:
    text = report_of(shop, lang).read_text(encoding="utf-8")
    assert f'<html lang="{lang}">' in text
    assert f'"lang":"{lang}"' in text


def test_the_same_run_gives_the_same_bytes(shop: Run, report_of: Callable[..., Path]) -> None:
    assert report_of(shop).read_bytes() == report_of(shop).read_bytes()


def test_the_policy_names_every_inline_part_and_nothing_else(html: str) -> None:
    reader = read(html)
    policy = next(found["content"] for tag, found in reader.tags if found.get("http-equiv"))
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    for tag, source in (("script", "script-src"), ("style", "style-src")):
        digests = [hashlib.sha256(text.encode()).digest() for name, text in reader.inline if name == tag]
        assert rules[source].split() == [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in policy


def test_nothing_is_fetched_from_anywhere(html: str) -> None:
    for tag, found in read(html).tags:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base")
        assert "src" not in found and "style" not in found
        assert (found.get("href") or "#").startswith("#")
        assert not [name for name in found if name.startswith("on")]


def test_links_lead_somewhere_and_ids_are_given_once(html: str) -> None:
    tags = read(html).tags
    ids = [found["id"] for _, found in tags if "id" in found]
    assert len(ids) == len(set(ids))
    targets = {(found.get("href") or "#")[1:] for tag, found in tags if tag == "a"}
    named = {name for _, found in tags for name in (found.get("aria-labelledby") or "").split()}
    assert (targets | named) <= set(ids)


def test_tables_are_named_and_their_heads_have_a_scope(html: str) -> None:
    tags = read(html).tags
    assert sum(tag == "table" for tag, _ in tags) == sum(tag == "caption" for tag, _ in tags) > 10
    assert all("scope" in found for tag, found in tags if tag == "th")


def test_every_chart_has_a_title_units_and_its_figures(shop: Run, page_of: Callable[..., Page]) -> None:
    page = page_of(shop)
    assert [chart.kind for chart in page.charts] == ["heat_map", "treemap", "pareto", "pyramid", "bars"]
    for chart in page.charts:
        assert chart.title.en and CHINESE.search(chart.title.zh)
        assert re.search("CNY|%", chart.about.en) and re.search("CNY|%", chart.about.zh)
        assert all(table.rows for table in chart.tables)


def test_the_head_says_when_and_of_what(html: str, shop: Run) -> None:
    manifest = shop.manifest
    for said in (manifest.as_of.isoformat(), shop.name, manifest.tables, "CNY", manifest.specs_sha256):
        assert said in html
    for found in manifest.inputs:
        assert found.sha256 in html
    assert all(digest in html for digest in manifest.files.values())


def test_the_quality_section_says_what_was_set_aside(shop: Run, page_of: Callable[..., Page]) -> None:
    quality = page_of(shop).quality
    assert [(row[0].en, row[0].zh, row[1]) for row in quality.set_aside.rows] == [("no customer", "没有客户编号", 1)]
    assert quality.rejects_files == [f"imports/{shop.manifest.version['imports']['orders'][0]}/rejects/orders.csv"]
    assert {row[0].en: row[2] for row in quality.fields.rows}["customer"] == "customer_id"


def test_what_means_harm_stays_text(harmful: Run, report_of: Callable[..., Path]) -> None:
    text = report_of(harmful).read_text(encoding="utf-8")
    assert HARM not in text
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert data is not None and "<" not in data.group(1)
    assert HARM in json.dumps(json.loads(data.group(1)))
    reader = read(text)
    assert sum(tag == "script" for tag, _ in reader.tags) == 3
    assert not [
        tag for tag, found in reader.tags if tag in ("img", "svg") and ("onerror" in found or "onload" in found)
    ]
    assert not [tag for tag, found in reader.tags if "onmouseover" in found]


def test_a_currency_that_means_harm_stays_text(shop: Run, report_of: Callable[..., Path]) -> None:
    text = report_of(Doctored(shop, replace(shop.manifest, currency=HARM))).read_text(encoding="utf-8")
    assert HARM not in text


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("/home/li/orders.csv", "orders.csv"),
        ("C:\\Users\\li\\订单.xlsx", "订单.xlsx"),
        ("postgresql://li:secret@db.example:5432/shop?password=secret", "postgresql://db.example:5432/shop"),
        ("orders.parquet", "orders.parquet"),
    ],
)
def test_neither_folders_nor_passwords_are_passed_on(source: str, shown: str) -> None:
    assert shown_source(source) == shown


def test_one_customer_makes_a_page(single: Run, report_of: Callable[..., Path], page_of: Callable[..., Page]) -> None:
    page = page_of(single)
    assert [chart.kind for chart in page.charts] == ["heat_map", "treemap", "pareto", "pyramid", "bars"]
    pareto = next(chart for chart in page.charts if chart.kind == "pareto")
    assert pareto.data["points"] == [(0, 0), (100, 100)]
    assert pareto.data["top20"] is None and "20%" not in pareto.title.en
    assert "12.50" in report_of(single).read_text(encoding="utf-8")


def test_without_a_positive_amount_shares_are_left_out(make_run: MakeRun, page_of: Callable[..., Page]) -> None:
    found = make_run([("O1", "C1", "2025-01-05", "5.00"), ("O2", "C1", "2025-01-06", "-9.00")])
    page = page_of(found)
    assert "pareto" not in [chart.kind for chart in page.charts]
    section = next(section for section in page.sections if section.id == "model-pyramid")
    assert section.notes[0].zh == "没有正的贡献，无法做二八检验"
    assert "–" in section.charts[0].title.en
    assert render(page, Lang.ZH)


def test_what_is_missing_says_how_to_get_it(make_run: MakeRun, page_of: Callable[..., Page]) -> None:
    page = page_of(make_run(shop_orders(20), {"lifecycle": {}}))
    assert [(section.id, section.command) for section in page.sections] == [
        ("no-rfm", "tierwise tier ORDERS --model rfm"),
        ("no-pyramid", "tierwise tier ORDERS --model pyramid"),
        ("model-lifecycle", None),
    ]
    assert "tierwise tier ORDERS --model rfm" in render(page, Lang.EN)


def test_a_model_nobody_knows_gets_bars_and_a_table(shop: Run, page_of: Callable[..., Page]) -> None:
    strange = replace(shop.manifest.models["lifecycle"], model="loyalty_index", notes=[])
    page = page_of(Doctored(shop, replace(shop.manifest, models={"lifecycle": strange})))
    section = page.sections[-1]
    assert (section.heading.en, [chart.kind for chart in section.charts]) == ("loyalty_index · lifecycle", ["bars"])
    assert len(section.tiers) == 5
    assert page.cards == []
    assert "tierwise models" in render(page, Lang.EN)


def test_tried_numbers_of_groups_are_a_table_and_no_sentence(shop: Run, page_of: Callable[..., Page]) -> None:
    tried = [
        {"k": k, "weakest_jaccard": 0.5 + k / 10, "rand_index": 0.9, "silhouette": 0.4, "gap": 1.25, "gap_error": 0.012}
        for k in (2, 3)
    ]
    note = {"code": "clusters.choice", "text": {"en": "k = 3: 2: …", "zh-CN": "k = 3：2：…"}}
    sound = {"code": "clusters.groups", "text": {"en": "3 groups, stable", "zh-CN": "共 3 组，稳定"}}
    notes = [{**each, "figures": {"k": 3, "tried": tried}} for each in (sound, note)]
    noted = replace(shop.manifest.models["lifecycle"], notes=notes)
    section = page_of(Doctored(shop, replace(shop.manifest, models={"lifecycle": noted}))).sections[-1]
    assert [text.zh for text in section.notes] == ["共 3 组，稳定"]
    assert len(section.tables) == 1
    assert [(row[0] if isinstance(row[0], str) else row[0].zh, *row[1:]) for row in section.tables[-1].rows] == [
        ("2", 0.7, 0.9, 0.4, 1.25, 0.012),
        ("3（选用）", 0.8, 0.9, 0.4, 1.25, 0.012),
    ]


@pytest.mark.parametrize("said", ["20 % of all", "20\u00a0% of all", "20% of all"])
def test_per_cent_stand_without_a_gap_whoever_wrote_them(said: str) -> None:
    assert bilingual(Text(said, "占 20 %")) == '<span lang="en">20% of all</span><span lang="zh-CN">占 20%</span>'


def test_no_per_cent_stands_apart_in_a_report(html: str) -> None:
    for lang in ("en", "zh-CN"):
        assert [words for words in read(html, lang).words if re.search(r"\d\s%", words)] == []


def test_a_model_that_runs_twice_is_shown_twice(make_run: MakeRun, page_of: Callable[..., Page]) -> None:
    settings = {"rfm": {}, "rfm_year": {"model": "rfm", "window_days": 365, "bins": 3, "nested": True}}
    page = page_of(make_run(shop_orders(40), settings))
    headings = [section.heading.zh for section in page.sections]
    assert headings[:2] == ["RFM 分层", "RFM 分层 · rfm_year"]
    assert len(page.cards) == 1
    assert not page.sections[1].tables, "nested cut-points differ from customer to customer: no one table says them"


def test_ten_thousand_cells_stay_below_the_limit(shop: Run, page_of: Callable[..., Page]) -> None:
    page = page_of(shop)
    scores = tuple(replace(score, bins=100) for score in shop.scheme("rfm").scores)
    scheme = replace(shop.scheme("rfm"), scores=scores)
    cells = [Cell(r, f, 1000 * r + f, Decimal(f"{r * 99991 * f}.37")) for r in range(1, 101) for f in range(1, 101)]
    drawn = heat_map("rfm", cells, scheme, money_unit("CNY"))
    section = replace(page.sections[0], charts=[drawn, *page.sections[0].charts[1:]])
    text = render(replace(page, sections=[section, *page.sections[1:]]), Lang.EN)
    assert len(text.encode()) < MOST_BYTES
    assert "data-screen" in text


def test_a_full_disk_leaves_the_report_that_was_there(
    shop: Run, duck: DuckDBEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "report.html"
    file.write_text("the one before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing_module.os, "fsync", full)
    with pytest.raises(TierwiseError) as caught:
        write_report(shop, duck, file, Lang.EN)
    assert caught.value.code == "resource.disk_full"
    assert [found.name for found in tmp_path.iterdir()] == ["report.html"]
    assert file.read_text() == "the one before"


@pytest.mark.parametrize(
    ("value", "format", "markup"),
    [
        (None, Format.MONEY, '<span class="none">–</span>'),
        (Decimal("1234.5"), Format.MONEY, '<data class="money" value="1234.5">1,234.50</data>'),
        (Decimal("12.4"), Format.PERCENT, "12.4%"),
        (Decimal("-0.04"), Format.PERCENT, "0.0%"),
        (0.7507, Format.SHARE, "75.1%"),
        (Decimal("803.5"), Format.NUMBER, "803.5"),
        (1234567, Format.COUNT, "1,234,567"),
        ("<b>", Format.CODE, "<code>&lt;b&gt;</code>"),
    ],
)
def test_figures_as_markup(value: Any, format: Format, markup: str) -> None:
    assert figure(value, format) == markup


def test_the_example_of_the_docs_runs(shop: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docs = Path(__file__).resolve().parents[2] / "docs" / "report.md"
    example = re.search(r"```python\n(.*?)```", docs.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    (tmp_path / "workspace").symlink_to(shop.folder.parent.parent)
    monkeypatch.chdir(tmp_path)
    exec(compile(example.group(1), str(docs), "exec"), {})
    assert '<html lang="zh-CN">' in (tmp_path / "report.html").read_text(encoding="utf-8")
