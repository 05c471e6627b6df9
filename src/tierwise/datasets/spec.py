"""Every rate of the demo shop, its unit in its name. Change one with `dataclasses.replace`."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntEnum

from tierwise.errors import ErrorKind, Family, Place, raise_all
from tierwise.language import Text

BAD_RATE = ErrorKind(
    "datasets.bad_rate",
    Family.USAGE,
    what=Text("{rate} cannot be {value}", "{rate} 不能为 {value}"),
    cause=Text("it must be {limits}", "取值须为：{limits}"),
    cure=Text("give the shop's spec a value within its limits", "请在店铺参数中填写范围内的值"),
)


class Persona(IntEnum):
    """The four true segments of the shop; they differ in when, what and at what discount they buy."""

    TREND = 0
    BARGAIN = 1
    BASICS = 2
    GIFT = 3


PERSONAS: dict[Persona, Text] = {
    Persona.TREND: Text("trend follower", "潮流追随者"),
    Persona.BARGAIN: Text("bargain hunter", "高性价比买家"),
    Persona.BASICS: Text("basics stocker", "基础款囤货党"),
    Persona.GIFT: Text("gift buyer", "送礼选购者"),
}

_FOUR = tuple[float, float, float, float]

_LARGE = 1e9
_MORE_THAN_ONE = 1.001


def _limits(rate: str) -> tuple[float, float, Text]:
    """Return the least and the most a rate may be, and the same in words, by what its name says it is."""
    if rate.endswith("_tilt"):
        return -100.0, 100.0, Text("-100 to 100", "-100 到 100")
    if rate == "spend_heterogeneity_shape":  # the mean of an inverse gamma exists only above 1
        return _MORE_THAN_ONE, _LARGE, Text("more than 1", "大于 1")
    if "_share" in rate or rate.startswith(("discount_depth", "cost_ratio")):
        most = 0.99 if rate.startswith("discount_depth") else 1.0
        return 0.0, most, Text.same(f"0–{most:g}")
    if rate.endswith(("_mean", "_multiplier", "_factor", "_mean_days", "_per_30_days")):
        return 0.0, _LARGE, Text("0 or more", "不小于 0")
    if rate.endswith("_max_days"):
        return 1.0, _LARGE, Text("1 or more", "不小于 1")
    return 1e-9, _LARGE, Text("more than 0", "大于 0")


@dataclass(frozen=True, slots=True)
class ShopSpec:
    """The rates of the simulated shop. `*_share` is a fraction of 1; tuples of four follow `Persona`.

    Purchase and drop-out are the BG/NBD model of Fader, Hardie and Lee (2005), spend is the gamma-gamma
    model of Fader and Hardie (2013); both keep the symbols of those papers in the comments.
    """

    # purchases: rate λ ~ Gamma(r, α) orders per day of the seasonal clock; drop-out p ~ Beta(a, b) after
    # every repeat purchase
    rate_shape: float = 0.25  # r
    rate_scale_days: float = 5.8  # α
    dropout_a: float = 1.25
    dropout_b: float = 9.0
    # spend: order ~ Gamma(p, ν), ν ~ Gamma(q, γ); the population mean is pγ / (q − 1)
    spend_shape: float = 6.0  # p
    spend_heterogeneity_shape: float = 10.0  # q
    spend_mean_yuan: float = 168.0
    # arrivals
    never_buys_share: float = 0.10
    buys_on_registration_day_share: float = 0.55
    first_purchase_delay_mean_days: float = 25.0
    company_share: float = 0.04
    # personas: shares before the tilt by spend, and what they do
    persona_shares: _FOUR = (0.20, 0.36, 0.30, 0.14)
    persona_spend_tilt: _FOUR = (1.0, -1.5, -0.4, 2.4)
    persona_discounted_order_share: _FOUR = (0.12, 0.75, 0.35, 0.20)
    persona_festival_multiplier: _FOUR = (1.0, 1.0, 0.8, 4.0)
    persona_promotion_multiplier: _FOUR = (1.8, 3.2, 2.4, 1.3)
    # orders
    discount_depth_min: float = 0.05
    discount_depth_max: float = 0.35
    coupon_share_of_discounted: float = 0.6
    cost_ratio_min: float = 0.48
    cost_ratio_max: float = 0.68
    refund_share_of_sales: float = 0.05
    full_refund_share_of_refunds: float = 0.7
    refund_delay_max_days: int = 15
    void_share_of_sales: float = 0.01
    favourite_channel_share: float = 0.75
    # order lines
    extra_lines_mean: float = 1.1
    companion_category_share: float = 0.35
    # behaviour
    sessions_mean_per_30_days: float = 0.45
    sessions_after_dropout_factor: float = 0.06
    views_before_sale_share: float = 0.6
    # voice and service
    review_share_of_sales: float = 0.07
    nps_share_of_sales: float = 0.02
    complaint_share_of_sales: float = 0.008
    complaint_share_of_refunds: float = 0.15
    english_share: float = 0.25
    ticket_share_of_sales: float = 0.03
    response_median_hours: float = 3.0
    touched_share_per_campaign: float = 0.35
    balance_share: float = 0.03
    # dirt
    duplicate_customer_share: float = 0.02
    duplicate_order_row_share: float = 0.003
    blank_customer_share_of_orders: float = 0.004
    blank_field_share: float = 0.01
    late_order_row_share: float = 0.002

    def __post_init__(self) -> None:
        problems = []
        for field in fields(self):
            value = getattr(self, field.name)
            least, most, limits = _limits(field.name)
            for one in value if isinstance(value, tuple) else (value,):
                if not least <= one <= most:
                    place = Place(column=field.name, value=str(one))
                    problems.append(BAD_RATE.problem(place, rate=field.name, value=one, limits=limits))
        raise_all(problems)

    def clean(self) -> ShopSpec:
        """Return the same shop with every rate of dirt at zero."""
        return replace(
            self,
            duplicate_customer_share=0.0,
            duplicate_order_row_share=0.0,
            blank_customer_share_of_orders=0.0,
            blank_field_share=0.0,
            late_order_row_share=0.0,
        )
