"""Many rows in one statement, on SQLite by executemany and on PostgreSQL as JSON: for the take-over alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models

Row = Sequence[Any]


def upsert(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Row], key: Sequence[str], update: Sequence[str]
) -> None:
    """Insert rows; where the key is there already, set the columns of `update` instead."""
    names = [_column(model, column) for column in columns]
    sets = ", ".join(f"{_column(model, column)} = excluded.{_column(model, column)}" for column in update)
    conflict = ", ".join(_column(model, column) for column in key)
    tail = f" ON CONFLICT ({conflict}) DO UPDATE SET {sets}" if sets else ""
    _many(model, columns, f"INSERT INTO {_table(model)} ({', '.join(names)})", tail, rows)


def insert(model: type[models.Model], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows that are not there."""
    upsert(model, columns, rows, (), ())


def _many(model: type[models.Model], columns: Sequence[str], head: str, tail: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = ", ".join("%s" for _ in columns)
            cursor.executemany(f"{head} VALUES ({marks}){tail}", _plain(model, columns, rows))
        else:
            source, values = _recordset(model, columns, rows)
            cursor.execute(f"{head} SELECT * FROM {source}{tail}", [values])


def _recordset(model: type[models.Model], columns: Sequence[str], rows: Sequence[Row]) -> tuple[str, str]:
    """SQL of a table `fresh` with columns c0, c1 …, and its one parameter: rows go to PostgreSQL as JSON.

    The driver would quote an array value by value in Python; JSON is written and read by C on either side.
    """
    kinds = ((place, model._meta.get_field(column).db_type(connection)) for place, column in enumerate(columns))
    names = [f"c{place}" for place in range(len(columns))]
    values = json.dumps([dict(zip(names, row, strict=True)) for row in rows], default=str, ensure_ascii=False)
    return f"json_to_recordset(%s::json) AS fresh({', '.join(f'c{place} {kind}' for place, kind in kinds)})", values


def update_where(model: type[models.Model], sets: Sequence[str], key: str, rows: Sequence[Row]) -> None:
    """Set columns of the rows with a key; each row holds the values of `sets`, then the key."""
    if not rows:
        return
    names = [_column(model, column) for column in sets]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            assigned = ", ".join(f"{name} = %s" for name in names)
            cursor.executemany(
                f"UPDATE {_table(model)} SET {assigned} WHERE {_column(model, key)} = %s",
                _plain(model, (*sets, key), rows),
            )
        else:
            source, values = _recordset(model, (*sets, key), rows)
            assigned = ", ".join(f"{name} = fresh.c{place}" for place, name in enumerate(names))
            cursor.execute(
                f"UPDATE {_table(model)} AS t SET {assigned} FROM {source}"
                f" WHERE t.{_column(model, key)} = fresh.c{len(names)}",
                [values],
            )


def among(column: str, values: Iterable[str]) -> tuple[str, list[Any]]:
    """SQL and parameters for "this column is one of these many values"."""
    if connection.vendor == "sqlite":
        return f"{column} IN (SELECT value FROM json_each(%s))", [json.dumps(list(values), ensure_ascii=False)]
    return f"{column} = ANY(%s)", [list(values)]


def _plain(model: type[models.Model], columns: Sequence[str], rows: Sequence[Row]) -> Sequence[Row]:
    """Rows as SQLite keeps them: moments as texts without a zone; days and money the driver itself turns into texts.

    Column by column, and a moment that all rows share once.
    """
    moments = {
        place for place, name in enumerate(columns) if isinstance(model._meta.get_field(name), models.DateTimeField)
    }
    if not moments:
        return rows
    adapt = lru_cache(maxsize=16)(connection.ops.adapt_datetimefield_value)
    values = list(zip(*rows, strict=True))
    kept = ([adapt(value) for value in each] if place in moments else each for place, each in enumerate(values))
    return list(zip(*kept, strict=True))


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _column(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field) and field.column is not None
    return connection.ops.quote_name(field.column)
