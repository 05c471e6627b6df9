"""The page about lifetime value: the figures it was given, in both languages, whatever the names."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tierwise.contracts.value_view import Fitted, Parameter, Remark
from tierwise.language import Lang, Text
from tierwise.reports import write_value_report
from tierwise.reports.page import Chart, Section
from tierwise.reports.rendering import render
from tierwise.reports.survival_charts import seen_steps, survival_at, thinned
from tierwise.reports.value_grids import cohort_cells
from tierwise.reports.value_report import build_value_page, value_sections

from .conftest import HARM
from .test_page import CHINESE, ENGLISH_SENTENCE, MOST_BYTES, read
from .value_pages import alive, by_hand, cohort

KINDS = ["histogram", "tenths", "heat_map", "survival", "heat_map", "heat_map", "tracking", "calibration"]


def chart(identity: str, **changed: Any) -> Chart:
    return next(each for each in build_value_page(by_hand(**changed)).charts if each.id == f"value-{identity}")


def section(identity: str, **changed: Any) -> Section:
    return next(each for each in value_sections(by_hand(**changed)) if each.id == identity)


def html(lang: Lang = Lang.EN, **changed: Any) -> str:
    return render(build_value_page(by_hand(**changed)), lang)


def test_it_shows_everything_that_is_asked_of_a_forecast() -> None:
    charts = build_value_page(by_hand()).charts
    assert [each.kind for each in charts] == KINDS
    for each in charts:
        assert each.title.en and CHINESE.search(each.title.zh)
        assert re.search("CNY|%|orders|days", each.about.en) and re.search("CNY|%|单|天", each.about.zh)
        assert all(table.rows for table in each.tables)


def test_titles_say_what_the_rows_hold() -> None:
    assert chart("distribution").title.en == "60.0% of customers are expected to bring less than 20.00"
    assert chart("tenths").title.zh == "最好的十分之一客户占预期价值的 75.0%"
    assert chart("alive").title.en == "49.5% of customers are likely still active"
    assert chart("survival").title.en == "60 days after the first order, 75.0% of customers are still there"
    assert chart("retention").title.en == "In the month after their first, 16.7% of customers order again"
    assert chart("cohort-revenue").title.zh == "首单当月贡献了迄今净额的 76.0%"
    assert chart("tracking").title.en == "Up to 2026-03-31: 55 repeat orders expected, 50 made (+10.0%)"
    assert chart("calibration").title.en == "Customers forecast highest: 3.9 orders each expected, 3.4 made"


def test_the_triangle_holds_zero_where_nobody_ordered_and_nothing_that_is_not_over() -> None:
    names, cells = cohort_cells(by_hand().cohorts)
    assert names == [("2026-01-01", 12), ("2026-02-01", 6), ("2026-03-01", 2)]
    assert cells == {
        (0, 0): (12, 600.0), (0, 1): (0, 0.0), (0, 2): (4, 200.0),
        (1, 0): (6, 300.0), (1, 1): (3, 100.0),
        (2, 0): (2, 50.0),
    }  # fmt: skip
    shares = chart("retention").tables[1].rows
    assert shares[0] == ["2026-01 (12)", 100.0, 0.0, pytest.approx(100 / 3)]
    assert shares[1] == ["2026-02 (6)", 100.0, 50.0, None]


def test_a_month_that_still_runs_is_in_no_title() -> None:
    running = chart("retention", as_of=date(2026, 3, 30))
    assert running.title.en == "In the month after their first, 0.0% of customers order again"
    assert running.data["cells"] == chart("retention").data["cells"]


def test_months_without_new_customers_do_not_bend_the_triangle() -> None:
    names, cells = cohort_cells([cohort("2025-11-01", 3, 1, 5.0, 2), cohort("2026-02-01", 0, 1, 9.0, 1)])
    assert len(names) == 2
    assert sorted(since for place, since in cells if place == 0) == [0, 1, 2, 3]
    assert [since for place, since in cells if place == 1] == [0]


def test_cells_of_the_map_lie_where_orders_and_silence_meet() -> None:
    drawn = chart("alive").data
    assert drawn["rows"][0] == "0" and drawn["rows"][-1] == "12+"
    assert drawn["columns"] == ["0–5", "5–10", "10–15"]
    assert drawn["cells"] == [[1, 1, 10, 50.0, 3], [1, 3, 5, 8.0, 0], [13, 1, 5, 90.0, 5]]


def test_curves_are_read_at_the_last_step_before_a_day() -> None:
    curve = [row for row in by_hand().survival if row["group"] == "all"]
    assert [survival_at(curve, day) for day in (0, 9.9, 10, 60, 1000)] == [1.0, 1.0, 0.75, 0.75, 0.5]
    assert [each["name"]["en"] for each in chart("survival").data["curves"]] == ["All", "High"]


def test_curves_keep_every_step_that_can_be_seen() -> None:
    points = [(0.0, 100.0), (0.0, 70.0), (3.0, 69.9), (4.0, 69.75), (9.0, 40.0), (11.0, 39.9), (12.0, 39.85)]
    assert seen_steps(points) == [[0.0, 100.0], [0.0, 70.0], [4.0, 69.75], [9.0, 40.0], [12.0, 39.85]]


@pytest.mark.parametrize("length", [1, 2, 26, 27, 52, 53, 1000])
def test_thinning_keeps_both_ends(length: int) -> None:
    kept = thinned(list(range(length)), 26)
    assert (kept[0], kept[-1]) == (0, length - 1)
    assert len(kept) <= 27 and kept == sorted(set(kept))


def test_models_stand_beside_the_forecast_that_nobody_returns() -> None:
    table = section("holdout").tables[0]
    rows = [[cell.en if isinstance(cell, Text) else cell for cell in row] for row in table.rows]
    assert rows == [
        ["MBG/NBD (used)", 33, 0.1, 0.5, 0.9, 0.45, 0.6, -321.0, 650.0],
        ["NBD", 60, 1.0, 1.5, 1.9, None, None, -400.0, 804.0],
        ["Nobody returns (baseline)", 0, -1, 0.8, 2.2, None, None, None, None],
        ["Best possible ranking", None, None, None, None, None, 0.7, None, None],
    ]
    assert "30 orders" in table.caption.en and "30 单" in table.caption.zh


def test_parameters_stand_with_their_errors_and_what_to_beware_of() -> None:
    found = section("model")
    assert [table.rows for table in found.tables] == [[["r", 0.52484, 0.083268], ["b", 1.6, None]], [["p", 6.25, 1.19]]]
    assert [each.severity for each in found.findings] == ["warning"]
    text = html()
    assert "0.5248" in text and "0.08327" in text and "few returned: 20% of all" in text


def test_the_head_says_the_value_its_interval_when_and_of_what() -> None:
    page = build_value_page(by_hand())
    assert (page.figures[0].value, page.figures[0].hint) == (
        Decimal("1000.00"), Text("90% interval: 900 to 1,250", "90% 区间：900 至 1,250"),
    )  # fmt: skip
    text = html()
    for said in ("2026-03-31", "2026-04-01T08:30:00+00:00", "sha256:0123456789ab", "ab" * 32, "orders.csv"):
        assert said in text
    assert "/home/li" not in text


def test_every_reader_sees_one_language() -> None:
    assert [words for words in read(html(), "en").words if CHINESE.search(words)] == ["中文"]
    assert [words for words in read(html(Lang.ZH), "zh-CN").words if ENGLISH_SENTENCE.search(words)] == []


def test_what_is_not_known_is_left_out_with_a_word() -> None:
    still = [alive(0, 0, 20, 1.0)]
    stayed = [{"group": "all", "days": 0.0, "survival": 1.0, "at_risk": 20}]
    kept = section("alive", alive=still, survival=stayed)
    assert not kept.charts and "MBG/NBD" in kept.notes[0].zh
    bare = by_hand(holdout=None, bands=[], tracking=[], channels=[], spend=None, currency=None)
    assert [each.id for each in value_sections(bare) if each.empty] == ["holdout"]
    assert "tierwise clv ORDERS" in render(build_value_page(bare), Lang.ZH)


def test_customers_without_any_value_make_a_page() -> None:
    nothing = [{"tenth": 1, "customers": 20, "value": 0.0, "mean": 0.0, "low": None, "high": None}]
    flat = [{"low": 0.0, "high": None, "customers": 20, "value": 0.0}]
    charts = build_value_page(by_hand(tenths=nothing, distribution=flat)).charts
    assert "90%" not in charts[1].about.en
    assert html(tenths=nothing, distribution=flat, cohorts=[])


def test_names_that_mean_harm_stay_text(tmp_path: Path) -> None:
    bad = Text.same(HARM)
    view = by_hand(
        currency=HARM,
        model=Fitted(bad, (Parameter(HARM, 1.0, 0.1),), -1.0, 3),
        remarks=[Remark("warning", bad)],
        channels=[dict(by_hand().channels[0], channel=HARM)],
        inputs=[replace(by_hand().inputs[0], source=HARM)],  # type: ignore[type-var]
        settings={"model": HARM},
        groups=(("all", bad), ("high", bad)),
    )
    write_value_report(view, tmp_path / "clv.html", Lang.EN)
    text = (tmp_path / "clv.html").read_text(encoding="utf-8")
    assert HARM not in text
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert data is not None and "<" not in data.group(1)
    assert HARM in json.dumps(json.loads(data.group(1)))
    assert not [tag for tag, found in read(text).tags if tag == "img" or "onerror" in found]


def test_ten_years_of_cohorts_stay_below_the_limit() -> None:
    many = [
        cohort(f"{2016 + first // 12}-{first % 12 + 1:02}-01", since, 100 + since, 12345.67 * (since + 1), 5000)
        for first in range(120)
        for since in range(120 - first)
    ]
    text = html(cohorts=many)
    assert len(text.encode()) < MOST_BYTES
    assert "data-screen" in text and "latest 36 of 120 cohorts" in text and "最近 36 批" in text
    shown = chart("retention", cohorts=many).data["rows"]
    assert (shown[0], shown[-1]) == ("2023-01 (5,000)", "2025-12 (5,000)")


def test_the_same_forecast_gives_the_same_bytes() -> None:
    assert html() == html()
