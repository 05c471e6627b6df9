"""Text files: which encoding they are in, what they hash to, and a clean UTF-8 copy where the engine needs one."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from tierwise.errors import ErrorKind, Family, Place, TierwiseError
from tierwise.language import Text
from tierwise.sources.problems import DAMAGED, EMPTY

NOT_TEXT = ErrorKind(
    "input.not_text",
    Family.DATA,
    what=Text("{path} is not a text file", "{path} 不是文本文件"),
    cause=Text("it holds zero bytes, as programs and images do", "其中含有零字节，是程序、图片一类的二进制文件"),
    cure=Text(
        "save it as CSV, .xlsx or Parquet from the program it belongs to",
        "请在生成它的软件中另存为 CSV、.xlsx 或 Parquet",
    ),
)
WRONG_ENCODING = ErrorKind(
    "input.encoding",
    Family.DATA,
    what=Text("{path} is not in {encoding}", "{path} 的编码不是 {encoding}"),
    cause=Text("byte {offset} cannot be read in it", "第 {offset} 个字节无法按该编码读取"),
    cure=Text(
        "save the file as UTF-8, or name its encoding, as in --encoding cp1252",
        "请把文件另存为 UTF-8，或用 --encoding 指明编码，例如 --encoding cp1252",
    ),
)
UNKNOWN_ENCODING = ErrorKind(
    "input.unknown_encoding",
    Family.USAGE,
    what=Text("no encoding is called {encoding}", "没有名为 {encoding} 的编码"),
    cause=Text(
        "--encoding takes a name such as utf-8, gb18030 or utf-16",
        "--encoding 应是 utf-8、gb18030、utf-16 等名称",
    ),
    cure=Text("leave the option out to have the encoding found", "不写该选项即可自动识别编码"),
)

_CHUNK = 1 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file that DuckDB can read at `path`: UTF-8, one kind of line end; `original` is what it was made of.

    `quoted_line_ends` tells that a cell may hold several lines, so that no line can be trusted to begin a row.
    """

    original: Path
    path: Path
    compressed: bool
    encoding: str
    fingerprint: str
    quoted_line_ends: bool


@dataclass
class _Facts:
    fingerprint: str
    zero_bytes: bool
    mixed_line_ends: bool
    sample: bytes
    quoted_line_ends: bool = False
    open_quote: bool = False
    bad_utf8_at: int | None = None
    bad_sample: bytes = b""


def prepare_text(path: Path, encoding: str | None, scratch: Path) -> TextFile:
    """Find the encoding of a file (or check the one given) and copy it as UTF-8 where it is anything else.

    The file is read once from end to end, in constant memory. Raises `input.not_text`, `input.encoding`,
    `input.damaged` (a compressed file that was cut off), `input.empty`.
    """
    compressed = _magic(path, b"\x1f\x8b")
    facts = _look_through(path, compressed)
    if not facts.sample.removeprefix(codecs.BOM_UTF8).strip():
        raise EMPTY.error(path=str(path))
    found = _checked_name(encoding) if encoding else _find_encoding(path, compressed, facts)
    if found == "utf-8" and facts.bad_utf8_at is not None and not _mostly_utf8(facts.bad_sample):
        raise _not_utf8(path, compressed, facts.bad_utf8_at)
    quoted_line_ends = facts.quoted_line_ends or facts.open_quote or found.startswith("utf-16")
    if found in ("utf-8", "utf-8-sig") and not facts.mixed_line_ends and not facts.open_quote:
        return TextFile(path, path, compressed, found, facts.fingerprint, quoted_line_ends)
    copy = scratch / f"{path.stem}.{facts.fingerprint[:12]}.utf8"
    _transcode(path, compressed, found, copy)
    if facts.open_quote:
        _make_open_quote_seen(copy)
    return TextFile(path, copy, False, found, facts.fingerprint, quoted_line_ends)


def open_bytes(text: TextFile) -> BinaryIO:
    """Open the text as DuckDB sees it, uncompressed."""
    return cast("BinaryIO", gzip.open(text.path, "rb")) if text.compressed else text.path.open("rb")


def _make_open_quote_seen(copy: Path) -> None:
    """End the text with a letter behind a quote: a cell that is still open becomes an error, where the engine would
    drop it without a word; where none is open, the addition is dropped likewise.
    """
    with copy.open("ab") as file:
        file.write(b'\n"x\n')


def _magic(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


def _look_through(path: Path, compressed: bool) -> _Facts:
    decoder = codecs.getincrementaldecoder("utf-8")()
    facts = _Facts(_sha256(path) if compressed else "", False, False, b"")
    digest = hashlib.sha256()
    quotes = offset = line_feeds = returns = pairs = 0
    last = b""
    for chunk in _chunks(path, compressed):
        digest.update(chunk)
        facts.sample = facts.sample or chunk
        facts.zero_bytes = facts.zero_bytes or b"\0" in chunk
        line_feeds += chunk.count(b"\n")
        returns += chunk.count(b"\r")
        facts.quoted_line_ends = facts.quoted_line_ends or _has_quoted_line_end(chunk, quotes)
        quotes += chunk.count(b'"')
        pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
        if facts.bad_utf8_at is None:
            facts.bad_utf8_at = _first_bad(decoder, chunk, offset)
            facts.bad_sample = chunk
        offset += len(chunk)
        last = chunk[-1:]
    if facts.bad_utf8_at is None and decoder.getstate()[0]:
        facts.bad_utf8_at = offset
    facts.open_quote = quotes % 2 == 1
    facts.mixed_line_ends = sum((line_feeds > pairs, returns > pairs, pairs > 0)) > 1
    facts.fingerprint = facts.fingerprint or digest.hexdigest()
    return facts


def _has_quoted_line_end(chunk: bytes, quotes_before: int) -> bool:
    """Tell a line end behind an odd number of quotes: it is inside a cell, or the quotes cannot be trusted."""
    if b'"' not in chunk:
        return quotes_before % 2 == 1 and (b"\n" in chunk or b"\r" in chunk)
    import numpy as np

    letters = np.frombuffer(chunk, np.uint8)
    line_ends = np.flatnonzero((letters == ord("\n")) | (letters == ord("\r")))
    before = np.searchsorted(np.flatnonzero(letters == ord('"')), line_ends)
    return bool(((before + quotes_before) % 2 == 1).any())


def _first_bad(decoder: codecs.IncrementalDecoder, chunk: bytes, offset: int) -> int | None:
    held = len(decoder.getstate()[0])
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError as error:
        return offset - held + error.start
    return None


def _chunks(path: Path, compressed: bool) -> Iterator[bytes]:
    try:
        with cast("BinaryIO", gzip.open(path, "rb")) if compressed else path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DAMAGED.error(Place(file=str(path)), path=str(path), reason=str(error)) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _find_encoding(path: Path, compressed: bool, facts: _Facts) -> str:
    for bom, name in _BOMS:
        if facts.sample.startswith(bom):
            return name
    if facts.zero_bytes:
        return _utf16_without_mark(path, facts.sample)
    if facts.bad_utf8_at is not None and not _mostly_utf8(facts.bad_sample) and _looks_chinese(facts.bad_sample):
        return "gb18030"
    return "utf-8"


def _not_utf8(path: Path, compressed: bool, offset: int) -> TierwiseError:
    place = Place(file=str(path), line=_line_at(path, compressed, offset))
    return WRONG_ENCODING.error(place, path=str(path), encoding="UTF-8", offset=offset)


def _utf16_without_mark(path: Path, sample: bytes) -> str:
    """Tell UTF-16 by its zeros, which for ASCII letters are all on even or all on odd places."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > len(sample) // 8 and not even:
        return "utf-16-le"
    if even > len(sample) // 8 and not odd:
        return "utf-16-be"
    raise NOT_TEXT.error(Place(file=str(path)), path=str(path))


def _mostly_utf8(sample: bytes) -> bool:
    """Tell UTF-8 with a few broken bytes, whose rows are set aside, from another encoding."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(character > "\u07ff" for character in text) - broken > 10 * broken


def _looks_chinese(sample: bytes) -> bool:
    """Tell GB18030 from Latin letters with accents, whose second byte is mostly a plain letter.

    Nearly every Chinese character in use has both bytes above 0xA0.
    """
    pairs = list(_double_bytes(sample))
    return bool(pairs) and sum(second >= 0xA1 for _, second in pairs) >= 0.7 * len(pairs)


def _double_bytes(sample: bytes) -> Iterator[tuple[int, int]]:
    position = 0
    while position + 1 < len(sample):
        if sample[position] >= 0x80:
            yield sample[position], sample[position + 1]
            position += 1
        position += 1


def _checked_name(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise UNKNOWN_ENCODING.error(encoding=encoding) from error


def _line_at(path: Path, compressed: bool, offset: int) -> int:
    """Return the line, from 1, that the byte at `offset` is on."""
    lines = 1
    for chunk in _chunks(path, compressed):
        lines += chunk[:offset].count(b"\n")
        offset -= len(chunk)
        if offset <= 0:
            break
    return lines


def _transcode(path: Path, compressed: bool, encoding: str, target: Path) -> None:
    """Copy the text as UTF-8 with one kind of line end, a megabyte at a time."""
    errors = "surrogateescape" if encoding.startswith("utf-8") else "strict"  # broken rows are told apart later
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    lines = io.IncrementalNewlineDecoder(None, translate=True)
    read = 0
    with target.open("wb") as out:
        try:
            for chunk in _chunks(path, compressed):
                held = len(decoder.getstate()[0])
                out.write(lines.decode(decoder.decode(chunk)).encode("utf-8", errors))
                read += len(chunk)
            out.write(lines.decode(decoder.decode(b"", final=True), final=True).encode("utf-8", errors))
        except UnicodeDecodeError as error:
            out.close()
            target.unlink()
            offset = read - held + error.start
            raise WRONG_ENCODING.error(
                Place(file=str(path), line=_line_at(path, compressed, offset)),
                path=str(path), encoding=encoding.upper(), offset=offset,
            ) from error  # fmt: skip
