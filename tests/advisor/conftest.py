from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tierwise.advisor.advice import Advice, Question
from tierwise.advisor.asking import advise_on_files
from tierwise.advisor.goals import BUSINESSES, GOALS
from tierwise.contracts.model import TierModel
from tierwise.datasets import simulate_shop
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.pipeline import Job, Resources, Source
from tierwise.registry import models
from tierwise.snapshots.workspace import Workspace

Order = tuple[str, date, float]
START = date(2024, 1, 1)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo shop, small."""
    folder = tmp_path_factory.mktemp("shop")
    simulate_shop(folder, 1500, seed=7)
    return folder


def write_orders(file: Path, orders: Sequence[Order]) -> Path:
    """An order file of (customer, day, amount)."""
    columns = list(zip(*orders, strict=True))
    names = ("customer_id", "order_date", "amount")
    pq.write_table(pa.table({name: list(column) for name, column in zip(names, columns, strict=True)}), file)
    return file


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., Advice]:
    """Ask for advice on files, by table, of models by name with their shipped settings."""

    def asked(
        files: dict[str, Path], names: Sequence[str], goal: str = "key_accounts", business: str | None = None,
        **further: Any,
    ) -> Advice:  # fmt: skip
        as_of = further.pop("as_of", None)
        job = Job(
            Workspace(tmp_path / "ws"), [Source(t, str(f)) for t, f in files.items()], built(names), as_of,
            timezone="Asia/Shanghai",
        )  # fmt: skip
        question = Question(GOALS[goal], BUSINESSES[business] if business else None, **further)
        return advise_on_files(job, Resources(lambda: DuckDBEngine(threads=1)), question, tmp_path / "scratch")

    return asked


def built(names: Sequence[str]) -> list[TierModel[Any]]:
    """Models by name, as shipped."""
    return [models()[name](models()[name].spec_type()) for name in names]


def steady_orders(customers: int, days: int, seed: int = 1) -> list[Order]:
    """Customers who differ in what they spend and in nothing else: past spend is all there is to know."""
    rng = np.random.default_rng(seed)
    amounts = rng.lognormal(4, 1.2, customers)
    return [
        (f"C{who:04d}", START + timedelta(int(day)), round(float(amounts[who] * rng.uniform(0.8, 1.2)), 2))
        for who in range(customers)
        for day in np.flatnonzero(rng.random(days) < 1 / 30)
    ]


def leaving_orders(customers: int, days: int, seed: int = 1) -> list[Order]:
    """Alike in every order; two thirds stop one day, and who spent most is often gone."""
    rng = np.random.default_rng(seed)
    end = np.where(rng.random(customers) < 2 / 3, rng.uniform(0.2, 0.8, customers) * days, days)
    rate = np.where(end < days, 1 / 8, 1 / 20)
    return [
        (f"C{who:04d}", START + timedelta(int(day)), 100.0)
        for who in range(customers)
        for day in np.flatnonzero((rng.random(days) < rate[who]) & (np.arange(days) <= end[who]))
    ]
