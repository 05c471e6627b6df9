"""Personas: which few kinds of customers are there, and what does each one want?

A persona is a rule over indicators, written in words that a marketer reads (`tierwise.contracts.rule_language`), with
the pattern of behaviour, the motive, the need and the strategy that belong to it. `indicators` gives short names to
the indicators that the rules use; `terms` gives names to parts of rules; `rules` are the personas in the order in
which they are shown.

Personas part all customers: the model refuses to run unless it is proved that nobody can meet two rules, and
everybody one, whatever the data (`docs/mece.md`). `overlap: precedence` lets the earlier rule win instead; `rest`
names the persona, or a group of its own, that takes whoever is left.

Preset fashion, for a clothing shop with order lines (shares are of net spend, in per cent):
  trend: new items, and few discounts; bargain: buys on discount; basics: regular goods at regular prices, basics above
  all; gift: gift boxes or purchases before festivals, at high value per order; prospect: no purchase yet.
Its indicators and terms can be replaced one by one, for other category names and thresholds.

Limits: rules are as good as the judgement behind them; customers with one purchase are judged by that one.

Reference: Cooper (1999), The Inmates Are Running the Asylum (personas); the MECE principle of Minto (1987).

Example:
    >>> from tierwise.models.personas import Personas, PersonasSpec
    >>> model = Personas(PersonasSpec(
    ...     indicators={"purchases": "frequency"},
    ...     rules=[{"key": "one", "name": "One", "when": "purchases <= 1"},
    ...            {"key": "more", "name": "More", "when": "purchases > 1"}]))
    >>> [(rule.tier, str(rule.when[0].op), rule.when[0].value) for rule in model.fit({}).scheme_.rules]
    [('one', '<=', 1), ('more', '>', 1)]
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from tierwise.contracts.axis import IndicatorSetting
from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.mece import Claim, NamedRule
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec, TierModel, TierNames
from tierwise.contracts.rule_forms import MOST_ALTERNATIVES, Form, TooManyAlternativesError, form_of
from tierwise.contracts.rule_language import Expression, RuleTextError, parse_rule
from tierwise.contracts.scheme import Condition, Rule, Scheme, Tier
from tierwise.language import Text

_KEY = r"^[a-z][a-z0-9_]*$"
Words = str | TierNames


class PersonaRule(BaseModel):
    """One persona as a user writes it: names and texts as one string, or as `en` and `zh-CN`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(pattern=_KEY, description="stable code · 人群代码")
    name: Words = Field(description="name · 人群名称")
    when: str = Field(description="the rule · 规则")
    pattern: Words | None = Field(default=None, description="pattern of behaviour · 行为特征")
    motive: Words | None = Field(default=None, description="why they buy · 购买动机")
    need: Words | None = Field(default=None, description="what they need · 核心需求")
    strategy: Words | None = Field(default=None, description="what to do for them · 运营策略")


class PersonasSpec(ModelSpec):
    """Settings of the personas."""

    preset: Literal["fashion"] = Field(
        default="fashion", description="personas to use where no rules are given · 未写规则时采用的预设"
    )
    indicators: dict[str, str | IndicatorSetting] = Field(
        default_factory=dict, description="short names of indicators for the rules · 规则中所用指标的简称"
    )
    terms: dict[str, str] = Field(default_factory=dict, description="named parts of rules · 规则片段及其名称")
    rules: tuple[PersonaRule, ...] = Field(default=(), description="the personas, best first · 各人群的规则（按序）")
    overlap: Literal["refuse", "precedence"] = Field(
        default="refuse", description="where rules overlap: refuse, or the earlier wins · 规则重叠时：拒绝或靠前优先"
    )
    rest: str | None = Field(
        default=None, pattern=_KEY, description="who takes customers that meet no rule · 兜底人群的代码"
    )

    @model_validator(mode="after")
    def _readable(self) -> Self:
        _Reading(self)
        return self


class _Reading:
    """The settings read: what they do not say comes from the preset. Raises with every rule that cannot be read."""

    def __init__(self, spec: PersonasSpec) -> None:
        own = bool(spec.rules)
        self.problems: list[InitErrorDetails] = []
        self.personas = spec.rules or FASHION_RULES
        given: Mapping[str, str | IndicatorSetting] = (
            spec.indicators if own else {**FASHION_INDICATORS, **spec.indicators}
        )
        self.refs = {alias: _ref(setting) for alias, setting in given.items()}
        self.terms: dict[str, Expression] = {}
        for name, text in (spec.terms if own else {**FASHION_TERMS, **spec.terms}).items():
            read = self._read(text, ("terms", name))
            if read is not None:
                self.terms[name] = read
        self.forms = {
            persona.key: self._form(persona.when, ("rules", place)) for place, persona in enumerate(self.personas)
        }
        if len(self.forms) < len(self.personas):
            self._wrong(("rules",), Text("two personas have the same key", "有两个人群的代码相同"), spec.rules)
        if self.problems:
            raise ValidationError.from_exception_data("personas", self.problems)

    def _read(self, text: str, loc: tuple[str | int, ...]) -> Expression | None:
        try:
            return parse_rule(text, self.refs, self.terms)
        except RuleTextError as error:
            self._wrong(loc, error.problem, text)
            return None

    def _form(self, text: str, loc: tuple[str | int, ...]) -> Form:
        """The rule over indicator columns in place of short names; nothing where it cannot be read."""
        expression = self._read(text, (*loc, "when"))
        try:
            form = form_of(expression) if expression is not None else ()
        except TooManyAlternativesError:
            self._wrong(loc, _TOO_MANY, text)
            return ()
        return tuple(tuple(self._over_column(condition) for condition in when) for when in form)

    def _over_column(self, condition: Condition) -> Condition:
        return Condition(self.refs[condition.column].column, condition.op, condition.value, condition.or_null)

    def _wrong(self, loc: tuple[str | int, ...], problem: Text, given: Any) -> None:
        error = PydanticCustomError("tierwise", "{en}", {"en": problem.en, "zh": problem.zh})
        self.problems.append(InitErrorDetails(type=error, loc=loc, input=given))


_TOO_MANY = Text(
    f"more than {MOST_ALTERNATIVES} alternatives: nobody can read that; split the persona",
    f"展开后超过 {MOST_ALTERNATIVES} 种情形，无法阅读；请拆分该人群",
)


def _ref(setting: str | IndicatorSetting) -> IndicatorRef:
    return IndicatorRef(setting) if isinstance(setting, str) else setting.ref


class Personas(TierModel[PersonasSpec]):
    """Kinds of customers by proved rules; see the module's docstring."""

    name = "personas"
    spec_type = PersonasSpec
    card = MethodCard(
        title=Text("Personas", "客户画像分群"),
        question=Text(
            "Which few kinds of customers are there, and what does each one want?", "客户可归为哪几类？各自想要什么？"
        ),
        data=Text(
            "orders, and whatever the rules use; the fashion preset needs order lines with categories and discounts",
            "订单，以及规则用到的数据；服装预设需要带品类的订单明细与优惠金额",
        ),
        minimum=Text(
            "three purchases or so per customer make shares of spend meaningful", "每位客户约三次购买后，占比才有意义"
        ),
        fit=Text("brands and shops that speak to tastes, not to amounts", "按偏好而非金额沟通的品牌与零售"),
        strengths=Text(
            "everyone in the company understands it; rules are proved to overlap nowhere and leave nobody out",
            "全公司都看得懂；规则经证明互斥且无遗漏",
        ),
        limits=Text(
            "as good as the judgement behind the rules; no ranking by value", "取决于制定规则的判断；不按价值排序"
        ),
        difficulty=Text("high", "高"),
        reference="Cooper (1999), The Inmates Are Running the Asylum; Minto (1987), The Pyramid Principle",
    )

    @cached_property
    def _read(self) -> _Reading:
        return _Reading(self.spec)

    def needs(self) -> tuple[IndicatorRef, ...]:
        """The indicators that the rules may use."""
        return tuple(dict.fromkeys(self._read.refs.values()))

    def claim(self) -> Claim:
        """The rules, to be proved exclusive and exhaustive unless the settings settle it."""
        forms = self._read.forms
        rules = (NamedRule(t.key, t.name, forms[t.key]) for t in self.named(self._tiers()) if t.key in forms)
        return Claim(
            tuple(ref.column for ref in self.needs()),
            tuple(rules),
            overlap_settled=self.spec.overlap == "precedence",
            rest_settled=self.spec.rest is not None,
            words={ref.column: alias for alias, ref in self._read.refs.items()},
        )

    def learn(self, table: str) -> Learning:
        """Nothing: personas are rules."""
        return Learning()

    def fit(self, learned: Learned) -> Self:
        """Write the rules, each alternative by itself. Where all is proved, nobody reaches the rest."""
        claim = self.claim()
        rules = tuple(Rule(rule.key, when) for rule in claim.rules for when in rule.form)
        rest = self.spec.rest or claim.rules[-1].key
        self.scheme_ = Scheme(claim.columns, self.named(self._tiers()), rules, rest)
        return self

    def _tiers(self) -> tuple[Tier, ...]:
        """The personas, then the rest where it is a group of its own."""
        tiers = [_tier(persona, rank) for rank, persona in enumerate(self._read.personas, start=1)]
        rest = self.spec.rest
        if rest is not None and rest not in self._read.forms:
            tiers.append(Tier(rest, _OTHERS, len(tiers) + 1, _NO_RULE, _LEARN_MORE))
        return tuple(tiers)


_OTHERS = Text("Others", "其他")
_NO_RULE = Text("fits no persona", "不符合任何画像")
_LEARN_MORE = Text("standard service; learn more about them", "标准服务；继续了解其需求")
_ROLES = (("motive", Text("motive", "动机")), ("need", Text("need", "需求")))


def _tier(persona: PersonaRule, rank: int) -> Tier:
    parts = [_text(persona.pattern)] if persona.pattern else []
    for role, label in _ROLES:
        words = getattr(persona, role)
        if words is not None:
            text = _text(words)
            parts.append(Text(f"{label.en}: {text.en}", f"{label.zh}：{text.zh}"))
    meaning = Text("; ".join(p.en for p in parts), "；".join(p.zh for p in parts)) if parts else Text.same(persona.when)
    strategy = _text(persona.strategy) if persona.strategy else _LEARN_MORE
    return Tier(persona.key, _text(persona.name), rank, meaning, strategy)


def _text(words: Words) -> Text:
    if isinstance(words, str):
        return Text.same(words)
    return Text(words.en or words.zh or "", words.zh or words.en or "")


def _persona(key: str, when: str, name: Text, pattern: Text, motive: Text, need: Text, strategy: Text) -> PersonaRule:
    texts = {"name": name, "pattern": pattern, "motive": motive, "need": need, "strategy": strategy}
    words: dict[str, Any] = {
        role: TierNames.model_validate({"en": text.en, "zh-CN": text.zh}) for role, text in texts.items()
    }
    return PersonaRule(key=key, when=when, **words)


def _share(categories: str) -> IndicatorSetting:
    return IndicatorSetting(indicator="category_percent", parameters={"category": categories})


FASHION_INDICATORS: dict[str, str | IndicatorSetting] = {
    "purchases": "frequency",
    "order_value": "average_order_value",
    "new_percent": _share("当季新品|新品|New arrivals"),
    "basics_percent": _share("基础款|Basics"),
    "gift_percent": _share("礼盒装|礼盒|Gift boxes"),
    "discount_percent": "discount_use_percent",
    "festival_percent": "festival_percent",
}
FASHION_TERMS = {
    "gift_giver": "order_value >= 200 and (gift_percent >= 30 or festival_percent >= 60)",
    "novelty_seeker": "new_percent >= 30 and not (discount_percent >= 50)",
    "saver": "discount_percent >= 50 and not (basics_percent >= 60)",
}
FASHION_RULES = (
    _persona(
        "trend", "purchases >= 1 and not gift_giver and novelty_seeker",
        Text("Trend follower", "潮流追随者"),
        Text("buys this season's items soon, seldom on discount", "上新即买，很少等折扣"),
        Text("to be ahead and to show it", "走在潮流前面、表达自我"),
        Text("new designs, limited editions, styling ideas", "新款、限量款、穿搭灵感"),
        Text("first look at new arrivals, limited editions, style content; no price talk", "新品优先购、限量款、穿搭内容；不打价格牌"),
    ),
    _persona(
        "gift", "purchases >= 1 and gift_giver",
        Text("Gift buyer", "送礼选购者"),
        Text("buys gift boxes or before festivals, at high value per order", "节前购买或选购礼盒，客单价高"),
        Text("to please somebody, without risk", "让收礼人满意、送得体面"),
        Text("gift wrapping, delivery on time, easy exchange", "礼盒包装、准时送达、便捷退换"),
        Text("remind before festivals, gift guides, wrapping and cards", "节前提醒、送礼指南、礼盒与贺卡服务"),
    ),
    _persona(
        "bargain", "purchases >= 1 and not gift_giver and not novelty_seeker and saver",
        Text("Bargain hunter", "高性价比买家"),
        Text("buys mostly with discounts and coupons", "多在优惠、用券时下单"),
        Text("to get good quality for less", "花更少的钱买到好品质"),
        Text("clear value, comparisons, promotions", "看得见的实惠、对比与促销"),
        Text("sales and bundles, coupons with a minimum, clearance first", "大促与组合装、满减券、尾货优先通知"),
    ),
    _persona(
        "basics", "purchases >= 1 and not gift_giver and not novelty_seeker and not saver",
        Text("Basics stocker", "基础款囤货党"),
        Text("buys regular goods at regular prices, several pieces of one thing", "常买基础款，同款多件"),
        Text("to have what is needed without effort", "省心，缺了就补"),
        Text("constant quality, sizes in stock, quick reorder", "品质稳定、尺码齐全、快速复购"),
        Text("multi-packs, refill reminders, subscription", "多件装、补货提醒、周期购"),
    ),
    _persona(
        "prospect", "purchases = 0",
        Text("Not yet a buyer", "尚未购买"),
        Text("registered, no purchase yet", "已注册，尚未下单"),
        Text("not yet known", "尚不清楚"),
        Text("a reason to try", "一个尝试的理由"),
        Text("welcome gift and guidance to the first purchase", "新人礼包，引导首购"),
    ),
)  # fmt: skip
