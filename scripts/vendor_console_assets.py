"""Fetch what the console's pages load from the npm registry, check it, and put it among the console's static files.

    python scripts/vendor_console_assets.py

Run it after changing a version here. Nothing else in the repository fetches anything: the files are committed.
npm decides which registry is asked; the SHA-512 decides whether what it sent is taken. ECharts is not among them: the
console serves the copy of the report (`scripts/vendor_report_assets.py`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

SHELL = Path(__file__).resolve().parent.parent / "src" / "tierwise_console" / "shell"
TARGET = SHELL / "static" / "console" / "vendor"


@dataclass(frozen=True)
class Package:
    """One package: where its files go, and its licence where the package brings no file of it."""

    name: str
    version: str
    sha512: str
    files: dict[str, str] = field(default_factory=dict)


PACKAGES = (
    Package(
        "htmx.org",
        "2.0.11",
        "Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
        {"package/dist/htmx.min.js": "htmx.min.js", "package/LICENSE": "LICENSE-htmx"},
    ),
    Package(
        "@alpinejs/csp",
        "3.17.4",
        "SlRXmqO6kYhnxlg+99etmuzJtE9Lk4QbKjBHqerXzaMflJqoJXdz/SI3IvHJGZ/vRVyC3bR0SSBz40oY7goBeg==",
        {"package/dist/cdn.min.js": "alpine-csp.min.js"},
    ),
    Package(
        "@tabler/core",
        "1.6.1",
        "lgmR9gcxRp5JlLxcmRi9Rz85JrEvH6Bz71KnlcPVSa97wtwQNjgSs3g3fxwbAlulHyRMghhIV04QUuW3pqDsIg==",
        {
            "package/dist/css/tabler.min.css": "tabler.min.css",
            "package/dist/js/tabler.min.js": "tabler.min.js",
        },
    ),
    Package(
        "@tabler/icons",
        "3.52.0",
        "dldKlJNfO/gZnGLcIY0X2EFFKIMGwL/rEvTqglvBgAPFiwj9pZOCN5V3Sf0Gyjq6foX4VQmLdOmsS4w5FdWKAw==",
        {"package/LICENSE": "LICENSE-tabler"},
    ),
)
ICONS = """
activity adjustments alert-triangle api archive arrow-back-up arrow-down arrow-left arrow-right arrow-up arrows-exchange
arrows-sort award bell bolt briefcase building building-store bulb calendar calendar-event category chart-bar
chart-dots chart-dots-3 chart-funnel chart-histogram chart-line chart-pie chart-sankey chart-scatter chart-treemap check
checklist chevron-down chevron-left chevron-right chevron-up circle-check circle-x clipboard-check clock coin columns
copy crown database device-desktop device-floppy device-mobile dots download edit external-link eye eye-off file
file-download file-spreadsheet file-text filter flag flame folder gauge ghost-2 gift git-compare git-merge grid-dots hand-stop headset
heart help-circle history home id info-circle key language layout-grid link list list-check list-details lock login logout mail
map-pin menu-2 message moon mood-empty note pencil phone photo player-pause player-play player-stop plug plus printer
qrcode refresh report report-analytics robot rotate route ruler-measure scale search send server settings shield-check
shield-lock shopping-cart stack-2 star sun table tag target-arrow ticket trash trending-down trending-up upload user
user-check user-plus users versions wand webhook world x
""".split()  # noqa: SIM905  # a list of a hundred quoted words is worse to read
MIT_ALPINE = """MIT License

Copyright © 2019-2025 Caleb Porzio and contributors

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
"""The package @alpinejs/csp names its licence (MIT) and brings no file of it; @tabler/core is of the authors of
@tabler/icons, under the licence that the latter brings."""
SOURCE_MAP = re.compile(rb"\n?/[/*]# sourceMappingURL=[^\n*]*(?:\*/)?\s*")


def pack(package: Package, folder: Path) -> Path:
    """Let npm download a package into `folder`; return the archive, its SHA-512 checked."""
    subprocess.run(["npm", "pack", "--silent", f"{package.name}@{package.version}"], cwd=folder, check=True)
    archive = folder / f"{package.name.lstrip('@').replace('/', '-')}-{package.version}.tgz"
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != package.sha512:
        sys.exit(f"{archive.name} is not what was reviewed: its SHA-512 is {found}")
    return archive


def member(archive: tarfile.TarFile, name: str) -> bytes:
    """The bytes of one file of an archive."""
    stream = archive.extractfile(name) if name in archive.getnames() else None
    if stream is None:
        sys.exit(f"{archive.name} has no {name}")
    return stream.read()


def unpack(package: Package, archive: Path) -> dict[str, str]:
    """Write the files that are kept, without pointers to source maps; return the SHA-256 of each."""
    digests = {}
    with tarfile.open(archive) as found:
        for name, kept in package.files.items():
            content = SOURCE_MAP.sub(b"\n", member(found, name))
            (TARGET / kept).write_bytes(content)
            digests[kept] = hashlib.sha256(content).hexdigest()
    return digests


def icons(archive: Path) -> dict[str, str]:
    """The shapes inside each icon, as templates put them into the page."""
    shapes = {}
    with tarfile.open(archive) as found:
        for name in ICONS:
            svg = member(found, f"package/icons/outline/{name}.svg").decode()
            inner = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
            if inner is None:
                sys.exit(f"the icon {name} has no shapes")
            shapes[name] = re.sub(r">\s+<", "><", re.sub(r"\s+", " ", inner.group(1)).strip())
    return shapes


def main() -> None:
    """Fetch, check, unpack, and note what was taken in vendor.json."""
    TARGET.mkdir(parents=True, exist_ok=True)
    noted = []
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            archive = pack(package, Path(folder))
            files = unpack(package, archive)
            noted.append(
                {"package": package.name, "version": package.version, "sha512": package.sha512, "files": files}
            )
        (SHELL / "icons.json").write_text(json.dumps(icons(archive), indent=1) + "\n", encoding="utf-8")
    (TARGET / "LICENSE-alpinejs").write_text(MIT_ALPINE, encoding="utf-8")
    (TARGET / "vendor.json").write_text(json.dumps(noted, indent=2) + "\n", encoding="utf-8")
    print(f"{len(noted)} packages are in {TARGET.name}/")


if __name__ == "__main__":
    main()
