"""A rolling restart: two apis and two of each worker, replaced one by one while messages come and change goes out.

What answers is never 5xx, what was acknowledged is folded once, and what is due is delivered once to a webhook.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from hub import embedded
from hub.embedded_process import free_port
from hub.flows.subscriptions import create_subscription
from hub.flows.tenants import ensure_tenants
from hub.migrate import migrate
from hub.settings import Settings
from hub.store.pool import open_worker_pool
from tests.conftest import RUNS
from tests.flows.delivering import a_receiver, eventually

pytestmark = pytest.mark.slow  # make test-rolling


@dataclass
class Fleet:
    """Processes by name; ``api`` is on two ports."""

    settings: Settings
    ports: tuple[int, int]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ended_in_s: list[float] = field(default_factory=list)

    def start(self, name: str) -> None:
        kind, _, number = name.partition("-")
        settings = replace(self.settings, port=self.ports[int(number)])
        arguments = ["serve"] if kind == "api" else ["work", "--only", kind]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("HUB_")} | settings.for_child()
        self.running[name] = subprocess.Popen([sys.executable, "-m", "hub", *arguments], env=environment, start_new_session=True)

    async def replace_one(self, name: str) -> None:
        """As an orchestrator does: a new one is started once the old one has ended by itself."""
        old, began = self.running[name], time.monotonic()
        old.send_signal(signal.SIGTERM)
        await asyncio.to_thread(old.wait, 30)
        self.ended_in_s.append(time.monotonic() - began)
        self.start(name)
        await self.is_up(name)

    async def is_up(self, name: str) -> None:
        if not name.startswith("api"):
            await asyncio.sleep(1)
            return
        async with aiohttp.ClientSession() as session:
            await eventually(lambda: self._answers(session, self.ports[int(name[-1])]), 60)

    async def _answers(self, session: aiohttp.ClientSession, port: int) -> bool:
        try:
            async with session.get(f"http://127.0.0.1:{port}/health") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


NAMES = ("api-0", "api-1", "ingest-0", "ingest-1", "deliver-0", "deliver-1")


@asynccontextmanager
async def a_fleet(settings: Settings) -> AsyncIterator[Fleet]:
    fleet = Fleet(settings, (free_port(), free_port()))
    for name in NAMES:
        fleet.start(name)
    try:
        for name in NAMES:
            await fleet.is_up(name)
        yield fleet
    finally:
        for process in fleet.running.values():
            process.kill()
            process.wait()


@dataclass
class Sender:
    """Tells one client after another, to the other api when one does not answer; the key makes a repeat harmless."""

    fleet: Fleet
    key: str
    acknowledged: list[str] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)

    async def run(self, stop: asyncio.Event) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
            while not stop.is_set():
                name = f"c{len(self.acknowledged)}"
                body = {"object": "client", "externalId": name, "body": {"name": f"Client {name}"}, "idempotencyKey": name}
                at = 0
                while not await self._told(session, self.fleet.ports[at % 2], json.dumps(body)):
                    at += 1
                    await asyncio.sleep(0.01)
                self.acknowledged.append(name)

    async def _told(self, session: aiohttp.ClientSession, port: int, line: str) -> bool:
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/x-ndjson"}
        try:
            async with session.post(f"http://127.0.0.1:{port}/ingest/crm", data=line, headers=headers) as answer:
                self.statuses.add(answer.status)
                return answer.status == 202
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False


async def test_processes_are_replaced_one_by_one_and_nobody_notices() -> None:
    RUNS.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-rolling-", dir=RUNS))
    try:
        with embedded.start(folder, options={"shared_buffers": "64MB"}) as servers:
            settings = replace(Settings().on(servers), log_level="error", lease_s=60.0, webhook_networks="127.0.0.0/8")
            await migrate(settings)
            pool = await open_worker_pool(settings.need("worker_url"), 2)
            [made] = await ensure_tenants(pool, ["north"])
            tenant = await pool.fetchval("SELECT id FROM hub.tenant")
            await pool.execute("INSERT INTO hub.system (tenant_id, name, kind) VALUES ($1, 'crm', 'crm')", tenant)
            async with a_receiver() as receiver:
                await create_subscription(pool, settings, tenant, subscription_id=uuid4(), name="bi", kind="webhook", url=receiver.url)
                async with a_fleet(settings) as fleet:
                    stop, sender = asyncio.Event(), Sender(fleet, made["keys"]["admin"])
                    sending = asyncio.create_task(sender.run(stop))
                    for name in NAMES:
                        told = len(sender.acknowledged)
                        await fleet.replace_one(name)
                        await eventually(lambda told=told: len(sender.acknowledged) > told, 30)  # type: ignore[misc]
                    stop.set()
                    await sending
                    # with leases of a minute nothing may have been left to run out
                    await eventually(lambda: pool.fetchval("SELECT count(*) = $1 FROM golden.client", len(sender.acknowledged)), 30)
                    await eventually(lambda: len({told for told in receiver.told()}) == len(sender.acknowledged), 30)
            assert sender.statuses == {202}
            assert len(receiver.got) == len(sender.acknowledged)
            assert max(fleet.ended_in_s) < 15
            assert await pool.fetchval("SELECT count(*) FROM hub.claim") == 0
            await pool.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
