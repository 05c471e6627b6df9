"""The two forms in which tables are handed out: masked to be looked at, pseudonymised to be worked with elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from tierwise.contracts.imports import version_from_json
from tierwise.contracts.tables import TABLES, Kind
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import ErrorKind, Family, Place
from tierwise.exports.label_table import Shown
from tierwise.exports.writing import Sheet
from tierwise.language import Text
from tierwise.privacy.views import (
    masked,
    masked_id,
    pseudonym_key,
    pseudonym_of,
    pseudonymised,
    pseudonymous_columns,
)  # fmt: skip
from tierwise.snapshots.runs import Run
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace

KEY_FILE = "pseudonyms.key"
"""Lies in the workspace; who has it and the ids can tell which customer a pseudonym stands for."""
NO_CUSTOMER_TABLE = ErrorKind(
    "export.no_customer_table",
    Family.DATA,
    what=Text("run {run} has no customer table to export", "运行 {run} 没有可导出的客户表"),
    cause=Text("it was made from orders alone", "该次运行仅使用了订单数据"),
    cure=Text(
        "leave --customers out, or import a customer table and run again", "请省略 --customers，或导入客户表后重新运行"
    ),
)


class Guise(StrEnum):
    """A form in which a table gives nobody away; its value is part of the names of files."""

    MASKED = "masked"
    PSEUDONYMISED = "pseudonymised"


def stem_of(table: str, guise: Guise) -> str:
    """What a file of a table (`labels`, `customers`) is called in a guise."""
    return f"{table}-{guise}"


def guise_of(file: Path) -> tuple[Guise, str] | None:
    """The guise and the table of an exported file, by its name; None for one that shows everything."""
    names = {stem_of(table, guise): (guise, table) for table in ("labels", "customers") for guise in Guise}
    return names.get(file.stem)


def shown_labels(workspace: Workspace, guise: Guise) -> Shown:
    """How the label table shows customers."""
    key = pseudonym_key(workspace.root / KEY_FILE) if guise is Guise.PSEUDONYMISED else ""
    customer = pseudonym_of("i.customer_id", key) if key else masked_id("i.customer_id")
    return Shown(stem_of("labels", guise), customer)


def customer_sheet(engine: DuckDBEngine, workspace: Workspace, run: Run, guise: Guise) -> Sheet:
    """The customer table that a run was made from, in a guise; raises `export.no_customer_table`."""
    have = Visible(workspace, version_from_json(run.manifest.version)).attach(engine).get("customers")
    if not have:
        raise NO_CUSTOMER_TABLE.error(Place(file=str(run.folder)), run=run.name)
    columns = [column.name for column in TABLES["customers"].columns if column.name in have]
    if guise is Guise.PSEUDONYMISED:
        sql = pseudonymised("customers", columns, "customers", pseudonym_key(workspace.root / KEY_FILE))
        columns = pseudonymous_columns("customers", columns)
    else:
        sql = masked("customers", columns, "customers")
    engine.native("customers to hand out", f"CREATE OR REPLACE TEMP VIEW customers_shown AS {sql} ORDER BY 1")
    rows = int(engine.native("customers", "SELECT count(*) FROM customers_shown")[0][0])
    return Sheet("customers_shown", Text("customers", "客户"), _labels(columns), _texts(columns), rows)


def _labels(columns: Sequence[str]) -> Mapping[str, Text]:
    known = {column.name: column.label for column in TABLES["customers"].columns}
    return {name: known[name] for name in columns}


def _texts(columns: Sequence[str]) -> list[str]:
    kinds = {column.name: column.kind for column in TABLES["customers"].columns}
    return [name for name in columns if kinds[name] is Kind.TEXT]
