"""The page about lifetime value: one HTML file, in the style of the report of a run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tierwise.contracts.value_view import Fitted, Holdout, Judged, ValueView
from tierwise.language import Lang, Text
from tierwise.reports.figures import amount_text, number_text, percent_text, short_percent_text
from tierwise.reports.page import Chart, Column, DataTable, Finding, Format, Headline, KeyFigure, Page, Section
from tierwise.reports.quality_section import inputs_table, quality_section, versions_table
from tierwise.reports.survival_charts import customer_survival
from tierwise.reports.value_charts import (
    calibration,
    distribution,
    money,
    tenths,
    tracking,
    value_words,
)
from tierwise.reports.value_grids import alive_map, cohort_charts
from tierwise.reports.wording import WORDS
from tierwise.reports.writing import write_page

NO_CHANNEL = Text("no channel known", "来源未知")
NOBODY_LEAVES = Text(
    "In {model} customers never leave: everyone counts as active, so there is neither a map nor a curve to show.",
    "{model} 假定客户永不流失：所有客户都算活跃，因此没有可展示的存活图与生存曲线。",
)


def write_value_report(view: ValueView, file: Path, lang: Lang) -> None:
    """Write the page of a forecast to `file`, replacing it whole or not at all; raises `resource.disk_full`.

    The file holds both languages, `lang` is the one it opens in. It is made of sums alone and holds no customer.
    """
    write_page(build_value_page(view), file, lang)


def build_value_page(view: ValueView) -> Page:
    """All that the page shows, before it is HTML."""
    sections = value_sections(view)
    settings = json.dumps(dict(view.settings), ensure_ascii=False, indent=2, default=str)
    return Page(
        title=Text("Customer lifetime value", "客户生命周期价值"),
        run=None,
        as_of=view.as_of.isoformat(),
        calculated_at=view.calculated_at.isoformat(timespec="seconds"),
        data_version=view.data_version,
        engine=view.engine,
        currency=view.currency,
        figures=value_figures(view),
        headlines=[Headline(c.id, section.heading, c.title) for section in sections for c in section.charts],
        sections=sections,
        quality=quality_section(view.quality, view.mapping),
        cards=None,
        manifest=[inputs_table(view.inputs), versions_table(view.versions)],
        specs_sha256=hashlib.sha256(settings.encode()).hexdigest(),
        specs={"clv": settings},
        words=WORDS,
    )


def value_sections(view: ValueView) -> list[Section]:
    """Value, who is still there, cohorts, hold-out and model; a section without anything to show says why."""
    staying = _known(alive_map(view), customer_survival(view))
    tables = [_simple_table(view), *([_channel_table(view)] if view.channels else [])]
    return [
        Section(
            "value",
            Text("Value of customers", "客户价值"),
            Text("What will customers be worth, and how is it spread?", "客户未来值多少？如何分布？"),
            [distribution(view), tenths(view)],
            tables=tables,
        ),
        Section(
            "alive",
            Text("Who is still there", "谁还在"),
            Text("Who will order again, and how long do customers stay?", "谁还会再来？客户会停留多久？"),
            staying,
            notes=() if staying else [NOBODY_LEAVES.fill(model=view.model.label)],
        ),
        Section(
            "cohorts",
            Text("Cohorts", "新客批次"),
            Text("Do new customers come back, and what do they bring over time?", "新客会回来吗？随时间带来多少？"),
            cohort_charts(view),
        ),
        _holdout_section(view),
        Section(
            "model",
            Text("The model", "模型"),
            Text("What was learnt, and how surely?", "学到了什么？有多可靠？"),
            tables=[_parameter_table(view, view.model), *([_parameter_table(view, view.spend)] if view.spend else [])],
            findings=[Finding(remark.severity, remark.text) for remark in view.remarks],
        ),
    ]


def _known(*charts: Chart | None) -> list[Chart]:
    return [chart for chart in charts if chart is not None]


def value_figures(view: ValueView) -> list[KeyFigure]:
    """Value in the horizon with its interval, value per customer, orders expected, customers."""
    words = value_words(view)
    between = Text("{level} interval: {low} to {high}", "{level} 区间：{low} 至 {high}").fill(
        **words, low=amount_text(round(view.total.low)).removesuffix(".00"),
        high=amount_text(round(view.total.high)).removesuffix(".00"),
    )  # fmt: skip
    rate = Text("discounted {rate} a year", "年折现率 {rate}").fill(rate=short_percent_text(view.discount_annual))
    repeat = Text("{share} came back", "{share} 回购过").fill(
        share=percent_text(100 * view.repeat_customers / view.customers)
    )
    value = Text("Value in {days} days, {basis}", "未来 {days} 天价值（{basis}）").fill(**words)
    return [
        KeyFigure(value, money(view.total.expected), Format.ROUND_MONEY, between),
        KeyFigure(
            Text("Value per customer", "人均价值"), money(view.total.expected / view.customers), Format.MONEY, rate
        ),
        KeyFigure(
            Text("Orders expected", "预计订单数"), round(view.expected_orders), Format.COUNT,
            Text("in {days} days", "未来 {days} 天").fill(**words),
        ),
        KeyFigure(Text("Customers", "客户数"), view.customers, Format.COUNT, repeat),
    ]  # fmt: skip


def _simple_table(view: ValueView) -> DataTable:
    simple = view.simple
    label = Text("Average payment", "单次付款") if view.subscription else Text("Average order", "客单价")
    columns = (
        Column(label, Format.MONEY),
        Column(Text("× orders a year", "× 每年次数"), Format.NUMBER),
        Column(Text("× years of lifetime", "× 生命周期（年）"), Format.NUMBER),
        Column(Text("× margin", "× 毛利率"), Format.SHARE),
        Column(Text("= simple LTV", "= 简易 LTV"), Format.MONEY),
    )
    names = ("orders_per_year", "lifetime_years", "margin")
    row = [money(simple["average_order"]), *(simple[name] for name in names), money(simple["value"])]
    return DataTable(Text("By hand: the simple value of a customer", "手算对照：每位客户的简易 LTV"), columns, [row])


def _channel_table(view: ValueView) -> DataTable:
    columns = (
        Column(Text("Channel", "来源渠道")),
        Column(Text("Customers", "客户数"), Format.COUNT),
        Column(Text("Cost of winning one (CAC)", "获客成本（CAC）"), Format.MONEY),
        Column(Text("Value per customer (LTV)", "人均价值（LTV）"), Format.MONEY),
        Column(Text("LTV / CAC", "LTV / CAC"), Format.NUMBER),
        Column(Text("Paid back after (days)", "回本（天）"), Format.COUNT),
    )
    rows = [
        [row["channel"] or NO_CHANNEL, row["customers"], money(row["cost_per_customer"]), money(row["value_per_customer"]),
         row["value_to_cost"], row["payback_days"]]
        for row in view.channels
    ]  # fmt: skip
    return DataTable(Text("Acquisition by channel, best first", "各渠道获客回报（由高到低）"), columns, rows)


def _holdout_section(view: ValueView) -> Section:
    heading = Text("Can the forecast be trusted?", "预测可信吗？")
    if view.holdout is None:
        return Section(
            "holdout",
            heading,
            empty=Text(
                "The orders cover too short a time to keep a part of it back, so nothing judges the forecast. "
                "With a longer history, ask again:",
                "订单时间太短，无法留出一段用于评判预测。积累更长历史后再运行：",
            ),
            command="tierwise clv ORDERS",
        )
    question = Text(
        "What a model expected of a period it had not seen, and what happened.",
        "模型对未见过的时段的预测，与实际发生的情况对照。",
    )
    charts = _known(tracking(view), calibration(view))
    return Section("holdout", heading, question, charts, tables=[comparison_table(view.holdout)])


def comparison_table(holdout: Holdout) -> DataTable:
    """All models beside the forecast that nobody returns, and beside the best that any ranking could do."""
    columns = (
        Column(Text("Model", "模型")),
        Column(Text("Orders", "预测单数"), Format.COUNT),
        Column(Text("Bias", "偏差"), Format.SHARE),
        Column(Text("MAE (orders)", "MAE（单）"), Format.SIGNIFICANT),
        Column(Text("RMSE (orders)", "RMSE（单）"), Format.SIGNIFICANT),
        Column(Text("Rank correlation", "秩相关"), Format.SIGNIFICANT),
        Column(Text("Value in the best 10%", "前 10% 占价值"), Format.SHARE),
        Column(Text("log L", "log L"), Format.NUMBER),
        Column(Text("AIC", "AIC"), Format.NUMBER),
    )
    nobody = Text("Nobody returns (baseline)", "无人回购（基线）")
    best = Text("Best possible ranking", "理论最优排序")
    rows = [*map(_judged_row, holdout.models)]
    rows.append([nobody, 0, -1 if holdout.actual else None, holdout.zero_mae, holdout.zero_rmse, *[None] * 4])
    rows.append([best, *[None] * 5, holdout.best_top_share, None, None])
    caption = Text(
        "{days} days after {since}: {actual} orders were made. Judge by total, ranking and the baseline, not by MAE alone",
        "{since} 之后 {days} 天实际 {actual} 单。请结合总量、排序与基线判断，不能只看 MAE",
    ).fill(days=number_text(holdout.days), since=holdout.since.isoformat(), actual=f"{holdout.actual:,.0f}")
    return DataTable(caption, columns, rows)


def _judged_row(judged: Judged) -> list[Any]:
    name = Text("{label} (used)", "{label}（采用）").fill(label=judged.label) if judged.taken else judged.label
    figures = (judged.mae, judged.rmse, judged.rank_correlation, judged.top_share, judged.log_likelihood, judged.aic)
    return [name, round(judged.expected), judged.bias, *figures]


def _parameter_table(view: ValueView, fitted: Fitted) -> DataTable:
    columns = (
        Column(Text("Parameter", "参数"), Format.CODE),
        Column(Text("Estimate", "估计值"), Format.SIGNIFICANT),
        Column(Text("Standard error", "标准误"), Format.SIGNIFICANT),
    )
    unit: Sequence[str] = ("", "") if fitted is view.spend else (f", in {view.unit.en}", f"，单位：{view.unit.zh}")
    caption = Text(
        f"{{label}}: learnt up to {{until}} from {{customers}} customers, log L {{likelihood}}{unit[0]}",
        f"{{label}}：学习至 {{until}}，{{customers}} 位客户，log L {{likelihood}}{unit[1]}",
    ).fill(
        label=fitted.label,
        until=view.learnt_until.isoformat(),
        customers=f"{fitted.customers:,}",
        likelihood=f"{fitted.log_likelihood:,.2f}",
    )
    return DataTable(caption, columns, [[each.name, each.value, each.error] for each in fitted.parameters])
