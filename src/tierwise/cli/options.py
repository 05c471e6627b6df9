"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from tierwise.cli.speech import say
from tierwise.config.environment import temp_folder
from tierwise.config.project import FILE_NAME, EngineSpec
from tierwise.contracts.ingest import DecimalMark, ReadOptions
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.spark import SparkEngine
from tierwise.job import Resources, Source
from tierwise.snapshots.workspace import Workspace

Command = TypeVar("Command", bound=Callable[..., Any])

ONE_SHOT_FOLDER = "tierwise-out"


class IsoDate(click.ParamType[date]):
    """A day written as 2026-10-31."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day, or fail with what is expected."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(
                say(f"{value!r} is not a date like 2026-10-31", f"{value!r} 不是 2026-10-31 这样的日期"), param, ctx
            )


def workspace_option(command: Command) -> Command:
    """Add --workspace."""
    return click.option(
        "--workspace",
        type=click.Path(path_type=Path, file_okay=False),
        help=say(
            f"folder with the runs [default: the folder of {FILE_NAME}, else ./{ONE_SHOT_FOLDER}]",
            f"运行结果所在目录 [默认：{FILE_NAME} 所在目录，否则 ./{ONE_SHOT_FOLDER}]",
        ),
    )(command)


def run_option(command: Command) -> Command:
    """Add --run."""
    return click.option(
        "--run",
        "run_name",
        default="current",
        show_default=True,
        help=say("run id, or current, or previous", "运行编号，或 current、previous"),
    )(command)


def json_option(command: Command) -> Command:
    """Add --json."""
    return click.option("--json", "as_json", is_flag=True, help=say("print one JSON object", "输出一个 JSON 对象"))(
        command
    )


def set_option(command: Command) -> Command:
    """Add --set."""
    return click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="MODEL.SETTING=VALUE",
        help=say("what a project file would set, as rfm.bins=5", "等同项目文件中的设置，如 rfm.bins=5"),
    )(command)


@dataclass(frozen=True)
class OrderFile:
    """The order file of a command that needs no project: where it is and how to read it."""

    location: str
    columns: dict[str, str]
    options: ReadOptions
    date_format: str | None
    timezone: str | None
    currency: str | None

    @property
    def source(self) -> Source:
        """The file as a source of the table orders."""
        return Source("orders", self.location, self.options, self.columns, self.date_format)

    def also(self, **columns: str | None) -> OrderFile:
        """The same file with further columns named; those that are None are left to be found."""
        return replace(self, columns={**self.columns, **{k: v for k, v in columns.items() if v}})


def _order_file_options(required: bool) -> tuple[Callable[[Command], Command], ...]:
    return (
        click.argument("orders", required=required),
        click.option("--customer", metavar="COLUMN", help=say("column with the customer id", "客户编号所在列")),
        click.option(
            "--date", "order_date", metavar="COLUMN", help=say("column with the order date", "下单日期所在列")
        ),
        click.option("--amount", metavar="COLUMN", help=say("column with the amount", "金额所在列")),
        click.option("--order-id", metavar="COLUMN", help=say("column with the order number", "订单号所在列")),
        click.option("--date-format", help=say("strptime format of dates, as %d/%m/%Y", "日期格式，如 %d/%m/%Y")),
        click.option(
            "--timezone", help=say("IANA zone of the business, as Asia/Shanghai", "业务所在时区，如 Asia/Shanghai")
        ),
        click.option("--currency", help=say("the one currency to use", "使用的币种")),
        click.option("--encoding", help=say("text encoding [default: detected]", "文件编码 [默认：自动识别]")),
        click.option("--delimiter", help=say("column separator [default: detected]", "分隔符 [默认：自动识别]")),
        click.option(
            "--header",
            metavar="NAME,NAME,…",
            help=say("names of the columns of a file without a header", "没有表头的文件的列名"),
        ),
        click.option(
            "--decimal-mark",
            type=click.Choice([".", ","]),
            help=say("mark before the decimals [default: detected]", "小数点 [默认：自动识别]"),
        ),
        click.option("--sheet", help=say("worksheet of an Excel file", "Excel 工作表")),
        click.option("--table", "table_name", help=say("table of a database", "数据库表")),
        click.option(
            "--query",
            help=say(
                "query of a database, or one that joins the files of a folder", "数据库查询，或关联目录中各文件的查询"
            ),
        ),
    )


def order_file(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument ORDERS with all that says how to read it; the command gets one `OrderFile` as `file`."""
    return _with_order_file(command, required=True)


def optional_order_file(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what `order_file` adds; `file` is None where ORDERS is left out."""
    return _with_order_file(command, required=False)


def _with_order_file(command: Callable[..., Any], required: bool) -> Callable[..., Any]:
    @wraps(command)
    def bundled(
        orders: str | None,
        customer: str | None,
        order_date: str | None,
        amount: str | None,
        order_id: str | None,
        date_format: str | None,
        timezone: str | None,
        currency: str | None,
        encoding: str | None,
        delimiter: str | None,
        header: str | None,
        decimal_mark: DecimalMark | None,
        sheet: str | None,
        table_name: str | None,
        query: str | None,
        **rest: Any,
    ) -> Any:
        if orders is None:
            return command(file=None, **rest)
        names = tuple(name.strip() for name in header.split(",")) if header else None
        options = ReadOptions(encoding, delimiter, sheet, query, table_name, decimal_mark=decimal_mark, header=names)
        file = OrderFile(orders, {}, options, date_format, timezone, currency)
        named = file.also(customer_id=customer, order_date=order_date, amount=amount, order_id=order_id)
        return command(file=named, **rest)

    wrapped: Callable[..., Any] = bundled
    for option in reversed(_order_file_options(required)):
        wrapped = option(wrapped)
    return wrapped


def engine_options(command: Command) -> Command:
    """Add --engine, --master, --memory, --threads and --temp."""
    for option in reversed(
        (
            click.option(
                "--engine",
                "engine_name",
                type=click.Choice(["duckdb", "spark"]),
                help=say("computing engine", "计算引擎"),
            ),
            click.option("--master", help=say("Spark master", "Spark 主节点地址")),
            *_limits(),
        )
    ):
        command = option(command)
    return command


def limit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --memory, --threads and --temp; the command gets `open_engine`, which opens an engine within them."""

    @wraps(command)
    def limited(memory: str | None, threads: int | None, temp: Path | None, **rest: Any) -> Any:
        return command(open_engine=lambda: DuckDBEngine(memory, threads, temp or temp_folder()), **rest)

    wrapped: Callable[..., Any] = limited
    for option in reversed(_limits()):
        wrapped = option(wrapped)
    return wrapped


Bounds = tuple[str | None, int | None, Path | None]
"""Memory limit, threads and spill folder, where they are given."""


def bounds_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --memory, --threads and --temp to a command that asks the project too; it gets them as `bounds`."""

    @wraps(command)
    def bounded(memory: str | None, threads: int | None, temp: Path | None, **rest: Any) -> Any:
        return command(bounds=(memory, threads, temp), **rest)

    wrapped: Callable[..., Any] = bounded
    for option in reversed(_limits()):
        wrapped = option(wrapped)
    return wrapped


def _limits() -> tuple[Callable[[Command], Command], ...]:
    return (
        click.option("--memory", help=say("memory limit of the engine, as 2GB", "引擎内存上限，如 2GB")),
        click.option(
            "--threads",
            type=click.IntRange(min=1),
            help=say(
                "number of threads [default: all cores, or fewer where --memory is low]",
                "线程数 [默认：全部核心；--memory 较低时自动减少]",
            ),
        ),
        click.option(
            "--temp",
            type=click.Path(path_type=Path, file_okay=False, exists=True),
            help=say("folder for spilling", "临时文件目录"),
        ),
    )


def resources(
    spec: EngineSpec,
    engine_name: str | None,
    master: str | None,
    memory: str | None,
    threads: int | None,
    temp: Path | None,
) -> Resources:
    """The engines that the project file and the options ask for; options win."""
    limit, count, spill = memory or spec.memory, threads or spec.threads, temp or temp_folder()

    def ingest() -> DuckDBEngine:
        return DuckDBEngine(limit, count, spill)

    return Resources(ingest, spark_engine(spec, engine_name, master, memory, threads))


def spark_engine(
    spec: EngineSpec, engine_name: str | None, master: str | None, memory: str | None, threads: int | None
) -> Callable[[], SparkEngine] | None:
    """How the Spark session is made that the project file or the options ask for; None where they ask for none."""
    if (engine_name or spec.name) != "spark":
        return None
    limit, count = memory or spec.memory, threads or spec.threads

    def spark() -> SparkEngine:
        return SparkEngine(master or (f"local[{count}]" if count else spec.master), memory=limit)

    return spark


def find_workspace(given: Path | None) -> Workspace:
    """The workspace named, else the folder with a project file, else the one-shot folder."""
    if given is not None:
        return Workspace(given)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FILE_NAME).is_file():
            return Workspace(folder)
    return Workspace(here / ONE_SHOT_FOLDER)
