"""Imports: what is new in a source becomes canonical rows in the ledger, whole or not at all."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tierwise.canonical import build_table, guess_mapping
from tierwise.canonical.rejects import ALL_ROWS_BAD, with_rejects_at
from tierwise.cleaning import with_clean_columns
from tierwise.config.validation import nearest
from tierwise.contracts.imports import SUPERSEDING_KEYS, ImportRecord, SourceMode
from tierwise.contracts.ingest import CanonicalTable, IngestSettings, RawTable, ReadOptions
from tierwise.contracts.tables import TABLES
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Observer
from tierwise.errors import ErrorKind, Family, Place, TierwiseError
from tierwise.job import Job, Source
from tierwise.language import Text
from tierwise.privacy.tombstones import suppress
from tierwise.snapshots.files import to_json
from tierwise.snapshots.imports import ImportWriter, holding, records
from tierwise.snapshots.overlaps import Change, change, keep_existing, write_superseded
from tierwise.snapshots.rejected import drop_rejected, keep_rejected
from tierwise.snapshots.reverted import reverted_of
from tierwise.sources import files_of, fingerprint_of, is_folder_of_files, open_source

READING = 5
"""Counts up when the same source would be read to other rows than before: imports are then made anew."""

_LATER_OPTIONS = ("rest", "decimal_mark", "header")

SEVERAL_TABLES = ErrorKind(
    "input.several_tables",
    Family.DATA,
    what=Text("the files of {path} may be tables of different kinds", "{path} 中的文件可能是不同的表"),
    cause=Text(
        "each file of a folder is read as a further part of one table", "目录中的每个文件都会作为同一张表的一部分读取"
    ),
    cure=Text(
        "name the file that has customer, date and amount, or join the files by a query: "
        '--query "SELECT … FROM {first} JOIN {second} USING (order_id)"',
        "请指明含客户、日期和金额的那个文件，或用查询把它们关联起来："
        '--query "SELECT … FROM {first} JOIN {second} USING (order_id)"',
    ),
)
NO_CURSOR = ErrorKind(
    "input.no_cursor_column",
    Family.CONFIG,
    what=Text("{source} has no column {cursor}, which is to be its cursor", "{source} 没有增量列 {cursor}"),
    cause=Text("its columns are: {known}", "现有列：{known}"),
    cure=Text(
        "{nearest}; a cursor is a column that only grows, as updated_at", "{nearest}；增量列应只增不减，例如 updated_at"
    ),
)
NO_FILE_OF_A_DRY_RUN = Text("the file that an import without --dry-run leaves", "不加 --dry-run 导入时生成的文件")


@dataclass(frozen=True)
class Imported:
    """What came of one file, table or query of a source: a record, or none where nothing was new, and the changes.

    `undone` is the import of the same content that somebody took back, and that is why it was not made again.
    `rejects` are lines of the rejects file where a dry run has no file to point at.
    """

    source: Source
    location: str
    record: ImportRecord | None = None
    changed: Change | None = None
    undone: str | None = None
    rejects: tuple[str, ...] = ()


def bring_in(engine: DuckDBEngine, source: Source, job: Job, told: Observer, dry: bool = False) -> list[Imported]:
    """Import what is new in a source. A dry run publishes nothing, and says what would change."""
    label = TABLES[source.table].label
    told.stage(f"read {source.table}", Text("reading {table}", "读取{table}").fill(table=label))
    parts = _parts(source)
    try:
        return [_Import(engine, one, job, told, dry).make() for one in parts]
    except TierwiseError as error:
        if len(parts) == 1 or error.code != "input.missing_column":
            raise
        first, second = (Path(part.location).name.split(".")[0] for part in parts[:2])
        folder = Place(file=source.location)
        raise TierwiseError(
            [*error.problems, SEVERAL_TABLES.problem(folder, path=source.location, first=first, second=second)]
        ) from error


def mode_of(source: Source) -> SourceMode:
    """What a new import of a source does to the ones before."""
    if source.mode is not None:
        return source.mode
    if source.cursor is not None:
        return SourceMode.CURSOR
    joined = source.options.query is not None
    appends = source.keep_existing or (is_folder_of_files(source.location) and not joined)
    return SourceMode.APPEND if appends else SourceMode.SNAPSHOT


def _parts(source: Source) -> list[Source]:
    """The files of a folder that is added file by file, else the source as it is."""
    if mode_of(source) is not SourceMode.APPEND:
        return [source]
    return [replace(source, location=str(file), mode=SourceMode.APPEND) for file in files_of(source.location)]


class _Import:
    """One file, table or query on its way into the ledger."""

    def __init__(self, engine: DuckDBEngine, source: Source, job: Job, told: Observer, dry: bool) -> None:
        self.engine, self.source, self.job, self.told, self.dry = engine, source, job, told, dry
        self.mode = mode_of(source)
        found = records(job.workspace)
        self.ours = [r for r in found if (r.source, r.table) == (source.called, source.table)]
        self.held = holding(self.ours)
        self.corrections = job.corrections - reverted_of(job.workspace, source.table, source.called)
        self.recipe = recipe_of(source, job, self.corrections)

    def make(self) -> Imported:
        """Read, unless the content is known; build; publish."""
        fingerprint = fingerprint_of(self.source.location)
        if fingerprint is not None and (known := self._known(fingerprint)):
            return known
        with self._written() as writer, tempfile.TemporaryDirectory(dir=writer.folder, prefix=".scratch-") as scratch:
            raw = self._opened(Path(scratch))
            if raw is None:
                return self._nothing_new()
            if fingerprint is None and (known := self._known(raw.fingerprint)):
                return known
            with self._keeping_rejects(writer):
                return self._build(raw, writer, Path(scratch))

    @contextmanager
    def _keeping_rejects(self, writer: ImportWriter) -> Iterator[None]:
        """Where no row can be used there is no import: have the rejects outlast its folder, and say where they are."""
        names = self.source.called, self.source.table
        try:
            yield
        except TierwiseError as error:
            file = writer.folder / "rejects" / f"{self.source.table}.csv"
            if error.problems[0].kind is not ALL_ROWS_BAD:
                raise
            place = NO_FILE_OF_A_DRY_RUN
            if not self.dry:
                place = Text.same(str(keep_rejected(self.job.workspace, *names, file)))
            raise with_rejects_at(error, file, place) from error
        if not self.dry:
            drop_rejected(self.job.workspace, *names)

    @contextmanager
    def _written(self) -> Iterator[ImportWriter]:
        """A writer whose folder goes unless it is published; that of a dry run lies outside the workspace."""
        place = Path(tempfile.mkdtemp(prefix="tierwise-import-")) if self.dry else None
        writer = ImportWriter(self.job.workspace, place)
        try:
            yield writer
        finally:
            writer.discard()
            if place is not None:
                shutil.rmtree(place, ignore_errors=True)

    def _opened(self, scratch: Path) -> RawTable | None:
        """The rows of the source that may be new; None where a cursor finds none."""
        options = self._options()
        try:
            raw = open_source(self.engine, self.source.location, options, scratch, self.told)
            self._check_cursor(raw)
            return raw
        except TierwiseError as error:
            if error.code == "input.no_rows" and options.after is not None:
                return None
            raise

    def _check_cursor(self, raw: RawTable) -> None:
        known = [column.name for column in raw.columns]
        if self.mode is SourceMode.CURSOR and self.source.cursor not in known:
            cursor = str(self.source.cursor)
            raise NO_CURSOR.error(
                Place(file=raw.file), source=self.source.called, cursor=cursor, known=", ".join(known),
                nearest=nearest(cursor, known),
            )  # fmt: skip

    def _options(self) -> ReadOptions:
        if self.mode is not SourceMode.CURSOR:
            return self.source.options
        after = next((record.cursor for record in reversed(self.ours) if record.cursor is not None), None)
        return replace(self.source.options, cursor=self.source.cursor, after=after)

    def _known(self, fingerprint: str) -> Imported | None:
        """Tell content that holds already, read like this, and content that was undone and nothing came after.

        Rows dated after the day they were read may be due by now: then it is read again.
        """
        held = [record.id for record in self.held]
        for record in reversed(self.ours):
            due = record.read_on < self.job.today and any(a.reason == "future_date" for a in record.set_aside)
            if (record.fingerprint, record.recipe) != (fingerprint, self.recipe) or due:
                continue
            if record.id in held:
                return self._nothing_new()
            if record.undone and (self.mode is not SourceMode.SNAPSHOT or record.id > max(held, default="")):
                return self._nothing_new(record.id)
        return None

    def _nothing_new(self, undone: str | None = None) -> Imported:
        text = Text("{name}: nothing new", "{name}：没有新内容")
        if undone:
            text = Text("{name}: undone as {id}, stays undone", "{name}：已撤销（{id}），保持撤销状态")
        self.told.detail(text.fill(name=self.source.called, id=undone))
        return Imported(self.source, self.source.location, undone=undone)

    def _build(self, raw: RawTable, writer: ImportWriter, scratch: Path) -> Imported:
        mapping = guess_mapping(raw, TABLES[self.source.table], dict(self.source.columns))
        self.told.detail(Text.same(", ".join(f"{field} ← {column}" for field, column in mapping.to_json().items())))
        built = build_table(self.engine, raw, mapping, mapping.table, self._settings(raw), writer.folder)
        built = suppress(self.engine, self.job.workspace, built)
        cursor = self._highest(raw)
        adding = self.mode is not SourceMode.SNAPSHOT
        overlaps: dict[str, int] = {}
        replaced = self._replaced(raw)
        if self.source.keep_existing:
            others = [record for record in self.held if record.id not in replaced]
            built = keep_existing(self.engine, self.job.workspace, built, others)
        built = with_clean_columns(self.engine, built, self.job.phone_region)
        if adding:
            since = self._since_snapshot()
            overlaps = write_superseded(self.engine, self.job.workspace, built, since, writer.folder)
        changed = None
        if self.dry or (self.mode is SourceMode.CURSOR or self.source.keep_existing):
            changed = change(self.engine, self.job.workspace, built, self.held, replacing=not adding)
            if adding and self.ours and not changed.added and not changed.changed and _is_keyed(built):
                return self._nothing_new()
        shutil.rmtree(scratch)
        scratch.mkdir()
        record = self._record(writer.id, built, cursor, overlaps, replaced)
        if self.dry:
            return Imported(self.source, self.source.location, record, changed, rejects=_lines(built.rejects_file))
        scratch.rmdir()
        return Imported(self.source, self.source.location, writer.publish(record), changed)

    def _settings(self, raw: RawTable) -> IngestSettings:
        """How values are read. Orders without an id are numbered apart in each of several sources and files."""
        source, job = self.source, self.job
        several = self.mode is not SourceMode.SNAPSHOT
        apart = f"{raw.fingerprint[:8]}-" if several else "" if source.called == source.table else f"{source.called}-"
        namespace = f"{source.called}:" if source.own_ids else ""
        return IngestSettings(
            job.today, job.timezone, job.currency, source.date_format, namespace, f"row-{apart}", job.rates,
            self.corrections,
        )  # fmt: skip

    def _highest(self, raw: RawTable) -> str | None:
        """The highest value of the cursor's column, as the database writes it; numbers are compared as numbers."""
        if self.mode is not SourceMode.CURSOR:
            return None
        key = raw.column(str(self.source.cursor)).key
        number, text = f"TRY_CAST({key} AS DECIMAL(38, 9))", f"CAST({key} AS VARCHAR)"
        found = self.engine.native(
            "highest value of the cursor",
            f"SELECT CASE WHEN count({key}) = count({number}) THEN arg_max({text}, {number}) ELSE max({text}) END "
            f'FROM "{raw.relation}"',
        )[0][0]
        return None if found is None else str(found)

    def _replaced(self, raw: RawTable) -> tuple[str, ...]:
        """The imports whose place this one takes: all of a snapshot's, else those of the same content read otherwise."""
        if self.mode is SourceMode.SNAPSHOT:
            return tuple(record.id for record in self.held)
        return tuple(record.id for record in self.held if record.fingerprint == raw.fingerprint)

    def _since_snapshot(self) -> Sequence[ImportRecord]:
        """All imports since the last snapshot, undone ones too: what is redone must not come before what is younger."""
        last = max((n for n, r in enumerate(self.ours) if r.mode is SourceMode.SNAPSHOT and not r.undone), default=0)
        return self.ours[last:]

    def _record(
        self, name: str, built: CanonicalTable, cursor: str | None, overlaps: dict[str, int], replaced: tuple[str, ...]
    ) -> ImportRecord:
        return ImportRecord(
            id=name,
            source=self.source.called,
            table=self.source.table,
            mode=self.mode,
            location=built.source,
            fingerprint=built.fingerprint,
            recipe=self.recipe,
            listed=self.source.listed,
            imported_at=datetime.now(UTC),
            read_on=self.job.today,
            columns=built.columns,
            rows=built.rows,
            rows_read=built.rows_read,
            rows_used=built.rows_used,
            set_aside=built.set_aside,
            findings=built.findings,
            matches=built.mapping.matches,
            first_date=built.first_date,
            last_date=built.last_date,
            currency=built.currency,
            shares=built.shares,
            cursor=cursor,
            replaces=replaced,
            overlaps=overlaps,
            corrected=built.corrected,
        )


def recipe_of(source: Source, job: Job, corrections: frozenset[str]) -> str:
    """The SHA-256 of all that decides how a source is read, but for its content."""
    rates = [(rate.currency, rate.since, rate.rate) for rate in job.rates.rates] if job.rates else []
    how = {
        "reading": READING, "table": source.table, "columns": dict(source.columns), "options": _options_json(source.options),
        "date_format": source.date_format, "timezone": job.timezone, "currency": job.currency, "rates": rates,
        "phone_region": job.phone_region, "corrections": sorted(corrections),
        "own_ids": source.own_ids, "keep_existing": source.keep_existing,
    }  # fmt: skip
    return hashlib.sha256(to_json(how).encode()).hexdigest()


def _options_json(options: ReadOptions) -> dict[str, Any]:
    """What is not set is left out where it came later: what was imported before then keeps its recipe."""
    return {name: value for name, value in asdict(options).items() if name not in _LATER_OPTIONS or value is not None}


def _is_keyed(built: CanonicalTable) -> bool:
    return set(SUPERSEDING_KEYS.get(built.name, ("?",))) <= set(built.columns)


def _lines(rejects: Path | None) -> tuple[str, ...]:
    """The first lines of a rejects file, which does not outlast a dry run."""
    if rejects is None:
        return ()
    with rejects.open(encoding="utf-8-sig") as stream:
        return tuple(line.rstrip("\n") for line, _ in zip(stream, range(21), strict=False))
