"""How much of a grouping is in the data: bootstrap stability, silhouette and the gap statistic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

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
    """The adjusted Rand index of two groupings: 1 the same, 0 as by chance.

    Of pairs of points: together in both, in the first alone, in the second alone, in none (Hubert & Arabie 1985).
    """
    table = crossed(one, other, int(max(one.max(), other.max())) + 1)
    squares, points = int((table**2).sum()), len(one)
    first, second = int((table.sum(axis=1) ** 2).sum()), int((table.sum(axis=0) ** 2).sum())
    both, first_alone, second_alone = squares - points, first - squares, second - squares
    none = points * points - both - first_alone - second_alone - points
    if not first_alone and not second_alone:
        return 1.0
    chance = (both + first_alone) * (first_alone + none) + (both + second_alone) * (second_alone + none)
    return 2 * (both * none - first_alone * second_alone) / chance


class Judge:
    """Judges groupings of at most POINTS of some points; what all numbers of groups share is worked out once.

    `repeats` counts bootstrap samples, `references` sets of uniform points.
    """

    def __init__(self, points: Real, algorithm: Algorithm, seed: int, repeats: int, references: int) -> None:
        self.points = thinned(points, POINTS)
        self.algorithm, self.seed, self.repeats, self.references = algorithm, seed, repeats, references
        _, self._kinds = np.unique(self.points, axis=0, return_inverse=True)

    @property
    def different(self) -> int:
        """How many different points there are."""
        return int(self._kinds.max()) + 1

    def judge(self, k: int) -> Judged:
        """Judge one number of groups, at most as many as there are different points."""
        centres = centres_of(self.points, k, self.algorithm, self.seed, STARTS)
        return Judged(k, self.stability(centres), self.silhouette(centres), *self.gap(centres))

    def stability(self, centres: Real) -> Stability:
        """Group bootstrap samples of the points anew and see whether the groups around `centres` come back.

        The centres of each bootstrap sample are applied to all points, whose grouping is compared.
        """
        own, k, dice = nearest(self.points, centres), len(centres), np.random.default_rng(self.seed)
        jaccards, rands = [], []
        for repeat in range(self.repeats):
            drawn = np.sort(dice.integers(0, len(self.points), len(self.points)))
            groups = min(k, len(np.unique(self._kinds[drawn])))
            found = centres_of(self.points[drawn], groups, self.algorithm, self.seed + repeat, STARTS)
            again = nearest(self.points, found)
            jaccards.append(best_jaccard(own, again, k))
            rands.append(rand_index(own, again))
        return Stability(tuple(float(j) for j in np.mean(jaccards, axis=0)), float(np.mean(rands)))

    def silhouette(self, centres: Real) -> float:
        """The mean silhouette: how much nearer points are to their own group than to the next, -1 to 1; 0 for one group."""
        from sklearn.metrics import silhouette_score

        groups = nearest(self.points, centres)
        if not 1 < len(np.unique(groups)) < len(self.points):
            return 0.0
        return float(silhouette_score(self._distances, groups, metric="precomputed"))

    @cached_property
    def _distances(self) -> Real:
        from sklearn.metrics import pairwise_distances

        return np.asarray(pairwise_distances(self.points), dtype=np.float64)

    def gap(self, centres: Real) -> tuple[float, float]:
        """Log inertia of uniform points in the same box minus that of these points, and its standard error."""
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        dice, logs = np.random.default_rng(self.seed), []
        for reference in range(self.references):
            uniform = dice.uniform(low, high, self.points.shape)
            found = centres_of(uniform, len(centres), self.algorithm, self.seed + reference, STARTS)
            logs.append(np.log(max(inertia(uniform, found), 1e-12)))
        error = float(np.std(logs)) * float(np.sqrt(1 + 1 / self.references))
        return float(np.mean(logs)) - float(np.log(max(inertia(self.points, centres), 1e-12))), error


def choose(judged: list[Judged]) -> Judged:
    """The most groups of which every one is stable; if none are, those whose weakest group is found again best."""
    stable = [each for each in judged if each.weakest >= STABLE]
    return max(stable, key=lambda each: each.k) if stable else max(judged, key=lambda each: (each.weakest, -each.k))
