"""Find centres of groups among points: k-means and Ward. One thread each, so that sums never change their order."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Algorithm = Literal["kmeans", "ward"]
WARD_POINTS = 2000
"""Ward's method keeps all distances between points: 2,000 points take 16 MB."""


def centres_of(points: Real, k: int, algorithm: Algorithm, seed: int, starts: int = 10) -> Real:
    """k centres of points (rows), as an array (k, dimensions); `starts` counts for kmeans."""
    return _kmeans(points, k, seed, starts) if algorithm == "kmeans" else _ward(points, k)


def thinned(points: Real, most: int) -> Real:
    """Every n-th point, at most `most`."""
    return points[:: max(1, -(-len(points) // most))]


def nearest(points: Real, centres: Real) -> Whole:
    """The place of the nearest centre of each point; the first of equally near ones."""
    squares = np.stack([np.sum((points - centre) ** 2, axis=1) for centre in centres], axis=1)
    return np.asarray(np.argmin(squares, axis=1), dtype=np.int64)


def inertia(points: Real, centres: Real) -> float:
    """The sum of squared distances of points to their nearest centre."""
    squares = np.stack([np.sum((points - centre) ** 2, axis=1) for centre in centres], axis=1)
    return float(np.sum(np.min(squares, axis=1)))


@cache
def _pools() -> Any:
    """The thread pools of BLAS and OpenMP; to find them takes longer than to group 2,000 points."""
    import sklearn.cluster  # noqa: F401  # only what is loaded is found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _kmeans(points: Real, k: int, seed: int, starts: int) -> Real:
    from sklearn.cluster import KMeans

    found = KMeans(n_clusters=k, n_init=starts, random_state=seed, algorithm="lloyd")
    with _pools().limit(limits=1):
        return np.asarray(found.fit(points).cluster_centers_, dtype=np.float64)


def _ward(points: Real, k: int) -> Real:
    from scipy.cluster.hierarchy import fcluster, linkage

    few = thinned(points, WARD_POINTS)
    groups = fcluster(linkage(few, method="ward"), t=k, criterion="maxclust")
    return np.stack([few[groups == group].mean(axis=0) for group in np.unique(groups)])
