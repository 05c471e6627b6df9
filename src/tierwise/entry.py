"""Is this customer there already? Asked while one is entered or changed (S27). Command line and console call this.

An index of the workspace's customers answers in milliseconds. `tierwise dedupe --apply` writes it; where the customers
changed since, the next check makes it anew, unless told not to wait for that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from tierwise.cleaning import IS_FIRM
from tierwise.deduplication import COMPARED, NO_CUSTOMERS, PEOPLE, attach_people, entry_basis, version_now
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import ErrorKind, Family, Place
from tierwise.identity.decisions import LOG
from tierwise.identity.entry_index import INDEX, EntryCandidate, EntryIndex, IndexSource, write_index
from tierwise.identity.entry_weights import fits
from tierwise.identity.fillers import forget_shared
from tierwise.identity.ledger import IdentityLedger
from tierwise.identity.merges import Standing
from tierwise.identity.queue import learned_model
from tierwise.identity.records import make_records
from tierwise.identity.row_sql import one_value
from tierwise.identity.shipped_weights import shipped_model
from tierwise.identity.standardise import standardise
from tierwise.language import Text
from tierwise.snapshots.workspace import Workspace

UNKNOWN_FIELD = ErrorKind(
    "identity.unknown_entry_field",
    Family.USAGE,
    what=Text("a customer cannot be checked by {fields}", "无法按 {fields} 查重"),
    cause=Text("the check knows: {known}", "可用于查重的字段有：{known}"),
    cure=Text("leave these fields out, or name them as listed", "请去掉这些字段，或改用上述名称"),
)
NOTHING_GIVEN = ErrorKind(
    "identity.empty_entry",
    Family.USAGE,
    what=Text("there is nothing to check in this customer", "该客户没有可用于查重的信息"),
    cause=Text("every field is empty", "所有字段均为空"),
    cure=Text("give a name with a phone number or an e-mail at least", "请至少填写姓名以及手机号或邮箱"),
)
_SELF = "customer_id"
_MOST_SHOWN = 10
_opening = threading.Lock()
Opened = Callable[[], DuckDBEngine]
"""Opens the engine that makes an index anew."""


def check_entry(
    workspace: Workspace, record: Mapping[str, Any], region: str = "CN", refresh: bool = True, most: int = _MOST_SHOWN,
    opened: Opened = DuckDBEngine,
) -> list[EntryCandidate]:  # fmt: skip
    """Return the customers of a workspace who may be this one, certain ones first, each with its reasons.

    `record` has any of name, company, phone, email, birth_date, city, address, id_number, and the customer's own id as
    customer_id where one is changed. Without `refresh` nobody waits: an index that is older than the customers answers as
    it is, and where there is none nobody is found.
    Raises `identity.no_customers`, `identity.unknown_entry_field` and `identity.empty_entry`.
    """
    values = _values(record)
    index = _index(workspace, region, refresh, opened)
    if index is None:
        return []
    return _of_others(index.check(values), _standing(workspace), record.get(_SELF))[:most]


def refresh_index(workspace: Workspace, region: str = "CN", opened: Opened = DuckDBEngine) -> int:
    """Make the index of the workspace's customers anew; return how many it has. Raises `identity.no_customers`."""
    with opened() as engine:
        basis = entry_basis(version_now(workspace), region)
        kinds = attach_people(engine, workspace)
        clean = standardise(engine, PEOPLE, kinds, region)
        records, made = make_records(engine, clean, "customer_id", kinds)
        forget_shared(engine, records, made)
        columns = [column for column in engine.columns(records) if column not in ("n", "record")]
        count = engine.native("count", f"SELECT count(*) FROM {PEOPLE}")[0][0]
        model = learned_model(workspace.identity)
        if model is None or not fits(model, columns):
            model = shipped_model(columns, count)
        return write_index(engine, IndexSource(records, kinds, region, model, basis), workspace.identity)


def make_current(workspace: Workspace, region: str = "CN", opened: Opened = DuckDBEngine) -> None:
    """Make the index anew where there is none of these customers. Raises `identity.no_customers`."""
    version, file = version_now(workspace), workspace.identity / INDEX
    if not version.imports.get("customers"):
        raise NO_CUSTOMERS.error(Place(file=str(workspace.root)))
    index = _opened(file) if file.exists() else None
    if index is None or not index.fits or index.basis != entry_basis(version, region):
        refresh_index(workspace, region, opened)


def _values(record: Mapping[str, Any]) -> dict[str, str | None]:
    """The columns of the comparison from what was entered; a name that is a firm's is compared as one."""
    unknown = [field for field in record if field not in COMPARED and field != _SELF]
    if unknown:
        raise UNKNOWN_FIELD.error(fields=", ".join(unknown), known=", ".join((*COMPARED, _SELF)))
    given = {field: str(value) for field in COMPARED if (value := record.get(field)) not in (None, "")}
    if not any(value.strip() for value in given.values()):
        raise NOTHING_GIVEN.error()
    name = given.get("name")
    if name and one_value(IS_FIRM, name=name):
        given.setdefault("company", given.pop("name"))
    return dict(given)


def _index(workspace: Workspace, region: str, refresh: bool, opened: Opened) -> EntryIndex | None:
    file = workspace.identity / INDEX
    with _opening:
        if refresh:
            make_current(workspace, region, opened)
        index = _opened(file) if file.exists() else None
        return index if index is not None and index.fits else None


def _opened(file: Path) -> EntryIndex:
    state = file.stat()
    return _open(file, state.st_ino, state.st_mtime_ns)


@lru_cache(maxsize=4)
def _open(file: Path, inode: int, written: int) -> EntryIndex:
    return EntryIndex(file)


def _standing(workspace: Workspace) -> Standing:
    log = workspace.identity / LOG
    state = log.stat() if log.exists() else None
    return _standing_of(workspace.identity, state.st_size if state else 0, state.st_mtime_ns if state else 0)


@lru_cache(maxsize=4)
def _standing_of(folder: Path, size: int, written: int) -> Standing:
    return IdentityLedger(folder).now


def _of_others(found: list[EntryCandidate], now: Standing, own: Any) -> list[EntryCandidate]:
    """Each customer once, under the id that survives; without the one that is changed and those decided not to be it."""
    others: dict[str, EntryCandidate] = {}
    mine = now.survivor(str(own)) if own else None
    apart = {
        now.survivor(other)
        for decision in now.apart
        for one, other in (decision.members, reversed(decision.members))
        if mine is not None and now.survivor(one) == mine
    }
    for candidate in found:
        survivor = now.survivor(candidate.customer)
        if survivor != mine and survivor not in apart:
            others.setdefault(survivor, replace(candidate, customer=survivor))
    return list(others.values())
