"""How rows become bytes, batch by batch: NDJSON and CSV here, Arrow and Parquet in :mod:`hub.api.export.arrow`.

A batch is ``(id, …)`` rows as the encoder's ``written`` has Postgres write them. No encoder holds more than a few batches.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from hub.api.export.asked import Format
from hub.api.export.columns import Cell, Column
from hub.api.export.written import csv_line, json_line

Rows = Sequence[Any]


class Encoder(Protocol):
    """Makes the bytes of one export."""

    media_type: str
    written: str
    """What the statement selects behind the id."""
    is_heavy: bool
    """Whether a batch takes so long that it belongs into a thread."""
    can_resume: bool
    """Whether what a second export brings may simply be put behind what the first one brought."""

    def start(self) -> bytes: ...

    def batch(self, rows: Rows) -> bytes: ...

    def end(self, count: int, cursor: UUID | None) -> bytes: ...


def encoder(columns: Sequence[Column], format: Format, *, is_resumed: bool = False, with_end: bool = False) -> Encoder:
    """The encoder of a format; raises ``BAD_INPUT`` for Arrow and Parquet where the extra ``arrow`` is missing."""
    cells = [cell for column in columns for cell in column.cells]
    if format is Format.NDJSON:
        return NdJson(columns, with_end)
    if format is Format.CSV:
        return Csv(cells, is_resumed)
    from hub.api.export.arrow import Arrow, Parquet

    return Arrow(cells) if format is Format.ARROW else Parquet(cells)


class NdJson:
    """A JSON object a line, as GraphQL would answer it."""

    media_type = "application/x-ndjson"
    is_heavy = False
    can_resume = True

    def __init__(self, columns: Sequence[Column], with_end: bool) -> None:
        self.written, self._with_end = json_line(columns), with_end

    def start(self) -> bytes:
        return b""

    def batch(self, rows: Rows) -> bytes:
        return ("\n".join([row[1] for row in rows]) + "\n").encode()

    def end(self, count: int, cursor: UUID | None) -> bytes:
        """A last line, when one was asked for: whoever reads it knows that nothing is missing."""
        said = {"end": {"rows": count, "cursor": str(cursor) if cursor else None}}
        return json.dumps(said, separators=(",", ":")).encode() + b"\n" if self._with_end else b""


class Csv:
    """RFC 4180 with a header row; a cell that a spreadsheet would run as a formula begins with an apostrophe."""

    media_type = "text/csv; charset=utf-8; header=present"
    is_heavy = False
    can_resume = True

    def __init__(self, cells: Sequence[Cell], is_resumed: bool) -> None:
        self.written = csv_line(cells)
        self._header = "" if is_resumed else ",".join(cell.name for cell in cells) + "\r\n"

    def start(self) -> bytes:
        return self._header.encode()

    def batch(self, rows: Rows) -> bytes:
        return ("\r\n".join([row[1] for row in rows]) + "\r\n").encode()

    def end(self, count: int, cursor: UUID | None) -> bytes:
        return b""


class Gzip:
    """Any encoder, compressed. A resumed export is a gzip member of its own, and members may follow each other."""

    def __init__(self, inner: Encoder) -> None:
        self._inner, self._squeeze = inner, zlib.compressobj(level=4, wbits=31)
        self.media_type, self.written, self.can_resume = inner.media_type, inner.written, inner.can_resume
        self.is_heavy = True

    def start(self) -> bytes:
        return self._squeeze.compress(self._inner.start())

    def batch(self, rows: Rows) -> bytes:
        return self._squeeze.compress(self._inner.batch(rows))

    def end(self, count: int, cursor: UUID | None) -> bytes:
        return self._squeeze.compress(self._inner.end(count, cursor)) + self._squeeze.flush()
