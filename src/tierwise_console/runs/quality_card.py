"""What the page Quality shows of a run: rules with their verdicts, scores of fields, tables and sources, trend, drift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from tierwise.contracts.doubts import doubt_note
from tierwise.contracts.quality import DIMENSION_LABELS, Dimension
from tierwise.contracts.tables import TABLES
from tierwise.language import Text
from tierwise.quality.shipped import shipped_rules
from tierwise.quality.trend import Point, trend
from tierwise.snapshots.runs import Run
from tierwise_console.runs.cures import cure_of
from tierwise_console.runs.published import named_run, run_names
from tierwise_console.runs.reading import model_title

MOST_POINTS = 24
"""So many runs a trend shows, the newest."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something noticed while reading a source, and what to do about it."""

    severity: str
    label: Text
    cure: Text


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule held against the rows: `own` where the project file has it, `doubtful` where failing rows put tiers in doubt.

    `example` is one failing row, personal values masked; `limit` the fence beyond which a number is far out.
    """

    name: str
    demand: Text
    dimension: Text
    field: Text
    checked: int
    failed: int
    score: float | None
    weight: int
    severity: str
    cure: Text
    own: bool
    doubtful: bool
    limit: str | None
    example: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scored:
    """A score, and how it differs from the one before in percentage points; None where there is none before."""

    label: Text
    score: float | None
    change: float | None = None


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field: the column it was filled from, how much of it is filled and could be read, and its score."""

    field: Text
    source: str
    filled: float
    readable: float
    score: float | None
    change: float | None
    rules: int


@dataclass(frozen=True, slots=True)
class TableLine:
    """One table: its score, its rules, those that cost most first, and its fields."""

    name: str
    label: Text
    score: Scored
    rules: Sequence[RuleLine]
    fields: Sequence[FieldLine]

    @property
    def failing(self) -> list[RuleLine]:
        """The rules that some row fails."""
        return [rule for rule in self.rules if rule.failed]

    @property
    def met(self) -> list[RuleLine]:
        """The rules that no row fails, one's own first."""
        return [rule for rule in self.rules if not rule.failed]

    @property
    def needs_a_look(self) -> bool:
        """Whether a rule that warns is not met."""
        return any(rule.severity == "warning" for rule in self.failing)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source of one table: its scores import by import, the newest last."""

    source: str
    table: Text
    points: Sequence[tuple[datetime, float | None]]
    rows: int
    rows_looked_at: int
    change: float | None

    @property
    def score(self) -> float | None:
        """The score of the newest import."""
        return self.points[-1][1]

    @property
    def earlier(self) -> Sequence[tuple[datetime, float | None]]:
        """The imports before the newest, the newest of them first."""
        return self.points[-2::-1]


@dataclass(frozen=True, slots=True)
class DriftLine:
    """One field that differs between two imports: blanks before and after, the index, words that came and went."""

    field: Text
    null_before: float
    null_after: float
    psi: float | None
    new: str
    vanished: str


@dataclass(frozen=True, slots=True)
class DriftOf:
    """The newest import of a source against the one before it."""

    source: str
    table: Text
    rows_before: int
    rows_after: int
    warnings: Sequence[Text]
    notes: Sequence[Text]
    fields: Sequence[DriftLine]


@dataclass(frozen=True, slots=True)
class Judgement:
    """All of it. `skipped` are names of rules that large tables were spared; `runs` the scores of the runs so far."""

    overall: Scored
    dimensions: Sequence[Scored]
    findings: Sequence[Noticed]
    tables: Sequence[TableLine]
    sources: Sequence[SourceLine]
    drift: Sequence[DriftOf]
    runs: Sequence[Point]
    run_tables: Sequence[tuple[str, Text]]
    doubts: Sequence[tuple[Text, Text]]
    skipped: Sequence[str]


def judgement(run: Run) -> Judgement:
    """What is known of the quality of a run's data."""
    return _judgement(run.name, tuple(name for name in run_names() if name <= run.name)[-MOST_POINTS:])


@lru_cache(maxsize=8)
def _judgement(name: str, known: tuple[str, ...]) -> Judgement:
    run, runs = named_run(name), _runs(known)
    card = run.manifest.quality
    before = runs[-2] if len(runs) > 1 else None
    scores = card.get("scores") or {"overall": None, "tables": {}, "fields": {}, "dimensions": {}}
    overall = Scored(
        Text("Score", "总分"), scores["overall"], _change(scores["overall"], before.overall if before else None)
    )
    return Judgement(
        overall,
        [Scored(DIMENSION_LABELS[Dimension(each)], score) for each, score in scores["dimensions"].items()],
        [Noticed(f["severity"], Text(f["en"], f["zh"]), cure_of(f["code"])) for f in card.get("findings", ())],
        _tables(run, scores, before.tables if before else {}),
        _sources(card),
        [_drift(each) for each in card.get("drift", ())],
        runs,
        [(each, _table_label(each)) for each in dict.fromkeys(each for point in runs for each in point.tables)],
        [(model_title(run, model), note) for model in run.manifest.models if (note := doubt_note(card, model))],
        list(card.get("skipped", ())),
    )


def _runs(names: Iterable[str]) -> list[Point]:
    """The scores of runs, oldest first."""
    manifests = (named_run(name).manifest for name in names)
    return trend((found.run, found.as_of, found.calculated_at, found.quality) for found in manifests)


def _change(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else 100 * (now - before)


def _table_label(name: str) -> Text:
    return TABLES[name].label if name in TABLES else Text.same(name)


def _field_label(table: str, field: str) -> Text:
    columns = {column.name: column.label for column in TABLES[table].columns} if table in TABLES else {}
    return columns.get(field, Text.same(field or "–"))


def _tables(run: Run, scores: Mapping[str, Any], before: Mapping[str, float]) -> list[TableLine]:
    card = run.manifest.quality
    rules, fields = _rules(card), _fields(run, scores["fields"])
    return [
        TableLine(
            name, _table_label(name),
            Scored(_table_label(name), scores["tables"].get(name), _change(scores["tables"].get(name), before.get(name))),
            rules.get(name, ()), fields.get(name, ()),
        )
        for name in dict.fromkeys((*rules, *fields))
    ]  # fmt: skip


def _rules(card: Mapping[str, Any]) -> dict[str, list[RuleLine]]:
    """The rules of each table, those that cost most first, then one's own."""
    grouped: dict[str, list[RuleLine]] = {}
    shipped = frozenset(rule.name for rule in shipped_rules(_some_day(card)))
    for rule in card.get("rules", ()):
        grouped.setdefault(rule["table"], []).append(_rule(rule, shipped))
    for rules in grouped.values():
        rules.sort(key=lambda rule: (-_cost(rule), not rule.own, rule.name))
    return grouped


def _cost(rule: RuleLine) -> float:
    return rule.weight * (1 - rule.score) if rule.score is not None else 0


def _some_day(card: Mapping[str, Any]) -> Any:
    """A day for the rules that speak of one: only their names are asked for."""
    return datetime.fromisoformat(card["last_date"]).date() if card.get("last_date") else datetime(2000, 1, 1).date()


def _rule(rule: Mapping[str, Any], shipped: frozenset[str]) -> RuleLine:
    limit = None if rule["limit"] is None else f"{Decimal(rule['limit']):,.2f}"
    return RuleLine(
        rule["rule"], Text.of(rule["label"]), DIMENSION_LABELS[Dimension(rule["dimension"])],
        _field_label(rule["table"], rule["field"]), rule["checked"], rule["failed"], rule["score"], rule["weight"],
        rule["severity"], Text.of(rule["cure"]), not rule["of_source"] and rule["rule"] not in shipped, rule["doubtful"],
        limit, rule["examples"][0] if rule["examples"] else {},
    )  # fmt: skip


def _fields(run: Run, scores: Mapping[str, float]) -> dict[str, list[FieldLine]]:
    """The fields of each table; a change is against the import before, where one source alone fills the table."""
    card = run.manifest.quality
    asked = Counter((rule["table"], rule["field"]) for rule in card.get("rules", ()))
    changes = _field_changes(card.get("import_trend", ()))
    found: dict[str, list[FieldLine]] = {}
    for each in card.get("fields", ()):
        table, name = each["table"], each["field"]
        line = FieldLine(
            _field_label(table, name), run.manifest.mapping.get(table, {}).get(name, ""), each["completeness"],
            each["accuracy"], scores.get(f"{table}.{name}"), changes.get((table, name)), asked[table, name],
        )  # fmt: skip
        found.setdefault(table, []).append(line)
    return found


def _by_source(points: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    grouped: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for point in points:
        grouped.setdefault((point["source"], point["table"]), []).append(point)
    return grouped


def _field_changes(points: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    grouped = _by_source(points)
    tables = [table for _, table in grouped]
    for (_, table), imports in grouped.items():
        if len(imports) > 1 and tables.count(table) == 1:
            before, now = imports[-2]["fields"], imports[-1]["fields"]
            found |= {(table, name): 100 * (score - before[name]) for name, score in now.items() if name in before}
    return found


def _sources(card: Mapping[str, Any]) -> list[SourceLine]:
    points = card.get("import_trend") or card.get("sources", ())
    return [_source(name, table, found) for (name, table), found in _by_source(points).items()]


def _source(name: str, table: str, found: Sequence[Mapping[str, Any]]) -> SourceLine:
    newest = found[-1]
    change = _change(newest["score"], found[-2]["score"]) if len(found) > 1 else None
    points = [(datetime.fromisoformat(point["imported_at"]), point["score"]) for point in found]
    return SourceLine(name, _table_label(table), points, newest["rows"], newest["rows_looked_at"], change)


def _drift(each: Mapping[str, Any]) -> DriftOf:
    fields = [_drifted(each["table"], field) for field in each["fields"]]
    moved = [line for line in fields if line is not None]
    moved.sort(key=lambda line: (-(line.psi or 0), -abs(line.null_after - line.null_before)))
    return DriftOf(
        each["source"], _table_label(each["table"]), each["rows_before"], each["rows_after"],
        [Text.of(words) for words in each["warnings"]], [Text.of(words) for words in each["notes"]], moved,
    )  # fmt: skip


LEAST_MOVED = 0.001
"""A share of blanks that moved less is not listed: a tenth of a point."""


def _drifted(table: str, field: Mapping[str, Any]) -> DriftLine | None:
    """A field that moved at all; None for one that is as it was."""
    moved = abs(field["null_after"] - field["null_before"]) >= LEAST_MOVED
    if not (moved or field["psi"] or field["new"] or field["vanished"]):
        return None
    words = ("、".join(field[name]) for name in ("new", "vanished"))
    label = _field_label(table, field["field"])
    return DriftLine(label, field["null_before"], field["null_after"], field["psi"], *words)
