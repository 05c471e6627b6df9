"""Write tables of a run masked or pseudonymised, and note where they went."""

from __future__ import annotations

from pathlib import Path

from tierwise.cli.speech import lang
from tierwise.exports.label_table import write_label_table
from tierwise.exports.writing import FORMATS, write_sheet
from tierwise.job import Resources
from tierwise.privacy.exports import note_exports, require_noting
from tierwise.privacy.guises import Guise, customer_sheet, shown_labels, stem_of
from tierwise.questions import labelled
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace


def export_guised(
    run: Run, folder: Path, resources: Resources, guise: Guise, table: str, formats: tuple[str, ...] = FORMATS
) -> list[Path]:
    """Write `labels` or `customers` of a run into a folder in a guise; return the files."""
    place = Workspace(run.folder.parent.parent)
    require_noting(place)
    with resources.ingest() as engine:
        if table == "customers":
            sheet = customer_sheet(engine, place, run, guise)
            files = write_sheet(engine, sheet, folder, stem_of("customers", guise), lang(), formats)
        else:
            files = write_label_table(engine, labelled(run), folder, lang(), formats, shown_labels(place, guise))
    note_exports(place, run.name, files.values())
    return list(files.values())
