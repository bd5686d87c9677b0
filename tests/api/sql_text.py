"""SQL laid out for reading: a clause, a member or a condition per line, indented by how deep it lies.

Statements of :mod:`hub.api.compile` are one line long. Laid out, the parentheses that only balance concatenations are left
out; everything else is as it is sent, so what is laid out can be run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

WIDTH = 120
_TOKEN = re.compile(r"""\s*(E?'(?:[^']|'')*'|"[^"]*"|\|\||\w+|[(),]|[^\s\w(),'"|]+|\|)""")
_OPENS = {"(": ")", "CASE": "END"}
_CLAUSES = {"SELECT", "FROM", "WHERE", "ORDER", "GROUP", "HAVING", "LIMIT", "UNION", "LEFT", "CROSS", "JOIN", "WITH"}
_NO_CLAUSE = {("ALL", "SELECT"), ("UNION", "SELECT"), ("DISTINCT", "FROM"), ("LEFT", "JOIN"), ("CROSS", "JOIN"), ("WITH", "ORDINALITY")}
_LEVELS = (_CLAUSES, {","}, {"WHEN", "ELSE"}, {"OR"}, {"AND"}, {"||"})
"""What parts a text into lines, the outermost first."""


@dataclass(frozen=True)
class Group:
    """What stands between brackets, or between CASE and END."""

    opening: str
    closing: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Item:
    """A token or a group, and whether a space stands before it."""

    what: str | Group
    spaced: bool


def laid_out(sql: str) -> str:
    """The statement over several lines.

    >>> print(laid_out("SELECT ('{' || (t.id || '}')) FROM api.client AS t"))
    SELECT ('{' || t.id || '}') FROM api.client AS t
    """
    items, _ = _read(list(_tokens(sql)), 0, "")
    return "\n".join(_lines(items, 0))


def opened(sql: str) -> str:
    """The statement with every condition forgotten: each holds for every row. Parameters stay where they are.

    >>> opened("SELECT count(*) FILTER (WHERE a) FROM t WHERE b AND c ORDER BY d")
    'SELECT count(*) FILTER (WHERE (a) OR true) FROM t WHERE (b AND c) OR true ORDER BY d'
    """
    items, _ = _read(list(_tokens(sql)), 0, "")
    return _inline(_open(items))


def _open(items: Sequence[Item]) -> tuple[Item, ...]:
    found: list[Item] = []
    for part in _parted(items, _CLAUSES):
        inner = tuple(Item(replace(one.what, items=_open(one.what.items)), one.spaced) if isinstance(one.what, Group) else one for one in part)
        if inner and inner[0].what == "WHERE":
            found += [inner[0], Item(Group("(", ")", inner[1:]), True), Item("OR true", True)]
        else:
            found += inner
    return tuple(found)


def _tokens(sql: str) -> Iterator[tuple[str, bool]]:
    for found in _TOKEN.finditer(sql):
        yield found[1], found[0] != found[1]


def _read(tokens: Sequence[tuple[str, bool]], at: int, closing: str) -> tuple[tuple[Item, ...], int]:
    """The items up to a closing word, and where it stands."""
    found: list[Item] = []
    while at < len(tokens) and tokens[at][0] != closing:
        text, spaced = tokens[at]
        if text in _OPENS:
            inner, at = _read(tokens, at + 1, _OPENS[text])
            found.append(Item(Group(text, _OPENS[text], inner), spaced))
        else:
            found.append(Item(text, spaced))
        at += 1
    return _flat(found), at


def _flat(items: Sequence[Item]) -> tuple[Item, ...]:
    """Concatenations without the brackets that balance them."""
    found: list[Item] = []
    for at, one in enumerate(items):
        before = items[at - 1].what if at else "||"
        after = items[at + 1].what if at + 1 < len(items) else "||"
        if isinstance(one.what, Group) and {before, after} == {"||"} and len(items) > 1 and _is_concatenation(one.what):
            found += [Item(each.what, each.spaced or not number) for number, each in enumerate(one.what.items)]
        else:
            found.append(one)
    return tuple(found)


def _is_concatenation(group: Group) -> bool:
    words = {one.what for one in group.items}
    return group.opening == "(" and "||" in words and not words & {*_CLAUSES, "AND", "OR", ",", "IS", "->", "->>"}


def _inline(items: Sequence[Item]) -> str:
    return "".join(" " * one.spaced + _text(one.what) for one in items).strip()


def _text(what: str | Group) -> str:
    if isinstance(what, str):
        return what
    space = " " if what.opening == "CASE" else ""
    return f"{what.opening}{space}{_inline(what.items)}{space}{what.closing}"


def _lines(items: Sequence[Item], depth: int) -> list[str]:
    """The items at a depth: on one line, or parted by what parts them outermost."""
    line = "  " * depth + _inline(items)
    if len(line) <= WIDTH:
        return [line]
    for level in _LEVELS:
        parts = list(_parted(items, level))
        if len(parts) > 1:
            inner = depth + _further(items, level)
            if level == {","} and all(len(_inline(part)) < WIDTH // 3 for part in parts):
                return _packed(parts, depth, inner)
            return [each for at, part in enumerate(parts) for each in _lines(part, inner if at else depth)]
    return _opened(items, depth)


def _packed(parts: Sequence[Sequence[Item]], depth: int, inner: int) -> list[str]:
    """Short members of a list, as many on a line as fit."""
    lines, line = list[str](), "  " * depth
    for part in parts:
        text = _inline(part)
        if line.strip() and len(line) + 1 + len(text) > WIDTH:
            lines.append(line)
            line = "  " * inner
        line += (" " if line.strip() else "") + text
    return [*lines, line]


def _further(items: Sequence[Item], level: set[str]) -> int:
    """How much deeper the second part and its followers lie than the first."""
    if level in (_CLAUSES, {"WHEN", "ELSE"}):
        return 0
    return 1 if level != {","} or items[0].what in _CLAUSES else 0


def _parted(items: Sequence[Item], level: set[str]) -> Iterator[Sequence[Item]]:
    """The items in parts that begin with a word of the level; a comma ends its part."""
    begun = 0
    for at, one in enumerate(items):
        word, before = one.what, items[at - 1].what if at else ""
        if at > begun and isinstance(word, str) and word in level and word != "," and (before, word) not in _NO_CLAUSE:
            if not (word == "WITH" and _follows(items, at, "ORDINALITY")):
                yield items[begun:at]
                begun = at
        elif word == "," and word in level and at + 1 < len(items):
            yield items[begun : at + 1]
            begun = at + 1
    yield items[begun:]


def _follows(items: Sequence[Item], at: int, word: str) -> bool:
    return at + 1 < len(items) and items[at + 1].what == word


def _opened(items: Sequence[Item], depth: int) -> list[str]:
    """Groups that are too long for a line have their contents on lines of their own."""
    found, line = [], "  " * depth
    for at, one in enumerate(items):
        space = " " * (one.spaced and at > 0)
        if isinstance(one.what, Group) and len(line) + len(_text(one.what)) > WIDTH:
            found += [f"{line}{space}{one.what.opening}", *_lines(one.what.items, depth + 1)]
            line = "  " * depth + one.what.closing
        else:
            line += space + _text(one.what)
    return [*found, line]
