"""Take messages in: verify, keep verbatim, acknowledge after commit. Next: ingest.

Concurrent single messages share commits: while one commit is under way, whatever arrives waits for the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import orjson

from hub.errors import RequestError
from hub.faults import now, point
from hub.store import inbox
from hub.store.inbox import NewMessage, Stored
from hub.store.pool import Pool
from hub.store.statements import Connection

MAX_KEY = 512
MAX_BODY_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Origin:
    """Where messages come from: the channel (webhook, poll, file, api, portal …) and who is answerable."""

    tenant_id: int
    channel: str
    actor: str
    is_backfill: bool = False


@dataclass(slots=True)
class _Waiting:
    origin: Origin
    messages: Sequence[NewMessage]
    answer: asyncio.Future[list[Stored]]


class Receiver:
    """Stores messages for one process; :meth:`receive` answers once they are durable."""

    def __init__(self, pool: Pool, clock: Callable[[], datetime] = now, max_waiting: int = 20_000) -> None:
        self._pool, self._clock, self._max_waiting = pool, clock, max_waiting
        self._waiting: list[_Waiting] = []
        self._flush: asyncio.Task[None] | None = None

    async def receive(self, origin: Origin, messages: Sequence[NewMessage]) -> list[Stored]:
        """Keep messages; answers one :class:`Stored` each, after commit.

        Raises :class:`RequestError` for a message that cannot be kept (``BAD_MESSAGE``), or when too many wait
        (``OVERLOADED``, retryable).
        """
        for message in messages:
            check(message)
        if len(self._waiting) >= self._max_waiting:
            raise RequestError("OVERLOADED", "too many messages are waiting to be stored", remedy="Try again in a second.", is_retryable=True)
        loop = asyncio.get_running_loop()
        mine = _Waiting(origin, messages, loop.create_future())
        self._waiting.append(mine)
        if self._flush is None or self._flush.done():
            self._flush = loop.create_task(self._store_all())
        return await mine.answer

    async def _store_all(self) -> None:
        while self._waiting:
            group = self._waiting
            self._waiting = []
            by_origin: dict[Origin, list[_Waiting]] = {}
            for one in group:
                by_origin.setdefault(one.origin, []).append(one)
            for origin, several in by_origin.items():
                await self._store(origin, several)

    async def _store(self, origin: Origin, several: Sequence[_Waiting]) -> None:
        messages = [message for one in several for message in one.messages]
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                stored = await store(connection, origin, messages, self._clock())
                point("receive.before_commit", connection)
            point("receive.after_commit")
        except Exception as error:  # noqa: BLE001 - it is raised again in each caller
            for one in several:
                if not one.answer.done():
                    one.answer.set_exception(error)
            return
        at = 0
        for one in several:
            if not one.answer.done():
                one.answer.set_result(stored[at : at + len(one.messages)])
            at += len(one.messages)


async def store(tx: Connection, origin: Origin, messages: Sequence[NewMessage], at: datetime) -> list[Stored]:
    """Keep messages in the caller's transaction and wake ingest at its commit."""
    stored = await inbox.store(
        tx, origin.tenant_id, messages,
        channel=origin.channel, actor=origin.actor, received_at=at, is_backfill=origin.is_backfill,
    )  # fmt: skip
    if any(one.status == "new" for one in stored):
        await tx.execute("SELECT pg_notify('hub_inbox', $1)", str(origin.tenant_id))
    return stored


def check(message: NewMessage) -> None:
    """Refuse at the door what cannot be kept: no id, NUL in a name, a body beyond the limit."""
    for name, value in (("system", message.system), ("object", message.object), ("externalId", message.external_id), ("idempotencyKey", message.key)):
        if not value:
            raise RequestError("BAD_MESSAGE", f"{name} is missing", field=name, remedy=f"Send {name}.")
        if len(value) > MAX_KEY or "\x00" in value or not _is_utf8(value):
            raise RequestError(
                "BAD_MESSAGE", f"{name} is longer than {MAX_KEY} characters or holds characters that cannot be kept",
                field=name, remedy="Send a plain short text.",
            )  # fmt: skip
    if len(message.body) > MAX_BODY_BYTES:
        raise RequestError("TOO_LARGE", f"the record is larger than {MAX_BODY_BYTES} bytes", field="body", remedy="Send it in parts.")


def _is_utf8(value: str) -> bool:
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def dump(values: object) -> bytes:
    """A record in canonical words as it is kept in the inbox."""
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)


def body_digest(body: bytes) -> str:
    """Short name of a body, for keys we make ourselves."""
    return sha256(body).hexdigest()[:16]
