"""The Python of the documentation runs as it is printed, in a fresh folder, and prints what the page says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import tierwise

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
PRINTED = re.compile(r"```python\n.*?```\n\n```\n(.*?)```", re.DOTALL)
SLOW = ("datasets.md", "models/clv.md")


def pages() -> list[str]:
    return sorted(
        str(page.relative_to(DOCS)) for page in DOCS.glob("**/*.md") if PYTHON.search(page.read_text(encoding="utf-8"))
    )


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in pages()]
)
def test_python_of_a_page_runs_as_printed(name: str, tmp_path: Path) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    program = "\n".join(PYTHON.findall(text))
    if 'Path("workspace")' in program:
        orders = tmp_path / "orders.csv"
        orders.write_text("customer_id,order_date,amount\n1,2026-01-01,10\n2,2026-02-01,20\n1,2026-03-01,5\n")
        tierwise.tier(orders, workspace=tmp_path / "workspace")
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for printed in PRINTED.findall(text):
        if name not in SLOW:
            assert printed in done.stdout
