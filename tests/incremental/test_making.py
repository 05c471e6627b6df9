"""`tierwise run` builds on the run before by itself, says why where it cannot, and gives what a full run gives."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.incremental.ledger import differences

from tierwise.cli.main import execute
from tierwise.config.document import Document
from tierwise.contracts.imports import SourceMode
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.job import Job, Resources, Source
from tierwise.pipeline import run
from tierwise.registry import build_models
from tierwise.snapshots.files import to_json
from tierwise.snapshots.imports import records, undo
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace

DAY = date(2026, 6, 30)
MODELS: dict[str, Any] = {"rfm": {}, "vip": {}}
RESOURCES = Resources(lambda: DuckDBEngine(threads=1))


@dataclass
class Shop:
    """Orders in a CSV file, and runs over it in one workspace; `twin` computes the same in full, in another."""

    folder: Path
    rows: list[list[Any]] = field(default_factory=list)

    def fill(self, orders: int) -> None:
        dice = random.Random(orders)
        for number in range(orders):
            day = DAY - timedelta(days=dice.randrange(400))
            self.rows.append([f"N{number}", f"C{dice.randrange(orders // 8)}", day, dice.randrange(100, 9999) / 100])

    def write(self) -> Path:
        file = self.folder / "orders.csv"
        lines = ["order_id,customer_id,order_date,amount", *(",".join(map(str, row)) for row in self.rows)]
        file.write_text("\n".join(lines) + "\n")
        return file

    def job(self, name: str, **settings: Any) -> Job:
        models = build_models(Document({"models": settings.pop("models", MODELS)}, "test"))
        source = Source("orders", str(self.write()))
        given = {"as_of": DAY, "today": DAY, "keep_state": True, **settings}
        return Job(Workspace(self.folder / name), [source], models, **given)

    def run(self, **settings: Any) -> Run:
        return run(self.job("workspace", **settings), RESOURCES)

    def twin(self, **settings: Any) -> Run:
        return run(self.job("twin", full=True, **settings), RESOURCES)

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.folder / "workspace")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path)
    made.fill(400)
    return made


def why(made: Run) -> str:
    return str(made.manifest.made["why"]["code"])


def test_the_second_run_builds_on_the_first(shop: Shop) -> None:
    first = shop.run()
    assert why(first) == "first"
    shop.rows[0][3], shop.rows[1][1] = 5555, "C7"
    second = shop.run()
    assert second.manifest.made == {
        "kind": "incremental", "from": first.name, "touched": len({"C7", shop.rows[0][1], original(shop, 1)}),
        "made_anew": {"order_facts": len({"C7", shop.rows[0][1], original(shop, 1)})},
    }  # fmt: skip
    assert differences(second, shop.twin()) == []
    assert [folder.name for folder in shop.workspace.state.iterdir()] == [second.name]


def original(shop: Shop, place: int) -> str:
    fresh = Shop(shop.folder)
    fresh.fill(400)
    return str(fresh.rows[place][1])


def test_nothing_new_makes_nothing_anew(shop: Shop) -> None:
    shop.run()
    assert shop.run().manifest.made["made_anew"] == {"order_facts": 0}
    assert shop.run(as_of=DAY + timedelta(days=1)).manifest.made["kind"] == "incremental"
    last = shop.run(as_of=DAY + timedelta(days=1))
    assert differences(last, shop.twin(as_of=DAY + timedelta(days=1))) == []


def test_an_import_taken_back_is_followed(shop: Shop) -> None:
    shop.run()
    shop.rows.append(["N-new", "C1", DAY, 77.5])
    shop.run()
    with shop.workspace.writing():
        undo(shop.workspace, records(shop.workspace)[-1].id, "test")
    made = shop.run()
    assert made.manifest.made["touched"] == 1
    shop.rows.pop()
    assert differences(made, shop.twin()) == []


def test_other_settings_make_anew_only_what_they_ask_for(shop: Shop) -> None:
    shop.run()
    wider = {**MODELS, "lifecycle": {}}
    made = shop.run(models=wider)
    assert made.manifest.made["made_anew"] == {"order_facts": None}
    assert differences(made, shop.twin(models=wider)) == []
    fewer = shop.run(models={"vip": {}})
    assert fewer.manifest.made["made_anew"] == {"order_facts": 0}
    assert differences(fewer, shop.twin(models={"vip": {}})) == []


def test_customers_dealt_into_shares(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tierwise.canonical.orders.ROWS_PER_SHARE", 90)
    shop.run()
    shop.rows[3][3] = 1
    made = shop.run(as_of=DAY + timedelta(days=3))
    assert made.manifest.made["kind"] == "incremental"
    assert len(list((shop.workspace.state / made.name / "main" / "order_facts").iterdir())) == 5
    assert differences(made, shop.twin(as_of=DAY + timedelta(days=3))) == []
    shop.fill(200)
    assert why(shop.run()) == "shares"


def test_customers_dealt_into_shares_and_another_import(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tierwise.canonical.orders.ROWS_PER_SHARE", 90)
    more = shop.folder / "more.csv"
    more.write_text(
        "order_id,customer_id,order_date,amount\nM1,C1,2026-06-30,5\nM2,C2,2026-06-29,6\nM3,new,2026-06-29,6\n"
    )

    def with_more(job: Job) -> Run:
        extra = Source("orders", str(more), name="more", mode=SourceMode.APPEND)
        return run(replace(job, sources=[*job.sources, extra]), RESOURCES)

    shop.run()
    made = with_more(shop.job("workspace"))
    assert made.manifest.made["touched"] == 3
    assert made.manifest.made["made_anew"] == {"order_facts": 3}
    assert len(list((shop.workspace.state / made.name / "main" / "order_facts").iterdir())) == 5
    assert differences(made, with_more(shop.job("twin", full=True))) == []
    monkeypatch.setattr("tierwise.canonical.orders.ROWS_PER_SHARE", 10_000)
    whole = with_more(shop.job("undealt", full=True))
    assert labels_of(whole) == labels_of(made)


def labels_of(made: Run) -> list[Any]:
    with DuckDBEngine(threads=1) as duck:
        duck.attach("labels", made.labels("rfm"))
        return duck.native("labels", "FROM labels ORDER BY customer_id")


def spoil(shop: Shop, made: Run) -> None:
    next((shop.workspace.state / made.name / "main" / "order_facts").iterdir()).write_bytes(b"PAR1")


def forget(shop: Shop, made: Run) -> None:
    (shop.workspace.state / made.name / "state.json").rename(shop.folder / "gone")


def other_circumstances(**changed: Any) -> Callable[[Shop, Run], None]:
    def change(shop: Shop, made: Run) -> None:
        file = shop.workspace.state / made.name / "state.json"
        told = json.loads(file.read_text())
        told["circumstances"].update(changed)
        file.write_text(to_json(told))

    return change


SPOILED: dict[str, Callable[[Shop, Run], None]] = {
    "damaged": spoil,
    "no_state": forget,
    "engine": other_circumstances(versions={"tierwise": "0.1.0", "duckdb": "0.0.1"}),
    "version": other_circumstances(versions={"tierwise": "0.0.1", "duckdb": DuckDBEngine.version}),
    "timezone": other_circumstances(timezone="Asia/Shanghai"),
    "currency": other_circumstances(currency="XTS"),
}


@pytest.mark.parametrize("reason", SPOILED)
def test_what_cannot_be_built_on_is_said_and_made_anew(shop: Shop, reason: str) -> None:
    SPOILED[reason](shop, shop.run())
    made = shop.run()
    assert why(made) == reason
    assert differences(made, shop.twin()) == []
    assert shop.run().manifest.made["kind"] == "incremental"


def test_a_full_run_can_be_asked_for(shop: Shop) -> None:
    shop.run()
    assert why(shop.run(full=True)) == "forced"


def test_the_command_says_how_a_run_was_made(
    shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write()
    (shop.folder / "tierwise.yaml").write_text("sources: {orders: {location: orders.csv}}\nmodels: {vip: {}}\n")
    monkeypatch.chdir(shop.folder)
    assert execute(["run"]) == 0
    assert "everything anew: there is no run before" in capsys.readouterr().out
    assert execute(["run"]) == 0
    assert "incrementally, customers touched since" in capsys.readouterr().out
    assert execute(["run", "--full", "--lang", "zh-CN"]) == 0
    assert "全量重算：指定了全量重算" in capsys.readouterr().out
    assert execute(["run", "--json", "--lang", "en"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["made"]["kind"] == "incremental" and len(told["data_version"]) == 12
    assert execute(["explain", shop.rows[0][1], "--json"]) == 0
    explained = json.loads(capsys.readouterr().out)
    assert {name: explained[name] for name in ("as_of", "calculated_at", "data_version")} == {
        "as_of": told["as_of"], "calculated_at": told["calculated_at"][:19] + "+00:00",
        "data_version": told["data_version"],
    }  # fmt: skip
