"""Components, and the guard against giant ones."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tierwise.identity.clusters import connect

INF = float("inf")


def test_pairs_become_clusters_named_by_their_first_record() -> None:
    clusters, refused = connect([3, 1], [4, 2], [5.0, INF], 5, 50)
    assert clusters.tolist() == [0, 1, 1, 3, 3] and not refused.any()


def test_a_table_without_pairs_keeps_every_record_apart() -> None:
    assert connect([], [], [], 3, 50)[0].tolist() == [0, 1, 2]
    assert connect([], [], [], 0, 50)[0].tolist() == []


def test_a_chain_breaks_where_it_is_weakest() -> None:
    clusters, refused = connect([0, 1, 2, 3], [1, 2, 3, 4], [9.0, 9.0, 3.0, 9.0], 5, 3)
    assert clusters.tolist() == [0, 0, 0, 3, 3] and refused.tolist() == [False, False, True, False]


def test_certain_pairs_outlast_scored_ones() -> None:
    clusters, _ = connect([0, 1, 2], [1, 2, 3], [INF, 30.0, INF], 4, 2)
    assert clusters.tolist() == [0, 0, 2, 2]


def test_certain_pairs_that_swallow_everyone_are_not_used() -> None:
    clusters, refused = connect(range(9), range(1, 10), [INF] * 9, 10, 5)
    assert clusters.tolist() == list(range(10)) and refused.all()


def test_pairs_that_are_apart_are_not_joined_by_a_third_record() -> None:
    clusters, refused = connect([0, 1], [1, 2], [4.0, 12.0], 3, 50, ([0], [2]))
    assert clusters.tolist() == [0, 1, 1] and refused.tolist() == [True, False]


edges = st.lists(
    st.tuples(st.integers(0, 29), st.integers(0, 29), st.one_of(st.floats(2, 40), st.just(INF))), max_size=120
)


@given(edges, st.integers(2, 8))
def test_no_cluster_is_larger_than_allowed(found: list[tuple[int, int, float]], most: int) -> None:
    left, right, weights = ([edge[place] for edge in found] for place in range(3))
    clusters, refused = connect(left, right, weights, 30, most)
    assert np.bincount(clusters).max() <= most
    kept = ~refused
    assert (clusters[np.array(left, int)[kept]] == clusters[np.array(right, int)[kept]]).all()
    assert all(clusters[cluster] == cluster for cluster in clusters)
