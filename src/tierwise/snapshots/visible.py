"""The rows that count: those of all imports that hold, less the superseded, under the ids of surviving customers.

Where a table has one import and nobody was merged, its files are attached as they are. Otherwise views are laid over
them, in this order: rows of all imports (`orders_imports`), without those that a later import of their source brings
again (`orders_kept`), under the surviving ids (`orders_mapped`), one row a key (`orders`).

Several rows of one customer make one: field by field what the source named first says, and where several ids were
merged, what the surviving id's own row says first. Balances of merged customers of one day add up.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tierwise.contracts.imports import SUPERSEDING_KEYS, ImportRecord, Version
from tierwise.contracts.ingest import CanonicalTable
from tierwise.contracts.tables import TABLES, beside
from tierwise.engine.base import Engine, SharingEngine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.language import Text
from tierwise.snapshots.by_customer import files_by_customer
from tierwise.snapshots.imports import record_of, records, table_of
from tierwise.snapshots.workspace import Workspace
from tierwise.sql.expressions import literal
from tierwise.sql.steps import Step

Share = tuple[int, int]
"""Which share of the customers, of how many."""

_MAP = "identity_map"
_GOLDEN = "identity_customers"
_GAVE_WAY = Text("customers were merged", "有客户被合并")
_ONE_ROW = Text("several sources have rows of one customer", "多个数据源有同一客户的行")


class Visible:
    """The tables of one version, to be attached to engines; raises `import.unknown` for imports that are gone."""

    def __init__(self, workspace: Workspace, version: Version) -> None:
        self.workspace, self.version = workspace, version
        known = {record.id: record for record in records(workspace)}
        self.records: dict[str, list[ImportRecord]] = {
            table: [known.get(name) or record_of(workspace, name) for name in ids]
            for table, ids in version.imports.items()
            if ids
        }

    @property
    def available(self) -> dict[str, frozenset[str]]:
        """The columns that each table has."""
        return {
            table: frozenset(column for record in found for column in record.columns)
            for table, found in self.records.items()
        }

    @property
    def tables(self) -> list[CanonicalTable]:
        """The canonical table of each import, in the order in which they are trusted."""
        return [table_of(self.workspace, record) for found in self.records.values() for record in found]

    @property
    def shares(self) -> int:
        """Into how many shares of customers the orders are best dealt."""
        return sum(record.shares - 1 for record in self.records.get("orders", ())) + 1

    def why_not_imports(self, table: str) -> Text | None:
        """Why the visible rows of a table are not just those of its imports that count; None where they are.

        The ids of customers may be others where people were merged: see `is_mapped`.
        """
        if table not in ("customers", "balances", "referrals"):
            return None
        several = len({record.source for record in self.records[table]}) > 1
        return _GAVE_WAY if self.is_mapped(table) else _ONE_ROW if several else None

    def attach(self, engine: Engine, share: Share | None = None) -> dict[str, frozenset[str]]:
        """Make every table readable under its name, all of it or one share of the customers; return the columns.

        A share is taken of orders and customers alone, and only a `SharingEngine` can take one.
        """
        if self.version.identity is not None:
            self._attach_identity(engine)
        for table in self.records:
            self._attach(engine, table, share if table in ("orders", "customers") else None)
        return self.available

    def attach_customer(self, engine: DuckDBEngine, customer: str) -> dict[str, frozenset[str]]:
        """Make readable one customer's rows, of every table that has customers; return the columns of each.

        A customer who took over others has their rows too. Large imports are looked up in their sorted copies.
        """
        ids = [customer]
        if self.version.identity is not None:
            self._attach_identity(engine)
            merged = f"SELECT customer_id FROM {_MAP} WHERE survivor_id = {literal(customer)}"
            ids += [row[0] for row in engine.native("ids that gave way", merged)]
        found = {table: columns for table, columns in self.available.items() if "customer_id" in columns}
        for table in found:
            files = [file for record in self.records[table] for file in files_by_customer(self.workspace, record)]
            engine.take_rows(f"{table}_imports", files, "customer_id", ids)
            self._lay_views(engine, table, table)
        return found

    def _attach(self, engine: Engine, table: str, share: Share | None) -> None:
        found = [table_of(self.workspace, record) for record in self.records[table]]
        if len(found) == 1 and not self.is_mapped(table):
            _attach_plain(engine, found[0], share)
            return
        whole = f"{table}_whole" if share else table
        engine.attach_imports(f"{table}_imports", self._files(found, share))
        self._lay_views(engine, table, whole)
        if share and isinstance(engine, SharingEngine):
            engine.take_share(table, whole, "customer_id", *share)

    def _lay_views(self, engine: Engine, table: str, name: str) -> None:
        """Lay the views over the rows of all imports, up to the visible ones."""
        if superseded := self._superseded(table):
            engine.attach(f"{table}_superseded", superseded)
        columns = [column.name for column in TABLES[table].columns if column.name in self.available[table]]
        golden = engine.columns(_GOLDEN) if table == "customers" and self.has_golden else ()
        shape = Shape(table, columns, self.records[table], bool(superseded), self.version.identity is not None, golden)
        run_plan(engine, visible_steps(shape, name))

    def _files(self, found: Sequence[CanonicalTable], share: Share | None) -> list[Path]:
        """The files of several imports; of those that were dealt as the share is, only its own: others have none of it.

        Where ids gave way, a row may belong to another share than the id in its file.
        """
        files = [file for part in found for file in part.files]
        if share is None or self.is_mapped(found[0].name):
            return files
        number, shares = share
        return [
            file for part in found for file in (part.share(number) if part.shares == shares else part.files)
        ] or files

    def _attach_identity(self, engine: Engine) -> None:
        folder = self.workspace.identity / str(self.version.identity)
        engine.attach(_MAP, [folder / "map.parquet"])
        if self.has_golden:
            engine.attach(_GOLDEN, [self._golden_file()])

    @property
    def has_golden(self) -> bool:
        """Whether the identity state has merged rows, and made them of the very imports of this version."""
        made_of = self._golden_file().with_name("made_of.json")
        if not self._golden_file().exists() or not made_of.exists():
            return False
        return bool(json.loads(made_of.read_bytes()) == list(self.version.imports.get("customers", ())))

    def _golden_file(self) -> Path:
        return self.workspace.identity / str(self.version.identity) / "customers.parquet"

    def is_mapped(self, table: str) -> bool:
        """Whether ids of customers in a table may have given way to others."""
        return self.version.identity is not None and "customer_id" in self.available[table]

    def _superseded(self, table: str) -> list[Path]:
        """The keys that imports of this version bring again of one another."""
        ids = {record.id for record in self.records[table]}
        return [
            self.workspace.imports / record.id / "superseded" / f"{table}.parquet"
            for record in self.records[table]
            if ids & set(record.overlaps)
        ]


def _attach_plain(engine: Engine, table: CanonicalTable, share: Share | None) -> None:
    """Attach the files of a table that has one import, or its own files of a share."""
    if share is None or not isinstance(engine, SharingEngine):
        engine.attach(table.name, table.files)
    elif table.shares == share[1] and (files := table.share(share[0])):
        engine.attach(table.name, files)
    else:
        engine.attach_share(table.name, table.files, "customer_id", *share)


@dataclass(frozen=True, slots=True)
class Shape:
    """What one table is made of: its columns and imports, whether some rows are superseded, whether ids gave way.

    `golden` are the columns of the merged rows of surviving customers, where the identity state has them.
    """

    table: str
    columns: Sequence[str]
    records: Sequence[ImportRecord]
    superseded: bool = False
    merged: bool = False
    golden: Sequence[str] = ()


def visible_steps(shape: Shape, name: str) -> tuple[Step, ...]:
    """Return the views from `<table>_imports` to the visible rows, which are called `name`."""
    table, mapped = shape.table, f"{shape.table}_mapped"
    steps = (_kept(shape), _mapped(shape))
    if shape.merged or len({record.source for record in shape.records}) > 1:
        if table == "customers":
            return (*steps, *_one_row_a_customer(shape, name))
        if table == "balances":
            return (*steps, Step(name, _added_up(mapped)))
        if table == "referrals":
            return (*steps, Step(name, _earliest(shape.columns, mapped)))
    return (*steps, Step(name, f"SELECT {', '.join(shape.columns)} FROM {mapped}"))


def _kept(shape: Shape) -> Step:
    table = shape.table
    listed = ", ".join(f"r.{column}" for column in ("import_id", *shape.columns))
    sql = f"SELECT {listed} FROM {table}_imports AS r"
    if shape.superseded:
        same = " AND ".join(f"r.{key} = s.{key}" for key in ("import_id", *SUPERSEDING_KEYS[table]))
        sql += f" LEFT JOIN {table}_superseded AS s ON {same} WHERE s.import_id IS NULL"
    return Step(f"{table}_kept", sql)


def _mapped(shape: Shape) -> Step:
    """Put surviving ids in the place of those that gave way; `own_id` stays the id that the source knows."""
    table, columns = shape.table, shape.columns
    ids = [column for column in columns if column in ("customer_id", "referred_customer_id")] if shape.merged else []
    shown = {column: f"r.{column}" for column in columns}
    shown |= {column: f"COALESCE(m_{column}.survivor_id, r.{column})" for column in ids}
    own = ", r.customer_id AS own_id" if "customer_id" in columns else ""
    joins = "".join(f" LEFT JOIN {_MAP} AS m_{column} ON r.{column} = m_{column}.customer_id" for column in ids)
    listed = ", ".join(f"{sql} AS {column}" for column, sql in shown.items())
    return Step(f"{table}_mapped", f"SELECT r.import_id{own}, {listed} FROM {table}_kept AS r{joins}")


def _one_row_a_customer(shape: Shape, name: str) -> tuple[Step, ...]:
    """Of customers with several rows, take each field from the first row that fills it."""
    trust = " ".join(f"WHEN {literal(record.id)} THEN {rank}" for rank, record in enumerate(shape.records))
    by = "CASE WHEN customer_id = own_id THEN 0 ELSE 1 END, trust, own_id"
    others = f" WHERE customer_id NOT IN (SELECT customer_id FROM {_GOLDEN})" if shape.golden else ""
    fields = [column for column in shape.columns if column != "customer_id"]
    listed = ", ".join(("customer_id", *fields))
    places = "".join(
        f", ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY CASE WHEN {field} IS NULL THEN 1 ELSE 0 END, {by}) "
        f"AS n_{field}"
        for field in fields
    )
    firsts = "".join(f", MAX(CASE WHEN n_{beside(field, fields)} = 1 THEN {field} END) AS {field}" for field in fields)
    parts = [
        f"SELECT {listed} FROM customers_ranked WHERE rows_of = 1",
        f"SELECT customer_id{firsts} FROM customers_placed GROUP BY customer_id",
        *([_golden(shape, fields)] if shape.golden else []),
    ]
    return (
        Step(
            "customers_ranked",
            f"SELECT {listed}, own_id, CASE import_id {trust} END AS trust, "
            f"COUNT(*) OVER (PARTITION BY customer_id) AS rows_of FROM customers_mapped{others}",
        ),
        Step("customers_placed", f"SELECT {listed}{places} FROM customers_ranked WHERE rows_of > 1"),
        Step(name, " UNION ALL ".join(parts)),
    )


def _golden(shape: Shape, fields: Sequence[str]) -> str:
    known = set(shape.golden)
    kinds = {column.name: column.kind for column in TABLES["customers"].columns}
    listed = ", ".join(
        f"g.{name}" if name in known else f"CAST(NULL AS {kinds[name]}) AS {name}" for name in ("customer_id", *fields)
    )
    return f"SELECT {listed} FROM {_GOLDEN} AS g WHERE g.customer_id IN (SELECT customer_id FROM customers_mapped)"


def _added_up(source: str) -> str:
    added = "CAST(SUM(assets) AS DECIMAL(18, 2)) AS assets"
    return f"SELECT customer_id, as_of_date, {added} FROM {source} GROUP BY customer_id, as_of_date"


def _earliest(columns: Sequence[str], source: str) -> str:
    order = "PARTITION BY referred_customer_id ORDER BY referred_at, customer_id"
    listed = ", ".join(columns)
    return f"SELECT {listed} FROM (SELECT {listed}, ROW_NUMBER() OVER ({order}) AS n FROM {source}) AS r WHERE n = 1"
