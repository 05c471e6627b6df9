"""Which encoding the bytes of a text file are in, where no mark says it: UTF-8, UTF-16, GB18030 or Western European."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
"""What a file may begin with; the marks of UTF-32 come before those of UTF-16, whose beginning is the same."""
_WESTERN = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŠšŽžŸ€£§°²³ºª«»¿¡®©™‘’“”„‚–—…•·´¨×±½¼¾µ%\u00a0"
)
_NOT_WITHIN_WORDS = frozenset("£§°²³ºª«»¿¡®©™„•¨×±½¼¾€")
_ENOUGH = 0.95


def from_mark(sample: bytes) -> str | None:
    """The encoding that the first bytes of a file tell."""
    return next((name for mark, name in BYTE_ORDER_MARKS if sample.startswith(mark)), None)


def utf16_without_mark(sample: bytes) -> str | None:
    """Tell UTF-16 by its zeros, which for ASCII letters are all on even or all on odd places."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > len(sample) // 8 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > len(sample) // 8 and not odd else None


def is_mostly_utf8(sample: bytes) -> bool:
    """Tell UTF-8 with a few broken bytes, whose rows are set aside, from another encoding."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(character > "\u07ff" for character in text) - broken > 10 * broken


def looks_chinese(sample: bytes) -> bool:
    """Tell GB18030 from Latin letters with accents, whose second byte is mostly a plain letter.

    Nearly every Chinese character in use has both bytes above 0xA0.
    """
    pairs = list(_double_bytes(sample))
    return bool(pairs) and sum(second >= 0xA1 for _, second in pairs) >= 0.7 * len(pairs)


def looks_western(sample: bytes) -> bool:
    """Tell Windows-1252, what SAP and Excel write in Western Europe: lone letters with accents among plain ones.

    Cyrillic and Greek stand in whole words of high bytes; Polish and Czech put signs of this table within words.
    """
    text = sample.decode("cp1252", "replace")
    high = [place for place, letter in enumerate(text) if letter > "\x7f"]
    fitting = sum(text[place] in _WESTERN and not _is_odd(text, place) for place in high)
    return bool(high) and fitting >= _ENOUGH * len(high)


def _is_odd(text: str, place: int) -> bool:
    """Tell a letter that stands as no Western language has it: three high ones together, or a sign within a word."""
    around = text[max(place - 2, 0) : place + 3]
    if any(all(letter > "\x7f" for letter in around[n : n + 3]) for n in range(len(around) - 2)):
        return True
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    return text[place] in _NOT_WITHIN_WORDS and before.isalpha() and after.isalpha()


def _double_bytes(sample: bytes) -> Iterator[tuple[int, int]]:
    position = 0
    while position + 1 < len(sample):
        if sample[position] >= 0x80:
            yield sample[position], sample[position + 1]
            position += 1
        position += 1
