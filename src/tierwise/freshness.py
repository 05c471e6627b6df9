"""Which sources are stale: their newest row, or their newest import, is older than the project says it may be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tierwise.contracts.imports import ImportRecord
from tierwise.contracts.ingest import Finding
from tierwise.job import Source
from tierwise.language import Text

CODE = "stale_source"
_NEVER = Text("source {name}: nothing was ever imported from it", "数据源 {name}：从未导入过数据")
_ROW = Text(
    "source {name}: its newest row is of {day}, {age} days old; it may be {limit}",
    "数据源 {name}：最新一行数据的日期为 {day}，已有 {age} 天，超过允许的 {limit} 天",
)
_IMPORT = Text(
    "source {name}: its newest import is of {day}, {age} days old; it may be {limit}",
    "数据源 {name}：最近一次导入为 {day}，已有 {age} 天，超过允许的 {limit} 天",
)


def stale(sources: Sequence[Source], holding: Sequence[ImportRecord], today: date) -> list[Finding]:
    """A warning for each source that is older than its `fresh_days`, with the name of its owner."""
    found = []
    for source in sources:
        ours = [r for r in holding if (r.source, r.table) == (source.called, source.table)]
        text = _why_stale(source, ours, today)
        if text is not None:
            found.append(Finding(CODE, _with_owner(text, source.owner), "warning", sum(r.rows for r in ours)))
    return found


def _why_stale(source: Source, ours: Sequence[ImportRecord], today: date) -> Text | None:
    """The newest row counts first: an import of today may bring old rows."""
    if source.fresh_days is None:
        return None
    if not ours:
        return _NEVER.fill(name=source.called)
    newest_row = max((r.last_date for r in ours if r.last_date), default=None)
    for text, day in ((_ROW, newest_row), (_IMPORT, max(r.read_on for r in ours))):
        if day is not None and (today - day).days > source.fresh_days:
            return text.fill(name=source.called, day=day, age=f"{(today - day).days:,}", limit=source.fresh_days)
    return None


def _with_owner(text: Text, owner: str | None) -> Text:
    if owner is None:
        return text
    return Text("{text}. Ask {owner}", "{text}。负责人：{owner}").fill(text=text, owner=owner)
