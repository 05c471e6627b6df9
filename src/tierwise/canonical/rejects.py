"""What is set aside and why: the reasons, their counts, and the file a person opens to see the rows."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from tierwise.contracts.ingest import Example, Mapping, RawTable, SetAside
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.errors import ErrorKind, Family, Place, TierwiseError
from tierwise.language import Text

REASONS = {
    "bad_row": Text("the row does not have the columns of the header", "该行的列与表头不符"),
    "total_row": Text("a row of totals", "合计行"),
    "no_customer": Text("no customer", "没有客户编号"),
    "digits_lost": Text(
        "digits of the id are lost: a spreadsheet wrote it like 1.38E+10, or zeros behind its fifteenth digit; export it "
        "again with the column as text",
        "编号的尾数已丢失：表格软件将其写成了 1.38E+10，或把第十五位之后都变成了 0；请将该列设为文本后重新导出",
    ),
    "bad_date": Text("no date, or one that cannot be read", "日期缺失或无法识别"),
    "future_date": Text("dated in the future", "日期在未来"),
    "bad_amount": Text("no amount, or none that can be read", "金额缺失或无法识别"),
    "other_currency": Text("another currency", "其他币种"),
    "duplicate_row": Text("an exact copy of another row", "与另一行完全相同"),
    "missing_value": Text("a required value is missing", "必填项缺失"),
}
ALL_ROWS_BAD = ErrorKind(
    "input.all_rows_bad",
    Family.DATA,
    what=Text("none of the {rows} rows can be used", "{rows} 行数据全部无法使用"),
    cause=Text("{reasons}", "{reasons}"),
    cure=Text(
        "check that the columns are mapped rightly: {mapping}; the rejected rows are in {file}",
        "请检查列对应是否正确：{mapping}；被剔除的行见 {file}",
    ),
)

EXAMPLES = 3
_HEADER = "row,column,value,reason,reason_en,reason_zh\n"
_SHOWN = 200


def set_aside(
    engine: DuckDBEngine, staged: str, raw: RawTable, mapping: Mapping, target: Path
) -> tuple[tuple[SetAside, ...], Path | None]:
    """Count what is set aside and list it in `target/rejects/<table>.csv`; return both.

    Raises `input.all_rows_bad` when nothing is left. The file is written all the same.
    """
    asides = count_reasons(engine, staged, raw)
    if not asides:
        return (), None
    file = target / "rejects" / f"{mapping.table.name}.csv"
    write_rejects(engine, staged, raw, file)
    if sum(aside.rows for aside in asides) == raw.rows_read:
        raise all_rows_bad(raw, asides, mapping, file)
    return asides, file


def count_reasons(engine: DuckDBEngine, staged: str, raw: RawTable) -> tuple[SetAside, ...]:
    """Return what is set aside by reason, most rows first, from `staged` and from the reader's bad rows."""
    records = engine.native_records(
        "rows set aside",
        f"SELECT rejected_for AS reason, count(*) AS rows, min(row_number, {EXAMPLES}) AS numbers FROM {staged} "
        "WHERE rejected_for IS NOT NULL GROUP BY rejected_for",
    )
    examples = _examples(engine, staged, [n for record in records for n in record["numbers"]])
    found = [
        SetAside(r["reason"], REASONS[r["reason"]], int(r["rows"]), tuple(examples[n] for n in r["numbers"]))
        for r in records
    ]
    if raw.bad_rows:
        found.append(SetAside("bad_row", REASONS["bad_row"], raw.bad_rows, raw.bad_examples[:EXAMPLES]))
    return tuple(sorted(found, key=lambda aside: (-aside.rows, aside.reason)))


def _examples(engine: DuckDBEngine, staged: str, numbers: list[int]) -> dict[int, Example]:
    if not numbers:
        return {}
    rows = engine.native(
        "examples of rows set aside",
        f"SELECT row_number, bad_column, left(bad_value, {_SHOWN}) FROM {staged} "
        f"WHERE rejected_for IS NOT NULL AND row_number IN ({', '.join(map(str, numbers))})",
    )
    return {int(number): Example(int(number), column, value) for number, column, value in rows}


def write_rejects(engine: DuckDBEngine, staged: str, raw: RawTable, file: Path) -> None:
    """Write every row set aside to a CSV (UTF-8 with BOM), by row number; formulas in it are disarmed."""
    body = file.with_suffix(".rows")
    file.parent.mkdir(parents=True, exist_ok=True)
    reasons = " ".join(
        f"WHEN {quoted(code)} THEN [{quoted(label.en)}, {quoted(label.zh)}]" for code, label in REASONS.items()
    )
    aside = (
        f"SELECT row_number, bad_column, bad_value, rejected_for AS reason, (CASE rejected_for {reasons} END)[1] AS reason_en, "
        f"(CASE rejected_for {reasons} END)[2] AS reason_zh FROM {staged} WHERE rejected_for IS NOT NULL"
    )
    if raw.bad_relation:
        aside += (
            " UNION ALL SELECT row_number, bad_column, bad_value, 'bad_row', reason_en, reason_zh "
            f'FROM "{raw.bad_relation}"'
        )
    engine.native(
        "write rejects",
        f"COPY (SELECT row_number, {_disarmed('bad_column')}, {_disarmed(f'left(bad_value, {_SHOWN})')}, reason, "
        f"reason_en, reason_zh FROM ({aside}) ORDER BY row_number) TO {quoted(str(body))} (FORMAT csv, HEADER false)",
    )
    with file.open("wb") as out:
        out.write(b"\xef\xbb\xbf" + _HEADER.encode())
        with body.open("rb") as rows:
            shutil.copyfileobj(rows, out)
    body.unlink()


def _disarmed(value: str) -> str:
    """Keep a spreadsheet from taking the value for a formula."""
    return f"CASE WHEN ({value})[1] IN ('=', '+', '-', '@', chr(9), chr(13)) THEN '''' || {value} ELSE {value} END"


def with_rejects_at(error: TierwiseError, before: Path, place: Text) -> TierwiseError:
    """The error of a source none of whose rows can be used, that names another place of the rejects file."""
    return TierwiseError(
        [
            replace(
                problem,
                cure=Text(
                    problem.cure.en.replace(str(before), place.en), problem.cure.zh.replace(str(before), place.zh)
                ),
            )
            for problem in error.problems
        ]
    )


def all_rows_bad(raw: RawTable, asides: tuple[SetAside, ...], mapping: Mapping, file: Path | None) -> TierwiseError:
    """Return the error of a source none of whose rows can be used."""
    parts = [Text("{label} ({rows})", "{label}（{rows}）").fill(label=a.label, rows=f"{a.rows:,}") for a in asides]
    first = next((example for aside in asides for example in aside.examples), None)
    place = Place(raw.file, row=first.row, column=first.column, value=first.value) if first else Place(raw.file)
    shown = ", ".join(f"{match.field} = {match.expression}" for match in mapping.matches)
    reasons = Text(", ".join(part.en for part in parts), "，".join(part.zh for part in parts))
    return ALL_ROWS_BAD.error(place, rows=raw.rows_read, reasons=reasons, mapping=shown, file=file)
