"""Chinese characters as they sound and as they are simplified: a table of characters, made once, joined in SQL.

Only the characters that occur are looked up, so that no name is ever handled in Python. Simplified forms come
from OpenCC's table of single characters, readings without tones from pypinyin. Both are forms to compare by;
what a customer wrote is never replaced with them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.folding import literal

_HAN = r"^\p{Han}$"
# Surnames that are read differently from the same character elsewhere.
SURNAME_READINGS = {
    "曾": "zeng", "单": "shan", "解": "xie", "仇": "qiu", "查": "zha", "任": "ren", "朴": "piao", "区": "ou", "盖": "ge",
    "翟": "zhai", "覃": "qin", "乐": "yue", "尉": "wei", "万": "wan", "缪": "miao", "宓": "mi", "折": "she", "种": "chong",
    "冼": "xian", "洗": "xian", "繁": "po", "秘": "bi", "员": "yun", "召": "shao", "晟": "cheng", "黑": "he", "长": "zhang",
}  # fmt: skip


def spell(engine: DuckDBEngine, name: str, values: str) -> str:
    """Make table `name` (value, simplified, pinyin) of the distinct texts that the query `values` yields as `value`.

    `pinyin` joins the readings of Chinese characters, in small letters and without tones; the rest stays as it is.
    """
    chosen = f"SELECT DISTINCT value FROM ({values}) WHERE value IS NOT NULL"
    split = "unnest(string_split(value, '')) AS letter, generate_subscripts(string_split(value, ''), 1) AS place"
    letters = f"SELECT value, {split} FROM ({chosen})"
    engine.native(f"{name} letters", f'CREATE OR REPLACE TEMP TABLE "{name}_letters" AS {letters}')
    found = engine.native(
        f"{name} characters",
        f'SELECT DISTINCT letter FROM "{name}_letters" WHERE regexp_matches(letter, {literal(_HAN)}) ORDER BY letter',
    )
    engine.register(f"{name}_characters", readings([row[0] for row in found]))
    engine.native(
        name,
        f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT value,'
        " string_agg(coalesce(simplified, letter), '' ORDER BY place) AS simplified,"
        " string_agg(coalesce(reading, letter), '' ORDER BY place) AS pinyin"
        f' FROM "{name}_letters" LEFT JOIN "{name}_characters" ON letter = character GROUP BY value',
    )
    engine.unregister(f"{name}_characters")
    engine.native(f"{name} done", f'DROP TABLE "{name}_letters"')
    return name


def surname_reading(simplified: str) -> str:
    """SQL: the reading of the first character where it is a surname with a reading of its own, else null."""
    cases = " ".join(f"WHEN {literal(c)} THEN {literal(r)}" for c, r in SURNAME_READINGS.items())
    return f"CASE left({simplified}, 1) {cases} END"


def readings(characters: list[str]) -> Any:
    """Return a table of characters with their simplified form and their reading."""
    import pyarrow as pa

    columns = {
        "character": characters,
        "simplified": [simplified_of(character) for character in characters],
        "reading": [reading_of(character) for character in characters],
    }
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


@lru_cache(maxsize=50_000)
def simplified_of(character: str) -> str:
    """Return the simplified form of one character; what is not Chinese stays as it is."""
    return character if character.isascii() else str(_to_simplified().convert(character))


@lru_cache(maxsize=50_000)
def reading_of(character: str) -> str:
    """Return the reading of one character, without tone; what is not Chinese stays as it is."""
    if character.isascii():
        return character
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin([simplified_of(character)], errors=_as_it_is))


@lru_cache(maxsize=1)
def _to_simplified() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def _as_it_is(character: str) -> str:
    """What pypinyin is to say of a character that it has no reading for."""
    return character
