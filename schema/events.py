"""Business events: which of them a change raises, and the envelope they travel in.

An event fires on the transition between two golden versions. Nothing fires for a backfilled change, nor for records a
merge or split only re-points. How often an event has fired for a record is counted by the caller, who remembers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol
from uuid import UUID

from schema import ENTITIES, MODEL
from schema.event_types import EVENTS, EventType
from schema.event_versions import changed_as, pinned_version, translated
from schema.language import CONFIDENTIAL, EntityMeta
from schema.transitions import NOTHING, Step, Values, When

TYPES: Mapping[str, EventType] = {event.type: event for event in EVENTS}
"""Event types by their name (``time.approved``)."""

QUIET_CAUSES = frozenset({"merge", "split"})
"""Causes that only re-point a record's references: no business event fires for it."""


def _by_entity() -> dict[str, tuple[tuple[EventType, When], ...]]:
    return {
        cls.meta.name: tuple(
            (event, trigger.when) for event in EVENTS for trigger in event.triggers if trigger.entity is cls
        )
        for cls in MODEL
    }


BY_ENTITY: Mapping[str, tuple[tuple[EventType, When], ...]] = _by_entity()
"""Per entity name, the events its changes may raise and their predicates."""


class ChangeLike(Protocol):
    """What must be known of a change; ``hub.core.records.Change`` is one."""

    @property
    def golden_id(self) -> UUID: ...
    @property
    def op(self) -> str: ...
    @property
    def cause(self) -> str: ...
    @property
    def is_backfill(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class BusinessEvent:
    """One event that fired, before it has an id and an envelope. ``lane`` is the key its order is kept by."""

    type: EventType
    entity: str
    golden_id: str
    lane: str
    payload: Values


def events_of(
    change: ChangeLike, meta: EntityMeta, before: Values, after: Values, related: Mapping[str, Any] = NOTHING
) -> tuple[BusinessEvent, ...]:
    """The business events a change raises, in the order of their numbers.

    ``before`` and ``after`` are the whole golden values of the two versions, ``before`` empty for a new record;
    ``related`` holds what :func:`needs_of` names, as far as the caller looked it up.
    """
    if change.is_backfill or (change.cause in QUIET_CAUSES and change.op not in QUIET_CAUSES):
        return ()
    if change.op in QUIET_CAUSES and not (before and after):
        return ()  # the record that goes or comes back: whoever stays tells of both
    step = Step(meta, str(change.golden_id), change.op, before, after, related)
    return tuple(
        BusinessEvent(event, meta.name, step.golden_id, lane_of(event, step), _payload(event, step))
        for event, when in BY_ENTITY[meta.name]
        if when(step)
    )


def needs_of(meta: EntityMeta) -> tuple[str, ...]:
    """What the events of an entity would like to find in ``related``: entity names, or names of figures.

    >>> needs_of(ENTITIES["time_entry"]), needs_of(ENTITIES["project"])
    ((), ('project_financials',))
    """
    return tuple(dict.fromkeys(name for event, _ in BY_ENTITY[meta.name] for name in event.needs(meta)))


def exception_event(name: str, entity: str, golden_id: str, facts: Values) -> BusinessEvent:
    """``exception.raised`` or ``exception.resolved`` for a task about a record; ``facts`` are the payload's values.

    A task about no golden record gives '' twice: its lane is then the task's own subject.
    """
    event = TYPES[name]
    lane = f"{entity}:{golden_id}" if golden_id else f"task:{facts.get('subject', '')}"
    known = {datum.name for datum in event.payload}
    return BusinessEvent(event, entity, golden_id, lane, {key: val for key, val in facts.items() if key in known})


def lane_of(event: EventType, step: Step) -> str:
    """The key an event's order is kept by: ``project:018f…``."""
    for name in event.lane:
        if name == step.meta.name:
            return f"{name}:{step.golden_id}"
        told = step.related.get(name)
        value = step.after.get(name) or (told if isinstance(told, str) else None)
        if value:
            return f"{_entity_of(step.meta, name)}:{value}"
    return f"{step.meta.name}:{step.golden_id}"


def _entity_of(meta: EntityMeta, name: str) -> str:
    """The entity a reference field points at; the name itself for anything else (``scope``)."""
    target = meta.fields[name].target if name in meta.fields else ""
    return next((cls.meta.name for cls in MODEL if cls.meta.type_name == target), name)


def _payload(event: EventType, step: Step) -> Values:
    read = {datum.name: datum.read(step) for datum in event.payload}
    return {name: value for name, value in read.items() if value is not None}


VERBS: Mapping[str, str] = {
    "create": "created", "update": "updated", "inactivate": "inactivated", "reactivate": "reactivated",
    "merge": "merged", "split": "split", "snapshot": "snapshot",
}  # fmt: skip
"""What a change does to a record, as the types of its events say it."""


@dataclass(frozen=True, slots=True)
class Told:
    """A change as it is told: what the envelope has besides business payloads.

    Instants are canonical strings. ``changed`` maps each changed field to its values before and after, None where the whole
    record is told instead; ``values`` is the whole record, None where only what changed is told; ``facts`` are its values as
    far as they are known, for what the envelope itself says of the record.
    """

    event_id: str
    tenant: str
    epoch: int
    position: int
    entity: str
    golden_id: str
    version: int
    op: str
    recorded_at: str
    cause: str
    actor: str
    correlation_id: str
    is_backfill: bool = False
    changed: Mapping[str, Mapping[str, Any]] | None = None
    values: Values | None = None
    facts: Values = field(default_factory=dict)
    id_map: Sequence[Mapping[str, str]] | None = None
    context: str = ""


def envelope(
    told: Told, events: Sequence[BusinessEvent] = (), pins: Mapping[str, int] = NOTHING, *, shows_confidential: bool = False
) -> dict[str, Any]:
    """The event as CloudEvents 1.0 in JSON form, with payloads as of the versions its subscriber is pinned to.

    With business events its type is that of the first, whose payload is ``data.payload``; ``data.events`` has them all.
    Confidential fields are left out and named in ``data.masked``, unless they may be shown. ``sequence`` is the position,
    zero-padded so that it sorts as text; order is kept per ``partitionkey``, the record.
    """
    version = pinned_version(told.entity, pins)
    data: dict[str, Any] = {
        "tenant": told.tenant,
        "epoch": told.epoch,
        "position": told.position,
        "payload_version": version,
        "record": {"entity": told.entity, "id": told.golden_id, "version": told.version},
        "op": told.op,
        "recorded_at": told.recorded_at,
        "cause": told.cause,
        "actor": told.actor,
        "correlation_id": told.correlation_id,
        "backfill": told.is_backfill,
    }
    hidden = frozenset() if shows_confidential else confidential(told.entity)
    shown_of = hidden & ({*(told.changed or ())} | {*(told.values or ())} | {name for one in events for name in one.payload})
    data["masked"] = sorted(translated(dict.fromkeys(shown_of), told.entity, version))
    if told.changed is not None:
        shown = {name: told.changed[name] for name in sorted(told.changed.keys() - hidden)}
        data["changed"] = changed_as(shown, told.entity, version)
    if told.id_map:
        data["id_map"] = told.id_map
    if told.values is not None:
        data["values"] = translated({name: value for name, value in told.values.items() if name not in hidden}, told.entity, version)
    type_, schema = f"hub.{told.entity}.{VERBS[told.op]}.v{version}", f"urn:hub:record:{told.entity}.v{version}"
    if events:
        payloads = [_as_pinned(one, pins, shows_confidential) for one in events]
        data |= payloads[0][1] | {"legal_entity": told.facts.get("legal_entity")}
        data["record"]["key"] = {one.name: told.facts.get(one.name) for one in ENTITIES[told.entity].key if one.name not in hidden}
        data["events"] = [{"type": name, "payload": payload["payload"]} for name, payload in payloads]
        type_, schema = payloads[0][0], f"urn:hub:event:{payloads[0][0]}"
    if told.context:
        data["context"] = told.context
    return {
        "specversion": "1.0",
        "id": told.event_id,
        "source": f"/hub/tenants/{told.tenant}",
        "type": type_,
        "subject": f"{told.entity}/{told.golden_id}",
        "time": told.recorded_at,
        "datacontenttype": "application/json",
        "dataschema": schema,
        "partitionkey": f"{told.entity}:{told.golden_id}",
        "sequence": f"{told.position:020d}",
        "data": data,
    }


def _as_pinned(event: BusinessEvent, pins: Mapping[str, int], shows_confidential: bool) -> tuple[str, dict[str, Any]]:
    """Type on the wire, and payload with its version, as a subscriber with these pins is told."""
    version = pinned_version(event.type.type, pins)
    secret = {datum.name for datum in event.type.payload if datum.sensitivity is CONFIDENTIAL and not shows_confidential}
    payload = {name: value for name, value in event.payload.items() if name not in secret}
    return event.type.ce_type_of(version), {"payload_version": version, "payload": translated(payload, event.type.type, version)}


@cache
def confidential(entity: str) -> frozenset[str]:
    """Fields that are shown only to who may see confidential values."""
    return frozenset(name for name, one in ENTITIES[entity].fields.items() if one.sensitivity is CONFIDENTIAL)
