"""Exports as Arrow IPC streams and Parquet files. Needs the extra ``arrow``.

Amounts are ``decimal128(38, …)`` and never floats, instants ``timestamp[us, UTC]``, days ``date32``; ids and JSON are
text. A Parquet file is written in row groups of 20,000 rows, so that neither side ever holds more.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from hub.api.errors import ApiError, Code
from hub.api.export.columns import Cell
from hub.api.export.written import raw

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError as error:
    raise ApiError(
        Code.BAD_INPUT, "Arrow and Parquet need pyarrow, which is not installed here", "format",
        "Install the extra: pip install 'services-hub[arrow]'; or ask for NDJSON or CSV.",
    ) from error  # fmt: skip

ROW_GROUP = 20_000

TYPES: Mapping[str, Callable[[Cell], Any]] = {
    "text": lambda _: pa.string(),
    "jsonb": lambda _: pa.string(),
    "uuid": lambda _: pa.string(),
    "boolean": lambda _: pa.bool_(),
    "integer": lambda _: pa.int32(),
    "bigint": lambda _: pa.int64(),
    "numeric": lambda cell: pa.decimal128(38, cell.scale),
    "date": lambda _: pa.date32(),
    "timestamptz": lambda _: pa.timestamp("us", tz="UTC"),
}
"""The type of a column, by what it is in the database."""


def schema_of(cells: Sequence[Cell]) -> Any:
    """The Arrow schema of an export."""
    return pa.schema([pa.field(cell.name, TYPES[cell.type_name](cell)) for cell in cells])


class _Tabular:
    """Rows as record batches, written to a buffer that is emptied after every one."""

    is_heavy = True
    can_resume = False

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.written, self._schema, self._buffer = raw(cells), schema_of(cells), io.BytesIO()

    def _batch(self, rows: Sequence[Any]) -> Any:
        _, *columns = zip(*rows, strict=True)
        arrays = [pa.array(values, kind) for values, kind in zip(columns, self._schema.types, strict=True)]
        return pa.record_batch(arrays, schema=self._schema)

    def _taken(self) -> bytes:
        taken = self._buffer.getvalue()
        self._buffer.seek(0)
        self._buffer.truncate()
        return taken


class Arrow(_Tabular):
    """An Arrow IPC stream: the schema, then a record batch for every batch of rows."""

    media_type = "application/vnd.apache.arrow.stream"

    def start(self) -> bytes:
        self._writer = pa.ipc.new_stream(self._buffer, self._schema)
        return self._taken()

    def batch(self, rows: Sequence[Any]) -> bytes:
        self._writer.write_batch(self._batch(rows))
        return self._taken()

    def end(self, count: int, cursor: UUID | None) -> bytes:
        self._writer.close()
        return self._taken()


class Parquet(_Tabular):
    """A Parquet file; its footer comes last, so a file that broke is started again."""

    media_type = "application/vnd.apache.parquet"

    def start(self) -> bytes:
        self._sink = _Drained()
        self._writer = pq.ParquetWriter(pa.PythonFile(self._sink, mode="w"), self._schema, compression="zstd")
        self._waiting: list[Any] = []
        return b""

    def batch(self, rows: Sequence[Any]) -> bytes:
        self._waiting.append(self._batch(rows))
        if sum(len(each) for each in self._waiting) >= ROW_GROUP:
            self._flush()
        return self._sink.taken()

    def end(self, count: int, cursor: UUID | None) -> bytes:
        if self._waiting:
            self._flush()
        self._writer.close()
        return self._sink.taken()

    def _flush(self) -> None:
        self._writer.write_table(pa.Table.from_batches(self._waiting, self._schema), row_group_size=ROW_GROUP)
        self._waiting.clear()


class _Drained(io.RawIOBase):
    """A file that only grows at its end and is emptied as it grows, yet knows how long it has become."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._length = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        self._length += len(self._pieces[-1])
        return len(self._pieces[-1])

    def tell(self) -> int:
        return self._length

    def taken(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
