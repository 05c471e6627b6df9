"""Put a page on disk: whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from tierwise.engine.base import DISK_FULL
from tierwise.language import Lang
from tierwise.reports.page import Page
from tierwise.reports.rendering import render

_NO_SPACE = (28, 122, 27)  # ENOSPC, EDQUOT, EFBIG


def write_page(page: Page, file: Path, lang: Lang) -> None:
    """Render a page and replace `file` by it in one step; raises `resource.disk_full`."""
    text = render(page, lang)
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(file)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        if error.errno in _NO_SPACE:
            raise DISK_FULL.error(message=str(error)) from error
        raise
