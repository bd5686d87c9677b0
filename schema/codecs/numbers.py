"""Codecs of truth and of numbers. Numbers are exact: a float is refused, a digit is never rounded away."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Context, Decimal, Inexact, InvalidOperation
from typing import Any

from schema.codecs.codec import Codec, CodecError, Write, same, shown

EXACT = Context(prec=80, traps=[Inexact, InvalidOperation])
ROUNDING = Context(prec=80, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])
MAX_DIGITS = 38
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)


def exact_decimal(value: Any, *, comma: bool = False) -> Decimal:
    """The exact number behind an int, a Decimal or its text; a float is refused, its digits are already lost.

    >>> exact_decimal("1.234,50", comma=True)
    Decimal('1234.50')
    """
    if isinstance(value, str):
        text = value.strip().replace("\u00a0", "").replace(" ", "")
        text = text.replace(".", "").replace(",", ".") if comma else text
        if not _NUMBER.fullmatch(text):
            raise CodecError("", f"expected a number, got {shown(value)}")
        number = Decimal(text)
    elif isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise CodecError("", f"expected a number, got {type(value).__name__} {shown(value)}")
    else:
        number = Decimal(value)
    if not number.is_finite() or number.adjusted() >= MAX_DIGITS or _digits(number) > MAX_DIGITS:
        raise CodecError("", f"expected a number of at most {MAX_DIGITS} digits, got {shown(value)}")
    return number


def _digits(number: Decimal) -> int:
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    return max(len(digits), len(digits) + exponent, -exponent)


def plain(number: Decimal) -> str:
    """Decimal text in normal form: no exponent, no trailing zeros, no negative zero.

    >>> [plain(Decimal(text)) for text in ("1.50", "1E+3", "-0.0")]
    ['1.5', '1000', '0']
    """
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def at_scale(number: Decimal, digits: int, what: str) -> Decimal:
    """``number`` with exactly ``digits`` decimals; digits that would be cut are an error, never rounded away."""
    try:
        return number.quantize(Decimal(1).scaleb(-digits), context=EXACT) + 0
    except (Inexact, InvalidOperation):
        raise CodecError("", f"{plain(number)} has more decimals than {what} allows ({digits})") from None


_TRUE = frozenset(("true", "t", "yes", "y", "1", "on", "x"))
_FALSE = frozenset(("false", "f", "no", "n", "0", "off", ""))


def boolean(true: Any = True, false: Any = False) -> Codec:
    """Truth in the form a system uses (``true``, ``"T"``, ``"Y"``, 1); all usual forms are read.

    >>> [boolean("T", "F").read(form) for form in ("T", "no", 1, True)], boolean("T", "F").write(False)
    ([True, False, True, True], 'F')
    """
    own_true, own_false = str(true).casefold(), str(false).casefold()

    def read(value: Any) -> Any:
        if value is True or value is False:
            return value
        form = str(value).strip().casefold() if isinstance(value, str | int | Decimal) else None
        if form == own_true or (form in _TRUE and form != own_false):
            return True
        if form == own_false or form in _FALSE:
            return False
        raise CodecError("", f"expected true or false, got {shown(value)}")

    return Codec("boolean", read, lambda value: true if value else false)


def integer() -> Codec:
    """A whole number, also when it comes as text or as 12.0."""

    def read(value: Any) -> Any:
        if type(value) is int:
            return value
        if value == "":
            return None
        number = exact_decimal(value)
        if number != number.to_integral_value():
            raise CodecError("", f"expected a whole number, got {shown(value)}")
        return int(number)

    return Codec("integer", read, same)


def number_form(as_text: bool, comma: bool) -> Write:
    """What spells a number as a system takes it: a JSON number, text, or text with a comma."""
    if comma:
        return lambda number: format(number, "f").replace(".", ",")
    return (lambda number: format(number, "f")) if as_text else same


def decimal(*, factor: str = "1", as_text: bool = False, comma: bool = False) -> Codec:
    """A decimal number; theirs times ``factor`` is ours (0.19 with factor 100 is "19" per cent)."""
    times, form = Decimal(factor), number_form(as_text, comma)

    def read(value: Any) -> Any:
        if value == "":
            return None
        return plain(EXACT.multiply(exact_decimal(value, comma=comma), times))

    def write(value: Any) -> Any:
        return form(Decimal(plain(EXACT.divide(exact_decimal(value), times))))

    return Codec("decimal", read, write)


def percent(*, fraction: bool = False, comma: bool = False) -> Codec:
    """A percentage ("12.5"), or the fraction 0.125 of it."""
    return replace(decimal(factor="100" if fraction else "1", comma=comma), name="percent")
