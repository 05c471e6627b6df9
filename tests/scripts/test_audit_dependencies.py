"""What the audit of pinned packages makes of pip-audit's answers: never clean where nobody was asked."""

from __future__ import annotations

from pathlib import Path

from scripts.audit_dependencies import NOT_ASKED, Audit, audit_of, told

LOCK = Path("x.lock")
CLEAN = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"], "aliases": []}]}
UNKNOWN = {"name": "c", "skip_reason": "Dependency not found on PyPI and could not be audited: c (3)"}


def test_a_known_vulnerability_is_named_with_the_release_that_mends_it() -> None:
    found = audit_of({"dependencies": [CLEAN, BAD, UNKNOWN]})
    assert found == Audit(2, 1, ("b 2: PYSEC-1, mended in 2.1",))
    assert told(LOCK, found)[0] == "x.lock: 2 packages audited, 1 could not be asked about, 1 known vulnerabilities"


def test_an_index_without_advisories_is_no_clean_bill() -> None:
    assert NOT_ASKED in told(LOCK, audit_of({"dependencies": [UNKNOWN]}))[0]
    assert NOT_ASKED in told(LOCK, "pip-audit is not installed here")[0]
    assert NOT_ASKED not in told(LOCK, audit_of({"dependencies": [CLEAN]}))[0]
