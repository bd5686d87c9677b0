"""The statement of an export: which rows, in order of their id, and what Postgres writes of each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from hub.api import statement
from hub.api.export.columns import Cell, Column, day, instant
from hub.api.plan import OrderBy, Page, Plan
from hub.api.statement import Bound

EVERY_ROW = 2**31 - 2


def rows(plan: Plan, columns: Sequence[Column], written: str, after: UUID | None) -> Bound:
    """``written`` of every row of the plan behind the given id."""
    reads = tuple(dict.fromkeys(name for column in columns for name in column.reads))
    page = Page(EVERY_ROW, after=None if after is None else (after,))
    inner = statement.rows(replace(plan, columns=reads, order=(OrderBy("id"),), page=page))
    return Bound(f"SELECT {written} FROM ({inner.sql}) AS r", inner.values)


def estimate(plan: Plan) -> Bound:
    """Explains the plan's rows instead of reading them; the answer tells how many Postgres expects."""
    inner = statement.rows(replace(plan, columns=("id",), order=(OrderBy("id"),), page=Page(EVERY_ROW)))
    return Bound(f"EXPLAIN (FORMAT JSON) {inner.sql}", inner.values)


def json_line(columns: Sequence[Column]) -> str:
    """A row as the text of one JSON object."""
    parts = [f"""'{"," if at else "{"}"{column.name}":' || {column.json}""" for at, column in enumerate(columns)]
    return " || ".join(parts) + " || '}'"


def csv_line(cells: Sequence[Cell]) -> str:
    """A row as a line of CSV (RFC 4180): text in quotes, empty values as nothing, numbers and days bare."""
    return " || ',' || ".join(_csv(cell) for cell in cells)


_FORMULA = "^[-=+@＝＋－＠\t\r\n]"
"""How a cell begins that a spreadsheet would run; such text gets an apostrophe in front."""


def _csv(cell: Cell) -> str:
    value = cell.value
    match cell.type_name:
        case "text" | "jsonb":
            plain = f"({value})::text"
            safe = f"CASE WHEN {plain} ~ '{_FORMULA}' THEN '''' || {plain} ELSE {plain} END"
            return f"""coalesce('"' || replace({safe}, '"', '""') || '"', '')"""
        case "timestamptz" | "date" if not value.startswith("NULL"):
            name = value.removeprefix('r."').removesuffix('"')
            return f"coalesce({instant(name) if cell.type_name == 'timestamptz' else day(name)}, '')"
        case "numeric" if cell.is_trimmed:
            return f"coalesce(trim_scale({value})::text, '')"
    return f"coalesce(({value})::text, '')"


def raw(cells: Sequence[Cell]) -> str:
    """A row as values: ids and JSON as text, numbers, days and instants as what they are."""
    return ", ".join(f"({cell.value})::text" if cell.type_name in ("uuid", "jsonb") else cell.value for cell in cells)
