"""SuiteQL over the account's tables. SQLite judges and sorts; what SuiteQL has of its own is translated: dates, T and F, display values.

A date is kept as its text behind a mark, so that it sorts, and leaves in the form of the user unless the query says another.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

MARK = "\x01"
MOST_ROWS = 100_000
_PIECES = re.compile(r"('(?:[^']|'')*')")
_DISPLAY = re.compile(r"BUILTIN\s*\.\s*DF\s*\(\s*([A-Za-z_][\w.]*)\s*\)", re.IGNORECASE)
_TRANSACTION = re.compile(r"(?<![\w.\"])transaction(?![\w\"])", re.IGNORECASE)
_TOKENS = {"YYYY": "%Y", "HH24": "%H", "MM": "%m", "DD": "%d", "MI": "%M", "SS": "%S"}
_UNKNOWN = re.compile(r"no such (column|table|function): (?:\w+\.)?(\w+)")
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, 33}  # 33: a recursive select


class QueryError(ValueError):
    """A query that NetSuite would not take; the text is its own."""


@dataclass
class Tables:
    """The account as queries see it."""

    columns: Mapping[str, Sequence[str]]
    """Table → its columns, in lower case."""
    _base: sqlite3.Connection = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._base = sqlite3.connect(":memory:", isolation_level=None)
        for table, columns in self.columns.items():
            self._base.execute(f'CREATE TABLE "{table}" ({", ".join(f"{chr(34)}{one}{chr(34)}" for one in columns)})')
            for key in {"id", "nkey", "externalid"} & {*columns}:
                self._base.execute(f'CREATE INDEX "{table}_{key}" ON "{table}" ("{key}")')
        for name, count, function in (
            ("to_char", -1, _to_char), ("to_timestamp", 2, _to_date), ("to_date", 2, _to_date), ("nvl", 2, lambda a, b: b if a is None else a),
        ):  # fmt: skip
            self._base.create_function(name, count, function)

    def put(self, table: str, key: str, rows: Iterable[Mapping[str, Any]], by: str = "id") -> None:
        """Replace the rows of a table that have this key."""
        self._base.execute(f'DELETE FROM "{table}" WHERE "{by}" = ?', (_id(key),))
        columns = self.columns[table]
        for row in rows:
            told = [one for one in columns if row.get(one) is not None]
            names = ", ".join(f'"{one}"' for one in told)
            self._base.execute(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(told))})', [_kept(row[one]) for one in told])

    def asked(self, text: str, limit: int, offset: int) -> tuple[list[dict[str, Any]], int]:
        """Some rows of a query as SuiteQL tells them, and how many there are: names in lower case, every value a text, nulls left out.

        Raises QueryError.
        """
        if not re.match(r"\s*(SELECT|WITH)\b", text, re.IGNORECASE):
            raise QueryError("Invalid search query. Detailed unprocessed description follows. Search error occurred: only SELECT is supported.")
        self._base.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)
        try:
            translated = _translated(text)
            (total,) = self._base.execute(f"SELECT COUNT(*) FROM ({translated})").fetchone()
            found = self._base.execute(f"{translated} LIMIT {limit} OFFSET {offset}")
            names = [one[0].lower() for one in found.description]
            rows = [
                {name: told for name, value in zip(names, row, strict=True) if (told := _told(value)) is not None and not name.endswith("__df")}
                for row in found
            ]
            return rows, min(total, MOST_ROWS)
        except (sqlite3.OperationalError, sqlite3.DatabaseError, ValueError) as error:
            raise QueryError(_explained(str(error))) from error
        finally:
            self._base.set_authorizer(None)


def moment(text: str) -> str:
    """A local date or instant as it is kept."""
    return f"{MARK}{text[:10]} {text[11:19] or '00:00:00'}"


def _translated(text: str) -> str:
    pieces = _PIECES.split(text)
    for place in range(0, len(pieces), 2):
        piece = _DISPLAY.sub(lambda match: f"{match[1]}__df", pieces[place])
        pieces[place] = _TRANSACTION.sub('"transaction"', piece)
    return "".join(pieces)


def _explained(said: str) -> str:
    unknown = _UNKNOWN.search(said)
    what = "Invalid or unsupported search"
    if unknown:
        named = unknown[2].removesuffix("__df")
        what = (
            f"Field '{named}' not found"
            if unknown[1] == "column"
            else f"Record '{named}' was not found"
            if unknown[1] == "table"
            else f"Unknown function '{named}'"
        )
    return f"Invalid search query. Detailed unprocessed description follows. Search error occurred: {what}."


@lru_cache(maxsize=50_000)
def _to_char(value: Any, form: str | None = None) -> Any:
    if not isinstance(value, str) or not value.startswith(MARK) or form is None:
        return value if value is None else str(value)
    return datetime.fromisoformat(value[1:]).strftime(_form(form))


def _to_date(text: str | None, form: str) -> str | None:
    return None if text is None else MARK + datetime.strptime(text, _form(form)).strftime("%Y-%m-%d %H:%M:%S")


@lru_cache(maxsize=100)
def _form(form: str) -> str:
    parts = re.split(r'("[^"]*")', form)
    return "".join(part[1:-1] if part.startswith('"') else re.sub("|".join(_TOKENS), lambda match: _TOKENS[match[0]], part) for part in parts)


def _told(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.startswith(MARK):
        day = date.fromisoformat(value[1:11])
        return f"{day.month}/{day.day}/{day.year}"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _kept(value: Any) -> Any:
    if isinstance(value, bool):
        return "T" if value else "F"
    return float(value) if isinstance(value, Decimal) else value


def _id(key: str) -> Any:
    return int(key) if key.isdecimal() else key
