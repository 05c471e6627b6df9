"""Which pages there are: the modules of this folder that have `urlpatterns`; each may name its `MENU` entries.

A new page is a new file here with its template, and nothing else needs to know of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

import tierwise_console.pages

NOT_PAGES = {"apps", "discovery", "urls"}


@cache
def page_modules() -> tuple[ModuleType, ...]:
    """Every module (or package) of this folder that has addresses."""
    package = tierwise_console.pages
    names = sorted(found.name for found in pkgutil.iter_modules(package.__path__) if found.name not in NOT_PAGES)
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return tuple(module for module in modules if hasattr(module, "urlpatterns"))
