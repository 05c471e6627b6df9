"""The label table (客户分类标签表): one row per customer, with indicators and the tier of every model.

Columns: customer_id; each indicator; for each model its tier in words, `_key`, `_rank`, `_score` and the scores behind
it; and what every label is worth: the day it is for, when it was calculated, and the version of the data. CSV is UTF-8
with a byte-order mark, so that Excel reads the Chinese; text that a spreadsheet would take for a formula gets a leading
apostrophe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from tierwise.contracts.rows import Rows
from tierwise.contracts.scheme import Scheme
from tierwise.exports.writing import FORMATS, ExportEngine, Sheet, write_sheet
from tierwise.language import Lang, Text
from tierwise.sql.expressions import literal


@dataclass(frozen=True)
class LabelledRun:
    """What of a run goes into a label table; `indicators` maps each column to its name in words.

    Every row ends in the day the labels are for, when they were calculated (UTC), and the version of the data.
    """

    indicators: Mapping[str, Text]
    indicator_files: Sequence[Path]
    schemes: Mapping[str, Scheme]
    labels: Mapping[str, Rows]
    customers: int
    as_of: date
    calculated_at: datetime
    data_version: str


STAMPS = {
    "as_of": Text("as of", "计算日"),
    "calculated_at": Text("calculated at (UTC)", "计算时间（UTC）"),
    "data_version": Text("data version", "数据版本"),
}
"""The columns that say of each label what it is worth."""


@dataclass(frozen=True)
class Shown:
    """How a label table is handed out: under which file name, and the SQL of the id that a customer `i` has in it."""

    stem: str = "labels"
    customer: str = "i.customer_id"


def write_label_table(
    engine: ExportEngine,
    run: LabelledRun,
    folder: Path,
    lang: Lang,
    formats: Sequence[str] = FORMATS,
    shown: Shown = Shown(),
) -> dict[str, Path]:
    """Write `labels.parquet`, `labels.csv` and `labels.xlsx` into a folder; return the files by format.

    Excel is left out where the rows exceed what a sheet holds (1,048,575).
    """
    _attach(engine, run, lang, shown.customer)
    texts = ["customer_id", *(f"{model}_tier" for model in run.schemes)]
    sheet = Sheet("label_table", Text("labels", "客户标签"), columns_of(run), texts, run.customers)
    return write_sheet(engine, sheet, folder, shown.stem, lang, formats)


def columns_of(run: LabelledRun) -> dict[str, Text]:
    """The columns of the label table and their names in words."""
    columns = {"customer_id": Text("Customer", "客户编号"), **run.indicators}
    for model, scheme in run.schemes.items():
        columns[f"{model}_tier"] = Text(f"{model}: tier", f"{model}：层级")
        columns[f"{model}_key"] = Text(f"{model}: tier code", f"{model}：层级代码")
        columns[f"{model}_rank"] = Text(f"{model}: rank (1 is best)", f"{model}：排名（1 为最高）")
        columns[f"{model}_score"] = Text(f"{model}: score", f"{model}：得分")
        for score in scheme.scores:
            columns[f"{model}_{score.name}"] = Text(f"{model}: {score.label.en}", f"{model}：{score.label.zh}")
    return columns | STAMPS


def _attach(engine: ExportEngine, run: LabelledRun, lang: Lang, customer: str) -> None:
    """Make the view `label_table`, in the order of the ids that it shows: another one would tell of those behind."""
    engine.attach("export_indicators", run.indicator_files)
    columns = [f"{customer} AS customer_id", *(f"i.{column}" for column in run.indicators)]
    joins = []
    for place, (model, scheme) in enumerate(run.schemes.items()):
        alias = f"m{place}"
        engine.attach(f"export_{model}", run.labels[model])
        names = " ".join(f"WHEN {literal(t.key)} THEN {literal(t.name.to(lang))}" for t in scheme.tiers)
        columns += [
            f"CASE {alias}.tier {names} END AS {model}_tier",
            f"{alias}.tier AS {model}_key",
            f"{alias}.rank AS {model}_rank",
            f"{alias}.score AS {model}_score",
            *(f"{alias}.{score.name} AS {model}_{score.name}" for score in scheme.scores),
        ]
        joins.append(f'JOIN "export_{model}" AS {alias} ON i.customer_id = {alias}.customer_id')
    calculated = run.calculated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    stamps = (literal(run.as_of.isoformat()), literal(calculated), literal(run.data_version))
    columns += [f"{value} AS {name}" for name, value in zip(STAMPS, stamps, strict=True)]
    sql = f"SELECT {', '.join(columns)} FROM export_indicators AS i {' '.join(joins)}"
    engine.native("label table", f"CREATE OR REPLACE TEMP VIEW label_table AS {sql} ORDER BY 1")
