"""Runs to make reports of: a shop of a hundred customers, one of a single customer, and one that means harm."""

from __future__ import annotations

import csv
import os
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tierwise.config.document import Document
from tierwise.contracts.model import MethodCard
from tierwise.contracts.rows import Rows
from tierwise.contracts.scheme import Scheme
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.language import Lang
from tierwise.pipeline import Job, Source, run
from tierwise.registry import build_models, models
from tierwise.reports import write_report
from tierwise.reports.page import Page
from tierwise.reports.report import build_page
from tierwise.snapshots.manifest import Manifest
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace

THREE = {"rfm": {}, "lifecycle": {}, "pyramid": {}}
HARM = "</script><img src=x onerror=window.harmed=1>"

MakeRun = Callable[..., Run]
MakeReport = Callable[..., str]


def shop_orders(customers: int = 100) -> list[tuple[str, str, str, str]]:
    """Orders of two years: many customers buy seldom and little, a few often and much; one in twenty is refunded."""
    chance = random.Random(7)
    rows = []
    for number in range(customers):
        keen = 1 + int(chance.paretovariate(0.9))
        for _ in range(min(keen, 40)):
            day = date(2025, 6, 30) - timedelta(days=min(int(chance.expovariate(1 / 120)), 720))
            cents = int(chance.lognormvariate(9 + min(keen, 40) / 20, 0.8))
            rows.append((f"C{number:03}", day.isoformat(), cents))
            if chance.random() < 0.05:
                rows.append((f"C{number:03}", day.isoformat(), -cents))
    return [(f"O{place}", who, day, f"{cents / 100:.2f}") for place, (who, day, cents) in enumerate(rows)]


@pytest.fixture(scope="session")
def make_run(tmp_path_factory: pytest.TempPathFactory) -> MakeRun:
    """Publish a run of some orders: (order, customer, day, amount)."""

    def make(
        orders: Sequence[tuple[str, ...]],
        settings: dict[str, Any] | None = None,
        header: Sequence[str] = ("order_id", "customer_id", "order_date", "amount"),
        name: str = "orders.csv",
    ) -> Run:
        folder = tmp_path_factory.mktemp("report")
        with (folder / name).open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([header, *orders])
        columns = dict(zip(("order_id", "customer_id", "order_date", "amount"), header, strict=True))
        source = Source("orders", str(folder / name), columns=columns)
        chosen = build_models(Document({"models": settings or THREE}, "test"))
        return run(Job(Workspace(folder / "workspace"), [source], chosen, currency="CNY"))

    return make


@dataclass(frozen=True)
class Doctored:
    """A published run with another manifest."""

    run: Run
    manifest: Manifest
    name: str = "doctored"

    def scheme(self, model: str) -> Scheme:
        return self.run.scheme(model)

    def labels(self, model: str) -> Rows:
        return self.run.labels(model)

    def indicator_files(self) -> list[Path]:
        return self.run.indicator_files()


@pytest.fixture(scope="session")
def cards() -> dict[str, MethodCard]:
    return {name: model.card for name, model in models().items()}


@pytest.fixture(scope="session")
def shop(make_run: MakeRun) -> Run:
    blank = ("O-blank", "", "2025-01-05", "10.00")
    return make_run([*shop_orders(), blank])


@pytest.fixture(scope="session")
def single(make_run: MakeRun) -> Run:
    return make_run([("O1", "C1", "2025-01-05", "12.50")])


@pytest.fixture(scope="session")
def harmful(make_run: MakeRun) -> Run:
    """Every name that a user or a file may choose is an attack: columns, tiers, the file, the customers."""
    orders = [(f"O{place}", who, day, amount) for place, (_, who, day, amount) in enumerate(shop_orders(30))]
    orders += [("O-1", HARM, "2025-06-01", "99.00"), ("O-2", "=cmd|'/C calc'!A0", "2025-06-02", "9.00")]
    header = ("order_id", f"customer{HARM}", "order_date", f'=1+1 "amount" \'{HARM}')
    settings = {
        "rfm": {"names": {"important_value": HARM, "general_winback": "=HYPERLINK(\"x\",'y')"}},
        "pyramid": {"names": {"platinum": {"en": HARM, "zh-CN": f"{HARM}铂金"}}},
        "lifecycle": {"names": {"growing": '" onmouseover="window.harmed=1'}},
    }
    return make_run(orders, settings, header, name="<svg onload=window.harmed=1>.csv")


@pytest.fixture(scope="session")
def page_of(cards: dict[str, MethodCard]) -> Callable[..., Page]:
    def make(found: Any) -> Page:
        with DuckDBEngine(threads=2) as engine:
            return build_page(found, engine, cards)

    return make


@pytest.fixture(scope="session")
def report_of(cards: dict[str, MethodCard], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    def make(found: Any, lang: Lang = Lang.EN) -> Path:
        file = tmp_path_factory.mktemp("html") / "report.html"
        with DuckDBEngine(threads=2) as engine:
            write_report(found, engine, file, lang, cards)
        return file

    return make


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The machine's Chromium, headless; skips with the reason where there is none, but never in CI."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("CI must look at the report in a browser: no chromium found")
        pytest.skip("no chromium on this machine: the report is not looked at in a browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()
