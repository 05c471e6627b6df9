"""The exchange rates that the user gives: a CSV or YAML of currency, the day from which it holds, and the rate."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from tierwise.contracts.ingest import Rate, Rates
from tierwise.errors import ErrorKind, Family, Place, Problem, raise_all
from tierwise.language import Text

BAD_RATE = ErrorKind(
    "config.bad_rate",
    Family.CONFIG,
    what=Text("an exchange rate cannot be used: {problem}", "汇率无法使用：{problem}"),
    cause=Text("each row needs a currency, the day from which it holds, and a rate", "每行需要币种、生效日期与汇率"),
    cure=Text(
        "write rows as USD,2026-01-01,7.12: one unit of it is worth so much of the one currency",
        "请写成 USD,2026-01-01,7.12：表示一单位该币种折合多少统一币种",
    ),
)
_NAMES = {"currency": ("currency", "币种"), "from": ("from", "from_date", "since", "date", "生效日期", "日期"),
          "rate": ("rate", "汇率")}  # fmt: skip


def read_rates(file: Path) -> Rates:
    """Read a rate table; raises `config.bad_rate` with every row that cannot be used."""
    problems: list[Problem] = []
    rates = []
    for line, row in _rows(file):
        place = Place(file=str(file), line=line)
        try:
            rates.append(_rate(row))
        except (KeyError, ValueError, TypeError, InvalidOperation) as error:
            shown = ", ".join(str(value) for value in row.values())
            problems.append(BAD_RATE.problem(place, problem=f"{shown} ({type(error).__name__}: {error})"))
    if not rates and not problems:
        problems.append(BAD_RATE.problem(Place(file=str(file)), problem=Text("the table is empty", "汇率表为空")))
    raise_all(problems)
    return Rates(str(file), tuple(sorted(rates, key=lambda rate: (rate.currency, rate.since))))


def _rate(row: Mapping[str, Any]) -> Rate:
    lowered = {str(name).strip().lower(): value for name, value in row.items()}
    found = {field: lowered[next((n for n in names if n in lowered), names[0])] for field, names in _NAMES.items()}
    since = found["from"] if isinstance(found["from"], date) else date.fromisoformat(str(found["from"]).strip())
    rate = Decimal(str(found["rate"]).strip())
    code = str(found["currency"]).strip().upper()
    if not rate.is_finite() or rate <= 0 or len(code) != 3:
        raise ValueError("a rate is above 0, a currency has three letters")
    return Rate(code, since, rate)


def _rows(file: Path) -> Iterable[tuple[int, Mapping[str, Any]]]:
    try:
        if file.suffix.lower() in (".yaml", ".yml"):
            found = yaml.safe_load(file.read_text(encoding="utf-8")) or []
            if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
                raise BAD_RATE.error(Place(file=str(file)), problem=Text("a list is expected", "应为列表"))
            return list(enumerate(found, 1))
        with file.open(encoding="utf-8-sig", newline="") as stream:
            return [(line, row) for line, row in enumerate(csv.DictReader(stream), 2) if any(row.values())]
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BAD_RATE.error(Place(file=str(file)), problem=str(error)) from error
