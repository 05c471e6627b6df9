"""Take the picture of the console that the READMEs show: the demo shop's tiers, in a real browser.

    python -m scripts.console_screenshot [FOLDER] [--chromium /usr/bin/chromium]

FOLDER holds a demo shop made by `tierwise demo --out FOLDER`; without one a small shop is made. Writes docs/images/console.png.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from tierwise_console.command.start import free_port
from tierwise_console.environment import set_environment

TARGET = Path(__file__).resolve().parents[1] / "docs" / "images" / "console.png"
WAIT_SECONDS = 120
PAGE = "/tiers/?model=rfm"
OWNER, PASSWORD = "lin", "tierwise-demo"  # as the demo prints them


def main() -> None:
    """Make or take a demo shop, start the console on it, sign in, and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or _demo(Path(scratch))
        with _console(folder) as address:
            _take(address, given.chromium)
    print(TARGET, f"{TARGET.stat().st_size / 1000:.0f} kB")


def _demo(scratch: Path) -> Path:
    command = [sys.executable, "-m", "tierwise", "demo", "--out", str(scratch / "demo"), "--customers", "3000"]
    set_environment({"NO_SERVER": "1"})
    subprocess.run(command, check=True)
    return scratch / "demo"


@contextmanager
def _console(folder: Path) -> Iterator[str]:
    """The console on a folder, in demo mode, ended when the block is left."""
    port = free_port()
    command = [sys.executable, "-m", "tierwise", "console", "--workspace", str(folder), "--port", str(port), "--demo"]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command) as running:
        try:
            _wait_for(address)
            yield address
        finally:
            running.terminate()


def _wait_for(address: str) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            urllib.request.urlopen(address, timeout=60).close()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def _take(address: str, chromium: str) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(
            locale="en", viewport={"width": 1280, "height": 800}, color_scheme="light"
        ).new_page()
        page.goto(f"{address}/account/sign-in")
        page.fill("input[name=username]", OWNER)
        page.fill("input[name=password]", PASSWORD)
        with page.expect_navigation():
            page.click("main button.btn-primary")
        page.goto(address + PAGE)
        page.evaluate("scrollTo(0, document.querySelector('.rf-grid').closest('section').offsetTop - 70)")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=TARGET)
        browser.close()


if __name__ == "__main__":
    main()
