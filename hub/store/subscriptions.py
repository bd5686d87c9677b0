"""Subscriptions, and what decides whether a connected system is written to: modes, pauses and brakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from hub.store.statements import Connection, statements

SQL = statements("subscriptions")


@dataclass(frozen=True, slots=True)
class Subscription:
    """A reader that the hub serves itself: a connected system, a webhook or a broker.

    ``filter`` may hold entities, fields (at least one of them changed), ops, when ({entity: {field: [values]}}, judged on
    the delivered version), backfill and confidential (webhooks only; both false unless said).
    """

    id: UUID
    name: str
    kind: str
    system: str | None = None
    url: str | None = None
    secret: bytes | None = field(default=None, repr=False)
    filter: Mapping[str, Any] = field(default_factory=dict)
    payload: str = "delta"
    coalesces: bool = False
    failing_since: datetime | None = None
    """Since when its endpoint has taken nothing; None while it does."""
    former_until: datetime | None = None
    """Until when events are signed with the former secret, too."""
    retry_s: Sequence[float] | None = None
    """Seconds to wait after each failed try; None for the standard schedule."""
    pins: Mapping[str, int] = field(default_factory=dict)
    """Entity or business event → the payload version its subscriber was made for; what is not named: the newest."""
    topic: str | None = None
    """Of a broker: where a change goes, with ``{tenant}`` and ``{entity}``."""


async def insert(tx: Connection, tenant_id: int, one: Subscription, *, position: int, state: str, created_by: str) -> None:
    await SQL["insert"].run(
        tx, tenant=tenant_id, id=one.id, name=one.name, kind=one.kind, system=one.system, url=one.url, secret=one.secret,
        filter=dict(one.filter), payload=one.payload, coalesces=one.coalesces, position=position, state=state,
        created_by=created_by, retry_s=one.retry_s, pins=dict(one.pins), topic=one.topic,
    )  # fmt: skip


async def by_id(tx: Connection, tenant_id: int, subscription_id: UUID) -> asyncpg.Record | None:
    return await SQL["by_id"].row(tx, tenant=tenant_id, id=subscription_id)


async def lock(tx: Connection, tenant_id: int, subscription_id: UUID) -> None:
    """Let nobody else change this subscription until the transaction ends."""
    await SQL["lock"].run(tx, tenant=tenant_id, id=subscription_id)


async def of_system(tx: Connection, tenant_id: int, system: str) -> list[UUID]:
    """The subscriptions that write to this system."""
    return [row["id"] for row in await SQL["of_system"].fetch(tx, tenant=tenant_id, system=system)]


async def set_state(tx: Connection, tenant_id: int, ids: Sequence[UUID], state: str) -> list[UUID]:
    """Answers those whose state was another one."""
    rows = await SQL["set_state"].fetch(tx, tenant=tenant_id, ids=list(ids), state=state)
    return [row["id"] for row in rows]


@dataclass(frozen=True, slots=True)
class Modes:
    """What may be written: observe (nothing, the default), propose (a task) or write; the most specific entry speaks.

    >>> modes = Modes({("erp", "*", "*"): "propose", ("erp", "client", "*"): "write", ("erp", "client", "terms"): "observe"})
    >>> [modes.of("erp", "client", group) for group in ("name", "terms")], modes.of("erp", "project", "name"), modes.of("psa", "client", "")
    (['write', 'observe'], 'propose', 'observe')
    """

    entries: Mapping[tuple[str, str, str], str]

    def of(self, system: str, entity: str, group: str) -> str:
        for name in ((system, entity, group), (system, entity, "*"), (system, "*", "*")):
            if name in self.entries:
                return self.entries[name]
        return "observe"


async def modes(tx: Connection, tenant_id: int) -> Modes:
    rows = await SQL["modes"].fetch(tx, tenant=tenant_id)
    return Modes({(row["system"], row["entity"], row["field_group"]): row["mode"] for row in rows})


async def set_position(tx: Connection, tenant_id: int, subscription_id: UUID, position: int) -> None:
    await SQL["set_position"].run(tx, tenant=tenant_id, id=subscription_id, position=position)


async def set_pins(tx: Connection, tenant_id: int, subscription_id: UUID, pins: Mapping[str, int]) -> Mapping[str, int] | None:
    """Move to other payload versions; answers all of them, None where there is no such subscription."""
    found: Mapping[str, int] | None = await SQL["set_pins"].value(tx, tenant=tenant_id, id=subscription_id, pins=dict(pins))
    return found


async def set_secret(
    tx: Connection, tenant_id: int, subscription_id: UUID, secret: bytes, former_until: datetime | None
) -> None:
    """Seal in a new secret; the former one in it signs until an instant."""
    await SQL["set_secret"].run(tx, tenant=tenant_id, id=subscription_id, secret=secret, former_until=former_until)


async def set_endpoint(
    tx: Connection, tenant_id: int, subscription_id: UUID, url: str | None, retry_s: Sequence[float] | None
) -> None:
    """Another address or schedule; what is None stays."""
    await SQL["set_endpoint"].run(tx, tenant=tenant_id, id=subscription_id, url=url, retry_s=retry_s)


async def put_mode(
    tx: Connection, tenant_id: int, system: str, entity: str, field_group: str, mode: str, set_by: str
) -> None:
    await SQL["set_mode"].run(
        tx, tenant=tenant_id, system=system, entity=entity, field_group=field_group, mode=mode, set_by=set_by
    )


@dataclass(frozen=True, slots=True)
class Brake:
    """When a run stops by itself: more than ``count`` writes, or more than ``percent`` of what the system holds.

    ``released_to``: what was wanted up to this position has been looked at and let go.
    """

    count: int
    percent: float
    released_to: int
    is_on: bool


async def brake_of(connection: Connection, tenant_id: int, system: str) -> Brake:
    row = await SQL["brake_of"].row(connection, tenant=tenant_id, system=system)
    told = row["brake"] if row else {}
    return Brake(
        int(told.get("count", 1000)), float(told.get("percent", 20)), int(told.get("released_to", 0)),
        bool(row and row["braked_at"]),
    )  # fmt: skip


async def put_brake_on(tx: Connection, tenant_id: int, system: str) -> bool:
    """Answers whether it was off."""
    return await SQL["brake"].value(tx, tenant=tenant_id, system=system) is not None


async def release_brake(tx: Connection, tenant_id: int, system: str) -> bool:
    """Let everything wanted so far go; answers whether there is such a system."""
    return await SQL["release_brake"].value(tx, tenant=tenant_id, system=system) is not None


async def set_paused(tx: Connection, tenant_id: int, system: str, is_paused: bool) -> bool:
    """Hold a system back or let it go on; answers whether there is such a system."""
    return await SQL["set_paused"].value(tx, tenant=tenant_id, system=system, paused=is_paused) is not None


@dataclass(frozen=True, slots=True)
class Fared:
    """How an endpoint took a batch of tries: whether it took any, when the first and the last of those failed that did.

    ``known_since`` is since when it was known to fail when they were made.
    """

    id: UUID
    took: bool = False
    failed_at: datetime | None = None
    last_at: datetime | None = None
    is_gone: bool = False
    is_off: bool = False
    known_since: datetime | None = None
    is_reset: bool = False
    """It took something in between, told by somebody else: its days are counted anew."""

    @property
    def is_news(self) -> bool:
        """Whether anything about the subscription changes, or may have to.

        >>> began = datetime(2026, 5, 1)
        >>> Fared(UUID(int=1), took=True).is_news, Fared(UUID(int=1), took=True, known_since=began).is_news
        (False, True)
        """
        return self.is_gone or not self.took or self.known_since is not None


async def fare(tx: Connection, tenant_id: int, fared: Sequence[Fared]) -> list[asyncpg.Record]:
    """Keep since when endpoints fail, and switch off those that are; answers (id, name, kind, state, created_by) of the changed."""
    rows = [
        {"id": one.id, "took": one.took, "failed_at": one.failed_at, "is_off": one.is_off, "is_reset": one.is_reset} for one in fared
    ]
    return await SQL["fare"].fetch(tx, tenant=tenant_id, rows=rows)


async def come_back(tx: Connection, tenant_id: int, ids: Sequence[UUID]) -> bool:
    """Endpoints take events again: what waits for its next try is due now, and so is what was given up; whether anything is."""
    return bool(await SQL["come_back"].fetch(tx, tenant=tenant_id, ids=sorted(ids)))


async def has_taken_since(tx: Connection, tenant_id: int, subscription_id: UUID, since: datetime | None) -> bool:
    """Whether an endpoint took an event after an instant."""
    return bool(await SQL["has_taken_since"].value(tx, tenant=tenant_id, id=subscription_id, since=since))
