"""Nothing leaves the machine in demo mode: every page answers where there is no network, and refers to no other host."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import ROOT
from tests.console.closed_network import REFERENCE

CLOSED = ["unshare", "--map-root-user", "--net"]


def may_close() -> bool:
    return (
        shutil.which("unshare") is not None
        and subprocess.run([*CLOSED, "true"], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.slow
def test_every_page_answers_without_a_network_and_asks_for_none(tmp_path: Path) -> None:
    if not may_close():
        pytest.skip("this machine lets nobody make a network namespace (unshare --net)")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TIERWISE_", "DATABASE_"))}
    told = {
        "TIERWISE_WORKSPACE": str(tmp_path), "TIERWISE_CONSOLE_MODE": "demo", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": "tierwise_console.settings",
    }  # fmt: skip
    command = [*CLOSED, sys.executable, "-m", "tests.console.closed_network"]
    environment = {**kept, **told}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["demo"] and found["interfaces"] == ["lo"], "the network was closed, and it is the demo"
    assert len(found["pages"]) > 12 and set(found["pages"].values()) == {200}
    assert found["asked"] == []
    assert found["outside"] == {}


def test_what_refers_to_another_host_is_found() -> None:
    pages = [
        '<script src="https://cdn.example/x.js">',
        "<img src='//x.example/y.png'>",
        "a { background: url(http://x.example) }",
    ]
    assert all(REFERENCE.search(page) for page in pages)
    assert not REFERENCE.search('<a href="/customers/">, <svg xmlns="http://www.w3.org/2000/svg">')


@pytest.mark.parametrize("suffix", [".css", ".js", ".html"])
def test_no_file_that_a_browser_loads_refers_to_another_host(suffix: str) -> None:
    loads = re.compile(REFERENCE.pattern + r"""|\b(?:fetch|import)\(\s*["'](https?:)?//""")
    files = [*(ROOT / "src" / "tierwise_console").rglob(f"*{suffix}")]
    assert files
    found = {str(file.relative_to(ROOT)): loads.findall(file.read_text(encoding="utf-8")) for file in files}
    assert {name: each for name, each in found.items() if each} == {}
