"""An installation: checks, keys, backup and restore, and a demo that reaches nobody."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def _console(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("TIERWISE_", "DJANGO_", "DATABASE_"))
    }
    environment = {**kept, "TIERWISE_WORKSPACE": str(home), "TIERWISE_LANG": "en", "NO_SERVER": "1", **more}
    command = [sys.executable, "-m", "tierwise_console", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT, check=False, timeout=120)


@pytest.mark.slow
def test_backup_and_restore_bring_back_what_was(tmp_path: Path) -> None:
    assert _console(tmp_path, "migrate").returncode == 0
    database = tmp_path / "console" / "console.sqlite3"
    with closing(sqlite3.connect(database)) as found, found:
        found.execute("INSERT INTO django_session VALUES ('before', 'x', '2030-01-01')")
    saved = tmp_path / "saved.tar.gz"
    assert _console(tmp_path, "backup", str(saved)).returncode == 0
    with closing(sqlite3.connect(database)) as found, found:
        found.execute("DELETE FROM django_session")
    assert _console(tmp_path, "restore", str(saved)).returncode == 0
    with closing(sqlite3.connect(database)) as found:
        assert found.execute("SELECT session_key FROM django_session").fetchall() == [("before",)]
    again = _console(tmp_path, "restore", str(saved))
    assert again.returncode == 1
    assert "move it away first" in again.stderr


@pytest.mark.slow
def test_keys_are_the_owners_alone_and_stay(tmp_path: Path) -> None:
    _console(tmp_path, "migrate")
    keys = {file.name: file.read_text() for file in (tmp_path / "console" / "keys").iterdir()}
    assert set(keys) == {"secret.key", "fields.keys"}
    assert all(file.stat().st_mode & 0o077 == 0 for file in (tmp_path / "console" / "keys").iterdir())
    _console(tmp_path, "migrate")
    assert keys == {file.name: file.read_text() for file in (tmp_path / "console" / "keys").iterdir()}


@pytest.mark.slow
def test_production_is_clean_once_it_is_told_its_name(tmp_path: Path) -> None:
    _console(tmp_path, "migrate")
    told = {"TIERWISE_CONSOLE_MODE": "production", "TIERWISE_CONSOLE_HOSTS": "tiers.example.com"}
    found = _console(tmp_path, "check", **told)
    assert found.returncode == 0, found.stderr
    nameless = _console(tmp_path, "check", TIERWISE_CONSOLE_MODE="production")
    assert nameless.returncode != 0
    assert "ALLOWED_HOSTS" in nameless.stderr


@pytest.mark.slow
def test_a_command_opens_the_workspace_it_names_and_no_other(tmp_path: Path) -> None:
    named = tmp_path / "named"
    named.mkdir()
    done = _console(tmp_path / "other", "--workspace", str(named), "migrate")
    assert done.returncode == 0, done.stderr
    assert (named / "console" / "console.sqlite3").is_file()
    assert not (tmp_path / "other").exists()
