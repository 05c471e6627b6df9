"""Is the flow between tiers healthy? Rates with Wilson intervals, and a test against what a stable base would do.

Null hypothesis. Of the customers that were in tier i, each one that is still a customer went to tier j with the
chance p_ij, independently of the others. By default p is *symmetric movement*: between any two tiers as many go
one way as the other, so that the tiers keep their sizes (Bowker's test of symmetry). With an expected matrix (of a
plan, or of an earlier pair of runs) p is what it says, row by row.

Statistic. Symmetry: the sum over i < j of (n_ij - n_ji)^2 / (n_ij + n_ji), chi-squared with one degree of freedom
for each pair that anybody moved between. Expected matrix: the sum of (n_ij - e_ij)^2 / e_ij with e_ij = n_i p_ij;
per row one degree less than the cells that p allows.

Small counts. Cells of small expectation are pooled: pairs of tiers with fewer than 10 movers into one pair "up
against down", cells of a row expecting fewer than 5 into one. Where a row has a mover that p forbids outright, the
p-value is 0 and the cell is named. Direction is judged on its own, exactly: of all who moved, were more promoted or
demoted than a fair coin would give (binomial, two-sided)?

References: Wilson (1927); Bowker (1948), JASA 43, 572-574; Anderson & Goodman (1957), Ann. Math. Statist. 28, 89-110.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tierwise.contracts.scheme import Tier
from tierwise.errors import ErrorKind, Family
from tierwise.evaluation.migration import Migration
from tierwise.language import Text
from tierwise.learning.proportion import wilson

FEWEST_MOVERS = 10
FEWEST_EXPECTED = 5.0
ALPHA = 0.05

BAD_EXPECTED = ErrorKind(
    "migration.bad_expected_matrix",
    Family.CONFIG,
    what=Text("the expected rates from {tier} sum to {total}", "从 {tier} 出发的期望流动率合计为 {total}"),
    cause=Text("each row of the matrix must be shares that sum to 1", "矩阵每一行须为合计等于 1 的占比"),
    cure=Text("correct the row, or leave the matrix out to test for symmetry", "请更正该行，或省略矩阵以检验对称性"),
)

Expected = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Rate:
    """The share of those who were in `before` and still are customers that went to `after`, with its interval."""

    before: str
    after: str
    customers: int
    of: int
    low: float
    high: float

    @property
    def rate(self) -> float | None:
        """The share; None where nobody was there."""
        return self.customers / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Health:
    """The verdict on a migration. `p_value` is None where nothing could be tested (nobody moved)."""

    null: Text
    statistic: float
    degrees: int
    p_value: float | None
    up: int
    down: int
    direction_p_value: float | None
    forbidden: tuple[tuple[str, str], ...]
    verdict: Text

    @property
    def worsens(self) -> bool:
        """Whether clearly more customers fall than rise."""
        return self.direction_p_value is not None and self.direction_p_value < ALPHA and self.down > self.up

    @property
    def net_up_percent(self) -> float | None:
        """Promotions less demotions, in per cent of all who moved; None where nobody did."""
        moved = self.up + self.down
        return 100 * (self.up - self.down) / moved if moved else None


def rates(migration: Migration) -> tuple[Rate, ...]:
    """The rate of every cell of the matrix, among those who are customers in both runs."""
    found = []
    for source in migration.before:
        stayed = {tier.key: migration.count(source.key, tier.key) for tier in migration.after}
        of = sum(stayed.values())
        found += [Rate(source.key, key, count, of, *wilson(count, of)) for key, count in stayed.items()]
    return tuple(found)


def health(migration: Migration, expected: Expected | None = None) -> Health:
    """Test a migration between the same tiers; raises `migration.bad_expected_matrix`."""
    up, down = _directions(migration)
    statistic, degrees, forbidden = _symmetry(migration) if expected is None else _against(migration, expected)
    p_value = 0.0 if forbidden else _chi_squared(statistic, degrees) if degrees else None
    direction = _fair(up, down)
    return Health(
        SYMMETRY if expected is None else EXPECTATION,
        statistic, degrees, p_value, up, down, direction, forbidden, _verdict(p_value, direction, up, down),
    )  # fmt: skip


def _directions(migration: Migration) -> tuple[int, int]:
    ranks = [{tier.key: tier.rank for tier in tiers} for tiers in (migration.before, migration.after)]
    up = down = 0
    for flow in migration.flows:
        if flow.before and flow.after:
            change = ranks[1][flow.after] - ranks[0][flow.before]
            up, down = up + (flow.customers if change < 0 else 0), down + (flow.customers if change > 0 else 0)
    return up, down


def _symmetry(migration: Migration) -> tuple[float, int, tuple[tuple[str, str], ...]]:
    """Bowker's statistic over pairs of tiers; pairs with few movers are pooled into one."""
    tiers: list[Tier] = sorted(migration.before, key=lambda tier: tier.rank)
    pooled = [0, 0]
    statistic, degrees = 0.0, 0
    for place, better in enumerate(tiers):
        for worse in tiers[place + 1 :]:
            fell, rose = migration.count(better.key, worse.key), migration.count(worse.key, better.key)
            if fell + rose < FEWEST_MOVERS:
                pooled = [pooled[0] + fell, pooled[1] + rose]
            else:
                statistic, degrees = statistic + (fell - rose) ** 2 / (fell + rose), degrees + 1
    if sum(pooled):
        statistic, degrees = statistic + (pooled[0] - pooled[1]) ** 2 / sum(pooled), degrees + 1
    return statistic, degrees, ()


def _against(migration: Migration, expected: Expected) -> tuple[float, int, tuple[tuple[str, str], ...]]:
    """Pearson's statistic, row by row; cells of a row that expect few are pooled."""
    statistic, degrees, forbidden = 0.0, 0, []
    for source in migration.before:
        row = expected.get(source.key)
        if row is None:
            continue
        total = sum(row.values())
        if abs(total - 1) > 1e-6 or min(row.values()) < 0:
            raise BAD_EXPECTED.error(tier=source.key, total=round(total, 6))
        counts = {tier.key: migration.count(source.key, tier.key) for tier in migration.after}
        of = sum(counts.values())
        forbidden += [(source.key, key) for key, count in counts.items() if count and not row.get(key, 0.0)]
        cells = _pooled([(counts[key], of * row.get(key, 0.0)) for key in counts if row.get(key, 0.0) > 0])
        if len(cells) > 1:
            statistic += sum((count - wanted) ** 2 / wanted for count, wanted in cells)
            degrees += len(cells) - 1
    return statistic, degrees, tuple(forbidden)


def _pooled(cells: list[tuple[int, float]]) -> list[tuple[float, float]]:
    """The cells with those that expect few put together, smallest first, until each expects enough."""
    found = sorted(((float(count), wanted) for count, wanted in cells), key=lambda cell: cell[1])
    while len(found) > 1 and found[0][1] < FEWEST_EXPECTED:
        first, second, *others = found
        found = sorted([(first[0] + second[0], first[1] + second[1]), *others], key=lambda cell: cell[1])
    return found


def _chi_squared(statistic: float, degrees: int) -> float:
    from scipy.stats import chi2

    return float(chi2.sf(statistic, degrees))


def _fair(up: int, down: int) -> float | None:
    """The two-sided exact chance of so uneven a split under a fair coin."""
    if not up + down:
        return None
    from scipy.stats import binomtest

    return float(binomtest(up, up + down, 0.5).pvalue)


SYMMETRY = Text(
    "a stable base: between any two tiers as many customers move one way as the other",
    "客户基础稳定：任意两层之间，双向流动的客户一样多",
)
EXPECTATION = Text("customers move at the expected rates", "客户按期望的流动率移动")


def _verdict(p_value: float | None, direction: float | None, up: int, down: int) -> Text:
    if p_value is None or direction is None:
        return Text("nobody moved: nothing to test", "没有客户变动，无可检验")
    if direction < ALPHA:
        if up > down:
            return Text("healthy: clearly more customers rise than fall", "健康：升级客户明显多于降级")
        return Text("unhealthy: clearly more customers fall than rise", "不健康：降级客户明显多于升级")
    if p_value < ALPHA:
        return Text(
            "mixed: movement differs from expectation, though rises and falls balance",
            "喜忧参半：流动偏离预期，但升降大体相抵",
        )
    return Text("steady: no more movement than chance explains", "平稳：流动未超出随机波动的范围")
