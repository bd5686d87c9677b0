"""Two-way value codecs: how one system spells a canonical value, and back. ``read(write(x)) == x`` holds for each.

A codec reads what ``json.loads(..., parse_float=Decimal)`` gave (or the text of a CSV cell) and writes what the JSON
encoder of the connector takes; a ``Decimal`` it writes leaves as an exact JSON number. ``None`` never reaches a codec:
the mapping passes "stated empty" through in both directions.
"""

from __future__ import annotations

from collections.abc import Mapping

from schema.codecs.amounts import money, price
from schema.codecs.codec import Codec, CodecError, Read, Write
from schema.codecs.numbers import (
    EXACT,
    MAX_DIGITS,
    ROUNDING,
    at_scale,
    boolean,
    decimal,
    exact_decimal,
    integer,
    percent,
    plain,
)
from schema.codecs.quantities import HOUR_DIGITS, clock, clock_hours, minutes, quantity
from schema.codecs.structures import code, constant, items, reference, structure
from schema.codecs.texts import country, email, identifier, phone, separated, text, trimmed
from schema.codecs.times import EPOCH, canonical_instant, date, epoch, instant, local_instant
from schema.kinds import FieldKind

__all__ = [
    "DEFAULT_CODECS", "EPOCH", "EXACT", "HOUR_DIGITS", "MAX_DIGITS", "ROUNDING", "Codec", "CodecError", "Read", "Write",
    "at_scale", "boolean", "canonical_instant", "clock", "clock_hours", "code", "constant", "country", "date", "decimal", "email",
    "epoch", "exact_decimal", "identifier", "instant", "integer", "items", "local_instant", "minutes", "money", "percent", "phone",
    "plain", "price", "quantity", "reference", "separated", "structure", "text", "trimmed",
]  # fmt: skip

DEFAULT_CODECS: Mapping[FieldKind, Codec | None] = {
    FieldKind.TEXT: trimmed(),
    FieldKind.IDENTIFIER: identifier(),
    FieldKind.EMAIL: email(),
    FieldKind.PHONE: phone(),
    FieldKind.DOMAIN: trimmed(),
    FieldKind.COUNTRY: country(),
    FieldKind.LANGUAGE: trimmed(),
    FieldKind.TIMEZONE: trimmed(),
    FieldKind.CODE: None,
    FieldKind.BOOLEAN: boolean(),
    FieldKind.INTEGER: integer(),
    FieldKind.DATE: date(),
    FieldKind.INSTANT: instant(),
    FieldKind.PERCENT: percent(),
    FieldKind.QUANTITY: None,
    FieldKind.MONEY: None,
    FieldKind.PRICE: None,
    FieldKind.REFERENCE: None,
    FieldKind.LISTING: items(trimmed()),
}
"""The codec of a line that names none; ``None``: the spelling must be said (a code falls back to its field's set)."""
