"""Business events: which of them a change raises, and the envelope they travel in.

An event fires on the transition between two golden versions. Nothing fires for a backfilled change, nor for records a
merge or split only re-points. How often an event has fired for a record is counted by the caller, who remembers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from schema import ENTITIES, MODEL
from schema.event_types import EVENTS, EventType
from schema.language import CONFIDENTIAL, EntityMeta, Sensitivity
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


@dataclass(frozen=True)
class Circumstances:
    """What the hub knows about a change besides its values; everything the envelope adds to the payload.

    Instants are canonical strings. ``changed`` maps each changed field to its (before, after).
    """

    event_id: str
    source: str
    tenant: str
    position: int
    record_version: int
    recorded_at: str
    cause: str
    actor: str
    correlation_id: str
    occurred_at: str | None = None
    business_key: Mapping[str, Any] = field(default_factory=dict)
    external_ids: Mapping[str, str] = field(default_factory=dict)
    legal_entity: str | None = None
    changed: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    occurrence: int = 1
    is_backfill: bool = False


def envelope(
    event: BusinessEvent, about: Circumstances, hidden: Collection[Sensitivity] = (CONFIDENTIAL,)
) -> dict[str, Any]:
    """The event as CloudEvents 1.0 in JSON form.

    Fields of a ``hidden`` sensitivity are left out and named in ``data.masked``. ``partitionkey`` is the lane and
    ``sequence`` the position, zero-padded so that it sorts as text.
    """
    secret = {datum.name for datum in event.type.payload if datum.sensitivity in hidden}
    meta = ENTITIES.get(event.entity)
    secret_fields = {name for name, one in meta.fields.items() if one.sensitivity in hidden} if meta else set()
    masked = sorted((secret & set(event.payload)) | (secret_fields & set(about.changed)))
    return {
        "specversion": "1.0",
        "id": about.event_id,
        "source": about.source,
        "type": event.type.ce_type,
        "subject": f"{event.entity}/{event.golden_id}",
        "time": about.recorded_at,
        "datacontenttype": "application/json",
        "partitionkey": event.lane,
        "sequence": f"{about.position:020d}",
        "data": {
            "tenant": about.tenant,
            "position": about.position,
            "payload_version": event.type.version,
            "occurrence": about.occurrence,
            "record": {
                "entity": event.entity,
                "id": event.golden_id,
                "version": about.record_version,
                "key": dict(about.business_key),
                "external_ids": dict(about.external_ids),
            },
            "legal_entity": about.legal_entity,
            "occurred_at": about.occurred_at,
            "recorded_at": about.recorded_at,
            "cause": about.cause,
            "actor": about.actor,
            "correlation_id": about.correlation_id,
            "backfill": about.is_backfill,
            "changed": {
                name: {"before": was, "after": now}
                for name, (was, now) in about.changed.items()
                if name not in secret_fields
            },
            "masked": masked,
            "payload": {name: value for name, value in event.payload.items() if name not in secret},
        },
    }
