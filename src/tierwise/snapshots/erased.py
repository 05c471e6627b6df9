"""How a published run stays verifiable after a person was erased from it: a chain of records in its manifest.

Each record says which files were rewritten, from which fingerprint to which, and the fingerprint of the manifest before.
Its `link` is the SHA-256 of the link before and of the record itself, and is kept with the tombstone as well: whoever
changes a file, a record or their order must change all links after it, in both places.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tierwise.language import Text
from tierwise.snapshots.manifest import Manifest

BROKEN = Text("the records of its erasures do not follow from one another", "其删除记录前后不相接")


def erasure_record(
    before: Mapping[str, Any], manifest_sha256: str, erasure: str, at: datetime, files: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    """The next record of a manifest (as JSON), for files that went from one fingerprint to another."""
    records = before.get("erasures", [])
    record = {
        "erasure": erasure,
        "at": at.isoformat(),
        "files": {name: list(change) for name, change in sorted(files.items())},
        "manifest_before": manifest_sha256,
    }
    return {**record, "link": _link(records[-1]["link"] if records else "", record)}


def _link(before: str, record: Mapping[str, Any]) -> str:
    said = {name: value for name, value in record.items() if name != "link"}
    return hashlib.sha256((before + json.dumps(said, sort_keys=True, ensure_ascii=False)).encode()).hexdigest()


def chain_problem(manifest: Manifest) -> str | None:
    """What is wrong with the records of a run's erasures, in English; None where they follow from one another.

    The fingerprint that the last record gives of a file must be the manifest's, and that of each record the one the
    next record starts from.
    """
    link, known = "", dict[str, str]()
    for record in manifest.erasures:
        try:
            link = _link(link, record)
            sound = record["link"] == link
            changes = record["files"].items()
            sound = sound and all(known.get(name, old) == old for name, (old, _) in changes)
            known.update({name: new for name, (_, new) in changes})
        except (KeyError, TypeError, ValueError):
            sound = False
        if not sound:
            return BROKEN.en
    return None if all(manifest.files.get(name) == new for name, new in known.items()) else BROKEN.en
