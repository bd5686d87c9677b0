"""Conditions on a record's values: read against the model when a filter is made, judged by the field's kind at every change. Pure.

Two amounts compare only in one currency, two quantities only in one unit: "more than 10,000 EUR" is never true of yen.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.core.normalize import instant_text
from hub.core.strategies import sameness
from schema import CODE_SETS, ENTITIES
from schema.fields import Field
from schema.kinds import FieldKind

EQUALITY, EMPTINESS = ("eq", "ne", "in", "not_in"), ("is_empty", "is_set")
ORDER: Mapping[str, Callable[[Any, Any], bool]] = {"lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge}
OPS = (*EQUALITY, *EMPTINESS, *ORDER)

_NUMBERS = frozenset({FieldKind.INTEGER, FieldKind.PERCENT})
_FIGURES: Mapping[FieldKind, tuple[str, tuple[str, ...]]] = {
    FieldKind.MONEY: ("amount", ("currency",)), FieldKind.PRICE: ("amount", ("currency", "per")), FieldKind.QUANTITY: ("value", ("unit",)),
}  # fmt: skip
"""Kind → which part is the number, and what must agree for two of them to compare."""
_PARTS: Mapping[str, FieldKind] = {
    "amount": FieldKind.PERCENT, "value": FieldKind.PERCENT, "currency": FieldKind.TEXT, "per": FieldKind.TEXT, "unit": FieldKind.TEXT,
    "stated": FieldKind.TEXT,
}  # fmt: skip
Reader = Callable[[Any, "Field[Any] | None"], Any]
_WITHOUT_ORDER = frozenset({FieldKind.BOOLEAN, FieldKind.REFERENCE, FieldKind.LISTING, FieldKind.CODE})


def normal_condition(stated: Mapping[str, Any], entities: Sequence[str]) -> dict[str, Any]:
    """A condition with its value in canonical form and the kind it is judged by. Raises ValueError that says what is wrong.

    ``kind`` is '' where the entities disagree about the field, and for what lies inside of a list or of ``extra``: such are
    compared as they are.

    >>> normal_condition({"field": "net", "op": "gt", "value": {"amount": "10000", "currency": "EUR"}}, ["invoice"])
    {'field': 'net', 'op': 'gt', 'value': {'amount': '10000', 'currency': 'EUR'}, 'kind': 'money'}
    >>> normal_condition({"field": "net", "op": "gt", "value": "10000"}, ["invoice"])
    Traceback (most recent call last):
    ValueError: net is compared with {'amount': …, 'currency': …}
    """
    name, op, value = stated.get("field"), stated.get("op", "eq"), stated.get("value")
    if not isinstance(name, str) or not name:
        raise ValueError("a condition names its field")
    if unknown := stated.keys() - {"field", "op", "value", "kind"}:
        raise ValueError(f"a condition has field, op and value, not {min(unknown)!r}")
    if op not in OPS:
        raise ValueError(f"{op!r} is not one of {', '.join(OPS)}")
    kind, field = _kind_of(name, entities)
    if op in EMPTINESS:
        return {"field": name, "op": op, "value": None, "kind": kind}
    if op in ORDER and kind and FieldKind(kind) in _WITHOUT_ORDER:
        raise ValueError(f"{name} has no order")
    if op in ("in", "not_in"):
        if not isinstance(value, list):
            raise ValueError(f"{op} is compared with a list")
        return {"field": name, "op": op, "value": [_read(name, kind, field, one) for one in value], "kind": kind}
    return {"field": name, "op": op, "value": _read(name, kind, field, value), "kind": kind}


def passes(op: str, told: Any, wanted: Any, kind: str = "") -> bool:
    """Whether a record's value meets a condition (see :func:`normal_condition`).

    >>> eur, yen = {"amount": "10000.00", "currency": "EUR"}, {"amount": "900000", "currency": "JPY"}
    >>> passes("gte", eur, {"amount": "10000", "currency": "EUR"}, "money"), passes("gt", yen, eur, "money"), passes("eq", "7.50", "7.5", "percent")
    (True, False, True)
    """
    if op == "is_empty":
        return told is None
    if op == "is_set":
        return told is not None
    if op in ("in", "not_in"):
        return (_key(told, kind) in [_key(one, kind) for one in wanted or ()]) == (op == "in")
    if op in ("eq", "ne"):
        return bool(_key(told, kind) == _key(wanted, kind)) == (op == "eq")
    return told is not None and wanted is not None and _in_order(ORDER[op], _key(told, kind), _key(wanted, kind))


def _in_order(test: Callable[[Any, Any], bool], told: Any, wanted: Any) -> bool:
    if isinstance(told, tuple) and isinstance(wanted, tuple):
        return told[1:] == wanted[1:] and bool(test(told[0], wanted[0]))
    if type(told) is not type(wanted):
        return bool(test(str(told), str(wanted)))
    return bool(test(told, wanted))


def _key(value: Any, kind: str) -> Any:
    """What is compared: numbers as numbers, with their currency or unit; what cannot be read, as it is."""
    try:
        if kind == "":
            return Decimal(value) if isinstance(value, str | int) and not isinstance(value, bool) else sameness(value)
        if FieldKind(kind) in _NUMBERS:
            return Decimal(value)
        if FieldKind(kind) in _FIGURES:
            figure, scale = _FIGURES[FieldKind(kind)]
            return (Decimal(value[figure]), *(value.get(part) for part in scale))
    except (ArithmeticError, TypeError, ValueError, KeyError):
        pass
    return sameness(value)


def _kind_of(name: str, entities: Sequence[str]) -> tuple[str, Field[Any] | None]:
    head, _, rest = name.partition(".")
    if head == "extra":
        return "", None
    fields = [ENTITIES[one].fields[head] for one in entities if head in ENTITIES[one].fields]
    if not fields:
        raise ValueError(f"{head!r} is not a field of {', '.join(entities) if len(entities) < 5 else 'any entity'}")
    kinds = {one.kind for one in fields}
    if len(kinds) > 1:
        return "", None
    kind = fields[0].kind
    if not rest:
        return kind.value, fields[0] if len({one.codes for one in fields}) == 1 else None
    if kind in _FIGURES and rest in _PARTS:
        return _PARTS[rest].value, None
    if kind is FieldKind.LISTING:
        return "", None
    raise ValueError(f"{head} has no part {rest!r}")


def _read(name: str, kind: str, field: Field[Any] | None, value: Any) -> Any:
    """A value in the form records have it. Raises ValueError with the field's name."""
    if value is None or kind == "":
        return value
    one = FieldKind(kind)
    try:
        if one in _FIGURES:
            figure, scale = _FIGURES[one]
            return {figure: _number(value[figure])} | {part: str(value[part]) for part in scale if part == scale[0] or value.get(part)}
        if one in _NUMBERS:
            return _number(value)
        read: Reader = _READERS.get(one, _text)
        return read(value, field)
    except (ArithmeticError, TypeError, ValueError, KeyError, AttributeError):
        raise ValueError(f"{name} is compared with {_shown(one)}") from None


def _shown(kind: FieldKind) -> str:
    """What a field of this kind is compared with, in words."""
    if kind in _FIGURES:
        figure, scale = _FIGURES[kind]
        return f"{{'{figure}': …, '{scale[0]}': …}}"
    return "a number" if kind in _NUMBERS else f"a {kind.value}"


def _number(value: Any) -> str:
    if isinstance(value, bool | float):
        raise TypeError("not exact")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("not finite")
    return format(number, "f")


def _text(value: Any, _: Field[Any] | None) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("not a text")
    return value


def _boolean(value: Any, _: Field[Any] | None) -> bool:
    if not isinstance(value, bool):
        raise TypeError("not true or false")
    return value


def _instant(value: Any, _: Field[Any] | None) -> str:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("no zone")
    return instant_text(at)


def _code(value: Any, field: Field[Any] | None) -> str:
    codes = CODE_SETS.get(field.codes) if field is not None else None
    if codes is not None and not codes.is_open and value not in codes.values:
        raise ValueError("not a code")
    return _text(value, field)


def _date(value: Any, _: Field[Any] | None) -> str:
    return date.fromisoformat(value).isoformat()


def _id(value: Any, _: Field[Any] | None) -> str:
    return str(UUID(value))


def _as_is(value: Any, _: Field[Any] | None) -> Any:
    return value


_READERS: Mapping[FieldKind, Reader] = {
    FieldKind.BOOLEAN: _boolean,
    FieldKind.DATE: _date,
    FieldKind.INSTANT: _instant,
    FieldKind.REFERENCE: _id,
    FieldKind.CODE: _code,
    FieldKind.LISTING: _as_is,
}
