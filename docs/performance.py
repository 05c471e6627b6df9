"""`python -m docs.performance`: write docs/performance.md from what `make bench` measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.every import RESULTS

PAGE = Path(__file__).with_name("performance.md")
HEAD = """# Performance · 性能

<!-- made by `python -m docs.performance` from benchmarks/results.json, which `make bench` writes; edits are overwritten -->

Each figure stands beside the limit that it is measured against in the same run, in a process of its own: seconds by the
clock and of CPU, both as ratios, and the peak of resident memory. Ratios travel between machines, seconds do not. A goal
that is missed says so. 每项数据都与同一次运行中的下限并列：耗时、CPU 时间及其倍数、内存峰值；未达到的目标如实标出。
"""
WORDS = {
    "ratio": "ratio by the clock", "cpu_ratio": "ratio by CPU", "seconds": "seconds", "cpu_seconds": "CPU seconds",
    "peak_mb": "peak MB", "differing_rows": "rows that differ", "largest_part_percent": "% of rows in one part",
}  # fmt: skip


def page(results: dict[str, Any]) -> str:
    """The page."""
    return HEAD + "".join(section(bench) for bench in results["benches"])


def section(bench: dict[str, Any]) -> str:
    """One bench: its tables, or what it printed."""
    measured = (
        f"`python -m benchmarks.every --only {bench['bench']}` · {bench['machine']} · {bench['ended_at'][:16]} UTC\n"
    )
    if "printed" in bench:
        return f"\n## {bench['bench']}\n\n{measured}\n```\n{bench['printed'].strip()}\n```\n"
    return "".join(f"\n## {table['title']}\n\n{measured}\n{_table(table)}" for table in bench["tables"])


def _table(table: dict[str, Any]) -> str:
    lines = [
        "| task | seconds | ratio | CPU s | ratio | peak MB | result | goal |",
        "|---|--:|--:|--:|--:|--:|---|---|",
    ]
    for row in table["rows"]:
        lines.append(
            f"| {row['name']} | {row['seconds']:.2f} | {row['ratio']:.2f} | {row['cpu_seconds']:.2f} "
            f"| {row['cpu_ratio']:.2f} | {row['peak_mb']:.0f} | {row['result']} | {_goals(row)} |"
        )
    return "\n".join(lines) + "\n"


def _goals(row: dict[str, Any]) -> str:
    return "<br>".join(
        f"{WORDS.get(goal['of'], goal['of'])} ≤ {goal['at_most']:g}: {'kept' if goal['kept'] else '**missed**'}"
        for goal in row["goals"]
    )


if __name__ == "__main__":
    PAGE.write_text(page(json.loads(RESULTS.read_text(encoding="utf-8"))), encoding="utf-8")
    print(PAGE.name)
