"""Which system tells which other system what, and why: the integration inventory."""

from __future__ import annotations

from schema.language import (
    REFERENCE,
    Entity,
    business_key,
    code,
    date,
    declared_link,
    identifier,
    states,
    text,
)
from schema.systems import STEWARD


class InterfaceEntry(Entity, family=REFERENCE, origins=STEWARD, plural="interface_entries", ents=(40,)):
    """One interface, with the business capability and the control requirement it serves."""

    source_system = identifier("system", required=True, doc="From.")
    target_system = identifier("system", required=True, doc="To.")
    object = identifier("object", required=True, doc="What is carried.")
    capability = text(doc="Business capability it serves.")
    control = text(doc="Control requirement it serves.")
    owner_team = text(doc="Who answers for it.")
    timing_class = code("TIMING_CLASS", doc="How fast it must be.")
    transport = code("TRANSPORT", doc="How it is carried.")
    retire_by = date(doc="To be retired by.")
    note = text(doc="Anything else.")

    states = states("planned > active > retiring > retired", active=["retired"])
    key = (source_system, target_system, object)
    match = (declared_link(), business_key(source_system, target_system, object))
