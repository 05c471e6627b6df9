"""RFM equals the R package rfm 0.3.0: every published figure, to the integer."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import shared_data_folder

from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.labelling import fit
from tierwise.models.rfm import Rfm, RfmSpec
from tierwise.pipeline import Resources
from tierwise.pipeline import run as run_job
from tierwise.sql.scheme import label_steps
from tierwise.sql.steps import Step

FIGURES = shared_data_folder() / "clv" / "reference_figures.csv"


def reference(dataset: str) -> list[tuple[str, str, str]]:
    """Setting, quantity and value of every figure of a data set."""
    if not FIGURES.is_file():
        return []
    with FIGURES.open(encoding="utf-8", newline="") as stream:
        return [(r["setting"], r["quantity"], r["value"]) for r in csv.DictReader(stream) if r["dataset"] == dataset]


ORDER_FIGURES = reference("rfm_data_orders") or [("", "absent", "")]
CUSTOMER_FIGURES = reference("rfm_data_customer") or [("", "absent", "")]


def scores_of(found: dict[str, Any], quantity: str) -> Any:
    """The cut-points or the customers per score, as the reference file writes them."""
    metric, _, what = quantity.partition("_")
    score = f"{metric[0]}_score"
    if what == "cuts":
        return [Decimal(cut) for cut in found["cuts"][score]]
    counts = Counter(row[score] for row in found["labels"])
    return [Decimal(counts[place]) for place in range(1, 6)]


def numbers(value: str) -> list[Decimal]:
    return [Decimal(part) for part in value.split(";")]


@pytest.fixture(scope="module", params=["duckdb", pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.slow])])
def orders_run(request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Both segment tables of the package over its orders, in one run."""
    from tests.pipeline.conftest import job_of

    resources = Resources(engine=request.getfixturevalue("make_spark")) if request.param == "spark" else Resources()
    models = {"vignette": {"model": "rfm", "preset": "rfm_r"}, "classic": {"model": "rfm", "preset": "rfm_r_classic"}}
    folder = tmp_path_factory.mktemp(f"rfm-{request.param}")
    orders = shared_data / "clv" / "rfm_data_orders.csv"
    published = run_job(job_of(folder, orders, models, as_of=date(2006, 12, 31)), resources)
    cuts = {score.name: score.cuts[()] for score in published.scheme("vignette").scores}
    tables = {name: {row["key"]: row for row in model.tiers} for name, model in published.manifest.models.items()}
    with DuckDBEngine() as engine:
        engine.attach("labels", published.labels("vignette"))
        return {"cuts": cuts, "labels": engine.records("labels", "SELECT * FROM labels"), **tables}


@pytest.mark.parametrize(("setting", "quantity", "value"), ORDER_FIGURES, ids=[row[1] for row in ORDER_FIGURES])
def test_orders(orders_run: dict[str, Any], setting: str, quantity: str, value: str) -> None:
    segment, slash, figure = quantity.partition("/")
    if slash:
        key = segment.lower().replace(" ", "_").replace("'", "")
        assert Decimal(orders_run["vignette"][key][figure]) == Decimal(value)
    elif setting.startswith("second rule set"):
        key, _, figure = quantity.rpartition("_")
        assert Decimal(orders_run["classic"][key][figure]) == Decimal(value)
    else:
        assert scores_of(orders_run, quantity) == numbers(value)


def test_the_segments_hold_everyone(orders_run: dict[str, Any]) -> None:
    assert sum(row["customers"] for row in orders_run["vignette"].values()) == 995
    assert sum(row["orders"] for row in orders_run["vignette"].values()) == 4906


@pytest.fixture(scope="module", params=["duckdb", pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.slow])])
def customers_scored(request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: Any) -> dict[str, Any]:
    """The package's customer file, which is an indicator table already, scored five by five by five."""
    file = tmp_path_factory.mktemp("customers") / "indicators.parquet"
    source = shared_data / "clv" / "rfm_data_customer.csv"
    with DuckDBEngine() as engine:
        engine.native(
            "indicators",
            "COPY (SELECT customer_id, CAST(recency_days AS BIGINT) AS recency_days, "
            "CAST(number_of_orders AS BIGINT) AS frequency, CAST(revenue AS DECIMAL(18, 2)) AS monetary "
            f"FROM read_csv('{source}', types = {{'customer_id': 'VARCHAR'}})) TO '{file}' (FORMAT parquet)",
        )
    opened: Callable[[], Engine] = request.getfixturevalue("make_spark") if request.param == "spark" else DuckDBEngine
    engine_of = opened()
    try:
        engine_of.attach("indicators", [file])
        model = fit(engine_of, Rfm(RfmSpec()))
        run_plan(engine_of, label_steps(model.scheme_, "indicators", "labels"))
        engine_of.run(Step("sums", "SELECT CAST(SUM(frequency) AS BIGINT) AS orders FROM labels"))
        cuts = {score.name: score.cuts[()] for score in model.scheme_.scores}
        return {"cuts": cuts, "orders": engine_of.records("sums", "SELECT * FROM sums")[0]["orders"]}
    finally:
        engine_of.close()


@pytest.mark.parametrize(("setting", "quantity", "value"), CUSTOMER_FIGURES, ids=[row[1] for row in CUSTOMER_FIGURES])
def test_customers(customers_scored: dict[str, Any], setting: str, quantity: str, value: str) -> None:
    if quantity == "transaction_count_sum":
        assert customers_scored["orders"] == int(value)
    else:
        assert scores_of(customers_scored, quantity) == numbers(value)


def test_no_figure_is_left_out() -> None:
    """The file holds 39 figures of the orders and 4 of the customers; should it grow, they are compared too."""
    if not FIGURES.is_file():
        pytest.skip(f"no reference figures at {FIGURES}")
    assert (len(ORDER_FIGURES), len(CUSTOMER_FIGURES)) == (39, 4)
