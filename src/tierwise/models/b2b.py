"""B2B tiers: which accounts are core, which are growing, which are small?

Rules over the accounts, in this order:

- core: net amount of the last `window_days` among the best `core_top_percent` of accounts that bought, or at least
  `core_amount` where that is set;
- growth: net amount at least `growth_percent` above the window before, or a company whose size promises more: at
  least `growth_employees` employees or `growth_annual_revenue` a year, where these are set;
- small: the rest. With `companies_only`, people are kept apart as private customers.

Limits: one big order makes a core account for a year; size says what an account could buy, not that it will.

Reference: Zeithaml, Rust & Lemon (2001), The Customer Pyramid, California Management Review 43(4).

Example:
    >>> from tierwise.models.b2b import B2b, B2bSpec
    >>> [ref.column for ref in B2b(B2bSpec(growth_employees=200)).needs()]
    ['monetary_365d', 'spend_growth_percent_365d', 'employees']
"""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from pydantic import Field

from tierwise.contracts.axis import Axis
from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec, TierModel
from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, Tier
from tierwise.contracts.settings import ExactDecimal
from tierwise.language import Text
from tierwise.sql.axis import axis_learning, axis_score, is_high

CORE = "core_class"


class B2bSpec(ModelSpec):
    """Settings of the B2B tiers."""

    window_days: int = Field(default=365, ge=1, description="days that are looked at · 统计窗口（天）")
    core_top_percent: ExactDecimal = Field(
        default=Decimal(20), gt=0, lt=100, description="share of buying accounts that is core · 核心客户占比"
    )
    core_amount: ExactDecimal | None = Field(
        default=None, gt=0, description="own amount from which an account is core · 自定义核心客户金额门槛"
    )
    growth_percent: int = Field(default=20, ge=0, description="growth from so many per cent · 增长客户的增幅门槛（%）")
    growth_employees: int | None = Field(default=None, ge=1, description="or from so many employees · 或员工数达到")
    growth_annual_revenue: ExactDecimal | None = Field(
        default=None, gt=0, description="or from so much annual revenue · 或年营收达到"
    )
    companies_only: bool = Field(default=False, description="keep people apart from companies · 个人客户单列")


class B2b(TierModel[B2bSpec]):
    """Core, growth and small accounts; see the module's docstring."""

    name = "b2b"
    spec_type = B2bSpec
    card = MethodCard(
        title=Text("B2B account tiers", "B2B 客户分级"),
        question=Text(
            "Which accounts are core, which are growing, which are small?",
            "哪些是核心客户、增长客户、小型客户？",
        ),
        data=Text(
            "orders; employees, annual revenue and kind of customer refine it",
            "订单；有员工数、年营收、客户类型则更准",
        ),
        minimum=Text("two windows of orders and about 30 accounts", "两个窗口期的订单，约 30 家客户"),
        fit=Text("manufacturing, electronics, foreign trade, SaaS for companies", "制造、半导体、外贸、企业软件"),
        strengths=Text("few rules that sales and service understand", "规则少，销售与服务都能懂"),
        limits=Text("one big order counts for a year; size is not intent", "一笔大单会影响一年；规模不等于意愿"),
        difficulty=Text("low", "低"),
        reference="Zeithaml, Rust & Lemon (2001), California Management Review 43(4), 118–142",
    )

    def needs(self) -> tuple[IndicatorRef, ...]:
        """Amount and growth; size and kind of the account where settings use them."""
        days, spec = self.spec.window_days, self.spec
        refs = [IndicatorRef("monetary", days), IndicatorRef("spend_growth_percent", days)]
        wanted = {
            "employees": spec.growth_employees is not None,
            "annual_revenue": spec.growth_annual_revenue is not None,
            "customer_kind": spec.companies_only,
        }
        return (*refs, *(IndicatorRef(name) for name, used in wanted.items() if used))

    @property
    def _axis(self) -> Axis:
        days, spec = self.spec.window_days, self.spec
        if spec.core_amount is not None:
            return Axis(indicator="monetary", window_days=days, cut="own", at=spec.core_amount)
        return Axis(indicator="monetary", window_days=days, cut="top", top_percent=spec.core_top_percent)

    def learn(self, table: str) -> Learning:
        """The amount at which core begins."""
        return axis_learning(f"{self.instance}_core", table, self._axis, self.facts)

    def fit(self, learned: Learned) -> Self:
        """Write the rules."""
        spec = self.spec
        amount, growth = (ref.column for ref in self.needs()[:2])
        score = axis_score(f"{self.instance}_core", CORE, self._axis, self.facts, learned)
        rules = [Rule("core", (is_high(CORE),)), Rule("growth", (Condition(growth, Op.GE, spec.growth_percent),))]
        if spec.growth_employees is not None:
            rules.append(Rule("growth", (Condition("employees", Op.GE, spec.growth_employees),)))
        if spec.growth_annual_revenue is not None:
            rules.append(Rule("growth", (Condition("annual_revenue", Op.GE, spec.growth_annual_revenue),)))
        tiers: tuple[Tier, ...] = TIERS
        if spec.companies_only:
            rules.insert(0, Rule("private", (Condition("customer_kind", Op.EQ, "person"),)))
            tiers = (*TIERS, PRIVATE)
        inputs = tuple(ref.column for ref in self.needs())
        self.scheme_ = Scheme(inputs, self.named(tiers), tuple(rules), "small", (score,), {amount: Decimal(1)})
        return self


TIERS = (
    Tier(
        "core", Text("Core account", "核心客户"), 1, Text("brings most of the revenue", "贡献主要营收"),
        Text("named account manager, technical workshops, joint planning", "专属客户经理、技术研讨、联合规划"),
    ),
    Tier(
        "growth", Text("Growth account", "增长客户"), 2, Text("growing, or big enough to grow", "正在增长或有增长空间"),
        Text("cross-selling, regular visits, trial of further products", "交叉销售、定期回访、新品试用"),
    ),
    Tier(
        "small", Text("Small account", "小型客户"), 3, Text("small and steady", "规模小且平稳"),
        Text("standardised service, self-service ordering", "标准化服务、自助下单"),
    ),
)  # fmt: skip
PRIVATE = Tier(
    "private", Text("Private customer", "个人客户"), 4, Text("not a company", "非企业客户"),
    Text("serve as consumers, with another model", "按消费者运营，适用其他模型"),
)  # fmt: skip
