"""How advice is shown: one screen for people, one object for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from tierwise.advisor.advice import Advice, Candidate
from tierwise.advisor.backtest import Estimate, Figures
from tierwise.advisor.goals import DATA_NAMES, METRIC_NAMES, Metric
from tierwise.cli.format import number, table
from tierwise.cli.speech import lang, say, tell

REASONS_SHOWN = 3


def show_advice(screen: Console, found: Advice) -> None:
    """Print the data, the back-test, the verdict, and why."""
    history, trial, period = found.history, found.trial, found.period
    people, money = trial.population, trial.population["revenue_cents"] // 100
    gap = history.median_gap_days
    _line(screen, ("Data", "数据"), (
        f"{number(history.orders)} orders of {number(history.customers)} customers, {history.first} to {history.last}; "
        f"{history.repeat_percent:.0f}% came back, half of all returns within {number(gap)} days; "
        f"{len(history.empty_months)} of {history.months} months without orders; {DATA_NAMES[found.data].en}",
        f"{number(history.customers)} 位客户的 {number(history.orders)} 笔订单，{history.first} 至 {history.last}；"
        f"复购客户占 {history.repeat_percent:.0f}%，半数回购发生在 {number(gap)} 天内；"
        f"{history.months} 个月中 {len(history.empty_months)} 个月无订单；{DATA_NAMES[found.data].zh}",
    ))  # fmt: skip
    _line(screen, ("Back-test", "回测"), (
        f"fitted on all up to {period.split}, held against the {period.horizon_days} days after it: {number(money)} net "
        f"revenue, {number(people['buyers'])} of {number(people['customers'])} customers bought; "
        f"of {number(people['active'])} active ones {number(people['left_active'])} left",
        f"以 {period.split} 及以前的数据拟合，对照其后 {period.horizon_days} 天的实际结果：净营收 {number(money)}，"
        f"{number(people['customers'])} 位客户中 {number(people['buyers'])} 位再次购买；"
        f"{number(people['active'])} 位活跃客户中 {number(people['left_active'])} 位流失",
    ))  # fmt: skip
    screen.print(_figures(found))
    screen.print(f"[bold]{tell(found.verdict)}[/bold]")
    for candidate in found.candidates[:REASONS_SHOWN]:
        screen.print(_reasons(candidate), markup=False)
    for candidate in found.candidates[REASONS_SHOWN:]:
        if not candidate.sufficiency.enough or candidate.problem:
            screen.print(_reasons(candidate, 1), style="dim", markup=False)
    if found.undated:
        screen.print(_as_of_today(found), style="dim", markup=False)
    screen.print(_rule(found.question.goal.metric), style="dim", markup=False)


def _as_of_today(found: Advice) -> str:
    listed = say("; ", "；").join(tell(each.text) for each in found.undated)
    return say(
        f"Without a date in this data, and so taken as known today, in the back-test too: {listed}.",
        f"以下内容在这份数据中没有日期，回测时也只能按今天的状态计算：{listed}。",
    )


def _reasons(candidate: Candidate, most: int | None = None) -> str:
    shown = say("; ", "；").join(tell(reason) for reason in candidate.reasons[:most])
    return f"  {candidate.place} {tell(candidate.model.card.title)}{say(': ', '：')}{shown}"


def _line(screen: Console, heading: tuple[str, str], words: tuple[str, str]) -> None:
    screen.print(f"[bold]{say(*heading)}[/bold]  {say(*words)}")


def _rule(metric: Metric) -> str:
    name = METRIC_NAMES[metric]
    return say(
        f"Order: enough data (✓ after the name) first; then {name.en}, where models level with the best (95% paired "
        "interval) go by whether they surely beat spend, then by goal, business, data and simplicity. "
        "± and ( ): 95% bootstrap interval over customers. "
        "Last ✓: surely better than spend alone, all models judged together.",
        f"排序规则：数据充足者优先；其次看{name.zh}，与最佳无显著差异（95% 配对区间）者，"
        "先看是否确实胜过只看消费额，再按目标、业务、数据与易用性排序。"
        "± 与括号为按客户自助抽样的 95% 区间；末列“✓”表示对全部模型联合检验后仍胜过只看消费额；"
        "模型名后的标记表示数据是否充足。",
    )


def _figures(found: Advice) -> Any:
    metric = found.question.goal.metric
    headings = [("", True), (say("Model", "模型"), False), ("", False)]
    headings += [(tell(METRIC_NAMES[each]) + (" *" if each is metric else ""), True) for each in Metric]
    headings.append((say("* less spend alone  ", "* 减去只看消费额  "), True))
    rows = [["–", say("(spend alone)", "（只看消费额）"), "", *_cells(found.trial.baseline), ""]]
    rows += [
        [
            str(each.place),
            each.instance,
            "✓" if each.sufficiency.enough else "✗",
            *(_cells(each.tested) if each.tested else ["–"] * len(Metric)),
            _versus(each, found),
        ]
        for each in found.candidates
        if each.tested
    ]
    return table("", headings, rows)


def _cells(tested: Figures) -> list[str]:
    return [_with_margin(tested.estimate(metric), metric) for metric in Metric]


def _versus(candidate: Candidate, found: Advice) -> str:
    """The difference to spend alone with its interval, and whether it is sure."""
    assert candidate.tested is not None
    metric = found.question.goal.metric
    gain = candidate.tested.minus(found.trial.baseline, metric)
    if gain.value is None or gain.low is None or gain.high is None:
        return "–"
    digits = _DIGITS[metric]
    ends = f"{_plain(gain.low, digits)} … {_plain(gain.high, digits)}"
    return f"{_plain(gain.value, digits, '+')} ({ends}) " + ("✓" if candidate.beats_spend else " ")


_DIGITS = {Metric.TOP_SHARE: 1, Metric.GINI: 2, Metric.BUYER_LIFT: 2, Metric.CHURN_LIFT: 2}


def _with_margin(found: Estimate, metric: Metric) -> str:
    """A figure with half the width of its interval."""
    if found.value is None or found.low is None or found.high is None:
        return "–"
    digits = _DIGITS[metric]
    return f"{_plain(found.value, digits)} ±{_plain((found.high - found.low) / 2, digits)}"


def _plain(value: float, digits: int, sign: str = "") -> str:
    rounded = round(value, digits) + 0.0  # −0.00 is 0.00
    return f"{rounded:{sign}.{digits}f}"


def advice_json(found: Advice) -> dict[str, Any]:
    """The whole answer as data, in the language of this process."""
    question, history = found.question, found.history
    return {
        "goal": question.goal.name,
        "metric": str(question.goal.metric),
        "business": question.business.name if question.business else None,
        "indicators_goal": question.goal.indicators,
        "verdict": tell(found.verdict),
        "spend_is_enough": found.spend_is_enough,
        "advice": found.candidates[0].instance,
        "history": {
            "first": history.first.isoformat(),
            "last": history.last.isoformat(),
            "days": history.days,
            "orders": history.orders,
            "customers": history.customers,
            "repeat_percent": round(history.repeat_percent, 2),
            "median_gap_days": history.median_gap_days,
            "months": history.months,
            "empty_months": list(history.empty_months),
            "data": found.data,
        },
        "back_test": {
            "split": found.period.split.isoformat(),
            "horizon_days": found.period.horizon_days,
            "seed": question.seed,
            **dict(found.trial.population),
            "spend_alone": _tested_json(found.trial.baseline),
            "undated": [
                {
                    "code": each.kind.code,
                    "table": each.kind.table,
                    "columns": list(each.columns),
                    "rows": each.rows,
                    "text": tell(each.text),
                }
                for each in found.undated
            ],
        },
        "models": [_candidate_json(each, found) for each in found.candidates],
    }


def _candidate_json(each: Candidate, found: Advice) -> dict[str, Any]:
    metric = found.question.goal.metric
    return {
        "place": each.place,
        "model": each.instance,
        "title": each.model.card.title.to(lang()),
        "enough_data": each.sufficiency.enough,
        "checks": [
            {
                "code": c.code, "found": round(c.found, 2), "limit": c.limit,
                "limit_is": "minimum" if c.at_least else "maximum", "met": c.met, "text": tell(c.text),
            }
            for c in each.sufficiency.checks
        ],
        "missing": [f"{name}.{column}" for name, column in each.sufficiency.missing],
        "figures": _tested_json(each.tested) if each.tested else None,
        "minus_spend_alone": _estimate_json(each.tested.minus(found.trial.baseline, metric)) if each.tested else None,
        "level_with_best": each.level_with_best,
        "better_than_spend_alone": each.beats_spend,
        "prior_points": each.prior.points,
        "problem": tell(each.problem) if each.problem else None,
        "reasons": [tell(reason) for reason in each.reasons],
    }  # fmt: skip


def _tested_json(tested: Figures) -> Mapping[str, Any]:
    return {str(metric): _estimate_json(tested.estimate(metric)) for metric in Metric}


def _estimate_json(found: Estimate) -> dict[str, float | None]:
    return {
        name: None if value is None else round(value, 4)
        for name, value in (("value", found.value), ("low", found.low), ("high", found.high))
    }
