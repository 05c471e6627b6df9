"""One customer's story out of the canonical tables: orders, events, tickets, feedback, messages; newest first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.holdings import Holdings, holdings_of
from tierwise.language import Lang, Text
from tierwise.snapshots.runs import Run
from tierwise.sql.expressions import literal
from tierwise_console.runs.label_differences import attach_facts_of
from tierwise_console.runs.looking_up import looking_up
from tierwise_console.runs.wording import Wording

STORY_ROWS = 100
"""So many happenings a card shows at most, of each kind."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened: when, which kind, and what in words. `amount` is money where there is some."""

    on: date
    kind: str
    title: str
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator of a customer in words, and its unit."""

    column: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Story:
    """What the data tell of a customer: what happened, all indicators, and further attributes of the profile."""

    happenings: tuple[Happening, ...]
    figures: tuple[Figure, ...]
    attributes: dict[str, str]
    holdings: Holdings

    @property
    def consents(self) -> list[tuple[Text, Text, bool]]:
        """What may be sent by which channel, and whether the customer consents, in words."""
        return [(_said(purpose), _said(channel), granted) for purpose, channel, granted in self.holdings.consents]


_KINDS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "orders": ("order", "order_date", ("order_id", "amount", "status", "channel", "store")),
    "tickets": ("ticket", "opened_date", ("topic", "priority", "closed_at", "satisfaction")),
    "feedback": ("feedback", "given_date", ("kind", "score", "text")),
    "touches": ("touch", "sent_date", ("channel", "campaign", "opened", "clicked")),
    "events": ("event", "event_date", ("event", "channel")),
}
"""Table: kind of happening, its day, and the columns that tell of it."""


def story(run: Run, customer_id: str, lang: Lang) -> Story:
    """What the tables of a run tell of a customer."""
    words = Wording(run, lang)
    with looking_up() as engine:
        tables = attach_facts_of(engine, run, customer_id)
        happenings = [
            each
            for table in _KINDS
            for each in _happenings(engine, table, tables.get(table, frozenset()), customer_id, words)
        ]
        figures = _figures(engine, run, customer_id, words)
        held = holdings_of(engine, tables, customer_id)
        attributes = _attributes(engine, customer_id) if "attributes" in tables.get("customers", ()) else {}
    happenings.sort(key=lambda each: each.on, reverse=True)
    return Story(tuple(_counted(happenings[: STORY_ROWS * 2])), figures, attributes, held)


def _counted(happenings: list[Happening]) -> Iterator[Happening]:
    """What happened several times running on one day, without an amount, once with how often."""
    for _, same in groupby(happenings, key=lambda each: (each.on, each.title, each.amount)):
        first, *further = same
        if not further or first.amount is not None:
            yield from (first, *further)
        else:
            yield replace(first, title=f"{first.title} × {len(further) + 1}")


def _happenings(
    engine: DuckDBEngine, table: str, have: frozenset[str], customer: str, words: Wording
) -> list[Happening]:
    kind, day, wanted = _KINDS[table]
    if day not in have or "customer_id" not in have:
        return []
    columns = ", ".join(name if name in have else f"NULL AS {name}" for name in wanted)
    sql = (
        f'SELECT {day} AS at, {columns} FROM "{table}" WHERE customer_id = {literal(customer)} AND {day} IS NOT NULL'
        f" ORDER BY {day} DESC LIMIT {STORY_ROWS}"
    )
    return [_happening(kind, row, words) for row in engine.native_records(f"story of {table}", sql)]


def _happening(kind: str, row: dict[str, Any], words: Wording) -> Happening:
    at = row["at"]
    on = at.date() if isinstance(at, datetime) else at
    return Happening(on, kind, _TITLES[kind](row).to(words.lang), row.get("amount"))


def _order(row: dict[str, Any]) -> Text:
    states = {"sale": Text("order", "订单"), "refund": Text("refund", "退款"), "void": Text("void order", "作废订单")}
    what = states.get(row["status"], states["sale"])
    where = " · ".join(str(row[name]) for name in ("channel", "store") if row[name])
    return Text(f"{what.en} {row['order_id']} {where}".strip(), f"{what.zh} {row['order_id']} {where}".strip())


def _ticket(row: dict[str, Any]) -> Text:
    topic = row["topic"] or "–"
    state = Text("closed", "已关闭") if row["closed_at"] else Text("open", "处理中")
    mark = f" · {row['satisfaction']}" if row["satisfaction"] is not None else ""
    return Text(f"ticket: {topic} ({state.en}){mark}", f"工单：{topic}（{state.zh}）{mark}")


def _feedback(row: dict[str, Any]) -> Text:
    text = f"{row['text'][:120]}" if row["text"] else ""
    score = f" {row['score']:g}" if row["score"] is not None else ""
    return Text(
        f"{row['kind']}{score} {text}".strip(), f"{_KIND_ZH.get(row['kind'], row['kind'])}{score} {text}".strip()
    )


_KIND_ZH = {"nps": "NPS 评分", "rating": "评分", "review": "评价", "complaint": "投诉"}


def _touch(row: dict[str, Any]) -> Text:
    state = Text("clicked", "已点击") if row["clicked"] else Text("opened", "已打开") if row["opened"] else None
    channel = " · ".join(str(row[name]) for name in ("channel", "campaign") if row[name]) or "–"
    en, zh = (f", {state.en}", f"，{state.zh}") if state else ("", "")
    return Text(f"message by {channel}{en}", f"通过 {channel} 触达{zh}")


_CONSENT_ZH = {
    "marketing": "营销", "transactional": "交易通知", "service": "服务", "analytics": "数据分析", "profiling": "个性化分析",
    "personalization": "个性化推荐", "survey": "调研", "sms": "短信", "email": "邮件", "phone": "电话", "call": "电话",
    "push": "推送", "wechat": "微信", "post": "邮寄", "any": "全部渠道", "all": "全部渠道", "app": "App", "line": "LINE",
}  # fmt: skip
"""Usual words for purposes and channels, in Chinese; any other is told as the data have it."""


def _said(word: str) -> Text:
    return Text(word, _CONSENT_ZH.get(word.lower(), word))


_EVENT_ZH = {
    "Product Viewed": "浏览商品", "Product Added": "加入购物车", "Product Removed": "移出购物车",
    "Product List Viewed": "浏览商品列表", "Products Searched": "搜索商品", "Cart Viewed": "查看购物车",
    "Checkout Started": "开始结算", "Order Completed": "完成下单", "Order Refunded": "订单退款",
    "Signed Up": "注册", "Signed In": "登录", "Login": "登录", "login": "登录", "search": "搜索", "visit": "访问",
    "cart": "加入购物车", "view": "浏览", "share": "分享", "page_view": "浏览页面", "view_item": "浏览商品",
    "add_to_cart": "加入购物车", "begin_checkout": "开始结算", "purchase": "购买", "sign_up": "注册",
}  # fmt: skip
"""Events of Segment's and GA4's specifications, in Chinese; any other is told by its own name."""


def _event(row: dict[str, Any]) -> Text:
    name, channel = str(row["event"]), row["channel"] or ""
    return Text(f"{name} {channel}".strip(), f"{_EVENT_ZH.get(name, name)} {channel}".strip())


_TITLES = {"order": _order, "ticket": _ticket, "feedback": _feedback, "touch": _touch, "event": _event}


def _figures(engine: DuckDBEngine, run: Run, customer: str, words: Wording) -> tuple[Figure, ...]:
    """Every indicator of the customer that is known."""
    engine.attach("figures", run.indicator_files())
    rows = engine.native_records("figures", f"SELECT * FROM figures WHERE customer_id = {literal(customer)}")
    known = {item["column"] for item in run.manifest.indicators}
    return tuple(
        Figure(column, words.name(column), words.value(column, value))
        for column, value in (rows[0] if rows else {}).items()
        if column in known and value is not None
    )


def _attributes(engine: DuckDBEngine, customer: str) -> dict[str, str]:
    """The further attributes that the customer table has."""
    sql = f"SELECT attributes FROM customers WHERE customer_id = {literal(customer)}"
    rows = engine.native("attributes", sql)
    try:
        found = json.loads(rows[0][0]) if rows and rows[0][0] else {}
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
