"""`tierwise prove [MODEL]`: do the rules overlap, do they leave anybody out, and what would repair them?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from tierwise.cli.commands import summary
from tierwise.cli.format import console, number, table
from tierwise.cli.options import find_workspace, json_option, limit_options, run_option, set_option, workspace_option
from tierwise.cli.results import print_json
from tierwise.cli.speech import say, tell
from tierwise.config.document import Document
from tierwise.config.project import FILE_NAME, read_project
from tierwise.contracts.mece import Claim
from tierwise.contracts.model import TierModel
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise.proof.repairs import Kind, Repair
from tierwise.proof.wording import example_text, region_text
from tierwise.questions import Proved, prove_model, prove_on_customers, with_engine
from tierwise.registry import build_models
from tierwise.snapshots.runs import Run, open_run
from tierwise.snapshots.workspace import Workspace

NOT_HERE = ErrorKind(
    "proof.no_such_model",
    Family.USAGE,
    what=Text("no model {name} here", "这里没有模型 {name}"),
    cause=Text("the project and its runs have: {known}", "项目与运行结果中有：{known}"),
    cure=Text("name one of these, or add it to the project file", "请指定其中之一，或写入项目文件"),
)
NOTHING_CLAIMED = ErrorKind(
    "proof.nothing_claimed",
    Family.USAGE,
    what=Text("no model here claims that its rules part all customers", "这里没有模型声明其规则互斥且完备"),
    cause=Text("personas do; the project and its runs have: {known}", "画像分群会声明；项目与运行结果中有：{known}"),
    cure=Text(
        "add `personas` to the project file, or name a model to look at its rules without their order",
        "请在项目文件中添加 personas，或指定某个模型，查看其规则不计先后时的情形",
    ),
)


@click.command("prove", help=summary("prove"))
@click.argument("names", nargs=-1, metavar="[MODEL]...")
@click.option(
    "--rules-only", is_flag=True, help=say("do not look at the customers of a run", "只看规则，不核对运行中的客户")
)
@set_option
@workspace_option
@run_option
@json_option
@limit_options
def prove(
    open_engine: Callable[[], DuckDBEngine],
    names: tuple[str, ...],
    rules_only: bool,
    settings: tuple[str, ...],
    workspace: Path | None,
    run_name: str,
    as_json: bool,
) -> None:
    """Prove the named models, or all that claim exclusive rules. Exit code 3 where a claim fails unsettled."""
    place = find_workspace(workspace)
    run = open_run(place, run_name) if run_name != "current" or place.pointer.is_file() else None
    models = _chosen(place, run, settings, names)
    found = [_proved(place, run, model, not rules_only, open_engine) for model in models]
    if as_json:
        print_json({"run": run.name if run else None, "models": {item.model: proof_json(item) for item in found}})
    else:
        screen = console()
        for item in found:
            show_proof(screen, item)
    if any(unsettled(item) for item in found):
        raise click.exceptions.Exit(int(Family.CONFIG))


def _chosen(
    place: Workspace, run: Run | None, settings: tuple[str, ...], names: tuple[str, ...]
) -> list[TierModel[Any]]:
    """The models of the project file, else of the run: those named, or all that claim something."""
    known = {model.instance: model for model in _models(place, run, settings)}
    for name in names:
        if name not in known:
            raise NOT_HERE.error(name=name, known=", ".join(known) or "–")
    chosen = [known[name] for name in names] or [model for model in known.values() if model.claim() is not None]
    if not chosen:
        raise NOTHING_CLAIMED.error(known=", ".join(known) or "–")
    return chosen


def _models(place: Workspace, run: Run | None, settings: tuple[str, ...]) -> list[TierModel[Any]]:
    if (place.root / FILE_NAME).is_file():
        _, document = read_project(place.root / FILE_NAME, settings)
    else:
        document = Document({"models": {}}, "--set")
    if run is not None:
        own = document.data.get("models") or {}
        document = Document({"models": {**run.settings(), **own}}, document.source, document.lines)
    return build_models(document, proved=False)


def _proved(
    place: Workspace, run: Run | None, model: TierModel[Any], customers: bool, open_engine: Callable[[], DuckDBEngine]
) -> Proved:
    proved = prove_model(model, run)
    if run is None or not customers:
        return proved
    asked: Proved = with_engine(lambda engine: prove_on_customers(engine, place, run, model, proved), open_engine)
    return asked


def unsettled(found: Proved) -> bool:
    """Whether the claim fails in a way that its author has not settled."""
    claim, proof = found.claim, found.proof
    return bool((proof.overlaps and not claim.overlap_settled) or (proof.gaps and not claim.rest_settled))


def show_proof(screen: Console, found: Proved) -> None:
    """Print the verdict, every overlap and gap, the customers, and the repairs."""
    claim, proof = found.claim, found.proof
    size = say(
        f"{len(claim.rules)} rules over {len(claim.columns)} indicators",
        f"{len(claim.rules)} 条规则，{len(claim.columns)} 个指标",
    )
    screen.print(f"[bold]{escape(found.model)}[/bold]: {size} · {proof.seconds:.2f} s")
    if proof.holds:
        screen.print("  " + say("Proved: every customer meets exactly one rule.", "已证明：每位客户恰好符合一条规则。"))
    if proof.overlaps:
        screen.print(_overlaps(found))
    if proof.gaps:
        screen.print(_gaps(found))
    for place in proof.empty:
        name = escape(tell(claim.rules[place].name))
        screen.print("  " + say(f"Nobody can ever meet the rule of {name}.", f"“{name}”的规则不可能有人符合。"))
    _customers(screen, found)
    for repair in found.repairs:
        screen.print(f"  {say('Repair', '修复方案')}: {escape(tell(repair_text(repair, claim)))}")


def _overlaps(found: Proved) -> Any:
    claim, check = found.claim, found.check
    rows = [
        [
            f"{tell(claim.rules[o.first].name)} + {tell(claim.rules[o.second].name)}",
            tell(example_text(o.example, o.region, claim)),
            tell(region_text(o.region, claim)),
            number(check.with_rules(o.first, o.second) if check else None),
        ]
        for o in found.proof.overlaps
    ]
    title = say("Overlaps", "重叠") + (
        f" ({say('the earlier rule wins', '靠前优先')})" if claim.overlap_settled else ""
    )
    return table(title, _headings(say("Rules", "规则")), rows)


def _gaps(found: Proved) -> Any:
    claim, check = found.claim, found.check
    rows = [
        ["–", tell(example_text(g.example, g.region, claim)), tell(region_text(g.region, claim)), "–"]
        for g in found.proof.gaps
    ]
    if check is not None:
        rows.append([say("all of these", "合计"), "", "", number(check.in_none)])
    title = say("Gaps", "遗漏") + (
        f" ({say('taken by the rest group', '由兜底人群承接')})" if claim.rest_settled else ""
    )
    if not found.proof.all_gaps:
        title += say(": the first ones", "（仅列出部分）")
    return table(title, _headings(say("Rules", "规则")), rows)


def _headings(first: str) -> list[tuple[str, bool]]:
    return [
        (first, False),
        (say("Example of a customer", "客户示例"), False),
        (say("Where", "范围"), False),
        (say("Customers now", "现有客户"), True),
    ]


def _customers(screen: Console, found: Proved) -> None:
    check = found.check
    if check is None:
        return
    line = say(
        f"{number(check.customers)} customers checked: {number(check.in_two)} meet two rules or more, "
        f"{number(check.in_none)} meet none",
        f"已核对 {number(check.customers)} 位客户：{number(check.in_two)} 位符合两条以上规则，"
        f"{number(check.in_none)} 位不符合任何规则",
    )
    screen.print(f"  {line}")
    for column, customers in check.outside.items():
        name = escape(found.claim.words.get(column, column))
        screen.print(
            "  "
            + say(
                f"{number(customers)} have a value of {name} that should not occur; the proof says nothing of them",
                f"{number(customers)} 位的 {name} 取值超出应有范围，证明不涵盖他们",
            )
        )


def repair_text(repair: Repair, claim: Claim) -> Text:
    """One repair in words, with what it would change."""
    if repair.kind is Kind.REST:
        return Text(
            f"rest: a group of its own for the {repair.customers:,} customers who meet no rule",
            f"rest：为不符合任何规则的 {repair.customers:,} 位客户单设兜底人群",
        )
    names = [claim.rules[place].name for place in repair.order]
    order = Text(" > ".join(name.en for name in names), " > ".join(name.zh for name in names))
    ways = [
        Text(
            f"{claim.rules[way.loser].name.en} gives {way.customers:,} customers to {claim.rules[way.winner].name.en}",
            f"“{claim.rules[way.loser].name.zh}”让出 {way.customers:,} 位给“{claim.rules[way.winner].name.zh}”",
        )
        for way in repair.gives_way
    ]
    kind = {
        Kind.AS_WRITTEN: Text("precedence as written", "按书写顺序优先"),
        Kind.SMALLEST_FIRST: Text("precedence, smallest first", "小众优先"),
    }[repair.kind]
    return Text(
        f"{kind.en} ({order.en}): {'; '.join(way.en for way in ways)}",
        f"{kind.zh}（{order.zh}）：{'；'.join(way.zh for way in ways)}",
    )


def proof_json(found: Proved) -> dict[str, Any]:
    """The proof of one model as JSON."""
    claim, proof, check = found.claim, found.proof, found.check
    keys = [rule.key for rule in claim.rules]
    data: dict[str, Any] = {
        "proved": proof.holds,
        "settled": {"overlap": claim.overlap_settled, "rest": claim.rest_settled},
        "rules": {rule.key: [tell(region_text(when, claim)) for when in rule.form] for rule in claim.rules},
        "overlaps": [
            {"rules": [keys[o.first], keys[o.second]], **_finding(o, claim)}
            | ({"customers": check.with_rules(o.first, o.second)} if check else {})
            for o in proof.overlaps
        ],
        "gaps": [_finding(gap, claim) for gap in proof.gaps],
        "all_gaps": proof.all_gaps,
        "never_met": [keys[place] for place in proof.empty],
        "seconds": round(proof.seconds, 3),
        "repairs": [_repair_json(repair, claim) for repair in found.repairs],
    }
    if check is not None:
        counts = {"checked": check.customers, "in_two": check.in_two, "in_none": check.in_none}
        data["customers"] = {**counts, "outside_domain": dict(check.outside)}
    return data


def _finding(finding: Any, claim: Claim) -> dict[str, Any]:
    values = {
        claim.words.get(column, column): value if value is None or isinstance(value, int | str) else float(value)
        for column, value in finding.example.items()
    }
    return {"example": values, "where": tell(region_text(finding.region, claim))}


def _repair_json(repair: Repair, claim: Claim) -> dict[str, Any]:
    keys = [rule.key for rule in claim.rules]
    data: dict[str, Any] = {"kind": str(repair.kind), "customers": repair.customers}
    if repair.order:
        data["order"] = [keys[place] for place in repair.order]
        data["gives_way"] = [
            {"from": keys[way.loser], "to": keys[way.winner], "customers": way.customers} for way in repair.gives_way
        ]
        data["sizes"] = dict(zip(keys, repair.sizes, strict=True))
    return data
