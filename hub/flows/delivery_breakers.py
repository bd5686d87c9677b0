"""Breakers at work: what calls came to is gathered, judged under the row's lock a few times a second, and seen by all workers.

While everything goes well nothing is written: successes of a closed breaker are told only together with a failure.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import asyncpg

from hub.core.breaker import CLOSED, HALF_OPEN, OPEN, Breaker, judged
from hub.flows.delivery_controls import Controls
from hub.store import breakers, configuration, subscriptions, tasks
from hub.store.breakers import BreakerKey
from hub.store.pool import Pool
from hub.store.statements import Connection
from hub.store.tasks import NewTask
from hub.telemetry import logger

log = logger("hub.breakers")
EVERY_S = 0.2
_TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


@dataclass(slots=True)
class Heard:
    """What calls of one operation came to since it was last judged."""

    successes: int = 0
    failures: int = 0
    error: str = ""
    since: float = 0.0


@dataclass
class Breakers:
    """One worker's ear. ``on_closed`` hears of systems (tenant, system) that answer again."""

    pool: Pool
    controls: Controls
    on_closed: Callable[[int, str], Awaitable[None]]
    _heard: dict[tuple[int, str, str], Heard] = field(default_factory=dict)
    _rung: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, tenant_id: int, system: str, operation: str, error: str | None) -> None:
        """A call went through (``error`` None) or did not: no answer, or none that can be used."""
        key = (tenant_id, system, operation)
        now = time.monotonic()
        one = self._heard.get(key)
        if one is None or (one.failures == 0 and now - one.since > self.controls.of(tenant_id, system).breaker.observability_window_s):
            one = self._heard[key] = Heard(since=now)
        if error is None:
            one.successes += 1
        else:
            one.failures += 1
            one.error = error
        if error is not None or key in self.controls.breakers:
            self._rung.set()

    async def admit(self, tenant_id: int, system: str, operations: Sequence[str]) -> dict[str, float]:
        """Operation → how many seconds its writes have to wait; 0: one may try; what is not there is free."""
        now = datetime.now(UTC)
        held = {one: found for one in set(operations) if (found := self.controls.breakers.get((tenant_id, system, one))) is not None}
        waits = {one: max((found.retry_at - now).total_seconds() if found.retry_at else 0.0, 0.0) for one, found in held.items()}
        ready = sorted(one for one, wait_s in waits.items() if wait_s == 0.0)
        if ready:
            rules = self.controls.of(tenant_id, system).breaker
            async with self.pool.acquire() as connection:
                mine = await breakers.take_probe(connection, tenant_id, system, ready, rules.error_timeout_s)
            waits |= {one: 0.0 if one in mine else 1.0 for one in ready}
        return waits

    async def run(self) -> None:
        """Judge what is heard until cancelled; an unreachable database is waited for."""
        while True:
            await self._rung.wait()
            self._rung.clear()
            try:
                await self.judge()
            except _TROUBLE as error:
                log.warning("breakers not judged yet", error=type(error).__name__)
                self._rung.set()
            await asyncio.sleep(EVERY_S)

    async def judge(self) -> None:
        """Judge what failed, and what is tried again."""
        due = {key: one for key, one in self._heard.items() if one.failures or key in self.controls.breakers}
        by_tenant: dict[int, dict[BreakerKey, Heard]] = {}
        for (tenant_id, system, operation), one in due.items():
            by_tenant.setdefault(tenant_id, {})[system, operation] = one
        for tenant_id, heard in by_tenant.items():
            taken = {key: Heard(one.successes, one.failures, one.error) for key, one in heard.items()}
            async with self.pool.acquire() as connection, connection.transaction():
                after = await self._judge(connection, tenant_id, taken)
            self._forget(tenant_id, taken)
            await self._take_note(tenant_id, after)

    def _forget(self, tenant_id: int, taken: dict[BreakerKey, Heard]) -> None:
        """What came in while the rest was judged is judged next."""
        for (system, operation), told in taken.items():
            one = self._heard[tenant_id, system, operation]
            one.successes -= told.successes
            one.failures -= told.failures

    async def _judge(self, tx: Connection, tenant_id: int, heard: dict[BreakerKey, Heard]) -> dict[BreakerKey, tuple[Breaker, Breaker]]:
        now = datetime.now(UTC)
        before = await breakers.lock(tx, tenant_id, heard)
        after: dict[BreakerKey, tuple[Breaker, Breaker]] = {}
        for key, one in before.items():
            told = heard[key]
            after[key] = (one, _probed(one, judged(one, self.controls.of(tenant_id, key[0]).breaker, told.successes, told.failures, now, told.error), now))
        await breakers.put(tx, tenant_id, {key: new for key, (old, new) in after.items() if new != old})
        opened = [_open_task(key, new) for key, (old, new) in after.items() if new.state == OPEN and old.state == CLOSED]
        await tasks.open_tasks(tx, tenant_id, opened)
        closed = [f"{system}: {operation}" for (system, operation), (old, new) in after.items() if new.state == CLOSED and old.state != CLOSED]
        if closed:
            ids = await tasks.open_by_cause(tx, tenant_id, "circuit_open", closed)
            await tasks.resolve(tx, tenant_id, ids, "the system takes our writes again")
        for system in sorted({key[0] for key, (_, new) in after.items() if new.is_hopeless(self.controls.of(tenant_id, key[0]).breaker, now)}):
            await self._disable(tx, tenant_id, system)
        return after

    async def _disable(self, tx: Connection, tenant_id: int, system: str) -> None:
        """It failed for so long that nothing is sent until a person says so."""
        if await subscriptions.set_paused(tx, tenant_id, system, True):
            await configuration.bump(tx, tenant_id)
            await tasks.open_tasks(tx, tenant_id, [_disabled_task(system)])
            log.warning("system paused, it failed for too long", tenant_id=tenant_id, system=system)

    async def _take_note(self, tenant_id: int, after: dict[BreakerKey, tuple[Breaker, Breaker]]) -> None:
        for (system, operation), (old, new) in after.items():
            key = (tenant_id, system, operation)
            if new.state == CLOSED:
                self.controls.breakers.pop(key, None)
            else:
                self.controls.breakers[key] = new
            if new.state != old.state:
                log.warning("breaker", tenant_id=tenant_id, system=system, operation=operation, state=new.state)
        for system in sorted({key[0] for key, (old, new) in after.items() if new.state == CLOSED and old.state != CLOSED}):
            await self.on_closed(tenant_id, system)


def _probed(before: Breaker, after: Breaker, now: datetime) -> Breaker:
    """After one that was decided the next may try at once."""
    if after.state == HALF_OPEN and after.successes + after.failures > before.successes + before.failures:
        return replace(after, retry_at=now)
    return after


def _open_task(key: BreakerKey, breaker: Breaker) -> NewTask:
    system, operation = key
    return NewTask(
        "circuit_open", f"{system}: {operation}", f"{system} fails at most of what the hub asks it ({operation}): {breaker.error}. It is left alone and tried now and then.",
        "Find out what is wrong with the system; the hub goes on by itself once it answers.", system=system, is_restated=True,
    )  # fmt: skip


def _disabled_task(system: str) -> NewTask:
    return NewTask(
        "system_disabled", system, f"{system} has failed for so long that the hub has paused it; nothing is sent to it.",
        "When it works again, resume it (setPaused): everything it missed is sent then.", system=system, is_restated=True,
    )  # fmt: skip
