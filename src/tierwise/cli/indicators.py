"""`tierwise indicators`: what can be measured on this data, what is missing for the rest, and is the choice sound?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from tierwise.cli.commands import summary
from tierwise.cli.format import console, table
from tierwise.cli.options import find_workspace, json_option, limit_options, run_option, workspace_option
from tierwise.cli.results import print_json
from tierwise.cli.speech import lang, say
from tierwise.contracts.indicators import IndicatorRef
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.indicators.availability import Availability
from tierwise.indicators.catalogue import label_of
from tierwise.indicators.chosen import Advice
from tierwise.indicators.declaration import ASPECT_NAMES, UNIT_NAMES, Windows
from tierwise.indicators.goals import GOALS
from tierwise.questions import ChosenIndicators, indicators_of_run, with_engine
from tierwise.snapshots.runs import open_run


@click.command("indicators", help=summary("indicators"))
@workspace_option
@run_option
@click.option(
    "--goal", type=click.Choice(sorted(GOALS)), help=say("what to measure for a goal", "针对某个目标应衡量什么")
)
@click.option("--all", "everything", is_flag=True, help=say("also those that are missing data", "包括缺少数据的指标"))
@json_option
@limit_options
def indicators(
    open_engine: Callable[[], DuckDBEngine],
    workspace: Path | None,
    run_name: str,
    goal: str | None,
    everything: bool,
    as_json: bool,
) -> None:
    """Look at the tables of a run and at the indicators that its models use."""
    place = find_workspace(workspace)
    run = open_run(place, run_name)
    found: ChosenIndicators = with_engine(lambda engine: indicators_of_run(engine, place, run), open_engine)
    if as_json:
        print_json(_json(found, goal))
        return
    screen = console()
    if goal:
        _show_goal(screen, found, goal)
        return
    _show_catalogue(screen, found, everything)
    screen.print(f"[bold]{say('In use', '正在使用')}[/bold]  " + escape(", ".join(_name(r) for r in found.chosen)))
    for advice in found.advice:
        screen.print(f"  [yellow]{advice.severity}[/yellow] {escape(advice.text.to(lang()))}")


def _name(ref: IndicatorRef) -> str:
    return label_of(ref).to(lang())


def _show_catalogue(screen: Console, found: ChosenIndicators, everything: bool) -> None:
    shown = [item for item in found.availability if item.available or everything]
    rows = [
        [
            item.indicator.name,
            item.indicator.label.to(lang()),
            ASPECT_NAMES[item.indicator.dimensions.aspect].to(lang()),
            UNIT_NAMES[item.indicator.unit].to(lang()),
            _windows(item),
            "✓" if item.available else item.reason.to(lang()),
        ]
        for item in shown
    ]
    headings = (("Name", "名称"), ("Indicator", "指标"), ("Dimension", "维度"), ("Unit", "单位"), ("Window", "窗口"))
    columns = [(say(*words), False) for words in (*headings, ("Available", "可用"))]
    screen.print(table("", columns, rows))
    missing = sum(not item.available for item in found.availability)
    screen.print(
        say(
            f"{len(found.availability) - missing} of {len(found.availability)} indicators can be computed"
            + ("" if everything or not missing else "; --all shows what the others need"),
            f"{len(found.availability)} 个指标中可计算 {len(found.availability) - missing} 个"
            + ("" if everything or not missing else "；--all 查看其余指标缺少什么"),
        )
    )


def _windows(item: Availability) -> str:
    words = {
        Windows.NEVER: ("all time", "全部时间"),
        Windows.OPTIONAL: ("any", "可选"),
        Windows.REQUIRED: ("needed", "必填"),
    }
    return say(*words[item.indicator.windows])


def _show_goal(screen: Console, found: ChosenIndicators, goal: str) -> None:
    wanted = GOALS[goal]
    screen.print(f"[bold]{escape(wanted.label.to(lang()))}[/bold] · {escape(wanted.why.to(lang()))}")
    missing = {item.indicator.name: item for item in found.availability if not item.available}
    rows = [
        [_name(ref), missing[ref.name].reason.to(lang()) if ref.name in missing else "✓"] for ref in wanted.indicators
    ]
    screen.print(table("", [(say("Indicator", "指标"), False), (say("Available", "可用"), False)], rows))


def _json(found: ChosenIndicators, goal: str | None) -> dict[str, Any]:
    listed = [
        {
            "name": item.indicator.name,
            "label": item.indicator.label.to(lang()),
            "dimensions": {
                "aspect": item.indicator.dimensions.aspect,
                "evidence": item.indicator.dimensions.evidence,
                "worth": item.indicator.dimensions.worth,
            },
            "unit": item.indicator.unit,
            "window": item.indicator.windows,
            "available": item.available,
            "missing": [f"{table}.{column}" for table, column in item.missing],
        }
        for item in found.availability
        if goal is None or item.indicator.name in {ref.name for ref in GOALS[goal].indicators}
    ]
    return {
        "indicators": listed,
        "chosen": [ref.column for ref in found.chosen],
        "advice": [_advice_json(advice) for advice in found.advice],
    }


def _advice_json(advice: Advice) -> dict[str, Any]:
    figures = {name: str(value) for name, value in advice.figures.items()}
    return {"code": advice.code, "severity": advice.severity, "text": advice.text.to(lang()), "figures": figures}
