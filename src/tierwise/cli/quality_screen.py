"""The quality of a run on one screen: scores, failing rules with examples, what is in doubt, trend and drift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from tierwise.cli.format import money, number, score_percent, table
from tierwise.cli.results import localised
from tierwise.cli.speech import lang, say, tell
from tierwise.contracts.doubts import VARIANTS
from tierwise.contracts.quality import DIMENSION_LABELS, Dimension
from tierwise.contracts.tables import TABLES
from tierwise.quality.trend import Point
from tierwise.snapshots.runs import Run

MOST_FLOWS = 8
MOST_MOVED = 4


def show_scores_by_table(out: Console, card: Mapping[str, Any]) -> None:
    """Print the score of every table and of the fields that fall short."""
    scores = card["scores"]
    if scores["overall"] is None:
        return
    rows = []
    for name, score in scores["tables"].items():
        fields = {
            field.partition(".")[2]: value
            for field, value in scores["fields"].items()
            if field.startswith(f"{name}.") and value < 1 and not field.endswith(".")
        }
        worst = sorted(fields.items(), key=lambda item: item[1])[:5]
        shown = " · ".join(f"{_field(name, field)} {score_percent(value)}" for field, value in worst)
        rows.append([_table(name), score_percent(score), shown or "–"])
    columns = [(say("Table", "表"), False), (say("Score", "得分"), True), (say("Weakest fields", "最弱字段"), False)]
    out.print()
    out.print(table(say("Scores", "得分"), columns, rows))


def show_sources(out: Console, card: Mapping[str, Any]) -> None:
    """Print what each import that holds is worth, where there are several."""
    found = card.get("sources", ())
    if len(found) < 2:
        return
    columns = [
        (say("Source", "数据源"), False),
        (say("Table", "表"), False),
        (say("Imported", "导入时间"), False),
        (say("Rows read", "读取行数"), True),
        (say("Rows used", "使用行数"), True),
        (say("Score", "得分"), True),
    ]
    rows = [
        [
            each["source"], _table(each["table"]), each["imported_at"][:10], number(each["rows_read"]),
            number(each["rows_used"]), score_percent(each["score"]),
        ]
        for each in found
    ]  # fmt: skip
    out.print(table(say("Sources", "数据源"), columns, rows))


def show_rules(out: Console, card: Mapping[str, Any], every: bool = False) -> None:
    """Print the rules that rows fail, those that cost most first; with `every` also those that none fails."""
    found = [rule for rule in card["rules"] if rule["failed"] or every]
    found.sort(
        key=lambda rule: (-rule["weight"] * (1 - (rule["score"] if rule["score"] is not None else 1)), rule["rule"])
    )
    columns = [
        (say("Demand, example and cure", "要求、示例与解决办法"), False),
        (say("Dimension", "维度"), False),
        (say("Checked", "检查行数"), True),
        (say("Failed", "未通过"), True),
        (say("Score", "得分"), True),
    ]
    rows = [
        [
            _said(rule),
            tell(DIMENSION_LABELS[Dimension(rule["dimension"])]),
            number(rule["checked"]),
            number(rule["failed"]),
            score_percent(rule["score"]),
        ]
        for rule in found
    ]
    title = say("Rules that rows fail", "未通过的规则") if not every else say("All rules", "全部规则")
    if rows:
        out.print(table(title, columns, rows))
    passed = sum(1 for rule in card["rules"] if not rule["failed"])
    out.print(say(f"{passed} rules are met by every row.", f"另有 {passed} 条规则全部通过。") if not every else "")
    if card["skipped"]:
        names = ", ".join(card["skipped"])
        out.print(
            escape(
                say(f"Not looked at in large tables; --again does: {names}", f"大表中未检查，--again 可检查：{names}")
            )
        )


def _said(rule: Mapping[str, Any]) -> str:
    parts = [localised(rule["label"])]
    if rule["limit"]:
        parts[0] += say(f" (limit {money(rule['limit'])})", f"（界限 {money(rule['limit'])}）")
    parts[0] += f"  [{rule['rule']}]"
    if rule["examples"]:
        first = ", ".join(f"{name} {value}" for name, value in rule["examples"][0].items())
        parts.append(say(f"e.g. {first}", f"例如 {first}"))
    if rule["failed"]:
        parts.append("→ " + localised(rule["cure"]))
    return "\n".join(parts)


def show_doubts(out: Console, card: Mapping[str, Any], run: Run) -> None:
    """Print what is in doubt, and who would have another tier without it."""
    found = card.get("sensitivity")
    if not found:
        doubtful = sum(rule["failed"] for rule in card["rules"] if rule["doubtful"])
        if doubtful:
            out.print(
                say(
                    "Some orders are in doubt; --again shows how far they move the tiers.",
                    "存在存疑订单；--again 可查看其对层级的影响。",
                )
            )
        return
    head = say(
        f"In doubt: {number(found['orders'])} orders of {number(found['customers'])} customers, "
        f"{money(found['amount'])} in size",
        f"存疑：{number(found['customers'])} 位客户的 {number(found['orders'])} 笔订单，金额合计 {money(found['amount'])}",
    )
    columns = [
        (say("Model", "模型"), False),
        (say("Doubtful orders", "存疑订单"), False),
        (say("Another tier", "改变层级"), True),
        (say("No tier", "不再分层"), True),
        (say("Customers by tier, before → after", "各层级人数：当前 → 之后"), False),
    ]
    rows = []
    for variant, models in found["variants"].items():
        for model, seen in models.items():
            scheme = run.scheme(model)
            tiers = [each for each in seen["tiers"] if each["before"] != each["after"]][:MOST_FLOWS]
            shown = " · ".join(
                f"{scheme.tier(each['key']).name.to(lang())} {number(each['before'])} → {number(each['after'])}"
                for each in tiers
            )
            rows.append([model, tell(VARIANTS[variant]), number(seen["moved"]), number(seen["left"]), shown or "–"])
    out.print()
    out.print(table(head, columns, rows))


def show_trend(out: Console, points: Sequence[Point]) -> None:
    """Print the scores of the runs so far."""
    if len(points) < 2:
        return
    names = list(dict.fromkeys(name for point in points for name in point.tables))
    columns = [
        (say("As of", "计算日"), False),
        (say("Rows read", "读取行数"), True),
        (say("Rows used", "使用行数"), True),
        (say("Score", "得分"), True),
        *((_table(name), True) for name in names),
    ]
    rows = [
        [
            point.as_of.isoformat(), number(point.rows_read), number(point.rows_used), score_percent(point.overall),
            *(score_percent(point.tables.get(name)) for name in names),
        ]
        for point in points
    ]  # fmt: skip
    out.print()
    out.print(table(say("Trend over runs", "历次运行趋势"), columns, rows))


def show_import_trend(out: Console, points: Sequence[Mapping[str, Any]]) -> None:
    """Print the scores of the imports of each source over time, with the fields that changed most since the first."""
    first: dict[tuple[str, str], Mapping[str, Any]] = {}
    columns = [
        (say("Source", "数据源"), False), (say("Table", "表"), False), (say("Imported", "导入时间"), False),
        (say("Rows read", "读取行数"), True), (say("Rows used", "使用行数"), True), (say("Score", "得分"), True),
        (say("Fields, against the first import shown", "字段得分（与首次相比）"), False),
    ]  # fmt: skip
    rows = []
    for point in points:
        begun = first.setdefault((point["source"], point["table"]), point)
        rows.append(
            [
                point["source"], _table(point["table"]), point["imported_at"][:16].replace("T", " "),
                number(point["rows_read"]), number(point["rows_used"]), score_percent(point["score"]) + _sample_note(point),
                _moved(point["table"], begun["fields"], point["fields"]),
            ]
        )  # fmt: skip
    out.print()
    if rows:
        out.print(table(say("Trend over imports", "历次导入趋势"), columns, rows))
    else:
        out.print(say("No import has been judged yet; a run does.", "尚无已评估的导入；执行一次运行即可。"))


def _sample_note(point: Mapping[str, Any]) -> str:
    looked_at = point["rows_looked_at"]
    if looked_at >= point["rows"]:
        return ""
    return say(f" (of {number(looked_at)})", f"（抽样 {number(looked_at)} 行）")


def _moved(name: str, before: Mapping[str, float], now: Mapping[str, float]) -> str:
    changes = {
        field: score - before[field] for field, score in now.items() if abs(score - before.get(field, score)) > 0.0005
    }
    worst = sorted(changes, key=lambda field: -abs(changes[field]))[:MOST_MOVED]
    return " · ".join(f"{_field(name, field)} {changes[field] * 100:+.1f}" for field in worst) or "–"


def show_drift(out: Console, card: Mapping[str, Any]) -> None:
    """Print what differs between the imports of this run and the ones before them."""
    found = card.get("drift", ())
    lines = [(say("warning", "警告"), text) for each in found for text in each["warnings"]]
    lines += [(say("note", "提示"), text) for each in found for text in each["notes"]]
    if not lines:
        return
    out.print()
    columns = [("", False), (say("Against the import before", "与上次导入相比"), False)]
    out.print(table(say("Drift", "漂移"), columns, [[kind, localised(text)] for kind, text in lines]))


def _table(name: str) -> str:
    return tell(TABLES[name].label) if name in TABLES else name


def _field(name: str, field: str) -> str:
    known = {column.name: column.label for column in TABLES[name].columns} if name in TABLES else {}
    return tell(known[field]) if field in known else field
