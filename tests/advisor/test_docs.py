"""docs/advisor.md quotes what `python -m benchmarks.advisor` prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from benchmarks.advisor import advice_on, report

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "advisor.md"


def quoted(dataset: str) -> str:
    block = rf"<!-- output of: python -m benchmarks\.advisor {dataset} -->\n```\n(.*?)\n```\n<!-- end -->"
    found = re.search(block, PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def printed(dataset: str, folder: Path) -> str:
    return "\n".join(line.rstrip() for line in report(advice_on(dataset, folder)))


@pytest.mark.slow
@pytest.mark.shared_data
def test_the_figures_of_the_retail_data(shared_data: Path, tmp_path: Path) -> None:
    assert quoted("retail") == printed("retail", tmp_path)


@pytest.mark.slow
def test_the_figures_of_the_demo_shop(tmp_path: Path) -> None:
    assert quoted("demo") == printed("demo", tmp_path)
