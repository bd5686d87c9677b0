"""The part of ConnectWise's conditions that connectors and their tests ask: comparisons, lists, patterns, AND, OR, brackets."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:\[(?P<instant>[^\]]+)\]|(?P<number>-?\d+(?:\.\d+)?)(?![\w/])|"(?P<text>[^"]*)"|'(?P<quoted>[^']*)'"""
    r"""|(?P<word>[A-Za-z_][A-Za-z0-9_/]*)|(?P<sign><=|>=|!=|=|<|>|\(|\)|,))"""
)
Read = Callable[[str], Any]
"""Field (with / along references) of the record at hand → its value."""
Judge = Callable[[Read], bool]


class MalformedError(ValueError):
    """A condition that ConnectWise would not take."""


def parse(text: str) -> Judge:
    """What judges a record; an empty condition takes all. Raises MalformedError."""
    if not text.strip():
        return lambda read: True
    parser = _Parser(_tokens(text))
    found = parser.either()
    if parser.at < len(parser.tokens):
        raise MalformedError(f"Unexpected '{parser.tokens[parser.at][1]}'")
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise MalformedError(f"Unexpected '{text[at : at + 20]}'")
        kind = str(match.lastgroup)
        found.append(("text" if kind == "quoted" else kind, match[kind]))
        at = match.end()
    return found


@dataclass
class _Parser:
    tokens: list[tuple[str, str]]
    at: int = 0

    def either(self) -> Judge:
        parts = [self.both()]
        while self._word("or"):
            parts.append(self.both())
        return lambda read: any(part(read) for part in parts)

    def both(self) -> Judge:
        parts = [self._one()]
        while self._word("and"):
            parts.append(self._one())
        return lambda read: all(part(read) for part in parts)

    def _one(self) -> Judge:
        if self._sign("("):
            inner = self.either()
            if not self._sign(")"):
                raise MalformedError("A bracket is not closed")
            return inner
        name = self._next("word")[1]
        negated = self._word("not")
        if self._word("in"):
            wanted = self._list()
            return lambda read: (read(name) in wanted) is not negated
        if self._word("like") or self._word("contains"):
            is_like = self.tokens[self.at - 1][1].lower() == "like"
            pattern = _pattern(str(self._value()), is_like)
            return lambda read: (pattern.search(str(read(name) if read(name) is not None else "")) is not None) is not negated
        sign = self._next("sign")[1]
        if sign not in _SIGNS:
            raise MalformedError(f"Unexpected '{sign}'")
        value, judge = self._value(), _SIGNS[sign]
        return lambda read: judge(read(name), value)

    def _list(self) -> list[Any]:
        if not self._sign("("):
            raise MalformedError("Expected a list in brackets")
        found = [self._value()]
        while self._sign(","):
            found.append(self._value())
        if not self._sign(")"):
            raise MalformedError("A bracket is not closed")
        return found

    def _value(self) -> Any:
        kind, text = self._next("")
        match kind:
            case "text":
                return text
            case "number":
                return Decimal(text)
            case "instant":
                return _instant(text)
            case "word" if text.lower() in ("true", "false", "null"):
                return {"true": True, "false": False, "null": None}[text.lower()]
        raise MalformedError(f"Unexpected '{text}'")

    def _next(self, kind: str) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise MalformedError("Unexpected end of the condition")
        token = self.tokens[self.at]
        if kind and token[0] != kind:
            raise MalformedError(f"Unexpected '{token[1]}'")
        self.at += 1
        return token

    def _word(self, word: str) -> bool:
        return self._step("word", word)

    def _sign(self, sign: str) -> bool:
        return self._step("sign", sign)

    def _step(self, kind: str, text: str) -> bool:
        is_there = self.at < len(self.tokens) and self.tokens[self.at][0] == kind and self.tokens[self.at][1].lower() == text
        self.at += is_there
        return is_there


def _pattern(text: str, is_like: bool) -> re.Pattern[str]:
    body = ".*".join(re.escape(part) for part in text.split("*"))
    return re.compile(f"^{body}$" if is_like else body, re.IGNORECASE | re.DOTALL)


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise MalformedError(f"'{text}' is no date") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def _alike(a: Any, b: Any) -> tuple[Any, Any]:
    if isinstance(b, datetime) and isinstance(a, str):
        return _instant(a), b
    if isinstance(a, str) and isinstance(b, str):
        return a.casefold(), b.casefold()
    return a, b


def _equal(a: Any, b: Any) -> bool:
    a, b = _alike(a, b)
    return bool(a == b)


def _ordered(judge: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(a: Any, b: Any) -> bool:
        a, b = _alike(a, b)
        try:
            return a is not None and judge(a, b)
        except TypeError:
            return False

    return compare


_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": _equal, "!=": lambda a, b: not _equal(a, b), ">": _ordered(lambda a, b: bool(a > b)), "<": _ordered(lambda a, b: bool(a < b)),
    ">=": _ordered(lambda a, b: bool(a >= b)), "<=": _ordered(lambda a, b: bool(a <= b)),
}  # fmt: skip
