"""The part of SOQL that connectors and their tests ask: fields along references, conditions, order, limits, COUNT()."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:(?P<instant>\d{4}-\d{2}-\d{2}T[0-9:.]+(?:Z|[+-]\d{2}:?\d{2}))|(?P<date>\d{4}-\d{2}-\d{2})|(?P<number>-?\d+(?:\.\d+)?)"""
    r"""|(?P<text>'(?:[^'\\]|\\.)*')|(?P<word>[A-Za-z_][A-Za-z0-9_.]*(?:\(\))?)|(?P<sign><=|>=|!=|<>|[=<>(),]))"""
)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}

Value = Any
Read = Callable[[str], Value]
"""Field (along references) of the record at hand → its value."""


class MalformedError(ValueError):
    """A query that Salesforce would not take."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query as understood. ``where`` judges a record."""

    object: str
    fields: tuple[str, ...]
    where: Callable[[Read], bool]
    asked: frozenset[str]
    """Every field the query names."""
    order: tuple[tuple[str, bool], ...]
    limit: int | None
    offset: int
    is_count: bool

    def sorted(self, rows: Iterable[Any], read: Callable[[Any], Read]) -> list[Any]:
        """The rows in the order asked for; nulls first, as Salesforce has them."""
        found = list(rows)
        for name, is_descending in reversed(self.order):
            found.sort(key=_by(name, read), reverse=is_descending)
        return found


def _by(name: str, read: Callable[[Any], Read]) -> Callable[[Any], Any]:
    return cmp_to_key(lambda a, b: _compared(read(a)(name), read(b)(name)))


def parse(text: str) -> Query:
    """Understand a query. Raises MalformedError with what was not expected."""
    return _Parser(_tokens(text)).query()


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise MalformedError(f"unexpected token: '{text[at : at + 20]}'")
        found.append(Token(str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return found


@dataclass
class _Parser:
    tokens: list[Token]
    at: int = 0

    def __post_init__(self) -> None:
        self.asked: set[str] = set()

    def query(self) -> Query:
        self._word("SELECT")
        fields, is_count = self._fields()
        self._word("FROM")
        object_ = self._next("word").text
        where = self._or() if self._is("WHERE") else _everything
        order = self._order() if self._is("ORDER") else ()
        limit = int(self._next("number").text) if self._is("LIMIT") else None
        offset = int(self._next("number").text) if self._is("OFFSET") else 0
        if self.at < len(self.tokens):
            raise MalformedError(f"unexpected token: '{self.tokens[self.at].text}'")
        return Query(object_, fields, where, frozenset({*self.asked, *fields}), order, limit, offset, is_count)

    def _fields(self) -> tuple[tuple[str, ...], bool]:
        names = [self._next("word").text]
        if names[0].upper() == "COUNT()":
            return (), True
        while self._sign(","):
            names.append(self._next("word").text)
        return tuple(names), False

    def _order(self) -> tuple[tuple[str, bool], ...]:
        self._word("BY")
        found = []
        while True:
            name = self._next("word").text
            self.asked.add(name)
            is_descending = self._is("DESC")
            if not is_descending:
                self._is("ASC")
            if self._is("NULLS"):
                self._next("word")
            found.append((name, is_descending))
            if not self._sign(","):
                return tuple(found)

    def _or(self) -> Callable[[Read], bool]:
        parts = [self._and()]
        while self._is("OR"):
            parts.append(self._and())
        return lambda read: any(part(read) for part in parts)

    def _and(self) -> Callable[[Read], bool]:
        parts = [self._not()]
        while self._is("AND"):
            parts.append(self._not())
        return lambda read: all(part(read) for part in parts)

    def _not(self) -> Callable[[Read], bool]:
        if self._is("NOT"):
            inner = self._not()
            return lambda read: not inner(read)
        if self._sign("("):
            inner = self._or()
            if not self._sign(")"):
                raise MalformedError("expecting a right parentheses, found end of query")
            return inner
        return self._condition()

    def _condition(self) -> Callable[[Read], bool]:
        name = self._next("word").text
        self.asked.add(name)
        if self._is("IN"):
            wanted = self._list()
            return lambda read: read(name) in wanted
        if self._is("LIKE"):
            pattern = re.compile("".join(".*" if one == "%" else "." if one == "_" else re.escape(one) for one in str(self._value())), re.IGNORECASE | re.DOTALL)
            return lambda read: isinstance(read(name), str) and pattern.fullmatch(read(name)) is not None
        sign = self._next("sign").text
        if sign not in _SIGNS:
            raise MalformedError(f"unexpected token: '{sign}'")
        value, judge = self._value(), _SIGNS[sign]
        return lambda read: judge(read(name), value)

    def _list(self) -> list[Value]:
        if not self._sign("("):
            raise MalformedError("expecting a left parentheses")
        found = [self._value()]
        while self._sign(","):
            found.append(self._value())
        if not self._sign(")"):
            raise MalformedError("expecting a right parentheses")
        return found

    def _value(self) -> Value:
        token = self._next("")
        match token.kind:
            case "text":
                return re.sub(r"\\(.)", lambda one: _PLAIN.get(one[1], one[1]), token.text[1:-1], flags=re.DOTALL)
            case "number":
                return Decimal(token.text)
            case "date":
                return token.text
            case "instant":
                return _instant(token.text)
            case "word" if token.text.lower() in ("true", "false", "null"):
                return {"true": True, "false": False, "null": None}[token.text.lower()]
        raise MalformedError(f"unexpected token: '{token.text}'")

    def _next(self, kind: str) -> Token:
        if self.at >= len(self.tokens):
            raise MalformedError("unexpected token: '<EOF>'")
        token = self.tokens[self.at]
        if kind and token.kind != kind:
            raise MalformedError(f"unexpected token: '{token.text}'")
        self.at += 1
        return token

    def _word(self, word: str) -> None:
        if not self._is(word):
            raise MalformedError(f"expecting {word}")

    def _is(self, word: str) -> bool:
        return self._step(self.at < len(self.tokens) and self.tokens[self.at].kind == "word" and self.tokens[self.at].text.upper() == word)

    def _sign(self, sign: str) -> bool:
        return self._step(self.at < len(self.tokens) and self.tokens[self.at].kind == "sign" and self.tokens[self.at].text == sign)

    def _step(self, is_there: bool) -> bool:
        self.at += is_there
        return is_there


def _everything(_: Read) -> bool:
    return True


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _equal(a: Value, b: Value) -> bool:
    """Texts compare without case, as Salesforce compares them."""
    a, b = _alike(a, b)
    return a.casefold() == b.casefold() if isinstance(a, str) and isinstance(b, str) else bool(a == b)


def _alike(a: Value, b: Value) -> tuple[Value, Value]:
    if isinstance(b, datetime) and isinstance(a, str):
        return _instant(a), b
    return a, b


def _ordered(judge: Callable[[int], bool]) -> Callable[[Value, Value], bool]:
    return lambda a, b: a is not None and b is not None and judge(_compared(*_alike(a, b)))


def _compared(a: Value, b: Value) -> int:
    if a is None or b is None:
        return (a is not None) - (b is not None)
    a, b = _alike(a, b)
    return int(a > b) - int(a < b)


_SIGNS: dict[str, Callable[[Value, Value], bool]] = {
    "=": _equal, "!=": lambda a, b: not _equal(a, b), "<>": lambda a, b: not _equal(a, b), ">": _ordered(lambda one: one > 0),
    "<": _ordered(lambda one: one < 0), ">=": _ordered(lambda one: one >= 0), "<=": _ordered(lambda one: one <= 0),
}  # fmt: skip
