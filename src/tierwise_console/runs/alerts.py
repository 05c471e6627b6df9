"""What deserves a look: each alert says what is the matter, what to do, and which page one can do it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

from tierwise.contracts.imports import ImportRecord, version_from_json
from tierwise.contracts.scheme import Tier
from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise.reports.figures import percent_text
from tierwise.snapshots.imports import records
from tierwise.snapshots.runs import Run
from tierwise_console.runs.cures import cure_of
from tierwise_console.runs.published import named_run, workspace

LITTLE_USED_PERCENT = 5
"""From this share of rows set aside on it is a warning."""
SILENT = ("declining", "lost", "dormant", "churned")
"""Tiers of the lifecycle model, of all its presets, whose customers are leaving or gone."""
COSTLY_RULES, MATTERS, WELL_MET = 3, 2, 0.99
"""At most so many failed rules are alerts: those of weight 2 and more that less than 99 % of the rows meet."""


SHOWN_IMPORTS = 5
"""At most so many imports are alerts: those that lost most rows."""


class Place(StrEnum):
    """Where one can act on an alert; `of` of the alert says on what there."""

    CUSTOMERS = "customers"
    REJECTS = "rejects"
    FINDINGS = "findings"
    DRIFT = "drift"
    RULES = "rules"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to look at. `of` are the parameters of the place: tiers of a model, an import."""

    severity: str
    label: Text
    cure: Text
    place: Place
    of: tuple[str, ...] = ()


def alerts(run: Run) -> list[Alert]:
    """Silent customers first, then what the data warn of, then rows that could not be used."""
    card = run.manifest.quality
    return [*_silent(run), *_findings(card), *_rules(card), *_set_aside(run.name)]


def further_notes(run: Run) -> int:
    """How many findings are no alert: they stand on the page Quality."""
    return sum(found["severity"] != "warning" for found in run.manifest.quality.get("findings", ()))


def _findings(card: Mapping[str, Any]) -> list[Alert]:
    return [
        Alert("warning", Text(found["en"], found["zh"]), cure_of(found["code"]), _place_of(found["code"]))
        for found in card.get("findings", ())
        if found["severity"] == "warning"
    ]


def _place_of(code: str) -> Place:
    return {"drift": Place.DRIFT, "stale_source": Place.DATA}.get(code, Place.FINDINGS)


def _rules(card: Mapping[str, Any]) -> list[Alert]:
    """The rules that rows fail and tiers or indicators depend on; those about the source are told as rows set aside."""
    failed = [
        rule
        for rule in card.get("rules", ())
        if rule["severity"] == "warning" and rule["weight"] >= MATTERS and not rule["of_source"]
        and rule["score"] is not None and rule["score"] < WELL_MET
    ]  # fmt: skip
    failed.sort(key=lambda rule: (-rule["weight"] * (1 - rule["score"]), rule["rule"]))
    return [_of_rule(rule) for rule in failed[:COSTLY_RULES]]


def _of_rule(rule: Mapping[str, Any]) -> Alert:
    words = Text(
        "a rule is not met: {demand} – {failed} of {checked} rows fail it",
        "规则未满足：{demand}——{checked} 行中有 {failed} 行不符合",
    )
    demand, cure = (Text.of(rule[name]) for name in ("label", "cure"))
    counts = {name: f"{rule[name]:,}" for name in ("failed", "checked")}
    return Alert("warning", words.fill(demand=demand, **counts), cure, Place.RULES, (rule["rule"],))


@lru_cache(maxsize=8)
def _set_aside(run: str) -> tuple[Alert, ...]:
    """One alert for each import of a run that some rows were set aside of, most rows first; at most SHOWN_IMPORTS.

    The ledger is read once for a run: a stream of events leaves an import every few minutes.
    """
    found = sorted(_imports_of(named_run(run)), key=lambda record: -_lost(record))
    return tuple(_of_import(record) for record in found[:SHOWN_IMPORTS] if _lost(record))


def _lost(record: ImportRecord) -> int:
    return sum(aside.rows for aside in record.set_aside)


def _imports_of(run: Run) -> list[ImportRecord]:
    """The imports that a run was made from, as far as they are still there and can be read."""
    wanted = {name for ids in version_from_json(run.manifest.version).imports.values() for name in ids}
    try:
        return [record for record in records(workspace()) if record.id in wanted]
    except TierwiseError:
        return []  # the page Data tells which import is damaged


def _of_import(record: ImportRecord) -> Alert:
    percent = Decimal(_lost(record)) * 100 / max(record.rows_read, 1)
    severity = "warning" if percent >= LITTLE_USED_PERCENT else "info"
    worst = max(record.set_aside, key=lambda aside: aside.rows)
    words = Text(
        "{source}: {rows} rows ({share}) could not be used, most of them for: {reason}",
        "{source}：{rows} 行（{share}）未能使用，主要原因：{reason}",
    )
    label = words.fill(source=record.source, rows=f"{_lost(record):,}", share=percent_text(percent), reason=worst.label)
    return Alert(severity, label, _AGAIN, Place.REJECTS, (record.id,))


_AGAIN = Text(
    "look at the rows with their reasons, correct them in the source, and bring the file in again",
    "查看这些行及其原因，在来源系统更正后重新导入该文件",
)
_WIN_BACK = Text(
    "open the list, give the best of them to somebody who calls, and turn on the drafts for these tiers under Strategy",
    "打开名单，将其中价值高的分配给同事回访，并在“策略”页启用这些层级的行动草案",
)


def _silent(run: Run) -> list[Alert]:
    """The customers about to be lost or lost by their lifecycle, and what they brought."""
    found = next((name for name, result in run.manifest.models.items() if result.model == "lifecycle"), None)
    if found is None:
        return []
    rows = [row for row in run.manifest.models[found].tiers if row["key"] in SILENT and row["customers"]]
    return [_of_tiers(rows, run.scheme(found).tiers, found)] if rows else []


def _of_tiers(rows: Sequence[Mapping[str, Any]], tiers: Sequence[Tier], instance: str) -> Alert:
    names = {tier.key: tier.name for tier in tiers}
    words = Text(
        "{customers} customers ({share}) are silent or lost by their lifecycle: {tiers}",
        "按生命周期，{customers} 位客户（{share}）已沉默或流失：{tiers}",
    )
    listed = [(names[row["key"]], f"{row['customers']:,}") for row in rows]
    label = words.fill(
        customers=f"{sum(row['customers'] for row in rows):,}",
        share=percent_text(sum((Decimal(str(row["customers_percent"] or 0)) for row in rows), Decimal(0))),
        tiers=Text(
            ", ".join(f"{name.en} {count}" for name, count in listed),
            "、".join(f"{name.zh} {count}" for name, count in listed),
        ),
    )
    return Alert("warning", label, _WIN_BACK, Place.CUSTOMERS, tuple(f"{instance}:{row['key']}" for row in rows))
