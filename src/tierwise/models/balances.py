"""Asset tiers for finance: private banking, wealth management, mass market.

Customers are graded by the assets they keep with the institution: the latest snapshot up to as_of, or the mean of the
snapshots of the last `window_days`. The lines are amounts, not shares, since they are promised to customers:

- private banking from `private_from` (6,000,000, the line for private-banking customers in China),
- wealth management from `wealth_from` (500,000),
- mass market: below it, and whoever has no snapshot.

Limits: assets kept elsewhere are not seen; a snapshot on a good day lifts a customer (the mean is steadier). Risk
preference and investment goals are no amounts: keep them as attributes of the customer, beside the tier.

Reference: CBRC (2011), 商业银行理财产品销售管理办法, article 31 (6,000,000 yuan of financial net assets).

Example:
    >>> from tierwise.models.balances import Balances, BalancesSpec
    >>> [tier.name.zh for tier in Balances(BalancesSpec()).fit({}).scheme_.tiers]
    ['私人银行', '财富管理', '大众']
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec, TierModel
from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, Tier
from tierwise.contracts.settings import ExactDecimal, refuse
from tierwise.language import Text


class BalancesSpec(ModelSpec):
    """Settings of the asset tiers."""

    basis: Literal["latest", "mean"] = Field(
        default="latest", description="latest snapshot or mean of the window · 最近余额或窗口均值"
    )
    window_days: int = Field(default=90, ge=1, description="days of the mean · 均值窗口（天）")
    private_from: ExactDecimal = Field(
        default=Decimal(6_000_000), gt=0, description="assets from which private banking begins · 私人银行门槛"
    )
    wealth_from: ExactDecimal = Field(
        default=Decimal(500_000), gt=0, description="assets from which wealth management begins · 财富管理门槛"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.private_from > self.wealth_from:
            refuse(Text("private_from must exceed wealth_from", "私人银行门槛须高于财富管理门槛"))
        return self


class Balances(TierModel[BalancesSpec]):
    """Tiers by assets; see the module's docstring."""

    name = "balances"
    spec_type = BalancesSpec
    card = MethodCard(
        title=Text("Asset tiers", "资产分层"),
        question=Text(
            "Who belongs to private banking, wealth management, the mass market?",
            "谁属于私人银行、财富管理、大众客户？",
        ),
        data=Text("balances: customer, date and assets", "资产余额：客户、日期、资产规模"),
        minimum=Text("one snapshot of all customers", "一次全量余额快照"),
        fit=Text("banks, brokers, insurance, stored-value cards", "银行、券商、保险、储值卡"),
        strengths=Text("fixed lines that can be promised", "门槛固定，可对客户承诺"),
        limits=Text("sees only assets kept here", "只看到存放在本机构的资产"),
        difficulty=Text("low", "低"),
        reference="CBRC (2011), Measures for the Sale of Wealth Management Products by Commercial Banks, article 31",
    )

    def needs(self) -> tuple[IndicatorRef, ...]:
        """The assets on the basis chosen."""
        if self.spec.basis == "latest":
            return (IndicatorRef("assets"),)
        return (IndicatorRef("mean_assets", self.spec.window_days),)

    def learn(self, table: str) -> Learning:
        """Nothing: the lines are amounts."""
        return Learning()

    def fit(self, learned: Learned) -> Self:
        """Write the rules."""
        assets = self.needs()[0].column
        rules = (
            Rule("private_banking", (Condition(assets, Op.GE, self.spec.private_from),)),
            Rule("wealth", (Condition(assets, Op.GE, self.spec.wealth_from),)),
        )
        self.scheme_ = Scheme((assets,), self.named(TIERS), rules, "mass", (), {assets: Decimal(1)})
        return self


TIERS = (
    Tier(
        "private_banking", Text("Private banking", "私人银行"), 1, Text("the largest assets", "资产规模最高"),
        Text("asset-allocation plan and a personal adviser", "资产配置方案与专属顾问"),
    ),
    Tier(
        "wealth", Text("Wealth management", "财富管理"), 2, Text("considerable assets", "资产规模较高"),
        Text("investment advice and premium products", "投资建议与优选产品"),
    ),
    Tier(
        "mass", Text("Mass market", "大众"), 3, Text("smaller or unknown assets", "资产规模较小或未知"),
        Text("convenient service and basic products", "便捷服务与基础产品"),
    ),
)  # fmt: skip
