"""What is drawn equals what plain Python counts from the files of the run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.label_tables import label_rows_of

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.reports.heat_map import MOST_STEPS, heat_cells, money_steps
from tierwise.reports.model_sections import value_range
from tierwise.reports.page import Chart, Page
from tierwise.snapshots.runs import Run


def chart(page: Page, identity: str) -> Chart:
    return next(found for found in page.charts if found.id == identity)


def test_heat_cells_are_the_sums_of_the_label_table(shop: Run, duck: DuckDBEngine) -> None:
    customers: dict[tuple[int, int], int] = defaultdict(int)
    amounts: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for row in label_rows_of(shop.labels("rfm")):
        customers[row["r_score"], row["f_score"]] += 1
        amounts[row["r_score"], row["f_score"]] += row["monetary"]
    cells = heat_cells(duck, "rfm", shop.labels("rfm"), shop.scheme("rfm"))
    assert len(cells) > 10
    assert {(c.r, c.f): (c.customers, c.amount) for c in cells} == {
        key: (customers[key], amounts[key]) for key in customers
    }
    assert sum(c.customers for c in cells) == shop.manifest.totals["customers"]
    assert sum(c.amount for c in cells) == Decimal(shop.manifest.totals["revenue"])


def test_the_tables_beside_the_heat_map_say_the_same(shop: Run, page_of: Callable[..., Page]) -> None:
    drawn = chart(page_of(shop), "rfm-heat-map")
    counts, means = drawn.tables
    for r, f, customers, mean, _ in drawn.data["cells"]:
        row = len(drawn.data["rows"]) - r
        assert (counts.rows[row][f], means.rows[row][f]) == (customers, mean)
    assert sum(sum(row[1:]) for row in counts.rows) == shop.manifest.totals["customers"]


def test_every_cell_has_the_colour_of_its_mean(shop: Run, page_of: Callable[..., Page]) -> None:
    data = chart(page_of(shop), "rfm-heat-map").data
    for *_, mean, step in data["cells"]:
        assert step == sum(1 for cut in data["steps"] if mean >= cut)
    assert len(data["colours"]["light"]) == len(data["colours"]["dark"]) == len(data["steps"]) + 1


def test_the_pareto_curve_is_the_sorted_cumulative_spend(shop: Run, page_of: Callable[..., Page]) -> None:
    spent = sorted((row["monetary"] for row in label_rows_of(shop.indicator_files())), reverse=True)
    positive = [max(value, Decimal(0)) for value in spent]
    total = sum(positive)
    drawn = chart(page_of(shop), "pyramid-pareto")
    for customers, share in drawn.data["points"]:
        count = round(customers * len(spent) / 100)
        assert share == pytest.approx(sum(positive[:count]) * 100 / total, abs=Decimal("0.006"))
    eighty = next(n for n in range(1, len(spent) + 1) if sum(positive[:n]) * 5 >= total * 4)
    assert Decimal(drawn.data["for80"]) == (Decimal(eighty) * 100 / len(spent)).quantize(Decimal("0.1"))
    assert Decimal(drawn.data["top20"]) == (sum(positive[: len(spent) // 5]) * 100 / total).quantize(Decimal("0.1"))


@pytest.mark.parametrize("identity", ["rfm-treemap", "pyramid-pyramid", "lifecycle-bars"])
def test_tiers_are_drawn_as_the_label_table_counts_them(shop: Run, page_of: Callable[..., Page], identity: str) -> None:
    model = identity.partition("-")[0]
    counted: dict[str, int] = defaultdict(int)
    for row in label_rows_of(shop.labels(model)):
        counted[row["tier"]] += 1
    drawn = chart(page_of(shop), identity)
    tiers = sorted(shop.scheme(model).tiers, key=lambda tier: tier.rank)
    assert [tier["name"]["en"] for tier in drawn.data["tiers"]] == [tier.name.en for tier in tiers]
    assert [tier["customers"] for tier in drawn.data["tiers"]] == [counted[tier.key] for tier in tiers]


@given(st.lists(st.decimals("-1e6", "1e9", places=2), min_size=1, max_size=60))
def test_money_steps_cut_what_is_there(values: list[Decimal]) -> None:
    steps = money_steps(values)
    assert steps == sorted(set(steps))
    assert len(steps) < MOST_STEPS
    assert all(min(values) <= step <= max(values) for step in steps)
    if min(values) == max(values):
        assert steps == []


@pytest.mark.parametrize(
    ("values", "steps"),
    [
        ([250, 9000], [500, 1000, 2000, 5000]),
        ([100, 110, 118], [105, 110, 115]),
        ([-50, 900], [0, 10, 30, 100, 300]),
        ([0, 40000], [500, 1000, 2000, 5000, 10000, 20000]),
    ],
)
def test_money_steps_are_round(values: list[int], steps: list[int]) -> None:
    assert [int(step) for step in money_steps([Decimal(value) for value in values])] == steps


@pytest.mark.parametrize("place", [0, 1])
def test_ranges_say_which_values_earn_a_score(shop: Run, place: int) -> None:
    score = shop.scheme("rfm").scores[place]
    said = {points: value_range(score, points, whole=True).zh for points in range(1, score.bins + 1)}
    for value in range(1, 800):
        assert _contains(said[score.of(value, {})], value)
        assert sum(_contains(text, value) for text in said.values()) == 1


def _contains(text: str, value: int) -> bool:
    if text == "–":
        return False
    if text.endswith("及以上"):
        return value >= int(text.split(maxsplit=1)[0].replace(",", ""))
    if text.endswith("及以下"):
        return value <= int(text.split(maxsplit=1)[0].replace(",", ""))
    low, _, high = text.replace(",", "").partition("–")
    return int(low) <= value <= int(high or low)
