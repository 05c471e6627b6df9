"""What is left of an erased customer: salted hashes of ids, by which their rows are recognised should they come again.

    erasures/salt            32 random bytes, in hex; TIERWISE_SALT_FILE keeps it elsewhere
    erasures/<id>.json       a tombstone: when, by whom, why, hashes, and the link of each run's record
    erasures/pending-<id>.json, plan-<id>.jsonl    an erasure that has not been finished yet

A hash is SHA-256 of the salt, the kind of value and the value. Ids can be guessed one by one, so that a hash without
a secret would give them back; without the salt there is nothing to compare a guess with.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from tierwise.canonical.corrections_list import count_list
from tierwise.config.environment import salt_file
from tierwise.contracts.corrections import Corrected
from tierwise.contracts.ingest import CanonicalTable, Finding
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text
from tierwise.snapshots.files import sync_folder
from tierwise.snapshots.workspace import Workspace

NO_SALT = ErrorKind(
    "erasure.salt_missing",
    Family.DATA,
    what=Text("the salt of the erasures is gone", "删除记录所用的盐值文件丢失"),
    cause=Text(
        "customers were erased here; without the salt nobody can tell whether they come again",
        "此处曾删除客户；没有盐值就无法识别其数据是否再次导入",
    ),
    cure=Text(
        "put the file back ({file}), or name it by TIERWISE_SALT_FILE",
        "请恢复该文件（{file}），或用 TIERWISE_SALT_FILE 指定其位置",
    ),
)
_SUPPRESSED = Text("{rows} rows of customers who were erased are left out", "已剔除 {rows} 行属于已删除客户的数据")
_COMES_AGAIN = Text(
    "{rows} customers share a phone or an e-mail with an erased one, under another id; erase them too if they are the same",
    "{rows} 位客户与已删除客户的电话或邮箱相同但编号不同；如为同一人请一并删除",
)
COLUMNS = {"customer_id": "customer", "referred_customer_id": "customer", "order_id": "order"}
CONTACTS = {
    "phone": "right(regexp_replace(phone, '[^0-9]', '', 'g'), 11)",
    "email": "lower(trim(email))",
}
"""How phones and e-mails are written before they are hashed: in DuckDB's SQL, here and when they come again."""


def folder(workspace: Workspace) -> Path:
    """Where a workspace keeps what it knows of erasures."""
    return workspace.root / "erasures"


def salt_of(workspace: Workspace, create: bool = False) -> str:
    """The salt of a workspace; made at the first erasure. Raises `erasure.salt_missing`."""
    file = salt_file() or folder(workspace) / "salt"
    if file.exists():
        return file.read_text(encoding="utf-8").strip()
    if not create or tombstones(workspace):
        raise NO_SALT.error(Place(file=str(workspace.root)), file=file)
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(secrets.token_hex(32) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    sync_folder(file.parent)
    return salt_of(workspace)


def hashed(salt: str, kind: str, values: Iterable[str]) -> list[str]:
    """The salted hashes of values of one kind, sorted, so that their order says nothing."""
    return sorted(hashlib.sha256(f"{salt}|{kind}|{value}".encode()).hexdigest() for value in set(values))


def tombstones(workspace: Workspace) -> list[Path]:
    """The tombstones of a workspace, oldest first."""
    place = folder(workspace)
    found = place.glob("*.json") if place.is_dir() else ()
    # a name with a dot was being written when its writer was killed, and `glob` lists it, too
    return sorted(file for file in found if not file.name.startswith(("pending-", ".")))


def suppress(engine: DuckDBEngine, workspace: Workspace, table: CanonicalTable) -> CanonicalTable:
    """Take rows of erased customers out of a table that has just been read and is not published yet.

    What was left out is a finding of the table; so are customers who come again under another id.
    """
    found = [json.loads(file.read_text(encoding="utf-8"))["hashes"] for file in tombstones(workspace)]
    if not found:
        return table
    salt = salt_of(workspace)
    known = {
        kind: sorted({h for hashes in found for h in hashes.get(kind, ())}) for kind in ("customer", "order", *CONTACTS)
    }
    tests = [
        _is_known(salt, kind, f'"{column}"', known[kind])
        for column, kind in COLUMNS.items()
        if column in table.columns and known[kind] and not (kind == "order" and "customer_id" in table.columns)
    ]
    rows = sum(_filter(engine, file, " OR ".join(tests)) for file in table.files) if tests else 0
    findings = [*table.findings]
    corrected = _corrected_without(engine, table, " OR ".join(tests)) if rows else table.corrected
    if rows:
        findings.append(Finding("erased_customers", _SUPPRESSED.fill(rows=rows), "info", rows))
    if table.name == "customers" and (again := _come_again(engine, table, salt, known)):
        findings.append(Finding("erased_contacts", _COMES_AGAIN.fill(rows=again), "warning", again))
    return replace(table, rows=table.rows - rows, findings=tuple(findings), corrected=corrected)


def _corrected_without(engine: DuckDBEngine, table: CanonicalTable, theirs: str) -> tuple[Corrected, ...]:
    """The list of corrections loses the rows of erased customers as well."""
    file = table.corrections_file
    if not file.exists():
        return ()
    _filter(engine, file, theirs)
    return count_list(engine, file)


def _is_known(salt: str, kind: str, value: str, known: list[str]) -> str:
    """SQL: the salted hash of a value is one of those known; distinct values are hashed once by the engine's cache."""
    listed = ", ".join(quoted(each) for each in known)
    return f"coalesce(sha256({quoted(f'{salt}|{kind}|')} || {value}) IN ({listed}), false)"


def _filter(engine: DuckDBEngine, file: Path, theirs: str) -> int:
    source = f"read_parquet({quoted(str(file))})"
    rows = int(engine.native("rows of erased customers", f"SELECT count(*) FROM {source} WHERE {theirs}")[0][0])
    if rows:
        fresh = file.with_name(f".suppressing-{file.name}")
        engine.native(
            "leave out erased customers",
            f"COPY (SELECT * FROM {source} WHERE NOT ({theirs})) TO {quoted(str(fresh))} (FORMAT parquet, COMPRESSION snappy)",
        )
        fresh.replace(file)
    return rows


def _come_again(engine: DuckDBEngine, table: CanonicalTable, salt: str, known: dict[str, list[str]]) -> int:
    tests = [
        _is_known(salt, kind, written, known[kind])
        for kind, written in CONTACTS.items()
        if kind in table.columns and known[kind]
    ]
    if not tests:
        return 0
    files = ", ".join(quoted(str(file)) for file in table.files)
    sql = f"SELECT count(*) FROM read_parquet([{files}]) WHERE {' OR '.join(tests)}"
    return int(engine.native("customers who come again", sql)[0][0])
