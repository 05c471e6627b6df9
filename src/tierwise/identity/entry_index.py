"""Is this customer there already? One record against a million, through keys that lie in one file.

    identity/entry.sqlite   keys (key, n): which records share a phone, a mailbox, a name and city …; records (n, record,
                            the columns that are compared); shares: how common names are; about: basis, model, kinds

The file is written whole, beside the last one, and takes its place at once. It holds personal data in clean form, as the
imports do: an erasure deletes it.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.certain import WHY
from tierwise.identity.comparisons import comparisons_for
from tierwise.identity.entry_forms import EntryForms, entry_keys, key_sql
from tierwise.identity.entry_weights import EntryWeights
from tierwise.identity.explanation import Addend
from tierwise.identity.fillers import CONTACTS
from tierwise.identity.folding import quoted
from tierwise.identity.kinds import Kind, Kinds
from tierwise.identity.row_sql import teach
from tierwise.language import Text

INDEX = "entry.sqlite"
# A key that more records share tells little; beyond so many candidates, those that share most keys are compared.
MOST_PER_KEY = 50
MOST_CANDIDATES = 200
_STREAM_ROWS = 50_000
_SPEAKS_FOR = 1.0


@dataclass(frozen=True)
class EntryCandidate:
    """A customer who may be the one being entered: `rule` where it is certain, the log2 of the odds, and what adds to it."""

    customer: str
    weight: float
    rule: str | None
    addends: tuple[Addend, ...]

    @property
    def certain(self) -> bool:
        """Whether a rule decides it."""
        return self.rule is not None

    @property
    def probability(self) -> float:
        """How likely it is the same customer, by the weights."""
        return 1.0 if self.weight > 60 else float(1 / (1 + 2.0**-self.weight))

    @property
    def reasons(self) -> tuple[Text, ...]:
        """The rule, then the fields that agree, each with how alike they are."""
        agree = [Text(f"{a.field.en}: {a.level.en}", f"{a.field.zh}：{a.level.zh}") for a in self._agreeing()]
        return (WHY[self.rule], *agree) if self.rule else tuple(agree)

    def _agreeing(self) -> list[Addend]:
        return sorted((a for a in self.addends[1:] if a.weight > _SPEAKS_FOR), key=lambda a: -a.weight)


@dataclass(frozen=True)
class IndexSource:
    """What an index is made of: the records of an engine, what their columns hold, the weights, and the version it is of."""

    records: str
    kinds: Kinds
    region: str
    model: dict[str, Any]
    basis: str


def write_index(engine: DuckDBEngine, source: IndexSource, folder: Path) -> int:
    """Write the index in the place of the last one; return how many records it has."""
    folder.mkdir(parents=True, exist_ok=True)
    prepared = folder / f".{INDEX}-{os.getpid()}-{threading.get_ident()}"
    columns = EntryForms(source.kinds, source.region).columns
    try:
        with closing(sqlite3.connect(prepared)) as index:
            index.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
            _write_about(index, source)
            count = _write_records(engine, index, source.records, columns)
            _write_keys(engine, index, source.records, columns)
            _write_shares(engine, index, source.records, columns)
            _write_shared(engine, index, source.records)
            index.commit()
        prepared.replace(folder / INDEX)
    finally:
        prepared.unlink(missing_ok=True)
    return count


def _write_about(index: sqlite3.Connection, source: IndexSource) -> None:
    about = {
        "kinds": json.dumps({column: kind.value for column, kind in source.kinds.items()}), "region": source.region,
        "model": json.dumps(source.model), "basis": source.basis,
    }  # fmt: skip
    index.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT)")
    index.executemany("INSERT INTO about VALUES (?, ?)", about.items())


def _write_records(engine: DuckDBEngine, index: sqlite3.Connection, records: str, columns: tuple[str, ...]) -> int:
    listed = ", ".join(columns)
    index.execute(f"CREATE TABLE records (n INTEGER PRIMARY KEY, record TEXT, {listed})")
    _copy(engine, index, "records", f"SELECT n, record, {listed} FROM {quoted(records)} ORDER BY n")
    return int(index.execute("SELECT count(*) FROM records").fetchone()[0])


def _write_keys(engine: DuckDBEngine, index: sqlite3.Connection, records: str, columns: tuple[str, ...]) -> None:
    parts = [
        f"SELECT n, {key_sql(name, sql)} AS key FROM {quoted(records)} WHERE ({sql}) IS NOT NULL"
        for name, sql in entry_keys(columns).items()
    ]
    index.execute("CREATE TABLE keys (key INTEGER, n INTEGER, PRIMARY KEY (key, n)) WITHOUT ROWID")
    if not parts:
        return
    engine.native(
        "entry keys", f"CREATE OR REPLACE TEMP TABLE entry_keys AS SELECT DISTINCT key, n FROM ({' UNION ALL '.join(parts)})"
    )  # fmt: skip
    common = f"SELECT key FROM entry_keys GROUP BY key HAVING count(*) > {MOST_PER_KEY}"
    _copy(engine, index, "keys", f"SELECT key, n FROM entry_keys WHERE key NOT IN ({common}) ORDER BY key, n")
    engine.native("entry keys", "DROP TABLE entry_keys")


def _write_shares(engine: DuckDBEngine, index: sqlite3.Connection, records: str, columns: tuple[str, ...]) -> None:
    """How often each value of the columns whose rare values weigh more is met; those met once are left out."""
    rare = sorted(
        {level.rare for comparison in comparisons_for(columns) for level in comparison.levels if level.rare}
        & set(columns)
    )
    index.execute("CREATE TABLE shares (field TEXT, value TEXT, share REAL, PRIMARY KEY (field, value)) WITHOUT ROWID")
    index.execute("CREATE TABLE known (field TEXT PRIMARY KEY, records INTEGER)")
    for field in rare:
        known = engine.native("known", f"SELECT count({field}) FROM {quoted(records)}")[0][0]
        index.execute("INSERT INTO known VALUES (?, ?)", [field, known])
        shares = f"SELECT '{field}', {field} AS value, count(*) / {max(known, 1)} AS share FROM {quoted(records)}"
        several = f"WHERE {field} IS NOT NULL GROUP BY {field} HAVING count(*) > 1"
        _copy(engine, index, "shares", f"{shares} {several} ORDER BY value")


def _write_shared(engine: DuckDBEngine, index: sqlite3.Connection, records: str) -> None:
    """The contacts that many share: they say nothing of who is entered, either."""
    index.execute("CREATE TABLE shared (contact TEXT, value TEXT, PRIMARY KEY (contact, value)) WITHOUT ROWID")
    _copy(engine, index, "shared", f"SELECT contact, value FROM {quoted(f'{records}_shared')} ORDER BY ALL")


def _copy(engine: DuckDBEngine, index: sqlite3.Connection, table: str, query: str) -> None:
    for rows in engine.stream(f"entry {table}", query, _STREAM_ROWS):
        index.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


class EntryIndex:
    """The index, open to read; several threads may ask one."""

    def __init__(self, file: Path) -> None:
        self.index = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        teach(self.index)
        about = dict(self.index.execute("SELECT name, value FROM about"))
        self.basis: str = about["basis"]
        self.kinds = {column: Kind(kind) for column, kind in json.loads(about["kinds"]).items()}
        self.forms = EntryForms(self.kinds, about["region"])
        held = {row[1] for row in self.index.execute("PRAGMA table_info(records)")}
        self.fits = held == {"n", "record", *self.forms.columns}
        """Whether it holds what customers are compared by today; one that does not answers nothing."""
        self.weights = EntryWeights(self.index, json.loads(about["model"]), self.forms.columns)
        self.lock = threading.Lock()

    def close(self) -> None:
        """Let go of the file."""
        self.index.close()

    def check(self, values: Mapping[str, str | None], least_weight: float = -6.0) -> list[EntryCandidate]:
        """Return the records that may be this one, the certain and likeliest first.

        `values` are raw, named as the columns of the comparison (name, phone, email, city …).
        """
        with self.lock:
            record = self._without_shared(self.forms.record(values))
            rows = self.weights.compare(record, self._candidates(self.forms.keys(record)))
        found = [EntryCandidate(row.record, row.weight, row.rule, row.addends) for row in rows]
        kept = [one for one in found if one.rule or one.weight >= least_weight]
        return sorted(kept, key=lambda one: (one.rule is None, -one.weight, one.customer))

    def _without_shared(self, record: dict[str, Any]) -> dict[str, Any]:
        forgotten: dict[str, Any] = {}
        for contact, columns in CONTACTS.items():
            asked = (contact, record.get(contact))
            if self.index.execute("SELECT 1 FROM shared WHERE contact = ? AND value = ?", asked).fetchone():
                forgotten |= dict.fromkeys(columns)
        return record | forgotten

    def _candidates(self, keys: list[int]) -> list[int]:
        shared: Counter[int] = Counter()
        for key in keys:
            shared.update(n for (n,) in self.index.execute("SELECT n FROM keys WHERE key = ?", [key]))
        ranked = sorted(shared.items(), key=lambda item: (-item[1], item[0]))
        return [n for n, _ in ranked[:MOST_CANDIDATES]]
