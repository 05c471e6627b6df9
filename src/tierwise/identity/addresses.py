"""Addresses to province and city, and to the parts by which two of them are compared.

`street` ends with the house number of the street; `door` holds the last number after it. 13栋4单元1201, 13-4-1201 and
13号楼1201室 share a door.
"""

from __future__ import annotations

from collections.abc import Iterable

from tierwise.identity.folding import extracted, literal, one_of, replaced, staged
from tierwise.identity.places import CITIES, CITY_SUFFIXES, MUNICIPALITIES, PROVINCE_SUFFIXES, PROVINCES

_DISTRICT = r"^(\p{Han}{1,6}?(?:新区|园区|区|县|旗))"
_NO_LETTER = r"[^\p{L}\p{N}]+"
_CITIES = one_of(tuple(CITIES))
_OUTER = one_of([province for province in PROVINCES if province not in MUNICIPALITIES])
_OUTER_SUFFIXES = one_of([suffix for suffix in PROVINCE_SUFFIXES if suffix != "市"])
# A province is one where its suffix or one of the cities follows: 吉林市 is a city, 吉林省 and 吉林长春 are not.
_PROVINCE = rf"^(?:中国)?({one_of(PROVINCES)})(?:{one_of(PROVINCE_SUFFIXES)}|\s*(?:{_CITIES}))"
_AFTER_PROVINCE = rf"^(?:中国)?(?:(?:{_OUTER})(?:{_OUTER_SUFFIXES}|[ ,]+))?\s*"
_AFTER_SHORT_PROVINCE = rf"^(?:中国)?(?:{_OUTER})?\s*"
_CITY = rf"(?:(?:{_CITIES})(?:{one_of(CITY_SUFFIXES)})?)"
_CHINESE_STREET = r"^([^0-9]*\p{Han}[^0-9]*[0-9]+)"
_WESTERN_STREETS = ("([0-9]+[a-z]? [a-z]{2,})", "([a-z]{3,} [0-9]+)")
_LAST_NUMBER = r"[0-9]+\D+(?:.*\D)?([0-9]+)\D*$"


def address_forms(rows: str) -> str:
    """SQL: rows (value, clean) with province, city, district, key, street and door."""
    city = f"coalesce({extracted('small', f'{_AFTER_PROVINCE}({_CITIES})')}, {extracted('small', f'{_AFTER_SHORT_PROVINCE}({_CITIES})')})"
    placed = replaced(replaced("small", f"{_AFTER_PROVINCE}{_CITY}*", ""), f"{_AFTER_SHORT_PROVINCE}{_CITY}+", "")
    streets = (_CHINESE_STREET, *_WESTERN_STREETS)
    finished = staged(
        rows,
        {"small": "lower(strip_accents(clean))"},
        {"city": city, "named_province": extracted("small", _PROVINCE), "rest": placed},
        {
            "province": f"coalesce({_province_of('city')}, named_province)",
            "district": extracted("rest", _DISTRICT),
            "key": f"nullif(trim({replaced(replaced('rest', _DISTRICT, ''), _NO_LETTER, ' ')}), '')",
        },
        {
            "street": f"coalesce({', '.join(extracted('key', street) for street in streets)})",
            "door": extracted("key", _LAST_NUMBER),
        },
    )
    return f"SELECT value, clean, province, city, district, key, street, door FROM ({finished})"


def clean_city(plain: str) -> str:
    """SQL: a folded city in small letters, without 市 and the like where it is a Chinese one."""
    suffixed = rf"^(?:(?:{one_of(PROVINCES)})省)?(\p{{Han}}{{2,}}?)(?:{one_of(CITY_SUFFIXES)})$"
    return replaced(f"lower(strip_accents({plain}))", suffixed, r"\1")


def _province_of(city: str) -> str:
    named = sorted(set(CITIES.values()))
    cities = {name: [c for c, province in CITIES.items() if province == name] for name in named}
    return f"CASE {' '.join(f'WHEN {city} IN ({_list(cities[name])}) THEN {literal(name)}' for name in named)} END"


def _list(names: Iterable[str]) -> str:
    return ", ".join(literal(name) for name in names)
