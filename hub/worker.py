"""The worker's composition root: which loops this process runs, on which connections.

Work is rows; the doorbell only saves waiting. Each loop survives Postgres going away and looks for itself after every
reconnect.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

import asyncpg

from hub.connections import Connections
from hub.flows import finders, grace, poll, search
from hub.flows.deliver import deliver_loop
from hub.flows.ingest_loop import GONE, Ingester
from hub.flows.watch import LATE_S, SEAL_S, watch_forever
from hub.garbage import collect_rarely
from hub.settings import Settings
from hub.store.pool import open_worker_pool
from hub.telemetry import logger, watch_pool

log = logger("hub.worker")
ENDING_S = 8.0
"""Whoever asked us to end waits ten seconds before it kills us (``hub.supervise``)."""

BACKLOG_SIZE = 500
"""Messages in one transaction while a backlog is worked off; online batches stay at HUB_BATCH_SIZE."""


def worker_name(stage: str) -> str:
    """Who holds a lease: host, process and stage."""
    return f"{socket.gethostname()}:{os.getpid()}:{stage}"


async def run(settings: Settings, loops: Sequence[str]) -> None:
    """Run the named loops (``ingest``, ``deliver``) until cancelled, as SIGTERM does.

    Then each takes nothing more, ends what it has in hand and gives back what it leased; what is not over within
    :data:`ENDING_S` is broken off, and taken over when its lease runs out.
    """
    stop = asyncio.Event()
    running = [asyncio.create_task(_loop(settings, name, stop)) for name in loops]
    try:
        over, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for one in over:
            one.result()  # a loop ends by itself by an error only
    finally:
        stop.set()
        _, late = await asyncio.wait(running, timeout=ENDING_S)
        for one in late:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _loop(settings: Settings, name: str, stop: asyncio.Event) -> Coroutine[Any, Any, None]:
    if name == "ingest":
        return ingest_process(settings, stop)
    return deliver_process(settings, stop)


async def ingest_process(settings: Settings, stop: asyncio.Event) -> None:
    """Fold messages, compute again what is due, and open tasks for what has waited too long."""
    wake = asyncio.Event()
    pool = await open_patiently(settings, "hub-ingest")
    _watch(pool, "ingest", settings)
    ingester = Ingester(pool, worker_name("ingest"), settings.batch_size, settings.lease_s, backlog_size=BACKLOG_SIZE)
    beside = [
        asyncio.create_task(listen(settings, ("hub_inbox", "hub_reconsider"), wake)),
        asyncio.create_task(grace.sweep_forever(pool, settings, stop)),
        asyncio.create_task(poll_when_nobody_does(pool, settings, stop)),
        asyncio.create_task(finders.run_forever(pool, stop, finders.LATE_S if settings.redis_url else finders.EVERY_S, settings.feed_days)),
        asyncio.create_task(watch_forever(pool, settings, stop, seal_every_s=LATE_S if settings.redis_url else SEAL_S)),
    ]
    try:
        collect_rarely()
        await ingester.run(stop, wake)
    finally:
        for one in beside:
            one.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await pool.close()


async def deliver_process(settings: Settings, stop: asyncio.Event) -> None:
    """Give changes their positions, send them to whoever subscribed, and let them be found by search."""
    pool = await open_patiently(settings, "hub-deliver")
    _watch(pool, "deliver", settings)
    connections = Connections(pool, settings)
    beside = [
        asyncio.create_task(search.keep_up_forever(pool, settings.sweep_s, stop)),
        asyncio.create_task(watch_forever(pool, settings, stop)),
    ]
    try:
        await deliver_loop(pool, settings, connections.get, stop, worker=worker_name("deliver"))
    finally:
        for one in beside:
            one.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await connections.aclose()
        await pool.close()


async def poll_when_nobody_does(pool: Any, settings: Settings, stop: asyncio.Event) -> None:
    """Polls are arq's; without Redis, or when they are overdue, this process does them."""
    connections = Connections(pool, settings)
    late_s = 15.0 if settings.redis_url else 0.0
    try:
        while not stop.is_set():
            try:
                await poll.poll_due(pool, connections.get, late_s)
            except GONE as error:
                log.warning("polls_wait_for_postgres", error=type(error).__name__)
            await asyncio.sleep(settings.sweep_s)
    finally:
        await connections.aclose()


def _watch(pool: Any, name: str, settings: Settings) -> None:
    watch_pool(name, pool.get_size, lambda: pool.get_size() - pool.get_idle_size(), settings.pool_size)


async def open_patiently(settings: Settings, name: str) -> Any:
    """A worker pool, waiting for Postgres as long as it takes."""
    while True:
        try:
            return await open_worker_pool(settings.need("worker_url"), settings.pool_size, name)
        except GONE as error:
            log.warning("waiting_for_postgres", error=type(error).__name__)
            await asyncio.sleep(0.5)


async def listen(settings: Settings, channels: Sequence[str], wake: asyncio.Event) -> None:
    """Ring ``wake`` at every notification, and once after every reconnect, since some may have been missed."""
    while True:
        connection = None
        try:
            connection = await asyncpg.connect(settings.need("worker_url"), server_settings={"application_name": "hub-bell"})
            gone = asyncio.Event()
            connection.add_termination_listener(lambda _, gone=gone: gone.set())
            for channel in channels:
                await connection.add_listener(channel, lambda *_: wake.set())
            wake.set()
            await gone.wait()
        except GONE as error:
            log.warning("bell_lost", error=type(error).__name__)
        finally:
            if connection is not None and not connection.is_closed():
                with suppress(*GONE):
                    await connection.close(timeout=1)
        await asyncio.sleep(0.5)
