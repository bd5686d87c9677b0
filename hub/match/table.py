"""A table of records from a CSV file, with what each column says about a record; every mistake is told with its line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hub.errors import RequestError
from schema.comparing import MatchKind

RECORD_ID = "record_id"


@dataclass(frozen=True)
class Table:
    """Records in the order of the file; ``rows`` hold the columns of ``kinds``, stripped, empty ones left out."""

    record_ids: list[str]
    kinds: Mapping[str, MatchKind]
    rows: list[dict[str, str]]
    sources: list[str] | None = None
    """The system each record comes from, where a column tells."""


def read_kinds(fields: str) -> dict[str, MatchKind]:
    """``column=kind`` with commas between; raises :class:`RequestError`, which names the kinds there are.

    >>> read_kinds("name=organisation, zip = postcode")
    {'name': <MatchKind.ORGANISATION: 'organisation'>, 'zip': <MatchKind.POSTCODE: 'postcode'>}
    """
    found: dict[str, MatchKind] = {}
    for each in filter(None, (one.strip() for one in fields.split(","))):
        column, told, kind = (part.strip() for part in each.partition("="))
        if not told or not column:
            raise _bad(f"{each!r} is not like name=organisation", "Write --fields column=kind,column=kind.")
        if kind not in OFFERED:
            raise _bad(f"there is no kind {kind!r} for column {column!r}", f"Choose one of: {', '.join(OFFERED)}.")
        if column in found:
            raise _bad(f"column {column!r} is named twice", "Name each column once.")
        found[column] = MatchKind(kind)
    if not any(kind is not MatchKind.IGNORE for kind in found.values()):
        raise _bad("no column is compared", "Name at least one column and its kind, or say --guess to be shown what it may be.")
    return found


OFFERED: tuple[str, ...] = tuple(kind.value for kind in MatchKind if kind is not MatchKind.REFERENCE)
"""Kinds a column of a file can have; a reference needs golden records to point to."""


def read_table(file: Path, kinds: Mapping[str, MatchKind], source: str = "") -> Table:
    """The records of a CSV file: ids in the column ``record_id``, else in the first one. Raises :class:`RequestError`."""
    compared = {column: kind for column, kind in kinds.items() if kind is not MatchKind.IGNORE}
    lines = _lines(file)
    header = next(lines)[1]
    missing = [column for column in (*kinds, *([source] if source else [])) if column not in header]
    if missing:
        raise _bad(f"{file.name} has no column {missing[0]!r}", f"Its columns are: {', '.join(header)}.")
    id_at = header.index(RECORD_ID) if RECORD_ID in header else 0
    at = [(column, header.index(column)) for column in compared]
    source_at = header.index(source) if source else -1
    ids: list[str] = []
    rows: list[dict[str, str]] = []
    sources: list[str] = []
    first_line: dict[str, int] = {}
    for number, cells in lines:
        record_id = cells[id_at].strip()
        if not record_id:
            raise _bad(f"line {number} of {file.name} has no {header[id_at]}", "Give every record an id of its own.")
        if first_line.setdefault(record_id, number) != number:
            raise _bad(f"line {number} of {file.name} repeats the id of line {first_line[record_id]}", "Give every record an id of its own.")
        ids.append(record_id)
        rows.append({column: text for column, place in at if (text := cells[place].strip())})
        if source:
            sources.append(cells[source_at].strip())
    return Table(ids, compared, rows, sources if source else None)


def read_truth(file: Path, record_ids: Sequence[str]) -> list[str]:
    """The true cluster of each of these records, from a CSV of record_id and cluster_id."""
    lines = _lines(file)
    header = next(lines)[1]
    id_at = header.index(RECORD_ID) if RECORD_ID in header else 0
    label_at = header.index("cluster_id") if "cluster_id" in header else 1 - id_at
    if len(header) < 2:
        raise _bad(f"{file.name} has one column only", "It needs record_id and cluster_id.")
    labels = {cells[id_at].strip(): cells[label_at].strip() for _, cells in lines}
    unknown = next((one for one in record_ids if one not in labels), None)
    if unknown is not None:
        raise _bad(f"{file.name} says nothing about record {unknown!r}", "The truth names every record's cluster.")
    return [labels[one] for one in record_ids]


def read_header(file: Path) -> list[str]:
    return next(_lines(file))[1]


def _lines(file: Path) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells): the header first, then every line, all as wide as the header."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened, strict=True)
            header: list[str] = []
            while True:
                began = reader.line_num + 1
                try:
                    cells = next(reader, None)
                except csv.Error as error:
                    raise _bad(f"line {began} of {file.name} is no CSV: {error}", "Mend the line.") from error
                if cells is None:
                    break
                if not cells:
                    continue
                if not header:
                    header = [cell.strip() for cell in cells]
                    yield began, header
                elif len(cells) != len(header):
                    raise _bad(
                        f"line {began} of {file.name} has {len(cells)} cells, but the header {len(header)}", "Mend the line, or quote its commas."
                    )
                else:
                    yield began, cells
            if not header:
                raise _bad(f"{file.name} is empty", "The first line names the columns.")
    except UnicodeDecodeError as error:
        raise _bad(f"{file.name} is not UTF-8", "Save it as UTF-8.") from error
    except OSError as error:
        raise _bad(f"{file.name} cannot be read: {error.strerror}", "Mend its path.") from error


def _bad(message: str, remedy: str) -> RequestError:
    return RequestError("BAD_FILE", f"{message}. {remedy}", remedy=remedy)
