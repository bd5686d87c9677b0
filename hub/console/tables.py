"""Lists as CSV for spreadsheets: what would be taken for a formula is made text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from starlette.responses import Response

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def cell(value: Any) -> str:
    """One cell; text that a spreadsheet would run gets an apostrophe in front, a plain number does not.

    >>> [cell(one) for one in ("=1+1", "-12.50", "-cmd", "@x", None, "ACME")]
    ["'=1+1", '-12.50', "'-cmd", "'@x", '', 'ACME']
    """
    text = "" if value is None else str(value)
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _NUMBER.fullmatch(text) else text


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A file of this name; UTF-8 with a mark, by which spreadsheets know it."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    headers = {"content-disposition": f'attachment; filename="{name}.csv"', "cache-control": "no-store"}
    return Response("\ufeff" + written.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")
