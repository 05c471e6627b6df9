"""Fetch the report's charting library from the npm registry, check it, and put it beside the templates.

    python scripts/vendor_report_assets.py

Run it after changing a version here. Nothing else in the repository fetches anything: the files are committed.
npm decides which registry is asked; the SHA-512 decides whether what it sent is taken.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE, VERSION = "echarts", "6.1.0"
SHA512 = "q0yaFPggC9FUdsWH4blavRWFmxdrIodbkoKNAjJudAI6CA9gNPxHtV2RcZNEepZVlk4yvBYkOkbk6HIVpIyHZA=="
FILES = {
    "package/dist/echarts.min.js": "echarts.min.js",
    "package/LICENSE": "LICENSE",
    "package/NOTICE": "NOTICE",
    "package/licenses/LICENSE-d3": "LICENSE-d3",
}
TARGET = Path(__file__).resolve().parent.parent / "src" / "tierwise" / "reports" / "vendor"


def pack(folder: Path) -> Path:
    """Let npm download the package into `folder`; return the archive, its SHA-512 checked."""
    subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True)
    archive = folder / f"{PACKAGE}-{VERSION}.tgz"
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != SHA512:
        sys.exit(f"{archive.name} is not what was reviewed: its SHA-512 is {found}")
    return archive


def unpack(archive: Path) -> dict[str, str]:
    """Write the files that are kept; return the SHA-256 of each."""
    TARGET.mkdir(parents=True, exist_ok=True)
    digests = {}
    with tarfile.open(archive) as found:
        for member, name in FILES.items():
            stream = found.extractfile(member)
            if stream is None:
                sys.exit(f"{archive.name} has no {member}")
            content = stream.read()
            (TARGET / name).write_bytes(content)
            digests[name] = hashlib.sha256(content).hexdigest()
    return digests


def main() -> None:
    """Fetch, check, unpack, and note what was taken in vendor.json."""
    with tempfile.TemporaryDirectory() as folder:
        digests = unpack(pack(Path(folder)))
    noted = {"package": PACKAGE, "version": VERSION, "sha512": SHA512, "files": digests}
    (TARGET / "vendor.json").write_text(json.dumps(noted, indent=2) + "\n", encoding="utf-8")
    print(f"{PACKAGE} {VERSION} is in {TARGET.name}/")


if __name__ == "__main__":
    main()
