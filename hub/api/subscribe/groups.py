"""Groups of subscribers who asked the same with the same rights: each event is executed once for all of them.

A group stands at a ``position`` of its tenant's feed and moves on by itself. A member reads up to that position at its
own pace first and then joins; ``seen`` is the last position it was told, so nothing is told twice or left out. A member
that does not keep up leaves the broadcast, waits for room, and reads on by itself again; when it is too far behind it is
told which positions it missed, and a connection that takes nothing at all is closed with the cursor to resume from.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from hub.api.errors import Code, Problem, problem_of
from hub.api.subscribe.answers import Answer
from hub.api.subscribe.execute import Executor, Operation
from hub.api.subscribe.feeds import AWAY, Feed, log
from hub.api.subscribe.metrics import BEHIND

STALLED_S = 30.0


class Sink(Protocol):
    """Where one subscription's answers go. ``give`` is called only while there is room, or after waiting for it."""

    def has_room(self) -> bool: ...

    def give(self, answer: Answer) -> None: ...

    async def room(self) -> None: ...

    @property
    def is_closed(self) -> bool: ...

    def end(self, problem: Problem | None) -> None:
        """Complete the subscription, with what went wrong."""

    def stalled(self, cursor: str) -> None:
        """Close the connection: it has taken nothing for too long."""

    @property
    def direct(self) -> Direct | None:
        """The short way to the transport, where there is one."""


class Direct(NamedTuple):
    """How a frame is written without a detour: the transport's own methods, and what an operation's frames begin with.

    Five calls a member less: 0.14 us instead of 0.25 each where everything is cached, more where it is not.
    """

    write: Callable[[bytes], None]
    waiting_bytes: Callable[[], int]
    prefix: bytes


@dataclass(eq=False, slots=True)
class Member:
    """One subscription. Begins joining, is then live, and joins again when it fell behind."""

    sink: Sink
    seen: int = 0
    wants_progress: bool = False
    task: asyncio.Task[None] | None = None
    direct: Direct | None = None

    def __post_init__(self) -> None:
        self.direct = self.sink.direct


class Group(ABC):
    """What both kinds of group share: members, a place in the feed, and the loop that moves it on."""

    def __init__(self, executor: Executor, operation: Operation, feed: Feed) -> None:
        self._executor, self.operation, self.feed = executor, operation, feed
        self.position = feed.at.position
        self.members: set[Member] = set()
        self.live: set[Member] = set()
        self.is_over = False
        self._wake = asyncio.Event()
        feed.followers.add(self)
        self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        self._wake.set()

    def fail(self, problem: Problem) -> None:
        """End every subscription of the group; nobody joins it any more."""
        self.is_over = True
        for member in tuple(self.members):
            member.sink.end(problem)

    def leave(self, member: Member) -> None:
        self.members.discard(member)
        self.live.discard(member)
        if member.task is not None:
            member.task.cancel()

    def stop(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            await self._rung()
            try:
                await self._advance()
            except AWAY as error:
                log.warning("group_waits_for_postgres", tenant_id=self.feed.tenant_id, error=type(error).__name__)
                await asyncio.sleep(0.5)
                self._wake.set()
            except Exception as error:  # noqa: BLE001 - a group that cannot go on must say so to everybody in it
                log.error("group_failed", tenant_id=self.feed.tenant_id, exc_info=error)
                self.fail(problem_of(error) or Problem(Code.INTERNAL, "something went wrong here", "", "Subscribe again.", True))
                return

    async def _rung(self) -> None:
        await self._wake.wait()
        self._wake.clear()

    @abstractmethod
    async def _advance(self) -> None:
        """Tell the members what has come since the group's position."""

    @asynccontextmanager
    async def _telling(self, member: Member) -> AsyncIterator[None]:
        """Whatever ends a member's own reading is told to it; while the database is away it waits."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the door: nothing may pass it unmasked
            problem = problem_of(error)
            if problem is None:
                log.error("subscription_failed", tenant_id=self.feed.tenant_id, exc_info=error)
                problem = Problem(Code.INTERNAL, "something went wrong here", "", "Subscribe again.", True)
            member.sink.end(problem)

    async def _room(self, member: Member) -> None:
        """Wait until a member takes more; one that takes nothing for long is closed."""
        try:
            async with asyncio.timeout(STALLED_S):
                await member.sink.room()
        except TimeoutError:
            BEHIND.labels("closed").inc()
            member.sink.stalled(self.feed.cursor(member.seen))
            raise asyncio.CancelledError from None
