"""What a point means in a column of plain numbers: `1.234` is a thousand and more in Germany, and near one elsewhere.

A point parts decimals where any value proves it: `12.5`, `0.500`, `1234.000`, or `1500` without a point. Where each
point has three digits behind it and at most three before, other columns of numbers tell; where they do not, it is
an error, for a thousandth of the turnover looks like any other turnover.
"""

from __future__ import annotations

import re

from tierwise.contracts.ingest import RawColumn, RawKind, RawTable
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text

AMBIGUOUS_NUMBERS = ErrorKind(
    "input.ambiguous_numbers",
    Family.DATA,
    what=Text(
        "{value} in {column} can be read in two ways: as {thousands} or as {decimals}",
        "“{column}”列的 {value} 有两种读法：{thousands} 或 {decimals}",
    ),
    cause=Text(
        "no row of the file tells whether the point parts thousands or decimals",
        "整个文件没有一行能说明句点是千位分隔符还是小数点",
    ),
    cure=Text(
        "say which mark begins the decimals: --decimal-mark , ({value} is {thousands}) or --decimal-mark . "
        "({value} is {decimals}); in a project file decimal_mark",
        "请指明小数点：--decimal-mark ,（{value} 即 {thousands}）或 --decimal-mark .（{value} 即 {decimals}）；"
        "项目文件中为 decimal_mark",
    ),
)

_GROUPED = r"[+-]?[1-9]\d{0,2}\.\d{3}"
_WITHOUT_GROUPS = r"[+-]?\d{4,}"
_WITH_A_POINT = r"[+-]?(\d*\.\d{1,2}|\d*\.\d{4,}|\d{4,}\.\d+|.*,.*\..*)"
_COMMA_DECIMALS = re.compile(r"\s*-?\d{1,3}(\.\d{3})*,\d{1,2}-?\s*")
_POINT_DECIMALS = re.compile(r"\s*-?\d+(,\d{3})*\.\d{1,2}\s*")


def points_part_thousands(engine: DuckDBEngine, raw: RawTable, column: RawColumn) -> bool:
    """Tell whether points part thousands in a column of texts. Raises `input.ambiguous_numbers` where nothing tells."""
    if any(_proves_decimals(sample) for sample in column.samples):
        return False
    found = engine.native(
        "points in numbers",
        f"SELECT min(row_number) FILTER (grouped), arg_min(v, row_number) FILTER (grouped), "
        f"count(*) FILTER (NOT grouped AND (contains(v, '.') OR regexp_full_match(v, '{_WITHOUT_GROUPS}'))) "
        f"FROM (SELECT row_number, v, coalesce(contains(v, '.') AND regexp_full_match(v, '{_GROUPED}'), false) AS grouped "
        f'FROM (SELECT row_number, trim({column.key}) AS v FROM "{raw.relation}")) WHERE TRY_CAST(v AS DOUBLE) IS NOT NULL',
    )
    row, value, against = found[0]
    if row is None or against:
        return False
    told = _told_by_others(raw, column)
    if told is None:
        raise AMBIGUOUS_NUMBERS.error(
            Place(file=raw.file, row=int(row), column=column.name, value=value),
            column=column.name, value=value, thousands=value.replace(".", ""), decimals=str(float(value)),
        )  # fmt: skip
    return told


def _proves_decimals(sample: str) -> bool:
    value = sample.strip()
    if re.fullmatch(_GROUPED, value):
        return False
    return bool(re.fullmatch(r"[+-]?(\d*\.\d+|\d{4,})", value))


def _told_by_others(raw: RawTable, column: RawColumn) -> bool | None:
    """What other columns of the source say: those all of whose values are numbers, some with one or two decimals."""
    others = [other for other in raw.columns if other.name != column.name and other.kind is RawKind.TEXT]
    if any(_written(other, _COMMA_DECIMALS, ".") for other in others):
        return True
    return False if any(_written(other, _POINT_DECIMALS, ",") for other in others) else None


def _written(column: RawColumn, form: re.Pattern[str], thousands: str) -> bool:
    """Tell a column of numbers of which some have the form, the others being whole."""
    whole = re.compile(rf"\s*-?\d{{1,3}}({re.escape(thousands)}?\d{{3}})*-?\s*")
    formed = [bool(form.fullmatch(sample)) for sample in column.samples]
    fits = (has or whole.fullmatch(sample) for has, sample in zip(formed, column.samples, strict=True))
    return any(formed) and all(fits)


def not_with_a_point(number: str) -> str:
    """SQL: NULL for a number that a decimal point is in, where a comma begins the decimals by the user's word."""
    return f"CASE WHEN regexp_full_match({number}, {quoted(_WITH_A_POINT)}) THEN NULL ELSE {number} END"
