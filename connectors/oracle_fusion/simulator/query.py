"""What the simulated pod understands of ``q``: expressions from framework version 2 on, query by example before; and ``orderBy``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

_TOKEN = re.compile(r"""\s*(?:(?P<text>'[^']*'|"[^"]*")|(?P<sign><=|>=|!=|<>|[=<>()])|(?P<word>[^\s'"=<>!();]+))""")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")

Judge = Callable[[Mapping[str, Any]], bool]


class MalformedError(ValueError):
    """A query that Fusion would not take."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a query asks. ``names`` are the attributes it asks by."""

    holds: Judge
    names: frozenset[str]


def parse(text: str, framework: int) -> Condition:
    """Understand a query. Raises MalformedError."""
    if framework == 1:
        parts = [_Parser(_tokens(one)).whole() for one in text.split(";") if one.strip()]
        return Condition(lambda row: all(one.holds(row) for one in parts), frozenset().union(*(one.names for one in parts)))
    if ";" in re.sub(r"'[^']*'|\"[^\"]*\"", "", text):
        raise MalformedError("query by example isn't supported from version 2 of the framework on")
    return _Parser(_tokens(text)).whole()


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise MalformedError(f"unexpected {text[at : at + 20]!r}")
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return found


@dataclass
class _Parser:
    tokens: list[tuple[str, str]]
    at: int = 0

    def __post_init__(self) -> None:
        self.names: set[str] = set()

    def whole(self) -> Condition:
        judge = self._or()
        if self.at < len(self.tokens):
            raise MalformedError(f"unexpected {self.tokens[self.at][1]!r}")
        return Condition(judge, frozenset(self.names))

    def _or(self) -> Judge:
        parts = [self._and()]
        while self._is("or"):
            parts.append(self._and())
        return lambda row: any(part(row) for part in parts)

    def _and(self) -> Judge:
        parts = [self._one()]
        while self._is("and"):
            parts.append(self._one())
        return lambda row: all(part(row) for part in parts)

    def _one(self) -> Judge:
        if self._sign("("):
            inner = self._or()
            if not self._sign(")"):
                raise MalformedError("a parenthesis isn't closed")
            return inner
        name = self._next("word")
        if not _NAME.fullmatch(name):
            raise MalformedError(f"{name!r} is no attribute")
        self.names.add(name)
        if self._is("is"):
            negated = self._is("not")
            if not self._is("null"):
                raise MalformedError("expected null")
            return lambda row: any(one is None for one in values(row, name)) is not negated
        if self._is("like"):
            pattern = re.compile("".join(".*" if one in "%*" else re.escape(one) for one in str(self._value())), re.DOTALL)
            return lambda row: any(isinstance(one, str) and pattern.fullmatch(one) is not None for one in values(row, name))
        sign = self._next("sign")
        if sign not in _SIGNS:
            raise MalformedError(f"unexpected {sign!r}")
        wanted, judge = _Value(self._value()), _SIGNS[sign]
        if "." in name:
            return lambda row: any(one is not None and judge(wanted.compared(one)) for one in values(row, name))
        return lambda row: row.get(name) is not None and judge(wanted.compared(row[name]))

    def _value(self) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at][0] in ("text", "word"):
            kind, text = self.tokens[self.at]
            self.at += 1
            return text[1:-1] if kind == "text" else text
        raise MalformedError("a value is missing")

    def _next(self, kind: str) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != kind:
            raise MalformedError(f"expected a {kind}")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def _is(self, word: str) -> bool:
        return self._step(self.at < len(self.tokens) and self.tokens[self.at][0] == "word" and self.tokens[self.at][1].lower() == word)

    def _sign(self, sign: str) -> bool:
        return self._step(self.at < len(self.tokens) and self.tokens[self.at] == ("sign", sign))

    def _step(self, is_there: bool) -> bool:
        self.at += is_there
        return is_there


def values(row: Mapping[str, Any], name: str) -> Iterator[Any]:
    """What lies at an attribute, in every row of the children on the way."""
    head, _, rest = name.partition(".")
    found = row.get(head)
    if not rest:
        yield found
    elif isinstance(found, list):
        for one in found:
            yield from values(one, rest)


class _Value:
    """A value of a query, compared by number, by instant or by text, as the attribute has it."""

    def __init__(self, text: str) -> None:
        self.text, self.instant = text, _instant(text)
        try:
            self.number: Decimal | int | None = int(text) if re.fullmatch(r"-?\d+", text) else Decimal(text)
        except InvalidOperation:
            self.number = None

    def compared(self, found: Any) -> int:
        """-1, 0 or 1."""
        if isinstance(found, bool):
            return 0 if str(found).lower() == self.text.lower() else 1
        if isinstance(found, int | Decimal):
            if self.number is None:
                raise MalformedError(f"{self.text!r} is no number")
            return (found > self.number) - (found < self.number)
        at = _instant(str(found)) if self.instant is not None else None
        if at is not None and self.instant is not None:
            return (at > self.instant) - (at < self.instant)
        return (str(found) > self.text) - (str(found) < self.text)


def _instant(text: str) -> datetime | None:
    if len(text) < 10 or text[4:5] != "-":
        return None
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


_SIGNS: dict[str, Callable[[int], bool]] = {
    "=": lambda one: one == 0, "!=": lambda one: one != 0, "<>": lambda one: one != 0, ">": lambda one: one > 0, "<": lambda one: one < 0,
    ">=": lambda one: one >= 0, "<=": lambda one: one <= 0,
}  # fmt: skip


def ordered(rows: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """The rows in the order asked for: ``ProjectId:asc,ProjectName:desc``; nulls last."""
    for part in reversed([one for one in text.split(",") if one]):
        name, _, direction = part.partition(":")
        held = [row for row in rows if row.get(name) is not None]
        try:
            held.sort(key=lambda row: row[name], reverse=direction.lower() == "desc")
        except TypeError:
            held.sort(key=lambda row: str(row[name]), reverse=direction.lower() == "desc")
        rows = [*held, *(row for row in rows if row.get(name) is None)]
    return rows
