"""What follows a run, whichever command made it: label table, report, and saying where they are."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from tierwise.cli.speech import lang, say
from tierwise.evaluation.survival import Curve
from tierwise.exports.label_table import write_label_table
from tierwise.exports.writing import FORMATS
from tierwise.job import Resources
from tierwise.privacy.exports import note_exports, require_noting
from tierwise.questions import history, labelled, tier_survival
from tierwise.registry import card_of
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace

FEWEST_RUNS = 3
MOST_RUNS = 24
"""A report looks back so many runs: two years by months."""


def export_labels(run: Run, folder: Path, resources: Resources, formats: tuple[str, ...] = FORMATS) -> dict[str, Path]:
    """Write the label table of a run into a folder."""
    require_noting(Workspace(run.folder.parent.parent))
    with resources.ingest() as engine:
        files = write_label_table(engine, labelled(run), folder, lang(), formats)
    note_exports(Workspace(run.folder.parent.parent), run.name, files.values())
    return files


def write_run_report(run: Run, file: Path, resources: Resources) -> Path:
    """Write the HTML report of a run."""
    from tierwise.cli.identity_figures import identity_figures
    from tierwise.reports import write_report

    place = Workspace(run.folder.parent.parent)
    require_noting(place)
    found = {result.model: card_of(result.model) for result in run.manifest.models.values()}
    cards = {name: card for name, card in found.items() if card is not None}
    with resources.ingest() as engine:
        write_report(run, engine, file, lang(), cards, stays_of(run, resources), identity_figures(place))
    note_exports(place, run.name, [file])
    return file


def stays_of(run: Run, resources: Resources) -> dict[str, list[Curve]]:
    """How long customers stay in each tier of each model, of which enough runs are known to see stays begin and last."""
    found, place = {}, Workspace(run.folder.parent.parent)
    for name in run.manifest.models:
        runs = history(place, run, name)[-MOST_RUNS:]
        if len(runs) >= FEWEST_RUNS:
            with resources.ingest() as engine:
                found[name] = list(tier_survival(engine, runs, name).values())
    return found


def show_files(out: Console, run: Run, labels: dict[str, Path], report: Path | None) -> None:
    """Say where everything went, and what to ask next."""
    out.print()
    if labels:
        names = ", ".join(str(file) for file in labels.values())
        out.print(f"[bold]{say('Labels', '客户标签')}[/bold]  {escape(names)}")
    if "xlsx" not in labels and labels:
        out.print("        " + say("(too many rows for an Excel sheet)", "（行数超过 Excel 上限，未写 xlsx）"))
    if report is not None:
        out.print(f"[bold]{say('Report', '报告')}[/bold]  {escape(str(report))}")
    out.print(f"[bold]{say('Run', '运行')}[/bold]     {escape(run.name)}")


def show_next(out: Console, folder: Path) -> None:
    """Say what to ask next, as a line to be copied: a folder with blanks stands in quotes and is not broken."""
    place = f'"{folder}"' if " " in str(folder) else folder
    out.print(
        say(
            f"Next: tierwise explain CUSTOMER --workspace {place}",
            f"下一步：tierwise explain 客户编号 --workspace {place}",
        ),
        markup=False,
        soft_wrap=True,
    )
