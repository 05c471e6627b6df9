"""What the words of a status column mean for an order.

`refund` words name the record itself (a refund note, whatever the sign of its amount); `undone` words name the
state of the order they stand on (it was refunded or returned: nothing of it remains, unless a column says how
much was given back); `void` words name orders that were never paid. A mark in brackets before
a word, as in JD's `(删除)等待出库`, takes the order back where it is such a word itself; else the word behind it counts.

A status of several parts, as `已发货，退款成功` or `Shipped - Returned to Seller`, is what its strongest part says: money
given back outweighs that the goods were sent. WooCommerce's `wc-` before a word says nothing.

A refund that was only asked for is still a sale.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from tierwise.canonical.headers import plain
from tierwise.canonical.values import text_value
from tierwise.contracts.ingest import RawColumn, RawTable
from tierwise.engine.duckdb import DuckDBEngine, quoted


class State(StrEnum):
    """What one status word says."""

    SALE = "sale"
    REFUND = "refund"
    UNDONE = "undone"
    VOID = "void"


_WORDS = {
    State.SALE: (
        "sale sales sold order purchase paid complete completed finished done success successful succeeded shipped "
        "delivered fulfilled processed processing confirmed received normal active captured invoiced partiallypaid "
        "partiallyrefunded partialrefund partiallyfulfilled approved settled transactioncompleted 1 true yes "
        "完成 已完成 交易成功 交易完成 成功 已付款 已支付 支付成功 付款成功 买家已付款 待发货 已发货 卖家已发货 等待卖家发货 "
        "等待买家确认收货 卖家已发货等待买家确认 买家已付款等待卖家发货 待收货 已收货 已签收 已确认 部分退款 部分发货 "
        "等待出库 正在出库 等待确认收货 备货中 待配货 待揽收 已揽收 已揽件 运输中 派送中 配送中 已出库 已下单 已接单 商家已接单 "
        "卖家部分发货 待自提 已自提 待使用 退款中 退货中 售后中 维权中 申请退款 用户申请退款 退款申请中 退款关闭 退款失败 "
        "awaitingfulfillment awaitingshipment awaitingpickup partiallyshipped unshipped shipping outfordelivery "
        "deliveredtobuyer pickedup toship toreceive paymentaccepted remotepaymentaccepted processinginprogress "
        "preparationinprogress onbackorder canceledreversal cancelledreversal payment charge "
        "bezahlt abgeschlossen versendet versandt geliefert zugestellt inbearbeitung teilweiseerstattet auftrag verkauf "
        "salesorder 销售订单 锁定 locked 销售 成交 正常 有效 消费 购买 订单 待评价 已评价 已结算 已核销 已使用"
    ),
    State.REFUND: (
        "refund refunds return returns creditnote creditmemo credit chargeback reversal 退款 退货 退款单 退货单 退货退款 "
        "销售退货 销售退款 冲销 红冲 冲红 退单 退款订单 gutschrift retoure"
    ),
    State.UNDONE: (
        "refunded fullyrefunded returned fullyreturned reversed chargedback 已退款 退款成功 退款完成 全额退款 已退货 退货完成 "
        "退货成功 已全额退款 已退单 全部退款 全部退货 已拒收 拒收 买家拒收 付款以后用户退款成功交易自动关闭 "
        "returnedtoseller returningtoseller rejectedbybuyer disputed erstattet retourniert"
    ),
    State.VOID: (
        "void voided cancel canceled cancelled cancellation unpaid pending pendingpayment awaitingpayment notpaid expired "
        "failed failure declined rejected abandoned draft authorized onhold quotation quotationsent incomplete blocked "
        "uncaptured requirespaymentmethod requiresaction requiresconfirmation deleted 删除 已删除 "
        "报价单 报价 已发送报价单 报价单已发送 已发送报价 "
        "取消 已取消 用户取消 系统取消 订单取消 交易关闭 "
        "已关闭 关闭 待付款 待支付 待买家付款 未付款 未支付 等待买家付款 等待付款 付款失败 支付失败 作废 已作废 无效 失效 草稿 "
        "已失效 超时关闭 已过期 "
        "没有创建支付宝交易 支付宝交易关闭 付款以前卖家或买家主动关闭交易 "
        "denied paymenterror paymentreview holded fraud suspectedfraud checkoutdraft awaitingbankwirepayment "
        "awaitingcheckpayment storniert zahlungausstehend unbezahlt angebot"
    ),
}  # fmt: skip
_STATES = {word: state for state, words in _WORDS.items() for word in words.split()}
_MARKED = re.compile(r"\s*[(\[{【](.+?)[)\]}】]\s*(\S.*)")
_PARTED = re.compile(r"[,;/|()\[\]、，；]|\s[-–—>]+\s")
_SHOP_PREFIX = re.compile(r"^\s*wc-", re.IGNORECASE)
_STRENGTH = (State.UNDONE, State.VOID, State.REFUND)
"""Of the parts of one status, what outweighs a sale, the strongest first."""
_MOST_WORDS = 500


@dataclass(frozen=True, slots=True)
class StatusPlan:
    """How a status column is read: `sql` is a `State` as text, `sale` for words not known, NULL where it is blank."""

    sql: str
    unknown: dict[str, int]


def state_of(word: str) -> State | None:
    """Return what a status says, None where nobody knows it."""
    word = _SHOP_PREFIX.sub("", unicodedata.normalize("NFKC", word))
    marked = _MARKED.fullmatch(word)
    if marked is not None:
        mark = state_of(marked[1])
        return mark if mark in (State.VOID, State.UNDONE) else state_of(marked[2])
    parts = [part for part in _PARTED.split(word) if part.strip()]
    return _STATES.get(plain(word)) if len(parts) < 2 else _of_parts(word, parts)


def _of_parts(word: str, parts: list[str]) -> State | None:
    """The strongest of several parts; where none is decisive, a sale only if the whole is known or every part is one."""
    states = [state_of(part) for part in parts]
    for state in _STRENGTH:
        if state in states:
            return state
    return _STATES.get(plain(word)) or (State.SALE if all(states) else None)


def plan_status(engine: DuckDBEngine, raw: RawTable, column: RawColumn) -> StatusPlan:
    """Look up every different word of the column; words nobody knows count as sales, and are returned to be shown."""
    value = text_value(column)
    rows = engine.native(
        "status words",
        f'SELECT word, count(*) FROM (SELECT {value} AS word FROM "{raw.relation}") WHERE word IS NOT NULL '
        f"GROUP BY word ORDER BY count(*) DESC, word LIMIT {_MOST_WORDS}",
    )
    known: dict[State, list[str]] = {}
    unknown: dict[str, int] = {}
    for word, count in rows:
        state = state_of(word)
        if state is None:
            unknown[str(word)] = int(count)
        elif state is not State.SALE:
            known.setdefault(state, []).append(quoted(word))
    whens = " ".join(f"WHEN {value} IN ({', '.join(words)}) THEN '{state}'" for state, words in known.items())
    return StatusPlan(f"CASE WHEN {value} IS NULL THEN NULL {whens} ELSE 'sale' END", unknown)
