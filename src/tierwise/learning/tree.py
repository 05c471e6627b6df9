"""A shallow classification tree: grown by CART, pruned by cost complexity with cross-validation, judged on a hold-out.

The amount of pruning is the largest whose cross-validated error lies within one standard error of the smallest
(Breiman, Friedman, Olshen & Stone 1984, section 3.4.3): the simplest tree that is as good as the best as far as
the data can tell. A tree that is no better than chance prunes itself to its root.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """One step from the root to a leaf: `column` (its place) at most `threshold`, or above it."""

    column: int
    threshold: float
    at_most: bool


@dataclass(frozen=True)
class Leaf:
    """One leaf: the steps that lead to it, its rows, and how many of them have the outcome."""

    path: tuple[Split, ...]
    rows: int
    hits: int


@dataclass(frozen=True)
class Grown:
    """A pruned tree. `errors` are (alpha, cross-validated log loss, its standard error) for each pruning tried."""

    leaves: tuple[Leaf, ...]
    alpha: float
    errors: tuple[tuple[float, float, float], ...]

    def scores(self, rows: Real) -> Real:
        """The outcome rate of the leaf that each row falls into."""
        found = np.zeros(len(rows))
        for leaf in self.leaves:
            found[falls(leaf.path, rows)] = leaf.hits / max(leaf.rows, 1)
        return found


def falls(path: tuple[Split, ...], rows: Real) -> npt.NDArray[np.bool_]:
    """Which rows follow a path."""
    inside = np.ones(len(rows), dtype=np.bool_)
    for split in path:
        left = rows[:, split.column] <= split.threshold
        inside &= left if split.at_most else ~left
    return inside


def grow(rows: Real, hits: Whole, depth: int, least: int, folds: int, seed: int) -> Grown:
    """Grow, choose the pruning by cross-validation and the one-standard-error rule, and prune.

    `rows` (n, columns) have no nulls, `hits` are 0 or 1. A leaf has at least `least` rows.
    """
    if len(rows) < 2 * least or len(np.unique(hits)) < 2:
        return Grown((Leaf((), len(rows), int(hits.sum())),), 0.0, ())
    alphas = _alphas(rows, hits, depth, least, seed)
    losses = _losses(rows, hits, alphas, depth, least, folds, seed)
    means, spreads = losses.mean(axis=1), losses.std(axis=1, ddof=1) / np.sqrt(losses.shape[1])
    best = int(np.argmin(means))
    chosen = int(np.max(np.flatnonzero(means <= means[best] + spreads[best])))
    tree = _tree(depth, least, seed, float(alphas[chosen])).fit(rows, hits).tree_
    errors = tuple((float(a), float(m), float(s)) for a, m, s in zip(alphas, means, spreads, strict=True))
    return Grown(tuple(_leaves(tree, rows, hits)), float(alphas[chosen]), errors)


def _tree(depth: int, least: int, seed: int, alpha: float) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(
        criterion="entropy", max_depth=depth, min_samples_leaf=least, ccp_alpha=alpha, random_state=seed
    )


def _alphas(rows: Real, hits: Whole, depth: int, least: int, seed: int) -> Real:
    """The prunings worth trying: between two neighbouring ones of the full tree's path, and the root alone."""
    path = np.unique(_tree(depth, least, seed, 0.0).cost_complexity_pruning_path(rows, hits).ccp_alphas)
    between = np.sqrt(path[:-1] * path[1:])
    return np.unique(np.concatenate((between, [path[-1] + 1e-9])))


def _losses(rows: Real, hits: Whole, alphas: Real, depth: int, least: int, folds: int, seed: int) -> Real:
    """Log loss of each pruning on each fold left out, (prunings, folds)."""
    fold = np.random.default_rng(seed).permutation(np.arange(len(rows)) % folds)
    losses = np.empty((len(alphas), folds))
    for place in range(folds):
        inside = fold != place
        for which, alpha in enumerate(alphas):
            grown = _tree(depth, max(1, least * (folds - 1) // folds), seed, float(alpha)).fit(
                rows[inside], hits[inside]
            )
            losses[which, place] = _log_loss(_rates(grown, rows[~inside]), hits[~inside])
    return losses


def _rates(grown: Any, rows: Real) -> Real:
    """The rate of the outcome in the leaf of each row, one row of either kind added so that none is 0 or 1."""
    tree, places = grown.tree_, grown.apply(rows)
    sizes, shares = tree.n_node_samples, tree.value[:, 0, :]
    ones = shares[:, list(grown.classes_).index(1)] * sizes if 1 in grown.classes_ else np.zeros(len(sizes))
    return np.asarray((ones[places] + 1) / (sizes[places] + 2), dtype=np.float64)


def _log_loss(rates: Real, hits: Whole) -> float:
    return float(-np.mean(np.where(hits == 1, np.log(rates), np.log(1 - rates))))


def _leaves(tree: Any, rows: Real, hits: Whole) -> list[Leaf]:
    found: list[Leaf] = []

    def visit(node: int, path: tuple[Split, ...]) -> None:
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left == right:
            inside = falls(path, rows)
            found.append(Leaf(path, int(inside.sum()), int(hits[inside].sum())))
            return
        column, threshold = int(tree.feature[node]), float(tree.threshold[node])
        visit(left, (*path, Split(column, threshold, True)))
        visit(right, (*path, Split(column, threshold, False)))

    visit(0, ())
    return found


def area_under_curve(scores: Real, hits: Whole) -> float | None:
    """The chance that a row with the outcome scores above one without, ties counting half; None without both kinds."""
    ones, zeros = int(hits.sum()), int(len(hits) - hits.sum())
    if not ones or not zeros:
        return None
    order = np.argsort(scores, kind="stable")
    _, first, counts = np.unique(scores[order], return_index=True, return_counts=True)
    ranks = np.repeat(first + (counts + 1) / 2, counts)
    above = ranks[hits[order] == 1].sum() - ones * (ones + 1) / 2
    return float(above / (ones * zeros))


def auc_error(auc: float, ones: int, zeros: int) -> float:
    """The standard error of an area under the curve (Hanley & McNeil 1982)."""
    first, second = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    spread = auc * (1 - auc) + (ones - 1) * (first - auc * auc) + (zeros - 1) * (second - auc * auc)
    return float(np.sqrt(max(spread, 0.0) / (ones * zeros)))


def top_lift(scores: Real, hits: Whole, share: float = 0.1) -> float | None:
    """The outcome rate of the best-scored share over that of all; equal scores at the border count in part."""
    if not hits.sum():
        return None
    wanted = share * len(scores)
    order = np.argsort(-scores, kind="stable")
    values, counts = np.unique(-scores[order], return_counts=True)
    taken, found = 0.0, 0.0
    for value, count in zip(values, counts, strict=True):
        part = min(1.0, (wanted - taken) / count)
        if part <= 0:
            break
        found += part * float(hits[scores == -value].sum())
        taken += part * count
    return float(found / wanted / hits.mean())
