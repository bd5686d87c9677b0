"""The questions a database is asked: pages by keyset, never by offset, with its own way to compare rows or that written out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy
from sqlalchemy.sql import ColumnElement, Select
from sqlalchemy.sql.selectable import FromClause

from connectors.sql.config import SqlResource


def source_of(one: SqlResource) -> FromClause:
    """The table, or the select as a table."""
    names = dict.fromkeys([*one.columns, *one.id, *([one.watermark.column] if one.watermark else ())])
    columns: list[Any] = [sqlalchemy.column(name) for name in names]
    if one.select:
        return sqlalchemy.text(one.select.replace(":", "\\:") + "\n").columns(*columns).subquery("source")
    schema, _, name = one.table.rpartition(".")
    return sqlalchemy.table(name, *columns, schema=schema or None)


def page(one: SqlResource, order: Sequence[str], behind: Sequence[Any] | None, since: Any, limit: int, *, compares_rows: bool) -> Select[Any]:
    """A page in the order of some columns: behind a position of theirs, else from the first column's ``since`` on, else from the beginning."""
    source = source_of(one)
    columns = [source.c[name] for name in order]
    shown: list[Any] = [source.c[name] for name in one.columns] if one.columns else [sqlalchemy.text("*")]
    for name in (*one.id, *([one.watermark.column] if one.watermark else ()), *([one.deleted] if one.deleted else ())):
        if one.columns and name not in one.columns:
            shown.append(sqlalchemy.column(name))
    query = sqlalchemy.select(*shown).select_from(source).order_by(*columns).limit(limit)
    if behind is not None:
        return query.where(follows(columns, behind, compares_rows=compares_rows))
    return query if since is None else query.where(columns[0] >= since)


def follows(columns: Sequence[ColumnElement[Any]], behind: Sequence[Any], *, compares_rows: bool) -> ColumnElement[bool]:
    """(a, b) > (x, y); where a database cannot compare rows: a >= x AND (a > x OR (a = x AND b > y)), of which an index serves the first.

    >>> a, b = sqlalchemy.column("a"), sqlalchemy.column("b")
    >>> str(follows([a, b], [1, 2], compares_rows=True).compile(compile_kwargs={"literal_binds": True}))
    '(a, b) > (1, 2)'
    >>> str(follows([a, b], [1, 2], compares_rows=False).compile(compile_kwargs={"literal_binds": True}))
    'a >= 1 AND (a > 1 OR a = 1 AND b > 2)'
    """
    if len(columns) == 1:
        alone: ColumnElement[bool] = columns[0] > behind[0]
        return alone
    if compares_rows:
        compared: ColumnElement[bool] = sqlalchemy.tuple_(*columns) > sqlalchemy.tuple_(*(sqlalchemy.literal(value) for value in behind))
        return compared
    ways = [
        sqlalchemy.and_(*(columns[at] == behind[at] for at in range(place)), columns[place] > behind[place]) for place in range(len(columns))
    ]
    return sqlalchemy.and_(columns[0] >= behind[0], sqlalchemy.or_(*ways))


def newest(one: SqlResource) -> Select[Any]:
    """The highest watermark there is."""
    assert one.watermark is not None
    source = source_of(one)
    return sqlalchemy.select(sqlalchemy.func.max(source.c[one.watermark.column]).label("newest")).select_from(source)


def by_id(one: SqlResource, values: Sequence[Any]) -> Select[Any]:
    """One row; with no values any row, to see what its ids are."""
    source = source_of(one)
    query = sqlalchemy.select(sqlalchemy.text("*")).select_from(source).limit(1)
    for name, value in zip(one.id, values, strict=False):
        query = query.where(source.c[name] == value)
    return query


def clock(expression: str) -> sqlalchemy.TextClause:
    """What time the database says it is, as ``now``."""
    return sqlalchemy.text(f"SELECT {expression.replace(':', chr(92) + ':')} AS now")
