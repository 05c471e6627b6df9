"""One screen of lifetime value: what was fitted, how good it was, what everyone is worth, what to beware of."""

from __future__ import annotations

from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape

from tierwise.cli.format import money, number, table
from tierwise.cli.speech import lang, say
from tierwise.clv.diagnostics import Severity
from tierwise.language import Text
from tierwise.lifetime.forecast import Forecast
from tierwise.lifetime.judging import Trial
from tierwise.lifetime.question import UNIT_LABELS, Basis, Contract

_BASIS = {Basis.REVENUE: Text("revenue", "销售额"), Basis.PROFIT: Text("profit", "利润")}
_SEVERITY = {
    Severity.ERROR: Text("error", "错误"),
    Severity.WARNING: Text("warning", "注意"),
    Severity.NOTE: Text("note", "说明"),
}


def show_forecast(screen: Console, found: Forecast, currency: str | None) -> None:
    """Print a forecast."""
    screen.print()
    _show_value(screen, found, currency)
    screen.print()
    _show_model(screen, found)
    if found.trials and found.orders is not None:
        _show_trials(screen, found)
    elif found.orders is not None:
        screen.print("  " + _one_holdout(found))
    _show_channels(screen, found)
    for finding in found.findings:
        label = _SEVERITY[finding.severity].to(lang())
        screen.print(f"[bold]{label}[/bold]  {escape(finding.what.to(lang()))}")
        if finding.severity is not Severity.NOTE:
            screen.print(f"      → {escape(finding.cure.to(lang()))}")


def _show_model(screen: Console, found: Forecast) -> None:
    unit = UNIT_LABELS[found.unit].to(lang())
    repeat = int((found.histories.columns["orders"] > 1).sum())
    screen.print(
        f"[bold]{found.model.label.to(lang())}[/bold]  "
        + say(
            f"learnt up to {found.learnt_until}, parameters in {unit}; as of {found.as_of}: {number(len(found.histories))} "
            f"customers, {number(repeat)} came back",
            f"学习至 {found.learnt_until}，参数以{unit}为单位；截至 {found.as_of}：{number(len(found.histories))} 位客户，"
            f"{number(repeat)} 位回购",
        )
    )
    screen.print("  " + _parameters(found.model) + f"   log L {found.model.log_likelihood_:,.2f}", markup=False)
    shown = _parameters(found.spend) if found.spend.parameters_ else ""
    if shown:
        mean = money(round(found.spend.population_mean, 2))
        screen.print(f"  Gamma-Gamma  {shown}   " + say(f"mean order {mean}", f"单均 {mean}"), markup=False)


def _parameters(model: Any) -> str:
    errors = model.standard_errors_
    return "   ".join(f"{name} {value:.4g} ± {errors[name]:.2g}" for name, value in model.parameters_.items())


def _show_trials(screen: Console, found: Forecast) -> None:
    assert found.orders is not None
    first = found.orders
    title = say(
        f"Test on days not learnt from: {found.histories.holdout_days:.0f} days after {found.calibration_end}, "
        f"{number(round(first.actual_total))} orders came",
        f"留出检验：{found.calibration_end} 之后 {found.histories.holdout_days:.0f} 天，"
        f"实际 {number(round(first.actual_total))} 单",
    )
    columns = [
        (say("Model", "模型"), False), (say("Foretold", "预测单数"), True), (say("Bias", "偏差"), True),
        ("MAE", True), ("RMSE", True), (say("Rank corr.", "秩相关"), True),
        (say("Value in top 10%", "前 10% 占价值"), True), ("log L", True), ("AIC", True),
    ]  # fmt: skip
    rows = [_trial_row(trial, trial.name == found.model.name) for trial in found.trials if trial.model is not None]
    nobody = say("nobody returns", "无人回购")
    rows.append([nobody, "0", "-100.0%", f"{first.zero_mae:.4f}", f"{first.zero_rmse:.4f}", "–", "–", "–", "–"])
    best = found.value or first
    rows.append([say("best possible", "理论最优"), *["–"] * 5, _share(best.top_decile_best), "–", "–"])
    screen.print(table(title, columns, rows))
    for trial in found.trials:
        if trial.model is None:
            screen.print(f"  [dim]{trial.name}: {escape(trial.problem.to(lang()))}[/dim]")


def _trial_row(trial: Trial, taken: bool) -> list[str]:
    assert trial.model is not None and trial.orders is not None
    report, best = trial.orders, trial.value or trial.orders
    return [
        f"{trial.name} ←" if taken else trial.name,
        number(round(report.expected_total)), _signed(report.bias), f"{report.mae:.4f}", f"{report.rmse:.4f}",
        "–" if np.isnan(report.rank_correlation) else f"{report.rank_correlation:.3f}",
        _share(best.top_decile_share), f"{trial.model.log_likelihood_:,.1f}", f"{trial.aic:,.1f}",
    ]  # fmt: skip


def _one_holdout(found: Forecast) -> str:
    assert found.orders is not None
    report = found.orders
    return say(
        f"hold-out after {found.calibration_end}: {report.expected_total:,.0f} payments expected, "
        f"{report.actual_total:,.0f} came ({_signed(report.bias)})",
        f"{found.calibration_end} 之后的留出检验：预测 {report.expected_total:,.0f} 次付款，"
        f"实际 {report.actual_total:,.0f} 次（{_signed(report.bias)}）",
    )


def _signed(share: float) -> str:
    return "–" if np.isnan(share) else f"{share:+.1%}"


def _share(share: float) -> str:
    return "–" if np.isnan(share) else f"{share:.1%}"


def _show_value(screen: Console, found: Forecast, currency: str | None) -> None:
    low, middle, high = (money(round(value, 2)) for value in found.total)
    basis, days = _BASIS[found.basis].to(lang()), f"{found.question.horizon_days:g}"
    rate, level = f"{found.question.discount_annual:.0%}", f"{found.question.level:.0%}"
    orders = number(round(float(found.scores.expected_orders.sum())))
    unit = f" {currency}" if currency else ""
    screen.print(
        f"[bold]{say('Value', '未来价值')}[/bold]  "
        + say(
            f"{middle}{unit} {basis} in the next {days} days, discounted {rate} a year; {level} interval {low} to {high}; "
            f"{orders} orders expected",
            f"未来 {days} 天{basis} {middle}{unit}（年折现 {rate}）；{level} 区间 {low} 至 {high}；预计 {orders} 单",
        )
    )
    simple = found.simple
    by_hand = money(round(simple.value, 2))
    subscription = found.contract is Contract.SUBSCRIPTION
    label = say("payment", "单次付款") if subscription else say("average order", "客单价")
    screen.print(
        f"[bold]{say('Simple LTV', '简易 LTV')}[/bold]  "
        + say(
            f"{by_hand} a customer = {label} {money(round(simple.average_order, 2))} × {simple.orders_per_year:.2f} a year × "
            f"{simple.lifetime_years:.2f} years × margin {simple.margin:.0%}",
            f"每位客户 {by_hand} = {label} {money(round(simple.average_order, 2))} × 每年 {simple.orders_per_year:.2f} 次 × "
            f"{simple.lifetime_years:.2f} 年 × 毛利率 {simple.margin:.0%}",
        )
    )


def _show_channels(screen: Console, found: Forecast) -> None:
    if not found.channels:
        return
    columns = [
        (say("Channel", "来源渠道"), False), (say("Customers", "客户数"), True), (say("CAC", "获客成本"), True),
        ("LTV", True), ("LTV / CAC", True), (say("Payback (days)", "回本（天）"), True),
    ]  # fmt: skip
    rows = [
        [
            row["channel"] or say("no channel known", "来源未知"), number(row["customers"]), money(round(row["cost_per_customer"], 2)),
            money(round(row["value_per_customer"], 2)),
            "–" if row["value_to_cost"] is None else f"{row['value_to_cost']:.2f}", number(row["payback_days"]),
        ]
        for row in found.channels
    ]  # fmt: skip
    screen.print(table(say("Acquisition", "获客回报"), columns, rows))
