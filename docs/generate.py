"""`python -m docs.generate`: write the generated pages of docs/ and the quoted output in the README files.

With `--check` nothing is written and the exit code says whether anything would change.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import click

import tierwise
from tierwise.cli import speech
from tierwise.contracts.tables import TABLES
from tierwise.errors import all_kinds
from tierwise.language import Lang
from tierwise.registry import models

ROOT = Path(__file__).resolve().parent.parent
NOTE = "<!-- made by `make docs`; edits here are overwritten -->\n\n"


def tables_page() -> str:
    """docs/tables.md from the schemas."""
    lines = ["# Canonical tables · 标准表", "", NOTE.strip(), ""]
    for table in TABLES.values():
        lines += [
            f"## {table.name} · {table.label.zh}",
            "",
            "| column | type | needed | meaning | 含义 |",
            "|---|---|---|---|---|",
        ]
        for column in table.columns:
            needed = "yes" if column.required else ""
            lines.append(f"| `{column.name}` | {column.kind} | {needed} | {column.label.en} | {column.label.zh} |")
        lines.append("")
    return "\n".join(lines)


def errors_page() -> str:
    """docs/errors.md from the declared kinds."""
    for module in pkgutil.walk_packages(tierwise.__path__, "tierwise."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    lines = ["# Errors · 错误一览", "", NOTE.strip(), "", "Words in braces are filled in. The family is the exit code."]
    for kind in all_kinds():
        lines += ["", f"## `{kind.code}`", "", f"{kind.family.name.lower()}, exit code {int(kind.family)}", ""]
        lines += [f"- {kind.what.en} · {kind.what.zh}", f"- cause: {kind.cause.en} · {kind.cause.zh}"]
        lines += [f"- cure: {kind.cure.en} · {kind.cure.zh}"]
    return "\n".join(lines) + "\n"


_ALL_HELPS = """
from tierwise.cli.commands import COMMANDS
from tierwise.cli.main import execute
for name in COMMANDS:
    print(f"## {name}", flush=True)
    execute([name, "--help"])
"""


def commands_page(lang: Lang) -> str:
    """docs/cli.md (or its Chinese sister) from the commands' own help; one process a language tells them all."""
    environment = {**os.environ, "TIERWISE_LANG": str(lang), "PYTHONIOENCODING": "utf-8", "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, "-c", _ALL_HELPS], capture_output=True, text=True, env=environment, check=True
    )
    lines = ["# Commands" if lang is Lang.EN else "# 命令", "", NOTE.strip()]
    for part in done.stdout.split("## ")[1:]:
        name, _, text = part.partition("\n")
        lines += ["", f"## tierwise {name}", "", "```", text.rstrip(), "```"]
    return "\n".join(lines) + "\n"


def models_page() -> str:
    """docs/models/README.md from the method cards."""
    lines = [
        "# Models · 分层模型",
        "",
        NOTE.strip(),
        "",
        "| model | question · 回答的问题 | fits · 适用 | difficulty · 难度 |",
        "|---|---|---|---|",
    ]
    for name, model in sorted(models().items()):
        card = model.card
        lines.append(
            f"| [{name}]({name}.md) {card.title.zh} | {card.question.en}<br>{card.question.zh} "
            f"| {card.fit.en}<br>{card.fit.zh} | {card.difficulty.en} · {card.difficulty.zh} |"
        )
    return "\n".join(lines) + "\n"


def _run(arguments: list[str], folder: Path | None = None) -> str:
    """What a command prints, as a reader sees it who pipes it into a file."""
    environment = {**os.environ, "COLUMNS": "100", "NO_SERVER": "1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "tierwise", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        check=True,
    )
    return done.stdout


BLOCK = re.compile(
    r"(<!-- output of: tierwise (?P<command>[^\n]+?)(?:, first (?P<lines>\d+) lines)? -->\n```\n)"
    r"(?P<body>.*?)(```\n<!-- end -->)",
    re.DOTALL,
)


def shared_data() -> Path:
    """Where the retail file of the second example is."""
    return Path(os.environ.get("TIERWISE_SHARED_DATA", ROOT.parent / "shared" / "data"))


def with_outputs(text: str) -> str:
    """The text with the body of each output block as the command prints it now.

    Run ids, which differ from run to run, are left out of what is quoted; a block whose input is not on this
    machine keeps what it has.
    """

    def renewed(match: re.Match[str]) -> str:
        command = match["command"].split()
        if "RETAIL" in command:
            file = shared_data() / "retail" / "online_retail_2010_2011.parquet"
            if not file.exists():
                return match[0]
            command = [str(file) if word == "RETAIL" else word for word in command]
        with tempfile.TemporaryDirectory() as folder:
            printed = quoted(_run(command, Path(folder))).splitlines(keepends=True)
        shown = printed[: int(match["lines"])] if match["lines"] else printed
        return match[1] + "".join(shown).rstrip() + "\n" + match[5]

    return BLOCK.sub(renewed, text)


def quoted(output: str) -> str:
    """Output as it is quoted: without trailing blanks and without the line that names the run."""
    lines = [line.rstrip() for line in output.splitlines()]
    return "\n".join(line for line in lines if not line.startswith(("Run ", "运行 "))) + "\n"


REFERENCE = ("docs/tables.md", "docs/errors.md", "docs/cli.md", "docs/cli.zh-CN.md", "docs/models/README.md")
"""The pages that are wholly generated."""


@cache
def reference_pages() -> dict[Path, str]:
    """Every page that is wholly generated, and what it should hold."""
    texts = (tables_page(), errors_page(), commands_page(Lang.EN), commands_page(Lang.ZH), models_page())
    return {ROOT / name: text for name, text in zip(REFERENCE, texts, strict=True)}


def pages() -> dict[Path, str]:
    """Every page with generated parts, and what it should hold."""
    readmes = (ROOT / "README.md", ROOT / "README.zh-CN.md")
    return reference_pages() | {file: with_outputs(file.read_text(encoding="utf-8")) for file in readmes}


def main() -> None:
    """Write or check."""
    stale = []
    for file, text in pages().items():
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append(file.relative_to(ROOT))
            if "--check" not in sys.argv:
                file.write_text(text, encoding="utf-8")
    click.echo("\n".join(str(file) for file in stale) or "all pages are as generated")
    sys.exit(1 if stale and "--check" in sys.argv else 0)


if __name__ == "__main__":
    speech.take_language(["--lang", "en"])
    main()
