"""Odd shops and wrong settings: each gives a sound answer or one error with all that is wrong, and keeps the last run."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.pipeline.conftest import RunOrders, job_of, write_orders

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.language import Lang
from tierwise.pipeline import Job, Source, run
from tierwise.snapshots.runs import Run, open_run
from tierwise.snapshots.workspace import Workspace

DAY = date(2026, 5, 1)
ONE = ("c1", DAY, "10.00")


def tiers_of(published: Run, model: str) -> dict[str, str]:
    with DuckDBEngine() as engine:
        engine.attach("labels", published.labels(model))
        return {row["customer_id"]: row["tier"] for row in engine.records("labels", "SELECT * FROM labels")}


def table_of(published: Run, model: str) -> dict[str, dict[str, Any]]:
    return {row["key"]: row for row in published.manifest.models[model].tiers}


def test_as_of_before_the_first_order(run_rows: RunOrders, tmp_path: Path) -> None:
    first = run_rows([ONE])
    with pytest.raises(TierwiseError) as caught:
        run_rows([ONE, ("c2", date(2026, 6, 1), 5)], as_of=date(2026, 4, 30))
    assert caught.value.code == "as_of.before_first_order"
    assert caught.value.exit_code == 4
    for part in ("2026-04-30", "2026-05-01", "2026-06-01", "orders.csv"):
        assert part in caught.value.to(Lang.EN) and part in caught.value.to(Lang.ZH)
    assert open_run(Workspace(tmp_path / "workspace")).name == first.name


def test_as_of_the_day_of_the_first_order_is_enough(run_rows: RunOrders) -> None:
    published = run_rows([ONE, ("c2", date(2026, 6, 1), 5)], as_of=DAY)
    assert set(tiers_of(published, "rfm")) == {"c1"}


def test_one_customer(run_rows: RunOrders) -> None:
    published = run_rows([ONE])
    assert tiers_of(published, "lifecycle") == {"c1": "new"}
    assert tiers_of(published, "pyramid") == {"c1": "platinum"}
    assert len(tiers_of(published, "rfm")) == 1
    assert table_of(published, "pyramid")["platinum"]["revenue_percent"] == "100.0"
    assert published.manifest.totals == {"customers": 1, "orders": 1, "revenue": "10.00"}


def test_all_equal_values_say_so_and_tell_nobody_apart(run_rows: RunOrders) -> None:
    published = run_rows([(f"c{number}", DAY, "10.00") for number in range(50)])
    for model in ("rfm", "lifecycle", "pyramid"):
        assert len(set(tiers_of(published, model).values())) == 1
    notes = {note["figures"]["metric"] for note in published.manifest.models["rfm"].notes}
    assert notes == {"recency", "frequency", "monetary"}


def test_a_negative_total(run_rows: RunOrders) -> None:
    """More was paid back than came in: no share of revenue can be stated, and no customer is above the base."""
    rows = [("c1", DAY, "10.00"), ("c1", DAY, "-30.00"), ("c2", DAY, "5.00"), ("c2", DAY, "-5.00")]
    published = run_rows(rows)
    assert Decimal(published.manifest.totals["revenue"]) == Decimal("-20.00")
    assert set(tiers_of(published, "pyramid").values()) == {"bronze"}
    assert all(row["revenue_percent"] is None for row in table_of(published, "pyramid").values())
    assert published.manifest.models["pyramid"].notes[0]["figures"] == {"curve": []}


def test_only_refunds(run_rows: RunOrders) -> None:
    """Who only has refunds never bought: no recency, no purchase, money below zero; and the lowest R there is."""
    published = run_rows([("c1", DAY, "-10.00"), ("c2", DAY, "-5.00")])
    with DuckDBEngine() as engine:
        engine.attach("i", published.indicator_files())
        rows = engine.records("i", "SELECT * FROM i ORDER BY customer_id")
    assert [(row["recency_days"], row["frequency"], row["monetary"]) for row in rows] == [
        (None, 0, Decimal("-10.00")),
        (None, 0, Decimal("-5.00")),
    ]
    assert set(tiers_of(published, "lifecycle").values()) == {"lost"}
    assert set(tiers_of(published, "pyramid").values()) == {"bronze"}


def test_a_refund_reduces_money_and_nothing_else(run_rows: RunOrders) -> None:
    def facts(rows: Any) -> dict[str, Any]:
        published = run_rows(rows, as_of=date(2026, 6, 1))
        with DuckDBEngine() as engine:
            engine.attach("i", published.indicator_files())
            return {row["customer_id"]: row for row in engine.records("i", "SELECT * FROM i")}

    rows = [ONE, ("c1", date(2026, 5, 9), "20.00"), ("c2", DAY, "7.00")]
    before, after = facts(rows), facts([*rows, ("c1", date(2026, 5, 30), "-12.50")])
    assert after["c2"] == before["c2"]
    assert after["c1"]["monetary"] == before["c1"]["monetary"] - Decimal("12.50")
    for kept in ("recency_days", "frequency", "tenure_days"):
        assert after["c1"][kept] == before["c1"][kept]


def test_a_sum_beyond_money_is_an_error_and_not_a_wrong_number(run_rows: RunOrders, tmp_path: Path) -> None:
    first = run_rows([ONE])
    with pytest.raises(TierwiseError) as caught:
        run_rows([("c1", DAY, "9000000000000000.00"), ("c1", DAY, "9000000000000000.00"), ("c2", DAY, "1.00")])
    assert caught.value.code == "engine.step_failed"
    assert "indicators" in str(caught.value)
    assert open_run(Workspace(tmp_path / "workspace")).name == first.name


def test_the_largest_amounts_that_fit_are_exact(run_rows: RunOrders) -> None:
    amounts = ["9999999999999999.99", "9999999999999999.98", "0.01", "-9999999999999999.99"]
    published = run_rows([(f"c{place}", DAY, amount) for place, amount in enumerate(amounts)])
    assert Decimal(published.manifest.totals["revenue"]) == Decimal("9999999999999999.99")
    assert tiers_of(published, "pyramid")["c0"] == "platinum"


def test_without_orders_there_is_nothing_to_compute(tmp_path: Path) -> None:
    people = tmp_path / "customers.csv"
    people.write_text("customer_id,name\n1,A\n", encoding="utf-8")
    with pytest.raises(TierwiseError) as caught:
        run(Job(Workspace(tmp_path / "workspace"), [Source("customers", str(people))], []))
    assert caught.value.code == "input.no_orders"


def test_two_sources_of_one_table_under_one_name_are_refused(tmp_path: Path) -> None:
    orders = write_orders(tmp_path / "orders.csv", [ONE])
    job = job_of(tmp_path / "workspace", orders, more_sources=[Source("orders", str(orders))])
    with pytest.raises(TierwiseError) as caught:
        run(job)
    assert caught.value.code == "input.two_sources"


def test_a_workspace_that_is_a_file(tmp_path: Path) -> None:
    orders = write_orders(tmp_path / "orders.csv", [ONE])
    (tmp_path / "taken").write_text("a note", encoding="utf-8")
    with pytest.raises(TierwiseError) as caught:
        run(job_of(tmp_path / "taken", orders))
    assert caught.value.code == "run.workspace_unusable"


def test_a_run_whose_models_are_none_still_has_its_indicators(run_rows: RunOrders) -> None:
    published = run_rows([ONE], models={})
    published.verify()
    assert published.manifest.models == {}
