"""From pairs to customers: connected components, with a guard against chains that swallow everyone."""

from __future__ import annotations

from typing import Any

import numpy as np

_STEP = 2.0


def connect(
    left: Any, right: Any, weights: Any, records: int, most_records: int, apart: Any = ((), ())
) -> tuple[Any, Any]:
    """Return each record's cluster (its smallest record) and which edges were refused.

    `left` and `right` are record numbers from 0, `weights` log2 of the odds, infinite for a certain pair; `apart` are
    pairs that are not one customer. Where a cluster would have more than `most_records`, or holds a pair that is apart,
    its weakest edges give way, step by step of two. If certain pairs alone make a cluster too large, something is wrong
    with the data, and none of its edges is used; if they alone join a pair that is apart, they stand.
    """
    left, right, weights = np.asarray(left, np.int64), np.asarray(right, np.int64), np.asarray(weights, float)
    apart_l, apart_r = (np.asarray(side, np.int64) for side in apart)
    kept = np.ones(len(left), bool)
    while True:
        clusters = components(left[kept], right[kept], records)
        large = np.bincount(clusters, minlength=records) > most_records
        torn = np.zeros(records, bool)
        torn[clusters[apart_l][clusters[apart_l] == clusters[apart_r]]] = True
        edge = clusters[left]
        yielding = kept & (large[edge] | (torn[edge] & np.isfinite(weights)))
        if not yielding.any():
            return clusters, ~kept
        weakest = np.full(records, np.inf)
        np.minimum.at(weakest, edge[yielding], weights[yielding])
        kept &= ~(yielding & ((weights <= weakest[edge] + _STEP) | np.isinf(weakest[edge])))


def components(left: Any, right: Any, records: int) -> Any:
    """Return each record's component, its smallest record, without any guard."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(records, records))
    _, labels = connected_components(edges, directed=False)
    # scipy numbers components in the order in which their first record comes.
    first = np.full(labels.max(initial=-1) + 1, records, np.int64)
    np.minimum.at(first, labels, np.arange(records))
    return first[labels]
