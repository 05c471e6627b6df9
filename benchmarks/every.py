"""`make bench`: every figure in one table, beside the limit it is measured against and the peers, and as JSON.

    python -m benchmarks.every [--quick] [--only rfm,clusters] [--out FILE]

Each bench is a module of its own with `tables(quick)`, and can be run alone. `--quick` runs them on little data: it
shows that they work, not how fast anything is. The others print tables of other shapes; what they print is kept word
for word. `python -m docs.performance` makes docs/performance.md of the JSON.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measure import OUT, machine, show_table

BENCHES = ("startup", "rfm", "clusters", "spark")
PRINTING = {
    "clv": ("benchmarks.clv_bench",),
    "clv-orders": ("benchmarks.clv_orders",),
    "proof": ("benchmarks.proof",),
    "dedupe": ("benchmarks.dedupe", "--million"),
    "quality": ("benchmarks.quality",),
    "incremental": ("benchmarks.incremental", "--orders", "1000000", "3000000", "10000000"),
    "console": ("benchmarks.console",),
    "console-postgresql": ("benchmarks.console", "--database", "postgresql"),
    "ingest": ("benchmarks.ingest",),
}
RESULTS = Path(__file__).parent / "results.json"


def main() -> int:
    """Run the benches, print their tables, write the JSON; 1 where a goal is missed or a bench fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="little data: shows that the benches work")
    parser.add_argument("--only", default="", help="which benches, by comma")
    parser.add_argument("--out", type=Path, help="where the JSON goes [default: benchmarks/results.json]")
    chosen = parser.parse_args()
    names = [name for name in chosen.only.split(",") if name] or [*BENCHES, *(() if chosen.quick else PRINTING)]
    unknown = sorted(set(names) - {*BENCHES, *PRINTING})
    if unknown:
        parser.error(f"no bench is called {', '.join(unknown)}; there are {', '.join((*BENCHES, *PRINTING))}")
    file = chosen.out or (OUT / "quick.json" if chosen.quick else RESULTS)
    found = [_tables(name, chosen.quick) if name in BENCHES else _printed(name) for name in names]
    _keep(file, found, chosen.quick)
    print(f"\nwritten to {file}")
    return int(any(missed(bench) for bench in found))


def _tables(name: str, quick: bool) -> dict[str, Any]:
    """Run a bench in this process and show its tables as they come."""
    made = importlib.import_module(f"benchmarks.{name}").tables(quick)
    for table in made:
        show_table(table)
    return {"bench": name, **_when(), "tables": [table.to_json() for table in made]}


def _printed(name: str) -> dict[str, Any]:
    """Run a bench that prints, and keep what it prints."""
    done = subprocess.run([sys.executable, "-m", *PRINTING[name]], capture_output=True, text=True, check=False)
    print(f"\n{name}\n{done.stdout}{done.stderr if done.returncode else ''}", flush=True)
    return {"bench": name, **_when(), "printed": done.stdout, "code": done.returncode}


def _when() -> dict[str, str]:
    return {"machine": machine(), "ended_at": datetime.now(UTC).isoformat(timespec="seconds")}


def _keep(file: Path, found: list[dict[str, Any]], quick: bool) -> None:
    """Write the benches that ran beside those of before, each with the machine and the time it was measured at."""
    before = json.loads(file.read_text(encoding="utf-8"))["benches"] if file.exists() else []
    names = {bench["bench"] for bench in found}
    kept = [bench for bench in before if bench["bench"] not in names]
    order = (*BENCHES, *PRINTING)
    benches = sorted((*kept, *found), key=lambda bench: order.index(bench["bench"]))
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"quick": quick, "benches": benches}, ensure_ascii=False, indent=1)
    file.write_text(text + "\n", encoding="utf-8")


def missed(bench: dict[str, Any]) -> bool:
    """Whether a bench failed or missed a goal."""
    rows = (row for table in bench.get("tables", ()) for row in table["rows"])
    return bool(bench.get("code")) or any(not goal["kept"] for row in rows for goal in row["goals"])


if __name__ == "__main__":
    sys.exit(main())
