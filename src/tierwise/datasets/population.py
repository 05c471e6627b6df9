"""Who the customers truly are: rate, drop-out, spend, persona, tastes. Nothing of this is in the tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tierwise.datasets.catalogue import CATEGORY_COUNT
from tierwise.datasets.places import CITIES
from tierwise.datasets.seasons import Clock
from tierwise.datasets.spec import ShopSpec

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CHANNELS = ("App", "小程序", "门店", "官网")
_CHANNEL_SHARES = (0.34, 0.36, 0.20, 0.10)
STORE_CHANNEL = 2


@dataclass(frozen=True, slots=True)
class Source:
    """A channel customers come from, its share, and what one costs on average there."""

    name: str
    share: float
    cost_yuan: float


SOURCES = (
    Source("搜索广告", 0.20, 38.0),
    Source("短视频", 0.18, 46.0),
    Source("小程序", 0.16, 12.0),
    Source("门店", 0.16, 8.0),
    Source("老客推荐", 0.15, 15.0),
    Source("自然流量", 0.15, 0.0),
)
REFERRAL_SOURCE = 4


@dataclass(frozen=True)
class Population:
    """The true parameters of a chunk of customers, one array each.

    Positions are days of the seasonal clock since the shop's start. `first_position` is infinite for those
    who never buy in the window.
    """

    rate_per_day: Floats
    dropout_probability: Floats
    mean_spend_yuan: Floats
    persona: Ints
    engagement: Floats  # mean 1
    satisfaction: Floats  # about −3 to 3; low where drop-out is likely
    registered_day: Ints  # since 1970
    registered_at: Ints  # seconds since 1970
    first_position: Floats
    never_buys: NDArray[np.bool_]
    channel: Ints
    city: Ints
    favourites: Ints  # (customers, 3) categories
    company: NDArray[np.bool_]
    source: Ints
    english: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """How many customers."""
        return len(self.rate_per_day)


def draw_personas(rng: np.random.Generator, mean_spend: Floats, spec: ShopSpec) -> Ints:
    """Draw a persona given the spend: gift buyers and trend followers are likelier among high spenders.

    Drawing it after the spend keeps the population's spend exactly gamma-gamma and independent of the rate.
    """
    relative = np.log(mean_spend / spec.spend_mean_yuan)
    weights = np.array(spec.persona_shares) * np.exp(np.outer(relative, spec.persona_spend_tilt))
    cumulative = np.cumsum(weights, axis=1)
    return np.asarray(((rng.random(len(mean_spend)) * cumulative[:, -1])[:, None] > cumulative).sum(axis=1))


def draw_mean_spend(rng: np.random.Generator, size: int, spec: ShopSpec) -> Floats:
    """Draw each customer's mean order p/ν in yuan, ν ~ Gamma(q, γ) with γ set by the population mean."""
    p, q = spec.spend_shape, spec.spend_heterogeneity_shape
    gamma = spec.spend_mean_yuan * (q - 1) / p
    return np.asarray(p / rng.gamma(q, 1 / gamma, size))


def draw_process(rng: np.random.Generator, size: int, spec: ShopSpec) -> tuple[Floats, Floats]:
    """Draw each customer's rate λ (orders per seasonal day) and drop-out probability p."""
    rate = rng.gamma(spec.rate_shape, 1 / spec.rate_scale_days, size)
    dropout = np.clip(rng.beta(spec.dropout_a, spec.dropout_b, size), 1e-6, 1.0)
    return rate, dropout


def draw_first_positions(
    rng: np.random.Generator, size: int, spec: ShopSpec, window_days: float
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Draw registration (even over the clock), the first purchase after it, and who never buys."""
    registered = window_days * rng.random(size)
    at_once = rng.random(size) < spec.buys_on_registration_day_share
    delay = np.where(at_once, 0.0, rng.exponential(spec.first_purchase_delay_mean_days, size))
    never = rng.random(size) < spec.never_buys_share
    first = registered + delay
    return registered, np.where(never | (first >= window_days), np.inf, first), never


def _favourites(rng: np.random.Generator, size: int) -> Ints:
    """Draw three different favourite categories."""
    first = rng.integers(0, CATEGORY_COUNT, size)
    second = (first + rng.integers(1, CATEGORY_COUNT // 2, size)) % CATEGORY_COUNT
    third = (first + rng.integers(CATEGORY_COUNT // 2, CATEGORY_COUNT, size)) % CATEGORY_COUNT
    return np.stack((first, second, third), axis=1)


def draw_population(rng: np.random.Generator, size: int, spec: ShopSpec, clock: Clock) -> Population:
    """Draw the truth of `size` customers."""
    rate, dropout = draw_process(rng, size, spec)
    mean_spend = draw_mean_spend(rng, size, spec)
    persona = draw_personas(rng, mean_spend, spec)
    registered, first, never = draw_first_positions(rng, size, spec, float(clock.days))
    registered_at = clock.moments(persona, registered)
    shares = np.array([city.share for city in CITIES])
    expected = spec.dropout_a / (spec.dropout_a + spec.dropout_b)
    return Population(
        rate_per_day=rate,
        dropout_probability=dropout,
        mean_spend_yuan=mean_spend,
        persona=persona,
        engagement=rng.gamma(2.0, 0.5, size),
        satisfaction=rng.normal(0.6, 0.8, size) - 3.0 * (dropout - expected),
        registered_day=registered_at // 86400,
        registered_at=registered_at,
        first_position=first,
        never_buys=never,
        channel=rng.choice(len(CHANNELS), size, p=_CHANNEL_SHARES),
        city=rng.choice(len(CITIES), size, p=shares / shares.sum()),
        favourites=_favourites(rng, size),
        company=rng.random(size) < spec.company_share,
        source=rng.choice(len(SOURCES), size, p=[source.share for source in SOURCES]),
        english=rng.random(size) < spec.english_share,
    )
