"""JSON as SQL text: literals and expressions joined by ``||``, which PostgreSQL does at half the price of its JSON functions.

An expression here is always of type ``text``. It may be NULL only where a function says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True)
class Sql:
    """An SQL expression of type text."""

    sql: str


Part = str | Sql
"""A literal piece of the answer, or an expression that makes one."""


@dataclass(frozen=True, slots=True)
class Value:
    """A JSON value: its parts when nothing needs escaping, its parts when something may, and whether it is there.

    ``present`` is an SQL condition; empty when the value is never null; None when the parts are NULL with the value.
    """

    plain: tuple[Part, ...]
    escaped: tuple[Part, ...]
    present: str | None = None


def always(*parts: Part) -> Value:
    """A value that is never null and holds no text of a source."""
    return Value(parts, parts, "")


def nullable(*parts: Part) -> Value:
    """A value whose parts are NULL with it, and that holds no text of a source or escapes it itself."""
    return Value(parts, parts)


def json_literal(value: object) -> str:
    """A constant as JSON."""
    return orjson.dumps(value).decode()


def quoted(text: str) -> str:
    """A literal of SQL. Its text comes from documents and the model and holds no NUL."""
    return "'" + text.replace("'", "''") + "'"


def joined(parts: Sequence[Part]) -> str:
    """One text expression of the parts, joined as a balanced tree: PostgreSQL walks expressions by calling itself, and a
    chain of thousands would be too deep for its stack. (In time the two forms are level.)

    >>> joined(['{"id":"', Sql("t.id::text"), '"', "}"])
    '(\\'{"id":"\\' || (t.id::text || \\'"}\\'))'
    """
    merged: list[Part] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    if not merged:
        return "''::text"
    if len(merged) == 1 and isinstance(merged[0], str):
        return quoted(merged[0]) + "::text"
    return _tree([quoted(part) if isinstance(part, str) else part.sql for part in merged])


def _tree(terms: list[str]) -> str:
    if len(terms) == 1:
        return terms[0]
    middle = len(terms) // 2
    return f"({_tree(terms[:middle])} || {_tree(terms[middle:])})"


def or_null(prefix: str, parts: Sequence[Part], present: str | None) -> tuple[Part, ...]:
    """The prefix and the value, or the prefix and ``null``; the prefix lies inside, which saves a concatenation."""
    if present == "":
        return (prefix, *parts)
    absent = quoted(prefix + "null")
    if present is None:
        return (Sql(f"coalesce({joined((prefix, *parts))}, {absent})"),)
    return (Sql(f"CASE WHEN {present} THEN {joined((prefix, *parts))} ELSE {absent} END"),)


def json_object(members: Sequence[tuple[str, Value]], is_plain: str = "") -> tuple[Part, ...]:
    """An object of named values.

    ``is_plain`` is a condition under which no text needs escaping; neighbours of one row share one question.
    """
    found: list[Part] = []
    run: list[tuple[str, Value]] = []

    def flush() -> None:
        plain = [part for prefix, value in run for part in or_null(prefix, value.plain, value.present)]
        escaped = [part for prefix, value in run for part in or_null(prefix, value.escaped, value.present)]
        if plain != escaped and is_plain:
            found.append(Sql(f"CASE WHEN {is_plain} THEN {joined(plain)} ELSE {joined(escaped)} END"))
        else:
            found.extend(escaped)
        run.clear()

    for at, (name, value) in enumerate(members):
        prefix = f'{"," if at else "{"}"{name}":'
        if _reads_rows(value):
            flush()
            found.extend(or_null(prefix, value.escaped, value.present))
        else:
            run.append((prefix, value))
    flush()
    found.append("}" if members else "{}")
    return tuple(found)


def _reads_rows(value: Value) -> bool:
    """Whether the value comes from other rows, so that writing it in both branches would be a waste."""
    return any(isinstance(part, Sql) and "SELECT" in part.sql for part in value.escaped)


def listed(expression: str, order: str = "", which: str = "") -> tuple[Part, ...]:
    """All rows' texts in brackets. The brackets stay apart, so that what stands around them joins them without a copy."""
    by = f" ORDER BY {order}" if order else ""
    only = f" FILTER (WHERE {which})" if which else ""
    return ("[", Sql(f"coalesce(string_agg({expression}, ','{by}){only}, '')"), "]")
