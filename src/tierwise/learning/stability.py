"""How much of a grouping is in the data: bootstrap stability, silhouette and the gap statistic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tierwise.learning.grouping import Algorithm, centres_of, inertia, nearest, thinned

Real = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

POINTS = 2000
"""Points that are drawn from to judge a grouping."""
STARTS = 2
STABLE = 0.75
"""The mean Jaccard from which a group counts as found again (Hennig 2007)."""


@dataclass(frozen=True)
class Stability:
    """What bootstrap samples found again: per group its mean best Jaccard, and the mean adjusted Rand index."""

    jaccard: tuple[float, ...]
    rand: float


@dataclass(frozen=True)
class Judged:
    """One number of groups, judged. `gap_error` is the standard error of the gap."""

    k: int
    stability: Stability
    silhouette: float
    gap: float
    gap_error: float

    @property
    def weakest(self) -> float:
        """The mean Jaccard of the group that is found again worst."""
        return min(self.stability.jaccard)


def crossed(one: Whole, other: Whole, k: int) -> Whole:
    """The table of how often group i of one grouping meets group j of the other, (k, k)."""
    table = np.zeros((k, k), dtype=np.int64)
    np.add.at(table, (one, other), 1)
    return table


def best_jaccard(one: Whole, other: Whole, k: int) -> Real:
    """Per group of `one` its highest Jaccard with a group of `other`; 0 for an empty group."""
    table = crossed(one, other, k)
    union = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
    return np.asarray(np.max(np.where(union > 0, table / np.maximum(union, 1), 0.0), axis=1), dtype=np.float64)


def rand_index(one: Whole, other: Whole) -> float:
    """The adjusted Rand index of two groupings: 1 the same, 0 as by chance."""
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(one, other))


def stability(points: Real, centres: Real, algorithm: Algorithm, seed: int, repeats: int) -> Stability:
    """Group bootstrap samples of the points anew and see whether the groups around `centres` come back.

    The centres of each bootstrap sample are applied to all points, whose grouping is compared.
    """
    few, k = thinned(points, POINTS), len(centres)
    own = nearest(few, centres)
    dice = np.random.default_rng(seed)
    jaccards, rands = [], []
    for repeat in range(repeats):
        drawn = few[np.sort(dice.integers(0, len(few), len(few)))]
        again = nearest(few, _at_most(drawn, k, algorithm, seed + repeat))
        jaccards.append(best_jaccard(own, again, k))
        rands.append(rand_index(own, again))
    return Stability(tuple(float(j) for j in np.mean(jaccards, axis=0)), float(np.mean(rands)))


def silhouette(points: Real, centres: Real) -> float:
    """The mean silhouette: how much nearer points are to their own group than to the next, -1 to 1; 0 for one group."""
    from sklearn.metrics import silhouette_score

    few = thinned(points, POINTS)
    groups = nearest(few, centres)
    if not 1 < len(np.unique(groups)) < len(few):
        return 0.0
    return float(silhouette_score(few, groups))


def gap(points: Real, centres: Real, algorithm: Algorithm, seed: int, references: int) -> tuple[float, float]:
    """Log inertia of uniform points in the same box minus that of these points, and its standard error."""
    few, k = thinned(points, POINTS), len(centres)
    low, high = few.min(axis=0), few.max(axis=0)
    dice = np.random.default_rng(seed)
    logs = []
    for reference in range(references):
        uniform = dice.uniform(low, high, few.shape)
        logs.append(np.log(max(inertia(uniform, _at_most(uniform, k, algorithm, seed + reference)), 1e-12)))
    error = float(np.std(logs)) * float(np.sqrt(1 + 1 / references))
    return float(np.mean(logs)) - float(np.log(max(inertia(few, centres), 1e-12))), error


def judge(points: Real, k: int, algorithm: Algorithm, seed: int, repeats: int, references: int) -> Judged:
    """Judge one number of groups on at most POINTS points."""
    few = thinned(points, POINTS)
    centres = centres_of(few, k, algorithm, seed, STARTS)
    found = stability(few, centres, algorithm, seed, repeats)
    width, error = gap(few, centres, algorithm, seed, references)
    return Judged(k, found, silhouette(few, centres), width, error)


def choose(judged: list[Judged]) -> Judged:
    """The most groups of which every one is stable; if none are, those whose weakest group is found again best."""
    stable = [each for each in judged if each.weakest >= STABLE]
    return max(stable, key=lambda each: each.k) if stable else max(judged, key=lambda each: (each.weakest, -each.k))


def _at_most(points: Real, k: int, algorithm: Algorithm, seed: int) -> Real:
    """Centres of a drawn sample, fewer than k where it has fewer different points."""
    different = len(np.unique(points, axis=0))
    return centres_of(points, min(k, different), algorithm, seed, STARTS)
