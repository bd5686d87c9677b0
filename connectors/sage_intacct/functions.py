"""The functions we ask the gateway for, as XML; nothing a record holds can become part of a query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.xml import Element, element_of

MOST_IN = 1000
"""Values of one ``in``."""
STAMP = "%m/%d/%Y %H:%M:%S"


def stamp(canonical: str) -> str:
    """A canonical instant as the gateway says it: in UTC, whole seconds.

    >>> stamp("2026-01-31T07:25:37.250000Z")
    '01/31/2026 07:25:37'
    """
    return datetime.fromisoformat(canonical).astimezone(UTC).strftime(STAMP)


def instant(told: str) -> str:
    """The gateway's instant as ISO 8601; what is none stays as it is.

    >>> instant("02/28/2026 17:20:04"), instant("02/28/2026"), instant("2026-02-28T17:20:04Z")
    ('2026-02-28T17:20:04Z', '2026-02-28T00:00:00Z', '2026-02-28T17:20:04Z')
    """
    for form in (STAMP, "%m/%d/%Y"):
        try:
            return datetime.strptime(told, form).strftime("%Y-%m-%dT%H:%M:%SZ")
        except ValueError:
            continue
    return told


def condition(operator: str, field: str, *values: str) -> Element:
    """One condition of a filter: equalto, in, greaterthan, greaterthanorequalto …"""
    return element_of(operator, {"field": field, "value": list(values)})


def both(conditions: Sequence[Element]) -> Element | None:
    """All of several conditions; None for none."""
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return Element("and", children=tuple(conditions))


def query(
    object: str, fields: Sequence[str], conditions: Sequence[Element] = (), *, order: str = "RECORDNO", size: int = 2000, offset: int = 0
) -> Element:
    """A page of the records that meet all conditions, in the order of a field.

    Private records of entities are told too. The order of the parts is the one that the vendor's own clients send.
    """
    parts = [
        element_of("object", object), element_of("select", {"field": list(fields)}),
        *([Element("filter", children=(met,))] if (met := both(conditions)) else []),
        element_of("orderby", {"order": {"field": order, "ascending": None}}), element_of("options", {"showprivate": True}),
        element_of("pagesize", size), element_of("offset", offset),
    ]  # fmt: skip
    return Element("query", children=tuple(parts))


def lookup(object: str) -> Element:
    """What fields an object has."""
    return element_of("lookup", {"object": object})


def stored(verb: str, object: str, body: Mapping[str, Any]) -> Element:
    """A create or an update of one record."""
    return Element(verb, children=(element_of(object, body),))


def deleted(object: str, key: str) -> Element:
    return element_of("delete", {"object": object, "keys": key})


def session() -> Element:
    return element_of("getAPISession", None)
