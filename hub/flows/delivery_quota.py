"""A worker's part of what a connected system may be asked: slots leased, times to send at borrowed in batches.

Calls wait here before they are made, the most urgent first. What all workers share stands in ``hub.quota``; a worker borrows
for half a second ahead and renews its slots every few seconds, so that no call costs a statement of its own. One that dies
takes its slots along for some seconds, and its borrowed times for good: a pause of half a second.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import deque
from dataclasses import dataclass, field
from itertools import count

import asyncpg

from connectors.errors import RateLimitedError
from connectors.port import Capabilities
from hub.core.limits import read_limits
from hub.core.quota import Quota, batch_of, share_of
from hub.core.urgency import DAY_SHARE, NORMAL
from hub.store import quotas
from hub.store.pool import Pool
from hub.store.statements import Connection
from hub.telemetry import logger

log = logger("hub.quota")
SLOT_LEASE_S = 6.0
IDLE_S = 0.5
"""A worker without a call for so long leaves its slots to the others."""
LATE_S = 0.1
"""A time to send at that is longer past than this has lapsed: sending it now would crowd those after it."""
LONGEST_TURN_S = 60.0
"""A page waits no longer for its turn; its poll holds a lease."""
_RETRY_S = 0.2
_TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


@dataclass(order=True, slots=True)
class _Waiting:
    urgency: int
    number: int
    granted: asyncio.Future[float] = field(compare=False)


@dataclass
class Budget:
    """What one worker may ask of one system. :meth:`enter` before each request, :meth:`leave` after it."""

    pool: Pool
    tenant_id: int
    system: str
    worker: str
    quota: Quota
    _waiting: list[_Waiting] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)
    _under_way: int = 0
    _slots: int = 0
    _slots_until: float = 0.0
    _renew_at: float = 0.0
    _times: deque[float] = field(default_factory=deque)
    _lapsed: int = 0
    """Times of today that were borrowed and not used: given back with the next loan."""
    _freed: asyncio.Event = field(default_factory=asyncio.Event)
    _leasing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _pump: asyncio.Task[None] | None = None
    _idle: asyncio.Task[None] | None = None

    async def enter(self, urgency: int = NORMAL) -> float:
        """Wait until one more request may be sent and answer 0; or answer in how many seconds to come again, when the day's
        budget of this class of urgency is spent. :meth:`leave` follows a 0 only.
        """
        if not self._waiting and self._has_slot() and self._take_time():
            self._under_way += 1
            return 0.0
        one = _Waiting(urgency, next(self._numbers), asyncio.get_running_loop().create_future())
        heapq.heappush(self._waiting, one)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._serve())
        try:
            return await one.granted
        except asyncio.CancelledError:
            if one.granted.done() and not one.granted.cancelled() and one.granted.result() == 0.0:
                self.leave()
            raise

    def leave(self) -> None:
        self._under_way -= 1
        self._freed.set()
        if self._under_way == 0 and not self._waiting and self._idle is None:
            self._idle = asyncio.create_task(self._when_idle())

    async def _when_idle(self) -> None:
        """Slots nobody needs here go to the other workers; unused times go back to the day."""
        await asyncio.sleep(IDLE_S)
        self._idle = None
        try:
            async with self._leasing, self.pool.acquire() as connection:
                if self._under_way or self._waiting or not self._slots:
                    return
                self._slots, self._renew_at = 0, 0.0
                await quotas.free_slots(connection, self.tenant_id, self.system, self.worker)
                await self._give_back(connection)
        except _TROUBLE:
            return  # the lease runs out

    async def _give_back(self, connection: asyncpg.Connection) -> None:
        self._lapsed += len(self._times)
        self._times.clear()
        if self._lapsed and self.quota.requests_per_day:
            lapsed, self._lapsed = self._lapsed, 0
            await quotas.lend(
                connection, self.tenant_id, self.system, want=0, spacing_s=0.0, allowed=None, zone=self.quota.zone, unused=lapsed
            )

    def spend(self) -> None:
        """One request more than was asked for, such as a look-up after a call: taken off what comes next."""
        if self._times:
            self._times.popleft()
        else:
            self._lapsed -= 1

    async def pause(self, seconds: float) -> None:
        """The system asked for a pause: it holds for every worker."""
        self._lapsed += len(self._times)
        self._times.clear()
        try:
            async with self.pool.acquire() as connection:
                await quotas.pause(connection, self.tenant_id, self.system, seconds)
        except _TROUBLE:
            return  # this worker's own gate holds; the others meet the limit themselves

    async def aclose(self) -> None:
        """Leave the slots to the other workers."""
        for task in (self._pump, self._idle):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        if self._slots or self._times or self._lapsed:
            async with self.pool.acquire() as connection:
                await quotas.free_slots(connection, self.tenant_id, self.system, self.worker)
                await self._give_back(connection)
            self._slots = 0

    # inside

    def _has_slot(self) -> bool:
        now = time.monotonic()
        return now < self._slots_until and now < self._renew_at and self._under_way < self._slots

    def _take_time(self) -> bool:
        """Whether a request may be sent at this moment; then its time is used up."""
        if not self.quota.is_metered:
            return True
        now = time.monotonic()
        while self._times and self._times[0] < now - LATE_S:
            self._times.popleft()
            self._lapsed += 1
        if self._times and self._times[0] <= now:
            self._times.popleft()
            return True
        return False

    async def _serve(self) -> None:
        """Grant what waits, as slots and times come; ends when nothing waits."""
        while self._waiting:
            try:
                await self._grant_one()
            except _TROUBLE as error:
                log.warning("no budget can be borrowed", system=self.system, error=type(error).__name__)
                await asyncio.sleep(_RETRY_S)
            except Exception:  # whoever waits here would wait for ever
                log.exception("lending failed", system=self.system)
                await asyncio.sleep(_RETRY_S)

    async def _grant_one(self) -> None:
        while self._waiting and self._waiting[0].granted.done():
            heapq.heappop(self._waiting)
        if not self._waiting:
            return
        self._freed.clear()
        if time.monotonic() >= self._renew_at:
            await self._lease_slots()
        if self._under_way >= self._slots:
            await self._until_freed(_RETRY_S if self._slots == 0 else max(self._renew_at - time.monotonic(), 0.01))
            if self._slots == 0:
                self._renew_at = 0.0
            return
        if not self._take_time():
            if not self._times and not await self._borrow():
                return
            await asyncio.sleep(max(self._times[0] - time.monotonic(), 0.0))
            return
        one = heapq.heappop(self._waiting)
        if not one.granted.done():
            self._under_way += 1
            one.granted.set_result(0.0)

    async def _until_freed(self, most_s: float) -> None:
        try:
            async with asyncio.timeout(most_s):
                await self._freed.wait()
        except TimeoutError:
            return

    async def _lease_slots(self) -> None:
        wants = self._under_way + len(self._waiting)
        asked_at = time.monotonic()
        async with self._leasing, self.pool.acquire() as connection, connection.transaction():
            held = await quotas.others(connection, self.tenant_id, self.system, self.worker)
            slots = share_of(self.quota.at_once, self._under_way, wants, held)
            await quotas.lease_slots(connection, self.tenant_id, self.system, self.worker, slots, wants, SLOT_LEASE_S)
        self._slots, self._slots_until = slots, asked_at + SLOT_LEASE_S
        is_crowded = bool(held) or slots < min(wants, self.quota.at_once)
        self._renew_at = asked_at + (SLOT_LEASE_S / 12 if is_crowded else SLOT_LEASE_S / 3 if slots >= self.quota.at_once else SLOT_LEASE_S / 12)

    async def _borrow(self) -> bool:
        """Borrow times for what waits; False when the day is spent for the most urgent that waits, which is then told."""
        quota, urgency = self.quota, self._waiting[0].urgency
        per_day = quota.per_day
        allowed = int(per_day * DAY_SHARE.get(urgency, 1.0)) if quota.requests_per_day else None
        async with self.pool.acquire() as connection:
            asked_at = time.monotonic()
            loan = await quotas.lend(
                connection, self.tenant_id, self.system, want=batch_of(quota, len(self._waiting)),
                spacing_s=1 / quota.rate if quota.rate else 0.0, allowed=allowed, zone=quota.zone, unused=self._lapsed,
            )  # fmt: skip
        self._lapsed = 0
        spacing_s = 1 / quota.rate if quota.rate else 0.0
        self._times.extend(asked_at + loan.first_in_s + number * spacing_s for number in range(loan.count))
        if loan.count:
            return True
        put_off, self._waiting = self._waiting, []
        for one in put_off:
            if one.urgency < urgency:
                heapq.heappush(self._waiting, one)
            elif not one.granted.done():
                one.granted.set_result(max(loan.day_ends_in_s, 1.0))
        return False


async def page_turn(pool: Pool, tenant_id: int, system: str, quota: Quota) -> None:
    """Wait until a poll may ask for its next page: reads share the connection's quota with writes. Raises RateLimitedError when
    the day is spent."""
    if not quota.is_metered:
        return
    allowed = int(quota.per_day * DAY_SHARE[NORMAL]) if quota.requests_per_day else None
    async with pool.acquire() as connection:
        loan = await quotas.lend(
            connection, tenant_id, system, want=1, spacing_s=1 / quota.rate if quota.rate else 0.0, allowed=allowed, zone=quota.zone
        )
    if not loan.count:
        raise RateLimitedError(f"the day's requests of {system} are used up", retry_after_s=loan.day_ends_in_s, scope=system, system=system)
    await asyncio.sleep(min(loan.first_in_s, LONGEST_TURN_S))


async def quota_of(connection: Connection, tenant_id: int, system: str, capabilities: Capabilities) -> Quota:
    """What a connector declares of its system, under what the tenant says of it."""
    row = await quotas.limits_of(connection, tenant_id, system)
    return read_limits(row["limits"] if row is not None else {}).quota_over(declared(capabilities))


def declared(capabilities: Capabilities) -> Quota:
    """A connector's declaration as a quota."""
    return Quota(
        capabilities.requests_per_s, max(capabilities.concurrency, 1), capabilities.requests_per_day, bulk=max(capabilities.bulk_size, 1)
    )
