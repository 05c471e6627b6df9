"""`tierwise console backup` and `restore`: the console's database and uploads as one archive, keys apart."""

from __future__ import annotations

import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

import click

from tierwise_console.command.group import say
from tierwise_console.command.start import choose
from tierwise_console.environment import Environment, read_environment

DATABASE = "console.sqlite3"
UPLOADS = "uploads"


@click.command(
    "backup", help=say("Save database and uploads to FILE (.tar.gz).", "将数据库与上传文件备份到 FILE（.tar.gz）。")
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Copy the database as of one moment, while the console runs. Keys are not in it: whoever finds it reads no secret."""
    environment = _embedded()
    source = environment.home / DATABASE
    if not source.is_file():
        raise click.ClickException(say(f"there is no database in {source.parent}", f"{source.parent} 中没有数据库"))
    with tempfile.TemporaryDirectory(dir=environment.home) as scratch:
        copy = Path(scratch) / DATABASE
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(copy)) as new:
            old.backup(new)
        with tarfile.open(file, "x:gz") as archive:
            archive.add(copy, DATABASE)
            if (environment.home / UPLOADS).is_dir():
                archive.add(environment.home / UPLOADS, UPLOADS)
    keys = environment.secret_key_file.parent
    click.echo(say(f"Saved to {file}. Keep {keys} elsewhere: without it sealed data cannot be read.",
                   f"已备份到 {file}。请另行保存 {keys}：没有它，加密数据无法读取。"))  # fmt: skip


@click.command("restore", help=say("Put the database and uploads of FILE back.", "从 FILE 恢复数据库与上传文件。"))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore(file: Path) -> None:
    """Unpack beside the database and rename; what was there is kept with the ending `.before`."""
    environment = _embedded()
    environment.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=environment.home) as scratch:
        with tarfile.open(file) as archive:
            archive.extractall(scratch, filter="data")
        copy = Path(scratch) / DATABASE
        with closing(sqlite3.connect(copy)) as found:
            if found.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise click.ClickException(say("the database in this file is damaged", "该文件中的数据库已损坏"))
        for name in (DATABASE, UPLOADS):
            _put_back(Path(scratch) / name, environment.home / name)
    for ending in ("-wal", "-shm"):
        (environment.home / f"{DATABASE}{ending}").unlink(missing_ok=True)
    click.echo(say("Restored. Now run `tierwise console migrate`.", "已恢复。请运行 tierwise console migrate。"))


def _put_back(new: Path, place: Path) -> None:
    if not new.exists():
        return
    if place.exists():
        former = place.with_name(f"{place.name}.before")
        if former.exists():
            raise click.ClickException(say(f"{former} is still there; move it away first", f"{former} 仍在，请先移走"))
        place.rename(former)
    new.rename(place)


def _embedded() -> Environment:
    choose(None, demo=False)
    environment = read_environment()
    if environment.database_url:
        raise click.ClickException(
            say(
                "DATABASE_URL names a server: use its own pg_dump and pg_restore",
                "使用了数据库服务器：请用 pg_dump 与 pg_restore",
            )
        )
    return environment
