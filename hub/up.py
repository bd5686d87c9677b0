"""``hub up``: embedded servers, migrations, api and workers, as one thing that starts and stops.

The order is that of need: servers, schema, tenants, processes. The end runs through it backwards, on
Ctrl-C, SIGTERM, a closed terminal or an error alike, and leaves no process behind.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from hub import embedded
from hub.embedded import Embedded
from hub.embedded_process import free_port
from hub.errors import EmbeddedError, SettingError, SetupError
from hub.migrate import migrate
from hub.settings import Settings
from hub.supervise import Child, Supervisor
from hub.telemetry import logger

log = logger("hub.up")
STAGES = ("ingest", "deliver", "jobs")
"""What ``hub work --only`` can be told; each is a process of its own, so ingest's CPU never delays sending."""

TENANTS = ("north", "south")
MakeTenants = Callable[[Settings], Awaitable[list[dict[str, Any]]]]
Started = Callable[["Addresses"], Awaitable[None]]
Beside = Callable[[Settings], Sequence[Child]]


@dataclass(frozen=True)
class Addresses:
    """Where a running hub answers, and the fresh keys of its tenants."""

    settings: Settings
    tenants: list[dict[str, Any]]

    @property
    def base(self) -> str:
        host = "127.0.0.1" if self.settings.host in ("0.0.0.0", "::") else self.settings.host
        return f"{host}:{self.settings.port}"

    def as_json(self) -> str:
        """One line, for scripts. ``database_url`` is the examiner's: it reads everything and writes nothing."""
        return json.dumps(
            {
                "graphql": f"http://{self.base}/graphql",
                "websocket": f"ws://{self.base}/graphql",
                "hooks": f"http://{self.base}/hooks",
                "database_url": self.settings.examiner_url,
                "redis_url": self.settings.redis_url,
                "tenants": self.tenants,
            }
        )

    def as_text(self) -> str:
        lines = [
            "The hub is up. Ctrl-C stops it.",
            f"  GraphQL    http://{self.base}/graphql",
            f"  health     http://{self.base}/health",
            f"  webhooks   http://{self.base}/hooks/<system>",
            f"  Postgres   {self.settings.examiner_url}",
            f"  Redis      {self.settings.redis_url or 'none: workers poll'}",
        ]
        for tenant in self.tenants:
            lines.append(f"  tenant     {tenant['slug']}")
            lines += [f"    {role:<8} {key}" for role, key in tenant["keys"].items()]
        return "\n".join(lines)


@contextmanager
def running(settings: Settings) -> Iterator[tuple[Settings, Embedded | None]]:
    """The settings with live databases: those given, else embedded ones for as long as the block runs."""
    if settings.database_url is not None or (settings.worker_url and settings.api_url):
        yield settings, None
        return
    with embedded.start(settings.data) as servers:
        for note in servers.notes:
            log.warning("embedded servers", note=note)
        yield settings.on(servers), servers


def up(
    settings: Settings,
    make_tenants: MakeTenants,
    *,
    as_json: bool = False,
    started: Started | None = None,
    beside: Beside | None = None,
) -> None:
    """Run the hub until told to stop. ``started`` is run once it answers; when given, it tells the addresses, and its
    end is the hub's. ``beside`` names processes that live as long as the hub's own."""
    with _signals_end_us(), running(settings) as (live, servers):
        if servers is not None and not servers.owned:
            raise SetupError(
                f"a hub runs on {settings.data} already; 'hub stop --data {settings.data}' ends it"
            )
        try:
            asyncio.run(_up(_on_a_free_port(live), servers, make_tenants, as_json, started, beside))
        finally:
            _ignore_signals()  # the loop has put the deadly handlers back, and the servers still run


async def _up(
    settings: Settings,
    servers: Embedded | None,
    make_tenants: MakeTenants,
    as_json: bool,
    started: Started | None,
    beside: Beside | None,
) -> None:
    told = asyncio.Event()
    for name in _ENDING:
        asyncio.get_running_loop().add_signal_handler(name, told.set)
    await migrate(settings)
    addresses = Addresses(settings, await make_tenants(settings))
    async with Supervisor([*processes(settings), *backing_up(settings), *(beside(settings) if beside else ())]):
        watch = asyncio.create_task(_watch(servers, told))
        try:
            if await _answers(f"http://{addresses.base}/health", told):
                if started is None or as_json:
                    print(addresses.as_json() if as_json else addresses.as_text(), flush=True)
                await _until(told, started(addresses) if started else None)
        finally:
            told.set()
            await watch


def processes(settings: Settings) -> Sequence[Child]:
    """The api and the workers; without Redis there is nobody to carry jobs, and the workers poll."""
    environment = _environment(settings)
    stages = [stage for stage in STAGES if stage != "jobs" or settings.redis_url]
    return [
        Child.of_hub("api", "serve", environment=environment),
        *(Child.of_hub(stage, "work", "--only", stage, environment=environment) for stage in stages),
    ]


def backing_up(settings: Settings) -> Sequence[Child]:
    """The process that backs up all the time, where HUB_BACKUP says where to; it alone gets the address that replicates."""
    if settings.backup is None or settings.backup_url is None:
        return []
    environment = _environment(settings) | {"HUB_BACKUP_URL": settings.backup_url}
    return [Child.of_hub("backup", "backup", str(settings.backup), "--follow", environment=environment)]


def _environment(settings: Settings) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | settings.for_child()


async def with_jobs_beside(loops: Awaitable[None], settings: Settings) -> None:
    """The Postgres loops in this process, and the jobs in a child of it, for as long as the loops run."""
    async with Supervisor([child for child in processes(settings) if child.name == "jobs"]):
        await loops


async def _watch(servers: Embedded | None, told: asyncio.Event) -> None:
    """Bring back an embedded server that died, within half a second, at the address everybody knows."""
    while not told.is_set():
        try:
            if servers is not None and (healed := await asyncio.to_thread(servers.heal)):
                log.warning("embedded servers restarted", servers=" ".join(healed))
        except EmbeddedError as error:
            log.error("an embedded server does not come back", exc_info=error)
        try:
            await asyncio.wait_for(told.wait(), 0.5)
        except TimeoutError:
            continue


async def _until(told: asyncio.Event, work: Awaitable[None] | None) -> None:
    """Wait for the signal; or for the work, if that ends first, passing its error on."""
    waiting = asyncio.ensure_future(told.wait())
    working = [asyncio.ensure_future(work)] if work is not None else []
    await asyncio.wait([waiting, *working], return_when=asyncio.FIRST_COMPLETED)
    for task in working:
        if task.done():
            task.result()
        task.cancel()
    waiting.cancel()


async def _answers(url: str, told: asyncio.Event, patience_s: float = 60) -> bool:
    """Wait for 200; False when told to stop meanwhile."""
    give_up_at = time.monotonic() + patience_s
    while not told.is_set():
        if await asyncio.to_thread(_is_ok, url):
            return True
        if time.monotonic() > give_up_at:
            raise SetupError(
                f"the api does not answer at {url} within {patience_s:.0f} s; its log above says why"
            )
        await asyncio.sleep(0.1)
    return False


def _is_ok(url: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _on_a_free_port(settings: Settings) -> Settings:
    if settings.port == 0:
        return replace(settings, port=free_port())
    if free_port(settings.port) != settings.port:
        raise SettingError(
            "HUB_PORT", f"{settings.port} is taken; choose another with --port, or 0 for any free one"
        )
    return settings


_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def _signals_end_us() -> Iterator[None]:
    """Before and after the event loop a signal raises SystemExit, so that what was started is stopped.

    Once the end has begun, further signals change nothing: an impatient second Ctrl-C would leave
    servers behind.
    """
    before = {name: signal.signal(name, _exit) for name in _ENDING}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _exit(number: int, frame: object) -> None:
    _ignore_signals()
    sys.exit(128 + number)


def _ignore_signals() -> None:
    for name in _ENDING:
        signal.signal(name, signal.SIG_IGN)
