"""The charting library is the one that was reviewed, and its licence goes with it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tierwise import reports

FOLDER = Path(reports.__file__).parent / "vendor"


def test_the_library_is_the_one_that_was_reviewed() -> None:
    noted = json.loads((FOLDER / "vendor.json").read_text(encoding="utf-8"))
    assert set(noted["files"]) == {"echarts.min.js", "LICENSE", "NOTICE", "LICENSE-d3"}
    for name, digest in noted["files"].items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest, name
    assert f'version="{noted["version"]}"' in (FOLDER / "echarts.min.js").read_text(encoding="utf-8")


def test_the_licence_is_what_the_library_says() -> None:
    assert "Apache License" in (FOLDER / "LICENSE").read_text(encoding="utf-8")
    assert "Apache ECharts" in (FOLDER / "NOTICE").read_text(encoding="utf-8")
