"""`tierwise disagree`: the customers that models see differently, by value at stake."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from tierwise.cli.commands import summary
from tierwise.cli.format import console, money, percent, table
from tierwise.cli.options import find_workspace, json_option, limit_options, run_option, workspace_option
from tierwise.cli.results import print_json
from tierwise.cli.speech import lang, say
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.evaluation.disagreement import Disagreement, Pair
from tierwise.questions import disagreements, with_engine
from tierwise.snapshots.runs import Run, open_run


@click.command("disagree", help=summary("disagree"))
@click.option("--model", "models", multiple=True, help=say("only these models, repeatable", "只比较这些模型，可重复"))
@click.option(
    "--top",
    type=click.IntRange(min=1, max=100_000),
    default=20,
    show_default=True,
    help=say("how many customers", "显示多少位客户"),
)
@workspace_option
@run_option
@json_option
@limit_options
def disagree(
    open_engine: Callable[[], DuckDBEngine],
    models: tuple[str, ...],
    top: int,
    workspace: Path | None,
    run_name: str,
    as_json: bool,
) -> None:
    """Compare the standings that the models of a run give."""
    run = open_run(find_workspace(workspace), run_name)
    found, pairs = with_engine(partial(disagreements, run=run, models=models, most=top), open_engine)
    if as_json:
        print_json(
            {"run": run.name, "customers": [_customer(run, each) for each in found], "pairs": [_pair(p) for p in pairs]}
        )
        return
    screen = console()
    screen.print(_customers(run, found))
    screen.print(_pairs(pairs))
    screen.print(
        say(
            "Percentages are standings: the share of customers below. At stake: the gap times net spend.",
            "百分比为排名位置：低于该客户的客户占比。涉及金额 = 差距 × 净消费额。",
        )
    )


def _customers(run: Run, found: tuple[Disagreement, ...]) -> Any:
    models = list(found[0].opinions) if found else []
    columns = [
        (say("Customer", "客户"), False),
        *((model, False) for model in models),
        (say("Gap", "差距"), True),
        (say("Net spend", "净消费额"), True),
        (say("At stake", "涉及金额"), True),
    ]
    schemes = {model: run.scheme(model) for model in models}
    rows = [
        [
            each.customer,
            *(f"{schemes[m].tier(o.tier).name.to(lang())} {percent(o.standing)}" for m, o in each.opinions.items()),
            percent(each.gap),
            money(each.value),
            money(each.at_stake),
        ]
        for each in found
    ]
    return table(say("Where models disagree", "模型分歧"), columns, rows)


def _pairs(pairs: tuple[Pair, ...]) -> Any:
    columns = [
        (say("Models", "模型"), False),
        (say("Mean gap", "平均差距"), True),
        (say("At stake", "涉及金额"), True),
    ]
    rows = [[f"{pair.one} – {pair.other}", percent(pair.mean_gap), money(pair.at_stake)] for pair in pairs]
    return table(say("Models two by two", "两两比较"), columns, rows)


def _customer(run: Run, each: Disagreement) -> dict[str, Any]:
    return {
        "customer": each.customer,
        "gap_percent": float(each.gap),
        "monetary": float(each.value),
        "at_stake": float(each.at_stake),
        "models": {
            model: {
                "tier": run.scheme(model).tier(opinion.tier).name.to(lang()),
                "key": opinion.tier,
                "standing_percent": float(opinion.standing),
            }
            for model, opinion in each.opinions.items()
        },
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "models": [pair.one, pair.other],
        "mean_gap_percent": float(pair.mean_gap),
        "at_stake": float(pair.at_stake),
    }
