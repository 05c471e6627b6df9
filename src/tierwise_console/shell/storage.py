"""Static files carry the product's version in their address, so that an upgrade is seen without emptying caches."""

from __future__ import annotations

from django.contrib.staticfiles.storage import StaticFilesStorage

import tierwise


class VersionedStorage(StaticFilesStorage):
    """Addresses with `?v=` and the version."""

    def url(self, name: str | None) -> str:
        """The address of a file."""
        return f"{super().url(name)}?v={tierwise.__version__}"
