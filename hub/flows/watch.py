"""What workers do beside their own work: tell what goes wrong by its root cause, and seal the trail.

Rows say whose turn it is, so it does not matter how many processes watch; one is enough, and each may die. Sealing computes, so it is
the jobs' where there are any, and never done beside sending, whose latency would carry it.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

import asyncpg

from hub.flows import alerts, audit
from hub.flows.addresses import networks
from hub.flows.webhook_post import Poster, open_session
from hub.settings import Settings
from hub.store.pool import Pool
from hub.telemetry import logger

log = logger("hub.flows.watch")
EVERY_S = 5.0
SEAL_S = 15.0
LATE_S = 300.0
"""How often the ingest process seals beside an arq worker, which does it every quarter of a minute."""


STANDING_IN_S = 30.0
"""When nobody looked for so long, an api does: it is what still runs when no worker does."""


async def watch_forever(
    pool: Pool, settings: Settings, stop: asyncio.Event, *, seal_every_s: float | None = None, look_every_s: float = alerts.EVERY_S
) -> None:
    """Watch until ``stop`` is set; rides out the database being away. ``seal_every_s``: None where others seal."""
    async with AsyncExitStack() as stack:
        poster: Poster | None = None
        if settings.alert_webhook:
            allowed = networks(settings.webhook_networks)
            poster = Poster(await stack.enter_async_context(open_session(allowed)), allowed)
        sealed_at = time.monotonic()
        while not stop.is_set():
            try:
                await alerts.look_all(pool, look_every_s)
                if poster is not None:
                    await alerts.tell_all(pool, settings, poster)
                if seal_every_s is not None and time.monotonic() - sealed_at >= seal_every_s:
                    sealed_at = time.monotonic()
                    await audit.seal_all(pool, settings.need("secret_key"), days=settings.audit_days)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("watch_failed", error=type(error).__name__)
            except Exception:
                log.exception("watch_failed")  # such as a key nobody can open: the next round says so again
            try:
                async with asyncio.timeout(EVERY_S):
                    await stop.wait()
            except TimeoutError:
                continue
