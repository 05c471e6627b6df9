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
from tierwise.sources.encodings import from_mark, is_mostly_utf8, looks_chinese, looks_western, utf16_without_mark
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

WESTERN = "cp1252"
_CHUNK = 1 << 20
_ZEROS_OF_A_PROGRAM = 1000
"""A zero byte in so many is more than a fault of some system's export."""
_READ_AS_WESTERN = Text(
    "the file is not UTF-8 and is read as Western European (cp1252): look at names with accents, or name the encoding",
    "文件不是 UTF-8，已按西欧编码（cp1252）读取：请核对带重音的名称，或指明编码",
)
_ZEROS_LEFT_OUT = Text("{count} zero bytes in the file are left out", "文件中的 {count} 个零字节已略去")


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file that DuckDB can read at `path`: UTF-8, one kind of line end; `original` is what it was made of.

    `quoted_line_ends` tells that a cell may hold several lines, so that no line can be trusted to begin a row.
    `doubts` are what the user should know of how it was read; `lines_before` counts the lines of the file that come
    before those at `path`.
    """

    original: Path
    path: Path
    compressed: bool
    encoding: str
    fingerprint: str
    quoted_line_ends: bool
    doubts: tuple[Text, ...] = ()
    lines_before: int = 0


@dataclass
class _Facts:
    fingerprint: str
    sample: bytes = b""
    size: int = 0
    zero_bytes: int = 0
    mixed_line_ends: bool = False
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
    found = _checked_name(encoding) if encoding else _find_encoding(path, facts)
    if found == "utf-8" and facts.bad_utf8_at is not None and not is_mostly_utf8(facts.bad_sample):
        raise _not_utf8(path, compressed, facts.bad_utf8_at)
    quoted_line_ends = facts.quoted_line_ends or facts.open_quote or found.startswith(("utf-16", "utf-32"))
    zeros = 0 if found.startswith(("utf-16", "utf-32")) else facts.zero_bytes
    doubts = tuple(_doubts(found, zeros, told=encoding is not None))
    if found in ("utf-8", "utf-8-sig") and not facts.mixed_line_ends and not facts.open_quote and not zeros:
        return TextFile(path, path, compressed, found, facts.fingerprint, quoted_line_ends)
    copy = scratch / f"{path.stem}.{facts.fingerprint[:12]}.utf8"
    _transcode(path, compressed, found, copy, without_zeros=zeros > 0)
    if facts.open_quote:
        _make_open_quote_seen(copy)
    return TextFile(path, copy, False, found, facts.fingerprint, quoted_line_ends, doubts)


def _doubts(encoding: str, zeros: int, told: bool) -> Iterator[Text]:
    if encoding == WESTERN and not told:
        yield _READ_AS_WESTERN
    if zeros:
        yield _ZEROS_LEFT_OUT.fill(count=f"{zeros:,}")


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
    facts = _Facts(_sha256(path) if compressed else "")
    digest = hashlib.sha256()
    quotes = offset = line_feeds = returns = pairs = 0
    last = b""
    for chunk in _chunks(path, compressed):
        digest.update(chunk)
        facts.sample = facts.sample or chunk
        facts.zero_bytes += chunk.count(0)
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
    facts.size = offset
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


def _find_encoding(path: Path, facts: _Facts) -> str:
    if marked := from_mark(facts.sample):
        return marked
    if facts.zero_bytes:
        if wide := utf16_without_mark(facts.sample):
            return wide
        if facts.zero_bytes * _ZEROS_OF_A_PROGRAM > facts.size:
            raise NOT_TEXT.error(Place(file=str(path)), path=str(path))
    if facts.bad_utf8_at is None or is_mostly_utf8(facts.bad_sample):
        return "utf-8"
    if looks_chinese(facts.bad_sample):
        return "gb18030"
    return WESTERN if looks_western(facts.bad_sample) else "utf-8"


def _not_utf8(path: Path, compressed: bool, offset: int) -> TierwiseError:
    place = Place(file=str(path), line=_line_at(path, compressed, offset))
    return WRONG_ENCODING.error(place, path=str(path), encoding="UTF-8", offset=offset)


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


def _transcode(path: Path, compressed: bool, encoding: str, target: Path, without_zeros: bool) -> None:
    """Copy the text as UTF-8 with one kind of line end, a megabyte at a time."""
    errors = "surrogateescape" if encoding.startswith("utf-8") else "strict"  # broken rows are told apart later
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    lines = io.IncrementalNewlineDecoder(None, translate=True)
    read = before = held = 0
    with target.open("wb") as out:
        try:
            for chunk in _chunks(path, compressed):
                held, before = len(decoder.getstate()[0]), read
                read += len(chunk)
                kept = chunk.replace(b"\0", b"") if without_zeros else chunk
                out.write(lines.decode(decoder.decode(kept)).encode("utf-8", errors))
            held, before = len(decoder.getstate()[0]), read
            out.write(lines.decode(decoder.decode(b"", final=True), final=True).encode("utf-8", errors))
        except UnicodeDecodeError as error:
            out.close()
            target.unlink()
            offset = before - held + error.start
            raise WRONG_ENCODING.error(
                Place(file=str(path), line=_line_at(path, compressed, offset)),
                path=str(path), encoding=encoding.upper(), offset=offset,
            ) from error  # fmt: skip
