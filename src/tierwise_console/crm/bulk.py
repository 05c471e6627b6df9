"""Many rows at once: they are staged in a temporary table, by COPY on PostgreSQL, and one statement does the rest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models

Row = Sequence[Any]
SMALL_BESIDE_ITS_TABLE = ("enable_hashjoin = off", "enable_mergejoin = off", "jit = off")
"""PostgreSQL knows nothing of a table made a moment ago, and might read all labels to join a few thousand rows."""


def stage(name: str, columns: Mapping[str, models.Field[Any, Any]], rows: Sequence[Row]) -> str:
    """Put rows into a temporary table, whose columns have the types of model fields; returns how SQL calls it.

    Call it inside a transaction: the table lasts no longer.
    """
    table = _fresh(name)
    kinds = ", ".join(f"{column} {field.db_type(connection)}" for column, field in columns.items())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE {name} ({kinds})")
        if connection.vendor == "sqlite":
            marks = ", ".join("%s" for _ in columns)
            cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", _plain(list(columns.values()), rows))
        else:
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
    return table


def stage_query(name: str, sql: str, parameters: Sequence[Any] = ()) -> str:
    """Put the rows of a query into a temporary table; returns how SQL calls it. Call it inside a transaction."""
    table = _fresh(name)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE {name} AS {sql}", parameters)
    return table


def _fresh(name: str) -> str:
    """See to it that there is no temporary table of this name."""
    table = f"{'temp' if connection.vendor == 'sqlite' else 'pg_temp'}.{name}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        if connection.vendor != "sqlite":
            cursor.execute("; ".join(f"SET LOCAL {setting}" for setting in SMALL_BESIDE_ITS_TABLE))
    return table


def upsert(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Row], key: Sequence[str], update: Sequence[str]
) -> None:
    """Insert rows; where the key is there already, set the columns of `update` instead."""
    if not rows:
        return
    fields = fields_of(model, columns)
    names = ", ".join(fields)
    sets = ", ".join(f"{_column(model, column)} = excluded.{_column(model, column)}" for column in update)
    conflict = ", ".join(_column(model, column) for column in key)
    # WHERE TRUE: without it SQLite takes ON CONFLICT for the ON of a join
    tail = f" WHERE TRUE ON CONFLICT ({conflict}) DO UPDATE SET {sets}" if sets else ""
    staged = stage("staged_rows", fields, rows)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table_of(model)} ({names}) SELECT {names} FROM {staged}{tail}")


def insert(model: type[models.Model], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows that are not there."""
    upsert(model, columns, rows, (), ())


def update_where(model: type[models.Model], sets: Sequence[str], key: str, rows: Sequence[Row]) -> None:
    """Set columns of the rows with a key; each row holds the values of `sets`, then the key."""
    if not rows:
        return
    names = [_column(model, column) for column in sets]
    fields = {f"c{place}": _field(model, column) for place, column in enumerate((*sets, key))}
    staged = stage("staged_rows", fields, rows)
    assigned = ", ".join(f"{name} = fresh.c{place}" for place, name in enumerate(names))
    table = table_of(model)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {assigned} FROM {staged} AS fresh"
            f" WHERE {table}.{_column(model, key)} = fresh.c{len(names)}"
        )


def among(column: str, values: Iterable[str]) -> tuple[str, list[Any]]:
    """SQL and parameters for "this column is one of these many values"."""
    if connection.vendor == "sqlite":
        return f"{column} IN (SELECT value FROM json_each(%s))", [json.dumps(list(values), ensure_ascii=False)]
    return f"{column} = ANY(%s)", [list(values)]


def _plain(fields: Sequence[models.Field[Any, Any]], rows: Sequence[Row]) -> Sequence[Row]:
    """Rows as SQLite keeps them: moments as texts without a zone; days and money the driver itself turns into texts.

    Column by column, and a moment that all rows share once.
    """
    moments = {place for place, field in enumerate(fields) if isinstance(field, models.DateTimeField)}
    if not moments:
        return rows
    adapt = lru_cache(maxsize=16)(connection.ops.adapt_datetimefield_value)
    values = list(zip(*rows, strict=True))
    kept = ([adapt(value) for value in each] if place in moments else each for place, each in enumerate(values))
    return list(zip(*kept, strict=True))


def table_of(model: type[models.Model]) -> str:
    """How SQL calls the table of a model."""
    return connection.ops.quote_name(model._meta.db_table)


def fields_of(model: type[models.Model], names: Sequence[str]) -> dict[str, models.Field[Any, Any]]:
    """Fields of a model by their columns, to be staged in this order."""
    return {_column(model, name): _field(model, name) for name in names}


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    return field


def _column(model: type[models.Model], name: str) -> str:
    column = _field(model, name).column
    assert column is not None
    return connection.ops.quote_name(column)
