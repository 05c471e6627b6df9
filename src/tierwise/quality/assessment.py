"""Hold rules against the tables of an engine: counts, examples, fences, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from tierwise.contracts.quality import Assessment, FarOut, Fresh, Refers, Rule, RuleResult
from tierwise.contracts.tables import TABLES
from tierwise.engine.base import Engine
from tierwise.quality.compile import BY_ROW, counting_step, failing, grouped_step, newest_step
from tierwise.quality.examples import EXAMPLES, key_columns, shown_columns, shown_row
from tierwise.quality.scores import scores_of
from tierwise.sql.histogram import histogram_steps

LARGEST = Decimal("9999999999999999.99")
Available = Mapping[str, frozenset[str]]
"""The columns of each attached table."""


@dataclass(frozen=True)
class Counted:
    """What a rule checked and what failed, with the fence it was held against."""

    checked: int
    failed: int
    limit: Decimal | None = None


@dataclass
class Examination:
    """One look at the tables of an engine. `large` tables are looked at row by row only, for want of time."""

    engine: Engine
    available: Available
    large: frozenset[str] = frozenset()
    fences: dict[str, Decimal] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def assess(self, rules: Sequence[Rule], further: Sequence[RuleResult] = ()) -> Assessment:
        """Hold every rule that has its columns against its table; `further` results count beside them."""
        asked = [rule for rule in rules if self._can(rule)]
        self.find_fences(asked)
        counted = {**self._by_row(asked), **self._by_group(asked), **self._freshness(asked)}
        results = [*further, *(self._result(rule, counted[rule.name]) for rule in asked if rule.name in counted)]
        order = {name: place for place, name in enumerate(TABLES)}
        results.sort(key=lambda result: order.get(result.table, len(order)))
        return Assessment(results, scores_of(results), dict(self.skipped))

    def find_fences(self, rules: Sequence[Rule]) -> None:
        """Find beyond which size a number is far out, for each rule that asks."""
        for rule in rules:
            if isinstance(rule.check, FarOut) and (fence := self._fence(rule, rule.check)) is not None:
                self.fences[rule.name] = fence

    def _can(self, rule: Rule) -> bool:
        """Whether a table has what a rule reads; notes why not, where a person might expect it."""
        columns = self.available.get(rule.table)
        if columns is None or not {*rule.columns, *rule.needs} <= columns:
            return False
        if isinstance(rule.check, Refers) and rule.check.column not in self.available.get(rule.check.table, ()):
            return False
        if rule.table in self.large and not isinstance(rule.check, BY_ROW):
            self.skipped[rule.name] = "large"
            return False
        return True

    def _fence(self, rule: Rule, check: FarOut) -> Decimal | None:
        name = f"quality_size_{rule.table}_{rule.field}"
        when = f" AND ({rule.when})" if rule.when else ""
        sizes = f"(SELECT ABS({rule.field}) AS size FROM {rule.table} WHERE {rule.field} <> 0{when}) AS sizes"
        for step in histogram_steps(name, sizes, "size"):
            self.engine.run(step)
        quartiles = (
            "SELECT MIN(CASE WHEN upto * 4 >= total THEN value END) AS low, "
            f"MIN(CASE WHEN upto * 4 >= total * 3 THEN value END) AS high FROM {name}_upto"
        )
        return fence(check, **self.engine.records(name, quartiles)[0])

    def _by_row(self, rules: Sequence[Rule]) -> dict[str, Counted]:
        counted = {}
        for table in dict.fromkeys(rule.table for rule in rules):
            own = [rule for rule in rules if rule.table == table and isinstance(rule.check, BY_ROW)]
            name = f"quality_{table}"
            self.engine.run(counting_step(table, name, own, self.fences))
            row = self.engine.records(name, f"SELECT * FROM {name}")[0]
            for place, rule in enumerate(own):
                limit = self.fences.get(rule.name)
                counted[rule.name] = Counted(int(row[f"checked_{place}"]), int(row[f"failed_{place}"]), limit)
        return counted

    def _by_group(self, rules: Sequence[Rule]) -> dict[str, Counted]:
        counted = {}
        grouped = [rule for rule in rules if not isinstance(rule.check, (*BY_ROW, Fresh))]
        for place, rule in enumerate(grouped):
            name = f"quality_{rule.table}_{place}"
            self.engine.run(grouped_step(rule.table, name, rule))
            row = self.engine.records(name, f"SELECT * FROM {name}")[0]
            counted[rule.name] = Counted(int(row["checked"]), int(row["failed"]))
        return counted

    def _freshness(self, rules: Sequence[Rule]) -> dict[str, Counted]:
        """A table counts as one: it is fresh or it is not."""
        asked = [rule for rule in rules if isinstance(rule.check, Fresh)]
        newest: dict[str, date] = {}
        for rule in asked:
            if (found := self._newest(rule)) is not None:
                newest[rule.name] = found
        latest = max(newest.values(), default=None)
        counted = {}
        for rule in asked:
            if rule.name in newest and latest is not None and isinstance(rule.check, Fresh):
                late = ((rule.check.day or latest) - newest[rule.name]).days > rule.check.days
                counted[rule.name] = Counted(1, int(late))
        return counted

    def _newest(self, rule: Rule) -> date | None:
        name = f"quality_newest_{rule.table}"
        self.engine.run(newest_step(rule.table, name, rule))
        found: date | None = self.engine.records(name, f"SELECT * FROM {name}")[0]["newest"]
        return found

    def _result(self, rule: Rule, counted: Counted) -> RuleResult:
        return RuleResult(
            rule.name, rule.table, rule.field, rule.dimension, rule.label, rule.cure, rule.weight,
            rule.severity, counted.checked, counted.failed,
            self._examples(rule) if counted.failed else (), counted.limit, rule.doubtful,
        )  # fmt: skip

    def _examples(self, rule: Rule) -> tuple[dict[str, str], ...]:
        """The first failing rows by the table's key; nothing where a rule is about the whole table."""
        if isinstance(rule.check, Fresh):
            return ()
        have = self.available[rule.table]
        key, order = key_columns(rule.table, have), ", ".join(shown_columns(rule.table, have, rule))
        sql = f"SELECT {order} FROM ({failing(rule, rule.table, self.fences, key)}) AS failing ORDER BY {order} LIMIT {EXAMPLES}"
        return tuple(shown_row(rule.table, row) for row in self.engine.records(f"examples of {rule.name}", sql))


def fence(check: FarOut, low: Decimal | None, high: Decimal | None) -> Decimal | None:
    """Beyond which size a number is far out, from the quartiles of the sizes; None where there are none."""
    if low is None or high is None:
        return None
    spread = (high / low) ** check.times if low > 0 else Decimal(0)
    return min(max(high * spread, high * check.factor), LARGEST).quantize(Decimal("0.01"), ROUND_HALF_UP)
