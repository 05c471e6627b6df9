"""The page's code runs, the docstrings' examples hold, and every finding is on the page."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

from tierwise.clv import COUNT_MODELS, diagnostics
from tierwise.errors import ErrorKind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "models" / "clv.md"
MODULES = sorted(
    {path.split(":")[0] for path in COUNT_MODELS.values()} | {"tierwise.clv.gamma_gamma", "tierwise.clv.sbg"}
)


def test_the_code_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), {})
    assert re.fullmatch(r"[\d,]+ between [\d,]+ and [\d,]+\n", capsys.readouterr().out)


def test_every_model_and_finding_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    kinds = [kind.code for kind in vars(diagnostics).values() if isinstance(kind, ErrorKind)]
    for word in [*COUNT_MODELS, *(code for code in kinds if code != "clv.no_repeat_buyers")]:
        assert f"`{word}`" in page, word


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings(name: str) -> None:
    found = doctest.testmod(import_module(name))
    assert found.attempted > 0
    assert found.failed == 0
