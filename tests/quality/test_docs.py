"""docs/quality.md quotes what `python -m benchmarks.quality` prints, and its own rules are rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from benchmarks.quality import report, retail_run
from tests.quality.test_own_rules import rules_of

from tierwise.quality.shipped import shipped_rules

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "quality.md"


@pytest.mark.shared_data
def test_the_findings_on_the_retail_data(shared_data, tmp_path):
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(
        r"<!-- output of: python -m benchmarks\.quality -->\n```\n(.*?)\n```\n<!-- end -->", text, re.DOTALL
    )
    assert found and found[1] == report(retail_run(tmp_path))


def test_the_rules_shown_are_rules(tmp_path):
    shown = re.search(r"```yaml\n(quality:.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert shown
    own = rules_of(tmp_path, shown[1])
    assert len(own) == len(shipped_rules(own_day())) - 1 + 11


def test_the_rules_named_exist():
    names = {rule.name for rule in shipped_rules(own_day())} | {"orders.customer_id.no_customer"}
    quoted = set(re.findall(r"`((?:customers|orders|order_lines)\.\w+\.\w+)`", PAGE.read_text(encoding="utf-8")))
    assert quoted and quoted <= names


def own_day():
    from tests.quality.conftest import DAY

    return DAY
