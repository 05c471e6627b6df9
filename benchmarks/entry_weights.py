"""Learn the weights that ship for the check at entry from the seeded generator: `python -m benchmarks.entry_weights`.

What it prints stands in src/tierwise/identity/shipped_weights.py.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.dedupe_people import write_people
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.duplicates import find_duplicates
from tierwise.identity.kinds import Kind

_RECORDS = 50_000
_PEOPLE = {
    "name": Kind.FULL_NAME, "company": Kind.COMPANY, "phone": Kind.PHONE, "email": Kind.EMAIL, "city": Kind.CITY,
    "address": Kind.ADDRESS,
}  # fmt: skip


def _learned(query: str, key: str, kinds: dict[str, Kind]) -> list[dict[str, Any]]:
    engine = DuckDBEngine()
    engine.native("people", f"CREATE TABLE people AS {query}")
    return list(find_duplicates(engine, "people", key, kinds).model["comparisons"])


def _shipped(comparison: dict[str, Any]) -> tuple[tuple[float, ...], ...]:
    levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
    return tuple(tuple(float(f"{level[name]:.3g}") for name in ("m_probability", "u_probability")) for level in levels)


def main() -> None:
    """Print the weights: for each field the m and u of its levels, the same first."""
    with tempfile.TemporaryDirectory() as folder:
        file = write_people(Path(folder) / "people.parquet", _RECORDS)
        learned = _learned(f"SELECT * FROM '{file}'", "record_id", _PEOPLE)
    made = {comparison["output_column_name"]: _shipped(comparison) for comparison in learned}
    for field, levels in made.items():
        print(f'    "{field}": {levels},')


if __name__ == "__main__":
    main()
