"""The one file of the console that reads the process environment.

It stands outside `settings`, which reads it as soon as it is imported: a command says first which workspace is meant.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Mode(StrEnum):
    """How an installation is run: on one's own machine, as a demo that sends nothing, or for others to reach."""

    LOCAL = "local"
    DEMO = "demo"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Environment:
    """What the console is told by its environment. `home` keeps database, keys and uploads of one workspace.

    `forwarded` says that a reverse proxy in front sets X-Forwarded-Proto, and removes it from what clients send.
    """

    workspace: Path
    home: Path
    mode: Mode
    database_url: str | None
    secret_key: str | None
    field_keys: tuple[str, ...]
    allowed_hosts: tuple[str, ...]
    trusted_origins: tuple[str, ...]
    time_zone: str | None
    forwarded: bool

    @property
    def secret_key_file(self) -> Path:
        """Where the key of sessions and signatures lies, unless the environment gives it."""
        return self.home / "keys" / "secret.key"

    @property
    def field_keys_file(self) -> Path:
        """Where the keys of encrypted fields lie, newest first, unless the environment gives them."""
        return self.home / "keys" / "fields.keys"


def read_environment(environment: Mapping[str, str] | None = None) -> Environment:
    """Read the environment: everything has a default that suits one person on one machine."""
    found = os.environ if environment is None else environment
    workspace = Path(found.get("TIERWISE_WORKSPACE") or ".").resolve()
    return Environment(
        workspace=workspace,
        home=Path(found.get("TIERWISE_CONSOLE_HOME") or workspace / "console").resolve(),
        mode=Mode(found.get("TIERWISE_CONSOLE_MODE") or Mode.LOCAL),
        database_url=found.get("DATABASE_URL") or None,
        secret_key=found.get("TIERWISE_CONSOLE_SECRET_KEY") or None,
        field_keys=_words(found.get("TIERWISE_CONSOLE_FIELD_KEYS")),
        allowed_hosts=_words(found.get("TIERWISE_CONSOLE_HOSTS")),
        trusted_origins=_words(found.get("TIERWISE_CONSOLE_ORIGINS")),
        time_zone=found.get("TIERWISE_CONSOLE_TIME_ZONE") or None,
        forwarded=(found.get("TIERWISE_CONSOLE_FORWARDED") or "0") != "0",
    )


def set_environment(values: Mapping[str, str]) -> None:
    """Tell this process, and those it starts, what a command was told by its options."""
    os.environ.update(values)


def inherited() -> dict[str, str]:
    """The environment that a started process gets."""
    return dict(os.environ)


def _words(value: str | None) -> tuple[str, ...]:
    return tuple(word for word in (value or "").replace(",", " ").split() if word)
