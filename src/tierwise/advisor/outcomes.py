"""What the next period really brought, per place in a ranking: SQL that leaves a few thousand rows of any data.

Customers are dealt into PARTS random parts, by whole-number arithmetic on their place in the order of ids, the same on
every engine and for every ranking. A bootstrap that draws parts compares rankings customer by customer, since each
part holds the same customers in all of them; with fewer customers than parts every customer is a part of her own.
"""

from __future__ import annotations

from tierwise.sql.expressions import cents
from tierwise.sql.steps import Plan, Step

PARTS = 400
BINS = 200
POPULATION = "advisor_population"
MEASURES = ("customers", "revenue_cents", "buyers", "active", "left_active")
_PRIME = 2_147_483_647


def population_steps(horizon_days: int, seed: int) -> Plan:
    """Steps from `indicators` (at the split) and `next_period` to who is compared and what became of them.

    Compared are customers who had bought by the split. `active` are those who bought in the `horizon_days` before it;
    of them, `left_active` did not buy in the `horizon_days` after it. Revenue is net of refunds, in whole cents.
    """
    bought = f"n.frequency_{horizon_days}d > 0"
    recent = f"i.recency_days < {horizon_days}"
    joined = (
        f"SELECT i.customer_id, i.monetary AS spent, {cents(f'n.monetary_{horizon_days}d')} AS revenue_cents, "
        f"CASE WHEN {bought} THEN 1 ELSE 0 END AS bought, CASE WHEN {recent} THEN 1 ELSE 0 END AS is_active, "
        f"CASE WHEN {recent} AND NOT ({bought}) THEN 1 ELSE 0 END AS has_left, "
        "CAST(ROW_NUMBER() OVER (ORDER BY i.customer_id) AS BIGINT) AS place "
        "FROM indicators AS i JOIN next_period AS n ON i.customer_id = n.customer_id WHERE i.frequency > 0"
    )
    first = f"SELECT *, (place * 48271 + {seed % 1_000_003} * 7919 + 12345) % {_PRIME} AS mixed_1 FROM advisor_joined"
    second = f"SELECT *, (mixed_1 * mixed_1 + place * 69621) % {_PRIME} AS mixed_2 FROM advisor_mixed_1"
    third = f"SELECT *, (mixed_2 * mixed_2 + place) % {_PRIME} AS mixed_3 FROM advisor_mixed_2"
    dealt = (
        "SELECT customer_id, spent, revenue_cents, bought, is_active, has_left, "
        f"CASE WHEN everyone <= {PARTS} THEN place - 1 ELSE mixed_3 % {PARTS} END AS part "
        "FROM (SELECT *, COUNT(*) OVER () AS everyone FROM advisor_mixed_3) AS t"
    )
    return (
        Step("advisor_joined", joined),
        Step("advisor_mixed_1", first),
        Step("advisor_mixed_2", second),
        Step("advisor_mixed_3", third),
        Step(POPULATION, dealt, stored=True),
    )


def cell_steps(prefix: str, ranking: str) -> Plan:
    """Steps to `{prefix}_cells`: MEASURES by part and bin of a table with customer_id, rank and score.

    Bins run from the best customers to the worst; whoever shares rank and score shares a bin.
    """
    ranked = (
        "SELECT p.part, p.revenue_cents, p.bought, p.is_active, p.has_left, r.rank, r.score "
        f"FROM {POPULATION} AS p JOIN {ranking} AS r ON p.customer_id = r.customer_id"
    )
    counted = f"SELECT rank, score, COUNT(*) AS customers FROM {prefix}_ranked GROUP BY rank, score"
    upto = (
        "SELECT rank, score, customers, CAST(SUM(customers) OVER (ORDER BY rank, score DESC) AS BIGINT) AS upto, "
        f"CAST(SUM(customers) OVER () AS BIGINT) AS everyone FROM {prefix}_counted"
    )
    placed = f"SELECT rank, score, ((upto - customers) * {BINS}) // NULLIF(everyone, 0) AS bin FROM {prefix}_upto"
    cells = (
        "SELECT p.bin, r.part, COUNT(*) AS customers, CAST(SUM(r.revenue_cents) AS BIGINT) AS revenue_cents, "
        "CAST(SUM(r.bought) AS BIGINT) AS buyers, CAST(SUM(r.is_active) AS BIGINT) AS active, "
        f"CAST(SUM(r.has_left) AS BIGINT) AS left_active FROM {prefix}_ranked AS r "
        f"JOIN {prefix}_placed AS p ON r.rank = p.rank AND r.score = p.score GROUP BY p.bin, r.part"
    )
    return (
        Step(f"{prefix}_ranked", ranked, stored=True),
        Step(f"{prefix}_counted", counted, stored=True),
        Step(f"{prefix}_upto", upto),
        Step(f"{prefix}_placed", placed, stored=True),
        Step(f"{prefix}_cells", cells, stored=True),
    )


def spend_alone_step() -> Step:
    """The ranking that every model has to beat: by net amount spent so far, and nothing else."""
    return Step("advisor_spend", f"SELECT customer_id, 1 AS rank, spent AS score FROM {POPULATION}")
