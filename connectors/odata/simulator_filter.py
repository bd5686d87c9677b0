"""The part of $filter and $orderby that clients ask: comparisons, and/or/not, the usual functions, literals of both versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from connectors.odata.values import DATE, DATETIME, GUID, INSTANT, STRING

Value = Any
Read = Callable[[str], Value]
"""Property (along references) of the record at hand → its value."""
Condition = Callable[[Read], bool]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<guid>(?:guid'[0-9a-fA-F-]{36}')|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})
    | (?P<instant>datetime(?:offset)?'[^']*'|\d{4}-\d{2}-\d{2}T[0-9:.]+(?:Z|[+-]\d{2}:?\d{2})?)
    | (?P<day>\d{4}-\d{2}-\d{2})
    | (?P<time>time'[^']*')
    | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[MmLlDdFf]?(?![\w-]))
    | (?P<enum>[A-Za-z_][\w.]*\.[A-Za-z_]\w*'(?:[^']|'')*')
    | (?P<text>'(?:[^']|'')*')
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:/[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<sign>[(),])
    )""",
    re.VERBOSE,
)
_SIGNS = ("eq", "ne", "gt", "ge", "lt", "le")
_FUNCTIONS = ("contains", "startswith", "endswith", "substringof", "tolower", "toupper", "trim", "length")


class MalformedError(ValueError):
    """A question the service would not take."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value with the kind of literal it stood as."""

    kind: str
    value: Value


def parse(text: str, types: Mapping[str, str], *, ignores_case: bool = True) -> Condition:
    """Understand a filter over properties of these types. Raises MalformedError with what is wrong."""
    return _Parser(_tokens(text), types, ignores_case).whole()


def ordered(rows: Iterable[Any], order: str, types: Mapping[str, str], read: Callable[[Any], Read]) -> list[Any]:
    """The rows in an order asked for. Raises MalformedError for a property that is not there."""
    found = list(rows)
    for name, is_descending in reversed(terms(order, types)):
        values = {id(row): read(row)(name) for row in found}
        if all(type(one) is str for one in values.values()):
            found.sort(key=lambda row, values=values: values[id(row)], reverse=is_descending)  # type: ignore[misc]
        else:
            found.sort(key=cmp_to_key(lambda a, b, values=values: compare(values[id(a)], values[id(b)])), reverse=is_descending)  # type: ignore[misc]
    return found


def terms(order: str, types: Mapping[str, str]) -> list[tuple[str, bool]]:
    """Property and whether it goes down, of each part of an order."""
    found = []
    for part in filter(None, (one.strip() for one in order.split(","))):
        name, _, direction = part.partition(" ")
        if name not in types or direction not in ("", "asc", "desc"):
            raise MalformedError(f"Could not find a property named '{name}'")
        found.append((name, direction == "desc"))
    return found


def compare(a: Value, b: Value) -> int:
    """Order of two values; what is empty comes first."""
    if a is None or b is None:
        return (a is not None) - (b is not None)
    a, b = _alike(a, b)
    return int(a > b) - int(a < b)


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or not match[0]:
            raise MalformedError(f"Syntax error at position {at} in '{text}'.")
        found.append(Token(str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return found


@dataclass
class _Parser:
    tokens: list[Token]
    types: Mapping[str, str]
    ignores_case: bool
    at: int = 0

    def whole(self) -> Condition:
        found = self._or()
        if self.at < len(self.tokens):
            raise MalformedError(f"Syntax error at '{self.tokens[self.at].text}'.")
        return found

    def _or(self) -> Condition:
        parts = [self._and()]
        while self._is("or"):
            parts.append(self._and())
        return lambda read: any(part(read) for part in parts)

    def _and(self) -> Condition:
        parts = [self._not()]
        while self._is("and"):
            parts.append(self._not())
        return lambda read: all(part(read) for part in parts)

    def _not(self) -> Condition:
        if self._is("not"):
            inner = self._not()
            return lambda read: not inner(read)
        if self._is("("):
            inner = self._or()
            self._need(")")
            return inner
        return self._condition()

    def _condition(self) -> Condition:
        left, type = self._operand()
        if self._is("in"):
            self._need("(")
            wanted = [self._constant(type)]
            while self._is(","):
                wanted.append(self._constant(type))
            self._need(")")
            return lambda read: any(self._equal(left(read), one) for one in wanted)
        sign = self._next().text if self.at < len(self.tokens) and self.tokens[self.at].text in _SIGNS else ""
        if not sign:
            if type != "bool":
                raise MalformedError("The $filter expression must evaluate to a single boolean value.")
            return lambda read: left(read) is True
        right, other = self._operand(type)
        if type == "bool" and sign in ("eq", "ne") and other not in ("bool", "Edm.Boolean"):
            raise MalformedError("A binary operator with incompatible types was detected.")
        return lambda read: self._judge(sign, left(read), right(read))

    def _operand(self, type: str = "") -> tuple[Callable[[Read], Value], str]:
        """A property, a function or a constant, and its type."""
        token = self.tokens[self.at] if self.at < len(self.tokens) else Token("end", "")
        following = self.tokens[self.at + 1].text if self.at + 1 < len(self.tokens) else ""
        if token.kind == "word" and following == "(":
            return self._function()
        if token.kind == "word" and token.text not in ("true", "false", "null"):
            self.at += 1
            if token.text not in self.types:
                raise MalformedError(f"Could not find a property named '{token.text}'")
            return (lambda read: read(token.text)), self.types[token.text]
        value = self._constant(type)
        return (lambda read: value), type or ("bool" if isinstance(value, bool) else STRING if isinstance(value, str) else "")

    def _function(self) -> tuple[Callable[[Read], Value], str]:
        name = self._next().text
        if name not in _FUNCTIONS:
            raise MalformedError(f"An unknown function with name '{name}' was found.")
        self._need("(")
        operands = [self._operand()[0]]
        while self._is(","):
            operands.append(self._operand()[0])
        self._need(")")
        if name in ("contains", "startswith", "endswith", "substringof"):
            if len(operands) != 2:
                raise MalformedError(f"No function signature for the function with name '{name}' matches the specified arguments.")
            first, second = operands if name != "substringof" else operands[::-1]
            return (lambda read: self._holds(name, first(read), second(read))), "bool"
        one = operands[0]
        return (lambda read: _changed(name, one(read))), STRING if name != "length" else "Edm.Int32"

    def _constant(self, type: str) -> Value:
        found = _literal(self._next())
        if found.value is not None and not _fits(found.kind, type):
            raise MalformedError(f"A binary operator with incompatible types was detected. Found operand types '{type}' and a {found.kind}.")
        return found.value

    def _judge(self, sign: str, a: Value, b: Value) -> bool:
        if sign in ("eq", "ne"):
            return self._equal(a, b) is (sign == "eq")
        if a is None or b is None:
            return False
        order = compare(a, b)
        return {"gt": order > 0, "ge": order >= 0, "lt": order < 0, "le": order <= 0}[sign]

    def _equal(self, a: Value, b: Value) -> bool:
        if a is None or b is None:
            return a is None and b is None
        a, b = _alike(a, b)
        if self.ignores_case and isinstance(a, str) and isinstance(b, str):
            return a.casefold() == b.casefold()
        return bool(a == b)

    def _holds(self, name: str, whole: Value, part: Value) -> bool:
        if not isinstance(whole, str) or not isinstance(part, str):
            return False
        if self.ignores_case:
            whole, part = whole.casefold(), part.casefold()
        return whole.startswith(part) if name == "startswith" else whole.endswith(part) if name == "endswith" else part in whole

    def _next(self) -> Token:
        if self.at >= len(self.tokens):
            raise MalformedError("Expression expected at the end.")
        self.at += 1
        return self.tokens[self.at - 1]

    def _need(self, text: str) -> None:
        if not self._is(text):
            raise MalformedError(f"'{text}' expected.")

    def _is(self, text: str) -> bool:
        is_there = self.at < len(self.tokens) and self.tokens[self.at].kind in ("word", "sign") and self.tokens[self.at].text == text
        self.at += is_there
        return is_there


def _literal(token: Token) -> Literal:
    inner = token.text.partition("'")[2].rpartition("'")[0] if token.text.endswith("'") else token.text
    match token.kind:
        case "text" | "enum":
            return Literal(token.kind, inner.replace("''", "'"))
        case "guid":
            return Literal("guid", inner.lower())
        case "instant":
            return Literal("instant", _moment(inner))
        case "day" | "time":
            return Literal(token.kind, inner)
        case "number":
            return Literal("number", Decimal(token.text.rstrip("MmLlDdFf")))
        case "word" if token.text in ("true", "false", "null"):
            return Literal("bool", {"true": True, "false": False, "null": None}[token.text])
    raise MalformedError(f"Syntax error at '{token.text}'.")


def _fits(kind: str, type: str) -> bool:
    """Whether a literal may be compared with a property of a type; a service that is asked otherwise refuses."""
    if not type or not type.startswith("Edm."):
        return True
    if type == STRING:
        return kind == "text"
    if type == GUID:
        return kind == "guid"
    if type in (DATETIME, INSTANT, DATE):
        return kind in ("instant", "day")
    return kind == ("bool" if type == "Edm.Boolean" else "time" if type in ("Edm.Time", "Edm.TimeOfDay") else "number")


def _changed(name: str, value: Value) -> Value:
    if not isinstance(value, str):
        return None
    return {"tolower": value.lower(), "toupper": value.upper(), "trim": value.strip(), "length": len(value)}[name]


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedError(f"Unrecognized '{text}'.") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _alike(a: Value, b: Value) -> tuple[Value, Value]:
    """Both as one type: texts become instants beside an instant."""
    if isinstance(a, datetime) and isinstance(b, str):
        return a, _moment(b)
    if isinstance(b, datetime) and isinstance(a, str):
        return _moment(a), b
    if isinstance(a, str) and isinstance(b, Decimal | int) and not isinstance(b, bool):
        return Decimal(a), b
    if isinstance(b, str) and isinstance(a, Decimal | int) and not isinstance(a, bool):
        return a, Decimal(b)
    return a, b
