"""Telephone numbers to E.164, with what still helps to compare where a number is masked or not valid.

Numbers that look like a mobile number of the home region are read in SQL, by the pattern that phonenumbers has for
it; only the distinct others are handed to phonenumbers itself, in batches. A number without a country code is
taken to be of the home region.
"""

from __future__ import annotations

from typing import Any

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import ErrorKind, Family
from tierwise.identity.folding import extracted, folded, quoted, replaced
from tierwise.language import Text

_BATCH_ROWS = 50_000
_SEPARATORS = r"[\s().\-‐-―/·_]"
UNKNOWN_REGION = ErrorKind(
    "identity.unknown_region",
    Family.CONFIG,
    what=Text("“{region}” is no region of telephone numbers", "“{region}”不是有效的电话号码地区"),
    cause=Text("regions are two letters of ISO 3166", "地区须为 ISO 3166 的两位字母代码"),
    cure=Text("write CN, US, DE …", "请写成 CN、US、DE 等"),
)


def to_e164(phone: str, region: str) -> str | None:
    """Return a number as `+8613800138000`, or None where it is not a valid number seen from `region`."""
    import phonenumbers

    try:
        number = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number) or number.extension:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def standardise_phones(engine: DuckDBEngine, table: str, column: str, name: str, region: str) -> None:
    """Make table `name` (value, clean, digits, tail) of a column's distinct values.

    `clean` is E.164 or null; `digits` what can be compared where it is null, `*` for what is masked; `tail` the last
    four digits where there are any.
    """
    packed, clean = quick_number(region)
    distinct = f"SELECT DISTINCT CAST({quoted(column)} AS VARCHAR) AS value FROM {quoted(table)}"
    engine.native(
        name,
        f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS SELECT value, packed, {clean} AS clean"
        f" FROM (SELECT value, {packed} AS packed FROM ({distinct}))",
    )
    _ask_the_library(engine, name, region)
    engine.native(
        f"{name} compared",
        f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {compared_numbers(quoted(name), region)}",
    )


def quick_number(region: str) -> tuple[str, str]:
    """SQL over `value`: the number without separators; and over that, `packed`: E.164 where it is a mobile one."""
    code, mobile = _home(region)
    quick = extracted("packed", rf"^(?:\+?{code}|00{code})?({mobile})$")
    return replaced(folded("value"), _SEPARATORS, ""), f"'+{code}' || {quick}"


def compared_numbers(rows: str, region: str) -> str:
    """SQL: rows (value, packed, clean) with the digits and the tail by which numbers are compared."""
    code, _ = _home(region)
    digits = f"coalesce(substr(clean, 2), {replaced('packed', r'[^0-9*]', '')})"
    bare = f"CASE WHEN length({digits}) > 10 THEN {replaced(digits, rf'^(?:00)?{code}', '')} ELSE {digits} END"
    return (
        f"SELECT value, clean, CASE WHEN length({bare}) >= 5 THEN {bare} END AS digits,"
        f" {extracted(digits, r'([0-9]{4})$')} AS tail FROM {rows}"
    )


def _home(region: str) -> tuple[int, str]:
    """The country code of a region and the pattern of its mobile numbers."""
    import phonenumbers

    found = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if found is None or found.mobile is None:
        raise UNKNOWN_REGION.error(region=region)
    return int(found.country_code or 0), str(found.mobile.national_number_pattern)


def _ask_the_library(engine: DuckDBEngine, name: str, region: str) -> None:
    """Fill `clean` for the values that the quick pattern left, batch by batch."""
    left = f"SELECT value FROM {quoted(name)} WHERE clean IS NULL AND regexp_matches(packed, '[0-9]{{5}}') AND packed NOT LIKE '%*%'"
    engine.native(
        f"{name} left",
        f"CREATE OR REPLACE TEMP TABLE phones_left AS SELECT row_number() OVER () AS n, value FROM ({left})",
    )
    engine.native(f"{name} asked", "CREATE OR REPLACE TEMP TABLE phones_asked (value VARCHAR, clean VARCHAR)")
    rows = engine.native(f"{name} count", "SELECT count(*) FROM phones_left")[0][0]
    for start in range(0, rows, _BATCH_ROWS):
        batch = engine.native(
            f"{name} batch", f"SELECT value FROM phones_left WHERE n > {start} AND n <= {start + _BATCH_ROWS}"
        )
        engine.register("phones_batch", _answers([str(row[0]) for row in batch], region))
        engine.native(f"{name} batch", "INSERT INTO phones_asked SELECT * FROM phones_batch WHERE clean IS NOT NULL")
        engine.unregister("phones_batch")
    engine.native(
        f"{name} filled",
        f"UPDATE {quoted(name)} SET clean = asked.clean FROM phones_asked asked WHERE {quoted(name)}.value = asked.value",
    )
    engine.native(f"{name} done", "DROP TABLE phones_left; DROP TABLE phones_asked")


def _answers(values: list[str], region: str) -> Any:
    import pyarrow as pa

    clean = [to_e164(value, region) for value in values]
    return pa.table({"value": pa.array(values, pa.string()), "clean": pa.array(clean, pa.string())})
