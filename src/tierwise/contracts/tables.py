"""The canonical tables: what every source is turned into and every later stage reads.

Money is DECIMAL(18, 2) in the shop's one currency. `*_date` columns are calendar dates in the business's
time zone, computed once at ingest. Ids are text and never become numbers. `docs/tables.md` is generated
from this file.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from tierwise.language import Text


class Kind(StrEnum):
    """What a column holds; the value is its SQL type in every engine."""

    TEXT = "VARCHAR"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"
    MONEY = "DECIMAL(18, 2)"
    QUANTITY = "DECIMAL(18, 4)"
    INTEGER = "BIGINT"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a canonical table; `required` ones may not be null.

    A `derived` column is computed at ingest from another one of its table, whenever that one is there: the
    engines differ in timestamps, so that nothing after ingest computes with them. Sources never give it.
    """

    name: str
    kind: Kind
    label: Text
    required: bool = False
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One canonical table. `key` columns identify a row; `date` is the column its windows are cut on."""

    name: str
    label: Text
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    date: str | None = None

    def column(self, name: str) -> Column:
        """Return the column called `name`; KeyError when the table has none."""
        return {column.name: column for column in self.columns}[name]

    @property
    def given(self) -> tuple[Column, ...]:
        """The columns that a source may fill: all but the derived ones."""
        return tuple(column for column in self.columns if not column.derived)


class OrderStatus(StrEnum):
    """What an order does to the indicators: a sale counts, a refund only reduces money, a void does nothing."""

    SALE = "sale"
    REFUND = "refund"
    VOID = "void"


_CUSTOMER = Column("customer_id", Kind.TEXT, Text("customer", "客户编号"), required=True)

CUSTOMERS = Table(
    "customers",
    Text("Customers", "客户资料"),
    (
        _CUSTOMER,
        Column("name", Kind.TEXT, Text("name", "姓名")),
        Column("name_clean", Kind.TEXT, Text("name, standardised", "姓名（标准化）"), derived=True),
        Column(
            "company_clean",
            Kind.TEXT,
            Text("company without legal form and place", "企业名称（去除地名与组织形式）"),
            derived=True,
        ),
        Column("phone", Kind.TEXT, Text("phone", "手机号")),
        Column("phone_clean", Kind.TEXT, Text("phone in E.164", "手机号（E.164）"), derived=True),
        Column("email", Kind.TEXT, Text("e-mail", "邮箱")),
        Column("email_clean", Kind.TEXT, Text("e-mail, standardised", "邮箱（标准化）"), derived=True),
        Column("kind", Kind.TEXT, Text("person or company", "客户类型")),
        Column("gender", Kind.TEXT, Text("gender", "性别")),
        Column("birth_date", Kind.DATE, Text("birth date", "生日")),
        Column("region", Kind.TEXT, Text("region", "地域")),
        Column("region_clean", Kind.TEXT, Text("province", "省份（标准化）"), derived=True),
        Column("city", Kind.TEXT, Text("city", "城市")),
        Column("city_clean", Kind.TEXT, Text("city, standardised", "城市（标准化）"), derived=True),
        Column("address", Kind.TEXT, Text("address", "地址")),
        Column("occupation", Kind.TEXT, Text("occupation", "职业")),
        Column("industry", Kind.TEXT, Text("industry", "行业")),
        Column("employees", Kind.INTEGER, Text("employees", "员工数")),
        Column("annual_revenue", Kind.MONEY, Text("annual revenue", "年营收")),
        Column("registered_at", Kind.DATE, Text("registered on", "注册日期")),
        Column("source_channel", Kind.TEXT, Text("source channel", "来源渠道")),
        Column("owner", Kind.TEXT, Text("owner", "负责人")),
        Column("acquisition_cost", Kind.MONEY, Text("acquisition cost", "获客成本")),
        Column("tags", Kind.TEXT, Text("tags", "标签")),
        Column("attributes", Kind.TEXT, Text("further attributes (JSON)", "其他属性（JSON）")),
    ),
    key=("customer_id",),
)

_MADE_OF = {"company_clean": "name"}


def beside(field: str, fields: Collection[str]) -> str:
    """The raw field that a clean one of customers was made of, where it is there: both are taken from one row."""
    raw = _MADE_OF.get(field, field.removesuffix("_clean"))
    return raw if raw in fields else field


ORDERS = Table(
    "orders",
    Text("Orders", "订单"),
    (
        Column("order_id", Kind.TEXT, Text("order", "订单号"), required=True),
        _CUSTOMER,
        Column("order_date", Kind.DATE, Text("order date", "下单日期"), required=True),
        Column("ordered_at", Kind.TIMESTAMP, Text("ordered at", "下单时间")),
        Column("order_hour", Kind.INTEGER, Text("hour of the order, 0 to 23", "下单时段（0–23 时）"), derived=True),
        Column("amount", Kind.MONEY, Text("amount", "金额"), required=True),
        Column("currency", Kind.TEXT, Text("currency of the source", "原币种"), derived=True),
        Column("original_amount", Kind.MONEY, Text("amount before conversion", "换算前的金额"), derived=True),
        Column("discount", Kind.MONEY, Text("discount", "优惠金额")),
        Column("coupon", Kind.TEXT, Text("coupon", "优惠券")),
        Column("cost", Kind.MONEY, Text("cost", "成本")),
        Column("status", Kind.TEXT, Text("sale, refund or void", "状态：成交、退款或作废"), required=True),
        Column("channel", Kind.TEXT, Text("channel", "渠道")),
        Column("store", Kind.TEXT, Text("store", "门店")),
    ),
    key=("order_id", "customer_id"),
    date="order_date",
)

ORDER_LINES = Table(
    "order_lines",
    Text("Order lines", "订单明细"),
    (
        Column("order_id", Kind.TEXT, Text("order", "订单号"), required=True),
        Column("product_id", Kind.TEXT, Text("product", "商品编号"), required=True),
        Column("category", Kind.TEXT, Text("category", "品类")),
        Column(
            "category_root", Kind.TEXT, Text("category before the first slash", "一级品类（首个“/”之前）"), derived=True
        ),
        Column(
            "category_leaf",
            Kind.TEXT,
            Text("category after the last slash", "末级品类（最后一个“/”之后）"),
            derived=True,
        ),
        Column("quantity", Kind.QUANTITY, Text("quantity", "数量")),
        Column("unit_price", Kind.QUANTITY, Text("unit price", "单价")),
        Column("discount", Kind.MONEY, Text("discount", "优惠金额")),
    ),
)

EVENTS = Table(
    "events",
    Text("Events", "行为事件"),
    (
        Column("message_id", Kind.TEXT, Text("message id", "消息编号")),
        _CUSTOMER,
        Column("event", Kind.TEXT, Text("event", "事件"), required=True),
        Column("occurred_at", Kind.TIMESTAMP, Text("occurred at", "发生时间"), required=True),
        Column("event_date", Kind.DATE, Text("date of the event", "发生日期"), derived=True),
        Column("channel", Kind.TEXT, Text("channel", "渠道")),
        Column("properties", Kind.TEXT, Text("properties (JSON)", "属性（JSON）")),
    ),
    date="event_date",
)

FEEDBACK = Table(
    "feedback",
    Text("Feedback", "反馈"),
    (
        _CUSTOMER,
        Column("given_at", Kind.TIMESTAMP, Text("given at", "反馈时间"), required=True),
        Column("given_date", Kind.DATE, Text("given on", "反馈日期"), derived=True),
        Column(
            "kind", Kind.TEXT, Text("nps, rating, review or complaint", "类型：NPS、评分、评论或投诉"), required=True
        ),
        Column("score", Kind.QUANTITY, Text("score", "分数")),
        Column("text", Kind.TEXT, Text("text", "内容")),
    ),
    date="given_date",
)

TICKETS = Table(
    "tickets",
    Text("Tickets", "服务工单"),
    (
        _CUSTOMER,
        Column("opened_at", Kind.TIMESTAMP, Text("opened at", "提交时间"), required=True),
        Column("opened_date", Kind.DATE, Text("opened on", "提交日期"), derived=True),
        Column("first_response_at", Kind.TIMESTAMP, Text("first response at", "首次响应时间")),
        Column(
            "first_response_minutes",
            Kind.INTEGER,
            Text("minutes to the first response", "首次响应时长（分钟）"),
            derived=True,
        ),
        Column("closed_at", Kind.TIMESTAMP, Text("closed at", "关闭时间")),
        Column("resolution_minutes", Kind.INTEGER, Text("minutes to the end", "解决时长（分钟）"), derived=True),
        Column("priority", Kind.TEXT, Text("priority", "优先级")),
        Column("topic", Kind.TEXT, Text("topic", "主题")),
        Column("satisfaction", Kind.QUANTITY, Text("satisfaction", "满意度")),
    ),
    date="opened_date",
)

TOUCHES = Table(
    "touches",
    Text("Touches", "触达"),
    (
        _CUSTOMER,
        Column("sent_at", Kind.TIMESTAMP, Text("sent at", "发送时间"), required=True),
        Column("sent_date", Kind.DATE, Text("sent on", "发送日期"), derived=True),
        Column("channel", Kind.TEXT, Text("channel", "渠道")),
        Column("campaign", Kind.TEXT, Text("campaign", "活动")),
        Column("opened", Kind.INTEGER, Text("opened (0 or 1)", "已打开（0 或 1）")),
        Column("clicked", Kind.INTEGER, Text("clicked (0 or 1)", "已点击（0 或 1）")),
        Column("cost", Kind.MONEY, Text("cost", "成本")),
    ),
    date="sent_date",
)

BALANCES = Table(
    "balances",
    Text("Balances", "资产"),
    (
        _CUSTOMER,
        Column("as_of_date", Kind.DATE, Text("as of", "日期"), required=True),
        Column("assets", Kind.MONEY, Text("assets", "资产规模"), required=True),
    ),
    key=("customer_id", "as_of_date"),
    date="as_of_date",
)

REFERRALS = Table(
    "referrals",
    Text("Referrals", "推荐"),
    (
        _CUSTOMER,
        Column("referred_customer_id", Kind.TEXT, Text("referred customer", "被推荐客户"), required=True),
        Column("referred_at", Kind.DATE, Text("referred on", "推荐日期"), required=True),
    ),
    key=("referred_customer_id",),
    date="referred_at",
)

POINTS = Table(
    "points",
    Text("Points", "积分"),
    (
        Column("entry_id", Kind.TEXT, Text("entry", "流水号"), required=True),
        _CUSTOMER,
        Column("changed_at", Kind.TIMESTAMP, Text("changed at", "变动时间"), required=True),
        Column("points", Kind.MONEY, Text("points, negative where spent", "积分变动，消费为负"), required=True),
        Column("reason", Kind.TEXT, Text("reason", "变动原因")),
    ),
    key=("entry_id",),
)

CONSENTS = Table(
    "consents",
    Text("Consents", "授权同意"),
    (
        _CUSTOMER,
        Column("purpose", Kind.TEXT, Text("purpose", "用途"), required=True),
        Column("channel", Kind.TEXT, Text("channel", "渠道"), required=True),
        Column("granted", Kind.INTEGER, Text("granted (0 or 1)", "同意（0 或 1）"), required=True),
        Column("given_at", Kind.TIMESTAMP, Text("given at", "时间"), required=True),
        Column("source", Kind.TEXT, Text("source", "来源")),
        Column("text_version", Kind.TEXT, Text("version of the text", "条款版本")),
        Column("proof", Kind.TEXT, Text("proof", "凭证")),
    ),
)

HOLDOUTS = Table(
    "holdouts",
    Text("Hold-outs", "对照组"),
    (
        _CUSTOMER,
        Column("experiment", Kind.TEXT, Text("experiment or campaign", "实验或活动"), required=True),
        Column("held_since", Kind.DATE, Text("held out since", "进入对照组日期"), required=True),
    ),
    key=("customer_id", "experiment"),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        CUSTOMERS, ORDERS, ORDER_LINES, EVENTS, FEEDBACK, TICKETS, TOUCHES, BALANCES, REFERRALS, POINTS, CONSENTS, HOLDOUTS,
    )
}  # fmt: skip
