"""Keys lie in files beside the database and never in it: who copies the database alone can read no secret."""

from __future__ import annotations

import secrets

from tierwise_console.environment import Environment


def secret_key(environment: Environment) -> str:
    """The key of sessions and signatures; without one, a key of this process alone, which `check` reports."""
    if environment.secret_key:
        return environment.secret_key
    if environment.secret_key_file.is_file():
        return environment.secret_key_file.read_text(encoding="ascii").strip()
    return secrets.token_urlsafe(64)


def field_keys(environment: Environment) -> tuple[str, ...]:
    """The keys of encrypted fields, newest first."""
    if environment.field_keys:
        return environment.field_keys
    if environment.field_keys_file.is_file():
        return tuple(environment.field_keys_file.read_text(encoding="ascii").split())
    return ()
