"""How long a request may go on: until its time is up or, when it only reads, until its caller is gone.

Both end what runs, so Postgres stops too: asyncpg cancels a statement whose waiter is cancelled. Watching costs a task,
so it begins only when a request has already taken a while; which ones have is looked at ten times a second, since a timer
for each would cost as much as finding out who asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from time import monotonic
from types import TracebackType
from typing import Any

from starlette.types import Receive

LOOK_AFTER_S = 0.1
"""A request that takes longer is watched."""

PATIENCE: ContextVar[Patience | None] = ContextVar("patience", default=None)
"""The patience of the request whose context this is."""


class Lookout:
    """The requests of one event loop that run and are not watched yet."""

    def __init__(self) -> None:
        self.waiting: dict[Patience, None] = {}
        self.timer: asyncio.TimerHandle | None = None

    def set(self) -> None:
        """Look after a while."""
        self.timer = asyncio.get_running_loop().call_later(LOOK_AFTER_S, self._look)

    def _look(self) -> None:
        self.timer = None
        since = monotonic() - LOOK_AFTER_S * 0.9
        for one in [each for each in self.waiting if each.began <= since]:
            del self.waiting[one]
            one.watch()
        if self.waiting:
            self.set()


class GoneError(Exception):
    """The caller has hung up; nobody hears the answer."""


class Patience:
    """``with Patience(lookout, receive, timeout_s, only_reads): …``; raises TimeoutError or :class:`GoneError` in the block."""

    __slots__ = ("_lookout", "_only_reads", "_receive", "_task", "_timeout_s", "_watcher", "_why", "began", "reading")

    def __init__(self, lookout: Lookout, receive: Receive, timeout_s: float, only_reads: Callable[[], bool]) -> None:
        self._lookout, self._receive, self._timeout_s, self._only_reads = lookout, receive, timeout_s, only_reads
        self._watcher: asyncio.Task[None] | None = None
        self._why: Exception | None = None
        self.reading: set[asyncio.Task[Any]] = set()
        """Tasks that read for this request and that nobody who is cancelled with it waits for."""

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task, self.began = task, monotonic()
        PATIENCE.set(self)
        self._lookout.waiting[self] = None
        if self._lookout.timer is None:
            self._lookout.set()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._lookout.waiting.pop(self, None)
        if self._watcher is not None:
            self._watcher.cancel()
        if kind is not asyncio.CancelledError:
            return
        for task in self.reading:
            task.cancel()
        if self._why is not None and self._task.uncancel() == 0:
            raise self._why from error

    def watch(self) -> None:
        """From now on it may be ended."""
        self._watcher = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        """Wait for whichever comes first. A mutation goes on when its caller is gone: it may be half done elsewhere."""
        try:
            async with asyncio.timeout(max(self._timeout_s - (monotonic() - self.began), 0)):
                if self._only_reads():
                    message = await self._receive()
                    if message["type"] == "http.disconnect":
                        return self._stop(GoneError("the caller is gone"))
                await asyncio.Event().wait()
        except TimeoutError as error:
            self._stop(error)

    def _stop(self, why: Exception) -> None:
        self._why = why
        self._task.cancel()


class Registered:
    """While a task reads for a request, the request can end it."""

    def __enter__(self) -> None:
        self._patience, task = PATIENCE.get(), asyncio.current_task()
        if self._patience is not None and task is not None:
            self._patience.reading.add(task)

    def __exit__(self, *_: object) -> None:
        task = asyncio.current_task()
        if self._patience is not None and task is not None:
            self._patience.reading.discard(task)
