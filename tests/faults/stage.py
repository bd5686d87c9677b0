"""The hub under test: servers of its own with fsync on, proxies before them, and api and workers as ``hub up`` starts them.

Each process reads its fault points from a file of its own, so that a point can be armed in one of them while it runs.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import asyncpg
import psutil  # type: ignore[import-untyped]

from hub import embedded
from hub.embedded_process import free_port
from hub.flows.tenants import ensure_tenants
from hub.migrate import migrate
from hub.settings import Settings
from hub.store.pool import open_worker_pool
from hub.supervise import Child, Supervisor
from hub.up import processes
from tests.faults.peers import Receiver, System
from tests.faults.proxy import Proxy

ROOT = Path(__file__).resolve().parents[2]
TENANTS = ("north", "south")
LEASE_S = 3.0


class HubError(Exception):
    """The hub answered that it did not do it. ``code`` is the stable code; "" when it did not answer at all."""

    def __init__(self, code: str, told: str, *, is_certain: bool) -> None:
        super().__init__(f"{code}: {told}")
        self.code = code
        self.is_certain = is_certain
        """Nothing was done. Otherwise it may have happened."""


@dataclass
class Api:
    """The api as a client with one key sees it."""

    base: str
    key: str
    session: aiohttp.ClientSession

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}

    async def ask(self, document: str, /, **variables: Any) -> dict[str, Any]:
        """The ``data`` of an answer. Raises :class:`HubError`."""
        status, found = await self.post("/graphql", json.dumps({"query": document, "variables": variables}), "application/json")
        errors = found.get("errors") or []
        if errors or status >= 400:
            told = errors[0] if errors else {}
            code = (told.get("extensions") or {}).get("code", f"HTTP_{status}")
            raise HubError(code, str(told.get("message", "")), is_certain=status < 500 and code not in ("INTERNAL", "UNAVAILABLE", "TIMEOUT"))
        data: dict[str, Any] = found["data"]
        return data

    async def do(self, document: str, /, **variables: Any) -> dict[str, Any]:
        """The payload of one mutation. Raises :class:`HubError` for errors told as data."""
        payload: dict[str, Any] = next(iter((await self.ask(document, **variables)).values()))
        if payload.get("errors"):
            one = payload["errors"][0]
            raise HubError(one["code"], one["message"], is_certain=one["code"] not in ("INTERNAL", "UNAVAILABLE"))
        return payload

    async def post(self, path: str, body: str | bytes, content_type: str, **headers: str) -> tuple[int, dict[str, Any]]:
        """Status and JSON of an answer. Raises :class:`HubError` (not certain) when there was none."""
        try:
            async with self.session.post(
                f"{self.base}{path}", data=body, headers={**self.headers, "content-type": content_type, **headers}
            ) as answer:
                raw = await answer.read()
                try:
                    return answer.status, json.loads(raw)
                except ValueError:
                    return answer.status, {}
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise HubError("", type(error).__name__, is_certain=False) from error


@dataclass
class Tenant:
    """One firm: its keys, its systems and its receivers."""

    slug: str
    id: int
    keys: dict[str, str]
    crm: System
    psa: System
    erp: System
    receivers: dict[str, Receiver]
    subscriptions: dict[str, str] = field(default_factory=dict)

    @property
    def systems(self) -> tuple[System, ...]:
        return (self.crm, self.psa, self.erp)


@dataclass
class Stage:
    """Everything that runs, and how to reach it."""

    folder: Path
    servers: embedded.Embedded
    settings: Settings
    """As the hub's processes have them: Postgres and Redis by the proxies."""
    owner_url: str
    examiner_url: str
    postgres: Proxy
    redis: Proxy | None
    supervisor: Supervisor
    session: aiohttp.ClientSession
    tenants: dict[str, Tenant]
    chance: Random
    deaths: int = 0

    def api(self, tenant: Tenant, role: str = "admin") -> Api:
        return Api(f"http://127.0.0.1:{self.settings.port}", tenant.keys[role], self.session)

    def pid(self, name: str) -> int | None:
        return self.supervisor.pids().get(name)

    def faults_file(self, name: str) -> Path:
        return self.folder / "faults" / name

    def arm(self, name: str, plan: str) -> None:
        """Arm points of one process; ``""`` disarms them."""
        draft = self.faults_file(name).with_suffix(".new")
        draft.write_text(plan + "\n")
        draft.rename(self.faults_file(name))

    def struck(self) -> list[str]:
        """Every fault a point has struck so far: time, pid, point, action."""
        logs = sorted((self.folder / "faults").glob("*.log"))
        return [line for log in logs for line in log.read_text().splitlines()]

    def memory(self) -> dict[str, int]:
        """Resident bytes of the hub's processes."""
        found = {}
        for name, pid in self.supervisor.pids().items():
            with suppress(psutil.Error):
                found[name] = psutil.Process(pid).memory_info().rss
        return found

    def postmaster(self) -> psutil.Process | None:
        return self.servers._postgres.process()

    def redis_server(self) -> psutil.Process | None:
        return self.servers._redis.process()

    async def heal(self) -> None:
        """Start again whichever embedded server is down."""
        await asyncio.to_thread(self.servers.heal)

    async def examine(self) -> asyncpg.Connection:
        """A read-only connection, past the proxy."""
        return await asyncpg.connect(self.examiner_url, timeout=20)

    async def command(self, *words: str, timeout_s: float = 120, faults: str = "") -> tuple[int, str]:
        """A command of the hub, on the same servers: exit code and what it said."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        environment |= replace(self.settings, faults=faults).for_child() | {"HUB_DATABASE_URL": self.owner_url, "HUB_LOG_LEVEL": "error"}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub", *words, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            out, _ = await asyncio.wait_for(process.communicate(), timeout_s)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise
        return process.returncode or 0, out.decode("utf-8", "replace")


def signal_to(pid: int | None, name: signal.Signals) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, name)
    except ProcessLookupError:
        return False
    return True


def _through(url: str, port: int) -> str:
    """The same address by way of a proxy."""
    parts = urlsplit(url)
    login = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{port}"))


@asynccontextmanager
async def stage(folder: Path, chance: Random, *, with_redis: bool = True, log: Path | None = None) -> AsyncIterator[Stage]:
    """Servers, proxies, peers, tenants, and the hub's processes; all gone at the end."""
    (folder / "faults").mkdir(parents=True, exist_ok=True)
    with embedded.start(folder, options={"shared_buffers": "128MB", "max_connections": "120"}) as servers:
        straight = Settings().on(servers)
        await migrate(straight)
        pool = await open_worker_pool(straight.need("worker_url"), size=2)
        made = await ensure_tenants(pool, TENANTS)
        ids = {row["slug"]: row["id"] for row in await pool.fetch("SELECT id, slug FROM hub.tenant")}
        await pool.close()
        settings = replace(straight, port=free_port(), lease_s=LEASE_S, log_level="error", database_url=None)
        async with _proxied(settings, chance, with_redis) as (settings, postgres, redis), aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=15), connector=aiohttp.TCPConnector(limit=0)
        ) as session:
            tenants = {one["slug"]: await _tenant(one["slug"], ids[one["slug"]], one["keys"], chance) for one in made}
            supervisor = Supervisor(_children(settings, folder), grace_s=15)
            here = Stage(
                folder, servers, settings, straight.need("database_url"), straight.need("examiner_url"), postgres, redis, supervisor,
                session, tenants, chance,
            )  # fmt: skip
            try:
                async with supervisor:
                    await answers(here)
                    yield here
            finally:
                for tenant in tenants.values():
                    for peer in (*tenant.systems, *tenant.receivers.values()):
                        await peer.__aexit__()


@asynccontextmanager
async def _proxied(settings: Settings, chance: Random, with_redis: bool) -> AsyncIterator[tuple[Settings, Proxy, Proxy | None]]:
    at = urlsplit(settings.need("worker_url"))
    async with Proxy("postgres", "127.0.0.1", at.port or 0, chance) as postgres:
        settings = replace(
            settings,
            worker_url=_through(settings.need("worker_url"), postgres.listening_on),
            api_url=_through(settings.need("api_url"), postgres.listening_on),
            examiner_url=None,
        )  # fmt: skip
        if not with_redis or settings.redis_url is None:
            yield replace(settings, redis_url=None), postgres, None
            return
        async with Proxy("redis", "127.0.0.1", urlsplit(settings.redis_url).port or 0, chance) as redis:
            yield replace(settings, redis_url=_through(settings.redis_url, redis.listening_on)), postgres, redis


def _children(settings: Settings, folder: Path) -> Sequence[Child]:
    """The hub's processes, each with a file of faults of its own."""
    return [
        replace(child, environment={**child.environment, "HUB_FAULTS": f"@{folder}/faults/{child.name}", "PYTHONPATH": str(ROOT)})
        for child in processes(settings)
    ]


async def _tenant(slug: str, id: int, keys: dict[str, str], chance: Random) -> Tenant:
    def dice() -> Random:
        return Random(chance.random())

    crm = await System("crm", dice(), objects=("account",)).__aenter__()
    psa = await System("psa", dice(), objects=("person", "customer")).__aenter__()
    erp = await System("erp", dice(), objects=("customer", "invoice")).__aenter__()
    receivers = {name: await Receiver(name, dice()).__aenter__() for name in ("events", "latest", "late", "gone")}
    return Tenant(slug, id, keys, crm, psa, erp, receivers)


async def answers(here: Stage, patience_s: float = 60) -> None:
    """Wait until the api says that it is well."""
    async with asyncio.timeout(patience_s):
        while True:
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                async with here.session.get(f"http://127.0.0.1:{here.settings.port}/health", timeout=aiohttp.ClientTimeout(total=3)) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.05)
