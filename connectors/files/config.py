"""Reading what a document says of files: README.md shows it whole."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any, cast

from connectors.files.reader import FileDialect
from connectors.files.resource import FileResource, Operations, Trailer
from connectors.files.rows import OPERATIONS, OutDialect, OutObject
from connectors.port import Operation
from connectors.tables import Table


def beside(folder: str, told: str) -> str:
    """A folder that is told by its name lies beside the other; "" stays "".

    >>> beside("/data/crm/in", "archive"), beside("/data/crm/in", "/old"), beside("in", "out")
    ('/data/crm/archive', '/old', 'out')
    """
    return posixpath.join(posixpath.dirname(folder.rstrip("/")), told) if told else ""


def resources_of(top: Table) -> dict[str, FileResource]:
    return {name: _resource(name, table) for name, table in top.tables("resources")}


def _resource(name: str, table: Table) -> FileResource:
    mark, trailer = _trailer(table)
    dialect = FileDialect(
        format=cast(Any, table.one_of("format", ("csv", "jsonl"), "csv")),
        encoding=table.text("encoding", "utf-8"),
        delimiter=table.text("delimiter", ","),
        quote=table.text("quote", '"'),
        columns=table.texts("columns"),
        empty=cast(Any, table.one_of("empty", ("null", "absent"), "null")),
        max_line_bytes=int(table.number("max_line_bytes", 32_000_000)),
        trailer=mark,
    )
    found = FileResource(
        object=table.text("object", name),
        pattern=table.text("pattern"),
        id=table.texts("id") or ("id",),
        dialect=dialect,
        kind=cast(Any, table.one_of("kind", ("append", "delta", "snapshot"), "append")),
        complete=cast(Any, table.one_of("complete", ("settled", "done", "manifest"), "settled")),
        version=table.text("version", ""),
        operations=_operations(table),
        sequence=_sequence(table),
        most_fewer_percent=table.number("most_fewer_percent", 20),
        totals=table.texts("totals"),
        trailer=trailer,
        decimal_comma=table.flag("decimal_comma"),
    )
    if found.totals and found.complete != "manifest":
        raise table.wrong("totals", "complete: manifest, which tells them", list(found.totals))
    if trailer and dialect.format != "csv":
        raise table.wrong("trailer", "format: csv, which may have one", dialect.format)
    if found.kind == "snapshot" and found.object != name:
        raise table.wrong("object", f"{name}, since what a snapshot lacks is looked for under the resource's name", found.object)
    table.done()
    return found


def _operations(table: Table) -> Operations:
    inner = table.maybe("operations")
    if inner is None:
        return Operations()
    plain = Operations()
    found = Operations(
        inner.text("column", plain.column), frozenset(inner.texts("present")) or plain.present, frozenset(inner.texts("gone")) or plain.gone
    )
    inner.done()
    return found


def _trailer(table: Table) -> tuple[str, Trailer | None]:
    """The trailer's first cell, and in which cells it tells what."""
    inner = table.maybe("trailer")
    if inner is None:
        return "", None
    places = inner.plain("totals")
    wrong = [place for place in places.values() if not place.isdecimal() or place == "0"]
    if wrong:
        raise inner.wrong("totals", "the numbers of cells, from 1 on", wrong[0])
    found = inner.text("begins"), Trailer(int(inner.number("rows")), {column: int(place) for column, place in places.items()})
    if not found[1].rows:
        raise inner.wrong("rows", "the number of a cell, from 1 on", 0)
    inner.done()
    return found


def _sequence(table: Table) -> re.Pattern[str] | None:
    said = table.text("sequence", "")
    if not said:
        return None
    try:
        found = re.compile(said)
    except re.error as error:
        raise table.wrong("sequence", "a regular expression", said) from error
    if found.groups != 1:
        raise table.wrong("sequence", "a regular expression with one group, the number", said)
    return found


def out_objects(out: Table) -> Iterator[tuple[str, OutObject]]:
    """Object → how its files are written."""
    for name, table in out.tables("objects"):
        if not re.fullmatch(r"[A-Za-z0-9][\w-]*", name):
            raise table.wrong("", "an object of letters, digits, _ and -", name)
        yield name, _out_object(name, table)


def _out_object(name: str, table: Table) -> OutObject:
    dialect = OutDialect(
        format=cast(Any, table.one_of("format", ("csv", "jsonl"), "csv")),
        encoding=table.text("encoding", "utf-8"),
        delimiter=table.text("delimiter", ","),
        quote=table.text("quote", '"'),
        decimal=table.one_of("decimal", (".", ","), "."),
        emptied=table.text("emptied", ""),
        has_header=table.flag("header", True),
    )
    FileDialect(encoding=dialect.encoding, delimiter=dialect.delimiter, quote=dialect.quote)  # what it refuses, others cannot read either
    stem = table.text("name", name)
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", stem):
        raise table.wrong("name", "the beginning of a file's name", stem)
    found = OutObject(
        name=stem,
        columns=table.texts("columns"),
        required=table.texts("required"),
        id=table.text("id", "id"),
        key=_maybe(table, "key", "hub_key"),
        operation=_maybe(table, "operation", "operation"),
        operations=_out_operations(table),
        dialect=dialect,
        totals=table.texts("totals"),
        complete=cast(Any, table.one_of("complete", ("manifest", "done", "none"), "manifest")),
    )
    if dialect.format == "csv" and not found.columns:
        raise table.wrong("columns", "the columns of the file", None)
    for key, names in (("required", found.required), ("totals", found.totals)):
        unknown = [one for one in names if found.columns and one not in (*found.columns, found.id)]
        if unknown:
            raise table.wrong(key, "columns of the file", unknown[0])
    table.done()
    return found


def _maybe(table: Table, key: str, default: str) -> str:
    """A column's name, or ``false`` for none."""
    return "" if table.take(key) is False else table.text(key, default)


def _out_operations(table: Table) -> dict[Operation, str]:
    told = table.plain("operations")
    unknown = sorted(told.keys() - OPERATIONS.keys())
    if unknown:
        raise table.wrong("operations", f"keys of {', '.join(OPERATIONS)}", unknown[0])
    return cast(Any, told) or dict(OPERATIONS)
