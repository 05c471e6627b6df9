"""The demo shop: orders, behaviour and feedback of a simulated shop whose truth is known."""

from tierwise.datasets.shop import ALL_TABLES, ShopFiles, simulate_shop
from tierwise.datasets.spec import ShopSpec

__all__ = ["ALL_TABLES", "ShopFiles", "ShopSpec", "simulate_shop"]
