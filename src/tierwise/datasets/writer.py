"""Chunks to files as they come: one Parquet row group, or one run of CSV lines, a chunk."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import pyarrow as pa

from tierwise.contracts.tables import TABLES
from tierwise.language import Lang

Format = Literal["parquet", "csv"]

_EXPORT_HEADERS = {
    "orders": "订单号,客户编号,下单日期,下单时间,实付金额,优惠金额,优惠券,成本,订单状态,渠道,门店",
    "customers": "客户编号,姓名,手机号,邮箱,客户类型,性别,生日,地区,城市,职业,行业,员工数,年营收,注册日期,"
    "来源渠道,负责人,获客成本,标签,其他属性",
}
"""Headers as a Chinese shop system exports them; the other tables take their labels."""


def headers(table: str, names: list[str], lang: Lang) -> list[str]:
    """Return the header of a CSV file: column names, or Chinese headers (truth keeps its column names)."""
    if lang is Lang.EN or table not in TABLES:
        return names
    if table in _EXPORT_HEADERS:
        return _EXPORT_HEADERS[table].split(",")
    return [column.label.zh for column in TABLES[table].given]


class TableFile:
    """A table being written under a temporary name; it takes its own name when it is whole."""

    def __init__(self, folder: Path, table: str, format: Format, lang: Lang) -> None:
        self.path = folder / f"{table}.{format}"
        self.rows = 0
        self._table, self._format, self._lang = table, format, lang
        self._part = folder / f"{table}.{format}.part"
        self._sink: Any = None
        self._writer: Any = None

    def write(self, chunk: Any) -> None:
        """Append a chunk."""
        data = chunk if self._format == "parquet" else self._as_text(chunk)
        if self._writer is None:
            self._open(data.schema)
        if self._format == "parquet":
            self._writer.write_table(data, row_group_size=max(data.num_rows, 1))
        else:
            self._writer.write_table(data)
        self.rows += data.num_rows

    def _open(self, schema: Any) -> None:
        import pyarrow.csv as pcsv
        import pyarrow.parquet as pq

        self._sink = self._part.open("wb")
        if self._format == "csv":
            if self._lang is Lang.ZH:
                self._sink.write(b"\xef\xbb\xbf")  # Chinese Excel needs the mark to read UTF-8
            self._writer = pcsv.CSVWriter(self._sink, schema, write_options=pcsv.WriteOptions(quoting_style="needed"))
            return
        # without the Arrow schema in the file, dictionary-encoded text comes back as plain text
        self._writer = pq.ParquetWriter(
            self._sink, schema, compression="zstd", compression_level=1, store_schema=False,
            store_decimal_as_integer=True,
        )  # fmt: skip

    def _as_text(self, chunk: Any) -> Any:
        columns = []
        for column in chunk.columns:
            if pa.types.is_timestamp(column.type):
                columns.append(column.cast(pa.timestamp("s")))
            elif pa.types.is_dictionary(column.type):
                columns.append(column.cast(pa.string()))
            else:
                columns.append(column)
        return pa.table(columns, names=headers(self._table, chunk.column_names, self._lang))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sink is None:
            return
        whole = False
        try:
            self._writer.close()
            self._sink.close()
            whole = error is None
        finally:
            if whole:
                self._part.replace(self.path)
            else:
                self._abandon()

    def _abandon(self) -> None:
        with suppress(OSError):  # what could not be written cannot be flushed either
            self._sink.close()
        self._part.unlink()
