"""The kinds a field can have, and the values that need more than a plain type.

Every derivation (golden columns, GraphQL types, event schemas, the dictionary, normal forms) has one table from
:class:`FieldKind` to its target; a test checks that each table names every kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

Value = object
"""A canonical value in JSON form: str, bool, int, dict, list, or None for "stated empty"."""


class FieldKind(StrEnum):
    """What a field holds; decides its column, its GraphQL type and its normal form."""

    TEXT = "text"
    IDENTIFIER = "identifier"
    EMAIL = "email"
    PHONE = "phone"
    DOMAIN = "domain"
    COUNTRY = "country"
    LANGUAGE = "language"
    TIMEZONE = "timezone"
    CODE = "code"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DATE = "date"
    INSTANT = "instant"
    PERCENT = "percent"
    QUANTITY = "quantity"
    MONEY = "money"
    PRICE = "price"
    REFERENCE = "reference"
    LISTING = "listing"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount at the minor units of its currency.

    >>> Money(Decimal("12.50"), "EUR").json()
    {'amount': '12.50', 'currency': 'EUR'}
    """

    amount: Decimal
    currency: str

    def json(self) -> dict[str, str]:
        return {"amount": format(self.amount, "f"), "currency": self.currency}


@dataclass(frozen=True, slots=True)
class Price:
    """A price per unit, up to six decimals; not money, since it is never posted."""

    amount: Decimal
    currency: str
    per: str

    def json(self) -> dict[str, str]:
        return {"amount": format(self.amount, "f"), "currency": self.currency, "per": self.per}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of units; ``stated`` keeps the source's own figure ("7:30", "450 min")."""

    value: Decimal
    unit: str
    stated: str | None = None

    def json(self) -> dict[str, str]:
        base = {"value": format(self.value, "f"), "unit": self.unit}
        return base | {"stated": self.stated} if self.stated else base


MINOR_UNITS: dict[str, int] = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF", "UYI"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
"""Minor units of the currencies that do not have two (ISO 4217)."""


def minor_units(currency: str) -> int:
    """Decimals of an amount in ``currency``.

    >>> [minor_units(code) for code in ("EUR", "JPY", "KWD", "CLF")]
    [2, 0, 3, 4]
    """
    return MINOR_UNITS.get(currency, 2)
