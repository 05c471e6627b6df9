"""A workspace that holds a person everywhere: facts, runs, rejects, merges, state, logs, exports."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tierwise.cli.main import execute
from tierwise.config.document import Document
from tierwise.contracts.imports import version_from_json
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.decisions import Verdict, append_log, new_decision
from tierwise.job import Job, Source
from tierwise.pipeline import run
from tierwise.registry import build_models
from tierwise.snapshots.by_customer import sort_by_customer
from tierwise.snapshots.runs import open_run
from tierwise.snapshots.workspace import Workspace

PHONE, EMAIL, NAME = "13812345678", "wang.fang@example.com", "王芳芳"
ORDERS = "order_id,customer_id,order_date,amount,channel\n"
ORDER_ROWS = [f"o{n},c{n % 30:03d},2025-{1 + n % 12:02d}-{1 + n % 28:02d},{20 + n % 37}.50,web\n" for n in range(300)]
DIRTY = ["o900,c007,2025-07-01,99000,web\n", f"o901,,2025-07-01,{PHONE},web\n", "o902,c007,soon,5,web\n"]
PEOPLE = "customer_id,name,phone,email,city\n"
PEOPLE_ROWS = [f"c{n:03d},Person {n},1390000{n:04d},p{n}@example.com,Shanghai\n" for n in range(30) if n != 7]
THEIRS = f"c007,{NAME},{PHONE},{EMAIL},北京\n"
LINES = "order_id,product_id,quantity,unit_price\n"
LINE_ROWS = [f"o{n},p{n % 5},1,{20 + n % 37}.50\n" for n in range(300)]


def write_sources(folder, *, with_person=True):
    folder.mkdir(exist_ok=True)
    (folder / "orders.csv").write_text(ORDERS + "".join([*ORDER_ROWS, *DIRTY]))
    (folder / "customers.csv").write_text(PEOPLE + "".join([*PEOPLE_ROWS, *([THEIRS] if with_person else [])]))
    (folder / "order_lines.csv").write_text(LINES + "".join(LINE_ROWS))


def job_of(folder):
    """The job over the sources of a folder, its workspace beside them."""
    models = build_models(Document({"models": {"rfm": {"bins": 3}, "pyramid": {}}}, "test"))
    sources = [Source(name, str(folder / f"{name}.csv")) for name in ("orders", "customers", "order_lines")]
    return Job(Workspace(folder / "w"), sources, models)


def fill(folder):
    """Two runs, and a trace of the person in every other part."""
    write_sources(folder)
    place = Workspace(folder / "w")
    run(job_of(folder))
    (folder / "orders.csv").write_text(ORDERS + "".join([*ORDER_ROWS, *DIRTY, "o903,c001,2025-12-20,7,web\n"]))
    run(job_of(folder))
    with DuckDBEngine() as engine:
        assert sort_by_customer(engine, place, version_from_json(open_run(place).manifest.version), least_rows=1)
    assert execute(["export", "--workspace", str(place.root), "--out", str(folder / "sent")]) == 0
    assert execute(["report", "--workspace", str(place.root), "--out", str(folder / "sent" / "report.html")]) == 0
    (place.root / "identity" / "s1").mkdir(parents=True)
    merges = {"customer_id": ["old-007", "c011"], "survivor_id": ["c007", "c012"]}
    pq.write_table(pa.table(merges), place.root / "identity" / "s1" / "map.parquet")
    merged = new_decision(Verdict.MERGED, ["c007", "old-007"], "ann")
    undone = new_decision(Verdict.UNDONE, [], "ann", undoes=merged.id)
    append_log(place.identity, [merged, undone, new_decision(Verdict.APART, ["c001", "c002"], "ann")])
    (place.root / "state" / "s0").mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.table({"customer_id": ["c007", "c008"], "orders": [1, 2]}), place.root / "state" / "s0" / "agg.parquet"
    )
    (place.root / "logs").mkdir()
    (place.root / "logs" / "app.log").write_text(
        f"mailed {EMAIL}\nmailed p8@example.com\nrow of c0075\nlabel of c007 read\n"
    )
    return place


@pytest.fixture
def place(tmp_path):
    return fill(tmp_path)
