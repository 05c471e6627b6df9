"""The demo shop: a seeded simulator with known truth, from a handful of customers to 10 million, streamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tierwise.datasets.chunk import CHUNK_CUSTOMERS, MAX_CUSTOMERS, Chunk
from tierwise.datasets.events import event_table
from tierwise.datasets.feedback import feedback_table
from tierwise.datasets.order_lines import order_line_table
from tierwise.datasets.orders import order_table
from tierwise.datasets.people import customer_table
from tierwise.datasets.seasons import FIRST_YEAR, LAST_YEAR, Clock, make_clock
from tierwise.datasets.service import balance_table, referral_table, ticket_table, touch_table
from tierwise.datasets.sizing import spec_for_mean_orders
from tierwise.datasets.spec import ShopSpec
from tierwise.datasets.truth import truth_table
from tierwise.datasets.writer import Format, TableFile
from tierwise.engine.progress import Observer, Silent
from tierwise.errors import ErrorKind, Family, Place, Problem, raise_all
from tierwise.language import Lang, Text

MAKERS: dict[str, Callable[[Chunk], Any]] = {
    "customers": customer_table,
    "orders": order_table,
    "order_lines": order_line_table,
    "events": event_table,
    "feedback": feedback_table,
    "tickets": ticket_table,
    "touches": touch_table,
    "balances": balance_table,
    "referrals": referral_table,
    "truth": truth_table,
}
"""The tables of the shop by name; each makes a chunk of itself from a chunk of customers."""

ALL_TABLES = tuple(MAKERS)
DEFAULT_START, DEFAULT_END = date(2023, 11, 1), date(2026, 10, 31)

BAD_SIZE = ErrorKind(
    "datasets.bad_size",
    Family.USAGE,
    what=Text("a shop of {customers} customers cannot be simulated", "无法模拟有 {customers} 位客户的店铺"),
    cause=Text("the number of customers must be 1 to {most}", "客户数须在 1 到 {most} 之间"),
    cure=Text("ask for a number in this range, for example 20000", "请给出此范围内的数，例如 20000"),
)
BAD_DATES = ErrorKind(
    "datasets.bad_dates",
    Family.USAGE,
    what=Text("a shop open from {start} to {end} cannot be simulated", "无法模拟 {start} 至 {end} 营业的店铺"),
    cause=Text(
        "it must be open for at least 30 days from {first} to {last}, the years whose festivals are known",
        "营业期至少 30 天，且须在 {first} 至 {last} 年之间（这些年份的农历节日已知）",
    ),
    cure=Text("move the dates into these years, the end after the start", "请调整日期，并使结束晚于开始"),
)
BAD_CHOICE = ErrorKind(
    "datasets.bad_choice",
    Family.USAGE,
    what=Text("the demo shop has no {what} called {name}", "演示店铺没有名为“{name}”的{what}"),
    cause=Text("it knows these: {known}", "可选：{known}"),
    cure=Text("choose from them", "请从中选择"),
)
BAD_SEED = ErrorKind(
    "datasets.bad_seed",
    Family.USAGE,
    what=Text("{seed} cannot be a seed", "{seed} 不能作为随机种子"),
    cause=Text("a seed is a whole number from 0 up", "种子须为不小于 0 的整数"),
    cure=Text("use another seed, for example 7", "请换一个种子，例如 7"),
)
CANNOT_WRITE = ErrorKind(
    "datasets.cannot_write",
    Family.RESOURCE,
    what=Text("the demo shop could not be written", "演示店铺写入失败"),
    cause=Text("the system said: {reason}", "系统提示：{reason}"),
    cure=Text(
        "choose a folder you may write to with enough space; files that were there before are unchanged",
        "请换一个有写入权限且空间充足的文件夹；原有文件未被改动",
    ),
)


@dataclass(frozen=True, slots=True)
class ShopFiles:
    """What was written: the path and the rows of each table."""

    folder: Path
    paths: dict[str, Path]
    rows: dict[str, int]


def simulate_shop(
    folder: Path,
    customers: int = 20_000,
    *,
    seed: int = 7,
    start: date = DEFAULT_START,
    end: date = DEFAULT_END,
    tables: Sequence[str] = ALL_TABLES,
    format: Format = "parquet",
    language: Lang = Lang.EN,
    dirt: bool = True,
    orders_per_customer: float | None = None,
    spec: ShopSpec | None = None,
    observer: Observer | None = None,
) -> ShopFiles:
    """Simulate a shop and write the tables asked for into `folder`, chunk by chunk, in bounded memory.

    `customers` registered people and companies, some of whom never buy (second ids of the same person come on
    top). `start` and `end` are the first and last day. `orders_per_customer` scales the purchase rates until
    the expected number of sales per registered customer is that. `language` is that of CSV headers.
    `spec` holds all other rates. The same arguments write the same bytes.

    Raises TierwiseError `datasets.bad_size`, `datasets.bad_dates`, `datasets.bad_choice`,
    `datasets.bad_seed` or `datasets.bad_mean` before anything is written, and `datasets.cannot_write` when
    the folder or the disk refuses; no half-written file stays.
    """
    _check(customers, seed, start, end, choices=_choices(tables, format))
    spec = (spec or ShopSpec()) if dirt else (spec or ShopSpec()).clean()
    clock = make_clock(start, end, spec)
    if orders_per_customer is not None:
        spec = spec_for_mean_orders(spec, clock, orders_per_customer)
    listener = observer or Silent()
    listener.stage("simulate", Text("Simulating the demo shop", "生成演示店铺"))
    files = {name: TableFile(folder, name, format, language) for name in tables}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            for file in files.values():
                stack.enter_context(file)
            for chunk in chunks(customers, seed, spec, clock):
                _write(chunk, files)
                done = chunk.number * CHUNK_CUSTOMERS + chunk.size
                listener.detail(_PROGRESS.fill(done=f"{done:,}", all=f"{customers:,}"))
    except OSError as refused:
        raise CANNOT_WRITE.error(Place(file=str(folder)), reason=str(refused)) from refused
    return ShopFiles(folder, {n: f.path for n, f in files.items()}, {n: f.rows for n, f in files.items()})


_PROGRESS = Text("{done} of {all} customers", "已生成 {done}/{all} 位客户")


def _write(chunk: Chunk, files: dict[str, TableFile]) -> None:
    for name, file in files.items():
        file.write(MAKERS[name](chunk))


def chunks(customers: int, seed: int, spec: ShopSpec, clock: Clock) -> Iterator[Chunk]:
    """Yield the chunks of a shop; every full one is the same whatever `customers` is."""
    for number, first in enumerate(range(0, customers, CHUNK_CUSTOMERS)):
        yield Chunk(seed, number, min(CHUNK_CUSTOMERS, customers - first), spec, clock)


_Choice = tuple[Text, str, Sequence[str]]


def _choices(tables: Sequence[str], format: str) -> list[_Choice]:
    named = [(Text("table", "表"), name, ALL_TABLES) for name in tables]
    return [*named, (Text("format", "格式"), format, ("parquet", "csv"))]


def _check(customers: int, seed: int, start: date, end: date, *, choices: list[_Choice]) -> None:
    problems: list[Problem] = []
    if not 1 <= customers <= MAX_CUSTOMERS:
        problems.append(BAD_SIZE.problem(customers=customers, most=f"{MAX_CUSTOMERS:,}"))
    if (end - start).days < 29 or start.year < FIRST_YEAR or end.year >= LAST_YEAR:
        problems.append(BAD_DATES.problem(start=start, end=end, first=FIRST_YEAR, last=LAST_YEAR - 1))
    if seed < 0:
        problems.append(BAD_SEED.problem(seed=seed))
    for what, name, known in choices:
        if name not in known:
            problems.append(BAD_CHOICE.problem(what=what, name=name, known=", ".join(known)))
    raise_all(problems)
