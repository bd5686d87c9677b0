"""Records as the hub is told them, and bodies as Autotask takes them: labels for picklists, days for dates, user fields by name.

What stands in a record beside its own fields (a currency, a country's code, a state) is made here and never sent back as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.autotask.config import Entity
from connectors.autotask.metadata import FieldInfo, Fields
from connectors.errors import RejectedError
from schema.codecs import CodecError, instant
from schema.codecs.numbers import exact_decimal, plain

UDFS = "userDefinedFields"
ROWS_DIGITS = 4
"""Amounts, rates and hours have four decimals there; what a double adds beyond them is noise."""
_INSTANT = instant()
_WHOLE = ("integer", "long", "int", "short", "int32", "int64", "byte")


def told(entity: Entity, fields: Fields, record: Mapping[str, Any]) -> dict[str, Any]:
    """A record with the fields the document names, in their order.

    A field that the database does not have is left out; one that it has and does not say is empty.
    """
    found: dict[str, Any] = {name: _read(entity, fields, name, record[name]) for name in entity.fields if name in record}
    if entity.udfs:
        listed = record.get(UDFS)
        stated = {one.get("name"): one.get("value") for one in listed if isinstance(one, dict)} if isinstance(listed, list) else {}
        found[UDFS] = {name: stated[name] for name in entity.udfs if name in stated}
    return found


def _read(entity: Entity, fields: Fields, name: str, value: Any) -> Any:
    if name in entity.dates and isinstance(value, str):
        return value[:10]
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return round(value, ROWS_DIGITS) if isinstance(exponent, int) and -exponent > ROWS_DIGITS else value
    return fields.label(name, value)


def completed(entity: Entity, record: dict[str, Any], joined: Mapping[str, Any]) -> dict[str, Any]:
    """The record with what its ids led to, and what follows from its own fields."""
    found = {**record, **joined}
    for ours, choices in entity.derived.items():
        value = next((value for said, value in choices.items() if _holds(said, found)), None)
        found[ours] = value.replace("{id}", str(record.get("id"))) if value else None
    for ours, (whole, part) in entity.differences.items():
        a, b = record.get(whole), record.get(part)
        found[ours] = None if a is None else Decimal(a) - Decimal(b or 0)
    return found


def _holds(said: str, record: Mapping[str, Any]) -> bool:
    """Whether a condition holds: ``otherwise``, ``invoiceTotal < 0``, or a field that states something."""
    if said == "otherwise":
        return True
    name, sign, _ = (part.strip() for part in said.partition("<"))
    value = record.get(name)
    if sign:
        return isinstance(value, int | Decimal) and value < 0
    return value is not None and value not in ("", False, 0)


def body_of(entity: Entity, fields: Fields, body: Mapping[str, Any], system: str) -> dict[str, Any]:
    """A body as Autotask takes it. Raises RejectedError for a label that the picklist does not have."""
    found: dict[str, Any] = {}
    for name, value in body.items():
        if name in entity.ours:
            continue
        if name == UDFS and isinstance(value, Mapping):
            found[name] = [{"name": each, "value": one} for each, one in value.items()]
        else:
            found[name] = value_of(entity, fields, name, value, system)
    return found


def value_of(entity: Entity, fields: Fields, name: str, value: Any, system: str) -> Any:
    """One value as Autotask takes it, in a body or in a filter."""
    info = fields.known.get(name)
    if value is None or (info is None and name not in entity.dates and name != "id"):
        return value
    if name in entity.dates:
        return f"{str(value)[:10]}T00:00:00Z"
    if info is not None and info.labels:
        return _number(entity, info, value, system)
    kind = info.type if info is not None else "long"
    if kind in _WHOLE and isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        return int(value)
    if kind == "boolean" and isinstance(value, str):
        return value.lower() in ("true", "1")
    if kind == "datetime" and isinstance(value, str):
        return _instant(value)
    return value


def _number(entity: Entity, info: FieldInfo, value: Any, system: str) -> Any:
    found = info.numbers.get(str(value).strip()) or (str(value) if str(value) in info.labels else None)
    if found is None:
        raise RejectedError(
            f"{system} has no {info.name} of {entity.name} that is called {str(value)[:60]!r}", cause="validation", field=info.name,
            remedy=f"Add it to the picklist in Autotask, or map the code to one of {', '.join(sorted(info.numbers))[:300]}.", system=system,
        )  # fmt: skip
    return int(found) if found.lstrip("-").isdecimal() and info.type in (*_WHOLE, "") else found


def _instant(value: str) -> str:
    """An instant as short as it can be said."""
    try:
        whole = str(_INSTANT.read(value) or "")
    except CodecError:
        return value
    return whole.replace(".000000Z", "Z") if whole.endswith(".000000Z") else whole[:23] + "Z"


def is_same(a: Any, b: Any) -> bool:
    """Whether two values mean the same, however they are spelled: numbers, ids as texts, instants with other fractions.

    >>> is_same(174, "174"), is_same("01067", "1067"), is_same("2026-02-02T08:00:00.00Z", "2026-02-02T08:00:00.000000Z")
    (True, False, True)
    """
    if a == b or (a in (None, "") and b in (None, "")):
        return True
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return all(is_same(a.get(name), one) for name, one in b.items())
    if None in (a, b):
        return False
    if isinstance(a, bool) or isinstance(b, bool):
        return str(a).lower() == str(b).lower()
    if isinstance(a, int | Decimal) or isinstance(b, int | Decimal):
        return _number_text(a) == _number_text(b)
    return _moment_text(str(a)) == _moment_text(str(b))


def _number_text(value: Any) -> str:
    try:
        return plain(exact_decimal(value))
    except CodecError:
        return str(value)


def _moment_text(text: str) -> str:
    """An instant to the thousandth, which is what Autotask keeps; another text as it is."""
    try:
        return str(_INSTANT.read(text))[:23] if len(text) > 15 and text[10] == "T" else text.strip()
    except CodecError:
        return text
