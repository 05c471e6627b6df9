"""`tierwise dedupe`: customers that are one; says what it would merge and why, and merges on request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tierwise.cli.commands import summary
from tierwise.cli.entry_screen import check_customer
from tierwise.cli.format import console, number, table
from tierwise.cli.identity_screen import engine_spec, engine_within, named_customers, own_rules, settings_of, titled
from tierwise.cli.options import engine_options, find_workspace, json_option, spark_engine, workspace_option
from tierwise.cli.results import print_json
from tierwise.cli.speech import lang, say
from tierwise.deduplication import Search, apply, search
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.certain import WHY
from tierwise.identity.decisions import Decision


@click.command(
    "dedupe",
    help=summary(
        "dedupe",
        "Nothing changes without --apply. What is merged can be taken back with `tierwise unmerge`.",
        "不加 --apply 不会改动任何数据；合并后可用 tierwise unmerge 撤销。",
    ),
)
@workspace_option
@click.option(
    "--apply",
    "take",
    is_flag=True,
    help=say("take the certain merges and queue the doubtful pairs", "执行确定的合并，并把存疑的配对列入待审"),
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help=say("how many merges to show", "显示多少项合并"),
)
@click.option(
    "--check",
    "entry",
    metavar="JSON",
    help=say(
        'is this customer there already: {"name": …, "phone": …, "email": …}; changes nothing',
        '录入查重：{"name": …, "phone": …, "email": …}；不改动数据',
    ),
)
@engine_options
@json_option
def dedupe(
    workspace: Path | None, take: bool, top: int, entry: str | None, engine_name: str | None, master: str | None, memory: str | None,
    threads: int | None, temp: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Search, show, and merge where asked to."""
    place, bounds = find_workspace(workspace), (memory, threads, temp)
    if entry is not None:
        check_customer(place, entry, as_json, lambda: engine_within(place, bounds))
        return
    spark = spark_engine(engine_spec(place), engine_name, master, memory, threads)
    with engine_within(place, bounds) as engine:
        done = search(engine, place, settings_of(place), spark)
        shown = done.certain.merges[:top]
        names = named_customers(engine, [member for merge in shown for member in merge.members])
        taken = 0
        if take:
            with place.writing():
                taken = apply(engine, place, done, own_rules(place))
        said = _said(engine, done, take, taken)
    if as_json:
        print_json(said)
        return
    _show(said, shown, names, take)


def _said(engine: DuckDBEngine, done: Search, take: bool, taken: int) -> dict[str, Any]:
    rules = dict(
        engine.native("rules", f'SELECT rule, count(*) FROM "{done.found.automatic}" GROUP BY rule ORDER BY rule')
    )
    return {
        "customers": done.customers,
        "certain_pairs_by_rule": rules,
        "merges": [{"members": list(merge.members), "rules": str(merge.rule).split()} for merge in done.certain.merges],
        "held_back": [list(members) for members in done.certain.held_back],
        "to_review": done.review,
        "applied": take,
        "taken": taken,
    }


def _show(said: dict[str, Any], shown: tuple[Decision, ...], names: dict[str, str], take: bool) -> None:
    screen = console()
    rows = [
        [
            "\n".join(titled(member, names) for member in merge.members),
            "; ".join(WHY[r].to(lang()) for r in str(merge.rule).split()),
        ]
        for merge in shown
    ]
    columns = [(say("Records of one customer", "同一客户的记录"), False), (say("Why", "依据"), False)]
    if rows:
        screen.print(table(say("Certain merges", "可确定的合并"), columns, rows))
    gone = sum(len(merge["members"]) - 1 for merge in said["merges"])
    screen.print(
        say(
            f"{number(said['customers'])} customers; {number(len(said['merges']))} certain merges, {number(gone)} records fewer;"
            f" {number(said['to_review'])} pairs to review; {number(len(said['held_back']))} held back by a decision or by size.",
            f"共 {number(said['customers'])} 位客户；可确定的合并 {number(len(said['merges']))} 项，减少 {number(gone)} 条记录；"
            f"待人工确认 {number(said['to_review'])} 对；因已有决定或规模过大而未合并 {number(len(said['held_back']))} 项。",
        )
    )
    screen.print(
        say(f"{number(said['taken'])} merges taken. `tierwise review` goes on; the next run counts the customers as one.",
            f"已执行 {number(said['taken'])} 项合并。可用 tierwise review 继续确认；下次运行按合并后的客户计算。")
        if take
        else say("Nothing was changed: --apply takes the merges.", "未做任何改动：加 --apply 才会执行合并。")
    )  # fmt: skip
