"""Where subscriptions get changes from: one LISTEN and one reader per tenant in the process, whoever subscribes.

The doorbell (``hub_feed``, 'tenant:position', sent by the sequencer) only shortens the wait: a sweep looks at the heads
of all tenants somebody here follows, at once after every reconnect. Positions are contiguous, so nothing is skipped.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol
from uuid import UUID

import asyncpg

from hub.api.context import Services
from hub.api.errors import Problem, problem_of
from hub.errors import RequestError
from hub.flows.feed import Cursor, FeedPage, encode_cursor, end_of_feed, read_feed
from hub.flows.ingest_loop import GONE
from hub.store.feed import FeedChange
from hub.telemetry import logger

log = logger("api.subscribe")

PAGE = 500
TAIL = 1_000
"""Changes a process keeps of each tenant it follows: groups that come a little later need no statement."""
AWAY = (*GONE, asyncpg.PostgresError)
_HEADS = "SELECT tenant_id, position, epoch FROM hub.feed_head WHERE tenant_id = ANY ($1::integer[])"


class Follower(Protocol):
    """A group, as its feed sees it."""

    def wake(self) -> None: ...

    def fail(self, problem: Problem) -> None: ...


class Feed:
    """The end of one tenant's feed, read once for everybody in the process who follows it."""

    def __init__(self, services: Services, start: Cursor) -> None:
        self._services, self.at = services, start
        self.followers: set[Follower] = set()
        self._tail: deque[FeedChange] = deque()
        self._tail_after = start.position
        self.is_over = False
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._follow())

    @property
    def tenant_id(self) -> int:
        return self.at.tenant_id

    def wake(self) -> None:
        self._wake.set()

    def cursor(self, position: int) -> str:
        """A place of this feed as readers are told it."""
        return encode_cursor(Cursor(self.tenant_id, self.at.epoch, position), self._services.feed_key)

    async def read(
        self, after: Cursor, entities: Sequence[str] | None = None, ids: Sequence[UUID] | None = None
    ) -> FeedPage:
        """A page of the feed from the database, as the tenant's own role sees it."""
        async with self._services.api_pool.tenant(self.tenant_id) as connection:
            return await read_feed(connection, self.tenant_id, after, PAGE, entities=entities, ids=ids)

    async def after(self, position: int) -> FeedPage:
        """What has come after a position: from memory as far as it reaches, else from the database."""
        if position < self._tail_after:
            return await self.read(Cursor(self.tenant_id, self.at.epoch, position))
        found: list[FeedChange] = []
        for change in reversed(self._tail):
            if change.position <= position:
                break
            found.append(change)
        return FeedPage(tuple(reversed(found)), self.at, False)

    async def _follow(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._advance()
            except RequestError as error:
                log.warning("feed_ended", tenant_id=self.tenant_id, error=error.code)
                self.is_over = True
                for one in tuple(self.followers):
                    one.fail(problem_of(error) or Problem(error.code.upper(), str(error)))
                return
            except AWAY as error:
                log.warning("feed_waits_for_postgres", tenant_id=self.tenant_id, error=type(error).__name__)
                await asyncio.sleep(0.5)
                self._wake.set()

    async def _advance(self) -> None:
        while True:
            page = await self.read(self.at)
            if page.gap:
                self._tail.clear()
                self._tail_after = page.cursor.position
            self._tail.extend(page.changes)
            while len(self._tail) > TAIL:
                self._tail_after = self._tail.popleft().position
            has_moved, self.at = page.cursor.position > self.at.position, page.cursor
            if has_moved:
                for one in self.followers:
                    one.wake()
            if not page.has_more:
                return

    def stop(self) -> None:
        self._task.cancel()


class Feeds:
    """All feeds this process follows, and the one connection that hears of them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._feeds: dict[int, Feed] = {}
        self._sweep_now = asyncio.Event()
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._sweep())]

    async def end(self, tenant_id: int) -> Cursor:
        """Where the tenant's feed ends now."""
        async with self._services.worker_pool.acquire() as connection:
            return await end_of_feed(connection, tenant_id)

    def of(self, start: Cursor) -> Feed:
        """The tenant's feed; begins to be followed at ``start`` if it is not yet."""
        found = self._feeds.get(start.tenant_id)
        if found is None or found.is_over:
            found = self._feeds[start.tenant_id] = Feed(self._services, start)
        return found

    def leave(self, feed: Feed, follower: Follower) -> None:
        """A follower less; with the last one the feed is forgotten."""
        feed.followers.discard(follower)
        if not feed.followers:
            feed.stop()
            if self._feeds.get(feed.tenant_id) is feed:
                del self._feeds[feed.tenant_id]

    def _rung(self, _: object, __: int, ___: str, payload: str) -> None:
        tenant, _, position = payload.partition(":")
        feed = self._feeds.get(int(tenant)) if tenant.isdigit() else None
        if feed is not None and (not position.isdigit() or int(position) > feed.at.position):
            feed.wake()

    async def _listen(self) -> None:
        while True:
            connection: asyncpg.Connection | None = None
            try:
                url = self._services.settings.need("worker_url")
                connection = await asyncpg.connect(url, server_settings={"application_name": "hub-feed-bell"})
                gone = asyncio.Event()
                connection.add_termination_listener(lambda _, gone=gone: gone.set())
                await connection.add_listener("hub_feed", self._rung)
                self._sweep_now.set()
                await gone.wait()
            except AWAY as error:
                log.warning("bell_lost", error=type(error).__name__)
            finally:
                if connection is not None and not connection.is_closed():
                    with suppress(*AWAY):
                        await connection.close(timeout=1)
            await asyncio.sleep(0.5)

    async def _sweep(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._services.settings.sweep_s):
                    await self._sweep_now.wait()
            self._sweep_now.clear()
            try:
                await self._look()
            except AWAY as error:
                log.warning("sweep_waits_for_postgres", error=type(error).__name__)

    async def _look(self) -> None:
        if not self._feeds:
            return
        for tenant_id, position, epoch in await self._services.worker_pool.fetch(_HEADS, list(self._feeds)):
            feed = self._feeds.get(tenant_id)
            if feed is not None and (position != feed.at.position or epoch != feed.at.epoch):
                feed.wake()

    async def aclose(self) -> None:
        for feed in self._feeds.values():
            feed.stop()
        self._feeds.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
