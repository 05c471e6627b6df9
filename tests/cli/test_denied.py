"""Folders that this user may only read: readers go on, writers say what to do, and nobody sees a traceback."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Command

import tierwise.exports.writing
import tierwise.privacy.exports
from tierwise.cli.denied import as_denied


def refusing(number: int) -> Any:
    """What the operating system does instead of making a folder."""

    def refuse(self: Path, *_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number), str(self))

    return refuse


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_workspace_that_cannot_be_written_is_no_defect(
    command: Command, orders: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(Path, "mkdir", refusing(number))
    said = command("tier", str(orders), "--out", "there", "--no-report")
    assert (said.code, said.out) == (5, "") and "run.workspace_unusable" in said.err
    assert os.strerror(number) in said.err and "--workspace" in said.err


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_report_that_cannot_be_written_names_the_way_out(
    command: Command, orders: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    assert command("tier", str(orders), "--no-report", "--model", "pyramid").code == 0
    monkeypatch.setattr(Path, "open", refusing(number))
    said = command("report", lang="zh-CN")
    assert said.code == 5 and "resource.denied" in said.err and "只读" in said.err


def test_an_export_into_a_folder_that_is_read_only(
    command: Command, orders: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert command("tier", str(orders), "--no-report", "--model", "pyramid").code == 0
    monkeypatch.setattr(tierwise.exports.writing.os, "access", lambda place, _: Path(place).name != "out")
    said = command("export", "--out", str(tmp_path / "out"))
    assert said.code == 5 and "resource.denied" in said.err and "step" not in said.err


def test_no_export_leaves_a_workspace_that_cannot_note_it(
    command: Command, orders: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An erasure finds exports by the list in the workspace: what could not be noted is not written."""
    assert command("tier", str(orders), "--no-report", "--model", "pyramid").code == 0
    monkeypatch.setattr(tierwise.privacy.exports.os, "access", lambda *_: False)
    for asked in (
        ("export", "--out", "out"),
        ("export", "--out", "out", "--masked"),
        ("report", "--out", "out/r.html"),
    ):
        said = command(*asked)
        assert said.code == 5 and "export.cannot_be_noted" in said.err and "exports.jsonl" in said.err
    assert not (tmp_path / "out").exists()


def test_what_is_not_refused_is_a_defect() -> None:
    assert as_denied(OSError(errno.EIO, "broken")) is None
