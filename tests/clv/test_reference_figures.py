"""Every published figure of the CLV models, within its stated tolerance."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

import pytest


def _benchmark() -> Any:
    """Load the command that prints the figures: the test and the command must not differ."""
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "clv_reference.py"
    spec = importlib.util.spec_from_file_location("clv_reference", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


reference = _benchmark()
DATA = Path(os.environ.get("TIERWISE_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
PRESENT = (DATA / "clv" / "reference_figures.csv").exists()
FIGURES = list(reference.figures(DATA)) if PRESENT else []

pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not PRESENT, reason="shared data absent: set TIERWISE_SHARED_DATA"),
]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.label)
def test_figure(figure: Any) -> None:
    assert abs(reference.ours(DATA, figure) - figure.value) <= figure.tolerance


def test_the_file_was_read_whole() -> None:
    assert len(FIGURES) == 82
