"""Ask pip-audit whether a pinned package has a known vulnerability; say plainly where that could not be asked.

    python -m scripts.audit_dependencies [LOCK …]

Ends with 1 where a vulnerability is known, and with 0 otherwise: that the network or the advisory data is away is no
fault of the change at hand, but is told, so that nobody takes it for a clean bill. pip-audit asks the package index
for its advisories; an index that serves files alone knows of none.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LOCKS = ("requirements/runtime.lock", "requirements/dev.lock")
MOST_SECONDS = 180
NOT_ASKED = "NOT AUDITED"


@dataclass(frozen=True, slots=True)
class Audit:
    """What became of one lock: how many packages were asked about, how many not, and what is known of those asked."""

    asked: int
    not_asked: int
    known: tuple[str, ...]


def audit_of(report: dict[str, Any]) -> Audit:
    """Read the JSON that pip-audit prints."""
    packages = report["dependencies"]
    asked = [each for each in packages if "skip_reason" not in each]
    known = tuple(
        f"{each['name']} {each['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'no release yet'}"
        for each in asked
        for found in each["vulns"]
    )
    return Audit(len(asked), len(packages) - len(asked), known)


def ask(lock: Path) -> Audit | str:
    """Have one lock audited; the reason as a sentence where that was not possible."""
    if find_spec("pip_audit") is None:
        return "pip-audit is not installed here (pip install pip-audit)"
    options = ("--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json")
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=MOST_SECONDS, check=False)
        return audit_of(json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        return f"the advisory data did not come within {MOST_SECONDS} s"
    except json.JSONDecodeError:
        return f"the advisory data could not be had: {done.stderr.strip().splitlines()[-1:] or 'no word why'}"


def told(lock: Path, found: Audit | str) -> list[str]:
    """The lines about one lock."""
    if isinstance(found, str):
        return [f"{lock}: {NOT_ASKED}: {found}"]
    if not found.asked:
        return [
            f"{lock}: {NOT_ASKED}: the package index here has no advisory data on any of {found.not_asked} packages"
        ]
    rest = f", {found.not_asked} could not be asked about" if found.not_asked else ""
    return [f"{lock}: {found.asked} packages audited{rest}, {len(found.known)} known vulnerabilities", *found.known]


def main() -> int:
    """Audit the locks and print what came of it."""
    vulnerable = False
    for lock in map(Path, sys.argv[1:] or LOCKS):
        found = ask(lock)
        vulnerable |= isinstance(found, Audit) and bool(found.known)
        print("\n  ".join(told(lock, found)), flush=True)
    return int(vulnerable)


if __name__ == "__main__":
    sys.exit(main())
