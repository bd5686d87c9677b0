"""CSV out of the console and back in, for people who live in spreadsheets. What a cell could do as a formula is escaped."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from starlette.responses import Response

from hub.errors import RequestError

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins with one of these would be computed by a spreadsheet (CSV injection)."""
MOST_LINES = 5_000


def cell(value: Any) -> str:
    """A value as a cell; what could be a formula gets an apostrophe before it, numbers stay numbers.

    >>> [cell(one) for one in ("=1+1", "-12.50", "- a", "@x", None, "Ada")]
    ["'=1+1", '-12.50', "'- a", "'@x", '', 'Ada']
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) and not _is_number(text) or text.startswith(FORMULA[4:]) else text


def _is_number(text: str) -> bool:
    """Whether it is a plain signed number, which no spreadsheet takes for a formula."""
    body = text[1:] if text[:1] in "+-" else text
    return body.isascii() and body.replace(".", "", 1).isdigit()


def uncell(text: str) -> str:
    """A cell as it was before :func:`cell`.

    >>> uncell("'=1+1"), uncell("O'Brien"), uncell("'tis")
    ('=1+1', "O'Brien", "'tis")
    """
    text = text.strip()
    return text[1:] if text.startswith("'") and text[1:].lstrip(" ").startswith(FORMULA) else text


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A whole sheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A sheet to download; with a byte order mark, without which Excel misreads everything but ASCII."""
    body = b"\xef\xbb\xbf" + csv_text(header, rows).encode()
    safe = "".join(c if c.isalnum() or c in "-_." else "-" for c in name)
    return Response(body, headers={"content-disposition": f'attachment; filename="{safe}"'}, media_type="text/csv; charset=utf-8")


def read_sheet(raw: bytes, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a sheet with their numbers, by column; commas, semicolons or tabs between. Raises :class:`RequestError`."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")  # as older Excel saves it
    first = text.split("\n", 1)[0]
    between = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text), delimiter=between)
    try:
        header = [name.strip().lower() for name in next(lines, [])]
        if missing := [name for name in needed if name not in header]:
            raise RequestError("BAD_INPUT", f"the sheet has no column {missing[0]}", field="file", remedy=f"It needs {', '.join(needed)}.")
        for number, line in enumerate(lines, 2):
            if number > MOST_LINES + 1:
                raise RequestError("TOO_LARGE", f"at most {MOST_LINES} lines at once", field="file", remedy="Split the sheet.")
            if any(one.strip() for one in line):
                yield number, {name: uncell(value) for name, value in zip(header, line, strict=False)}
    except csv.Error as error:
        raise RequestError("BAD_INPUT", f"the sheet cannot be read: {error}", field="file", remedy="Save it as CSV again.") from error
