"""Take messages in: verify, keep verbatim, acknowledge after commit. Next: ingest.

Concurrent single messages of a tenant share commits: while one commit is under way, whatever arrives waits for the next, in
the order of its arrival. Tenants are stored side by side, and what waits is bounded for each of them: one tenant's flood is
told to come again, and delays nobody else.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

import asyncpg
import orjson

from hub import tracing
from hub.errors import BusyError, RequestError
from hub.faults import now, point
from hub.flows.again import repeated
from hub.store import inbox
from hub.store.inbox import NewMessage, Origin, Stored
from hub.store.pool import Pool
from hub.store.statements import Connection

__all__ = ["NewMessage", "Origin", "Receiver", "Stored", "body_digest", "check", "dump", "store"]
MAX_KEY = 512
MAX_BODY_BYTES = 10_000_000
MOST_AT_ONCE = 1_000
"""Messages of one commit, unless one caller sends more."""
MOST_TENANTS_AT_ONCE = 4
"""Tenants stored side by side: not all connections of the pool are theirs."""
COME_AGAIN_S = 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may wait in one process; of one tenant half of it. ``timeout_s``: how long storing may take."""

    messages: int = 10_000
    size_bytes: int = 128_000_000
    timeout_s: float = 15.0


@dataclass(slots=True)
class _Waiting:
    origin: Origin
    messages: Sequence[NewMessage]
    size_bytes: int
    answer: asyncio.Future[list[Stored]]


@dataclass(slots=True)
class _Queue:
    """What one tenant has waiting, what is being stored included."""

    waiting: deque[_Waiting] = field(default_factory=deque)
    messages: int = 0
    size_bytes: int = 0

    def group(self) -> list[_Waiting]:
        """Callers whose messages share the next commit, in the order of their arrival."""
        group: list[_Waiting] = []
        count = 0
        while self.waiting and (not group or count + len(self.waiting[0].messages) <= MOST_AT_ONCE):
            group.append(self.waiting.popleft())
            count += len(group[-1].messages)
        return group


class Receiver:
    """Stores messages for one process; :meth:`receive` answers once they are durable."""

    def __init__(self, pool: Pool, clock: Callable[[], datetime] = now, bounds: Bounds = Bounds()) -> None:
        self._pool, self._clock, self._bounds = pool, clock, bounds
        self._queues: dict[int, _Queue] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = asyncio.Semaphore(MOST_TENANTS_AT_ONCE)

    async def receive(self, origin: Origin, messages: Sequence[NewMessage]) -> list[Stored]:
        """Keep messages; answers one :class:`Stored` each, after commit.

        Raises :class:`RequestError` for a message that cannot be kept (``BAD_MESSAGE``), :class:`BusyError` when too much
        waits, and TimeoutError or the database's own error when nobody can tell whether they are stored: sent again
        under the same keys, they are stored once.
        """
        for message in messages:
            check(message)
        if tracing.is_on():
            messages = [replace(message, traceparent=tracing.traceparent()) for message in messages]
        size = sum(len(message.body) for message in messages)
        self._admit(origin.tenant_id, len(messages), size)
        loop = asyncio.get_running_loop()
        queue = self._queues.get(origin.tenant_id)
        if queue is None:
            queue = self._queues[origin.tenant_id] = _Queue()
            task = loop.create_task(self._store_all(origin.tenant_id, queue))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        mine = _Waiting(origin, messages, size, loop.create_future())
        queue.waiting.append(mine)
        queue.messages += len(messages)
        queue.size_bytes += size
        return await mine.answer

    def _admit(self, tenant_id: int, count: int, size: int) -> None:
        """Refuse what would wait too long. A tenant that has nothing waiting is let in as long as there is any room."""
        queue, most = self._queues.get(tenant_id), self._bounds
        if queue is not None and (queue.messages + count > most.messages // 2 or queue.size_bytes + size > most.size_bytes // 2):
            raise BusyError("too many messages of yours are waiting to be stored", COME_AGAIN_S, is_yours=True)
        if sum(one.messages for one in self._queues.values()) >= most.messages or sum(one.size_bytes for one in self._queues.values()) >= most.size_bytes:
            raise BusyError("too many messages are waiting to be stored", COME_AGAIN_S, is_yours=False)

    async def _store_all(self, tenant_id: int, queue: _Queue) -> None:
        """Store what a tenant has waiting, group by group, until nothing is left."""
        while queue.waiting:
            async with self._turns:
                group = queue.group()
                await self._store(tenant_id, group)
            for one in group:
                queue.messages -= len(one.messages)
                queue.size_bytes -= one.size_bytes
        del self._queues[tenant_id]

    async def _store(self, tenant_id: int, group: Sequence[_Waiting]) -> None:
        try:
            stored = await self._stored(tenant_id, group)
            point("receive.after_commit")
        except Exception as error:  # noqa: BLE001 - it is raised again in each caller
            if len(group) > 1 and isinstance(error, asyncpg.DataError):
                for one in group:  # one of them cannot be stored, whatever the reason: the others can
                    await self._store(tenant_id, [one])
                return
            for one in group:
                if not one.answer.done():
                    one.answer.set_exception(error)
            return
        at = 0
        for one in group:
            if not one.answer.done():
                one.answer.set_result(stored[at : at + len(one.messages)])
            at += len(one.messages)

    async def _stored(self, tenant_id: int, group: Sequence[_Waiting]) -> list[Stored]:
        """Store a group in one statement that is its own transaction; a database that does not answer in time is let go of,
        since it may never."""
        messages = [message for one in group for message in one.messages]
        origins = [one.origin for one in group for _ in one.messages]

        async def once() -> list[Stored]:
            connection = await self._pool.acquire(timeout=self._bounds.timeout_s)
            try:
                point("receive.before_commit", connection)
                storing = asyncio.ensure_future(inbox.store_all(connection, tenant_id, messages, origins, self._clock(), rings=True))
                await asyncio.wait({storing}, timeout=self._bounds.timeout_s)
                if not storing.done():
                    connection.terminate()
                    await asyncio.wait({storing})
                    if storing.exception() is not None:
                        raise TimeoutError
                return storing.result()
            finally:
                await self._pool.release(connection)

        return await repeated(once)


async def store(tx: Connection, origin: Origin, messages: Sequence[NewMessage], at: datetime) -> list[Stored]:
    """Keep messages in the caller's transaction and wake ingest at its commit."""
    return await inbox.store_all(tx, origin.tenant_id, messages, [origin] * len(messages), at, rings=True)


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
