"""Codecs of amounts of money and of prices; their currency is a constant or stands in a field beside them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from schema.codecs.codec import Codec, CodecError, shown
from schema.codecs.numbers import EXACT, at_scale, exact_decimal, number_form, plain
from schema.kinds import minor_units


def money(
    currency: str = "", *, currency_path: str = "", subunits: bool = False, as_text: bool = False, comma: bool = False
) -> Codec:
    """An amount in ``currency`` (constant), or in the currency found at ``currency_path``.

    ``subunits``: the system counts cents (the currency's minor units) in whole numbers.

    >>> money("JPY").read(12), money(currency_path="cur", subunits=True).read((1250, "EUR"))
    ({'amount': '12', 'currency': 'JPY'}, {'amount': '12.50', 'currency': 'EUR'})
    """
    form = number_form(as_text, comma)

    def read(value: Any, unit: str) -> Any:
        number, digits = exact_decimal(value, comma=comma), minor_units(unit)
        number = number.scaleb(-digits, context=EXACT) if subunits else number
        return {"amount": format(at_scale(number, digits, unit), "f"), "currency": unit}

    def write(value: Any) -> Any:
        digits = minor_units(value["currency"])
        number = at_scale(exact_decimal(value["amount"]), digits, value["currency"])
        return int(number.scaleb(digits, context=EXACT)) if subunits else form(number)

    return _with_currency("money", read, write, currency, currency_path)


def price(
    currency: str = "", *, per: str, currency_path: str = "", subunits: bool = False, as_text: bool = False, comma: bool = False
) -> Codec:
    """A price per unit with up to six decimals; ``subunits`` counts cents, possibly broken ones."""
    form = number_form(as_text, comma)

    def read(value: Any, unit: str) -> Any:
        number = exact_decimal(value, comma=comma)
        number = number.scaleb(-minor_units(unit), context=EXACT) if subunits else number
        return {"amount": plain(at_scale(number, 6, "a price")), "currency": unit, "per": per}

    def write(value: Any) -> Any:
        if value["per"] != per:
            raise CodecError("", f"this field holds prices per {per}, not per {value['per']}")
        number = exact_decimal(value["amount"])
        number = number.scaleb(minor_units(value["currency"]), context=EXACT) if subunits else number
        return form(Decimal(plain(number)))

    return _with_currency("price", read, write, currency, currency_path)


def _currency(value: Any) -> str:
    found = value.strip().upper() if isinstance(value, str) else ""
    if len(found) != 3 or not found.isalpha():
        raise CodecError("", f"expected a currency of three letters beside the amount, got {shown(value)}")
    return found


def _with_currency(
    name: str, read: Callable[[Any, str], Any], write: Callable[[Any], Any], currency: str, currency_path: str
) -> Codec:
    """A codec of an amount whose currency is a constant or stands in a field beside it."""
    if bool(currency) == bool(currency_path):
        raise ValueError(f"{name} takes either a constant currency or the path of the field that holds it")
    if currency:

        def write_constant(value: Any) -> Any:
            if value["currency"] != currency:
                raise CodecError("", f"this field holds {currency} only, not {value['currency']}")
            return write(value)

        return Codec(name, lambda value: None if value == "" else read(value, currency), write_constant)

    def read_pair(pair: Any) -> Any:
        amount, unit = pair
        return None if amount is None or amount == "" else read(amount, _currency(unit))

    return Codec(name, read_pair, lambda value: (write(value), value["currency"]), beside=(currency_path,))
