"""The values the hub's decisions are made of: messages, readings, contributions, decisions, golden records, changes.

All are plain data without I/O. Canonical values are in JSON normal form (see ``schema.kinds``), so equality of values
is equality of things.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from schema.systems import SystemKind

Values = dict[str, Any]
"""Field name → canonical value; an absent key was not stated, ``None`` was stated as empty."""


NO_TEXTS: Mapping[str, str] = MappingProxyType({})


class SourceKey(NamedTuple):
    """Names one contribution: in CRM ('crm'), object 'account', record '0014', as 'client', part ''.

    ``part`` is the stable business part (weekday, line key, legal entity), never the vendor's child id.
    """

    system: str
    object: str
    external_id: str
    entity: str
    part: str = ""


class Message(NamedTuple):
    """One inbox row: what a system told us, verbatim, about one of its records."""

    id: int
    system: str
    object: str
    external_id: str
    body: bytes
    is_delete: bool
    version: str
    """The source's own version of the record: a sortable string, or '' when it has none."""
    received_at: datetime
    correlation_id: str
    channel: str
    """webhook, poll, file, api, portal, steward or process."""
    actor: str
    is_backfill: bool = False
    mapping_version: str = ""
    reprocess: int = 0
    """How often the message was taken up again under a newer mapping; beats an equal order."""


class Reading(NamedTuple):
    """What a mapping made of one message for one entity part."""

    key: SourceKey
    values: Values
    order: str
    """``version|received_at|inbox id``; see :func:`hub.core.fold.is_newer`."""
    message_id: int
    received_at: datetime
    is_delete: bool = False
    links: tuple[SourceKey, ...] = ()
    """Declared links: other systems' records, or ours (``SourceKey('hub', '', golden id, entity)``), this one names."""
    raw: Mapping[str, str] = NO_TEXTS
    """Field → raw text whose code nobody has mapped yet."""
    mapping_version: str = ""
    is_backfill: bool = False
    occurred_at: str = ""
    """When the source changed the record, by its own clock (normal form of an instant); '' when it does not say."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why (a part of) a message could not be applied; becomes a task, one per ``cause`` and ``subject``."""

    message_id: int
    cause: str
    """Typed cause: parse, type, required, unknown_entity, unknown_code, reference, identity, lock, not_owner, duplicate …"""
    subject: str
    """What all messages with this problem share ("erp PAYMENT_TERMS 'N45'"); the task's key."""
    field: str
    reason: str
    remedy: str
    is_fatal: bool = True
    """False when the rest of the message was applied (an unknown code of one field)."""


@dataclass(slots=True)
class Contribution:
    """The latest state of one record of one system in canonical fields: a row of ``source_record``."""

    key: SourceKey
    kind: SystemKind
    id: int = 0
    state: str = "awaited"
    """``awaited`` (only referred to), ``present`` or ``deleted``."""
    golden_id: UUID | None = None
    role: str = "primary"
    values: Values = field(default_factory=dict)
    held: Values = field(default_factory=dict)
    """Differing values a lock keeps out of ``values`` until somebody decides."""
    raw: dict[str, str] = field(default_factory=dict)
    stated: dict[str, str] = field(default_factory=dict)
    """Field → order of the message that last spoke of it; ``*`` stands for every field not listed, ``!`` for the delete."""
    since: dict[str, str] = field(default_factory=dict)
    """Field → instant since when this source says the present value; ``*`` likewise. What recency means."""
    written: Values = field(default_factory=dict)
    """What the hub last wrote there: a value equal to it is an echo and makes no offer until it differs."""
    links: tuple[SourceKey, ...] = ()
    version: str = ""
    message_id: int = 0
    mapping_version: str = ""
    scope_rank: int = 0
    """Place of this system among those of its kind, by the tenant's order; lower speaks first."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One judgement of a person or a rule; withdrawn, never deleted.

    ``kind`` is link, same, not_same, override, merge, split, accept. For an override ``field`` and ``value`` say what
    it fixes, ``until`` when it falls due by itself, ``while_source`` that it ends when that contribution changes.
    """

    id: int
    kind: str
    entity: str
    golden_id: UUID | None
    other_id: UUID | None = None
    source_id: int | None = None
    field: str = ""
    value: Any = None
    reason: str = ""
    actor: str = ""
    rule: str = ""
    made_at: datetime | None = None
    until: datetime | None = None
    while_source: str = ""
    """Canonical JSON of the winning value at the time; the override ends when that offer changes (scope "until source changes")."""


class Lineage(NamedTuple):
    """Who won a field and why. ``source_id`` is a contribution, ``decision_id`` an override; one of them is 0."""

    source_id: int
    decision_id: int
    rule: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something ``f`` wants a person to see: a non-owner's differing value (propose, reject), a held value, a gap."""

    cause: str
    """proposed, rejected, locked, left_terminal_state, ambiguous, deleted_transaction."""
    field: str
    source_id: int
    offered: Any
    kept: Any
    remedy: str


@dataclass(slots=True)
class Golden:
    """A golden record as ``f`` sees it. Not born yet (required fields without an offer) means ``is_born`` is False."""

    id: UUID
    entity: str
    values: Values
    lineage: dict[str, Lineage]
    is_born: bool = True
    record_state: str = "active"
    """``active``, ``inactive`` (no source holds it any more), ``superseded`` (a duplicate of another one), ``merged`` or ``erased``."""
    version: int = 0
    reconsider_at: datetime | None = None
    conflicts: tuple[Conflict, ...] = ()
    missing: tuple[str, ...] = ()
    """Required fields without an offer; why it is not born."""
    awaited: tuple[str, ...] = ()
    """Optional references whose target is not known yet."""


@dataclass(frozen=True, slots=True)
class Change:
    """One version step of one golden record, before it has its id and position."""

    golden_id: UUID
    entity: str
    version: int
    op: str
    """create, update, inactivate, reactivate, merge, split."""
    before: Values
    after: Values
    cause: str
    actor: str
    correlation_id: str
    at: datetime
    message_id: int = 0
    is_backfill: bool = False
    id_map: list[dict[str, str]] | None = None
    """Of a merge or a split: which id became which, as ``{"before": …, "after": …}``."""
