"""Between three spellings of a value: the canonical one, the columns of a view, and the parameters of a statement."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg

from hub.api.access import Role, masked_fields
from hub.api.errors import ApiError, Code
from hub.api.names import camel
from hub.api.slots import Slot, filled, waits
from hub.store.golden import decimal_text, instant_text
from schema.kinds import FieldKind
from schema.language import EntityMeta

Getter = Callable[[asyncpg.Record], Any]


def _plain(name: str) -> Getter:
    return lambda record: record[name]


def _mapped(name: str, text: Callable[[Any], Any]) -> Getter:
    return lambda record: None if (cell := record[name]) is None else text(cell)


def _quantity(name: str) -> Getter:
    def read(record: asyncpg.Record) -> Any:
        if (value := record[name]) is None:
            return None
        return {"value": decimal_text(value), "unit": record[f"{name}_unit"], "stated": record[f"{name}_stated"]}

    return read


def _money(name: str) -> Getter:
    def read(record: asyncpg.Record) -> Any:
        if (amount := record[name]) is None:
            return None
        return {"amount": format(amount, "f"), "currency": record[f"{name}_currency"]}

    return read


def _price(name: str) -> Getter:
    def read(record: asyncpg.Record) -> Any:
        if (amount := record[name]) is None:
            return None
        return {
            "amount": decimal_text(amount),
            "currency": record[f"{name}_currency"],
            "per": record[f"{name}_per"],
        }

    return read


READ: Mapping[FieldKind, Callable[[str], Getter]] = {
    **dict.fromkeys(
        (
            FieldKind.TEXT, FieldKind.IDENTIFIER, FieldKind.EMAIL, FieldKind.PHONE, FieldKind.DOMAIN,
            FieldKind.COUNTRY, FieldKind.LANGUAGE, FieldKind.TIMEZONE, FieldKind.CODE, FieldKind.BOOLEAN,
            FieldKind.INTEGER, FieldKind.LISTING,
        ),
        _plain,
    ),
    FieldKind.DATE: lambda name: _mapped(name, date.isoformat),
    FieldKind.INSTANT: lambda name: _mapped(name, instant_text),
    FieldKind.PERCENT: lambda name: _mapped(name, decimal_text),
    FieldKind.QUANTITY: _quantity,
    FieldKind.MONEY: _money,
    FieldKind.PRICE: _price,
    FieldKind.REFERENCE: lambda name: _mapped(f"{name}_id", str),
}  # fmt: skip
"""How a golden row's columns become the canonical value of a field of each kind."""


@lru_cache(maxsize=1024)
def getters(meta: EntityMeta, role: Role) -> Mapping[str, Getter]:
    """How each field of a golden row is read by this role; masked ones read as null."""
    masked = masked_fields(meta, role)
    found: dict[str, Getter] = {
        "id": lambda record: str(record["id"]),
        "version": _plain("version"),
        "record_state": _plain("record_state"),
        "created_at": _mapped("created_at", instant_text),
        "updated_at": _mapped("updated_at", instant_text),
        "extra": lambda record: record["extra"] or {},
        "masked": lambda _: [camel(name) for name in sorted(masked)],
    }
    for name, field in meta.fields.items():
        read = READ[field.kind](name) if name not in masked else lambda _: None
        found[f"{name}_id" if field.kind is FieldKind.REFERENCE else name] = read
    return found


class Row:
    """A golden record as it was read, seen by one role."""

    __slots__ = ("meta", "read", "record")

    def __init__(self, meta: EntityMeta, record: asyncpg.Record, role: Role) -> None:
        self.meta, self.record, self.read = meta, record, getters(meta, role)

    def get(self, name: str) -> Any:
        return self.read[name](self.record)

    def is_in_force(self, on: str) -> bool:
        """Whether the record is in force on a day; open ends are for ever, the last day is in force."""
        assert self.meta.valid is not None
        starts, ends = (self.record[name] for name in self.meta.valid)
        day = date.fromisoformat(on)
        return (starts is None or starts <= day) and (ends is None or day <= ends)

    @property
    def id(self) -> UUID:
        found: UUID = self.record["id"]
        return found


TO_SQL: Mapping[str, Callable[[Any], Any]] = {
    "text": lambda value: _text(value),
    "boolean": bool,
    "bigint": lambda value: _whole(value, 64),
    "integer": lambda value: _whole(value, 32),
    "date": date.fromisoformat,
    "timestamptz": datetime.fromisoformat,
    "numeric": Decimal,
    "uuid": lambda value: value if isinstance(value, UUID) else UUID(value),
    "jsonb": lambda value: _json(value),
}
"""A canonical value as the parameter of a statement, by the column's type."""


def to_sql(type_name: str, value: Any, field: str) -> Any:
    """A parameter; what the column's type cannot hold is the caller's mistake. A value to come is converted when it comes."""
    if waits(value):
        return Slot(lambda given: to_sql(type_name, filled(value, given), field))
    try:
        return TO_SQL[type_name](value)
    except (ValueError, TypeError, ArithmeticError, AttributeError) as error:
        raise ApiError(Code.BAD_INPUT, f"{field} is not a value this field can be compared with", field) from error


def _text(value: str) -> str:
    """Postgres holds neither NUL nor lone surrogates."""
    if "\x00" in value:
        raise ValueError("text with NUL")
    value.encode("utf-8")
    return value


def _json(value: Any) -> Any:
    """jsonb refuses NUL too, at any depth; lone surrogates fail to encode."""
    if "\\u0000" in json.dumps(value, default=str):
        raise ValueError("text with NUL")
    json.dumps(value, default=str, ensure_ascii=False).encode("utf-8")
    return value


def _whole(value: Any, bits: int) -> int:
    number = int(value)
    if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
        raise ValueError("too large")
    return number


def as_text(value: Any) -> str | bool | None:
    """A cell as text that :func:`to_sql` reads back exactly; what a cursor is made of."""
    match value:
        case None | bool():
            return value
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
    return str(value)
