"""Where the labels of a run are: in files, or in its indicators and the scheme that the manifest keeps.

A label is a function of one customer's indicators: a scheme's cut-points and rules, written out as whole numbers and
decimals. What is a function of what is stored is not stored a second time. Files are written for models with memory
alone, whose tiers depend on the run before, and are found in runs that were published before labels were derived.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tierwise.contracts.rows import Derived, Rows
from tierwise.contracts.scheme import Scheme
from tierwise.contracts.scheme_json import scheme_from_json
from tierwise.snapshots.manifest import IN_FILES, ModelResult
from tierwise.sql.scheme import label_columns, label_steps
from tierwise.sql.stacking import inputs_of, stacked_steps
from tierwise.sql.steps import Plan, Step, in_one


def label_rows(folder: Path, models: Mapping[str, ModelResult], model: str) -> Rows:
    """The label table of one model of a run that lies in a folder."""
    if models[model].labels == IN_FILES:
        return sorted((folder / "labels" / model).glob("*.parquet"))
    schemes = {name: scheme_from_json(result.scheme) for name, result in models.items()}
    return derived_labels(tuple(sorted((folder / "indicators").glob("*.parquet"))), schemes, model)


def derived_labels(indicators: tuple[Path, ...], schemes: Mapping[str, Scheme], model: str) -> Derived:
    """The label table of one model, made of the indicator files; the tiers that it builds on are made on the way."""

    def steps(source: str, target: str) -> Plan:
        scheme = schemes[model]
        below = inputs_of(model, schemes)
        stacked = stacked_steps(f"{target}_stacked", source, schemes, below, scheme.inputs) if below else ()
        table = stacked[-1].name if stacked else source
        labelled = label_steps(scheme, table, f"{target}_labelled")
        chosen = Step(target, f"SELECT {', '.join(label_columns(scheme))} FROM {target}_labelled")
        return (in_one((*stacked, *labelled, chosen)),)

    return Derived(indicators, steps)
