"""Tierwise 分层有道: customer value tiers that are explained, acted upon and measured.

From Python, `tierwise.tier(orders)` takes a pandas, polars or Arrow table, or a path: see `tierwise.frames`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tierwise.errors import TierwiseError as TierwiseError
    from tierwise.frames import Tiers as Tiers
    from tierwise.frames import tier as tier

__version__ = "0.1.0"
_OFFERED = {"tier": "tierwise.frames", "Tiers": "tierwise.frames", "TierwiseError": "tierwise.errors"}


def __getattr__(name: str) -> Any:
    """Import what is offered when it is asked for: `tierwise --help` needs none of it."""
    if name not in _OFFERED:
        raise AttributeError(f"tierwise offers {', '.join(_OFFERED)}, and no {name}")
    from importlib import import_module

    return getattr(import_module(_OFFERED[name]), name)


def __dir__() -> list[str]:
    """What is offered, for who presses Tab."""
    return [*_OFFERED, "__version__"]
