"""Documentation is tested: generated pages are as generated, links lead somewhere, quoted output is what is printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs import generate
from tierwise.cli.commands import COMMANDS

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_reference_pages_are_as_generated() -> None:
    # in a process of its own: the console that the suite loads adds kinds of error that are not the core's
    program = (
        "from docs import generate; "
        "print([file.name for file, text in generate.reference_pages().items() if file.read_text('utf-8') != text])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n", "run make docs"


@pytest.mark.slow
@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_readme_quotes_what_is_printed(name: str, shared_data: Path) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert len(generate.BLOCK.findall(text)) == 2
    assert generate.with_outputs(text) == text, "run make docs"


def test_every_command_is_in_the_reference() -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"## tierwise {name}\n" in text
