from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tierwise.datasets import ShopFiles, ShopSpec, simulate_shop
from tierwise.datasets.chunk import Chunk
from tierwise.datasets.seasons import make_clock
from tierwise.datasets.shop import DEFAULT_END, DEFAULT_START


@pytest.fixture(scope="session")
def dirty_shop(tmp_path_factory: pytest.TempPathFactory) -> ShopFiles:
    """The default shop: 20,000 customers over three years, everything, with its dirt."""
    return simulate_shop(tmp_path_factory.mktemp("dirty"))


@pytest.fixture(scope="session")
def clean_shop(tmp_path_factory: pytest.TempPathFactory) -> ShopFiles:
    """The same shop without dirt."""
    return simulate_shop(tmp_path_factory.mktemp("clean"), dirt=False)


@pytest.fixture(scope="session")
def clean_chunk() -> Chunk:
    """The simulated customers behind `clean_shop`, with what no table tells."""
    spec = ShopSpec().clean()
    return Chunk(7, 0, 20_000, spec, make_clock(DEFAULT_START, DEFAULT_END, spec))


@pytest.fixture(scope="session")
def read() -> Callable[[ShopFiles, str], Any]:
    """Read one table of a shop."""

    def of(shop: ShopFiles, table: str) -> Any:
        return pq.read_table(Path(shop.paths[table]))

    return of
