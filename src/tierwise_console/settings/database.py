"""The database: SQLite in the console's home unless DATABASE_URL names another."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SQLITE_SETUP = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
"""Readers never wait for the writer, and what was committed survives a power cut."""


def database(url: str | None, home: Path) -> dict[str, Any]:
    """Return Django's settings of one database."""
    if url is None:
        return sqlite(home / "console.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path)))
    if parts.scheme not in ("postgres", "postgresql"):
        raise ValueError(f"DATABASE_URL begins with {parts.scheme}://, and only postgresql:// and sqlite:// are known")
    return _postgresql(url)


def sqlite(file: Path) -> dict[str, Any]:
    """SQLite: a transaction takes the writer's place when it begins, so that none fails half-way for want of it."""
    options = {"timeout": 30, "transaction_mode": "IMMEDIATE", "init_command": SQLITE_SETUP}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file), "OPTIONS": options}


def _postgresql(url: str) -> dict[str, Any]:
    """PostgreSQL; what follows the ? of the URL goes to its driver (sslmode, host of a socket)."""
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
