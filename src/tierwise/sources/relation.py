"""What every reader ends with: a view on the ingest engine, its columns named c1, c2, …, described."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count

from tierwise.contracts.ingest import RawColumn, RawKind
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text

NO_HEADER = ErrorKind(
    "input.no_header",
    Family.DATA,
    what=Text("{path} has no header: its first row is data", "{path} 没有表头，第一行就是数据"),
    cause=Text("the first row holds {value}", "第一行中有 {value}"),
    cure=Text(
        "name its columns in their order, as --header customer_id,order_date,amount does, or put such a row on top",
        "请按顺序指明列名，例如 --header 客户编号,下单时间,金额，或在最上面加这样一行",
    ),
)

_NUMBERS = count(1)
_DATA_LIKE = re.compile(r"^(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}.*|[¥$€£-]?\d+\.\d+|[\w.]+@[\w.]+\.\w+)$")
_SAMPLE_ROWS = 200
_SAMPLES = 20


def new_name(purpose: str) -> str:
    """Return a table name nobody has: sources of one session live side by side."""
    return f"raw_{purpose}_{next(_NUMBERS)}"


def column_keys(names: Sequence[str]) -> list[str]:
    """Return the names the columns have inside the engine, which cannot tell `ID` from `id`."""
    return [f"c{number}" for number, _ in enumerate(names, 1)]


def clean_names(names: Sequence[str | None], file: str) -> list[str]:
    """Return the header without outer blanks; nameless columns and names that come again are numbered.

    `note` and `note (2)` are alike where columns are guessed: which one is meant is asked only if it matters. Raises
    `input.no_header` for a first row of dates, prices or addresses.
    """
    cleaned = [(name or "").strip(" \t\r\n\u3000\u00a0\ufeff") or f"column {n}" for n, name in enumerate(names, 1)]
    data = next((name for name in cleaned if _DATA_LIKE.match(name)), None)
    if data is not None:
        raise NO_HEADER.error(Place(file=file, line=1, value=data), path=file, value=data)
    return _numbered(cleaned)


def _numbered(names: Sequence[str]) -> list[str]:
    """Return the names, the second one that is called `note` as `note (2)`."""
    found: list[str] = []
    taken = set(names)
    seen: Counter[str] = Counter()
    for name in names:
        seen[name] += 1
        other = name
        while seen[name] > 1 and other in taken:
            other = f"{name} ({seen[name]})"
            seen[name] += other in taken
        taken.add(other)
        found.append(other)
    return found


def kind_of(sql_type: str) -> RawKind:
    """Return what a column of this DuckDB type holds."""
    head = "LIST" if sql_type.endswith("]") else sql_type.upper().split("(")[0].strip()
    if head in {"VARCHAR", "JSON", "UUID", "ENUM"}:
        return RawKind.TEXT
    if head in {
        "BIGINT",
        "INTEGER",
        "SMALLINT",
        "TINYINT",
        "HUGEINT",
        "UBIGINT",
        "UINTEGER",
        "USMALLINT",
        "UTINYINT",
    }:
        return RawKind.INTEGER
    return {
        "DECIMAL": RawKind.DECIMAL,
        "DOUBLE": RawKind.FLOAT,
        "FLOAT": RawKind.FLOAT,
        "BOOLEAN": RawKind.BOOLEAN,
        "DATE": RawKind.DATE,
        "TIMESTAMP": RawKind.TIMESTAMP,
        "TIMESTAMP_NS": RawKind.TIMESTAMP,
        "TIMESTAMP_MS": RawKind.TIMESTAMP,
        "TIMESTAMP_S": RawKind.TIMESTAMP,
        "TIMESTAMP WITH TIME ZONE": RawKind.INSTANT,
    }.get(head, RawKind.OTHER)


def describe(engine: DuckDBEngine, relation: str, names: Sequence[str]) -> tuple[RawColumn, ...]:
    """Return the columns of `relation` (c1, c2, …) under the source's names, with samples."""
    keys = column_keys(names)
    types = {str(row[0]): str(row[1]) for row in engine.native("describe source", f'DESCRIBE "{relation}"')}
    shown = ", ".join(f"left(CAST({key} AS VARCHAR), 80)" for key in keys)
    rows = engine.native("sample source", f'SELECT {shown} FROM "{relation}" LIMIT {_SAMPLE_ROWS}')
    return tuple(
        RawColumn(
            name,
            key,
            kind_of(types[key]),
            _different(row[number] for row in rows),
            unique=name.casefold() == "id" and _is_unique(engine, relation, key),
        )
        for number, (name, key) in enumerate(zip(names, keys, strict=True))
    )


def _is_unique(engine: DuckDBEngine, relation: str, key: str) -> bool:
    """Tell a column that has no value twice. Two values of one hash would only make it say no."""
    counted = engine.native(
        "repeated ids",
        f"SELECT count(*), count(DISTINCT hash({key})) FROM \"{relation}\" WHERE CAST({key} AS VARCHAR) <> ''",
    )
    rows, different = counted[0]
    return 0 < int(rows) == int(different)


def _different(values: Iterable[str | None]) -> tuple[str, ...]:
    seen = dict.fromkeys(str(value) for value in values if value not in (None, ""))
    return tuple(list(seen)[:_SAMPLES])
