"""Codecs of quantities; hours also where a system counts minutes or writes "7:30"."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from schema.codecs.codec import Codec, CodecError, shown
from schema.codecs.numbers import ROUNDING, exact_decimal, number_form, plain

HOUR_DIGITS = 4
"""An hour is kept to four decimals, so that every whole minute comes back as the same minute."""
_CLOCK = re.compile(r"(-?)(\d{1,6}):([0-5]\d)", re.ASCII)


def quantity(unit: str, *, as_text: bool = False, comma: bool = False) -> Codec:
    """A decimal number of ``unit`` (hour, day, item, km)."""
    form = number_form(as_text, comma)

    def read(value: Any) -> Any:
        return None if value == "" else {"value": plain(exact_decimal(value, comma=comma)), "unit": unit}

    return Codec("quantity", read, lambda value: form(exact_decimal(_in(value, unit))))


def minutes() -> Codec:
    """Hours that a system counts in whole minutes; the minutes stay visible as ``stated``.

    >>> minutes().read(450), minutes().write({"value": "7.3333", "unit": "hour"})
    ({'value': '7.5', 'unit': 'hour', 'stated': '450 min'}, 440)
    """

    def read(value: Any) -> Any:
        if value == "":
            return None
        number = exact_decimal(value)
        return _hours(number, f"{plain(number)} min")

    return Codec("minutes", read, _whole_minutes)


def clock_hours() -> Codec:
    """Hours written as "7:30" (minus in front for a reversal).

    >>> clock_hours().read("-7:20"), clock_hours().write({"value": "-7.3333", "unit": "hour"})
    ({'value': '-7.3333', 'unit': 'hour', 'stated': '-7:20'}, '-7:20')
    """

    def read(value: Any) -> Any:
        if value == "":
            return None
        found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None:
            raise CodecError("", f'expected hours like "7:30", got {shown(value)}')
        sign, hours, rest = found.groups()
        total = Decimal(int(hours) * 60 + int(rest))
        return _hours(-total if sign else total, clock(int(-total if sign else total)))

    return Codec("clock_hours", read, lambda value: clock(_whole_minutes(value)))


def clock(minutes: int) -> str:
    """Minutes as "h:mm"."""
    return f"{'-' if minutes < 0 else ''}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"


def _in(value: Any, unit: str) -> Any:
    if value["unit"] != unit:
        raise CodecError("", f"this field counts in {unit}, not in {value['unit']}")
    return value["value"]


def _hours(minutes: Decimal, stated: str) -> dict[str, str]:
    hours = ROUNDING.divide(minutes, Decimal(60)).quantize(Decimal(1).scaleb(-HOUR_DIGITS), context=ROUNDING)
    return {"value": plain(hours), "unit": "hour", "stated": stated}


def _whole_minutes(value: Any) -> int:
    return int((exact_decimal(_in(value, "hour")) * 60).to_integral_value(context=ROUNDING))
