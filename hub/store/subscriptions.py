"""Subscriptions, and what decides whether a connected system is written to: modes, pauses and brakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from hub.store.statements import Connection, statements

SQL = statements("subscriptions")


@dataclass(frozen=True, slots=True)
class Subscription:
    """A reader that the hub serves itself: a connected system or a webhook.

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


async def insert(tx: Connection, tenant_id: int, one: Subscription, *, position: int, state: str, created_by: str) -> None:
    await SQL["insert"].run(
        tx, tenant=tenant_id, id=one.id, name=one.name, kind=one.kind, system=one.system, url=one.url, secret=one.secret,
        filter=dict(one.filter), payload=one.payload, coalesces=one.coalesces, position=position, state=state,
        created_by=created_by,
    )  # fmt: skip


async def by_id(tx: Connection, tenant_id: int, subscription_id: UUID) -> asyncpg.Record | None:
    return await SQL["by_id"].row(tx, tenant=tenant_id, id=subscription_id)


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


async def set_secret(tx: Connection, tenant_id: int, subscription_id: UUID, secret: bytes) -> None:
    await SQL["set_secret"].run(tx, tenant=tenant_id, id=subscription_id, secret=secret)
