"""Whoever goes over what changed, some time after it changed: plans page by page, forms of loads, duplicates, values that many share,
the queue and the books.

Where each stands is a row, so wiping Redis or ending a worker costs delay only. The arq worker runs them every few seconds; the
ingest process does where nobody else has for a while.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import asyncpg

from hub.flows import check_between, duplicates, find_exceptions, forms_later, generic, plans_work, reevaluate, retention, tend_queue
from hub.store.configuration import ConfigurationCache
from hub.store.pool import Pool
from hub.telemetry import logger

log = logger("hub.flows.finders")
EVERY_S = 2.0
MOST_PAGES = 100
MOST_PIECES = 100
MOST_STRETCHES = 2
"""What is behind is caught up little by little, beside the work that cannot wait."""
TEND_S = 5.0
LOOK_S = 300.0
"""The books are gone through whole each time, for the first time soon after the start."""
LATE_S = 15.0
"""Beside an arq worker, the ingest process looks this rarely; each finder's row is held by one at a time."""


@dataclass
class Finders:
    """One process's finders."""

    pool: Pool
    configurations: ConfigurationCache = field(default_factory=ConfigurationCache)
    match_again_h: float = 24.0
    tended_at: float = field(default_factory=lambda: -TEND_S)
    looked_at: float = field(default_factory=lambda: time.monotonic() - LOOK_S + 20)
    feed_days: int = 0
    """Days that the feed keeps changes (see :mod:`hub.flows.retention`); 0: for good."""
    retained_at: float = field(default_factory=lambda: time.monotonic() - retention.EVERY_S + 30)

    async def run_once(self) -> int:
        """Go on with plans, then look at what changed; answers how much there was to do."""
        did = await plans_work.work_due(self.pool, self.configurations, most_pages=MOST_PAGES)
        did += await self._look_after_the_queue()
        did += await forms_later.write_new(self.pool, self.configurations, MOST_PIECES)
        did += await duplicates.find_new(self.pool, MOST_STRETCHES)
        did += await check_between.find_new(self.pool, self.configurations, MOST_STRETCHES)
        return did + await generic.find_new(self.pool, self.configurations, MOST_STRETCHES)

    async def _look_after_the_queue(self) -> int:
        """Send new tasks where they belong, raise late ones; through the books for what holds up money now and then."""
        now, did = time.monotonic(), 0
        if now - self.tended_at >= TEND_S:
            did += await tend_queue.tend_all(self.pool)
            self.tended_at = now
        if now - self.looked_at >= LOOK_S:
            did += await find_exceptions.find_all(self.pool)
            did += await check_between.look_again(self.pool, self.configurations)
            did += await reevaluate.reevaluate_due(self.pool, self.configurations, self.match_again_h)
            self.looked_at = time.monotonic()
        if now - self.retained_at >= retention.EVERY_S:
            did += await retention.retain_all(self.pool, self.feed_days)
            self.retained_at = time.monotonic()
        return did


async def run_forever(pool: Pool, stop: asyncio.Event, every_s: float, feed_days: int = 0) -> None:
    """Run the finders until ``stop`` is set; rides out the database being away."""
    finders = Finders(pool, feed_days=feed_days)
    while not stop.is_set():
        began = time.monotonic()
        try:
            await finders.run_once()
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("finders_failed", error=type(error).__name__)
        await asyncio.sleep(max(every_s - (time.monotonic() - began), 0.1))
