"""Which customers of a workspace are one: search, merge for certain, review, undo. Command line and console call this.

Duplicates are looked for among the ids as the sources gave them, whatever was merged before. Whoever writes holds the
workspace's one writing place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from tierwise.cleaning import IS_FIRM
from tierwise.contracts.imports import Version
from tierwise.contracts.tables import TABLES
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.spark import SparkEngine
from tierwise.errors import ErrorKind, Family, Place
from tierwise.identity.certain import CertainMerges, certain_merges
from tierwise.identity.decisions import Decision, Verdict
from tierwise.identity.duplicates import Duplicates, DuplicateSettings, find_duplicates
from tierwise.identity.entry_index import IndexSource, write_index
from tierwise.identity.households import HOUSEHOLDS, find_households
from tierwise.identity.kinds import Kind, Kinds
from tierwise.identity.ledger import IdentityLedger
from tierwise.identity.merges import Standing
from tierwise.identity.queue import Candidate, pending, write_queue
from tierwise.identity.scoring_on_spark import comparing_on
from tierwise.identity.survivorship import make_golden, survivorship
from tierwise.language import Text
from tierwise.snapshots.imports import holding, records, version_of
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace

NO_CUSTOMERS = ErrorKind(
    "identity.no_customers",
    Family.DATA,
    what=Text("there are no customers to compare", "没有可供比对的客户资料"),
    cause=Text("nothing has filled the table customers of this workspace", "此工作区尚未导入客户资料表 customers"),
    cure=Text(
        "add `customers` under `sources` and run `tierwise run`", "请在 sources 下添加 customers，然后执行 tierwise run"
    ),
)
PEOPLE = "identity_people"
_SAID = "CASE WHEN json_valid(attributes) THEN json_extract_string(attributes, '$.{}') END"
# What a column of the comparison is made of, and what it holds; the rest of a customer is in `attributes`.
_COLUMNS: dict[str, tuple[Kind, tuple[str, ...], str]] = {
    "name": (Kind.FULL_NAME, ("name",), f"CASE WHEN NOT ({IS_FIRM}) THEN name END"),
    "company": (Kind.COMPANY, ("name",), f"CASE WHEN {IS_FIRM} THEN name END"),
    "phone": (Kind.PHONE, ("phone",), "phone"),
    "email": (Kind.EMAIL, ("email",), "email"),
    "birth_date": (Kind.BIRTH_DATE, ("birth_date",), "CAST(birth_date AS VARCHAR)"),
    "city": (Kind.CITY, ("city",), "city"),
    "gender": (Kind.GENDER, ("gender",), "gender"),
    "address": (Kind.ADDRESS, ("attributes",), f"coalesce({_SAID.format('address')}, {_SAID.format('地址')})"),
    "id_number": (Kind.ID_NUMBER, ("attributes",), f"coalesce({_SAID.format('id_number')}, {_SAID.format('证件号')})"),
}


COMPARED = tuple(_COLUMNS)
"""What customers are compared by."""


@dataclass(frozen=True)
class Search:
    """What a search found; the tables in it live as long as the engine."""

    found: Duplicates
    certain: CertainMerges
    customers: int
    review: int
    kinds: Kinds
    region: str


def search(
    engine: DuckDBEngine,
    workspace: Workspace,
    settings: DuplicateSettings | None = None,
    spark: Callable[[], SparkEngine] | None = None,
) -> Search:
    """Look for customers that are one; keeps nothing. Raises `identity.no_customers`, `identity.nothing_to_compare`.

    With `spark` the pairs are compared there; its executors must see the folder of the workspace.
    """
    kinds = attach_people(engine, workspace)
    if spark is None:
        found = find_duplicates(engine, PEOPLE, "customer_id", kinds, settings)
    else:
        with closing(spark()) as cluster:
            compare = comparing_on(cluster, workspace.root)
            found = find_duplicates(engine, PEOPLE, "customer_id", kinds, settings, compare)
    certain = certain_merges(engine, found, IdentityLedger(workspace.identity).now)
    customers = engine.native("count", f"SELECT count(*) FROM {PEOPLE}")[0][0]
    review = engine.native("count", f'SELECT count(*) FROM "{found.review}"')[0][0]
    return Search(found, certain, customers, review, kinds, (settings or DuplicateSettings()).region)


def apply(engine: DuckDBEngine, workspace: Workspace, done: Search, own: Mapping[str, str] | None = None) -> int:
    """Take the certain merges; put doubtful pairs, households and the index for entry in the place of the last ones.

    Return how many merges were taken. Taking the same search twice changes nothing.
    """
    ledger = ledger_of(engine, workspace, own)
    certain = certain_merges(engine, done.found, ledger.now).merges
    write_queue(engine, done.found, workspace.identity)
    ledger.merge_all(certain)
    find_households(engine, done.found.records, done.found.columns, ledger.now, workspace.identity / HOUSEHOLDS)
    basis = entry_basis(version_now(workspace), done.region)
    write_index(
        engine, IndexSource(done.found.records, done.kinds, done.region, done.found.model, basis), workspace.identity
    )
    return len(certain)


def open_pairs(workspace: Workspace, most: int = 50) -> tuple[list[Candidate], int]:
    """The pairs to decide on, the likeliest first, and how many there are in all."""
    return pending(workspace.identity, IdentityLedger(workspace.identity).now, most)


def decide(
    engine: DuckDBEngine, workspace: Workspace, verdict: Verdict, left: str, right: str, by: str, reason: str = "",
    own: Mapping[str, str] | None = None,
) -> Decision:  # fmt: skip
    """Take a person's word on a pair; the same word twice is one decision."""
    ledger = ledger_of(engine, workspace, own)
    now = ledger.now
    if said := _said_before(now, verdict, left, right):
        return said
    if verdict is Verdict.MERGED:
        return ledger.merge((left, right), by, reason, _weight(workspace, left, right))
    if verdict is Verdict.APART:
        return ledger.keep_apart(left, right, by, reason)
    return ledger.put_off(left, right, by, reason)


def undo(
    engine: DuckDBEngine,
    workspace: Workspace,
    name: str,
    by: str,
    reason: str = "",
    own: Mapping[str, str] | None = None,
) -> Decision:
    """Take a decision back; everything it moved is where it was."""
    return ledger_of(engine, workspace, own).undo(name, by, reason)


def decisions(workspace: Workspace) -> tuple[list[Decision], Standing]:
    """Every decision, oldest first, and what holds."""
    ledger = IdentityLedger(workspace.identity)
    return ledger.decisions, ledger.now


def ledger_of(engine: DuckDBEngine, workspace: Workspace, own: Mapping[str, str] | None = None) -> IdentityLedger:
    """The ledger of a workspace, which writes the merged rows with each new state; `own` are rules of survivorship."""
    rules = dict(own or {})
    version = version_now(workspace)
    basis = json.dumps([version.imports.get("customers", ()), version.erasures, sorted(rules.items())])

    def enrich(folder: Path, now: Standing) -> None:
        _write_golden(engine, workspace, folder, now, rules)

    ledger = IdentityLedger(workspace.identity, enrich, basis)
    ledger.publish()
    return ledger


def attach_people(engine: DuckDBEngine, workspace: Workspace) -> dict[str, Kind]:
    """Make the customers readable as they came, one row an id, in the columns that are compared; return their kinds."""
    version = version_now(workspace)
    if not version.imports.get("customers"):
        raise NO_CUSTOMERS.error(Place(file=str(workspace.root)))
    visible = Visible(workspace, replace(version, imports={"customers": version.imports["customers"]}, identity=None))
    have = visible.attach(engine)["customers"]
    made = {name: (kind, sql) for name, (kind, needs, sql) in _COLUMNS.items() if set(needs) <= have}
    if "address" in have:
        further = made.get("address", (Kind.ADDRESS, "NULL"))[1]
        made["address"] = Kind.ADDRESS, f"coalesce(address, {further})"
    listed = ", ".join(f"{sql} AS {name}" for name, (_, sql) in made.items())
    engine.native(
        PEOPLE,
        f"CREATE OR REPLACE TEMP TABLE {PEOPLE} AS SELECT customer_id, {listed or 'NULL AS none'} FROM customers",
    )
    return {name: kind for name, (kind, _) in made.items()}


def version_now(workspace: Workspace) -> Version:
    """What holds of the imports of a workspace."""
    return version_of(workspace, holding(records(workspace)))


def entry_basis(version: Version, region: str) -> str:
    """What an index for entry depends on: one of another basis is of other customers."""
    return json.dumps([version.imports.get("customers", ()), version.erasures, region])


def _said_before(now: Standing, verdict: Verdict, left: str, right: str) -> Decision | None:
    members = tuple(sorted((left, right)))
    held = {Verdict.MERGED: now.merges, Verdict.APART: now.apart, Verdict.LATER: now.later}[verdict]
    return next((decision for decision in held if decision.members == members), None)


def _weight(workspace: Workspace, left: str, right: str) -> float | None:
    found, _ = pending(workspace.identity, IdentityLedger(workspace.identity).now, most=10**9)
    return next((pair.weight for pair in found if {pair.left, pair.right} == {left, right}), None)


def _write_golden(
    engine: DuckDBEngine, workspace: Workspace, folder: Path, now: Standing, own: Mapping[str, str]
) -> None:
    """Write the merged row of every customer that has several, and where each field of it came from."""
    import pyarrow as pa

    ids = version_now(workspace).imports.get("customers", ())
    if not ids:
        return
    known = {record.id: record for record in records(workspace)}
    have = frozenset(column for name in ids for column in known[name].columns)
    fields = [
        column.name for column in TABLES["customers"].columns if column.name in have and column.name != "customer_id"
    ]
    rules = survivorship(fields, own)
    visible = Visible(workspace, Version({"customers": ids}))
    engine.attach_imports("golden_imports", [file for table in visible.tables for file in table.files])
    newest = sorted(ids, key=lambda name: known[name].imported_at, reverse=True)
    order = {"import_id": list(ids), "trust": list(range(len(ids))), "age": [newest.index(name) for name in ids]}
    order["source"] = [known[name].source for name in ids]
    engine.register("golden_order", pa.table(order))
    gone = {"customer_id": list(now.survivors), "survivor_id": list(now.survivors.values())}
    engine.register("golden_map", pa.table({name: pa.array(values, pa.string()) for name, values in gone.items()}))
    engine.native("golden_seen", f"CREATE OR REPLACE TEMP TABLE golden_seen AS {_golden_rows(fields)}")
    if fields:
        make_golden(engine, "golden_seen", rules)
        for table, name in (("golden_customers", "customers"), ("golden_provenance", "provenance")):
            query = f"COPY (SELECT * FROM {table} ORDER BY ALL) TO '{folder / name}.parquet' (FORMAT parquet)"
            engine.native(f"write {name}", query)
        (folder / "made_of.json").write_text(json.dumps(list(ids)), encoding="utf-8")
    for view in ("golden_order", "golden_map"):
        engine.unregister(view)


def _golden_rows(fields: list[str]) -> str:
    """SQL: the rows of merged customers, of each source and id the newest, as `make_golden` reads them."""
    listed = ", ".join(f"r.{field}" for field in fields) or "NULL AS none"
    newest = "ROW_NUMBER() OVER (PARTITION BY o.source, r.customer_id ORDER BY o.age) = 1"
    both = "SELECT customer_id, survivor_id FROM golden_map UNION SELECT survivor_id, survivor_id FROM golden_map"
    return (
        f"SELECT m.survivor_id AS customer_id, r.customer_id AS own_id, r.import_id, o.trust, o.age, {listed}"
        f" FROM golden_imports r JOIN golden_order o USING (import_id) JOIN ({both}) m ON m.customer_id = r.customer_id"
        f" QUALIFY {newest}"
    )
