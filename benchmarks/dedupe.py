"""`make bench-dedupe`: duplicates found in labelled sets, beside plain Splink: precision, recall, F1, seconds, memory."""

from __future__ import annotations

import json
import sys

from benchmarks.dedupe_sets import MADE, SETS, labelled_set
from benchmarks.measure import Figure, machine, run_task

_HEAD = f"{'set':<20}{'who':<10}{'records':>9}" + "".join(
    f"{word:>8}" for word in ("P", "R", "F1", "auto", "auto P", "review")
)
_HEAD += f"{'seconds':>9}{'CPU s':>8}{'peak MB':>9}"


def line(name: str, who: str, figure: Figure) -> str:
    """One line of the table."""
    found = json.loads(figure.result)
    automatic = (
        f"{found['automatic']:>8}{found['automatic_precision']:>8.4f}{found['review']:>8}"
        if "automatic" in found
        else " " * 24
    )
    judged = f"{found['precision']:>8.4f}{found['recall']:>8.4f}{found['f1']:>8.4f}"
    return (
        f"{name:<20}{who:<10}{found['records']:>9}{judged}{automatic}"
        f"{figure.seconds:>9.1f}{figure.cpu_seconds:>8.1f}{figure.peak_mb:>9.0f}"
    )


def main(names: list[str]) -> None:
    """Run the named sets, or all of them and the made one of 200,000; `--million` adds the one of a million."""
    print(machine(), f"\n{_HEAD}", sep="")
    million = ["made_1m"] if "--million" in names else []
    for name in [n for n in names if n != "--million"] or [*SETS, "made_200k", *million]:
        if name in MADE:
            labelled_set(name)  # made before anything is timed
        for who in ("tierwise",) if name in MADE else ("tierwise", "splink"):
            module = "benchmarks.dedupe_task"
            print(line(name, who, run_task(f"{who} {name}", sys.executable, module, who, name, repeat=1)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
