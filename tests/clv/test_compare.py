"""Models side by side: the split, the order, and what happens where none fits."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from tierwise.clv.compare import calibration_end_day, compare
from tierwise.clv.nbd import NBD
from tierwise.clv.summary import Summary, count_orders, summarise
from tierwise.errors import TierwiseError


@pytest.mark.shared_data
def test_cdnow_side_by_side(shared_data: Path) -> None:
    with (shared_data / "clv" / "cdnow_sample_transactions.csv").open(encoding="utf-8") as lines:
        orders = [(r["customer_id"], dt.date.fromisoformat(r["date"]).toordinal()) for r in csv.DictReader(lines)]
    customer, day = np.array([o[0] for o in orders]), np.array([o[1] for o in orders])
    end = calibration_end_day(day)
    assert day.min() < end < day.max()
    ids, summary = summarise(customer, day, as_of_day=end, days_per_unit=7)
    last = int(day.max())
    actual = count_orders(customer, day, ids, after_day=end, until_day=last)
    found = compare(summary, actual, last - end)
    assert {candidate.name for candidate in found} == {"mbg_nbd", "pareto_nbd", "mbg_cnbd_k", "bg_nbd", "nbd"}
    assert found[0].name in {"mbg_nbd", "pareto_nbd", "mbg_cnbd_k"}
    by_name = {candidate.name: candidate for candidate in found}
    assert by_name["nbd"].band_error > 2 * found[0].band_error
    assert all(c.report is not None and c.report.actual_total == actual.sum() for c in found)


def test_a_model_that_cannot_be_fitted_comes_last_with_its_reason() -> None:
    truth = NBD.from_parameters({"r": 0.8, "alpha": 60.0})
    ages = np.linspace(200, 400, 3000)
    drawn = truth.simulate(Summary(np.zeros(3000), np.zeros(3000), ages), 2)
    found = compare(drawn, truth.simulate_future(drawn, 200.0, 3), 200.0, ("nbd", "pareto_nbd"))
    assert [candidate.name for candidate in found] == ["nbd", "pareto_nbd"]
    assert found[1].model is None
    assert found[1].problems[0].kind.code in {"clv.flat_ridge", "clv.at_border"}
    with pytest.raises(TierwiseError) as caught:
        compare(drawn, np.zeros(3000), 200.0, ("pareto_nbd",))
    assert caught.value.code == "clv.none_fits"
    assert len(caught.value.problems) >= 2


@pytest.mark.parametrize("days", [[], [5], [5, 6]])
def test_too_few_days_cannot_be_split(days: list[int]) -> None:
    with pytest.raises(TierwiseError) as caught:
        calibration_end_day(days)
    assert caught.value.code == "clv.too_short"
