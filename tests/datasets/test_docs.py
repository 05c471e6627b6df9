"""The page says what the code does: its example prints what it shows, and every column and rate is on it."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from tierwise.datasets import ShopSpec
from tierwise.datasets.spec import PERSONAS
from tierwise.datasets.truth import SCHEMA

PAGE = (Path(__file__).parents[2] / "docs" / "datasets.md").read_text(encoding="utf-8")


def test_the_example_prints_what_the_page_shows(tmp_path):
    program, shown = re.search(r"```python\n(.*?)```\s+```\n(.*?)```", PAGE, re.DOTALL).groups()
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == shown


def test_every_rate_is_on_the_page_with_its_default():
    listed = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE.split("## Rates")[1], re.MULTILINE))
    assert listed == {field.name: str(getattr(ShopSpec(), field.name)) for field in fields(ShopSpec)}


def test_every_column_of_truth_and_every_persona_is_on_the_page():
    table = PAGE.split("## truth")[1].split("## Rates")[0]
    explained = re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\|([^|]*)\|", table, re.MULTILINE)))
    assert explained == SCHEMA.names
    for persona, name in PERSONAS.items():
        assert f"| `{persona.name.lower()}` | {name.zh} |" in PAGE
