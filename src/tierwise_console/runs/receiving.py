"""Dropped files: how long, of what kind by their content, and never to be unpacked into more than we can take."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text

MOST_BYTES = 1 << 30
MOST_UNPACKED_BYTES = 2 << 30
MOST_RATIO = 200
MOST_ENTRIES = 10_000
_HEAD = 4096
_BLOCK = 1 << 20

TOO_LARGE = ErrorKind(
    "upload.too_large",
    Family.DATA,
    what=Text("{name} is larger than {most} MB", "{name} 超过 {most} MB"),
    cause=Text(
        "larger files are read from disk, not sent through the browser",
        "更大的文件应直接从磁盘读取，而不是经浏览器上传",
    ),
    cure=Text(
        "put it beside tierwise.yaml and name it there under sources, or import it with `tierwise run`",
        "请放到 tierwise.yaml 所在目录，并在 sources 中登记，再运行 tierwise run",
    ),
)
BOMB = ErrorKind(
    "upload.bomb",
    Family.DATA,
    what=Text("{name} unpacks into far more than its size", "{name} 解压后体积异常膨胀"),
    cause=Text(
        "a workbook is a packed archive, and this one is made to fill memory",
        "工作簿是压缩包，而此文件解压后会耗尽内存",
    ),
    cure=Text("save the sheet as CSV and drop that", "请另存为 CSV 后上传"),
)
NOT_DATA = ErrorKind(
    "upload.not_data",
    Family.DATA,
    what=Text("{name} is no table of data", "{name} 不是数据表文件"),
    cause=Text("its content is that of a {kind}, whatever its name says", "其内容为 {kind}，与文件名无关"),
    cure=Text("drop CSV, TSV, .xlsx, Parquet or JSON lines", "请上传 CSV、TSV、.xlsx、Parquet 或 JSON Lines"),
)
EMPTY = ErrorKind(
    "upload.empty",
    Family.DATA,
    what=Text("{name} is empty", "{name} 是空文件"),
    cause=Text("it has no bytes", "文件没有内容"),
    cure=Text("export it again from the system it comes from", "请从原系统重新导出"),
)
_OTHERS = {
    b"%PDF": Text("PDF document", "PDF 文档"), b"\x89PNG": Text("picture", "图片"), b"\xff\xd8\xff": Text("picture", "图片"),
    b"GIF8": Text("picture", "图片"), b"\x7fELF": Text("program", "程序"), b"MZ": Text("program", "程序"),
    b"\x1f\x8b": Text("gzip archive", "gzip 压缩包"), b"Rar!": Text("archive", "压缩包"), b"7z\xbc\xaf": Text("archive", "压缩包"),
}  # fmt: skip
_BOTH_BYTES = (b"\xff\xfe", b"\xfe\xff")


def keep(upload: Any, target: Path) -> int:
    """Write an uploaded file to disk, checked; returns its bytes. Nothing is left where it is refused."""
    name = str(upload.name)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        written = _write(upload, target, name)
        _check_content(target, name)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return written


def _write(upload: Any, target: Path, name: str) -> int:
    written = 0
    with target.open("xb") as file:
        for block in upload.chunks(_BLOCK):
            written += len(block)
            if written > MOST_BYTES:
                raise TOO_LARGE.error(Place(file=name), name=name, most=MOST_BYTES >> 20)
            file.write(block)
    if not written:
        raise EMPTY.error(Place(file=name), name=name)
    return written


def _check_content(file: Path, name: str) -> None:
    """Tell by the first bytes what it is: readers of the core know text, workbooks, Parquet and JSON."""
    with file.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith(b"PAR1") or head.startswith(b"\xd0\xcf\x11\xe0"):
        return
    if head.startswith(b"PK\x03\x04"):
        _check_workbook(file, name)
        return
    for magic, kind in _OTHERS.items():
        if head.startswith(magic):
            raise NOT_DATA.error(Place(file=name), name=name, kind=kind)
    if b"\x00" in head and not head.startswith(_BOTH_BYTES):
        raise NOT_DATA.error(Place(file=name), name=name, kind=Text("binary file", "二进制文件"))


def _check_workbook(file: Path, name: str) -> None:
    """Unpack a workbook once into nothing, counting: what its index says of sizes need not be true."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if not any(entry.filename == "xl/workbook.xml" for entry in entries):
                raise NOT_DATA.error(Place(file=name), name=name, kind=Text("zip archive", "zip 压缩包"))
            if len(entries) > MOST_ENTRIES:
                raise BOMB.error(Place(file=name), name=name)
            _count(archive, entries, file.stat().st_size, name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise NOT_DATA.error(Place(file=name), name=name, kind=Text("damaged archive", "损坏的压缩包")) from error


def _count(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], packed: int, name: str) -> None:
    most = min(MOST_UNPACKED_BYTES, max(packed * MOST_RATIO, 50 << 20))
    if sum(entry.file_size for entry in entries) > most:
        raise BOMB.error(Place(file=name), name=name)
    unpacked = 0
    for entry in entries:
        with archive.open(entry) as stream:
            while block := stream.read(_BLOCK):
                unpacked += len(block)
                if unpacked > most:
                    raise BOMB.error(Place(file=name), name=name)
