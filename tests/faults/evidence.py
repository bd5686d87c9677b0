"""What is known of a run: what its clients saw, what its peers logged, what a read-only connection finds at its end.

Plain values, so that a checker can be shown doctored evidence. Nothing here asks the hub's own code.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.faults.peers import Call, Event


@dataclass(frozen=True, slots=True)
class Ack:
    """A message the hub said it has. Its ``inbox_id`` where the door told one, else its key."""

    tenant: str
    system: str
    key: str
    inbox_id: int | None
    object: str
    external_id: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A message the hub refused. Its external id occurs nowhere else."""

    tenant: str
    external_id: str
    why: str


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One body under a sender's key, and whether the hub took it."""

    tenant: str
    system: str
    key: str
    digest: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What one caller wrote or read of a record, in the order it happened: ``version`` as the hub told it."""

    caller: str
    record: str
    version: int
    is_write: bool


@dataclass(frozen=True, slots=True)
class UndoneMerge:
    """Two records before they were merged, and after the merge was undone."""

    tenant: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Override:
    """A value somebody fixed, which nobody took back."""

    tenant: str
    record: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Heard:
    """One change as a reader of the feed was told it (pull or websocket), in the order of arrival."""

    position: int
    record: str
    version: int
    entity: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """How long the hub took to serve again after a fault ended, and how long it may take."""

    kind: str
    seconds: float
    limit_s: float


@dataclass
class Book:
    """What the clients of a run wrote down."""

    acks: list[Ack] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    keys: list[KeyUse] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    undone: list[UndoneMerge] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)
    merged: set[str] = field(default_factory=set)
    """Golden ids that were part of a merge, undone or not."""
    invoices: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    """(tenant, number) → gross of acknowledged invoices in EUR."""
    heard: dict[tuple[str, str], list[Heard]] = field(default_factory=dict)
    """(tenant, reader) → what it was told."""
    recoveries: list[Recovery] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """Kinds of the faults, in the order they were injected."""
    during: list[str] = field(default_factory=list)
    """What the looks during the run found wrong."""
    looks_during: int = 0
    oldest_unsettled_s: float = 0.0
    audits: list[tuple[str, int, list[str]]] = field(default_factory=list)
    """(tenant, sealed entries that were looked through, what is not as it was sealed)."""
    replays: list[tuple[str, int, list[str]]] = field(default_factory=list)
    """(tenant, golden records rebuilt from raw messages, differences)."""
    other_tenant: list[str] = field(default_factory=list)
    """What a tenant's reader was shown of another tenant."""
    reads_across: int = 0


@dataclass(frozen=True, slots=True)
class Inbox:
    tenant: str
    id: int
    system: str
    object: str
    external_id: str
    key: str
    digest: str
    is_open: bool
    outcome: str | None
    task_id: int | None
    golden_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    tenant: str
    id: int
    entity: str
    record: str
    version: int
    op: str
    cause: str
    actor: str
    message_id: int
    is_backfill: bool
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    tenant: str
    entity: str
    record: str
    version: int
    fields: frozenset[str]
    lineage: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Golden:
    tenant: str
    entity: str
    record: str
    version: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    tenant: str
    id: int
    system: str
    object: str
    external_id: str
    entity: str
    golden_id: str
    state: str


@dataclass(frozen=True, slots=True)
class Task:
    tenant: str
    id: int
    cause: str
    subject: str
    system: str
    record: str
    reason: str


@dataclass
class Evidence:
    """Everything a checker looks at."""

    book: Book = field(default_factory=Book)
    inbox: list[Inbox] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    goldens: list[Golden] = field(default_factory=list)
    feed: list[tuple[str, int, int]] = field(default_factory=list)
    """(tenant, position, change id)."""
    decisions: dict[tuple[str, int], str] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    """Work that is not done although nothing moves any more."""
    events: dict[tuple[str, str], list[Event]] = field(default_factory=dict)
    """(tenant, receiver) → what it got."""
    calls: dict[tuple[str, str], list[Call]] = field(default_factory=dict)
    held: dict[tuple[str, str, str], list[dict[str, Any]]] = field(default_factory=dict)
    """(tenant, system, object) → records the system holds."""


def canonical(body: bytes) -> str:
    """A body in a form that only its content decides."""
    try:
        return json.dumps(json.loads(body, parse_float=str), sort_keys=True, ensure_ascii=False)
    except ValueError:
        return body.decode("utf-8", "replace")


def duplicates(found: Iterable[Any]) -> list[Any]:
    """What occurs more than once.

    >>> duplicates("abca")
    ['a']
    """
    seen: set[Any] = set()
    again: dict[Any, None] = {}
    for one in found:
        if one in seen:
            again[one] = None
        seen.add(one)
    return list(again)
