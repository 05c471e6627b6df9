"""All that a workspace knows of one person: facts of every import, indicators and labels of every run."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.privacy.person import Person, columns_of, files_of, find_person
from tierwise.privacy.scrubbing import condition
from tierwise.snapshots.manifest import BY_SCHEME
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Known:
    """What is known of a person: rows by part of the workspace, and by the table or label table they stand in.

    `facts` are canonical rows by table, each with the import it came with; `indicators` and `labels` are by run, and
    labels by model in it; `other` is whatever else names the person (identity, state), by file.
    """

    person: Person
    facts: dict[str, Rows]
    indicators: dict[str, Rows]
    labels: dict[str, dict[str, Rows]]
    other: dict[str, Rows]

    def to_json(self) -> dict[str, Any]:
        """As the export holds it."""
        return {
            "customer_ids": list(self.person.ids),
            "facts": self.facts,
            "indicators": self.indicators,
            "labels": self.labels,
            "other": self.other,
        }


def known_of(engine: DuckDBEngine, workspace: Workspace, customer: str) -> Known:
    """Collect all rows that name a customer; raises `erasure.unknown_customer`."""
    person = find_person(engine, workspace, customer)
    known = Known(person, {}, {}, {}, {})
    for file in files_of(workspace, "*.parquet"):
        rows = _rows(engine, file, person)
        if rows:
            _sort_in(known, file.relative_to(workspace.root).parts, rows)
    for run in known.indicators:
        known.labels[run] = {**_derived_labels(engine, Run(workspace.runs / run), person), **known.labels.get(run, {})}
    return known


def _derived_labels(engine: DuckDBEngine, run: Run, person: Person) -> dict[str, Rows]:
    """The person's rows in the label tables of a run that are not files."""
    found, ids = {}, ", ".join(quoted(each) for each in person.ids)
    for model, result in run.manifest.models.items():
        if result.labels == BY_SCHEME:
            engine.attach("labels_of_person", run.labels(model))
            sql = f"SELECT * FROM labels_of_person WHERE customer_id IN ({ids})"
            found[model] = engine.native_records("labels of a person", sql)
    return found


def _rows(engine: DuckDBEngine, file: Path, person: Person) -> Rows:
    theirs = condition(columns_of(engine, file), person)
    if theirs is None:
        return []
    return engine.native_records("rows of a person", f"SELECT * FROM read_parquet({quoted(str(file))}) WHERE {theirs}")


def _sort_in(known: Known, parts: Sequence[str], rows: Rows) -> None:
    """Put rows where they belong, by the path of their file."""
    area, name, *rest = parts
    if area in ("imports", "tables") and rest and rest[0] != "superseded":
        target = known.facts.setdefault(rest[0], [])
        rows = [{"import_id": name, **row} for row in rows]
    elif area == "runs" and rest[:1] == ["indicators"]:
        target = known.indicators.setdefault(name, [])
    elif area == "runs" and rest[:1] == ["labels"]:
        target = known.labels.setdefault(name, {}).setdefault(rest[1], [])
    else:
        target = known.other.setdefault("/".join(parts), [])
    target.extend(rows)


def write_csvs(known: Known, folder: Path) -> Iterator[Path]:
    """Write one CSV a table of facts, one of indicators and one of labels; yields the files."""
    tables: dict[str, Rows] = dict(known.facts)
    tables["indicators"] = [{"run": run, **row} for run, rows in known.indicators.items() for row in rows]
    tables["labels"] = [
        {"run": run, "model": model, **{name: row[name] for name in ("customer_id", "tier", "rank", "score")}}
        for run, models in known.labels.items()
        for model, rows in models.items()
        for row in rows
    ]
    for name, rows in tables.items():
        if rows:
            yield _write_csv(folder / f"{name}.csv", rows)


def _write_csv(file: Path, rows: Rows) -> Path:
    """UTF-8 with a byte-order mark; cells that a spreadsheet would take for formulas are disarmed."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(names)
        writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return file


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
