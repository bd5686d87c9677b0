"""Reading files line by line in bounded memory: a bad line is told with its number and reason and never stops the file."""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Literal

from connectors.errors import ConfigurationError
from connectors.port import Incoming
from connectors.wire import DuplicateKeyError, dump_json, parse_json

SHOWN_BYTES = 200
MAX_QUOTED_LINES = 1000
"""A quoted field may span this many lines; a quote that is not closed within them is a bad line."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line (or CSV record, by its first line) that cannot be read; ``raw`` is its beginning."""

    number: int
    reason: str
    raw: bytes
    code: str = "unreadable"
    """``unreadable``, ``no_id`` or ``unknown_operation``."""


@dataclass(frozen=True, slots=True)
class FileDialect:
    """How a file is written; declared, since nothing in a file says so reliably.

    ``columns`` names them where there is no header. An empty cell is stated empty (``null``) or not stated (``absent``).
    """

    format: Literal["csv", "jsonl"] = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    columns: tuple[str, ...] = ()
    empty: Literal["null", "absent"] = "null"
    max_line_bytes: int = 32_000_000
    trailer: str = ""
    """The first cell of a CSV file's last line where that is no record."""

    def __post_init__(self) -> None:
        try:
            name = codecs.lookup(self.encoding).name
        except LookupError:
            raise ConfigurationError(f"there is no encoding {self.encoding!r}") from None
        if name.startswith(("utf-16", "utf-32", "utf-7")) or "a,\n".encode(name) != b"a,\n":
            raise ConfigurationError(f"files in {self.encoding} cannot be read line by line; convert them to UTF-8")
        if len(self.delimiter) != 1 or len(self.quote) != 1:
            raise ConfigurationError("delimiter and quote are one character each")


Identify = Callable[[Mapping[str, Any]], str | None]
"""The external id of a record, None when it has none (a mapping's ``record_id``)."""


def id_columns(columns: Sequence[str]) -> Identify:
    """An id made of one or more columns, joined with "|"."""

    def identify(record: Mapping[str, Any]) -> str | None:
        parts = [str(record.get(column) or "").strip() for column in columns]
        return "|".join(parts) if all(parts) else None

    return identify


def dialect_of(path: Path, **stated: Any) -> FileDialect:
    """The dialect by the name's ending (.csv, .tsv, .jsonl, .ndjson) and what is stated besides."""
    ending = path.suffix.lower()
    if ending in (".jsonl", ".ndjson", ".json"):
        return FileDialect(**{"format": "jsonl"} | stated)
    return FileDialect(**({"delimiter": "\t"} if ending == ".tsv" else {}) | stated)


def read_file(
    path: Path,
    object: str,
    identify: Identify,
    dialect: FileDialect | None = None,
    *,
    offset: int = 0,
    line: int = 0,
    key: str = "",
    shown_bytes: int = SHOWN_BYTES,
) -> Iterator[tuple[Incoming | BadLine, int]]:
    """Every record of a file, with the byte offset behind it: go on there later with ``offset`` and ``line``.

    The key of a message is the file's content (or ``key``) and its line: reading the same file twice tells nothing new.
    Raises ConfigurationError when the header cannot be read.
    """
    used = dialect or dialect_of(path)
    csv.field_size_limit(max(csv.field_size_limit(), used.max_line_bytes))
    key = key or file_key(path)
    with path.open("rb") as stream:
        lines = _Lines(stream, used.max_line_bytes)
        parse = _csv_records if used.format == "csv" else _json_records
        for number, found, raw in parse(lines, used, offset, line):
            if isinstance(found, str):
                yield BadLine(number, found, raw[:shown_bytes]), lines.offset
                continue
            external_id = identify(found)
            if external_id is None:
                yield BadLine(number, "the record has no id", raw[:shown_bytes], "no_id"), lines.offset
                continue
            body = raw.strip() if used.format == "jsonl" else dump_json(found)
            yield Incoming(object, external_id, body, f"{key}:{number}", line=number), lines.offset


def file_key(path: Path) -> str:
    """A name for the file's content: the same content under another name is the same file."""
    return "file:" + file_sha256(path)[:24]


def file_sha256(path: Path) -> str:
    """The file's content as SHA-256 in hexadecimal digits, worked out once as long as it does not change."""
    about = path.stat()
    return _digest(path, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=64)
def _digest(path: Path, size: int, changed_ns: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def columns_of(path: Path, dialect: FileDialect) -> tuple[str, ...]:
    """What a CSV file's records consist of: its header, or what is declared. Raises ConfigurationError for an unreadable header."""
    if dialect.columns or dialect.format != "csv":
        return dialect.columns
    csv.field_size_limit(max(csv.field_size_limit(), dialect.max_line_bytes))
    with path.open("rb") as stream:
        return _header(_Lines(stream, dialect.max_line_bytes), dialect)


class _Lines:
    """Physical lines with their numbers, of bounded length; lines may be put back."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream, self._limit = stream, limit
        self._back: deque[tuple[int, bytes]] = deque()
        self._number = 0
        self._read = 0
        self.offset = 0
        """Where the first line begins that has not been taken."""

    def seek(self, offset: int, number: int) -> None:
        self._stream.seek(offset)
        self._back.clear()
        self._number, self._read, self.offset = number, offset, offset

    def take(self) -> tuple[int, bytes] | None:
        """Number and bytes of the next line, None at the end. What is beyond the limit is cut off."""
        if self._back:
            number, raw = self._back.popleft()
        else:
            raw = self._stream.readline(self._limit + 1)
            if not raw:
                return None
            rest = raw
            while len(rest) > self._limit and not rest.endswith(b"\n"):
                self._read += len(rest)
                rest = self._stream.readline(self._limit + 1)
                if not rest:
                    break
            self._read += len(rest)
            self._number += 1
            number = self._number
            if rest is not raw:
                raw = raw + b"\n" if len(raw) > self._limit else raw
        self.offset = self._read - sum(len(one) for _, one in self._back)
        return number, raw

    def put_back(self, lines: Sequence[tuple[int, bytes]]) -> None:
        self._back.extendleft(reversed(lines))
        self.offset = self._read - sum(len(one) for _, one in self._back)


_Parsed = Iterator[tuple[int, dict[str, Any] | str, bytes]]
"""(line number, record or reason, raw)."""


def _json_records(lines: _Lines, dialect: FileDialect, offset: int, line: int) -> _Parsed:
    if offset:
        lines.seek(offset, line)
    while (taken := lines.take()) is not None:
        number, raw = taken
        if number == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if raw.strip():
            yield number, _json_record(raw, dialect), raw


def _json_record(raw: bytes, dialect: FileDialect) -> dict[str, Any] | str:
    if len(raw) > dialect.max_line_bytes:
        return f"the line has more than {dialect.max_line_bytes} bytes"
    try:
        found = parse_json(raw.decode(dialect.encoding))
    except UnicodeDecodeError as error:
        return _undecodable(error)
    except DuplicateKeyError as error:
        return str(error)
    except ValueError as error:
        return f"the line is not JSON: {error}"
    return found if isinstance(found, dict) else f"expected an object, got {type(found).__name__}"


def _undecodable(error: UnicodeDecodeError) -> str:
    return f"byte 0x{error.object[error.start]:02X} at position {error.start + 1} is not {error.encoding}"


def _csv_records(lines: _Lines, dialect: FileDialect, offset: int, line: int) -> _Parsed:
    columns = dialect.columns or _header(lines, dialect)
    if offset:
        lines.seek(offset, line)
    while (taken := lines.take()) is not None:
        number, raw = taken
        if number == 1 and dialect.columns:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if not raw.strip() or (dialect.trailer and is_trailer(raw, dialect)):
            continue
        cells, whole = _csv_record(lines, dialect, number, raw, len(columns))
        if isinstance(cells, str):
            yield number, cells, whole
        elif dialect.empty == "absent":
            yield number, {name: cell for name, cell in zip(columns, cells, strict=True) if cell}, whole
        else:
            yield number, {name: cell or None for name, cell in zip(columns, cells, strict=True)}, whole


def is_trailer(raw: bytes, dialect: FileDialect) -> bool:
    """Whether a line's first cell is the trailer's.

    >>> [is_trailer(raw, FileDialect(trailer="T")) for raw in (b"T,3", b'"T",3', b"T", b"Tom,3")]
    [True, True, True, False]
    """
    first = raw.split(dialect.delimiter.encode(), 1)[0].strip().strip(dialect.quote.encode())
    return first == dialect.trailer.encode(dialect.encoding)


def _header(lines: _Lines, dialect: FileDialect) -> tuple[str, ...]:
    taken = lines.take()
    if taken is None:
        return ()
    cells, _ = _csv_record(lines, dialect, 1, taken[1].removeprefix(codecs.BOM_UTF8), 0)
    if isinstance(cells, str):
        raise ConfigurationError(f"the header cannot be read: {cells}")
    names = tuple(cell.strip() for cell in cells)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not all(names):
        raise ConfigurationError(f"the header names {twice[0]!r} twice" if twice else "a column of the header has no name")
    return names


def _csv_record(lines: _Lines, dialect: FileDialect, number: int, raw: bytes, width: int) -> tuple[list[str] | str, bytes]:
    """One record, over several lines when a quoted field spans them; of a broken one only the first line is given up."""
    taken: list[tuple[int, bytes]] = []
    whole = raw
    while True:
        cells = _csv_cells(whole, dialect, width)
        if cells is not None:
            if isinstance(cells, str) and taken:
                lines.put_back(taken)
                return f"a quote is not closed, or {cells}", raw
            return cells, whole
        following = _until_quote(lines, dialect, MAX_QUOTED_LINES - len(taken))
        taken.extend(following)
        joined = b"".join(one for _, one in following)
        if not following or len(whole) + len(joined) > dialect.max_line_bytes or dialect.quote.encode() not in following[-1][1]:
            lines.put_back(taken)
            return "a quote is not closed", raw
        whole += joined


def _until_quote(lines: _Lines, dialect: FileDialect, limit: int) -> list[tuple[int, bytes]]:
    """The next lines up to the first that may close a quote."""
    found: list[tuple[int, bytes]] = []
    mark = dialect.quote.encode()
    while len(found) < limit and (taken := lines.take()) is not None:
        found.append(taken)
        if mark in taken[1]:
            break
    return found


def _csv_cells(raw: bytes, dialect: FileDialect, width: int) -> list[str] | str | None:
    """The cells, the reason why not, or None when a quoted field goes on in the next line."""
    if len(raw) > dialect.max_line_bytes:
        return f"the line has more than {dialect.max_line_bytes} bytes"
    try:
        text = raw.decode(dialect.encoding)
    except UnicodeDecodeError as error:
        return _undecodable(error)
    if "\0" in text:
        return "the line contains a NUL"
    try:
        rows = list(csv.reader([text], delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True))
    except csv.Error as error:
        return None if "unexpected end of data" in str(error) else f"the quoting is broken: {error}"
    cells = rows[0] if rows else []
    if width and len(cells) != width:
        return f"expected {width} columns, found {len(cells)}"
    return cells
