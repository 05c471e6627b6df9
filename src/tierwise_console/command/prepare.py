"""Making an installation ready: its folder, its keys, its tables. Running it again changes nothing."""

from __future__ import annotations

import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from tierwise_console.environment import Environment, read_environment


def prepare() -> None:
    """Make what is missing, and bring the database to the present version."""
    environment = read_environment()
    make_home(environment)
    setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def setup() -> None:
    """Load Django; the keys must be there by then."""
    import django

    django.setup()


def make_home(environment: Environment) -> None:
    """Make the console's folder and its keys, readable by their owner alone."""
    environment.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    (environment.home / "static").mkdir(exist_ok=True)
    if not environment.secret_key:
        _write_once(environment.secret_key_file, secrets.token_urlsafe(64))
    if not environment.field_keys:
        _write_once(environment.field_keys_file, Fernet.generate_key().decode())


def _write_once(file: Path, content: str) -> None:
    file.parent.mkdir(exist_ok=True, mode=0o700)
    try:
        with file.open("x", encoding="ascii") as stream:
            file.chmod(0o600)
            stream.write(content + "\n")
    except FileExistsError:
        return
