"""``hub target singer``: the hub at the end of a pipe. Records are stored as messages; a STATE is printed once all before it are durable."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import IO, Any

from connectors.errors import ConnectorError
from connectors.port import Incoming, dump_json
from connectors.singer.messages import Singer
from hub.errors import RequestError, SetupError
from hub.faults import now
from hub.flows import receive
from hub.flows.load_setup import tenant_of
from hub.flows.poll import message_of
from hub.flows.receive import Origin
from hub.settings import Settings
from hub.store import configuration
from hub.store.pool import Pool, open_worker_pool

BATCH = 500
WAITING = 2_000
"""Lines read ahead of the database."""
PATIENCE_S = 1.0
"""How long records wait for more of them before they are stored."""


async def main(settings: Settings, tenant: str, system: str, source: IO[bytes], say: Callable[[str], object]) -> int:
    """Store what is piped in for a system. Raises :class:`RequestError` for one that is not connected, :class:`SetupError` for what is no Singer."""
    pool = await open_worker_pool(settings.need("worker_url"), size=1, name="hub-target")
    try:
        tenant_id = await tenant_of(pool, tenant)
        async with pool.acquire() as connection, connection.transaction():
            systems = (await configuration.read(connection, tenant_id, 0)).systems
        if system not in systems:
            raise RequestError(
                "UNKNOWN_SYSTEM", f"no system {system[:60]!r} is connected to {tenant}; known are {', '.join(sorted(systems)) or 'none'}",
                field="system", remedy="Connect it first, by a document with its mappings and no connector.",
            )  # fmt: skip
        await Target(pool, tenant_id, system, say).take_all(source)
    except ConnectorError as error:
        raise SetupError(str(error)) from error
    finally:
        await pool.close()
    return 0


class Target:
    """What one pipe brings into one system."""

    def __init__(self, pool: Pool, tenant_id: int, system: str, say: Callable[[str], object]) -> None:
        self._pool, self._tenant_id, self._system, self._say = pool, tenant_id, system, say
        self._singer = Singer("the tap", {}, is_open=True)
        self._waiting: list[Incoming] = []
        self.stored = 0

    async def take_all(self, source: IO[bytes]) -> None:
        """Until the pipe ends. What was told before a line that is no message is stored, and its state printed."""
        lines = _lines(source)
        try:
            while True:
                try:
                    line = await asyncio.wait_for(lines.get(), PATIENCE_S)
                except TimeoutError:
                    await self._store()
                    continue
                if line is None:
                    return
                if line.strip():
                    await self._take(line)
        finally:
            await self._store()

    async def _take(self, line: bytes) -> None:
        found = self._singer.take(line)
        if found is not None:
            self._waiting.append(found)
        if len(self._waiting) >= BATCH:
            await self._store()

    async def _store(self) -> None:
        """Store what waits, in one transaction; only then is the newest state told."""
        if self._waiting:
            messages = [message_of(self._system, one) for one in self._waiting]
            async with self._pool.acquire() as connection, connection.transaction():
                await receive.store(connection, Origin(self._tenant_id, "file", f"singer:{self._system}"), messages, now())
            self.stored += len(messages)
            self._waiting = []
        if self._singer.has_state:
            self._singer.has_state = False
            self._say(dump_json(self._singer.state).decode())


def _lines(source: IO[bytes]) -> asyncio.Queue[Any]:
    """Lines of a pipe or file, read by a thread that never runs far ahead; None at the end."""
    found: asyncio.Queue[Any] = asyncio.Queue(WAITING)
    loop = asyncio.get_running_loop()

    def read() -> None:
        try:
            for line in source:
                asyncio.run_coroutine_threadsafe(found.put(line), loop).result()
            asyncio.run_coroutine_threadsafe(found.put(None), loop).result()
        except (RuntimeError, asyncio.CancelledError):
            return  # nobody reads any more

    threading.Thread(target=read, name="singer-target", daemon=True).start()
    return found
