"""The scalars of the API. Amounts are decimal strings and never floats; days have no zone; instants are UTC.

What comes in is checked here and handed on in canonical form, so a filter or a mutation sees ``"2026-05-17"``,
``"2026-05-17T08:11:52.000000Z"`` or ``"12.5"`` and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NewType
from uuid import UUID

import strawberry
from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)  # fmt: skip
from strawberry.types.scalar import ScalarDefinition

Date = NewType("Date", str)
DateTime = NewType("DateTime", str)
Decimals = NewType("Decimals", str)
Json = NewType("Json", object)
Long = NewType("Long", str)

_DECIMAL = re.compile(r"-?[0-9]{1,38}(\.[0-9]{1,38})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")
_LONG = re.compile(r"-?[0-9]{1,19}")


def parse_decimal(value: Any) -> str:
    """A decimal string or a whole number; a float has lost digits before it came here and is refused.

    >>> parse_decimal("12.50"), parse_decimal(7)
    ('12.50', '7')
    >>> parse_decimal(1.1)
    Traceback (most recent call last):
        ...
    ValueError: send decimals as strings: "12.50"
    """
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**38:
        return str(value)
    if not isinstance(value, str):
        raise ValueError('send decimals as strings: "12.50"')  # noqa: TRY004 - what GraphQL answers as bad input
    if not _DECIMAL.fullmatch(value) or sum(c.isdigit() for c in value) > 38:
        raise ValueError("not a decimal of at most 38 digits without exponent")
    return value


def parse_date(value: Any) -> str:
    """A calendar day."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError("not a date like 2026-05-17")
    return date.fromisoformat(value).isoformat()


def parse_instant(value: Any) -> str:
    """An instant with its offset, in canonical form.

    >>> parse_instant("2026-05-17T10:11:52+02:00")
    '2026-05-17T08:11:52.000000Z'
    """
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ValueError("not an instant like 2026-05-17T08:11:52Z; the offset must be stated")
    try:
        return instant_text(datetime.fromisoformat(value).astimezone(UTC))
    except OverflowError as error:
        raise ValueError("not an instant between the years 1 and 9999") from error


def parse_long(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _LONG.fullmatch(value) or abs(int(value)) >= 2**63:
        raise ValueError("not a whole number of 64 bits")
    return value


def instant_text(value: datetime) -> str:
    """An instant in canonical form: six decimals and Z."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def _out(value: Any) -> Any:
    """Canonical text of whatever a view or a golden row holds."""
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def _json_literal(node: ValueNode, variables: Mapping[str, Any] | None = None) -> Any:
    """A JSON value written in the document; its decimals are read exactly."""
    match node:
        case NullValueNode():
            return None
        case StringValueNode() | BooleanValueNode() | EnumValueNode():
            return node.value
        case IntValueNode():
            return int(node.value) if len(node.value) < 40 else Decimal(node.value)
        case FloatValueNode():
            return Decimal(node.value)
        case ListValueNode():
            return [_json_literal(each, variables) for each in node.values]
        case ObjectValueNode():
            return {each.name.value: _json_literal(each.value, variables) for each in node.fields}
        case VariableNode():
            return (variables or {}).get(node.name.value)
    raise ValueError("not a JSON value")


def json_out(value: Any) -> Any:
    """JSON as it goes out: ids, days, instants and decimals as text, whatever depth they are found at."""
    match value:
        case Mapping():
            return {str(key): json_out(each) for key, each in value.items()}
        case list() | tuple():
            return [json_out(each) for each in value]
        case None | str() | bool() | int():
            return value
        case UUID():
            return str(value)
        case bytes() | memoryview():
            return bytes(value).decode("utf-8", "replace")
    return _out(value)


def _text_literal(parse: Any) -> Any:
    def parse_literal(node: ValueNode, variables: Mapping[str, Any] | None = None) -> Any:
        if isinstance(node, StringValueNode):
            return parse(node.value)
        if isinstance(node, IntValueNode):
            return parse(int(node.value) if len(node.value) < 40 else node.value)
        raise ValueError("write it as a string")

    return parse_literal


def _text_scalar(name: str, doc: str, parse: Any) -> ScalarDefinition:
    return strawberry.scalar(
        name=name, description=doc, serialize=_out, parse_value=parse, parse_literal=_text_literal(parse)
    )


SCALARS: dict[object, ScalarDefinition] = {
    Date: _text_scalar("Date", "A calendar day, 2026-05-17. It has no zone and is never shifted.", parse_date),
    DateTime: _text_scalar("DateTime", "An instant in UTC, RFC 3339: 2026-05-17T08:11:52.000000Z.", parse_instant),
    Decimals: _text_scalar("Decimal", 'An exact decimal as text: "12.50". Floats are refused.', parse_decimal),
    Long: _text_scalar("Long", "A whole number of up to 64 bits, as text.", parse_long),
    Json: strawberry.scalar(
        name="JSON",
        description="Any JSON value. Inside it names are canonical (legal_name), amounts are text.",
        serialize=json_out,
        parse_value=lambda value: value,
        parse_literal=_json_literal,
    ),
}
