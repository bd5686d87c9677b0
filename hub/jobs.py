"""What is scheduled or heavy, carried by arq: polls, large plans, finders. Due times are rows, so wiping Redis only costs delay.

``hub work`` runs this as a supervised child; without Redis the ingest process polls by itself, a little later.
"""

from __future__ import annotations

import contextlib
from typing import Any

from arq import cron
from arq.connections import RedisSettings
from arq.worker import Worker
from redis.exceptions import RedisError

from hub.connections import Connections
from hub.errors import SetupError
from hub.flows import audit, poll
from hub.flows.finders import Finders
from hub.settings import Settings
from hub.store.pool import open_worker_pool
from hub.telemetry import logger

log = logger("hub.jobs")

JOBS: dict[str, str] = {
    "poll_due": "every second: poll the resources of connected systems whose next_poll_at has come",
    "find": "every two seconds: go on with large plans, write the forms that loads left and ask what they have in common with others, compare changed transactions with those like them, count shared values; every five seconds: send tasks where they belong, raise late ones, end proposals nobody decided; every five minutes: look through the books for money that is held up; every hour: drop changes from the feed that are older than HUB_FEED_DAYS",
    "seal": "four times a minute: put what happened under signed seals, give up entries past retention",
}
"""Every job, and when it runs and why; the README lists them."""


async def poll_due(ctx: dict[Any, Any], *args: Any, **kwargs: Any) -> int:
    """Poll what is due."""
    return await poll.poll_due(ctx["pool"], ctx["connections"].get)


async def find(ctx: dict[Any, Any], *args: Any, **kwargs: Any) -> int:
    """Go on with plans, and look at what changed."""
    finders: Finders = ctx["finders"]
    return await finders.run_once()


async def seal(ctx: dict[Any, Any], *args: Any, **kwargs: Any) -> int:
    """Seal what happened since the last time."""
    settings: Settings = ctx["settings"]
    return await audit.seal_all(ctx["pool"], settings.need("secret_key"), days=settings.audit_days)


async def run(settings: Settings) -> None:
    """Carry jobs until cancelled. Ends with an error when Redis is away; the supervisor brings it back."""
    pool = await open_worker_pool(settings.need("worker_url"), 4, "hub-jobs")
    connections = Connections(pool, settings)
    worker = Worker(
        cron_jobs=[
            cron(poll_due, second=set(range(60)), unique=True, run_at_startup=True, keep_result=0, timeout=300, max_tries=1),
            cron(find, second=set(range(0, 60, 2)), unique=True, keep_result=0, timeout=300, max_tries=1),
            cron(seal, second={5, 20, 35, 50}, unique=True, keep_result=0, timeout=300, max_tries=1),
        ],
        redis_settings=RedisSettings.from_dsn(settings.need("redis_url")),
        handle_signals=False,
        poll_delay=0.5,
        keep_result=0,
        ctx={"settings": settings, "pool": pool, "connections": connections, "finders": Finders(pool, match_again_h=settings.match_again_h, feed_days=settings.feed_days)},
    )
    try:
        await worker.async_run()
    except (RedisError, OSError) as error:
        raise SetupError(f"Redis does not answer ({type(error).__name__}): see that it runs at the address of HUB_REDIS_URL") from error
    finally:
        with contextlib.suppress(RedisError, OSError):
            await worker.close()
        await connections.aclose()
        await pool.close()
