"""`tierwise clv ORDERS`: what customers will be worth, how sure that is, and how good the forecast was."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from tierwise.cli.clv_screen import show_forecast
from tierwise.cli.commands import summary
from tierwise.cli.format import console
from tierwise.cli.options import IsoDate, OrderFile, engine_options, json_option, order_file, resources
from tierwise.cli.progress import TerminalProgress
from tierwise.cli.results import print_json, show_mapping, show_quality
from tierwise.cli.speech import lang, say
from tierwise.config.project import EngineSpec
from tierwise.contracts.ingest import ReadOptions
from tierwise.engine.base import telling_full_disks
from tierwise.engine.progress import Observer
from tierwise.ingestion import Ingested, ingest
from tierwise.job import Job, Resources, Source
from tierwise.language import Text
from tierwise.lifetime.question import MODELS, Basis, Contract, Question, TimeUnit
from tierwise.snapshots.workspace import Workspace


@dataclass(frozen=True)
class Answer:
    """A forecast, and what the command prints beside it."""

    forecast: Any
    tracking: list[dict[str, Any]]
    ingested: Ingested
    files: dict[str, Path]


@click.command("clv", help=summary("clv"))
@order_file
@click.option("--cost", metavar="COLUMN", help=say("column with the cost of an order", "订单成本所在列"))
@click.option("--status", metavar="COLUMN", help=say("column with the status of an order", "订单状态所在列"))
@click.option(
    "--model", default="auto", show_default=True, metavar="NAME", help=say("one of ", "可选：") + ", ".join(MODELS)
)
@click.option(
    "--as-of", type=IsoDate(), help=say("last day seen [default: the last order]", "计算日 [默认：最后一笔订单的日期]")
)
@click.option(
    "--calibration-end",
    type=IsoDate(),
    help=say(
        "learn up to this day, judge on what follows [default: two thirds of the data]",
        "学习截止日，其后的数据用于评判 [默认：前三分之二]",
    ),
)
@click.option(
    "--time-unit",
    type=click.Choice([str(unit) for unit in TimeUnit]),
    default="weeks",
    show_default=True,
    help=say("unit of the parameters", "参数的时间单位"),
)
@click.option("--covariates", metavar="FILE", help=say("file with a row per customer", "协变量文件，每位客户一行"))
@click.option("--horizon-days", type=float, default=365.0, show_default=True, help=say("days ahead", "预测天数"))
@click.option(
    "--discount-annual", type=float, default=0.1, show_default=True, help=say("discount rate a year", "年折现率")
)
@click.option(
    "--basis",
    type=click.Choice([str(basis) for basis in Basis]),
    default="auto",
    show_default=True,
    help=say(
        "count revenue or profit; auto is profit where costs are known", "按销售额或利润；auto 表示有成本时按利润"
    ),
)
@click.option("--margin", type=float, help=say("share of revenue that is profit, as 0.35", "毛利率，如 0.35"))
@click.option(
    "--contract",
    type=click.Choice([str(contract) for contract in Contract]),
    default="auto",
    show_default=True,
    help=say("whether orders are payments of a subscription", "订单是否为订阅续费"),
)
@click.option(
    "--customers",
    metavar="FILE",
    help=say("customer file: channel and cost of winning them", "客户资料文件：来源渠道与获客成本"),
)
@click.option("--level", type=float, default=0.9, show_default=True, help=say("level of intervals", "区间水平"))
@click.option(
    "--intervals/--no-intervals", default=True, help=say("bound every customer's orders", "是否计算每位客户的区间")
)
@click.option("--compare/--no-compare", default=True, help=say("judge the other models too", "是否同时评判其他模型"))
@engine_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help=say(
        "folder for a row per customer (Parquet and CSV) and the page clv.html",
        "输出目录：每位客户一行（Parquet 与 CSV）及网页 clv.html",
    ),
)
@json_option
def clv(
    file: OrderFile,
    cost: str | None,
    status: str | None,
    model: str,
    as_of: date | None,
    calibration_end: date | None,
    time_unit: str,
    covariates: str | None,
    horizon_days: float,
    discount_annual: float,
    basis: str,
    margin: float | None,
    contract: str,
    customers: str | None,
    level: float,
    intervals: bool,
    compare: bool,
    engine_name: str | None,
    master: str | None,
    memory: str | None,
    threads: int | None,
    temp: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Check the question, read, fit, judge, value, print."""
    question = Question(
        model, calibration_end, TimeUnit(time_unit), horizon_days, discount_annual, Basis(basis), margin,
        Contract(contract), level, intervals, compare,
    )  # fmt: skip
    engines = resources(EngineSpec(), engine_name, master, memory, threads, temp)
    file = file.also(cost=cost, status=status)
    sources = [file.source] + ([Source("customers", customers)] if customers else [])
    with tempfile.TemporaryDirectory(prefix="tierwise-clv-", dir=temp) as scratch, TerminalProgress() as progress:
        job = Job(Workspace(Path(scratch)), sources, [], as_of, file.timezone, file.currency)
        with telling_full_disks():
            answer = _answer(job, engines, question, covariates, file, out, progress)
    if as_json:
        print_json(_json(answer))
        return
    screen = console()
    show_mapping(screen, "orders", answer.ingested.orders.mapping.to_json())
    show_quality(screen, answer.ingested.card.to_json())
    show_forecast(screen, answer.forecast, answer.ingested.card.currency)
    if answer.files:
        names = ", ".join(str(each) for each in answer.files.values())
        screen.print(f"[bold]{say('Files', '文件')}[/bold]  {names}")


def _answer(
    job: Job,
    engines: Resources,
    question: Question,
    covariates: str | None,
    file: OrderFile,
    out: Path | None,
    told: Observer,
) -> Answer:
    """Ingest, ask, and write the rows of all customers while the engine is open."""
    from tierwise.lifetime.charts import tracking
    from tierwise.lifetime.covariates import read_covariates
    from tierwise.lifetime.forecast import forecast
    from tierwise.lifetime.histories import Histories
    from tierwise.lifetime.reading import Shop
    from tierwise.lifetime.scoring import score_batches, write_scores
    from tierwise.lifetime.view import value_view
    from tierwise.reports import write_value_report

    with job.workspace.writing():
        ingested = ingest(job, engines, told)
    engine = engines.engine() if engines.engine else engines.ingest()

    def read(histories: Histories) -> Any:
        with engines.ingest() as embedded:
            customer = file.columns.get("customer_id")
            return read_covariates(embedded, str(covariates), customer, ReadOptions(), histories, told)

    try:
        available = ingested.visible.attach(engine)
        shop = Shop(engine, available, job.as_of or ingested.period[1], job.workspace.root / "lifetime")
        found = forecast(shop, question, told, read if covariates else None)
        told.stage("write", Text("writing a row per customer", "写出每位客户一行"))
        rows = score_batches(found.scores, found.histories, found.summary)
        tracked, files = tracking(found), write_scores(rows, out) if out else {}
        if out:
            view = value_view(shop, found, ingested.tables, ingested.card, datetime.now().astimezone(), tracked)
            write_value_report(view, out / "clv.html", lang())
            files["html"] = out / "clv.html"
        return Answer(found, tracked, ingested, files)
    finally:
        engine.close()


def _json(answer: Answer) -> dict[str, Any]:
    return {
        **answer.forecast.to_dict(),
        "currency": answer.ingested.card.currency,
        "tracking": answer.tracking,
        "mapping": answer.ingested.orders.mapping.to_json(),
        "quality": answer.ingested.card.to_json(),
        "files": {name: str(path) for name, path in answer.files.items()},
    }
