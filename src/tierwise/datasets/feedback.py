"""What customers say: ratings, reviews and NPS after sales, complaints after sales and refunds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tierwise.datasets import arrow
from tierwise.datasets.chunk import Chunk, Subject
from tierwise.datasets.orders import draw_refunds
from tierwise.datasets.wording import NEGATIVE, NEUTRAL, POSITIVE, write_texts

Ints = NDArray[np.int64]

KINDS = ("nps", "rating", "review", "complaint")
NPS, RATING, REVIEW, COMPLAINT = range(4)
_RATING_SHARE = 0.45
_NPS_WITH_TEXT_SHARE = 0.4


def feedback_table(chunk: Chunk) -> Any:
    """Return the chunk's feedback by time.

    Ratings and reviews score 1 to 5, NPS 0 to 10; a complaint has no score. Reviews and complaints have a
    text, some NPS answers too; its sentiment follows the score: up to 2 stars (NPS 6) bad, 3 stars
    (NPS 7–8) mixed, above good.
    """
    rng = chunk.rng(Subject.FEEDBACK)
    customer, at, kind = _occasions(rng, chunk)
    score, sentiment = _scores(rng, chunk.population.satisfaction[customer], kind)
    silent = (kind == RATING) | ((kind == NPS) & (rng.random(len(kind)) >= _NPS_WITH_TEXT_SHARE))
    text = write_texts(rng, sentiment, chunk.population.english[customer])
    return pa.table(
        {
            "customer_id": chunk.customer_ids(customer, at, Subject.FEEDBACK),
            "given_at": arrow.moments(at),
            "kind": arrow.words(kind, KINDS),
            "score": arrow.quantity(score * 10_000, kind == COMPLAINT),
            "text": arrow.blank(text, silent),
        }
    )


def _occasions(rng: np.random.Generator, chunk: Chunk) -> tuple[Ints, Ints, Ints]:
    """Draw who says something when, and of which kind, by time; the shop's end cuts what would come later."""
    sales, spec = chunk.sales, chunk.spec
    refunded, refund_at, _ = draw_refunds(chunk, chunk.rng(Subject.ORDERS))
    moments = []
    for kind, share, of, since in (
        (REVIEW, spec.review_share_of_sales, sales.customer, sales.at),
        (NPS, spec.nps_share_of_sales, sales.customer, sales.at),
        (COMPLAINT, spec.complaint_share_of_sales, sales.customer, sales.at),
        (COMPLAINT, spec.complaint_share_of_refunds, sales.customer[refunded], refund_at),
    ):
        said = np.flatnonzero(rng.random(len(of)) < share)
        later = rng.integers(86400, 8 * 86400, len(said))
        wordless = (kind == REVIEW) & (rng.random(len(said)) < _RATING_SHARE)
        moments.append((of[said], since[said] + later, np.where(wordless, RATING, kind)))
    customer, at, kinds = (np.concatenate(parts) for parts in zip(*moments, strict=True))
    order = np.argsort(at, kind="stable")
    order = order[at[order] < (chunk.end_day + 1) * 86400]
    return customer[order], at[order], kinds[order]


def _scores(rng: np.random.Generator, satisfaction: NDArray[np.float64], kind: Ints) -> tuple[Ints, Ints]:
    """Draw scores around the customer's satisfaction; return them with the sentiment they stand for."""
    mood = satisfaction + rng.normal(0.0, 0.8, len(kind))
    stars = np.clip(np.rint(3.5 + mood), 1, 5).astype(np.int64)
    nps = np.clip(np.rint(6.8 + 2.0 * mood), 0, 10).astype(np.int64)
    by_stars = np.where(stars <= 2, NEGATIVE, np.where(stars == 3, NEUTRAL, POSITIVE))
    by_nps = np.where(nps <= 6, NEGATIVE, np.where(nps <= 8, NEUTRAL, POSITIVE))
    sentiment = np.where(kind == NPS, by_nps, np.where(kind == COMPLAINT, NEGATIVE, by_stars))
    return np.where(kind == NPS, nps, stars), sentiment
