"""Which column of a source fills which field: as the user says, else by its name, else by what it holds."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Literal

from tierwise.canonical.dotted import further_readings
from tierwise.canonical.headers import NAMES, plain
from tierwise.canonical.order_names import Ranks
from tierwise.canonical.units import unit_of, without_unit
from tierwise.contracts.ingest import FieldMatch, Mapping, RawColumn, RawTable
from tierwise.contracts.tables import Table
from tierwise.errors import ErrorKind, Family, Place, Problem, raise_all
from tierwise.language import Text

MISSING_COLUMN = ErrorKind(
    "input.missing_column",
    Family.DATA,
    what=Text("no column for the {label} ({field})", "找不到“{label}”（{field}）对应的列"),
    cause=Text("none of the columns is known by that name: {columns}", "这些列名都对不上：{columns}"),
    cure=Text("say which column it is: {option}", "请指明是哪一列：{option}"),
)
NO_SUCH_COLUMN = ErrorKind(
    "input.no_such_column",
    Family.DATA,
    what=Text("there is no column {column}", "没有名为“{column}”的列"),
    cause=Text("the columns are: {columns}", "现有的列：{columns}"),
    cure=Text("{nearest} {option}", "{nearest} {option}"),
)
AMBIGUOUS_COLUMN = ErrorKind(
    "input.ambiguous_column",
    Family.DATA,
    what=Text("two columns could be the {label}: {first} and {second}", "“{label}”有两列都可能：{first} 和 {second}"),
    cause=Text("their names are equally good", "两列的名称同样合适"),
    cure=Text("say which one it is: {option}", "请指明用哪一列：{option}"),
)
NO_SUCH_FIELD = ErrorKind(
    "input.no_such_field",
    Family.USAGE,
    what=Text("{table} has no field {field}", "“{table}”没有 {field} 这个字段"),
    cause=Text("the fields are: {fields}", "可用字段：{fields}"),
    cure=Text("correct the mapping", "请修改列映射"),
)

_OPTIONS = {"customer_id": "--customer", "order_date": "--date", "amount": "--amount"}
_INGEST_ONLY = {"orders": ("quantity", "unit_price", "currency", "refunded_amount")}
INGEST_LABELS = {
    "quantity": Text("quantity", "数量"),
    "unit_price": Text("unit price", "单价"),
    "currency": Text("currency", "币种"),
    "refunded_amount": Text("refunded amount", "退款金额"),
}
"""What the fields are called that no table has: they are read at ingest only."""
_MADE_AT_INGEST = {"orders": ("order_id", "ordered_at", "status"), "feedback": ("kind",)}
_SHOPIFY = {"name", "email", "financialstatus", "lineitemname"}
_SHOPIFY_FIELDS = {"customer_id": "email", "order_id": "name", "order_date": "createdat", "amount": "total"}
_AMAZON = {"amazonorderid", "purchasedate", "itemprice"}
_AMAZON_FIELDS = {"order_id": "amazonorderid", "order_date": "purchasedate", "amount": "itemprice"}
"""Amazon's `item-price` is what the line costs, whatever its quantity."""
_NUMBER_BEHIND = re.compile(r" \(\d+\)$")
"""What a reader puts behind a name that comes again."""
_UNIQUE_CUSTOMER = {"customeruniqueid", "customerid"}
_UNIQUE_CUSTOMER_FIELDS = {"customer_id": "customeruniqueid"}
"""Where both are there, as in the data of Olist, `customer_id` is made anew for each order."""


def guess_mapping(raw: RawTable, table: Table, given: dict[str, str]) -> Mapping:
    """Return how `raw` fills `table`; `given` (field → column) overrides what the names say.

    Raises `input.missing_column`, `input.ambiguous_column`, `input.no_such_column`, all that apply together.
    """
    guess = _Guess(raw, table, given)
    guess.take_given()
    if guess.is_shopify():
        guess.take_known(_SHOPIFY_FIELDS)
    if guess.is_amazon():
        guess.take_known(_AMAZON_FIELDS)
    if guess.has(_UNIQUE_CUSTOMER):
        guess.take_known(_UNIQUE_CUSTOMER_FIELDS)
    guess.take_own_names()
    guess.take_by_name()
    guess.take_id_of_orders()
    guess.take_by_type()
    guess.finish()
    raise_all(guess.problems)
    unmapped = tuple(column.name for column in raw.columns if column.name not in guess.used())
    shape: Literal["plain", "shopify"] = "shopify" if guess.is_shopify() else "plain"
    return Mapping(table, tuple(guess.matches.values()), unmapped, shape)


def field_label(table: Table, field: str) -> Text:
    """Return the name of a field for people, also of those that are read at ingest only."""
    return INGEST_LABELS[field] if field in INGEST_LABELS and field not in _own(table) else table.column(field).label


def _own(table: Table) -> list[str]:
    return [column.name for column in table.given]


class _Guess:
    """The mapping as it grows; problems are collected so that all are shown at once."""

    def __init__(self, raw: RawTable, table: Table, given: dict[str, str]) -> None:
        self.raw = raw
        self.table = table
        self.given = given
        self.fields = [*_own(table), *_INGEST_ONLY.get(table.name, ())]
        self.matches: dict[str, FieldMatch] = {}
        self.problems: list[Problem] = []
        self._plain = {column.name: plain(column.name) for column in raw.columns}
        self._further = {
            column.name: (*further_readings(column.name, table.name), *_without_unit(column.name))
            for column in raw.columns
        }

    def used(self) -> set[str]:
        return {name for match in self.matches.values() for name in match.columns}

    def free(self) -> list[RawColumn]:
        return [column for column in self.raw.columns if column.name not in self.used()]

    def is_shopify(self) -> bool:
        return self.table.name == "orders" and self.has(_SHOPIFY)

    def is_amazon(self) -> bool:
        return self.table.name == "orders" and self.has(_AMAZON)

    def has(self, names: set[str]) -> bool:
        return set(self._plain.values()) >= names

    def take_given(self) -> None:
        for field, wanted in self.given.items():
            if field not in self.fields:
                self.problems.append(
                    NO_SUCH_FIELD.problem(table=self.table.label, field=field, fields=", ".join(self.fields))
                )
                continue
            found = self._named(wanted)
            if found is None:
                self.problems.append(
                    NO_SUCH_COLUMN.problem(
                        self._place(),
                        column=wanted,
                        columns=self._listed(),
                        option=self._option(field),
                        nearest=self._nearest(wanted),
                    )
                )
            else:
                self.matches[field] = FieldMatch(field, (found,), "given")

    def take_known(self, known: dict[str, str]) -> None:
        """Take the columns of an export that is known as a whole: field → plain name."""
        by_plain = {name: column for column, name in self._plain.items()}
        for field, name in known.items():
            if field in self.fields and field not in {*self.matches, *self.given} and name in by_plain:
                self.matches[field] = FieldMatch(field, (by_plain[name],), "name")

    def take_own_names(self) -> None:
        """A column called as the field itself is that field: our own tables read back without doubt."""
        flat_last = sorted(self._plain.items(), key=lambda item: item[0].count("."), reverse=True)
        by_plain = {known: name for name, known in flat_last}
        for field in self.fields:
            column = by_plain.get(plain(field))
            if self._is_doubled(column):
                continue
            if column and field not in self.matches and field not in self.given and column not in self.used():
                self.matches[field] = FieldMatch(field, (column,), "name")

    def _is_doubled(self, column: str | None) -> bool:
        """Tell a name that several columns have: which one is meant must be said."""
        if column is None:
            return False
        name = _NUMBER_BEHIND.sub("", column)
        return any(other != column and _NUMBER_BEHIND.sub("", other) == name for other in self._plain)

    def take_by_name(self) -> None:
        for field in self.fields:
            if field in self.matches or field in self.given:
                continue
            found = self._fitting(field, self._best(NAMES[self.table.name].get(field, ())))
            if len(found) == 1 or (found and not self._needs_care(field)):
                self.matches[field] = FieldMatch(field, (found[0],), "name")
            elif found:
                self.problems.append(
                    AMBIGUOUS_COLUMN.problem(
                        self._place(), label=field_label(self.table, field), first=found[0], second=found[1],
                        option=self._option(field),
                    )
                )  # fmt: skip

    def take_id_of_orders(self) -> None:
        """A column called just `id` numbers the orders, if it numbers anything: the customer has a column already."""
        if self.table.name != "orders" or {"order_id", "customer_id"} & self.matches.keys() != {"customer_id"}:
            return
        found = [column.name for column in self.free() if column.unique]
        if len(found) == 1 and not any(problem.kind is AMBIGUOUS_COLUMN for problem in self.problems):
            self.matches["order_id"] = FieldMatch("order_id", (found[0],), "name")

    def take_by_type(self) -> None:
        """Fill what must not miss by the only free column that could hold it."""
        for field, fits in _BY_TYPE.items():
            if field in self._missing() and self.table.name == "orders":
                fitting = [column.name for column in self.free() if fits(column)]
                if len(fitting) == 1:
                    self.matches[field] = FieldMatch(field, (fitting[0],), "type")

    def finish(self) -> None:
        """Make the amount of quantity and unit price where there is none, and say what still misses."""
        if "order_date" in self._missing() and (moment := self.matches.pop("ordered_at", None)):
            self.matches["order_date"] = FieldMatch("order_date", moment.columns, moment.how)
        parts = [self.matches.pop(name, None) for name in ("quantity", "unit_price") if self.table.name == "orders"]
        if "amount" in self._missing() and parts and all(parts):
            columns = tuple(part.columns[0] for part in parts if part)
            self.matches["amount"] = FieldMatch("amount", columns, "product")
        for field in self._missing():
            label = field_label(self.table, field)
            if not any(problem.kind is AMBIGUOUS_COLUMN for problem in self.problems):
                self.problems.append(
                    MISSING_COLUMN.problem(
                        self._place(),
                        label=label,
                        field=field,
                        columns=self._listed(),
                        option=self._option(field),
                    )
                )

    def _missing(self) -> list[str]:
        made = _MADE_AT_INGEST.get(self.table.name, ())
        required = [column.name for column in self.table.given if column.required and column.name not in made]
        return [field for field in required if field not in self.matches and field not in self.given]

    def _needs_care(self, field: str) -> bool:
        return field in ("order_id", "amount") or field in ("order_date", self.table.date) or field in self._missing()

    def _best(self, ranks: Ranks) -> list[str]:
        used = self.used()
        for rank in ranks:
            free = [name for name in self._plain if name not in used]
            found = [name for name in free if self._plain[name] in rank]
            found = found or [name for name in free if any(reading in rank for reading in self._further[name])]
            if found:
                return found
        return []

    def _fitting(self, field: str, names: list[str]) -> list[str]:
        """Of names that are equally good, those of columns that hold what the field needs, where some do and some do not.

        `Date` and `Time` stand side by side in many tills, and only one of them holds days.
        """
        fits = _BY_CONTENT.get(field)
        if fits is None or len(names) < 2:
            return names
        return [name for name in names if fits(self.raw.column(name))] or names

    def _named(self, wanted: str) -> str | None:
        exact = [name for name in self._plain if name == wanted]
        alike = [name for name, known in self._plain.items() if known == plain(wanted)]
        return exact[0] if exact else alike[0] if len(alike) == 1 else None

    def _nearest(self, wanted: str) -> Text:
        """Advice on a column that is not there, by its spelling in small letters without marks."""
        close = get_close_matches(plain(wanted), list(self._plain.values()), n=1, cutoff=0.6)
        found = next((name for name, known in self._plain.items() if close and known == close[0]), None)
        if found is None:
            return Text("give one of these names:", "请从中选一个：")
        return Text(f"did you mean {found}? Give the name:", f"是否想写“{found}”？请改为：")

    def _place(self) -> Place:
        return Place(file=self.raw.file)

    def _listed(self) -> str:
        return ", ".join(column.name for column in self.raw.columns)

    def _option(self, field: str) -> str:
        return f"{_OPTIONS[field]} COLUMN" if field in _OPTIONS else f"{self.table.name}: {{{field}: COLUMN}}"


def _without_unit(name: str) -> tuple[str, ...]:
    return (plain(without_unit(name)),) if unit_of(name) else ()


def _could_be_date(column: RawColumn) -> bool:
    return column.kind in ("date", "timestamp", "instant") or _all_match(column, _DATE_LIKE)


def _could_be_amount(column: RawColumn) -> bool:
    if any(word in plain(column.name) for word in _NO_AMOUNT):
        return False
    return column.kind in ("decimal", "float") or (
        column.kind in ("text", "integer") and _all_match(column, _NUMBER_LIKE)
    )


def _could_be_id(column: RawColumn) -> bool:
    return column.kind in ("text", "integer") and bool(column.samples)


def _all_match(column: RawColumn, pattern: re.Pattern[str]) -> bool:
    return bool(column.samples) and all(pattern.match(sample) for sample in column.samples)


_DATE_LIKE = re.compile(r"^\s*(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})")
_NUMBER_LIKE = re.compile(r"^\s*[-(]?[¥￥$€£]?\s*-?\d[\d,]*(\.\d+)?\)?\s*元?\s*$")
_NO_AMOUNT = (
    "refund", "discount", "coupon", "tax", "quantity", "qty", "count", "number", "seats", "score", "rating", "points", "rank",
    "percent", "share", "age", "year", "month", "zip", "postcode", "phone", "退款", "优惠", "折扣", "税", "数量", "件数", "次数",
    "人数", "评分", "积分", "排名", "占比", "年龄", "邮编", "电话", "手机",
)  # fmt: skip
"""What is in the names of columns of numbers that are surely not what was paid, whatever else is missing."""
_BY_CONTENT = {"order_date": _could_be_date, "amount": _could_be_amount}
_BY_TYPE = {"order_date": _could_be_date, "amount": _could_be_amount, "customer_id": _could_be_id}
