"""Which records go to a target by what stands around them: legal entity, region, contract type, found along references."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from hub.core.records import Values
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import entity_name

Way = tuple[str, ...]
"""A path along references; the last step is a value, or a reference to what has a code."""

WAYS: Mapping[str, tuple[Way, ...]] = {
    "legal_entity": (("legal_entity",), ("project", "legal_entity"), ("contract", "legal_entity"), ("project", "contract", "legal_entity"), ("billing_account", "legal_entity"), ("invoice", "legal_entity"), ("payment", "legal_entity")),
    "region": (("region",), ("delivery_region",), ("project", "delivery_region"), ("contract", "region"), ("project", "contract", "region"), ("invoice", "contract", "region")),
    "contract_type": (("contract", "type"), ("contract_line", "contract", "type"), ("project", "contract", "type"), ("invoice", "contract", "type")),
}
"""What a route may ask for, and the ways to it; the first that leads somewhere decides."""

CODED = ("legal_entity", "region", "delivery_region")
"""Steps that end at a record's code; a text of the same name (a client's state or county) is something else."""

OWN: Mapping[str, Mapping[str, Way]] = {"contract": {"contract_type": ("type",)}}
"""A record that is itself what others are routed by."""


def ways_of(entity: str, name: str) -> list[Way]:
    """The ways the model has from an entity to what a route asks for; none: the route says nothing of it.

    >>> ways_of("time_entry", "contract_type"), ways_of("contract", "contract_type"), ways_of("client", "contract_type")
    ([('project', 'contract', 'type')], [('type',)], [])
    """
    own = OWN.get(entity, {}).get(name)
    return [way for way in ((own,) if own else WAYS[name]) if _leads(entity, way)]


def _leads(entity: str, way: Way) -> bool:
    for place, step in enumerate(way):
        led = _referred(entity, step)
        if place == len(way) - 1:
            return led is not None or (step in ENTITIES[entity].fields and step not in CODED)
        if led is None:
            return False
        entity = led
    return False


def _referred(entity: str, step: str) -> str | None:
    """The entity a reference leads to; None for another kind of field, or none."""
    field = ENTITIES[entity].fields.get(step)
    return entity_name(field.target) if field is not None and field.kind is FieldKind.REFERENCE else None


Read = Callable[[str, str], "Values | None"]
"""(entity, golden id) → the record's values, None when they have not been read."""


def follow(entity: str, values: Values, way: Way, read: Read) -> tuple[str | None, tuple[str, str] | None]:
    """(the value or code a way leads to, the record that must be read first to know it)."""
    for place, step in enumerate(way):
        found, led = values.get(step), _referred(entity, step)
        if found is None:
            return None, None
        if led is None:
            return str(found), None
        entity = led
        beside = read(entity, str(found))
        if beside is None:
            return None, (entity, str(found))
        values = beside
        if place == len(way) - 1:
            return str(values.get("code") or found), None
    return None, None


def is_routed(route: Mapping[str, Sequence[str]], entity: str, values: Values, read: Read) -> tuple[bool, list[tuple[str, str]]]:
    """Whether a record goes this way, as far as it is known, and what must be read to know it. A record the route does not speak
    of (a client has no contract type) goes everywhere; one that leads nowhere, though it could, goes nowhere."""
    missing: list[tuple[str, str]] = []
    goes = True
    for name, wanted in route.items():
        ways = ways_of(entity, name)
        if not ways:
            continue
        led, asked = _first(entity, values, ways, read)
        missing.extend(asked)
        goes = goes and led in wanted
    return goes, missing


def _first(entity: str, values: Values, ways: Iterable[Way], read: Read) -> tuple[str | None, list[tuple[str, str]]]:
    for way in ways:
        led, asked = follow(entity, values, way, read)
        if asked is not None:
            return None, [asked]
        if led is not None:
            return led, []
    return None, []
