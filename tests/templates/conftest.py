from __future__ import annotations

from pathlib import Path

import pytest

from tierwise.datasets import simulate_shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo shop, small."""
    folder = tmp_path_factory.mktemp("shop")
    simulate_shop(folder, 1500, seed=7)
    return folder
