"""Behaviour: sessions while the customer is alive (few after), and what precedes a sale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tierwise.datasets import arrow, catalogue
from tierwise.datasets.chunk import Chunk, Subject
from tierwise.datasets.orders import ROWS_PER_CHUNK_MAX
from tierwise.datasets.population import CHANNELS, STORE_CHANNEL
from tierwise.datasets.seasons import time_of_day

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

EVENTS = ("login", "Product Viewed", "Product Added", "search", "comment", "share", "invite")
LOGIN, VIEWED, ADDED, SEARCH, COMMENT, SHARE, INVITE = range(7)
_SHARE_OF_SESSIONS = {SEARCH: 0.35, ADDED: 0.22, COMMENT: 0.05, SHARE: 0.04, INVITE: 0.02}
_QUERIES = (
    "纸巾",
    "连衣裙",
    "白T恤",
    "礼盒",
    "咖啡",
    "运动鞋",
    "香薰",
    "零食大礼包",
    "床品四件套",
    "新款外套",
)
_SESSION_SECONDS = 1500


def event_table(chunk: Chunk) -> Any:
    """Return the chunk's events by time."""
    rng = chunk.rng(Subject.EVENTS)
    parts = [*_session_events(rng, chunk), *_events_before_sales(rng, chunk)]
    customer = np.concatenate([part[0] for part in parts])
    kind = np.concatenate([np.full(len(part[0]), part[1]) for part in parts])
    at = np.concatenate([part[2] for part in parts])
    order = np.argsort(at, kind="stable")
    customer, kind, at = customer[order], kind[order], at[order]
    own = chunk.population.channel[customer]
    return pa.table(
        {
            "message_id": arrow.ids("E", chunk.number * ROWS_PER_CHUNK_MAX + np.arange(len(at)), 12),
            "customer_id": chunk.customer_ids(customer, at, Subject.EVENTS),
            "event": arrow.words(kind, EVENTS),
            "occurred_at": arrow.moments(at),
            "channel": arrow.words(np.where(own == STORE_CHANNEL, 1, own), CHANNELS),
            "properties": _properties(rng, chunk, customer, kind, at),
        }
    )


_Part = tuple[Ints, int, Ints]


def sessions_per_day(chunk: Chunk) -> Floats:
    """Return each customer's session rate while alive: mean × engagement × (λ / mean λ)^½, within 0.3–3."""
    who, spec = chunk.population, chunk.spec
    relative = who.rate_per_day * spec.rate_scale_days / spec.rate_shape
    activity = np.clip(np.sqrt(relative), 0.3, 3.0)
    return np.asarray(spec.sessions_mean_per_30_days / 30 * who.engagement * activity)


def _session_events(rng: np.random.Generator, chunk: Chunk) -> list[_Part]:
    """Sessions are Poisson from registration to the end, thinned after the drop-out; each holds events."""
    who, dropped = chunk.population, chunk.sales.dropped_out_at
    first_day, past_end = who.registered_day, chunk.end_day + 1
    alive_until = np.where(dropped >= 0, dropped // 86400 + 1, past_end)
    customers, days = [], []
    rate = sessions_per_day(chunk)
    for factor, begin, until in (
        (1.0, first_day, alive_until),
        (chunk.spec.sessions_after_dropout_factor, alive_until, np.full(who.size, past_end)),
    ):
        count = rng.poisson(rate * factor * (until - begin))
        customer = np.repeat(np.arange(who.size), count)
        customers.append(customer)
        length = (until - begin)[customer]
        days.append(begin[customer] + (rng.random(len(customer)) * length).astype(np.int64))
    customer, day = np.concatenate(customers), np.concatenate(days)
    at = np.maximum(day * 86400 + time_of_day(rng.random(len(day))), who.registered_at[customer])
    at = np.minimum(at, (chunk.end_day + 1) * 86400 - _SESSION_SECONDS - 1)
    return [(customer, LOGIN, at), *_inside_sessions(rng, customer, at)]


def _inside_sessions(rng: np.random.Generator, customer: Ints, at: Ints) -> list[_Part]:
    views = np.repeat(np.arange(len(at)), rng.geometric(0.4, len(at)) - 1)
    parts = [(customer[views], VIEWED, _later(rng, at[views]))]
    for kind, share in _SHARE_OF_SESSIONS.items():
        chosen = np.flatnonzero(rng.random(len(at)) < share)
        parts.append((customer[chosen], kind, _later(rng, at[chosen])))
    return parts


def _later(rng: np.random.Generator, at: Ints) -> Ints:
    return at + rng.integers(1, _SESSION_SECONDS, len(at))


def _events_before_sales(rng: np.random.Generator, chunk: Chunk) -> list[_Part]:
    sales = chunk.sales
    seen = np.flatnonzero(
        (rng.random(len(sales.at)) < chunk.spec.views_before_sale_share) & (sales.channel != STORE_CHANNEL)
    )
    views = np.repeat(seen, 1 + rng.poisson(1.0, len(seen)))
    opening = chunk.clock.start_day * 86400
    parts = []
    for kind, rows, soonest, latest in ((VIEWED, views, 300, 7200), (ADDED, seen, 30, 300)):
        at = np.maximum(sales.at[rows] - rng.integers(soonest, latest, len(rows)), opening)
        parts.append((sales.customer[rows], kind, at))
    return parts


def _properties(rng: np.random.Generator, chunk: Chunk, customer: Ints, kind: Ints, at: Ints) -> Any:
    """Return JSON: the product of a view or an addition, the words of a search, nothing for the rest."""
    who = chunk.population
    about = np.flatnonzero((kind == VIEWED) | (kind == ADDED))
    looked, looked_at = customer[about], at[about]
    style = catalogue.draw_styles(rng, who.persona[looked])
    category = catalogue.draw_categories(rng, who.favourites[looked])
    steps = catalogue.price_steps((who.mean_spend_yuan[looked] * rng.uniform(20, 120, len(about))).astype(np.int64))
    product = arrow.join(
        '{"product_id": "',
        catalogue.product_ids(category, style, looked_at // 86400, steps),
        '", "category": "',
        arrow.words(category * len(catalogue.STYLES) + style, catalogue.NAMES),
        '"}',
    )
    asked = np.flatnonzero(kind == SEARCH)
    query = arrow.words(rng.integers(0, len(_QUERIES), len(asked)), _QUERIES)
    texts = pa.concat_arrays([product, arrow.join('{"query": "', query, '"}')])
    where = np.full(len(kind), -1)
    where[about] = np.arange(len(about))
    where[asked] = len(about) + np.arange(len(asked))
    return pc.take(texts, pa.array(where, mask=where < 0))
