"""`python -m benchmarks.incremental --orders 1000000 3000000 10000000`: runs that cost what they touch.

For each size, orders of the demo shop are made once, in the order of time, as a shop has them. All but the newest
1.01 % are imported first; then come 1 % and .01 %. Measured, each in a process of its own, from the imported facts to
the published run, with all SQL models that orders alone can carry:

- the limit: DuckDB's bare group-by (last date, count, sum per customer) over the same orders;
- a full run of everything;
- the incremental run after 1 % more orders, on the same day, and the full run of the same data;
- re-scoring alone: a run when nothing is new, on the same day;
- the incremental run after another .01 %;
- the day after, nothing new but the day: windows move.

`compute` is what the goals speak of; `import` is what it took to read the new orders before. Growth is the slope of
log(CPU seconds) over log(orders), by least squares over the sizes. Figures go to benchmarks/out/incremental.json.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import OUT, Figure, machine, run_task

ONE_PERCENT, HUNDREDTH = "1 % new orders", ".01 % new orders"
GOALS = (
    (ONE_PERCENT, "full run", 0.25), (ONE_PERCENT, "re-scoring alone", 2.0), (HUNDREDTH, "full run", 0.10),
    (HUNDREDTH, "re-scoring alone", 2.0),
    ("full run", "bare group-by", 3.0),
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One measured step: what it is called, its task, and that task's arguments."""

    name: str
    task: str
    arguments: tuple[str, ...] = ()


STEPS = (
    Step("bare group-by", "bare"),
    Step("full run", "run", ("base", "full")),
    Step("re-scoring alone", "run", ("", "", "0")),
    Step(ONE_PERCENT, "run", ("percent", "")),
    Step("the same in full", "run", ("", "full")),
    Step(HUNDREDTH, "run", ("hundredth", "")),
    Step("the day after", "run", ("", "", "1")),
)


def main() -> None:
    """Measure each size, print, and write the figures down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, nargs="+", default=[1_000_000, 3_000_000, 10_000_000])
    parser.add_argument("--memory", default="2GB", help="engine memory limit of the limit and of ours")
    parser.add_argument("--threads", default="-")
    parser.add_argument("--keep", action="store_true", help="keep the workspaces")
    chosen = parser.parse_args()
    found: dict[int, dict[str, dict[str, Any]]] = {}
    for orders in chosen.orders:
        found[orders] = measured(orders, chosen.memory, chosen.threads)
        shown(orders, found[orders], chosen.memory)
        if not chosen.keep:
            shutil.rmtree(OUT / f"incremental-{orders}" / "workspace")
    growth = slopes(found) if len(found) > 1 else {}
    for name, slope in growth.items():
        print(f"{name:<24}CPU seconds grow with orders to the power {slope:.2f}")
    OUT.mkdir(exist_ok=True)
    told = {"machine": machine(), "memory": chosen.memory, "sizes": found, "growth": growth}
    (OUT / "incremental.json").write_text(json.dumps(told, indent=1))


def measured(orders: int, memory: str, threads: str) -> dict[str, dict[str, Any]]:
    """The figures of every step at one size."""
    folder = OUT / f"incremental-{orders}"
    if not (folder / "hundredth.parquet").exists():
        shutil.rmtree(folder, ignore_errors=True)
        task("generate", folder, str(orders))
    shutil.rmtree(folder / "workspace", ignore_errors=True)
    return {step.name: figures(task(step.task, folder, memory, threads, *step.arguments)) for step in STEPS}


def task(name: str, folder: Path, *arguments: str) -> Figure:
    """Run one task in a process of its own."""
    return run_task(name, sys.executable, "benchmarks.incremental_tasks", name, str(folder), *arguments, repeat=1)


def figures(figure: Figure) -> dict[str, Any]:
    """The figures of a task; what it printed as its result comes with them."""
    return {"seconds": figure.seconds, "cpu_seconds": figure.cpu_seconds, "peak_mb": figure.peak_mb} | json.loads(
        figure.result
    )


def shown(orders: int, found: dict[str, dict[str, Any]], memory: str) -> None:
    """Print the figures of one size, and how they stand to the goals."""
    print(
        f"\nIncremental runs, {orders:,} orders, {found['bare group-by']['customers']:,} customers, engine memory {memory}"
    )
    print(machine())
    print(f"{'step':<22}{'compute s':>10}{'of full':>9}{'CPU s':>8}{'of full':>9}{'import s':>10}{'peak MB':>9}  made")
    full = found["full run"]
    for name, row in found.items():
        wall, cpu = row["seconds"] / full["seconds"], row["cpu_seconds"] / full["cpu_seconds"]
        print(
            f"{name:<22}{row['seconds']:>10.2f}{wall:>8.0%} {row['cpu_seconds']:>7.2f}{cpu:>8.0%} "
            f"{row.get('import_seconds', 0):>9.2f}{row['peak_mb']:>9.0f}  {row.get('made', '')}"
        )
    for one, other, goal in GOALS:
        ratio = found[one]["cpu_seconds"] / found[other]["cpu_seconds"]
        wall = found[one]["seconds"] / found[other]["seconds"]
        verdict = "met" if max(ratio, wall) <= goal else "NOT met"
        print(f"  {one} ÷ {other}: {wall:.2f} of the time, {ratio:.2f} of the CPU; goal {goal:.2f}: {verdict}")
    sys.stdout.flush()


def slopes(found: dict[int, dict[str, dict[str, Any]]]) -> dict[str, float]:
    """By step, the exponent of growth: least squares of log(CPU seconds) over log(orders)."""
    x = [math.log(orders) for orders in found]
    mean = sum(x) / len(x)
    spread = sum((value - mean) ** 2 for value in x)
    grown = {}
    for step in STEPS:
        y = [math.log(max(row[step.name]["cpu_seconds"], 1e-3)) for row in found.values()]
        grown[step.name] = sum((a - mean) * b for a, b in zip(x, y, strict=True)) / spread
    return grown


if __name__ == "__main__":
    main()
