"""What a dropped file may be."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tierwise.errors import TierwiseError
from tierwise_console.runs import receiving
from tierwise_console.runs.importing import template_of


def workbook(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def lying(content: bytes) -> bytes:
    """A workbook whose index says of its one large entry that it is small."""
    packed = bytearray(workbook({"xl/workbook.xml": b"x", "xl/sheet.xml": content}))
    size = len(content).to_bytes(4, "little")
    return bytes(packed.replace(size, (10).to_bytes(4, "little")))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("orders.csv", b"%PDF-1.7 ...", "upload.not_data"),
        ("orders.csv", b"\x7fELF\x02", "upload.not_data"),
        ("orders.xlsx", workbook({"other.txt": b"x"}), "upload.not_data"),
        ("orders.xlsx", b"PK\x03\x04 cut off", "upload.not_data"),
        ("orders.csv", b"a,b\x00\x01\n1,2\n", "upload.not_data"),
        ("orders.xlsx", workbook({"xl/workbook.xml": b"x", "xl/sheet.xml": b" " * 60_000_000}), "upload.bomb"),
        ("orders.xlsx", lying(b" " * 60_000_000), "upload.not_data"),
        ("orders.csv", b"", "upload.empty"),
    ],
)
def test_what_is_no_data_is_refused_and_not_kept(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    with pytest.raises(TierwiseError) as found:
        receiving.keep(SimpleUploadedFile(name, content), tmp_path / "in" / "file")
    assert found.value.code == code
    assert not list((tmp_path / "in").iterdir())


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "MOST_BYTES", 10)
    with pytest.raises(TierwiseError) as found:
        receiving.keep(SimpleUploadedFile("o.csv", b"a" * 11), tmp_path / "file")
    assert found.value.code == "upload.too_large"


@pytest.mark.parametrize(
    "content", [b"a,b\n1,2\n", "a,b\n".encode("utf-16"), workbook({"xl/workbook.xml": b"x"}), b"PAR1.."]
)
def test_tables_are_kept_as_they_are(tmp_path: Path, content: bytes) -> None:
    assert receiving.keep(SimpleUploadedFile("o", content), tmp_path / "file") == len(content)
    assert (tmp_path / "file").read_bytes() == content


def test_a_template_has_the_columns_of_its_table() -> None:
    assert template_of("orders").startswith("\ufefforder_id,customer_id,")
