"""`tierwise subject CUSTOMER`: all that is known of one person, with the reasons of every label."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from tierwise.cli.commands import summary
from tierwise.cli.explain import reason_json
from tierwise.cli.options import find_workspace, limit_options, workspace_option
from tierwise.cli.speech import say
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.privacy.erasure import Opened
from tierwise.privacy.subject import Known, known_of, write_csvs
from tierwise.questions import explain_customer
from tierwise.snapshots.files import to_json
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace


@click.command(
    "subject",
    help=summary(
        "subject",
        "Writes subject.json and a CSV a table: facts with the import they came with, indicators, labels with reasons.",
        "生成 subject.json 与各表 CSV：事实数据及其导入批次、指标、标签及其原因。",
    ),
)
@click.argument("customer")
@workspace_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help=say("folder to write into", "输出目录"),
)
@limit_options
def subject(open_engine: Opened, customer: str, workspace: Path | None, out: Path) -> None:
    """Collect, explain, write; name the files."""
    for written in write_subject(find_workspace(workspace), customer, out, open_engine):
        click.echo(str(written))


def write_subject(place: Workspace, customer: str, out: Path, open_engine: Opened = DuckDBEngine) -> list[Path]:
    """Write all that a workspace knows of a customer into a folder; raises `erasure.unknown_customer`."""
    with open_engine() as engine:
        known = known_of(engine, place, customer)
        data = {**known.to_json(), "reasons": _reasons(engine, place, known)}
    out.mkdir(parents=True, exist_ok=True)
    file = out / "subject.json"
    file.write_text(to_json(data), encoding="utf-8")
    return [file, *write_csvs(known, out)]


def _reasons(engine: DuckDBEngine, place: Workspace, known: Known) -> dict[str, Any]:
    """Why the person has each label, by run and model."""
    found: dict[str, Any] = {}
    for name, rows in known.indicators.items():
        run = Run(place.runs / name)
        ask = partial(explain_customer, engine, run)
        found[name] = {
            row["customer_id"]: {reason.model: reason_json(reason) for reason in ask(row["customer_id"])}
            for row in rows
        }
    return found
