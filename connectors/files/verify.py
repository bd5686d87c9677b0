"""Whether a file is what it says: nothing of one that is not is applied."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from connectors.errors import ConfigurationError
from connectors.files.reader import BadLine, columns_of, file_sha256, is_trailer
from connectors.files.resource import FileResource
from connectors.wire import parse_json


TRAILER_BYTES = 65_536
"""A trailer is no longer than this."""


class RefusedFileError(Exception):
    """The file is not what it should be; nothing of it is taken, and a person is told."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A file read once from beginning to end."""

    sha256: str
    rows: int
    bad: int
    totals: Mapping[str, Decimal] = field(default_factory=dict)


def need_columns(one: FileResource, path: Path) -> None:
    """Raises RefusedFileError when the header has not what records are known by: then no line of it could be read."""
    try:
        columns = columns_of(path, one.dialect)
    except ConfigurationError as error:
        raise RefusedFileError(str(error)) from error
    if one.dialect.format != "csv":
        return
    needed = [*one.id, *((one.operations.column,) if one.kind == "delta" else ()), *((one.version,) if one.version else ()), *one.summed]
    missing = [name for name in needed if name not in columns]
    if missing:
        raise RefusedFileError(f"the column {missing[0]!r} is missing; there are {', '.join(columns)}")


def counted(one: FileResource, path: Path, name: str) -> Counted:
    """Lines, unreadable ones and sums of a file, in bounded memory."""
    rows = bad = 0
    totals = dict.fromkeys(one.summed, Decimal(0))
    for found, _ in one.records(path, name):
        rows += 1
        if isinstance(found, BadLine):
            bad += 1
            continue
        record = parse_json(found.body) if totals else {}
        for column in totals:
            totals[column] += _number(one, record.get(column), column)
    return Counted(file_sha256(path), rows, bad, totals)


def _number(one: FileResource, value: Any, column: str) -> Decimal:
    text = str(value if value is not None else "0").strip().replace(" ", "").replace("\u00a0", "").replace("'", "")
    text = text.replace(".", "").replace(",", ".") if one.decimal_comma and isinstance(value, str) else text
    try:
        return Decimal(text or "0")
    except InvalidOperation as error:
        raise RefusedFileError(f"the column {column!r} cannot be summed up: a value is not a number") from error


def parsed_manifest(raw: bytes, name: str) -> dict[str, Any]:
    """``{"file", "rows", "sha256", "created_at"}`` and, where sums are declared, ``"totals": {column: sum}``."""
    try:
        found = parse_json(raw)
    except ValueError as error:
        raise RefusedFileError("the manifest is not JSON") from error
    if not isinstance(found, dict) or not {"rows", "sha256"} & set(found):
        raise RefusedFileError("the manifest says neither rows nor sha256")
    if found.get("file", name) != name:
        raise RefusedFileError(f"the manifest is that of {found['file']}")
    return found


def parsed_trailer(one: FileResource, path: Path) -> dict[str, Any]:
    """What the last line says, in the form of a manifest. Raises RefusedFileError where there is none: the file was cut."""
    assert one.trailer is not None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TRAILER_BYTES))
        lines = [line for line in file.read().splitlines() if line.strip()]
    if not lines or not is_trailer(lines[-1], one.dialect):
        raise RefusedFileError(f"its last line is not the trailer {one.dialect.trailer!r}: it was cut, or more was added")
    text = lines[-1].decode(one.dialect.encoding, "replace")
    (cells,) = csv.reader([text], delimiter=one.dialect.delimiter, quotechar=one.dialect.quote)
    try:
        totals = {column: _number(one, cells[place - 1], column) for column, place in one.trailer.totals.items()}
        return {"rows": int(cells[one.trailer.rows - 1]), "totals": totals}
    except (IndexError, ValueError) as error:
        raise RefusedFileError("its trailer lacks a number") from error


def need_agreement(told: Mapping[str, Any], found: Counted, columns: Iterable[str], teller: str = "manifest") -> None:
    """Raises RefusedFileError when a manifest or trailer says otherwise than the file."""
    for what, said, is_ in (("sha256", str(told.get("sha256", found.sha256)).lower(), found.sha256), ("rows", told.get("rows", found.rows), found.rows)):
        if str(said) != str(is_):
            raise RefusedFileError(f"its {teller} says {what} {said}, and it is {is_}")
    totals = told.get("totals") or {}
    for column in columns:
        if column not in totals:
            raise RefusedFileError(f"its {teller} does not tell the total of {column!r}")
        if _stated(totals[column], column) != found.totals[column]:
            raise RefusedFileError(f"its {teller} says that {column!r} sums up to {totals[column]}, and it is {found.totals[column]}")


def _stated(value: Any, column: str) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise RefusedFileError(f"the total of {column!r} is not a number") from error


def need_no_shrinking(one: FileResource, rows: int, before: int | None) -> None:
    """Raises RefusedFileError when a snapshot has suspiciously few records."""
    if before and rows < before and (before - rows) * 100 > before * one.most_fewer_percent:
        raise RefusedFileError(
            f"it lists {rows} records where the one before listed {before}; if they are really gone, raise most_fewer_percent for this file"
        )
