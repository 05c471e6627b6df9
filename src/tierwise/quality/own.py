"""Rules that a project adds under `quality:`, checked all at once: tables, columns, patterns, conditions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from tierwise.config.document import Document
from tierwise.config.quality_spec import OwnRuleSpec, QualitySpec
from tierwise.config.validation import nearest
from tierwise.contracts.quality import Check, Dimension, FarOut, Fresh, Holds, Present, Refers, Rule, Together, Unique
from tierwise.contracts.rule_forms import TooManyAlternativesError, form_of
from tierwise.contracts.rule_language import RuleTextError, parse_rule
from tierwise.contracts.tables import TABLES, Column, Kind
from tierwise.errors import ErrorKind, Family, Place, Problem, raise_all
from tierwise.language import Text
from tierwise.quality.shipped import shipped_rules
from tierwise.sql.expressions import literal, matches
from tierwise.sql.patterns import pattern_problem
from tierwise.sql.scheme import conditions_sql

UNKNOWN = ErrorKind(
    "quality.unknown_name",
    Family.CONFIG,
    what=Text("{setting}: there is no {thing} {name}", "{setting}：没有名为 {name} 的{thing}"),
    cause=Text("known here: {known}", "此处可用：{known}"),
    cure=Text("{nearest}", "{nearest}"),
)
BAD_RULE = ErrorKind(
    "quality.bad_rule",
    Family.CONFIG,
    what=Text("{setting}: {problem}", "{setting}：{problem}"),
    cause=Text("the rule cannot be held against data as it stands", "该规则无法用于检查数据"),
    cure=Text("docs/quality.md shows every form a rule may have", "规则的各种写法见 docs/quality.md"),
)
CHECKS = {
    "present": Dimension.COMPLETE, "matches": Dimension.VALID, "one_of": Dimension.VALID, "at_least": Dimension.VALID,
    "at_most": Dimension.VALID, "far_out": Dimension.VALID, "holds": Dimension.CONSISTENT,
    "compare": Dimension.CONSISTENT, "same": Dimension.CONSISTENT, "unique": Dimension.UNIQUE,
    "in_column": Dimension.REFERENTIAL, "newest_within_days": Dimension.TIMELY,
}  # fmt: skip
"""The checks a rule may have, each with the dimension it belongs to unless `kind` says otherwise."""
_OPERATORS = (">=", "<=", "<>", "=", ">", "<")
_CURE = Text("correct these rows in the source", "请在来源系统更正这些行")


def project_rules(spec: QualitySpec, document: Document, day: date) -> tuple[Rule, ...]:
    """The shipped rules that are wanted, then the project's own; raises with every problem found."""
    shipped = shipped_rules(day)
    names = [rule.name for rule in shipped]
    problems = [
        UNKNOWN.problem(
            document.place(("quality", "without", place)), setting=f"quality.without.{place}", name=name,
            thing=Text("rule", "规则"), known=", ".join(names[:8]) + " …", nearest=nearest(name, names),
        )
        for place, name in enumerate(spec.without)
        if name not in names
    ]  # fmt: skip
    own: dict[int, Rule] = {}
    for place, written in enumerate(spec.rules):
        reader = _Reader(written, document, place, day)
        rule = reader.rule()
        problems += reader.problems
        if rule is not None:
            own[place] = rule
    problems += _repeated(own, names, document)
    raise_all(problems)
    return (*(rule for rule in shipped if rule.name not in spec.without), *own.values())


def _repeated(own: Mapping[int, Rule], taken: Sequence[str], document: Document) -> list[Problem]:
    seen, problems = set(taken), []
    for place, rule in own.items():
        if rule.name in seen:
            what = Text(f"the name {rule.name} is taken", f"名称 {rule.name} 已被占用")
            problems.append(
                BAD_RULE.problem(document.place(("quality", "rules", place)), setting=rule.name, problem=what)
            )
        seen.add(rule.name)
    return problems


class _Reader:
    """Reads one rule; `problems` are all that was found wrong with it."""

    def __init__(self, spec: OwnRuleSpec, document: Document, place: int, day: date) -> None:
        self.spec, self.document, self.place, self.day = spec, document, place, day
        self.problems: list[Problem] = []
        self.known: dict[str, Column] = {}

    def rule(self) -> Rule | None:
        """The rule, or None where it has problems."""
        spec = self.spec
        if spec.table not in TABLES:
            self._unknown("table", Text("table", "表"), spec.table, list(TABLES))
            return None
        self.known = {column.name: column for column in TABLES[spec.table].columns}
        given = [name for name in CHECKS if getattr(spec, name) is not None]
        if len(given) != 1:
            self._bad("", Text(f"exactly one check is needed, {len(given)} are given: {', '.join(given) or '-'}",
                               f"须恰好给出一种检查，现有 {len(given)} 种：{'、'.join(given) or '无'}"))  # fmt: skip
            return None
        name = given[0]
        columns = self._columns(name)
        if columns is None:
            return None
        builders: dict[str, Callable[[tuple[str, ...]], tuple[tuple[str, ...], Check] | None]] = {
            "matches": self._matches, "one_of": self._one_of, "at_least": self._bound, "at_most": self._bound,
            "holds": self._holds, "compare": self._compare, "in_column": self._in_column, "same": self._same,
            "present": lambda c: (c, Present()), "unique": lambda c: (c, Unique()),
            "far_out": lambda c: (c, FarOut(spec.far_out or 3)),
            "newest_within_days": lambda c: (c, Fresh(spec.newest_within_days or 0, self.day)),
        }  # fmt: skip
        built, when = builders[name](columns), self._condition("when", spec.when)
        if built is None or self.problems:
            return None
        read, check = built
        dimension = Dimension(spec.kind) if spec.kind else CHECKS[name]
        return Rule(
            spec.name or f"own.{spec.table}.{read[0]}.{name}", spec.table, read, dimension, check, self._label(name),
            _words(spec.cure) or _CURE, when, spec.weight, spec.severity, spec.doubtful,
        )  # fmt: skip

    def _columns(self, check: str) -> tuple[str, ...] | None:
        """The columns the check is about, as far as `column` or `unique` name them."""
        spec = self.spec
        if check == "unique":
            assert spec.unique is not None
            if not spec.unique:
                self._bad("unique", Text("names no column", "未列出任何列"))
            known = [self._column("unique", name) for name in spec.unique]
            return spec.unique if all(known) else None
        if check in ("compare", "holds"):
            return () if spec.column is None or self._column("column", spec.column) else None
        if spec.column is None:
            self._bad("column", Text("is required for this check", "此检查需要给出该项"))
            return None
        return (spec.column,) if self._column("column", spec.column) else None

    def _matches(self, columns: tuple[str, ...]) -> tuple[tuple[str, ...], Check] | None:
        assert self.spec.matches is not None
        if problem := pattern_problem(self.spec.matches):
            self._bad("matches", problem)
            return None
        if self.known[columns[0]].kind is not Kind.TEXT:
            self._bad("matches", Text(f"{columns[0]} is no text", f"{columns[0]} 不是文本"))
            return None
        return columns, Holds(matches(columns[0], self.spec.matches))

    def _one_of(self, columns: tuple[str, ...]) -> tuple[tuple[str, ...], Check] | None:
        if not self.spec.one_of:
            self._bad("one_of", Text("lists no value", "未列出任何取值"))
            return None
        return columns, Holds(f"{columns[0]} IN ({', '.join(literal(value) for value in self.spec.one_of)})")

    def _bound(self, columns: tuple[str, ...]) -> tuple[tuple[str, ...], Check] | None:
        spec, column = self.spec, self.known[columns[0]]
        name, sign = ("at_least", ">=") if spec.at_least is not None else ("at_most", "<=")
        value = _value(getattr(spec, name), column.kind)
        if value is None:
            self._bad(name, Text(f"does not fit {column.name}, which is {column.kind}",
                                 f"与 {column.name} 的类型 {column.kind} 不符"))  # fmt: skip
            return None
        return columns, Holds(f"{column.name} {sign} {literal(value)}")

    def _holds(self, columns: tuple[str, ...]) -> tuple[tuple[str, ...], Check] | None:
        sql = self._condition("holds", self.spec.holds)
        if sql is None:
            return None
        read = tuple(name for name in self.known if name in _names(self.spec.holds or ""))
        return (*columns, *(name for name in read if name not in columns)), Holds(sql, blanks=True)

    def _compare(self, columns: tuple[str, ...]) -> tuple[tuple[str, ...], Check] | None:
        text = self.spec.compare or ""
        sign = next((sign for sign in _OPERATORS if sign in text), None)
        if sign is None:
            self._bad("compare", Text("needs two columns and one of >= <= <> = > <", "须为两列及 >= <= <> = > < 之一"))
            return None
        left, right = (part.strip() for part in text.split(sign, 1))
        known = [self._column("compare", name) for name in (left, right)]
        if not all(known):
            return None
        return (left, right), Holds(f"{left} {sign} {right}")

    def _same(self, columns: tuple[str, ...]) -> tuple[tuple[str, ...], Check] | None:
        assert self.spec.same is not None
        if not self._column("same", self.spec.same):
            return None
        return (columns[0], self.spec.same), Together(f"COUNT(DISTINCT {self.spec.same}) = 1")

    def _in_column(self, columns: tuple[str, ...]) -> tuple[tuple[str, ...], Check] | None:
        table, _, column = (self.spec.in_column or "").partition(".")
        if table not in TABLES:
            self._unknown("in_column", Text("table", "表"), table, list(TABLES))
            return None
        names = [found.name for found in TABLES[table].columns]
        if column not in names:
            self._unknown("in_column", Text("column", "列"), column, names)
            return None
        return columns, Refers(table, column)

    def _condition(self, setting: str, text: str | None) -> str | None:
        """A rule in words as SQL; null meets no comparison, as everywhere."""
        if text is None:
            return None
        try:
            form = form_of(parse_rule(text, list(self.known)))
        except RuleTextError as error:
            self._bad(setting, error.problem)
            return None
        except TooManyAlternativesError:
            self._bad(setting, Text("has too many alternatives", "分支过多"))
            return None
        return " OR ".join(f"({conditions_sql(when)})" for when in form) or "FALSE"

    def _label(self, check: str) -> Text:
        if words := _words(self.spec.label):
            return words
        given = getattr(self.spec, check)
        shown = "" if given is True else " " + (", ".join(given) if isinstance(given, tuple) else str(given))
        return Text.same(" ".join(part for part in (self.spec.column or "", f"{check}{shown}") if part))

    def _column(self, setting: str, name: str) -> bool:
        if name in self.known:
            return True
        self._unknown(setting, Text("column", "列"), name, list(self.known))
        return False

    def _unknown(self, setting: str, thing: Text, name: str, known: list[str]) -> None:
        where, place = self._where(setting)
        self.problems.append(
            UNKNOWN.problem(place, setting=where, thing=thing, name=name or "''", known=", ".join(known), nearest=nearest(name, known))
        )  # fmt: skip

    def _bad(self, setting: str, problem: Text) -> None:
        where, place = self._where(setting)
        self.problems.append(BAD_RULE.problem(place, setting=where, problem=problem))

    def _where(self, setting: str) -> tuple[str, Place]:
        path: tuple[str | int, ...] = ("quality", "rules", self.place, *([setting] if setting else []))
        return ".".join(map(str, path)), self.document.place(path)


def _names(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d]\w*", text))


def _words(given: str | dict[str, str] | None) -> Text | None:
    if isinstance(given, dict):
        first = next(iter(given.values()), "")
        return Text(given.get("en", first), given.get("zh-CN", first)) if first else None
    return Text.same(given) if given else None


def _value(given: Any, kind: Kind) -> Decimal | date | int | None:
    """A bound as the column's kind has it; None where it does not fit."""
    if kind is Kind.DATE:
        try:
            return given if isinstance(given, date) else date.fromisoformat(str(given))
        except ValueError:
            return None
    if kind in (Kind.MONEY, Kind.QUANTITY, Kind.INTEGER) and not isinstance(given, bool):
        try:
            number = Decimal(str(given))
        except InvalidOperation:
            return None
        return number if number.is_finite() else None
    return None
