"""Who one customer is in a workspace: the ids that were merged, their orders, and the values that name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tierwise.contracts.personal import DataClass, data_class
from tierwise.contracts.tables import TABLES
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text
from tierwise.snapshots.workspace import Workspace

UNKNOWN = ErrorKind(
    "erasure.unknown_customer",
    Family.DATA,
    what=Text("nothing is known here of the customer {customer}", "此处没有客户 {customer} 的任何数据"),
    cause=Text("ids are compared as text, leading zeros included", "编号按文本比较，包含前导零"),
    cure=Text(
        "check the id in the label table; a customer who was erased before is unknown from then on",
        "请在标签表中核对编号；此前已删除的客户此后即为未知",
    ),
)
FOLDERS = ("imports", "tables", "identity", "state", "runs", "corrections", "logs")
"""The parts of a workspace that are ours; what else lies in its folder belongs to the user and is never touched."""
ROOT_FILES = ("*.log", "*.jsonl")
SHORTEST = 2
"""Values that are shorter name nobody."""
SHORTEST_IN_TEXT = 4
"""Shorter ids and values are found in a text only where it says that they are a customer."""
_NAMING = (DataClass.NAME, DataClass.PHONE, DataClass.EMAIL, DataClass.ID_NUMBER, DataClass.ADDRESS)


@dataclass(frozen=True, slots=True)
class Person:
    """One customer: all ids, the orders under them, and what of `naming` names them in texts (phone, e-mail, name)."""

    ids: tuple[str, ...]
    orders: tuple[str, ...] = ()
    naming: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As the journal of an erasure holds it, until that is finished."""
        return asdict(self)


def files_of(workspace: Workspace, pattern: str = "*") -> list[Path]:
    """Every file of ours in a workspace whose name fits a pattern, in a stable order."""
    found = [file for folder in FOLDERS for file in (workspace.root / folder).rglob(pattern) if file.is_file()]
    found += [file for each in ROOT_FILES for file in workspace.root.glob(each) if file.match(pattern)]
    return sorted(file for file in found if file.name[0] != ".")


def find_person(engine: DuckDBEngine, workspace: Workspace, customer: str) -> Person:
    """Everything by which a customer is found; raises `erasure.unknown_customer`."""
    ids = _merged(engine, workspace, customer)
    facts = [file for file in files_of(workspace, "*.parquet") if file.parts[-4:-3] != ("runs",)]
    orders, naming, known = set[str](), set[str](), False
    for file in facts:
        columns = columns_of(engine, file)
        if "customer_id" not in columns:
            continue
        rows = rows_of(engine, file, ids)
        known = known or bool(rows)
        orders.update(str(row["order_id"]) for row in rows if row.get("order_id"))
        naming.update(value for row in rows for value in _naming_values(row))
    if not known and not _in_runs(engine, workspace, ids):
        raise UNKNOWN.error(Place(file=str(workspace.root)), customer=customer)
    return Person(tuple(sorted(ids)), tuple(sorted(orders)), tuple(sorted(naming)))


def _naming_values(row: dict[str, Any]) -> Iterable[str]:
    for name, value in row.items():
        if isinstance(value, str) and len(value) >= SHORTEST and _class(name) in _NAMING:
            yield value


def _class(column: str) -> DataClass:
    """The class of a column of customers, also of the forms that stand beside it (`phone_raw`, `email_clean`)."""
    known = {name.name for name in TABLES["customers"].columns} | {"address", "id_number"}
    stem = next((name for name in sorted(known, key=len, reverse=True) if column.startswith(name)), column)
    return data_class("customers", stem)


def _merged(engine: DuckDBEngine, workspace: Workspace, customer: str) -> set[str]:
    """The ids that are one customer, by every map of merges there is."""
    ids, before = {customer}, 0
    maps = sorted(workspace.root.glob("identity/*/map.parquet"))
    while len(ids) > before:
        before = len(ids)
        for file in maps:
            listed = ", ".join(quoted(each) for each in sorted(ids))
            pairs = engine.native(
                "merged ids",
                f"SELECT customer_id, survivor_id FROM read_parquet({quoted(str(file))}) "
                f"WHERE customer_id IN ({listed}) OR survivor_id IN ({listed})",
            )
            ids.update(str(each) for pair in pairs for each in pair)
    return ids


def _in_runs(engine: DuckDBEngine, workspace: Workspace, ids: set[str]) -> bool:
    return any(
        "customer_id" in columns_of(engine, file) and rows_of(engine, file, ids)
        for file in sorted(workspace.runs.rglob("*.parquet"))
    )


def columns_of(engine: DuckDBEngine, file: Path) -> dict[str, str]:
    """The columns of a Parquet file and their types."""
    found = engine.native("columns", f"DESCRIBE SELECT * FROM read_parquet({quoted(str(file))})")
    return {str(row[0]): str(row[1]) for row in found}


def rows_of(engine: DuckDBEngine, file: Path, ids: Iterable[str]) -> list[dict[str, Any]]:
    """The rows of a Parquet file that name one of some customers."""
    listed = ", ".join(quoted(each) for each in sorted(ids))
    return engine.native_records(
        "rows of a customer", f"SELECT * FROM read_parquet({quoted(str(file))}) WHERE customer_id IN ({listed})"
    )


def in_text(person: Person) -> re.Pattern[str]:
    """A pattern that finds the person in a text: values that stand alone, short ids only behind the word customer."""
    values = [value for value in (*person.ids, *person.naming) if len(value) >= SHORTEST_IN_TEXT]
    said = rf"(?i:customer|客户)\w*\W{{1,4}}(?:{_listed(person.ids)})"
    either = f"{said}|{_listed(values)}" if values else said
    return re.compile(rf"(?<![0-9A-Za-z_.@-])(?:{either})(?![0-9A-Za-z_@-])")


def _listed(values: Sequence[str]) -> str:
    return "|".join(re.escape(value) for value in sorted(values, key=len, reverse=True))
