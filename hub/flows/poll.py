"""Ask connected systems what changed: page by page, each checkpoint saved in the transaction that stores its page.

A poll that dies loses nothing: the next one resumes at the last saved checkpoint and re-reads the connector's overlap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from connectors.errors import ConnectorError
from connectors.port import Connector, Incoming, IsToldWhatIsStored, Page
from hub.core.retry import retry_delay_s
from hub.faults import now, point
from hub.flows import receive, vendor_merges
from hub.flows.delivery_quota import page_turn, quota_of
from hub.flows.receive import Origin
from hub.store import tasks
from hub.store.inbox import NewMessage
from hub.store.pool import Pool
from hub.store.statements import Connection, statements
from hub.store.tasks import NewTask
from hub.telemetry import logger

log = logger("hub.flows.poll")
SQL = statements("polls")
LEASE_S = 60.0
UNUSABLE_S = 60.0
"""A system without a usable connector is asked for again only now and then, so that it keeps no place among the due."""

ConnectorOf = Callable[[int, str], Awaitable[Connector | None]]


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll brought: pages, messages that were new, records it found deleted, or why it failed."""

    pages: int = 0
    new: int = 0
    deleted: int = 0
    error: str | None = None


async def poll_due(pool: Pool, connector_of: ConnectorOf, late_s: float = 0.0) -> int:
    """Poll every resource that is due (``late_s`` ago at the latest); answers how many."""
    due = await SQL["due_polls"].fetch(pool, late_s=late_s)
    await asyncio.gather(*(poll(pool, connector_of, row["tenant_id"], row["system"], row["resource"]) for row in due))
    return len(due)


async def poll(pool: Pool, connector_of: ConnectorOf, tenant_id: int, system: str, resource: str) -> Polled:
    """Poll one resource from its checkpoint to the end. Does nothing when another worker is at it."""
    connector = await connector_of(tenant_id, system)
    token = uuid4()
    where: dict[str, Any] = {"tenant": tenant_id, "system": system, "resource": resource}
    async with pool.acquire() as connection:
        row = await SQL["lease_poll"].row(connection, **where, token=token, lease_s=LEASE_S)
        every = await SQL["poll_every"].row(connection, tenant=tenant_id, system=system)
    if row is None or every is None:
        return Polled()
    if connector is None:
        await SQL["end_poll"].run(pool, **where, token=token, error="NoConnector", next_s=UNUSABLE_S)
        return Polled(error="NoConnector")
    began = now()
    done, error = Polled(), None
    try:
        done = await _walk(pool, connector, where, token, row["checkpoint"], began, every["brake"])
    except ConnectorError as failed:
        error = type(failed).__name__
        log.warning("poll_failed", system=system, resource=resource, error=error)
    failures = 0 if error is None else 1 + int(await SQL["failures"].value(pool, **where) or 0)
    next_s = every["every_s"] if error is None else min(float(retry_delay_s(failures)), 600.0)
    await SQL["end_poll"].run(pool, **where, token=token, error=error, next_s=next_s)
    return done if error is None else Polled(error=error)


async def _walk(
    pool: Pool, connector: Connector, where: dict[str, Any], token: UUID, checkpoint: str, began: datetime, brake: dict[str, Any]
) -> Polled:
    pages = new = deleted = 0
    is_listing = False
    seen: set[str] = set()
    origin = Origin(where["tenant"], "poll", where["system"])
    async with pool.acquire() as connection:
        quota = await quota_of(connection, where["tenant"], where["system"], connector.capabilities)
    await _tell_stored(connector, where, checkpoint)
    while True:
        if checkpoint == "":  # a listing of all begins: at once, or because the connector has one due
            is_listing, seen, began = True, set(), now()
        await page_turn(pool, where["tenant"], where["system"], quota)
        page = await connector.poll(where["resource"], checkpoint)
        seen.update(one.external_id for one in page.messages)
        async with pool.acquire() as connection, connection.transaction():
            if await SQL["save_checkpoint"].value(connection, **where, token=token, checkpoint=page.checkpoint, lease_s=LEASE_S) is None:
                return Polled(pages, new, deleted, "lease lost")
            new += await _store(connection, origin, where["system"], page)
            if page.is_complete_listing and is_listing:
                deleted = await _deleted(connection, origin, where, seen, began, brake)
            point("poll.before_commit", connection)
        pages += 1
        checkpoint = page.checkpoint
        await _tell_stored(connector, where, checkpoint)
        if not page.has_more:
            return Polled(pages, new, deleted)


async def _tell_stored(connector: Connector, where: dict[str, Any], checkpoint: str) -> None:
    if checkpoint and isinstance(connector, IsToldWhatIsStored):
        await connector.stored(where["resource"], checkpoint)


async def _store(tx: Connection, origin: Origin, system: str, page: Page) -> int:
    messages = [message_of(system, one) for one in page.messages if not one.needs_fetch]
    stored = await receive.store(tx, origin, messages, now()) if messages else []
    return sum(one.status == "new" for one in stored)


def message_of(system: str, one: Incoming) -> NewMessage:
    """An incoming record as it is kept; without a key of its own it gets one of ours."""
    key = one.key or f"{one.object}:{one.external_id}:{uuid4()}"
    body = vendor_merges.body_of(one) or b"null"
    return NewMessage(system, one.object, one.external_id, body, key, str(uuid4()), one.is_delete, one.version)


async def _deleted(
    tx: Connection, origin: Origin, where: dict[str, Any], seen: set[str], began: datetime, brake: dict[str, Any]
) -> int:
    """Records a complete listing no longer shows are deleted there, unless they are so many that something is wrong."""
    rows = await SQL["known_ids"].fetch(tx, tenant=where["tenant"], system=where["system"], object=where["resource"], before=began)
    known = {row["external_id"] for row in rows}
    gone = sorted(known - seen)
    most = min(int(brake.get("count", 1000)), max(10, len(known) * int(brake.get("percent", 20)) // 100))
    if len(gone) > most:
        await tasks.open_tasks(tx, where["tenant"], [_too_many(where, len(gone), len(known))])
        return 0
    messages = [
        NewMessage(where["system"], where["resource"], one, b"null", f"absent:{where['resource']}:{one}:{began.isoformat()}", str(uuid4()), True)
        for one in gone
    ]
    if messages:
        await receive.store(tx, origin, messages, now())
    return len(messages)


def _too_many(where: dict[str, Any], gone: int, known: int) -> NewTask:
    return NewTask(
        cause="brake",
        subject=f"{where['system']} {where['resource']} absent",
        reason=f"{gone} of {known} {where['resource']} records are missing from a full listing of {where['system']}",
        remedy="Check the listing's rights and filters; if they are really gone, raise the system's brake and poll again.",
        system=where["system"],
        count=gone,
        is_restated=True,
    )


async def poll_soon(pool: Pool, tenant_id: int, system: str, resources: list[str]) -> None:
    """Make these resources due at once, as a webhook without a body does."""
    await SQL["poll_soon"].run(pool, tenant=tenant_id, system=system, resources=resources)
