"""The weights for the check at entry where no search has learned them from the customers themselves.

Learned by `python -m benchmarks.entry_weights` from a made list of people, m no lower than 0.01: of a real customer every
field changes at times. Dates of birth and identity numbers are not in that list; theirs are set, u from how many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tierwise.identity.comparisons import comparisons_for
from tierwise.identity.scoring import comparison_settings

_LEAST_M = 0.01
# Of each level, the same first and different last: how often pairs of one customer show it, and any two records.
_WEIGHTS: dict[str, tuple[tuple[float, float], ...]] = {
    "name": ((0.833, 5.14e-07), (0.000264, 6.42e-06), (0.0618, 0.00158), (0.00998, 0.00104), (0.093, 0.997)),
    "company": ((1.0, 7.92e-05), (0.0001, 0.000123), (0.0001, 7.41e-05), (0.000126, 0.00016), (0.0001, 1.0)),
    "phone": ((0.927, 5.72e-07), (0.0001, 1e-07), (0.07, 1e-07), (0.0016, 1.0)),
    "email": ((0.814, 4.68e-07), (0.0001, 0.00695), (0.0001, 1e-07), (0.0001, 1.67e-05), (0.186, 0.993)),
    "birth": ((0.9, 5e-05), (0.06, 0.001), (0.02, 0.01), (0.02, 0.98)),
    "id_number": ((0.95, 1e-07), (0.03, 1e-05), (0.02, 1.0)),
    "address": ((0.826, 2.43e-07), (0.174, 1.14e-05), (0.0001, 4.85e-06), (0.0001, 8.74e-05), (0.0001, 1.0)),
    "city": ((0.999, 0.062), (0.0001, 0.00396), (0.00101, 0.934)),
}


def shipped_model(columns: Sequence[str], records: int) -> dict[str, Any]:
    """The shipped weights as a model for these columns: of `records` customers, one or so is the one at the counter."""
    comparisons = []
    for comparison in comparisons_for(columns):
        settings = comparison_settings(comparison)
        weighing = [level for level in settings["comparison_levels"] if not level.get("is_null_level")]
        for level, (m, u) in zip(weighing, _WEIGHTS[comparison.field], strict=True):
            level |= {"m_probability": max(m, _LEAST_M), "u_probability": u}
        comparisons.append(settings)
    return {"probability_two_random_records_match": 1 / max(records, 2), "comparisons": comparisons}
