"""How the dates of one column are written, decided over the whole column, and how they are read then.

Unambiguous forms are read wherever they stand: ISO 8601, 2025/3/4, 2025.03.04, 20250304, 2025年3月4日, English and
German month names, `Tue Mar 4 15:04:05 2025` (C, Unix), `Tue Mar 04 2025 15:04:05 GMT+0800 (…)` (JavaScript), the Unix
clock from seconds to nanoseconds, Excel's day numbers (from workbooks; from a text where the column holds nothing else).
A month alone (2025-03, 2025年3月, 03/2025, Mar 2025) stands for its first day, as in spreadsheets, which a warning says.
`03/04/2025` is read only when other rows of the column tell day from month; `03.04.2025` has the day first, for nobody
writes months so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tierwise.canonical.values import narrow as _narrow
from tierwise.canonical.values import text_value
from tierwise.contracts.ingest import IngestSettings, RawColumn, RawKind, RawTable
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.errors import ErrorKind, Family, Place, TierwiseError
from tierwise.language import Text

CONFLICTING_DATES = ErrorKind(
    "input.conflicting_dates",
    Family.DATA,
    what=Text(
        "rows of {column} disagree: {first} (row {first_row}) has the day first, {second} (row {second_row}) the month",
        "“{column}”列的日期写法互相矛盾：第 {first_row} 行 {first} 是日在前，第 {second_row} 行 {second} 是月在前",
    ),
    cause=Text("two exports with different date formats were joined", "可能把两份日期格式不同的导出拼在了一起"),
    cure=Text(
        "write the dates as 2025-04-03, or load the two parts one by one with --date-format",
        "请把日期统一写成 2025-04-03，或拆成两份分别用 --date-format 导入",
    ),
)
AMBIGUOUS_DATES = ErrorKind(
    "input.ambiguous_dates",
    Family.DATA,
    what=Text(
        "{value} in {column} can be read in two ways: {one} or {other}",
        "“{column}”列的 {value} 有两种读法：{one} 或 {other}",
    ),
    cause=Text("no row of the column tells which part is the day", "整列没有一行能说明哪一部分是日"),
    cure=Text(
        "say it: --date-format {one} or --date-format {other}, with the file's own separators",
        "请指明：--date-format {one} 或 --date-format {other}，分隔符与文件一致",
    ),
)
BAD_DATE_FORMAT = ErrorKind(
    "input.bad_date_format",
    Family.USAGE,
    what=Text("{format} is not a date format", "{format} 不是有效的日期格式"),
    cause=Text("{reason}", "{reason}"),
    cure=Text("write it as in %d/%m/%Y or %Y-%m-%d %H:%M:%S", "请按 %d/%m/%Y 或 %Y-%m-%d %H:%M:%S 的写法填写"),
)
UNKNOWN_ZONE = ErrorKind(
    "input.unknown_timezone",
    Family.CONFIG,
    what=Text("no time zone is called {zone}", "没有名为 {zone} 的时区"),
    cause=Text("zones have names such as Asia/Shanghai or Europe/London", "时区名称形如 Asia/Shanghai、Europe/London"),
    cure=Text("correct timezone in the project file", "请修改项目文件中的 timezone"),
)

_ISO, _ZONED, _YMD, _COMPACT, _NUMERIC, _SHORT, _DAY_MONTH, _MONTH_DAY, _YEAR_LAST = (
    "iso", "zoned", "ymd", "compact", "numeric", "short", "day_month", "month_day", "year_last",
)  # fmt: skip
_SECONDS, _MILLIS, _MICROS, _NANOS, _SERIAL = "seconds", "millis", "micros", "nanos", "serial"
_MONTH, _MONTH_YEAR, _NAMED_MONTH = _MONTHS_ALONE = ("month", "month_year", "named_month")
_DOTTED = r"^\d{1,2} *\. *\d{1,2} *\."
_TIME = r"(?:[T ,]+(.*))?$"
_PATTERNS = {
    _YMD: r"^(\d{4}) *[-/.年] *(\d{1,2}) *[-/.月] *(\d{1,2})[T ,日号]*(.*)$",
    _COMPACT: r"^(\d{4})(\d\d)(\d\d)(?:[T ]*(?:(\d{6})\d{3}|(\d{4}(?:\d\d)?))|[T ]+(.*))?$",
    _NUMERIC: r"^(\d{1,2}) *[-/.] *(\d{1,2}) *[-/.] *(\d{4})" + _TIME,
    _SHORT: r"^(\d{1,2}) *[-/.] *(\d{1,2}) *[-/.] *(\d\d)" + _TIME,
    _DAY_MONTH: r"^(?:[A-Z]{3,9}\.?,? +)?(\d{1,2})(?:ST|ND|RD|TH)?[- /.]*([A-ZÄ]{3,9})[-., /]*(\d{4}|\d\d)" + _TIME,
    _MONTH_DAY: r"^(?:[A-Z]{3,9}\.?,? +)?([A-Z]{3,9})[-. /]*(\d{1,2})(?:ST|ND|RD|TH)?[-, /]+(\d{4})" + _TIME,
    _YEAR_LAST: r"^(?:[A-Z]{3,9}\.?,? +)?([A-Z]{3,9}) +(\d{1,2}) +(\d\d:\d\d(?::\d\d)?)( (?:UTC|GMT))? +(\d{4})$",
    _MONTH: r"^(\d{4}) *[-/年] *(\d{1,2}) *月?(?:份)?$",
    _MONTH_YEAR: r"^(\d{1,2}) *[-/] *(\d{4})$",
    _NAMED_MONTH: r"^([A-ZÄ]{3,9})[-., /]+(\d{4})$",
    _SECONDS: r"^\d{9,10}(?:\.\d+)?$",
    _MILLIS: r"^\d{13}$",
    _MICROS: r"^\d{16}$",
    _NANOS: r"^\d{19}$",
    _SERIAL: r"^\d{4,5}(?:\.\d+)?$",
}
_PARTS = {
    _YMD: r"\1|\2|\3|\4",
    _COMPACT: r"\1|\2|\3|\4\5\6",
    "day_first": r"\3|\2|\1|\4",
    "month_first": r"\3|\1|\2|\4",
    _DAY_MONTH: r"\3|\2|\1|\4",
    _MONTH_DAY: r"\3|\1|\2|\4",
    _YEAR_LAST: r"\5|\1|\2|\3\4",
    _MONTH: r"\1|\2|1|",
    _MONTH_YEAR: r"\2|\1|1|",
    _NAMED_MONTH: r"\2|\1|1|",
}  # how each form is rearranged: year | month | day | clock
_MONTHS = "['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']"
_GERMAN_MONTHS = "['JAN', 'FEB', 'MÄR', 'APR', 'MAI', 'JUN', 'JUL', 'AUG', 'SEP', 'OKT', 'NOV', 'DEZ']"
_PER_MICROSECOND = {_SECONDS: "* 1000000", _MILLIS: "* 1000", _MICROS: "", _NANOS: "// 1000"}
_EARLIEST_TEXT_SERIAL = 20_000
"""In a text, smaller numbers are years or anything else; this one is in October 1954."""
_ZONE_AT_END = r":\d\d(?:[.,]\d+)? *(?:Z|UTC|GMT|(?:GMT|UTC)?[+-]\d\d:?(?:\d\d)?)(?: *\(.*\))?$"
_MORNING, _EVENING = r"AM|A\.M\.|上午|凌晨|早上|清晨", r"PM|P\.M\.|下午|晚上|傍晚|中午"
_EARLIEST = "TIMESTAMP '1900-01-01'"


@dataclass(frozen=True, slots=True)
class DatePlan:
    """How one column is read: `sql` is a naive timestamp in the business's zone, NULL where a value is no date.

    `layers` are the columns `sql` needs, each a set of name → SQL that reads those before it. `converted` counts
    rows that carried an offset or were moments on the Unix clock; `excel_day` is the SQL test of a day number, and
    `month_alone` that of a month without a day.
    """

    sql: str
    layers: tuple[dict[str, str], ...] = ()
    converted: int = 0
    excel_day: str | None = None
    month_alone: str | None = None


def plan_dates(engine: DuckDBEngine, raw: RawTable, column: RawColumn, settings: IngestSettings) -> DatePlan:
    """Look through the whole column and decide how it is read.

    Raises `input.conflicting_dates`, `input.ambiguous_dates`, `input.bad_date_format`, `input.unknown_timezone`.
    """
    zone = quoted(_checked_zone(engine, settings.timezone))
    if column.kind in (RawKind.DATE, RawKind.TIMESTAMP):
        return _plan(column, f"CAST({column.key} AS TIMESTAMP)")
    if column.kind is RawKind.INSTANT:
        return _plan(column, f"({column.key} AT TIME ZONE {zone})", converted=raw.rows_read)
    value = text_value(column) if column.kind is not RawKind.TEXT else column.key
    if settings.date_format:
        return _plan(column, _by_format(engine, value, settings.date_format, zone))
    seen = _look_through(engine, raw, value, "excel_day" in settings.corrections)
    if _SERIAL in seen and raw.format != "excel" and (len(seen) > 1 or seen[_SERIAL]["lowest"] < _EARLIEST_TEXT_SERIAL):
        del seen[_SERIAL]
    order = _day_or_month_first(raw, column, seen)
    on_clock = sum(int(seen[form]["rows"]) for form in _PER_MICROSECOND if form in seen)
    converted = on_clock + sum(int(found["zoned"]) for found in seen.values())
    if not set(seen) - {_ISO}:
        return _plan(column, _iso_value(value))
    forms = [form for form in _PATTERNS if form in seen and form != _NUMERIC]
    layers = _layers(column.key, value, forms, order, zone)
    plan = _plan(column, f"{column.key}_moment", layers, converted)
    narrow, months = f"{column.key}_narrow", [form for form in _MONTHS_ALONE if form in forms]
    return replace(
        plan,
        excel_day=_is_any(narrow, [_SERIAL]) if _SERIAL in forms else None,
        month_alone=_is_any(narrow, months) if months else None,
    )


def _is_any(narrow: str, forms: list[str]) -> str:
    """SQL: a value in half width has one of these forms."""
    tests = " OR ".join(f"regexp_matches({narrow}, {quoted(_PATTERNS[form])})" for form in forms)
    return f"coalesce({tests}, false)"


def _plan(column: RawColumn, moment: str, layers: tuple[dict[str, str], ...] = (), converted: int = 0) -> DatePlan:
    """Drop what stands for no date: years before 1900, and infinity."""
    name = f"{column.key}_read"
    sensible = f"CASE WHEN {name} >= {_EARLIEST} AND isfinite({name}) THEN {name} END"
    return DatePlan(sensible, (*layers, {name: moment}), converted)


def _checked_zone(engine: DuckDBEngine, zone: str | None) -> str:
    if zone is None or engine.native("time zone", "SELECT 1 FROM pg_timezone_names() WHERE name = ?", [zone]):
        return zone or "UTC"
    raise UNKNOWN_ZONE.error(zone=zone)


def _by_format(engine: DuckDBEngine, value: str, form: str, zone: str) -> str:
    try:
        engine.native("date format", f"SELECT CAST(try_strptime('x', {quoted(form)}) AS VARCHAR)")
    except TierwiseError as error:
        reason = str(error.__cause__).splitlines()[0]
        raise BAD_DATE_FORMAT.error(format=form, reason=reason) from error
    read = f"try_strptime({_narrow(value)}, {quoted(form)})"
    return f"({read} AT TIME ZONE {zone})" if "%z" in form else read


def _look_through(engine: DuckDBEngine, raw: RawTable, value: str, serials: bool) -> dict[str, dict[str, Any]]:
    """Return, for each form that occurs, its rows, an example, and the first rows that tell day from month."""
    cases = " ".join(
        f"WHEN regexp_matches(n, {quoted(pattern)}) THEN {quoted(form)}"
        for form, pattern in _PATTERNS.items()
        if form != _SERIAL or serials
    )
    first_part, second_part = (
        f"CASE WHEN form = '{_NUMERIC}' THEN CAST(regexp_extract(n, {quoted(_PATTERNS[_NUMERIC])}, {n}) AS INTEGER) END"
        for n in (1, 2)
    )
    records = engine.native_records(
        "date forms",
        f'WITH source AS (SELECT row_number, {value} AS v FROM "{raw.relation}"), '
        f"zoned AS (SELECT *, {_is_zoned('v')} AS zoned FROM source WHERE v IS NOT NULL), "
        f"easy AS (SELECT *, CASE WHEN zoned AND {_is_iso('v')} THEN '{_ZONED}' WHEN {_iso_value('v')} IS NOT NULL "
        f"THEN '{_ISO}' END AS easy FROM zoned), "
        f"narrow AS (SELECT *, CASE WHEN easy IS NULL THEN upper({_narrow('v')}) END AS n FROM easy), "
        f"told AS (SELECT *, coalesce(easy, CASE {cases} END) AS form FROM narrow), "
        f"parts AS (SELECT *, {first_part} AS a, {second_part} AS b FROM told) "
        "SELECT form, count(*) AS rows, min(row_number) AS row, arg_min(v, row_number) AS example, "
        "min(row_number) FILTER (a > 12 AND b <= 12) AS day_row, "
        "arg_min(v, row_number) FILTER (a > 12 AND b <= 12) AS day_first, "
        "min(row_number) FILTER (b > 12 AND a <= 12) AS month_row, "
        "arg_min(v, row_number) FILTER (b > 12 AND a <= 12) AS month_first, "
        f"count(*) FILTER (zoned OR form = '{_YEAR_LAST}' AND regexp_matches(n, 'UTC|GMT')) AS zoned, "
        f"bool_and(regexp_matches(n, '{_DOTTED}')) AS dotted, "
        f"min(CASE WHEN form = '{_SERIAL}' THEN TRY_CAST(n AS DOUBLE) END) AS lowest "
        "FROM parts WHERE form IS NOT NULL GROUP BY form",
    )
    return {record["form"]: record for record in records}


def _day_or_month_first(raw: RawTable, column: RawColumn, seen: dict[str, dict[str, Any]]) -> str | None:
    """Return how numeric dates are read, None where there are none; an error where rows disagree or none tells."""
    if _SHORT in seen and not seen[_SHORT]["dotted"]:
        raise _ambiguous(raw, column, seen[_SHORT], ("%y/%m/%d", "%d/%m/%y"))
    if _NUMERIC not in seen:
        return None
    found = seen[_NUMERIC]
    if found["day_row"] is not None and found["month_row"] is not None:
        raise CONFLICTING_DATES.error(
            Place(file=raw.file, row=int(found["day_row"]), column=column.name, value=found["day_first"]),
            column=column.name, first=found["day_first"], first_row=found["day_row"],
            second=found["month_first"], second_row=found["month_row"],
        )  # fmt: skip
    if found["day_row"] is None and found["month_row"] is None:
        if found["dotted"]:
            return "day_first"
        raise _ambiguous(raw, column, found, ("%d/%m/%Y", "%m/%d/%Y"))
    return "day_first" if found["day_row"] is not None else "month_first"


def _ambiguous(raw: RawTable, column: RawColumn, found: dict[str, Any], ways: tuple[str, str]) -> TierwiseError:
    return AMBIGUOUS_DATES.error(
        Place(file=raw.file, row=int(found["row"]), column=column.name, value=found["example"]),
        value=found["example"], column=column.name, one=ways[0], other=ways[1],
    )  # fmt: skip


def _layers(key: str, value: str, forms: list[str], order: str | None, zone: str) -> tuple[dict[str, str], ...]:
    """Return the steps from text to moment: ISO as it is, anything else taken apart and put together as ISO."""
    easy, zoned, narrow, parts, part = (f"{key}_{name}" for name in ("easy", "zoned", "narrow", "parts", "part"))
    numeric = [(order, _NUMERIC)] if order else []
    numeric += [("day_first", _SHORT)] if _SHORT in forms else []
    split = " ".join(
        f"WHEN regexp_matches({narrow}, {quoted(_PATTERNS[form])}) "
        f"THEN regexp_replace({narrow}, {quoted(_PATTERNS[form])}, {quoted(_PARTS[parts_of])})"
        for parts_of, form in [(form, form) for form in forms if form in _PARTS] + numeric
    )
    day, clock, text, offset, moment = (f"{key}_{name}" for name in ("day", "clock", "text", "offset", "moment"))
    return (
        {zoned: f"{_is_zoned(value)} AND {_is_iso(value)}"},
        {easy: f"CASE WHEN NOT {zoned} THEN {_iso_value(value)} END"},
        {narrow: f"CASE WHEN {easy} IS NULL THEN upper({_narrow(value)}) END"},
        {parts: f"CASE WHEN {zoned} THEN NULL {split} END" if split else "CAST(NULL AS VARCHAR)"},
        {part: f"string_split({parts}, '|')"},
        {day: _iso_day(part), clock: _iso_clock(f"{part}[4]")},
        {text: f"CASE WHEN {zoned} THEN {narrow} ELSE trim({day} || ' ' || {clock}) END"},
        {offset: f"CASE WHEN {_is_zoned(text)} THEN {_with_offset(text)} END"},
        {moment: f"CASE WHEN {easy} IS NOT NULL THEN {easy} {_clock_readings(narrow, forms, zone)} "
                 f"WHEN {offset} IS NOT NULL THEN TRY_CAST({offset} AS TIMESTAMPTZ) AT TIME ZONE {zone} "
                 f"ELSE {_half_day(f'{part}[4]', f'TRY_CAST({text} AS TIMESTAMP)')} END"},
    )  # fmt: skip


def _iso_day(part: str) -> str:
    named = (
        f"coalesce(list_position({_MONTHS}, left({part}[2], 3)), list_position({_GERMAN_MONTHS}, left({part}[2], 3)))"
    )
    month = f"coalesce(CAST({named} AS VARCHAR), {part}[2])"
    century = f"CASE WHEN length({part}[1]) = 4 THEN '' WHEN {part}[1] < '70' THEN '20' ELSE '19' END"
    return f"{century} || {part}[1] || '-' || {month} || '-' || {part}[3]"


def _iso_clock(words: str) -> str:
    """Return 15:04:05 of what stands behind a day: 3:04 PM, 下午3点04分, 150405, 15:04:05.5+08:00."""
    named = f"regexp_replace({words}, ' *\\(.*\\)$', '')"  # the name of the zone, behind its offset
    bare = f"regexp_replace({named}, '{_MORNING}|{_EVENING}', '', 'g')"
    digits = f"trim(regexp_replace(regexp_replace({bare}, '[时時点點分]', ':', 'g'), '秒', ''), ' :')"
    hours = f"regexp_replace({digits}, '^(\\d{{1,2}})$', '\\1:00')"
    packed = f"regexp_replace({hours}, '^(\\d\\d)(\\d\\d)(\\d\\d)$', '\\1:\\2:\\3')"
    return f"regexp_replace({packed}, '^(\\d\\d)(\\d\\d)$', '\\1:\\2')"


def _half_day(words: str, moment: str) -> str:
    """Move a moment on the twelve-hour clock to where it belongs."""
    return (
        f"{moment} + CASE WHEN regexp_matches({words}, '{_EVENING}') AND hour({moment}) < 12 THEN INTERVAL 12 HOUR "
        f"WHEN regexp_matches({words}, '{_MORNING}') AND hour({moment}) = 12 THEN INTERVAL (-12) HOUR "
        "ELSE INTERVAL 0 HOUR END"
    )


def _clock_readings(narrow: str, forms: list[str], zone: str) -> str:
    """Return the WHENs of moments written as one number: the Unix clock and Excel's days."""
    found = []
    for form, factor in _PER_MICROSECOND.items():
        if form in forms:
            exact = "HUGEINT" if form == _NANOS else "DECIMAL(30, 6)"
            micros = f"CAST(CAST({narrow} AS {exact}) {factor} AS BIGINT)"
            at_zone = f"make_timestamp({micros}) AT TIME ZONE 'UTC' AT TIME ZONE {zone}"
            found.append(f"WHEN regexp_matches({narrow}, {quoted(_PATTERNS[form])}) THEN {at_zone}")
    if _SERIAL in forms:
        seconds = f"CAST(round(CAST({narrow} AS DOUBLE) * 86400) AS BIGINT)"
        days = f"TIMESTAMP '1899-12-30' + to_seconds({seconds})"
        found.append(f"WHEN regexp_matches({narrow}, {quoted(_PATTERNS[_SERIAL])}) THEN {days}")
    return " ".join(found)


def _with_offset(text: str) -> str:
    """Return ISO text with its offset as +08:00."""
    bare = f"regexp_replace({text}, ' *(?:GMT|UTC)?([+-]\\d\\d(?::?\\d\\d)?)(?: *\\(.*\\))?$', '\\1')"
    universal = f"regexp_replace({bare}, ' *(?:Z|UTC|GMT)(?: *\\(.*\\))?$', '+00:00')"
    return f"regexp_replace({universal}, '([+-]\\d\\d)(\\d\\d)$', '\\1:\\2')"


def _iso_value(value: str) -> str:
    """Return the moment of plain ISO text (date, or date and time), NULL for anything else.

    The last letter is asked for because a cast overlooks AM and PM.
    """
    return f"CASE WHEN ({value})[5] IN ('-', '/') AND ({value})[-1] BETWEEN '0' AND '9' THEN TRY_CAST({value} AS TIMESTAMP) END"


def _is_iso(value: str) -> str:
    """Tell a value that begins with a year, as ISO 8601 does; an offset behind any other form is told later."""
    return f"coalesce(({value})[5] IN ('-', '/'), false)"


def _is_zoned(value: str) -> str:
    """Tell an offset at the end; the cheap questions first, for most columns have none."""
    ends = f"({value})[-1] NOT BETWEEN '0' AND '9' OR contains({value}, '+') OR ({value})[-6] = '-'"
    return (
        f"coalesce(contains({value}, ':') AND ({ends} OR ({value})[-5] = '-' OR ({value})[-3] = '-') "
        f"AND regexp_matches(upper({value}), '{_ZONE_AT_END}'), false)"
    )
