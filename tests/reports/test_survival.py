"""How long customers stay in a tier, over the runs of a workspace, in the report of the last one."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tierwise.cli.finish import write_run_report
from tierwise.config.document import Document
from tierwise.contracts.model import MethodCard
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.evaluation.survival import kaplan_meier
from tierwise.language import Lang, Text
from tierwise.pipeline import Job, Resources, Source, run
from tierwise.registry import build_models
from tierwise.reports.model_sections import tier_rows
from tierwise.reports.rendering import render
from tierwise.reports.report import build_page
from tierwise.reports.survival_charts import tier_survival
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace

from .conftest import shop_orders


def test_curves_stand_in_the_order_of_the_tiers_and_end_where_watching_ended(shop: Run) -> None:
    rows = tier_rows(shop, "pyramid")
    best, worst = rows[0].tier, rows[-1].tier
    stays = [
        kaplan_meier(worst.key, [(30, True, 6), (60, False, 4)]),
        kaplan_meier(best.key, [(30, True, 1), (90, False, 9)]),
        kaplan_meier("gone", [(500, True, 1)]),
    ]
    drawn = tier_survival("pyramid", rows, stays)
    assert drawn is not None
    assert [(curve["name"]["en"], curve["end"]) for curve in drawn.data["curves"]] == [
        (best.name.en, 90),
        (worst.name.en, 60),
    ]
    assert drawn.data["curves"][1]["points"] == [[0, 100.0], [30, pytest.approx(40.0)], [60, pytest.approx(40.0)]]
    assert drawn.title == Text(
        f"Half leave “{worst.name.en}” within 30 days", f"“{worst.name.zh}”有半数客户在 30 天内离开"
    )
    assert [row[:4] for row in drawn.tables[0].rows] == [[best.name, 10, None, 90], [worst.name, 10, 30, 60]]


def test_stays_that_were_never_watched_draw_nothing(shop: Run) -> None:
    rows = tier_rows(shop, "pyramid")
    assert tier_survival("pyramid", rows, []) is None
    assert tier_survival("pyramid", rows, [kaplan_meier(rows[0].tier.key, [(0, False, 5)])]) is None


def test_stays_stand_with_the_model_they_are_of(shop: Run, cards: dict[str, MethodCard]) -> None:
    tier = tier_rows(shop, "rfm")[0].tier.key
    with DuckDBEngine(threads=2) as engine:
        page = build_page(shop, engine, cards, {"rfm": [kaplan_meier(tier, [(30, True, 1), (60, False, 3)])]})
    assert [chart.id for chart in page.charts if chart.kind == "survival"] == ["rfm-survival"]
    assert 'id="rfm-survival-canvas"' in render(page, Lang.EN)


@pytest.mark.slow
def test_three_runs_of_a_workspace_are_enough_and_two_are_not(tmp_path: Path) -> None:
    with (tmp_path / "orders.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("order_id", "customer_id", "order_date", "amount"), *shop_orders()])
    chosen = build_models(Document({"models": {"lifecycle": {}}}, "test"))
    source, shown = Source("orders", str(tmp_path / "orders.csv")), []
    for day in (date(2024, 12, 31), date(2025, 3, 31), date(2025, 6, 30)):
        found: Any = run(Job(Workspace(tmp_path / "workspace"), [source], chosen, day))
        page = write_run_report(found, tmp_path / "report.html", Resources()).read_text(encoding="utf-8")
        shown.append(len(re.findall('id="lifecycle-survival"', page)))
    assert shown == [0, 0, 1]
