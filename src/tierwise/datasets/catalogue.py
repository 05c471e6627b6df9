"""What the shop sells: 12 categories in 4 styles, each a ladder of prices.

A product id is P and eight digits: category (2), style (1), quarter of launch (3, counted from 2015, 000 for
what is always sold), step on the price ladder (2). New items are only sold in the quarter of their launch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tierwise.datasets import arrow
from tierwise.datasets.seasons import FIRST_YEAR
from tierwise.datasets.spec import Persona

Ints = NDArray[np.int64]

CATEGORIES = (
    "服饰/上衣", "服饰/裤装", "服饰/裙装", "服饰/鞋靴", "服饰/包配", "日用/纸品清洁",
    "日用/个人护理", "日用/厨房用品", "食品/零食", "食品/饮料冲调", "家居/床品", "家居/香氛摆件",
)  # fmt: skip
CATEGORY_COUNT = len(CATEGORIES)
COMPANIONS = np.array([1, 0, 4, 0, 2, 6, 5, 5, 9, 8, 11, 10])
"""The category often bought together with each."""

STYLES = ("常规款", "基础款", "当季新品", "礼盒装")
REGULAR, BASIC, NEW, GIFT = range(4)
STYLE_SHARES: dict[Persona, tuple[float, float, float, float]] = {
    Persona.TREND: (0.32, 0.08, 0.55, 0.05),
    Persona.BARGAIN: (0.64, 0.22, 0.10, 0.04),
    Persona.BASICS: (0.28, 0.62, 0.06, 0.04),
    Persona.GIFT: (0.34, 0.10, 0.16, 0.40),
}

NAMES = tuple(f"{category}/{style}" for category in CATEGORIES for style in STYLES)
"""Full category names, in the order of `category × 4 + style`."""

_LADDER_FIRST_YUAN, _LADDER_RATIO, _LADDER_STEPS = 5.0, 1.35, 20


def draw_styles(rng: np.random.Generator, persona: Ints) -> Ints:
    """Draw a style for each row by the persona of its customer."""
    cumulative = np.cumsum([STYLE_SHARES[p] for p in Persona], axis=1)
    cumulative[:, -1] = 1.0
    return np.asarray((rng.random(len(persona))[:, None] >= cumulative[persona]).sum(axis=1))


def draw_categories(rng: np.random.Generator, favourites: Ints) -> Ints:
    """Draw a category for each row: 50 % the first favourite, 25 % the second, 10 % the third, else any."""
    rank = np.searchsorted((0.50, 0.75, 0.85), rng.random(len(favourites)), side="right")
    anything = rng.integers(0, CATEGORY_COUNT, len(favourites))
    favourite = favourites[np.arange(len(favourites)), np.minimum(rank, 2)]
    return np.where(rank == 3, anything, favourite)


def quarters(days: Ints) -> Ints:
    """Return the quarter of each day since 1970, counted from 1 at the first of 2015."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray((months - (FIRST_YEAR - 1970) * 12) // 3 + 1)


def price_steps(unit_cents: Ints) -> Ints:
    """Return the step of the price ladder nearest to each price; a step is 35 % above the one below."""
    yuan = np.maximum(unit_cents, 1) / 100
    steps = np.rint(np.log(yuan / _LADDER_FIRST_YUAN) / np.log(_LADDER_RATIO))
    return np.asarray(np.clip(steps, 0, _LADDER_STEPS - 1), np.int64)


def product_ids(category: Ints, style: Ints, days: Ints, steps: Ints) -> Any:
    """Return the id of the product of each row, sold on `days` since 1970."""
    launched = np.where(style == NEW, quarters(days), 0)
    return arrow.ids("P", ((category * 10 + style) * 1000 + launched) * 100 + steps, 8)
