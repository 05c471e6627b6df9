"""A mark in every column of every canonical table: where it goes when customers merge, are parted again, and are erased."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.privacy.conftest import EMAIL, NAME, PHONE
from tests.privacy.test_erase import texts_in

from tierwise.cli.main import execute
from tierwise.config.document import Document
from tierwise.contracts.imports import version_from_json
from tierwise.contracts.tables import TABLES, Column, Kind
from tierwise.deduplication import decide, undo
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.identity.decisions import Verdict
from tierwise.identity.holdings import Holdings, holdings_of
from tierwise.job import Job, Source
from tierwise.pipeline import run
from tierwise.privacy.erasure import erase
from tierwise.privacy.subject import known_of
from tierwise.registry import build_models
from tierwise.snapshots.runs import Run, open_run
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace

HER, SISTER = "c007", "c003"
MARK = "MARK7"
PEOPLE = [f"c{n:03d}" for n in range(12)]
_SAID = {
    "status": "sale", "kind": "person", "gender": "f", "region": "上海", "city": "上海", "priority": "high", "channel": "sms",
    "purpose": "marketing", "experiment": "spring", "event": "Product Viewed", "attributes": "{}", "properties": "{}",
}  # fmt: skip
_OF_KIND = {
    Kind.DATE: "2025-05-0{n}", Kind.TIMESTAMP: "2025-05-0{n} 10:00:00", Kind.MONEY: "{n}.50", Kind.QUANTITY: "{n}", Kind.INTEGER: "1",
}  # fmt: skip


def value(table: str, column: Column, who: str, n: int) -> str:
    """What a source says in a column of somebody's row; texts of hers carry the mark."""
    name, mark = column.name, MARK if who == HER else "OTHER"
    if name == "customer_id":
        return who
    if name == "referred_customer_id":
        return HER if who == "c001" else f"new-{who}-{n}"
    if name == "order_id":
        return f"o-{who}-{n}"
    if table == "customers" and who == HER and name in ("name", "phone", "email"):
        return {"name": NAME, "phone": PHONE, "email": EMAIL}[name]
    if table == "feedback" and name == "kind":
        return "nps"
    if column.kind is Kind.TEXT:
        return _SAID.get(name, f"{mark}-{table}-{name}-{who}-{n}")
    return _OF_KIND[column.kind].format(n=n)


def write_tables(folder: Path) -> list[Source]:
    """Two rows of everybody in every table, one in customers; as CSV, as a source has them."""
    sources = []
    for table in TABLES.values():
        file = folder / f"{table.name}.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow([column.name for column in table.given])
            for who in PEOPLE:
                for n in (1,) if table.name == "customers" else (1, 2):
                    writer.writerow([value(table.name, column, who, n) for column in table.given])
        sources.append(Source(table.name, str(file)))
    return sources


@pytest.fixture
def job(tmp_path: Path) -> Job:
    models = build_models(Document({"models": {"rfm": {"bins": 3}}}, "test"))
    return Job(Workspace(tmp_path / "w"), write_tables(tmp_path), models, as_of=date(2025, 6, 1))


def seen(found: Run) -> dict[str, list[tuple[Any, ...]]]:
    """Every table as the run reads it."""
    place = Workspace(found.folder.parent.parent)
    with DuckDBEngine(threads=1) as engine:
        tables = Visible(place, version_from_json(found.manifest.version)).attach(engine)
        return {name: engine.native(name, f'SELECT * FROM "{name}" ORDER BY ALL') for name in tables}


def held(found: Run, customer: str) -> Holdings:
    place = Workspace(found.folder.parent.parent)
    with DuckDBEngine(threads=1) as engine:
        tables = Visible(place, version_from_json(found.manifest.version)).attach_customer(engine, customer)
        return holdings_of(engine, tables, customer)


def rows_of(tables: dict[str, list[tuple[Any, ...]]], who: str) -> dict[str, int]:
    return {name: sum(who in row for row in rows) for name, rows in tables.items()}


def test_a_merge_carries_every_table_and_its_undo_puts_each_back(job: Job) -> None:
    first = run(job)
    before, alone = seen(first), {who: held(first, who) for who in (HER, SISTER)}
    assert set(before) == set(TABLES)
    assert alone[HER].points == Decimal("4.00") and len(alone[HER].consents) == len(alone[HER].holdouts) == 1
    with DuckDBEngine(threads=1) as engine, job.workspace.writing():
        merged = decide(engine, job.workspace, Verdict.MERGED, SISTER, HER, "ann", "one person")
    second = run(job)
    after = seen(second)
    assert sum(rows_of(after, HER).values()) == 0
    whose, hers = rows_of(before, SISTER), rows_of(before, HER)
    added = {name: whose[name] + hers[name] for name in TABLES if name not in ("customers", "balances", "order_lines")}
    assert {name: count for name, count in rows_of(after, SISTER).items() if name in added} == added
    assert rows_of(after, SISTER)["balances"] == 2  # of one day each, added up
    together = held(second, SISTER)
    assert together.points == Decimal("8.00") and together.consents == alone[HER].consents
    assert together.holdouts == alone[HER].holdouts and not held(second, HER)
    with DuckDBEngine(threads=1) as engine, job.workspace.writing():
        undo(engine, job.workspace, merged.id, "ann", "two persons")
    third = run(job)
    assert seen(third) == before and {who: held(third, who) for who in alone} == alone
    assert third.indicator_files()[0].read_bytes() == first.indicator_files()[0].read_bytes()


def places(folder: Path, *words: str) -> dict[str, set[str]]:
    """Where words are found in a folder's files, beside what the tombstones keep."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and "erasures" not in file.parts]
    found = {str(file.relative_to(folder)): texts_in(file) for file in files if file.name != "entry.sqlite"}
    return {
        name: hit for name, texts in found.items() if (hit := {text for text in texts if any(w in text for w in words)})
    }


def test_an_erasure_leaves_no_mark_in_any_file(job: Job, tmp_path: Path) -> None:
    run(job)
    place = str(job.workspace.root)
    with DuckDBEngine(threads=1) as engine, job.workspace.writing():
        decide(engine, job.workspace, Verdict.MERGED, SISTER, HER, "ann", "one person")
        decide(engine, job.workspace, Verdict.APART, HER, "c001", "ann", "asked both")
    run(job)
    for asked in (["dedupe", "--apply"], ["export", "--out", str(tmp_path / "sent")]):
        assert execute([*asked, "--workspace", place]) == 0
    with DuckDBEngine(threads=1) as engine:
        known = known_of(engine, job.workspace, HER)
    assert set(known.facts) >= set(TABLES), "a subject is told of every table"
    marked = places(job.workspace.root, MARK, HER, PHONE, EMAIL, NAME)
    assert {name.split("/")[2] for name in marked if name.startswith("imports/") and name.endswith(".parquet")} >= set(
        TABLES
    )
    erase(job.workspace, HER, "asked by letter", "ann")
    assert places(job.workspace.root, MARK, HER, SISTER, PHONE, EMAIL, NAME) == {}
    assert places(tmp_path / "sent", HER, SISTER) == {}
    left = seen(open_run(job.workspace))
    once = {"customers": 10, "holdouts": 10, "referrals": 18}  # who was referred by or as her is gone
    assert {name: len(rows) for name, rows in left.items()} == dict.fromkeys(TABLES, 20) | once
    with pytest.raises(TierwiseError, match=r"erasure\.unknown_customer"):
        erase(job.workspace, SISTER, "", "ann")
