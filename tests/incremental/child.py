"""What the tests of kills and of readers run in processes of their own."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from tests.incremental.ledger import DAYS, PEOPLE, Ledger

from tierwise.config.document import Document
from tierwise.contracts.model import TierModel
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.questions import explain_customer
from tierwise.registry import build_models
from tierwise.snapshots.runs import open_run
from tierwise.snapshots.workspace import Workspace

MODELS = {"rfm": {"bins": 3}, "lifecycle": {}, "held": {"model": "rfm", "margin_percent": 10}}


def models() -> list[TierModel[Any]]:
    return build_models(Document({"models": MODELS}, "test"))


def one_thread() -> Engine:
    return DuckDBEngine(threads=1)


def run_when_told(folder: Path, day: int, begun: Any) -> None:
    """Say when the work begins, so that the parent can strike at a moment of its own choice."""
    ledger = Ledger(folder)
    begun.set()
    ledger.run(ledger.stepwise, models(), DAYS[day], one_thread)


def publish_many(folder: Path, orders: dict[str, str], times: int) -> None:
    """Publish run after run, each with one more order of somebody."""
    ledger, dice = Ledger(folder, orders=orders), random.Random(5)
    for number in range(times):
        ledger.bring("orders", ledger.rows_of("orders", [dice.choice(PEOPLE)], dice))
        ledger.run(ledger.stepwise, models(), DAYS[min(number // 50, len(DAYS) - 1)], one_thread)


def read_on(folder: Path, number: int, done: Any, told: Any) -> None:
    """Explain and list until told to stop; put how many of which runs were read, or what went wrong."""
    workspace, dice, seen, reads = Workspace(folder / "stepwise"), random.Random(number), set[str](), 0
    try:
        while not done.is_set():
            seen.add(_read_once(workspace, dice))
            reads += 1
            done.wait(0.1)  # the writer needs the machine, too
        told.put((reads, len(seen), ""))
    except BaseException as error:  # noqa: BLE001  (whatever it is, the parent is to hear of it)
        told.put((reads, len(seen), f"{type(error).__name__}: {error}"))


def _read_once(workspace: Workspace, dice: random.Random) -> str:
    """List everybody of one model and explain one of them: both must tell of one run."""
    run = open_run(workspace)
    name = dice.choice(sorted(run.manifest.models))
    with DuckDBEngine(threads=1) as engine:
        engine.attach("listed", run.labels(name))
        listed = engine.records("listed", "SELECT customer_id, tier FROM listed")
        sizes: dict[str, int] = {}
        for row in listed:
            sizes[row["tier"]] = sizes.get(row["tier"], 0) + 1
        told = {row["key"]: row["customers"] for row in run.manifest.models[name].tiers if row["customers"]}
        assert sizes == told, f"{run.name} lists {sizes} and tells of {told}"
        row = dice.choice(listed)
        reason = explain_customer(engine, run, row["customer_id"], [name])[0]
        said = reason.held.key if reason.held else reason.explanation.verdict.tier.key
        assert said == row["tier"], f"{run.name} labels {row['customer_id']} {row['tier']} and explains {said}"
    return run.name
