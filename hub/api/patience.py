"""How long a request may go on: until its time is up or, when it only reads, until its caller is gone.

Both end what runs, so Postgres stops too: asyncpg cancels a statement whose waiter is cancelled. Watching costs a task,
so it begins only when a request has already taken a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from starlette.types import Receive

LOOK_AFTER_S = 0.1
"""A request that takes longer is watched."""

READING: ContextVar[set[asyncio.Task[Any]] | None] = ContextVar("reading", default=None)
"""Tasks that read for the request of this context and that nobody who is cancelled with it waits for."""


class GoneError(Exception):
    """The caller has hung up; nobody hears the answer."""


class Patience:
    """``with Patience(receive, timeout_s, only_reads): …``; raises TimeoutError or :class:`GoneError` in the block."""

    def __init__(self, receive: Receive, timeout_s: float, only_reads: Callable[[], bool]) -> None:
        self._receive, self._timeout_s, self._only_reads = receive, timeout_s, only_reads
        self._watcher: asyncio.Task[None] | None = None
        self._why: Exception | None = None

    def __enter__(self) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._loop, self._task = loop, task
        self._tasks: set[asyncio.Task[Any]] = set()
        READING.set(self._tasks)
        self._timer = loop.call_later(min(LOOK_AFTER_S, self._timeout_s), self._look)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()
        if kind is not asyncio.CancelledError:
            return
        for task in self._tasks:
            task.cancel()
        if self._why is not None and self._task.uncancel() == 0:
            raise self._why from error

    def _look(self) -> None:
        self._watcher = self._loop.create_task(self._watch())

    async def _watch(self) -> None:
        """Wait for whichever comes first. A mutation goes on when its caller is gone: it may be half done elsewhere."""
        try:
            async with asyncio.timeout(self._timeout_s - min(LOOK_AFTER_S, self._timeout_s)):
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
        self._tasks, self._task = READING.get(), asyncio.current_task()
        if self._tasks is not None and self._task is not None:
            self._tasks.add(self._task)

    def __exit__(self, *_: object) -> None:
        with suppress(KeyError):
            if self._tasks is not None and self._task is not None:
                self._tasks.remove(self._task)
