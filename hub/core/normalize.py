"""Normal forms: every value that enters has one spelling, so equality of values is equality of things.

One table from :class:`FieldKind` to a function; :func:`normal_values` runs it over a record with everything compiled
once per entity. A placeholder ("n/a", 000000000, 1900-01-01) is empty; a value that cannot be read is a problem of its
field and leaves the others alone. An identifier whose check digit is wrong is *kept*: survivorship never lets it win.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from hub.core.countries import country_code
from hub.core.identifiers import REGISTERED
from hub.core.number_forms import (
    boolean, date, decimal, instant, instant_text, integer, money, parts_of, percent, plain, price, quantity,
)  # fmt: skip
from hub.core.records import Values
from hub.core.reference_forms import extra, reference
from hub.core.text_forms import (
    PLAIN, TEXT_LIMIT_BYTES, Ground, InvalidValueError, Normaliser, business_identifier, code, country, domain, email,
    identifier, kind_of, language, phone, text, timezone,
)  # fmt: skip
from schema.kinds import FieldKind, Value
from schema.language import EntityMeta, Field

__all__ = [
    "NORMALISERS", "TEXT_LIMIT_BYTES", "Ground", "InvalidValueError", "Normaliser", "Problem", "decimal", "instant_text",
    "normal", "normal_values", "normaliser", "plain",
]  # fmt: skip


class Problem(NamedTuple):
    """Why one field of a record was left out."""

    field: str
    cause: str
    """``type`` (unreadable) or ``unknown_field``."""
    reason: str


def normal(field: Field[Any], value: Any, *, country: str = "", limit_bytes: int = TEXT_LIMIT_BYTES) -> Value:
    """The normal form of one value; None for empty and placeholders. Raises :class:`InvalidValueError`."""
    if value is None:
        return None
    return normaliser(field)(value, Ground(country, limit_bytes))


def normal_values(
    entity: EntityMeta, raw: Mapping[str, Any], *, limit_bytes: int = TEXT_LIMIT_BYTES
) -> tuple[Values, tuple[Problem, ...]]:
    """Normal forms of a record's values, and what could not be read. Keys are fields or ``extra.<name>``."""
    compiled = _compiled(entity)
    country = raw.get("country")
    ground = PLAIN
    if country or limit_bytes != TEXT_LIMIT_BYTES:
        ground = Ground(country_code(country) or "" if isinstance(country, str) else "", limit_bytes)
    values: Values = {}
    problems: list[Problem] = []
    for name, value in raw.items():
        function = compiled.get(name)
        if function is None:
            if not name.startswith("extra."):
                problems.append(Problem(name, "unknown_field", f"{entity.name} has no field '{name}'"))
                continue
            function = extra
        try:
            values[name] = None if value is None else function(value, ground)
        except InvalidValueError as error:
            problems.append(Problem(f"{name}.{error.path}" if error.path else name, "type", error.reason))
    return values, tuple(problems)


_BY_ENTITY: dict[int, tuple[EntityMeta, dict[str, Normaliser]]] = {}


def _compiled(entity: EntityMeta) -> dict[str, Normaliser]:
    held = _BY_ENTITY.get(id(entity))
    if held is None:
        held = (entity, {name: normaliser(field) for name, field in entity.fields.items()})
        _BY_ENTITY[id(entity)] = held
    return held[1]


def normaliser(field: Field[Any]) -> Normaliser:
    """The function for one field."""
    if field.kind is FieldKind.LISTING:
        return _listing(field)
    if field.kind is FieldKind.IDENTIFIER:
        return identifier if field.scheme in REGISTERED else business_identifier
    return NORMALISERS[field.kind]


def _listing(field: Field[Any]) -> Normaliser:
    if field.items:
        one = _structure({name: NORMALISERS[item_kind(item)] for name, item in field.items.items()})
    else:
        one = reference if field.target else code if field.codes else text

    def listing(value: Any, ground: Ground) -> Value:
        if not isinstance(value, list | tuple):
            raise InvalidValueError(f"expected a list, got {kind_of(value)}")
        items = []
        for at, item in enumerate(value):
            try:
                normal_item = None if item is None else one(item, ground)
            except InvalidValueError as error:
                raise InvalidValueError(error.reason, f"{at}.{error.path}" if error.path else str(at)) from error
            if normal_item is not None:
                items.append(normal_item)
        return items or None

    return listing


def item_kind(item: Any) -> FieldKind:
    """The kind of one part of a listing's items, which is a kind or says its kind."""
    return item if isinstance(item, FieldKind) else FieldKind(item.kind)


def _structure(parts: Mapping[str, Normaliser]) -> Normaliser:
    names = frozenset(parts)

    def structure(value: Any, ground: Ground) -> Value:
        stated = parts_of(value, names, "item")
        result: dict[str, Any] = {}
        for name, function in parts.items():  # the declared order, so that equal items look equal
            told = stated.get(name)
            if told is None:
                continue
            try:
                normal_part = function(told, ground)
            except InvalidValueError as error:
                raise InvalidValueError(error.reason, f"{name}.{error.path}" if error.path else name) from error
            if normal_part is not None:
                result[name] = normal_part
        return result or None

    return structure


def _any_listing(value: Any, ground: Ground) -> Value:
    if not isinstance(value, list | tuple):
        raise InvalidValueError(f"expected a list, got {kind_of(value)}")
    return extra(value, ground, 1)


NORMALISERS: dict[FieldKind, Normaliser] = {
    FieldKind.TEXT: text,
    FieldKind.IDENTIFIER: business_identifier,
    FieldKind.EMAIL: email,
    FieldKind.PHONE: phone,
    FieldKind.DOMAIN: domain,
    FieldKind.COUNTRY: country,
    FieldKind.LANGUAGE: language,
    FieldKind.TIMEZONE: timezone,
    FieldKind.CODE: code,
    FieldKind.BOOLEAN: boolean,
    FieldKind.INTEGER: integer,
    FieldKind.DATE: date,
    FieldKind.INSTANT: instant,
    FieldKind.PERCENT: percent,
    FieldKind.QUANTITY: quantity,
    FieldKind.MONEY: money,
    FieldKind.PRICE: price,
    FieldKind.REFERENCE: reference,
    FieldKind.LISTING: _any_listing,
}
"""Normal form per kind; listings of declared items are compiled from it."""
