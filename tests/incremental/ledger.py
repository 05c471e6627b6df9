"""A shop whose ledger a test writes row by row, and two workspaces over it: one runs incrementally, one in full.

Both read the same imports and the same merges. Each has runs of its own, so that what a run remembers of the ones
before it is made in its own way too.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tierwise.contracts.imports import SUPERSEDING_KEYS, ImportRecord, SourceMode
from tierwise.contracts.indicators import IndicatorRef, ref_of
from tierwise.contracts.ingest import QualityCard
from tierwise.contracts.model import Learned, Learning, ModelSpec, TierModel
from tierwise.contracts.rows import Rows
from tierwise.contracts.scheme import Scheme, Tier
from tierwise.contracts.tables import TABLES, Kind
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Silent
from tierwise.ingestion import Ingested
from tierwise.job import Job, Resources
from tierwise.language import Text
from tierwise.models.vip import Vip
from tierwise.pipeline import compute
from tierwise.snapshots.files import to_json
from tierwise.snapshots.imports import ImportWriter, holding, records, redo, table_of, undo, version_of
from tierwise.snapshots.runs import Run
from tierwise.snapshots.state import remove_states
from tierwise.snapshots.workspace import Workspace

Row = dict[str, Any]
FIRST = date(2026, 3, 1)
DAYS = [FIRST + timedelta(days=days) for days in (90, 91, 92, 95, 120, 121, 150, 180, 181)]
"""The days that runs are made for: few, so that their statements are parsed once for all sequences."""

PEOPLE = [f"C{number:02d}" for number in range(24)]
_TYPES = {
    Kind.TEXT: pa.string(), Kind.DATE: pa.date32(), Kind.MONEY: pa.decimal128(18, 2),
    Kind.QUANTITY: pa.decimal128(18, 4), Kind.INTEGER: pa.int64(), Kind.TIMESTAMP: pa.timestamp("us"),
}  # fmt: skip
COLUMNS = {
    "customers": "customer_id gender birth_date registered_at acquisition_cost",
    "orders": "order_id customer_id order_date order_hour amount discount cost status channel",
    "order_lines": "order_id product_id category category_root category_leaf quantity unit_price",
    "events": "message_id customer_id event event_date",
    "feedback": "customer_id given_date kind score",
    "tickets": "customer_id opened_date first_response_minutes resolution_minutes priority topic satisfaction",
    "touches": "customer_id sent_date opened clicked cost",
    "balances": "customer_id as_of_date assets",
    "referrals": "customer_id referred_customer_id referred_at",
}


class Widest(TierModel[ModelSpec]):
    """A model that asks for indicators of every table of facts, so that each is kept and mended."""

    name = "widest"
    card = Vip.card
    spec_type = ModelSpec

    def needs(self) -> tuple[IndicatorRef, ...]:
        return (
            ref_of("tenure_days"), ref_of("mean_gap_days"), ref_of("spend_trend", 60), ref_of("active_periods", 90),
            ref_of("visits_per_month", 30), ref_of("spend_growth_percent", 30), ref_of("preferred_channel", 60),
            ref_of("festival_percent", festivals="2026-05-20|2026-06-18", days="7"), ref_of("repeat_spend"),
            ref_of("profit", 30), ref_of("acquisition_return_percent"), ref_of("age_years"),
            ref_of("items", 60), ref_of("categories"), ref_of("preferred_category", 60),
            ref_of("engagement_score", 30, weights="login=1|comment=3", half_life_days="7", caps="login=1"),
            ref_of("active_days", 30), ref_of("activity_growth_percent", 30), ref_of("activity_recency_days"),
            ref_of("complaints", 60), ref_of("nps_score", 60), ref_of("tickets", 60), ref_of("open_percent", 60),
            ref_of("assets"), ref_of("assets_growth_percent", 60), ref_of("referrals", 60),
            ref_of("referred_purchases", 60), ref_of("total_value"),
        )  # fmt: skip

    def learn(self, table: str) -> Learning:
        return Learning()

    def fit(self, learned: Learned) -> Widest:
        same = Text("all", "全部")
        inputs = tuple(ref.column for ref in self.needs())
        self.scheme_ = Scheme(inputs, (Tier("all", same, 1, same, same),), (), "all")
        return self


def _day(dice: random.Random, latest: int = 185) -> date:
    return FIRST + timedelta(days=dice.choice((0, 59, 60, 61, 90, 91, dice.randrange(latest))))


def _money(dice: random.Random) -> Decimal:
    return Decimal(dice.choice(("0.00", "0.01", "19.90", "100.00", "100.00", "250.50", "1999.99")))


def order(number: str, customer: str, dice: random.Random) -> Row:
    """One order, now and then a refund or void."""
    status = dice.choice(("sale",) * 8 + ("refund", "void"))
    amount = -_money(dice) - Decimal("0.01") if status == "refund" else _money(dice)
    cost = (abs(amount) / 2).quantize(Decimal("0.01"))
    return {
        "order_id": number, "customer_id": customer, "order_date": _day(dice), "order_hour": dice.randrange(24),
        "amount": amount, "discount": dice.choice((None, Decimal("5.00"))), "cost": cost, "status": status,
        "channel": dice.choice(("App", "门店", None)),
    }  # fmt: skip


def further_rows(table: str, customer: str, orders: Sequence[str], number: int, dice: random.Random) -> Row:
    """One row of a table other than orders."""
    who, day = {"customer_id": customer}, _day(dice)
    category = dice.choice(("食品/零食", "服饰/上衣", None))
    rows: dict[str, Callable[[], Row]] = {
        "customers": lambda: {
            **who, "gender": dice.choice(("女", "男", None)), "birth_date": dice.choice((None, date(1990, 5, 20))),
            "registered_at": dice.choice((None, _day(dice))), "acquisition_cost": _money(dice),
        },
        "order_lines": lambda: {
            "order_id": dice.choice(orders), "product_id": f"P{dice.randrange(5)}", "category": category,
            "category_root": category and category.split("/")[0], "category_leaf": category and category.split("/")[-1],
            "quantity": Decimal(dice.randrange(1, 4)), "unit_price": Decimal("9.99"),
        },
        "events": lambda: {
            "message_id": f"M{number}", **who, "event": dice.choice(("login", "comment", "view")), "event_date": day,
        },
        "feedback": lambda: {
            **who, "given_date": day, "kind": dice.choice(("nps", "complaint")), "score": Decimal(dice.randrange(11)),
        },
        "tickets": lambda: {
            **who, "opened_date": day, "first_response_minutes": dice.choice((None, 5)), "resolution_minutes": None,
            "priority": "high", "topic": "物流", "satisfaction": None,
        },
        "touches": lambda: {
            **who, "sent_date": day, "opened": dice.choice((None, 0, 1)), "clicked": 0, "cost": Decimal("0.05"),
        },
        "balances": lambda: {**who, "as_of_date": day, "assets": _money(dice)},
        "referrals": lambda: {**who, "referred_customer_id": dice.choice(PEOPLE), "referred_at": day},
    }  # fmt: skip
    return rows[table]()


@dataclass
class Ledger:
    """The ledger and the two workspaces, `stepwise` and `whole`."""

    folder: Path
    number: int = 0
    orders: dict[str, str] = field(default_factory=dict)
    """The customer of each order that was ever brought."""

    @property
    def stepwise(self) -> Workspace:
        return Workspace(self.folder / "stepwise")

    @property
    def whole(self) -> Workspace:
        return Workspace(self.folder / "whole")

    def begin(self, seed: int) -> None:
        """Write the first imports: every table has rows."""
        dice = random.Random(seed)
        for name in ("imports", "identity", "runs"):
            (self.stepwise.root / name).mkdir(parents=True)
        (self.whole.root / "runs").mkdir(parents=True)
        self._share()
        self.bring("orders", [order(self.next_order(c), c, dice) for c in dice.choices(PEOPLE, k=90)])
        self.bring("customers", [further_rows("customers", c, (), 0, dice) for c in PEOPLE[:18]])
        for table in ("order_lines", "events", "feedback", "tickets", "touches", "balances", "referrals"):
            self.bring(table, self.rows_of(table, dice.choices(PEOPLE, k=25), dice))

    def _share(self) -> None:
        for name in ("imports", "identity"):
            (self.whole.root / name).symlink_to(self.stepwise.root / name)

    def copy(self, folder: Path) -> Ledger:
        """The same, to be changed alone; files are never changed, so that they are linked."""
        for name in ("stepwise", "whole"):
            shutil.copytree(self.folder / name, folder / name, symlinks=True, copy_function=os.link)
        for name in ("imports", "identity"):
            (folder / "whole" / name).unlink()
        copied = Ledger(folder, self.number, dict(self.orders))
        copied._share()
        return copied

    def next_order(self, customer: str) -> str:
        name = f"N{len(self.orders)}"
        self.orders[name] = customer
        return name

    def rows_of(self, table: str, customers: Sequence[str], dice: random.Random) -> list[Row]:
        """Rows of a table, no two with the same key."""
        if table == "orders":
            return [order(self.next_order(customer), customer, dice) for customer in customers]
        found: dict[Any, Row] = {}
        for customer in customers:
            self.number += 1
            row = further_rows(table, customer, list(self.orders), self.number, dice)
            found[tuple(row[key] for key in TABLES[table].key) or self.number] = row
        return list(found.values())

    def bring(self, table: str, rows: Sequence[Row], columns: str = "", source: str = "") -> str:
        """Add an import, as one of a source that appends does: rows whose key came before take their place."""
        names, source = (columns or COLUMNS[table]).split(), source or table
        writer = ImportWriter(self.stepwise)
        (writer.folder / table).mkdir()
        schema = pa.schema([(name, _TYPES[TABLES[table].column(name).kind]) for name in names])
        _write(
            writer.folder / table / "part-000-0.parquet",
            pa.Table.from_pylist([{name: row[name] for name in names} for row in rows], schema),
        )
        days = [row[TABLES[table].date or ""] for row in rows if TABLES[table].date]
        record = ImportRecord(
            id=writer.id, source=source, table=table, mode=SourceMode.APPEND, location=f"{table}.csv",
            fingerprint=writer.id, recipe="-", listed=False, imported_at=datetime.now(UTC), read_on=DAYS[-1],
            columns=tuple(names), rows=len(rows), rows_read=len(rows), rows_used=len(rows), set_aside=(), findings=(),
            matches=(), first_date=min(days, default=None), last_date=max(days, default=None),
            overlaps=self._supersede(writer, table, source),
        )  # fmt: skip
        return writer.publish(record).id

    def _supersede(self, writer: ImportWriter, table: str, source: str) -> dict[str, int]:
        """Write the keys of earlier imports that a new one brings again; return how many of each import."""
        earlier = [r for r in records(self.stepwise) if (r.table, r.source) == (table, source)]
        if not earlier or table not in SUPERSEDING_KEYS:
            return {}
        keys = ", ".join(SUPERSEDING_KEYS[table])
        other = "" if "customer_id" in SUPERSEDING_KEYS[table] or table == "order_lines" else ", customer_id"
        file = writer.folder / "superseded" / f"{table}.parquet"
        with DuckDBEngine(threads=1) as duck:
            duck.attach_imports("earlier", [file for r in earlier for file in table_of(self.stepwise, r).files])
            duck.attach("fresh", list((writer.folder / table).glob("*.parquet")))
            sql = f"SELECT DISTINCT import_id, {keys}{other} FROM earlier SEMI JOIN fresh USING ({keys})"
            duck.native("superseded", f"CREATE TEMP TABLE s AS {sql}")
            counted = dict(duck.native("counted", "SELECT import_id, count(*) FROM s GROUP BY import_id"))
            if counted:
                file.parent.mkdir()
                duck.native("write", f"COPY s TO '{file}' (FORMAT parquet)")
        return counted

    def undo_or_redo(self, dice: random.Random) -> None:
        """Take an import back, or bring back one that was; the first of each table stay."""
        found = records(self.stepwise)
        later = [record for record in found if record.id > found[len(COLUMNS) - 1].id]
        if later:
            record = dice.choice(later)
            _ = redo(self.stepwise, record.id) if record.undone else undo(self.stepwise, record.id, "test")

    def merge(self, pairs: dict[str, str]) -> None:
        """Let ids give way to others: the whole map, so that a smaller one undoes a merge."""
        state = f"I{len(list(self.stepwise.identity.iterdir())):04d}"
        folder = self.stepwise.identity / state
        folder.mkdir()
        rows = [{"customer_id": a, "survivor_id": b} for a, b in pairs.items()]
        schema = pa.schema([("customer_id", pa.string()), ("survivor_id", pa.string())])
        _write(folder / "map.parquet", pa.Table.from_pylist(rows, schema))
        fresh = self.stepwise.identity / "fresh"
        fresh.write_text(state)
        fresh.replace(self.stepwise.identity / "CURRENT")

    def erase(self, customer: str) -> None:
        """Take all rows of a customer out of the files of every import."""
        for record in records(self.stepwise):
            folder = self.stepwise.imports / record.id
            for file in table_of(self.stepwise, record).files:
                table = pq.read_table(file, partitioning=None)
                ids = [name for name in ("customer_id", "referred_customer_id") if name in table.column_names]
                for name in ids:
                    table = table.filter(pa.compute.not_equal(table[name], customer))
                fresh = file.with_suffix(".fresh")
                pq.write_table(table, fresh)
                fresh.replace(file)
            told = json.loads((folder / "import.json").read_text())
            told["erasures"] += 1
            fresh = folder / "fresh.json"
            fresh.write_text(to_json(told))
            fresh.replace(folder / "import.json")

    def run(
        self, workspace: Workspace, models: Sequence[TierModel[Any]], as_of: date, open_engine: Callable[[], Engine]
    ) -> Run:
        """Run in one of the two workspaces, in its way."""
        version = version_of(self.stepwise, holding(records(self.stepwise)))
        job = Job(workspace, [], models, as_of, keep_state=True, full=workspace == self.whole)
        with workspace.writing():
            made = compute(job, Ingested(workspace, version, CARD), Resources(engine=open_engine), Silent())
            remove_states(workspace, made.name)
        return made


def _write(file: Path, table: Any) -> None:
    pq.write_table(table, file)


CARD = QualityCard(0, 0, 0, {}, {}, (), (), FIRST, DAYS[-1], 0, 0, 0, 0, None)


def differences(one: Run, other: Run) -> list[str]:
    """What two runs, and the states they left, do not have in common: EXCEPT ALL, both ways, file set by file set."""
    found = []
    states = [Workspace(run.folder.parent.parent).state / run.name / "main" for run in (one, other)]
    pairs = {f"state {facts.name}": [state / facts.name for state in states] for facts in sorted(states[0].iterdir())}
    pairs["indicators"] = [run.folder / "indicators" for run in (one, other)]
    tables: dict[str, list[Rows]] = {
        name: [sorted(folder.glob("*.parquet")) for folder in both] for name, both in pairs.items()
    }
    tables |= {f"labels {name}": [run.labels(name) for run in (one, other)] for name in one.manifest.models}
    with DuckDBEngine(threads=1) as duck:
        for name, sides in tables.items():
            for place, rows in enumerate(sides):
                duck.attach(f"side_{place}", rows)
            for a, b in (("side_0", "side_1"), ("side_1", "side_0")):
                sql = f"FROM {a} EXCEPT ALL FROM {b}"
                found += [f"{name}: {row}" for row in duck.native("differences", sql)[:3]]
    if _plain(one) != _plain(other):
        found.append("the manifests differ")
    return found


def _plain(run: Run) -> Any:
    """What a manifest says of models and totals; the names of earlier runs in notes are not the same by nature."""
    text = to_json([run.manifest.totals, {name: vars(result) for name, result in run.manifest.models.items()}])
    workspace = Workspace(run.folder.parent.parent)
    for name in workspace.names():
        text = text.replace(name, "RUN")
    return text
