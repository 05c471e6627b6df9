"""Back-test the models on the tables of a published run, for the page Advisor."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tierwise.advisor.advice import Advice, Candidate, Question
from tierwise.advisor.asking import advise_on_run
from tierwise.advisor.backtest import Estimate, Figures
from tierwise.advisor.goals import DATA_NAMES, GOALS, METRIC_NAMES, Metric
from tierwise.config.document import Document
from tierwise.engine.progress import Observer
from tierwise.job import Resources
from tierwise.language import Text
from tierwise.registry import build_models
from tierwise.registry import models as all_models
from tierwise.reports.page import Column, DataTable, Format, Section
from tierwise.snapshots.runs import open_run
from tierwise.snapshots.workspace import Workspace
from tierwise_console.runs.lift_chart import lift_chart
from tierwise_console.runs.told_sections import Told, write_told

_DIGITS = {Metric.TOP_SHARE: 1, Metric.GINI: 2, Metric.BUYER_LIFT: 2, Metric.CHURN_LIFT: 2}
_SPEND = Text("spend alone", "只看消费额")


def advise(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Write the verdict, the ranking with its evidence out of time, and why."""
    place = Workspace(Path(request["workspace"]))
    models = build_models(Document({"models": {name: {} for name in all_models()}}, "console"))
    question = Question(GOALS[request["goal"]])
    run = open_run(place, request["run"])
    with TemporaryDirectory(prefix="tierwise-advice-") as scratch:
        found = advise_on_run(place, run, models, Resources(), question, Path(scratch), observer=observer)
    write_told(Told((), [_section(found)]), Path(request["file"]))
    return {"run": run.name, "goal": request["goal"], "advice": found.candidates[0].instance}


def _section(found: Advice) -> Section:
    return Section(
        "advice",
        found.verdict,
        charts=[lift] if (lift := lift_chart(found)) else [],
        tables=[_figures(found), _ranking(found)],
        notes=[_data(found), _period(found), _rule(found)],
    )


def _data(found: Advice) -> Text:
    history = found.history
    return Text(
        "{orders} orders of {customers} customers, {first} to {last}; {repeat}% came back; {kind}",
        "{customers} 位客户的 {orders} 笔订单，{first} 至 {last}；复购客户占 {repeat}%；{kind}",
    ).fill(
        orders=f"{history.orders:,}", customers=f"{history.customers:,}", first=str(history.first), last=str(history.last),
        repeat=f"{history.repeat_percent:.0f}", kind=DATA_NAMES[found.data],
    )  # fmt: skip


def _period(found: Advice) -> Text:
    people = found.trial.population
    return Text(
        "Back-test: fitted on all up to {split}, held against the {days} days after it, in which {buyers} of {customers} "
        "customers bought.",
        "回测：以 {split} 及以前的数据拟合，与其后 {days} 天的实际结果对照；其间 {customers} 位客户中 {buyers} 位购买。",
    ).fill(
        split=str(found.period.split), days=found.period.horizon_days, buyers=f"{people['buyers']:,}",
        customers=f"{people['customers']:,}",
    )  # fmt: skip


def _rule(found: Advice) -> Text:
    return Text(
        "Order: enough data first; then {metric}, where models level with the best (95% paired interval) go by whether they "
        "surely beat spend, then by goal, data and simplicity. Intervals: 95%, bootstrap over customers.",
        "排序：数据充足者优先；其次看{metric}，与最佳无显著差异（95% 配对区间）者先看是否确实胜过只看消费额，"
        "再按目标、数据与易用性。区间均为按客户自助抽样的 95% 区间。",
    ).fill(metric=METRIC_NAMES[found.question.goal.metric])


def _figures(found: Advice) -> DataTable:
    """The evidence: each metric with its interval, and the difference to spend alone on the one that decides."""
    decides = found.question.goal.metric
    columns = [Column(Text("Model", "模型"))]
    columns += [Column(Text(f"{each.en} [95%]", f"{each.zh} [95%]"), Format.CODE) for each in METRIC_NAMES.values()]
    columns.append(Column(Text("less spend alone", "减去只看消费额"), Format.CODE))
    rows = [[_SPEND, *_cells(found.trial.baseline), "–"]]
    for each in found.candidates:
        if each.tested:
            less = each.tested.minus(found.trial.baseline, decides)
            sure = " ✓" if each.beats_spend else ""
            rows.append([_title(each), *_cells(each.tested), _cell(less, decides, "+") + sure])
    caption = Text(
        "Out of time: what each ranking foretold (deciding: {metric}; ✓ surely better than spend alone)",
        "样本外表现：各模型排序的预测力（决定指标：{metric}；✓ 表示确实胜过只看消费额）",
    ).fill(metric=METRIC_NAMES[decides])
    return DataTable(caption, columns, rows)


def _title(each: Candidate) -> Text:
    title = each.model.card.title
    return Text(f"{each.place} {title.en}", f"{each.place} {title.zh}")


def _cells(tested: Figures) -> list[str]:
    return [_cell(tested.estimate(metric), metric) for metric in METRIC_NAMES]


def _cell(found: Estimate, metric: Metric, sign: str = "") -> str:
    if found.value is None or found.low is None or found.high is None:
        return "–"
    value, low, high = (round(each, _DIGITS[metric]) + 0.0 for each in (found.value, found.low, found.high))
    digits = _DIGITS[metric]
    return f"{value:{sign}.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def _ranking(found: Advice) -> DataTable:
    columns = [
        Column(Text(*each)) for each in (("Model", "模型"), ("Enough data", "数据是否充足"), ("Why here", "理由"))
    ]
    rows = [
        [_title(each), Text("yes", "是") if each.sufficiency.enough else Text("no", "否"), _joined(each)]
        for each in found.candidates
    ]
    return DataTable(Text("The ranking, and why", "排名与理由"), columns, rows)


def _joined(each: Candidate) -> Text:
    reasons = (*each.reasons, each.problem) if each.problem else each.reasons
    return Text("; ".join(reason.en for reason in reasons), "；".join(reason.zh for reason in reasons))
