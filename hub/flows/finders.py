"""Whoever goes over what changed, some time after it changed: plans page by page, duplicates, values that many share.

Where each stands is a row, so wiping Redis or ending a worker costs delay only. The arq worker runs them every few seconds; the
ingest process does where nobody else has for a while.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import asyncpg

from hub.flows import duplicates, generic, plans_work
from hub.store.configuration import ConfigurationCache
from hub.store.pool import Pool
from hub.telemetry import logger

log = logger("hub.flows.finders")
EVERY_S = 2.0
MOST_PAGES = 100
MOST_STRETCHES = 2
"""What is behind is caught up little by little, beside the work that cannot wait."""
LATE_S = 15.0
"""Beside an arq worker, the ingest process looks this rarely; each finder's row is held by one at a time."""


@dataclass
class Finders:
    """One process's finders."""

    pool: Pool
    configurations: ConfigurationCache = field(default_factory=ConfigurationCache)

    async def run_once(self) -> int:
        """Go on with plans, then look at what changed; answers how much there was to do."""
        did = await plans_work.work_due(self.pool, self.configurations, most_pages=MOST_PAGES)
        did += await duplicates.find_new(self.pool, MOST_STRETCHES)
        return did + await generic.find_new(self.pool, self.configurations, MOST_STRETCHES)


async def run_forever(pool: Pool, stop: asyncio.Event, every_s: float) -> None:
    """Run the finders until ``stop`` is set; rides out the database being away."""
    finders = Finders(pool)
    while not stop.is_set():
        began = time.monotonic()
        try:
            await finders.run_once()
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("finders_failed", error=type(error).__name__)
        await asyncio.sleep(max(every_s - (time.monotonic() - began), 0.1))
