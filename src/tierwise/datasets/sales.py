"""The purchases: BG/NBD on the seasonal clock, gamma-gamma amounts. Refunds follow in `orders`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tierwise.datasets.places import CITIES, FIRST_STORE
from tierwise.datasets.population import CHANNELS, STORE_CHANNEL, Population
from tierwise.datasets.seasons import Clock, is_promotion
from tierwise.datasets.spec import ShopSpec

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Sales:
    """The sales of a chunk by time; the last three arrays are one value a customer."""

    customer: Ints
    at: Ints  # seconds since 1970
    paid_cents: Ints
    discount_cents: Ints
    cost_cents: Ints
    coupon: Ints  # −1: none
    channel: Ints
    store: Ints  # −1: none
    dropped_out_at: Ints  # seconds since 1970; −1: had not dropped out by the end
    first_at: Ints  # −1: no purchase
    count: Ints

    @property
    def gross_cents(self) -> Ints:
        """What the goods would have cost without discount."""
        return self.paid_cents + self.discount_cents


@dataclass(frozen=True)
class _Purchases:
    """When customers buy, as positions on the seasonal clock, unsorted."""

    customer: Ints
    position: Floats
    first_row: Ints  # of each customer, in the rows of the two above
    count: Ints
    dropped: NDArray[np.bool_]


def _draw_purchases(rng: np.random.Generator, who: Population, window: float) -> _Purchases:
    """Draw x repeat purchases of each customer and where they fall.

    With N ~ Poisson(λU) chances in the U days left and drop-out at the K-th, K ~ Geometric(p), x = min(N, K).
    Given N, the chances are uniform on (0, U); the K-th smallest of them is U·Beta(K, N − K + 1), and
    those before it are uniform below it. So nobody's purchases after the drop-out are ever drawn.
    """
    buys = np.isfinite(who.first_position)
    left = np.where(buys, window - who.first_position, 0.0)
    chances = rng.poisson(who.rate_per_day * left)
    lasts = rng.geometric(who.dropout_probability)
    dropped = lasts <= chances
    span = left.copy()
    k, n = lasts[dropped].astype(float), chances[dropped]
    span[dropped] *= rng.beta(k, n - k + 1.0)
    count = np.where(buys, 1 + np.minimum(chances, lasts), 0)
    customer = np.repeat(np.arange(who.size), count)
    first_row = np.cumsum(count) - count
    start = np.where(buys, who.first_position, 0.0)
    position = start[customer] + span[customer] * rng.random(len(customer))
    position[first_row[buys]] = start[buys]
    position[first_row[dropped] + 1] = start[dropped] + span[dropped]
    return _Purchases(customer, position, first_row, count, dropped)


def _draw_discounts(
    rng: np.random.Generator, persona: Ints, day: Ints, paid_cents: Ints, spec: ShopSpec
) -> tuple[Ints, Ints]:
    """Return discount in cents and coupon code (−1: none) of each order; promotions discount most orders."""
    rows = len(persona)
    usual = np.array(spec.persona_discounted_order_share)[persona]
    share = np.where(is_promotion(day), 1 - 0.4 * (1 - usual), usual)
    discounted = rng.random(rows) < share
    depth = rng.uniform(spec.discount_depth_min, spec.discount_depth_max, rows)
    cents = np.where(discounted, np.rint(paid_cents * depth / (1 - depth)), 0).astype(np.int64)
    by_coupon = (cents > 0) & (rng.random(rows) < spec.coupon_share_of_discounted)
    kind = np.minimum((depth * 12).astype(np.int64), 3)
    return cents, np.where(by_coupon, np.where(is_promotion(day), 4, kind), -1)


COUPONS = ("新人券", "满减券", "会员券", "八折券", "大促券")


def _draw_channels(rng: np.random.Generator, who: Population, customer: Ints, spec: ShopSpec) -> tuple[Ints, Ints]:
    """Return channel and store of each order; a city without a store sells by the mini-program instead."""
    rows = len(customer)
    other = rng.integers(0, len(CHANNELS), rows)
    channel = np.where(rng.random(rows) < spec.favourite_channel_share, who.channel[customer], other)
    stores = np.array([city.stores for city in CITIES])[who.city[customer]]
    channel = np.where((channel == STORE_CHANNEL) & (stores == 0), 1, channel)
    store = np.array(FIRST_STORE)[who.city[customer]] + customer % np.maximum(stores, 1)
    return channel, np.where(channel == STORE_CHANNEL, store, -1)


def draw_sales(rng: np.random.Generator, who: Population, spec: ShopSpec, clock: Clock) -> Sales:
    """Draw every sale of a chunk, sorted by time."""
    bought = _draw_purchases(rng, who, float(clock.days))
    at = clock.moments(who.persona[bought.customer], bought.position)
    dropped_out_at = np.full(who.size, -1)
    dropped_out_at[bought.dropped] = at[bought.first_row[bought.dropped] + 1]
    first_at = np.full(who.size, -1)
    buyers = bought.count > 0
    first_at[buyers] = at[bought.first_row[buyers]]
    order = np.argsort(at, kind="stable")
    customer, at = bought.customer[order], at[order]
    yuan = rng.standard_gamma(spec.spend_shape, len(at)) * (who.mean_spend_yuan[customer] / spec.spend_shape)
    paid = np.maximum(np.rint(yuan * 100), 100).astype(np.int64)
    discount, coupon = _draw_discounts(rng, who.persona[customer], at // 86400, paid, spec)
    ratio = rng.uniform(spec.cost_ratio_min, spec.cost_ratio_max, len(at))
    cost = np.rint((paid + discount) * ratio).astype(np.int64)
    channel, store = _draw_channels(rng, who, customer, spec)
    return Sales(customer, at, paid, discount, cost, coupon, channel, store, dropped_out_at, first_at, bought.count)
