"""`tierwise clv --out` writes the page: its figures are those of the answer, and no customer is in it."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from contextlib import redirect_stdout
from datetime import date, timedelta
from typing import Any

import pytest

from tierwise.cli.main import execute

from .conftest import HARM
from .test_page import MOST_BYTES

Written = tuple[dict[str, Any], str, dict[str, Any]]


def orders(customers: int = 250) -> list[tuple[str, str, str, str]]:
    """Two years of customers with rates of their own who leave one by one; every name means harm."""
    chance, rows = random.Random(5), []
    for number in range(customers):
        day, rate = chance.randrange(300), chance.gammavariate(1.2, 1 / 40)
        while day < 730:
            rows.append((f"{HARM}{number}", date(2024, 1, 1) + timedelta(day), chance.lognormvariate(4, 0.5)))
            day += 1 + int(chance.expovariate(rate)) if chance.random() > 0.15 else 999
    return [(f"o{place}", who, day.isoformat(), f"{amount:.2f}") for place, (who, day, amount) in enumerate(rows)]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The answer as JSON, the page, and what its scripts read."""
    folder = tmp_path_factory.mktemp("clv")
    with (folder / "orders.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("order_id", "customer_id", "order_date", "amount"), *orders()])
    told = ["clv", str(folder / "orders.csv"), "--model", "mbg_nbd", "--no-compare", "--json", "--out", str(folder)]
    printed = io.StringIO()
    with redirect_stdout(printed):
        assert execute(told) == 0
    text = (folder / "clv.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return json.loads(printed.getvalue()), text, {chart["id"]: chart for chart in json.loads(found.group(1))["charts"]}


def test_the_page_says_what_the_answer_says(written: Written) -> None:
    answer, text, charts = written
    assert answer["files"]["html"].endswith("clv.html")
    assert f"{answer['total_value']['expected']:,.0f}</data>" in text
    assert charts["value-tracking"]["rows"][-1][1] == answer["tracking"][-1]["actual"]
    assert [point[:2] for point in charts["value-calibration"]["points"]] == [
        [band["expected_mean"], band["actual_mean"]] for band in answer["holdout"]["bands"]
    ]
    assert len(text.encode()) < MOST_BYTES


def test_every_customer_is_counted_once_in_every_picture(written: Written) -> None:
    answer, _, charts = written
    everyone = answer["customers"]
    assert sum(bin[2] for bin in charts["value-distribution"]["bins"]) == everyone
    assert sum(row[4] for row in charts["value-tenths"]["rows"]) == everyone
    assert sum(cell[2] for cell in charts["value-alive"]["cells"]) == everyone
    assert sum(cell[2] for cell in charts["value-retention"]["cells"] if cell[1] == 1) == everyone
    whole = sum(row[1] * row[4] for row in charts["value-tenths"]["rows"])
    assert whole == pytest.approx(answer["total_value"]["expected"], rel=1e-5)
    falling = [row[1] for row in charts["value-tenths"]["rows"]]
    assert falling == sorted(falling, reverse=True)
    assert all(low <= high for _, _, low, high, _ in charts["value-tenths"]["rows"])


def test_revenue_of_all_cohorts_is_that_of_all_orders(written: Written) -> None:
    cells = written[2]["value-cohort-revenue"]["cells"]
    assert sum(cell[3] for cell in cells) == pytest.approx(
        sum(float(row[3]) for row in orders()), abs=0.01 * len(cells)
    )


def test_no_customer_is_in_the_page(written: Written) -> None:
    assert HARM not in written[1] and "onerror=window.harmed" not in written[1]
