"""Normal forms of numbers, money, quantities, days and instants: exact, bounded, never through a binary float."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from hub.core.text_forms import (
    MAX_DIGITS, PLAIN, TEXT_PLACEHOLDERS, Ground, InvalidValueError, bounded, clean, is_empty, kind_of, text,
)  # fmt: skip
from schema.kinds import Value, minor_units

_CONTEXT = Context(prec=MAX_DIGITS * 3, rounding=ROUND_HALF_EVEN)

_NORMAL_DECIMAL = re.compile(r"(?:0|-?[1-9]\d{0,17}(?:\.\d{0,11}[1-9])?|-?0\.\d{0,11}[1-9])")
_DECIMAL = re.compile(r"[+-]?(?:\d{1,60}(?:\.\d{0,60})?|\.\d{1,60})(?:[eE][+-]?\d{1,3})?", re.ASCII)


def decimal(value: Any) -> Decimal:
    """Read a decimal; binary floats, NaN, infinities, other digits and exponent bombs are errors."""
    if isinstance(value, str):
        if not _DECIMAL.fullmatch(value.strip()):
            raise InvalidValueError("is not a decimal number")
        try:
            value = Decimal(value.strip())
        except InvalidOperation as error:  # pragma: no cover - the pattern admits only numbers
            raise InvalidValueError("is not a decimal number") from error
    elif isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= 10**MAX_DIGITS:
            raise InvalidValueError(f"has more than {MAX_DIGITS} digits")
        value = Decimal(value)
    elif not isinstance(value, Decimal):
        raise InvalidValueError(f"expected a decimal number, got {kind_of(value)}")
    return bounded(value)


def plain(number: Decimal) -> str:
    """The number without exponent, trailing zeros or negative zero; at most 38 digits.

    >>> [plain(Decimal(text)) for text in ("1.10", "1E+3", "-0.00", "100")]
    ['1.1', '1000', '0', '100']
    """
    if not number:
        return "0"
    written = format(number, "f")
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    if len(written) - written.count(".") - written.count("-") > MAX_DIGITS:
        raise InvalidValueError(f"has more than {MAX_DIGITS} digits")
    return written


def percent(value: Any, ground: Ground) -> Value:
    """
    >>> percent("12.50", Ground()), percent(Decimal("7"), Ground())
    ('12.5', '7')
    """
    if isinstance(value, str):
        if _NORMAL_DECIMAL.fullmatch(value):
            return value
        value = value.strip().removesuffix("%").strip()
        if value.lower() in TEXT_PLACEHOLDERS:
            return None
    return plain(decimal(value))


def _at_scale(number: Decimal, places: int, what: str) -> Decimal:
    scaled = number.quantize(Decimal(1).scaleb(-places), context=_CONTEXT)
    if scaled != number:
        raise InvalidValueError(f"{what} has at most {places} decimals")
    if scaled.adjusted() + 1 + places > MAX_DIGITS:
        raise InvalidValueError(f"has more than {MAX_DIGITS} digits")
    return scaled if scaled else abs(scaled)


def parts_of(value: Any, names: frozenset[str], what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        as_json = getattr(value, "json", None)
        if as_json is None:
            raise InvalidValueError(f"expected {what} as an object with {', '.join(sorted(names))}, got {kind_of(value)}")
        value = as_json()
    for name in value:
        if name not in names:
            raise InvalidValueError(f"{what} has no part '{str(name)[:40]}'", str(name)[:40])
    parts: Mapping[str, Any] = value
    return parts


def _currency(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z]{3}", value.strip()):
        raise InvalidValueError("is not a three-letter currency code", "currency")
    return value.strip().upper()


_MONEY = frozenset({"amount", "currency"})
_PRICE = frozenset({"amount", "currency", "per"})
_QUANTITY = frozenset({"value", "unit", "stated"})


def money(value: Any, ground: Ground) -> Value:
    """An amount at the minor units of its currency; further digits other than zero are an error, never rounded.

    >>> money({"amount": "1.1", "currency": "eur"}, Ground()), money({"amount": Decimal("500.00"), "currency": "JPY"}, Ground())
    ({'amount': '1.10', 'currency': 'EUR'}, {'amount': '500', 'currency': 'JPY'})
    """
    parts = parts_of(value, _MONEY, "money")
    amount = parts.get("amount")
    if is_empty(amount):
        return None
    currency = _currency(parts.get("currency"))
    return {"amount": format(_at_scale(decimal(amount), minor_units(currency), currency), "f"), "currency": currency}


def price(value: Any, ground: Ground) -> Value:
    """A price per unit with up to six decimals.

    >>> price({"amount": "95.00", "currency": "EUR", "per": "hr"}, Ground())
    {'amount': '95', 'currency': 'EUR', 'per': 'hour'}
    """
    parts = parts_of(value, _PRICE, "price")
    amount = parts.get("amount")
    if is_empty(amount):
        return None
    return {
        "amount": plain(_at_scale(decimal(amount), 6, "a price")),
        "currency": _currency(parts.get("currency")),
        "per": _unit(parts.get("per"), "per"),
    }


_UNITS = {
    "h": "hour", "hr": "hour", "hrs": "hour", "hours": "hour", "std": "hour", "d": "day", "days": "day", "months": "month",
    "items": "item", "each": "item", "ea": "item", "pcs": "item", "kilometre": "km", "kilometer": "km", "%": "percent",
    "min": "minute", "mins": "minute", "minutes": "minute",
}  # fmt: skip


def _unit(value: Any, path: str = "unit") -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidValueError("names no unit", path)
    unit = clean(value, PLAIN).lower()
    return _UNITS.get(unit, unit)


def quantity(value: Any, ground: Ground) -> Value:
    """Hours and days to four decimals, others to six; the source's own figure is kept where it reads differently.

    >>> quantity({"value": "50", "unit": "min"}, Ground())
    {'value': '0.8333', 'unit': 'hour', 'stated': '50 min'}
    >>> quantity({"value": "7.50", "unit": "hours", "stated": "7.5"}, Ground())
    {'value': '7.5', 'unit': 'hour'}
    """
    parts = parts_of(value, _QUANTITY, "quantity")
    amount = parts.get("value")
    if is_empty(amount):
        return None
    number, unit = decimal(amount), _unit(parts.get("unit"))
    stated = clean(parts["stated"], ground) if parts.get("stated") is not None else ""
    if unit == "minute":
        stated = stated or f"{plain(number)} min"
        number, unit = (number / 60).quantize(Decimal("0.0001"), context=_CONTEXT), "hour"
    elif unit in ("hour", "day"):
        exact, number = number, number.quantize(Decimal("0.0001"), context=_CONTEXT)
        stated = stated or (plain(exact) if exact != number else "")
    figure = plain(_at_scale(number, 6, f"a quantity in {unit}"))
    normal_form = {"value": figure, "unit": unit}
    if stated and stated not in (figure, f"{figure} {unit}"):
        normal_form["stated"] = stated
    return normal_form


def integer(value: Any, ground: Ground) -> Value:
    """A whole number of at most 64 bits."""
    if is_empty(value):
        return None
    number = value if type(value) is int else decimal(value)
    if number != int(number):
        raise InvalidValueError("is not a whole number")
    if not -(2**63) <= number < 2**63:
        raise InvalidValueError("needs more than 64 bits")
    return int(number)


_BOOLEANS = {"true": True, "false": False, "yes": True, "no": False}


def boolean(value: Any, ground: Ground) -> Value:
    if isinstance(value, bool):
        return value
    if is_empty(value):
        return None
    if isinstance(value, str) and value.strip().lower() in _BOOLEANS:
        return _BOOLEANS[value.strip().lower()]
    raise InvalidValueError(f"expected true or false, got {kind_of(value)}")


_OPEN_DATES = frozenset({"1900-01-01", "1899-12-30", "1899-12-31", "9999-12-31", "0001-01-01", "0000-00-00"})


@lru_cache(maxsize=16384)
def _date(said: str) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", said, re.ASCII):
        raise InvalidValueError("is not a date in the form 2026-05-17")
    try:
        dt.date.fromisoformat(said)
    except ValueError as error:
        raise InvalidValueError("is not a day of the calendar") from error
    return said


def date(value: Any, ground: Ground) -> Value:
    """A calendar day; the dates systems use for "none" are empty.

    >>> date("2026-05-17", Ground()), date("1900-01-01", Ground()), date(dt.date(2026, 5, 17), Ground())
    ('2026-05-17', None, '2026-05-17')
    """
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = value.isoformat()
    said = text(value, ground)
    if said is None or said in _OPEN_DATES:
        return None
    return _date(str(said))


_NORMAL_INSTANT = re.compile(r"\d{4}-[01]\d-[0-3]\d[T][0-2]\d:[0-5]\d:[0-5]\d\.\d{6}Z", re.ASCII)


def instant_text(moment: dt.datetime) -> str:
    """The normal form of an aware instant.

    >>> instant_text(dt.datetime(2026, 5, 17, 8, 11, 52, tzinfo=dt.timezone.utc))
    '2026-05-17T08:11:52.000000Z'
    """
    return _utc_text(moment if moment.tzinfo is dt.UTC else moment.astimezone(dt.UTC))


@lru_cache(maxsize=4096)
def _utc_text(moment: dt.datetime) -> str:
    """The messages of one request share their instant."""
    return moment.isoformat(timespec="microseconds")[:26] + "Z"


def instant(value: Any, ground: Ground) -> Value:
    """An instant in UTC with six decimals; one without offset is an error, since no zone may be guessed.

    >>> instant("2026-05-17T10:11:52+02:00", Ground())
    '2026-05-17T08:11:52.000000Z'
    """
    if not isinstance(value, dt.datetime):
        said = text(value, ground)
        if said is None or str(said)[:10] in _OPEN_DATES:
            return None
        if not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", str(said), re.ASCII):
            raise InvalidValueError("is not an instant in the form 2026-05-17T08:11:52Z")
        try:
            value = dt.datetime.fromisoformat(str(said))
        except ValueError as error:
            raise InvalidValueError("is not an instant in the form 2026-05-17T08:11:52Z") from error
    if value.tzinfo is None:
        raise InvalidValueError("has no offset from UTC")
    try:
        return instant_text(value)
    except OverflowError as error:
        raise InvalidValueError("lies outside the calendar") from error
