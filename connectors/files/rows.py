"""Records as lines of a file that others read: every cell quoted, numbers with exactly their digits, nothing dropped silently."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from connectors.errors import RejectedError
from connectors.port import Operation, Write
from connectors.wire import dump_json

OPERATIONS: Mapping[Operation, str] = {"create": "I", "update": "U", "deactivate": "D"}


@dataclass(frozen=True, slots=True)
class OutDialect:
    """How files for a system are written. ``emptied`` is the cell of a value that was taken away; of one not stated it is empty."""

    format: Literal["csv", "jsonl"] = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    decimal: str = "."
    emptied: str = ""
    has_header: bool = True


@dataclass(frozen=True, slots=True)
class OutObject:
    """Files of one kind of record. ``columns`` are what a body may name (nested fields with a point), in their order."""

    name: str
    columns: tuple[str, ...]
    required: tuple[str, ...] = ()
    id: str = "id"
    """The column of the record's id there; what a body does not state itself is the key of the write that creates it."""
    key: str = "hub_key"
    """The column of the write's key, by which its reader recognises a repeat; "" for none."""
    operation: str = "operation"
    """The column that says what is to be done; "" for none."""
    operations: Mapping[Operation, str] = field(default_factory=lambda: dict(OPERATIONS))
    dialect: OutDialect = OutDialect()
    totals: tuple[str, ...] = ()
    """Columns whose sum the manifest tells."""
    complete: Literal["manifest", "done", "none"] = "manifest"

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(filter(None, (self.key, self.operation, self.id, *self.columns))))


def external_id_of(one: OutObject, write: Write) -> str:
    """The record's id there."""
    stated = flat(write.body).get(one.id)
    return write.external_id or (str(stated) if stated not in (None, "") else write.intent_key)


def row_of(one: OutObject, write: Write, system: str) -> dict[str, Any]:
    """The line of one write. Raises RejectedError that names the field."""
    if write.operation not in one.operations:
        raise RejectedError(
            f"{write.object} records cannot be {write.operation}d in files for {system}", cause="permission",
            remedy=f"Declare what the operation is called there: out.objects.{write.object}.operations.{write.operation}.", system=system,
        )  # fmt: skip
    body = flat(write.body) if one.dialect.format == "csv" else dict(write.body)
    for name in body:
        if one.columns and name not in one.columns and name != one.id:
            raise _refused(name, "no column is declared for it", f"Add it to out.objects.{write.object}.columns, or take it out of the mapping.", system)
    for name in one.required:
        if write.operation == "create" and body.get(name) in (None, ""):
            raise _refused(name, "is required", "Complete the record, or let its owner do so.", system)
    row: dict[str, Any] = {}
    if one.key:
        row[one.key] = write.intent_key
    if one.operation:
        row[one.operation] = one.operations[write.operation]
    row[one.id] = external_id_of(one, write)
    row |= {name: body[name] for name in one.columns or body if name in body and name != one.id}
    if one.dialect.format == "csv":
        _need_cells(one, write, row, system)
    return row


def _need_cells(one: OutObject, write: Write, row: Mapping[str, Any], system: str) -> None:
    for name, value in row.items():
        if isinstance(value, list | tuple):
            raise _refused(name, "is a list, and a cell holds one value", "Map its parts to columns, or write JSON lines.", system)
        if value is None and write.operation == "update" and not one.dialect.emptied:
            raise _refused(
                name, "was taken away, and an empty cell says that nothing is stated",
                f"Say what a value taken away looks like in a cell: out.objects.{write.object}.emptied.", system,
            )  # fmt: skip
        text = cell(value, one.dialect)
        if "\0" in text:
            raise _refused(name, "contains a NUL", "Take the character out of the text.", system)
        try:
            text.encode(one.dialect.encoding)
        except UnicodeEncodeError as error:
            sign = error.object[error.start]
            raise _refused(name, f"U+{ord(sign):04X} cannot be written in {one.dialect.encoding}", "Have the file written in UTF-8, or replace the sign.", system) from None


def _refused(name: str, what: str, remedy: str, system: str) -> RejectedError:
    return RejectedError(f"{name}: {what}", field=name, remedy=remedy, system=system)


def flat(body: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Nested fields by their path.

    >>> flat({"name": "x", "address": {"city": "Bonn"}})
    {'name': 'x', 'address.city': 'Bonn'}
    """
    found: dict[str, Any] = {}
    for name, value in body.items():
        found |= flat(value, f"{above}{name}.") if isinstance(value, Mapping) else {f"{above}{name}": value}
    return found


def cell(value: Any, dialect: OutDialect) -> str:
    """A value as text.

    >>> cell(Decimal("1234.50"), OutDialect(decimal=",")), cell(True, OutDialect()), cell(Decimal("1E+3"), OutDialect())
    ('1234,50', 'true', '1000')
    """
    if value is None:
        return dialect.emptied
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        value = Decimal(str(value))
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", dialect.decimal)
    return str(value)


def encoded(one: OutObject, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The file."""
    if one.dialect.format == "jsonl":
        return b"".join(dump_json(row) + b"\n" for row in rows)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=one.dialect.delimiter, quotechar=one.dialect.quote, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    if one.dialect.has_header:
        writer.writerow(one.header)
    writer.writerows([cell(row[name], one.dialect) if name in row else "" for name in one.header] for row in rows)
    return text.getvalue().encode(one.dialect.encoding)


def totals_of(one: OutObject, rows: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """Exact sums of the columns whose totals are told."""
    return {name: sum((Decimal(str(value)) for value in _stated(rows, name)), Decimal(0)) for name in one.totals}


def _stated(rows: Sequence[Mapping[str, Any]], name: str) -> Iterator[Any]:
    return (row[name] for row in rows if row.get(name) not in (None, ""))
