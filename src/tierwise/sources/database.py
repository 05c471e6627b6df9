"""Databases: PostgreSQL over ADBC, any other over SQLAlchemy, both streamed in Arrow batches."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tierwise.contracts.ingest import RawTable, ReadOptions
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text
from tierwise.sources.problems import NO_ROWS, NOT_FOUND
from tierwise.sources.relation import clean_names, column_keys, describe, new_name
from tierwise.sources.stored import content_fingerprint, store, view

MISSING_DRIVER = ErrorKind(
    "source.missing_driver",
    Family.RESOURCE,
    what=Text("no driver for {dialect} is installed", "没有安装 {dialect} 的驱动"),
    cause=Text("{reason}", "{reason}"),
    cure=Text("install one, for example: pip install {package}", "请安装驱动，例如：pip install {package}"),
)
UNREACHABLE = ErrorKind(
    "source.unreachable",
    Family.RESOURCE,
    what=Text("the database {url} cannot be reached", "无法连接数据库 {url}"),
    cause=Text("{reason}", "{reason}"),
    cure=Text(
        "check host, port, database, user and password in the URL",
        "请检查地址中的主机、端口、库名、用户名和密码",
    ),
)
NO_TABLE_NAMED = ErrorKind(
    "source.no_table_named",
    Family.USAGE,
    what=Text("it is not said which table of {url} to read", "没有指明要读取 {url} 的哪张表"),
    cause=Text("the database has: {tables}", "库中的表：{tables}"),
    cure=Text("name it: --table {first}, or give a query", "请指明：--table {first}，或填写查询语句"),
)
QUERY_FAILED = ErrorKind(
    "source.query_failed",
    Family.DATA,
    what=Text("the database {url} refused to answer", "数据库 {url} 执行查询失败"),
    cause=Text("{reason}", "{reason}"),
    cure=Text("check the table or the query: {query}", "请检查表名或查询语句：{query}"),
)

_PACKAGES = {"mysql": "pymysql", "mariadb": "pymysql", "oracle": "oracledb", "mssql": "pyodbc", "postgresql": "psycopg"}
_BATCH_ROWS = 20_000


def is_database(location: str) -> bool:
    """Tell a database URL from a path."""
    return "://" in location


def open_database(engine: DuckDBEngine, url: str, options: ReadOptions, scratch: Path) -> RawTable:
    """Run one query on a database and keep its rows as Parquet in `scratch`."""
    relation = new_name("database")
    stored = scratch / f"{relation}.parquet"
    shown = _without_password(url)
    connect = _postgres if url.split("://", maxsplit=1)[0] in ("postgresql", "postgres") else _sqlalchemy
    with connect(url, options, shown) as (reader, query):
        names = clean_names(reader.schema.names, shown)
        keys = column_keys(names)
        engine.register(f"{relation}_batches", _renamed(reader, keys))
        rows = store(
            engine, f'SELECT row_number() OVER () AS row_number, {", ".join(keys)} FROM "{relation}_batches"', stored
        )
        engine.unregister(f"{relation}_batches")
    if not rows:
        raise NO_ROWS.error(Place(file=shown), path=shown)
    view(engine, relation, f"SELECT * FROM read_parquet({quoted(str(stored))})")
    fingerprint = content_fingerprint(engine, stored, names)
    columns = describe(engine, relation, names)
    note = Text("query {query}", "查询 {query}").fill(query=query)
    return RawTable(options.table or "query", relation, columns, shown, "database", fingerprint, rows, notes=(note,))


def _without_password(url: str) -> str:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError as error:
        scheme = url.split("://", maxsplit=1)[0]
        raise UNREACHABLE.error(
            url=f"{scheme}://…", reason=Text("the URL cannot be read", "地址格式无法识别")
        ) from error


def _renamed(reader: Any, keys: Sequence[str]) -> Any:
    """Return the reader with engine names; types the engine does not know (NUMERIC arrives so) as their storage."""
    import pyarrow as pa

    fields = [
        pa.field(key, field.type.storage_type if isinstance(field.type, pa.BaseExtensionType) else field.type)
        for key, field in zip(keys, reader.schema, strict=True)
    ]
    schema = pa.schema(fields)

    def batches() -> Iterator[Any]:
        for batch in reader:
            columns = [c.storage if isinstance(c, pa.ExtensionArray) else c for c in batch.columns]
            yield pa.record_batch(columns, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


@contextmanager
def _postgres(url: str, options: ReadOptions, shown: str) -> Iterator[tuple[Any, str]]:
    import adbc_driver_manager
    from adbc_driver_postgresql import dbapi

    try:
        connection = dbapi.connect(url)
    except adbc_driver_manager.Error as error:
        raise UNREACHABLE.error(url=shown, reason=_first_line(error)) from error
    with connection, connection.cursor() as cursor:
        query = options.query
        try:
            if query is None:
                query = f"SELECT * FROM {_quoted_name(options.table or _postgres_tables(cursor, shown))}"
            query = _from_cursor(query, options, _quoted_name)
            cursor.execute(query)
            yield cursor.fetch_record_batch(), query
        except adbc_driver_manager.Error as error:
            raise QUERY_FAILED.error(Place(file=shown), url=shown, reason=_first_line(error), query=query) from error


def _from_cursor(query: str, options: ReadOptions, quote: Callable[[str], str]) -> str:
    """Ask only for rows at or above the cursor's last value; the database reads the literal as its column's type."""
    if options.cursor is None or options.after is None:
        return query
    return f"SELECT * FROM ({query}) AS source WHERE {quote(options.cursor)} >= {quoted(options.after)}"


def _postgres_tables(cursor: Any, shown: str) -> str:
    cursor.execute(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables "
        "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
    )
    return _only_one([str(row[0]) for row in cursor.fetchall()], shown)


def _only_one(tables: Sequence[str], shown: str) -> str:
    if len(tables) == 1:
        return tables[0]
    raise NO_TABLE_NAMED.error(
        Place(file=shown), url=shown, tables=", ".join(tables) or "–", first=tables[0] if tables else "orders"
    )


def _quoted_name(table: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in table.split("."))


@contextmanager
def _sqlalchemy(url: str, options: ReadOptions, shown: str) -> Iterator[tuple[Any, str]]:
    import sqlalchemy
    from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

    _check_sqlite_file(url)
    dialect = url.split("://", maxsplit=1)[0].split("+", maxsplit=1)[0]
    package = _PACKAGES.get(dialect, f"sqlalchemy-{dialect}")
    try:
        database = sqlalchemy.create_engine(url)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise MISSING_DRIVER.error(dialect=dialect, reason=_first_line(error), package=package) from error
    try:
        connection = database.connect()
    except SQLAlchemyError as error:
        raise UNREACHABLE.error(url=shown, reason=_first_line(error)) from error
    query = options.query or options.table or ""
    with connection:
        try:
            if options.query is None:
                table = options.table or _only_one(sorted(sqlalchemy.inspect(connection).get_table_names()), shown)
                preparer = database.dialect.identifier_preparer
                query = "SELECT * FROM " + ".".join(preparer.quote(part) for part in table.split("."))
            query = _from_cursor(query, options, database.dialect.identifier_preparer.quote)
            streamed = connection.execution_options(stream_results=True)
            yield _text_batches(streamed.execute(sqlalchemy.text(query))), query
        except SQLAlchemyError as error:
            raise QUERY_FAILED.error(Place(file=shown), url=shown, reason=_first_line(error), query=query) from error
    database.dispose()


def _check_sqlite_file(url: str) -> None:
    """SQLite makes a database where there is none; a misspelt path must not leave an empty file behind."""
    from sqlalchemy import make_url

    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and not Path(parsed.database).exists():
        raise NOT_FOUND.error(path=parsed.database)


def _text_batches(result: Any) -> Any:
    """Return a reader of text columns: databases without types, as SQLite is, mix them in one column."""
    import pyarrow as pa

    schema = pa.schema([pa.field(name, pa.string()) for name in tuple(result.keys())])

    def batches() -> Iterator[Any]:
        for rows in result.partitions(_BATCH_ROWS):
            columns = zip(*rows, strict=True)
            yield pa.record_batch(
                [pa.array([_as_text(v) for v in column], pa.string()) for column in columns], schema=schema
            )

    return pa.RecordBatchReader.from_batches(schema, batches())


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
