"""Messages as received: stored once and never changed, settled by leaving the queue of open ones.

Invariant: a message is open, or has an outcome row, or was applied. One idempotency key never accepts two bodies.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from hub.core.records import Message
from hub.store import claims
from hub.store.statements import Connection, statements

SQL = statements("inbox")


@dataclass(frozen=True, slots=True)
class NewMessage:
    """One message to store. ``key`` is the sender's idempotency key, or one of ours."""

    system: str
    object: str
    external_id: str
    body: bytes
    key: str
    correlation_id: str
    is_delete: bool = False
    version: str = ""
    traceparent: str | None = None
    """W3C trace context of the request that brings it, where traces are kept."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a message at the door: its id, and whether it was new, a repeat, or a conflict."""

    id: int
    key: str
    status: str
    """``new``, ``repeat`` (same key, same body) or ``conflict`` (same key, another body: nothing stored)."""


def source_hash(system: str, object_: str, external_id: str) -> int:
    """64-bit name of a source record in the queue; a collision only makes two records wait for each other."""
    text = f"{system}\0{object_}\0{external_id}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where messages come from: the channel (webhook, poll, file, api, portal …) and who is answerable."""

    tenant_id: int
    channel: str
    actor: str
    is_backfill: bool = False


async def store(
    tx: Connection,
    tenant_id: int,
    messages: Sequence[NewMessage],
    *,
    channel: str,
    actor: str,
    received_at: datetime,
    is_backfill: bool = False,
) -> list[Stored]:
    """Keep messages of one origin verbatim and open them; answers one :class:`Stored` per message, in order."""
    origin = Origin(tenant_id, channel, actor, is_backfill)
    return await store_all(tx, tenant_id, messages, [origin] * len(messages), received_at)


async def store_all(
    tx: Connection, tenant_id: int, messages: Sequence[NewMessage], origins: Sequence[Origin], received_at: datetime,
    *, rings: bool = False,
) -> list[Stored]:  # fmt: skip
    """The same for messages of several origins of one tenant, one each. ``rings``: wake ingest at the commit.

    It may run outside of a transaction: then it is one, and what it answers is durable.
    """
    first_of_key: dict[tuple[str, str], int] = {}
    for at, message in enumerate(messages):
        first_of_key.setdefault((message.system, message.key), at)
    unique = [(messages[at], origins[at]) for at in first_of_key.values()]
    rows = await SQL["store_messages"].fetch(
        tx,
        systems=[m.system for m, _ in unique],
        objects=[m.object for m, _ in unique],
        external_ids=[m.external_id for m, _ in unique],
        keys=[m.key for m, _ in unique],
        bodies=[m.body for m, _ in unique],
        deletes=[m.is_delete for m, _ in unique],
        versions=[m.version for m, _ in unique],
        correlation_ids=[m.correlation_id for m, _ in unique],
        hashes=[source_hash(m.system, m.object, m.external_id) for m, _ in unique],
        channels=[origin.channel for _, origin in unique],
        actors=[origin.actor for _, origin in unique],
        backfills=[origin.is_backfill for _, origin in unique],
        traceparents=[m.traceparent for m, _ in unique],
        tenant=tenant_id,
        received_at=received_at,
        rings=rings,
    )
    new = {(system, key): id_ for id_, system, key in rows}
    if len(new) == len(messages):
        return [Stored(new[m.system, m.key], m.key, "new") for m in messages]
    return await _told_apart(tx, tenant_id, messages, new)


async def _told_apart(
    tx: Connection, tenant_id: int, messages: Sequence[NewMessage], new: dict[tuple[str, str], int]
) -> list[Stored]:
    earlier = {
        (row["system"], row["idempotency_key"]): row
        for row in await SQL["messages_by_key"].fetch(
            tx, systems=[m.system for m in messages], keys=[m.key for m in messages], tenant=tenant_id
        )
    }
    answers, told = [], set()
    for message in messages:
        name = (message.system, message.key)
        row = earlier[name]
        same = (row["body"], row["object"], row["external_id"], row["is_delete"]) == (
            message.body, message.object, message.external_id, message.is_delete,
        )  # fmt: skip
        status = "conflict" if not same else "new" if name in new and name not in told else "repeat"
        told.add(name)
        answers.append(Stored(row["id"], message.key, status))
    return answers


async def claim(
    tx: Connection, tenant_id: int, *, limit: int, token: UUID, worker: str, lease_s: float
) -> claims.Claim | None:
    """Claim a batch of open messages, at most one per source record, oldest first."""
    return await claims.take(
        tx, tenant_id, "inbox", SQL["claim_messages"], limit=limit, token=token, worker=worker, lease_s=lease_s
    )


async def read_open(tx: Connection, tenant_id: int, ids: Iterable[int]) -> list[Message]:
    """The messages of a batch that nobody has settled meanwhile."""
    rows = await SQL["open_messages"].fetch(tx, tenant=tenant_id, ids=list(ids))
    return [Message._make(row) for row in rows]


async def settle(tx: Connection, tenant_id: int, ids: Sequence[int], outcomes: Sequence[dict[str, Any]]) -> None:
    """Close messages. ``outcomes`` says of those that did not simply change a golden record what became of them."""
    await SQL["settle_messages"].run(tx, tenant=tenant_id, ids=list(ids))
    if outcomes:
        await SQL["store_outcomes"].run(tx, tenant=tenant_id, rows=list(outcomes))


async def defer(tx: Connection, tenant_id: int, ids: Sequence[int], delay_s: float) -> None:
    await SQL["defer_messages"].run(tx, tenant=tenant_id, ids=list(ids), delay_s=delay_s)


async def forget_waiting(tx: Connection, tenant_id: int, ids: Iterable[int]) -> None:
    """The records these messages are about are born now; they no longer count as waiting."""
    await SQL["forget_waiting"].run(tx, tenant=tenant_id, ids=sorted(ids))


async def reopen(tx: Connection, tenant_id: int, messages: Sequence[tuple[int, str, str, str]]) -> list[int]:
    """Take messages ``(id, system, object, external id)`` up again; answers the ids that were not open already."""
    rows = await SQL["reopen_messages"].fetch(
        tx,
        tenant=tenant_id,
        ids=[id_ for id_, *_ in messages],
        hashes=[source_hash(*name) for _, *name in messages],
    )
    return [row["inbox_id"] for row in rows]


async def of_tasks(tx: Connection, tenant_id: int, task_ids: Sequence[int]) -> list[tuple[int, str, str, str]]:
    """The messages these tasks hold up, as :func:`reopen` takes them."""
    rows = await SQL["messages_of_task"].fetch(tx, tenant=tenant_id, task_ids=list(task_ids))
    return [(row["id"], row["system"], row["object"], row["external_id"]) for row in rows]
