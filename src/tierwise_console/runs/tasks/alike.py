"""How many customers of a dry run look like ones that are there already, by the check that is made at entry."""

from __future__ import annotations

from typing import Any

from tierwise.contracts.ingest import CanonicalTable
from tierwise.deduplication import COMPARED
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.entry import NOTHING_GIVEN, check_entry
from tierwise.errors import TierwiseError
from tierwise.identity.entry_index import INDEX, EntryCandidate
from tierwise.snapshots.imports import holding, records, version_of
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace

MOST_CHECKED, EXAMPLES = 1_000, 10
"""A check takes some milliseconds: of a large file the first new customers are checked, and the page says so."""


def alike(engine: DuckDBEngine, table: CanonicalTable, workspace: Workspace) -> dict[str, Any] | None:
    """Count the new customers and those that look like others; None where there is nothing to compare with.

    Examples name customers by their ids alone: who may see more of them is for the page to know.
    """
    if table.name != "customers" or not (workspace.identity / INDEX).exists():
        return None
    compared = [column for column in COMPARED if column in table.columns]
    new = _new(engine, table, workspace, compared)
    found = []
    for customer, *values in new[:MOST_CHECKED]:
        record = {name: value for name, value in zip(compared, values, strict=True) if value is not None}
        if likely := _likely(workspace, record):
            found.append(_told(customer, likely[0]))
    found.sort(key=lambda each: not each["certain"])
    certain = sum(each["certain"] for each in found)
    return {
        "new": len(new), "checked": min(len(new), MOST_CHECKED), "alike": len(found), "certain": certain,
        "examples": found[:EXAMPLES],
    }  # fmt: skip


def _new(engine: DuckDBEngine, table: CanonicalTable, workspace: Workspace, compared: list[str]) -> list[Any]:
    """The customers of the file whose ids are not there yet, with what is compared."""
    known = Visible(workspace, version_of(workspace, holding(records(workspace)))).attach(engine)
    files = ", ".join(quoted(str(file)) for file in table.files)
    unknown = " WHERE customer_id NOT IN (SELECT customer_id FROM customers)" if "customers" in known else ""
    columns = ", ".join(("customer_id", *compared))
    return engine.native(
        "new customers", f"SELECT {columns} FROM read_parquet([{files}]){unknown} ORDER BY customer_id"
    )


def _likely(workspace: Workspace, record: dict[str, Any]) -> list[EntryCandidate]:
    try:
        found = check_entry(workspace, record, refresh=False)
    except TierwiseError as error:
        if error.code == NOTHING_GIVEN.code:
            return []
        raise
    return [one for one in found if one.certain or one.weight >= 0]


def _told(customer: str, candidate: EntryCandidate) -> dict[str, Any]:
    reasons = [{"en": reason.en, "zh": reason.zh} for reason in candidate.reasons]
    return {"customer": customer, "like": candidate.customer, "certain": candidate.certain, "reasons": reasons}
