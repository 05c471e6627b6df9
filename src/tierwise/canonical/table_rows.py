"""How one row of any table but orders is read: every field by the kind its schema gives it."""

from __future__ import annotations

from tierwise.canonical.amounts import AmountPlan, plan_amounts
from tierwise.canonical.dates import plan_dates
from tierwise.canonical.findings import FLOAT_IDS, MONTHS_ALONE, UNREADABLE, flag, offset_finding
from tierwise.canonical.ids import corrected_ids, digits_lost, named
from tierwise.canonical.readings import as_said, readings_of_amounts, readings_of_dates, readings_of_words
from tierwise.canonical.staging import Check, Layers, Stage
from tierwise.canonical.values import text_as_written, text_value
from tierwise.contracts.ingest import Finding, IngestSettings, Mapping, RawColumn, RawKind, RawTable
from tierwise.contracts.tables import Column, Kind, Table
from tierwise.engine.duckdb import DuckDBEngine, quoted

_OWN_IDS = ("customer_id", "referred_customer_id", "order_id", "message_id")
_TRUE = ("true", "yes", "y", "t", "是", "已打开", "已点击", "有")
_FALSE = ("false", "no", "n", "f", "否", "未打开", "未点击", "无")
_WORDS = {
    ("feedback", "kind"): {
        "nps": ("nps", "推荐意愿", "净推荐值"),
        "rating": ("rating", "score", "stars", "csat", "评分", "打分", "星级", "满意度"),
        "review": ("review", "comment", "评论", "评价", "留言"),
        "complaint": ("complaint", "complain", "投诉", "客诉"),
    },
    ("customers", "kind"): {
        "person": ("person", "individual", "consumer", "personal", "个人", "自然人", "个人客户"),
        "company": (
            "company", "business", "organisation", "organization", "corporate", "enterprise", "b2b",
            "企业", "公司", "企业客户", "单位",
        ),
    },
}  # fmt: skip
_REASONS = {Kind.DATE: "bad_date", Kind.TIMESTAMP: "bad_date", Kind.MONEY: "bad_amount", Kind.QUANTITY: "bad_amount"}


class TableRows:
    """The reading of one source; the look through its columns happens as it is made.

    `stage` gives a field for every column that the source fills, and for `feedback.kind` always.
    """

    def __init__(self, engine: DuckDBEngine, raw: RawTable, mapping: Mapping, settings: IngestSettings) -> None:
        self.engine, self.raw, self.mapping, self.settings = engine, raw, mapping, settings
        self.table: Table = mapping.table
        self.stage = Stage(raw)
        self.findings: list[Finding] = []
        for column in self.table.given:
            match = mapping.match(column.name)
            if match:
                self._read(column, raw.column(match.columns[0]))
        if self.table.name == "feedback" and mapping.match("kind") is None:
            self.stage.fields["kind"] = quoted(self._kind_of_feedback())

    def _read(self, column: Column, source: RawColumn) -> None:
        sql, layers = self._value(column, source)
        self.stage.add(column.name, sql, layers)
        missing = f"{column.name} IS NULL"
        if column.required:
            self.stage.checks.append(Check(self._reason(column), missing, source))
        elif column.kind is not Kind.TEXT:
            self.stage.flags.append(
                flag(UNREADABLE, f"{missing} AND {text_value(as_said(source))} IS NOT NULL", source)
            )
        if column.required and column.kind in (Kind.DATE, Kind.TIMESTAMP):
            tomorrow = f"DATE '{self.settings.today.isoformat()}' + INTERVAL 1 DAY"
            self.stage.checks.append(Check("future_date", f"{column.name} >= {tomorrow}", source))

    def _value(self, column: Column, source: RawColumn) -> tuple[str, Layers]:
        if column.kind in (Kind.DATE, Kind.TIMESTAMP):
            dates = plan_dates(self.engine, self.raw, source, self.settings)
            self.findings.extend(offset_finding(dates.converted, self.settings.timezone))
            self.stage.readings.extend(readings_of_dates(column.name, source, dates))
            if dates.month_alone:
                self.stage.flags.append(flag(MONTHS_ALONE, dates.month_alone, source))
            return f"CAST({dates.sql} AS {column.kind})", dates.layers
        if column.kind in (Kind.MONEY, Kind.QUANTITY):
            amounts = self._amount(column, source)
            return f"TRY_CAST({amounts.sql} AS {column.kind})", amounts.layers
        if column.kind is Kind.INTEGER:
            return self._integer(column, source)
        if column.name.endswith("_id"):
            sql, layers = self._id(source)
            return (named(sql, self.settings) if column.name in _OWN_IDS else sql), layers
        words = _WORDS.get((self.table.name, column.name))
        if words is None or "synonym" not in self.settings.corrections:
            return text_as_written(source), ()
        word = _by_words(text_value(source), words)
        self.stage.readings.extend(readings_of_words(column.name, source, word))
        return word, ()

    def _amount(self, column: Column, source: RawColumn) -> AmountPlan:
        plan = plan_amounts(self.engine, self.raw, source, self.settings.corrections)
        self.stage.readings.extend(readings_of_amounts(column.name, source, plan))
        return plan

    def _integer(self, column: Column, source: RawColumn) -> tuple[str, Layers]:
        """Read whole numbers, and yes and no as 1 and 0."""
        if source.kind is RawKind.BOOLEAN:
            return f"CAST({source.key} AS BIGINT)", ()
        plan = self._amount(column, source)
        number = f"CASE WHEN ({plan.sql}) = trunc({plan.sql}) THEN TRY_CAST({plan.sql} AS BIGINT) END"
        if source.kind is not RawKind.TEXT:
            return number, plan.layers
        word = f"lower({text_value(source)})"
        yes, no = (", ".join(map(quoted, words)) for words in (_TRUE, _FALSE))
        return f"CASE WHEN {word} IN ({yes}) THEN 1 WHEN {word} IN ({no}) THEN 0 ELSE {number} END", plan.layers

    def _id(self, source: RawColumn) -> tuple[str, Layers]:
        plan = corrected_ids(source)
        if plan.was_float:
            self.stage.flags.append(flag(FLOAT_IDS, f"{source.key} IS NOT NULL", source))
        if lost := digits_lost(source):
            self.stage.checks.append(Check("digits_lost", lost, source))
        return plan.sql, plan.layers

    @staticmethod
    def _reason(column: Column) -> str:
        return "no_customer" if column.name == "customer_id" else _REASONS.get(column.kind, "missing_value")

    def _kind_of_feedback(self) -> str:
        """Return what feedback is when no column says it: by what its score is called, else whether it has one."""
        score = self.mapping.match("score")
        if score is None:
            return "review"
        return "nps" if "nps" in score.columns[0].lower() or "推荐" in score.columns[0] else "rating"


def _by_words(value: str, words: dict[str, tuple[str, ...]]) -> str:
    """Return the canonical word for any of its synonyms, other words as they are."""
    whens = " ".join(
        f"WHEN lower({value}) IN ({', '.join(map(quoted, alike))}) THEN '{word}'" for word, alike in words.items()
    )
    return f"CASE {whens} ELSE {value} END"
