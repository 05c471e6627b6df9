"""Orders dealt into shares of customers, worked through one by one, give what the whole table gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tierwise.config.document import Document
from tierwise.datasets import simulate_shop
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.pipeline import Job, Source, run
from tierwise.registry import build_models
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace

TABLES = ("orders", "customers")
MODELS = {"rfm": {}, "lifecycle": {}, "pyramid": {}}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    simulate_shop(folder, 1_500, tables=TABLES)
    return folder


def tiered(shop: Path, workspace: Path, tables: tuple[str, ...]) -> Run:
    sources = [Source(table, str(shop / f"{table}.parquet")) for table in tables]
    return run(Job(Workspace(workspace), sources, build_models(Document({"models": MODELS}, "test"))))


@pytest.mark.parametrize("tables", [("orders",), TABLES])
def test_shares_change_nothing(
    shop: Path, tmp_path: Path, tables: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, duck: DuckDBEngine
) -> None:
    whole = tiered(shop, tmp_path / "whole", tables)
    monkeypatch.setattr("tierwise.canonical.orders.ROWS_PER_SHARE", 1_000)
    dealt = tiered(shop, tmp_path / "dealt", tables)
    assert len(dealt.indicator_files()) > 3
    assert len(whole.indicator_files()) == 1
    pairs = [(whole.indicator_files(), dealt.indicator_files())]
    for a, b in (*pairs, *((whole.labels(model), dealt.labels(model)) for model in MODELS)):
        duck.attach("a", a)
        duck.attach("b", b)
        for one, other in (("a", "b"), ("b", "a")):
            assert duck.native("except", f"SELECT count(*) FROM (FROM {one} EXCEPT ALL FROM {other})")[0][0] == 0
    assert whole.manifest.totals == dealt.manifest.totals
    assert [r.tiers for r in whole.manifest.models.values()] == [r.tiers for r in dealt.manifest.models.values()]


def test_each_customer_is_in_one_share(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, duck: DuckDBEngine
) -> None:
    monkeypatch.setattr("tierwise.canonical.orders.ROWS_PER_SHARE", 1_000)
    dealt = tiered(shop, tmp_path / "dealt", ("orders",))
    files = quoted(
        str(tmp_path / "dealt" / "imports" / dealt.manifest.version["imports"]["orders"][0] / "orders" / "*.parquet")
    )
    split = duck.native(
        "split",
        f"SELECT count(*) FROM (SELECT customer_id FROM read_parquet({files}, filename = true) "
        "GROUP BY customer_id HAVING count(DISTINCT filename) > 1)",
    )
    assert split[0][0] == 0
