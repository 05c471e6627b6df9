"""A filter of the customer list as data: what pages put into an address, views save, tags and bulk actions repeat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from tierwise.errors import ErrorKind, Family, Place, Problem, raise_all
from tierwise.language import Text

RANGES = ("frequency", "monetary", "worth", "recency_days")
SORTS = ("monetary", "last_order_on", "customer_id")
SIDES = ("min", "max")
WHOLE = ("owner", "kind", "region", "in_data")

BAD_FILTER = ErrorKind(
    "crm.bad_filter",
    Family.USAGE,
    what=Text("the filter {name} cannot be read", "筛选条件 {name} 无法识别"),
    cause=Text("its value is {value}", "其值为 {value}"),
    cure=Text("{cure}", "{cure}"),
)
_NUMBER = Text("write a number, as 1200 or 99.5", "请填写数字，如 1200 或 99.5")
_PAIR = Text("write model:tier", "请写成 模型:层级")
_SORT = Text("sort by monetary, last_order_on or customer_id", "可按 monetary、last_order_on 或 customer_id 排序")


@dataclass(frozen=True)
class CustomerFilter:
    """What customers are asked for. Tiers of one model are alternatives; everything else must hold together.

    `cells` are score prefixes by model (`54`: R 5 and F 4). `owner` is `me`, `none` or the id of a user. `fields` are
    values of custom fields by key.
    """

    search: str = ""
    tiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[int, ...] = ()
    ranges: Mapping[str, Decimal] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    kind: str = ""
    region: str = ""
    in_data: str = ""
    sort: str = "monetary"

    @property
    def is_empty(self) -> bool:
        """Whether it asks for everyone."""
        return replace(self, sort="monetary") == CustomerFilter()

    def pairs(self) -> list[tuple[str, str]]:
        """The filter as the parameters of an address."""
        found = [("q", self.search)] if self.search else []
        found += [("tier", f"{model}:{tier}") for model, tiers in self.tiers.items() for tier in tiers]
        found += [("cell", f"{model}:{cell}") for model, cell in self.cells.items()]
        found += [("tag", str(tag)) for tag in self.tags]
        found += [(name, f"{value:f}") for name, value in self.ranges.items()]
        found += [(f"field.{key}", value) for key, value in self.fields.items()]
        found += [(name, getattr(self, name)) for name in WHOLE if getattr(self, name)]
        return found + ([("sort", self.sort)] if self.sort != "monetary" else [])

    def query(self) -> str:
        """The filter as the query of an address."""
        return urlencode(self.pairs())

    def to_json(self) -> list[list[str]]:
        """The filter as JSON: its pairs."""
        return [list(pair) for pair in self.pairs()]


def filter_from(pairs: Iterable[tuple[str, str]]) -> CustomerFilter:
    """The filter that parameters describe; unknown ones are passed over. Raises `crm.bad_filter` with all that is wrong."""
    problems: list[Problem] = []
    data: dict[str, Any] = {"tiers": {}, "cells": {}, "tags": (), "ranges": {}, "fields": {}}
    for name, raw in pairs:
        value = raw.strip()
        if value and not _put(data, name, value):
            cure = _SORT if name == "sort" else _PAIR if name in ("tier", "cell") else _NUMBER
            problems.append(
                BAD_FILTER.problem(Place(column=name, value=value[:80]), name=name, value=value[:80], cure=cure)
            )
    raise_all(problems)
    return CustomerFilter(**data)


def _put(data: dict[str, Any], name: str, value: str) -> bool:
    """Put one parameter into the data; False where its value cannot be read."""
    if name == "q":
        data["search"] = value[:200]
    elif name in ("tier", "cell"):
        return _put_pair(data, name, value)
    elif name == "tag":
        if not value.isdecimal():
            return False
        data["tags"] = (*data["tags"], int(value[:18]))
    elif name in WHOLE:
        data[name] = value[:100]
    elif name == "sort":
        data["sort"] = value
        return value in SORTS
    elif name.startswith("field."):
        data["fields"][name.removeprefix("field.")] = value[:500]
    elif name.rpartition("_")[0] in RANGES and name.rpartition("_")[2] in SIDES:
        number = _number(value)
        data["ranges"][name] = number
        return number is not None
    return True


def _put_pair(data: dict[str, Any], name: str, value: str) -> bool:
    model, separator, rest = value.partition(":")
    if not separator or not model or not rest:
        return False
    if name == "cell":
        data["cells"][model] = rest[:20]
    else:
        data["tiers"][model] = (*data["tiers"].get(model, ()), rest[:60])
    return True


def _number(value: str) -> Decimal | None:
    try:
        number = Decimal(value.replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 15 else None
