"""What surrounds the purchases: tickets, campaign touches, stored-value balances, referrals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tierwise.datasets import arrow
from tierwise.datasets.chunk import Chunk, Subject
from tierwise.datasets.population import REFERRAL_SOURCE
from tierwise.datasets.seasons import to_date

Ints = NDArray[np.int64]

_PRIORITIES = ("low", "normal", "high")
_RESPONSE_FACTORS = np.array([2.0, 1.0, 0.3])
TOPICS = ("物流", "退换货", "商品质量", "优惠与发票", "会员积分", "使用咨询")


def ticket_table(chunk: Chunk) -> Any:
    """Return tickets by time: after some sales, answered log-normally late, rated lower the later."""
    rng, sales, spec = chunk.rng(Subject.TICKETS), chunk.sales, chunk.spec
    sale = np.flatnonzero(rng.random(len(sales.at)) < spec.ticket_share_of_sales)
    past_end = (chunk.end_day + 1) * 86400
    at = sales.at[sale] + rng.integers(3600, 10 * 86400, len(sale))
    sale, at = sale[at < past_end], at[at < past_end]
    order = np.argsort(at, kind="stable")
    customer, at = sales.customer[sale[order]], at[order]
    rows = len(at)
    priority = np.searchsorted((0.3, 0.85), rng.random(rows), side="right")
    hours = spec.response_median_hours * _RESPONSE_FACTORS[priority] * rng.lognormal(0.0, 0.9, rows)
    answered = at + (hours * 3600).astype(np.int64) + 60
    closed = answered + (rng.gamma(1.5, 16.0, rows) * 3600).astype(np.int64)
    mood = 4.2 + 0.5 * chunk.population.satisfaction[customer] - 0.6 * np.log1p(hours / 4) + rng.normal(0, 0.6, rows)
    rating = np.clip(np.rint(mood), 1, 5).astype(np.int64)
    silent = (closed >= past_end) | (rng.random(rows) < 0.4)
    return pa.table(
        {
            "customer_id": chunk.customer_ids(customer, at, Subject.TICKETS),
            "opened_at": arrow.moments(at),
            "first_response_at": arrow.moments(answered, answered >= past_end),
            "closed_at": arrow.moments(closed, closed >= past_end),
            "priority": arrow.words(priority, _PRIORITIES),
            "topic": arrow.words(rng.integers(0, len(TOPICS), rows), TOPICS),
            "satisfaction": arrow.quantity(rating * 10_000, silent),
        }
    )


TOUCH_CHANNELS = ("短信", "邮件", "App推送", "企业微信")
_COST_CENTS = np.array([5, 1, 0, 3])
_OPEN_SHARES = np.array([0.0, 0.18, 0.10, 0.42])  # an SMS does not tell that it was opened
_CLICK_SHARES = np.array([0.03, 0.15, 0.22, 0.25])  # of those opened; of those sent for SMS
_CAMPAIGN_KINDS = ("会员日", "新品上市", "满减活动", "沉睡唤醒")
_DAYS_BETWEEN_CAMPAIGNS = 24


def touch_table(chunk: Chunk) -> Any:
    """Return campaign messages by time: every 24 days one campaign to a share of those registered.

    Opening rises with engagement and falls after the drop-out. Touches do not cause purchases.
    """
    rng, who = chunk.rng(Subject.TOUCHES), chunk.population
    campaigns = chunk.clock.days // _DAYS_BETWEEN_CAMPAIGNS
    day = chunk.clock.start_day + (1 + np.arange(campaigns)) * _DAYS_BETWEEN_CAMPAIGNS - 1
    chosen = rng.random((campaigns, who.size)) < chunk.spec.touched_share_per_campaign
    chosen &= who.registered_day < day[:, None]
    campaign, customer = np.nonzero(chosen)
    at = day[campaign] * 86400 + 10 * 3600 + rng.integers(0, 9 * 3600, len(customer))
    order = np.argsort(at, kind="stable")
    campaign, customer, at = campaign[order], customer[order], at[order]
    channel = rng.integers(0, len(TOUCH_CHANNELS), len(at))
    dropped = chunk.sales.dropped_out_at[customer]
    lively = np.where((dropped >= 0) & (dropped < at), 0.2, 1.0) * np.clip(who.engagement[customer], 0.2, 2.0)
    opened = rng.random(len(at)) < _OPEN_SHARES[channel] * lively
    clicked = (opened | (channel == 0)) & (rng.random(len(at)) < _CLICK_SHARES[channel] * np.sqrt(lively))
    names = [f"{to_date(int(d)):%Y-%m} {_CAMPAIGN_KINDS[n % 4]}" for n, d in enumerate(day)]
    return pa.table(
        {
            "customer_id": chunk.customer_ids(customer, at, Subject.TOUCHES),
            "sent_at": arrow.moments(at),
            "channel": arrow.words(channel, TOUCH_CHANNELS),
            "campaign": arrow.words(campaign, names),
            "opened": pa.array(opened.astype(np.int64), mask=channel == 0),
            "clicked": pa.array(clicked.astype(np.int64)),
            "cost": arrow.money(_COST_CENTS[channel]),
        }
    )


_BALANCE_EVERY_DAYS = 91


def balance_table(chunk: Chunk) -> Any:
    """Return stored-value balances of a few customers, every 91 days since they registered."""
    rng, who = chunk.rng(Subject.BALANCES), chunk.population
    holder = np.flatnonzero(rng.random(who.size) < chunk.spec.balance_share)
    dates = chunk.clock.start_day + np.arange(_BALANCE_EVERY_DAYS, chunk.clock.days, _BALANCE_EVERY_DAYS) - 1
    walk = np.cumsum(rng.normal(0.0, 0.25, (len(dates), len(holder))), axis=0)
    yuan = np.exp(rng.normal(6.5, 1.1, len(holder))) * np.exp(walk)
    date, at = np.nonzero(who.registered_day[holder] <= dates[:, None])
    return pa.table(
        {
            "customer_id": arrow.ids("C", chunk.numbers[holder[at]], 8),
            "as_of_date": arrow.dates(dates[date]),
            "assets": arrow.money(np.rint(yuan[date, at] * 100).astype(np.int64)),
        }
    )


def referral_table(chunk: Chunk) -> Any:
    """Return who brought whom: someone registered earlier in the chunk, the more engaged the likelier."""
    rng, who = chunk.rng(Subject.REFERRALS), chunk.population
    by_time = np.argsort(who.registered_at, kind="stable")
    weight = np.cumsum(who.engagement[by_time])
    rank = np.flatnonzero(who.source[by_time] == REFERRAL_SOURCE)
    rank = rank[rank > 0]
    drawn = rng.random(len(rank)) * weight[rank - 1]
    referrer = by_time[np.minimum(np.searchsorted(weight, drawn, side="right"), rank - 1)]
    referred = by_time[rank]
    at = who.registered_at[referred]
    return pa.table(
        {
            "customer_id": chunk.customer_ids(referrer, at, Subject.REFERRALS),
            "referred_customer_id": arrow.ids("C", chunk.numbers[referred], 8),
            "referred_at": arrow.dates(at // 86400),
        }
    )
