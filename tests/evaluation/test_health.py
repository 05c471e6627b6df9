"""Rates, intervals and the health test against hand-computed and published figures."""

from __future__ import annotations

from decimal import Decimal
from math import erfc, exp, pi, sqrt

import pytest
from tests.evaluation.conftest import tier

from tierwise.errors import TierwiseError
from tierwise.evaluation.health import health, rates
from tierwise.evaluation.migration import Flow, Migration
from tierwise.learning.proportion import wilson

TIERS = (tier("a", 1), tier("b", 2), tier("c", 3))


def migration(*cells: tuple[str | None, str | None, int]) -> Migration:
    return Migration(TIERS, TIERS, tuple(Flow(x, y, n, Decimal(0)) for x, y, n in cells))


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_equals_the_published_intervals(hits: int, of: int, low: float, high: float) -> None:
    found = wilson(hits, of)
    assert (round(found[0], 4), round(found[1], 4)) == (low, high)


def test_wilson_at_the_ends() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(5, 5)[1] == 1.0 and wilson(5, 5)[0] < 1


def test_rates_leave_out_who_came_and_who_went() -> None:
    found = {
        (r.before, r.after): r for r in rates(migration(("a", "a", 3), ("a", "b", 1), ("a", None, 9), (None, "a", 7)))
    }
    assert (found["a", "a"].rate, found["a", "b"].rate, found["a", "c"].rate) == (0.75, 0.25, 0.0)
    assert found["a", "a"].of == 4 and found["b", "a"].rate is None
    assert len(found) == 9


def test_symmetry_by_hand() -> None:
    """(30-10)^2/40 + (12-18)^2/30 = 10 + 1.2; a-c has 4 movers, pooled alone: (3-1)^2/4 = 1. Together 12.2, df 3."""
    found = health(migration(
        ("a", "a", 500), ("a", "b", 30), ("b", "a", 10), ("b", "c", 12), ("c", "b", 18), ("a", "c", 3), ("c", "a", 1),
    ))  # fmt: skip
    assert found.statistic == pytest.approx(12.2) and found.degrees == 3
    # chi-squared with 3 degrees of freedom in closed form
    assert found.p_value == pytest.approx(erfc(sqrt(6.1)) + sqrt(2 * 12.2 / pi) * exp(-6.1))
    assert (found.up, found.down) == (29, 45)
    assert found.net_up_percent == pytest.approx(100 * -16 / 74)
    assert found.direction_p_value == pytest.approx(0.0804, abs=2e-4)
    assert found.verdict.en.startswith("mixed")


def test_pairs_of_few_movers_are_pooled() -> None:
    """Three pairs of 4 movers, 3 down and 1 up each: one pair of 9 against 3, (9-3)^2/12 = 3, df 1."""
    found = health(migration(
        ("a", "b", 3), ("b", "a", 1), ("b", "c", 3), ("c", "b", 1), ("a", "c", 3), ("c", "a", 1),
    ))  # fmt: skip
    assert found.statistic == pytest.approx(3.0) and found.degrees == 1
    assert found.p_value == pytest.approx(0.083265, abs=1e-6)
    assert found.direction_p_value == pytest.approx(2 * (1 + 12 + 66 + 220) / 4096)
    assert found.verdict.en.startswith("steady")


def test_clear_directions() -> None:
    assert health(migration(("b", "a", 20), ("a", "b", 5))).verdict.en.startswith("healthy")
    assert health(migration(("b", "a", 5), ("a", "b", 20))).verdict.en.startswith("unhealthy")
    assert health(migration(("b", "a", 5), ("a", "b", 20))).worsens
    assert not health(migration(("b", "a", 20), ("a", "b", 5))).worsens


def test_nobody_moved() -> None:
    found = health(migration(("a", "a", 5)))
    assert found.p_value is None and found.direction_p_value is None and found.net_up_percent is None
    assert found.verdict.en.startswith("nobody moved")


def test_expected_matrix_by_hand() -> None:
    """100 from a, expected 80/15/5, found 70/25/5: 100/80 + 100/15 + 0 = 7.91667, df 2."""
    expected = {"a": {"a": 0.8, "b": 0.15, "c": 0.05}}
    found = health(migration(("a", "a", 70), ("a", "b", 25), ("a", "c", 5)), expected)
    assert found.statistic == pytest.approx(7.916667, abs=1e-6) and found.degrees == 2
    assert found.p_value == pytest.approx(0.019094, abs=1e-6)


def test_cells_that_expect_few_are_pooled() -> None:
    """20 from a, expected 16/3/1: the last two pooled to 4 and, below 5 still, with the first: nothing to test."""
    expected = {"a": {"a": 0.8, "b": 0.15, "c": 0.05}}
    assert health(migration(("a", "a", 14), ("a", "b", 6)), expected).p_value is None
    """40 from a, expected 32/6/2: the last pooled to 8; found 28/10/2: 16/32 + 16/8 = 2.5, df 1."""
    found = health(migration(("a", "a", 28), ("a", "b", 10), ("a", "c", 2)), expected)
    assert found.statistic == pytest.approx(2.5) and found.degrees == 1


def test_a_move_that_is_not_expected_at_all() -> None:
    expected = {"a": {"a": 1.0}}
    found = health(migration(("a", "a", 99), ("a", "c", 1)), expected)
    assert found.forbidden == (("a", "c"),) and found.p_value == 0.0


def test_a_row_that_does_not_sum_to_one_is_refused() -> None:
    with pytest.raises(TierwiseError) as refused:
        health(migration(("a", "a", 1)), {"a": {"a": 0.5, "b": 0.4}})
    assert refused.value.code == "migration.bad_expected_matrix"
