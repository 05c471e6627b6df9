"""The lines of each sale: what was in the basket. Their amounts sum to the order's, to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tierwise.datasets import arrow, catalogue
from tierwise.datasets.chunk import Chunk, Subject
from tierwise.datasets.orders import sale_numbers
from tierwise.datasets.spec import Persona

Ints = NDArray[np.int64]
_CENTS_PER_LINE_MIN = 200


@dataclass(frozen=True)
class _Split:
    """Sales cut into lines: the sale of each line, and its part of gross and discount in cents."""

    sale: Ints
    first: NDArray[np.bool_]
    gross_cents: Ints
    discount_cents: Ints


def order_line_table(chunk: Chunk) -> Any:
    """Return the lines of the chunk's sales. Σ quantity × unit_price − Σ discount = the order's amount."""
    rng = chunk.rng(Subject.ORDER_LINES)
    who, sales = chunk.population, chunk.sales
    lines = _split(rng, chunk)
    customer = sales.customer[lines.sale]
    persona = who.persona[customer]
    style = catalogue.draw_styles(rng, persona)
    category = _companions(rng, catalogue.draw_categories(rng, who.favourites[customer]), lines.first, chunk)
    quantity = _quantities(rng, lines.gross_cents, (persona == Persona.BASICS) & (style == catalogue.BASIC))
    steps = catalogue.price_steps(lines.gross_cents // quantity)
    days = sales.at[lines.sale] // 86400
    columns = {
        "order_id": arrow.ids("D", sale_numbers(chunk)[lines.sale], 12),
        "product_id": catalogue.product_ids(category, style, days, steps),
        "category": arrow.words(category * len(catalogue.STYLES) + style, catalogue.NAMES),
        "quantity": arrow.quantity(quantity * 10_000),
        "unit_price": arrow.quantity(lines.gross_cents * 100 // quantity),
        "discount": arrow.money(lines.discount_cents),
    }
    return pa.table(columns)


def _split(rng: np.random.Generator, chunk: Chunk) -> _Split:
    """Cut each sale's gross at random: cents by rounding the running total, so that the parts sum exactly."""
    sales = chunk.sales
    gross = sales.gross_cents
    count = 1 + rng.poisson(chunk.spec.extra_lines_mean, len(gross))
    count = np.minimum(count, np.maximum(gross // _CENTS_PER_LINE_MIN, 1))
    sale = np.repeat(np.arange(len(gross)), count)
    first_row = np.cumsum(count) - count
    first = np.zeros(len(sale), bool)
    first[first_row] = True
    weight = 0.4 + rng.random(len(sale))
    running = np.cumsum(weight)
    before = running[first_row] - weight[first_row]
    upto = running - before[sale]
    upto /= upto[first_row + count - 1][sale]
    return _Split(sale, first, _parts(gross, sale, upto, first), _parts(sales.discount_cents, sale, upto, first))


def _parts(total: Ints, sale: Ints, upto: NDArray[np.float64], first: NDArray[np.bool_]) -> Ints:
    running = np.rint(total[sale] * upto).astype(np.int64)
    previous = np.concatenate(([0], running[:-1]))
    return np.asarray(running - np.where(first, 0, previous))


def _companions(rng: np.random.Generator, category: Ints, first: NDArray[np.bool_], chunk: Chunk) -> Ints:
    """Replace the category of some later lines by the companion of the basket's first line."""
    leader = np.maximum.accumulate(np.where(first, np.arange(len(first)), 0))
    joined = ~first & (rng.random(len(first)) < chunk.spec.companion_category_share)
    return np.where(joined, catalogue.COMPANIONS[category[leader]], category)


def _quantities(rng: np.random.Generator, gross_cents: Ints, stocking: NDArray[np.bool_]) -> Ints:
    """Draw pieces per line; stockers take more basics. A unit price must be exact in four decimals.

    So 3 and 6 are kept only where they divide the cents, and become 2 and 5 elsewhere.
    """
    pieces = np.array([1, 2, 3, 4, 6, 10])
    usual, stock = (0.68, 0.84, 0.92, 0.96, 0.99, 1.0), (0.15, 0.40, 0.60, 0.78, 0.92, 1.0)
    u = rng.random(len(gross_cents))
    at = np.where(stocking, np.searchsorted(stock, u, side="right"), np.searchsorted(usual, u, side="right"))
    drawn = pieces[at]
    drawn = np.where(gross_cents < 100 * drawn, 1, drawn)
    return np.where((drawn % 3 == 0) & (gross_cents % 3 != 0), drawn - 1, drawn)
