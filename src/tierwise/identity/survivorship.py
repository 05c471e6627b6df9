"""The one row that several become: for each field, which of the values survives, and where it came from.

A rule is a way to order the rows of a customer; the first that fills the field gives it. Rows of one order are taken by
trust in their source, then by age, newest first, then by id, so that the result never depends on chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from tierwise.contracts.tables import beside
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import ErrorKind, Family, Problem, raise_all
from tierwise.language import Text


class Survives(StrEnum):
    """Which value of a field survives. The words are what is written in the project file."""

    MOST_TRUSTED = "most_trusted"
    MOST_RECENT = "most_recent"
    MOST_COMPLETE = "most_complete"
    LONGEST = "longest"
    SMALLEST = "smallest"
    LARGEST = "largest"


DEFAULTS: dict[str, Survives] = {
    "name": Survives.MOST_COMPLETE,
    "phone": Survives.MOST_RECENT,
    "email": Survives.MOST_RECENT,
    "region": Survives.MOST_RECENT,
    "city": Survives.MOST_RECENT,
    "owner": Survives.MOST_RECENT,
    "registered_at": Survives.SMALLEST,
    "acquisition_cost": Survives.LARGEST,
    "tags": Survives.LONGEST,
    "attributes": Survives.LONGEST,
}
"""Everything else: the most trusted source. Contacts change, so the newest; the first registration is the registration."""

BAD_RULE = ErrorKind(
    "identity.bad_survivorship",
    Family.CONFIG,
    what=Text("{field}: {rule} decides nothing", "{field}：没有“{rule}”这种取值规则"),
    cause=Text("fields are {fields}; rules are {rules}", "字段有：{fields}；规则有：{rules}"),
    cure=Text("write identity.survivorship as field: rule", "请在 identity.survivorship 下写“字段: 规则”"),
)


def survivorship(fields: Sequence[str], own: Mapping[str, str] | None = None) -> dict[str, Survives]:
    """Return the rule of each field, one's own laid over the defaults; raises `identity.bad_survivorship`."""
    problems: list[Problem] = []
    for field, rule in (own or {}).items():
        if field not in fields or rule not in set(Survives):
            known, rules = ", ".join(fields), ", ".join(Survives)
            problems.append(BAD_RULE.problem(field=field, rule=rule, fields=known, rules=rules))
    raise_all(problems)
    chosen = {field: DEFAULTS.get(field, Survives.MOST_TRUSTED) for field in fields}
    return chosen | {field: Survives(rule) for field, rule in (own or {}).items()}


def make_golden(engine: DuckDBEngine, rows: str, rules: Mapping[str, Survives]) -> None:
    """Make of `rows` the tables `golden_customers` and `golden_provenance`.

    `rows` has customer_id (the surviving one), own_id, import_id, trust (0 is the most trusted), age (0 is the newest)
    and the fields. Provenance has a row for each filled field: customer_id, field, own_id, import_id, rule.
    """
    filled = " + ".join(f"CASE WHEN {field} IS NULL THEN 0 ELSE 1 END" for field in rules)
    placed = ", ".join(f"{_place(field, rule)} AS n_{field}" for field, rule in rules.items())
    values = ", ".join(f"max(CASE WHEN n_{beside(field, rules)} = 1 THEN {field} END) AS {field}" for field in rules)
    origins = " UNION ALL ".join(
        f"SELECT customer_id, '{field}' AS field, own_id, import_id, '{rule.value}' AS rule FROM golden_ranked"
        f" WHERE n_{beside(field, rules)} = 1 AND {field} IS NOT NULL"
        for field, rule in rules.items()
    )
    for name, sql in {
        "golden_ranked": f"SELECT *, {placed} FROM (SELECT *, {filled} AS filled FROM {rows})",
        "golden_customers": f"SELECT customer_id, {values} FROM golden_ranked GROUP BY customer_id",
        "golden_provenance": origins,
    }.items():
        engine.native(name, f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")


_ORDERS = {
    Survives.MOST_TRUSTED: "",
    Survives.MOST_RECENT: "age, ",
    Survives.MOST_COMPLETE: "filled DESC, ",
    Survives.LONGEST: "length(CAST({field} AS VARCHAR)) DESC, ",
    Survives.SMALLEST: "{field}, ",
    Survives.LARGEST: "{field} DESC, ",
}


def _place(field: str, rule: Survives) -> str:
    empty_last = f"CASE WHEN {field} IS NULL THEN 1 ELSE 0 END"
    order = _ORDERS[rule].format(field=field)
    return f"ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY {empty_last}, {order}trust, age, own_id)"
