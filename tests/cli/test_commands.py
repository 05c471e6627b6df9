"""The list of commands: quick to print, and true of the commands it names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tierwise.cli
from tierwise.cli.commands import COMMANDS, load, summary
from tierwise.cli.main import execute

HEAVY = ("duckdb", "sqlglot", "pydantic", "numpy", "pyarrow", "scipy", "sklearn", "z3", "rich", "jinja2")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_help_begins_with_its_line_in_the_list(name: str) -> None:
    help_text = load(name).help
    assert help_text is not None and help_text.startswith(summary(name))


@pytest.mark.parametrize(("language", "words"), [("en", "Customer value tiers"), ("zh-CN", "讲得清楚的客户价值分层")])
def test_the_list_is_in_the_language_asked_for(language: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["--lang", language, "--help"]) == 0
    said = capsys.readouterr().out
    assert words in said
    for name, line in COMMANDS.items():
        assert f"  {name} " in said
        assert (line.zh if language == "zh-CN" else line.en).split()[0] in said


def test_listing_imports_no_command_and_nothing_heavy() -> None:
    asked = (
        "import sys; from tierwise.cli.main import execute; execute(['--help']); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert loaded.isdisjoint(HEAVY)
    commands = {f"tierwise.cli.{file.stem}" for file in Path(tierwise.cli.__path__[0]).glob("*.py")}
    assert loaded & commands <= {
        "tierwise.cli.main",
        "tierwise.cli.commands",
        "tierwise.cli.speech",
        "tierwise.cli.__init__",
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["tier"], "缺少 ORDERS"),
        (["tier", "a.csv", "--custmer", "x"], "没有 --custmer 这个选项；是否想写 --customer"),
        (["simulat"], "没有 simulat 这个命令"),
        (["export", "--format", "pdf"], "--format 的值不对，可选：parquet、csv、xlsx"),
        (["tier", "a.csv", "--threads", "0"], "--threads 的值不对"),
    ],
)
def test_a_wrong_command_line_is_told_in_chinese(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["--lang", "zh-CN", *arguments]) == 2
    said = capsys.readouterr().err
    assert words in said and "Error" not in said and "Usage" not in said


def test_a_language_nobody_speaks_here_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["models", "--lang", "fr"]) == 2
    assert "usage.unknown_language" in capsys.readouterr().err


def test_a_reader_who_has_gone_leaves_no_trace() -> None:
    """`tierwise models | head -1`: no traceback, and exit code 0, though much is left to be written."""
    program = "import sys; from tierwise.cli.main import main; main(['models', '--lang', 'en'])"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as command:
        assert command.stdout is not None and command.stderr is not None
        command.stdout.close()
        assert command.stderr.read() == b""
        assert command.wait() == 0


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["simulat"]) == 2
    assert "simulat" in capsys.readouterr().err
