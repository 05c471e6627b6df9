"""How alike two texts are, as DuckDB counts it: over the bytes of UTF-8, so that single records weigh what tables do.

The file stands alone: it travels as it is to the executors of a Spark cluster, which need nothing else of ours.
"""

from __future__ import annotations

from functools import lru_cache

LEAST_LIKE = 0.75
"""Two typos in six characters leave more than this."""
_BOOST_FROM = 0.7
_LONGEST_PREFIX = 4


@lru_cache(maxsize=50_000)
def jaro_winkler(left: str, right: str) -> float:
    """Return the Jaro-Winkler similarity, 0 to 1; a common beginning counts from a similarity of 0.7 on."""
    a, b = left.encode(), right.encode()
    if a == b:
        return 1.0 if a else 0.0
    plain = _jaro(a, b)
    if plain <= _BOOST_FROM:
        return plain
    prefix = 0
    while prefix < min(_LONGEST_PREFIX, len(a), len(b)) and a[prefix] == b[prefix]:
        prefix += 1
    return plain + prefix * 0.1 * (1 - plain)


def _jaro(a: bytes, b: bytes) -> float:
    if not a or not b:
        return 0.0
    reach = max(max(len(a), len(b)) // 2 - 1, 0)
    places: dict[int, int] = {}
    for place, byte in enumerate(b):
        places[byte] = places.get(byte, 0) | 1 << place
    found, taken = bytearray(), 0
    window = (1 << (2 * reach + 1)) - 1
    for place, byte in enumerate(a):
        near = window << (place - reach) if place >= reach else window >> (reach - place)
        free = places.get(byte, 0) & near & ~taken
        if free:
            taken |= free & -free
            found.append(byte)
    if not found:
        return 0.0
    others = bytes(byte for place, byte in enumerate(b) if taken >> place & 1)
    swapped = sum(x != y for x, y in zip(found, others, strict=True)) // 2
    same = len(found)
    return (same / len(a) + same / len(b) + (same - swapped) / same) / 3


@lru_cache(maxsize=50_000)
def damerau_levenshtein(left: str, right: str) -> int:
    """Return how many bytes must be typed anew, left out, added or swapped, to make one text of the other."""
    a, b = left.encode(), right.encode()
    far = len(a) + len(b)
    rows: list[list[int]] = [[far] * (len(b) + 2), [far, *range(len(b) + 1)]]
    last_row: dict[int, int] = {}
    for i, byte in enumerate(a, 1):
        row, last = [far, i], 0
        for j, other in enumerate(b, 1):
            known = last_row.get(other, 0)
            swapped = rows[known][last] + (i - known - 1) + 1 + (j - last - 1)
            row.append(min(rows[i][j] + (byte != other), row[j] + 1, rows[i][j + 1] + 1, swapped))
            if byte == other:
                last = j
        rows.append(row)
        last_row[byte] = i
    return rows[-1][-1]
