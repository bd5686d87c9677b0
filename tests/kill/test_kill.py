"""Kill -9 at random moments: no acknowledged message is lost, and no target holds a record twice or an old one.

Servers of its own with fsync on; api, ingest and deliver as processes of their own, as ``hub up`` starts them.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import pytest
import redis.asyncio
from aiohttp import ClientError

from hub import embedded
from hub.embedded_process import free_port
from hub.flows.connect import connect
from hub.flows.ingest_loop import Ingester
from hub.flows.subscriptions import create_subscription, set_mode
from hub.flows.tenants import ensure_tenants
from hub.migrate import migrate
from hub.settings import Settings
from hub.store.ids import new_id
from hub.store.pool import Pool, open_worker_pool
from hub.supervise import Supervisor
from hub.up import processes
from tests.conftest import RUNS
from tests.flows.conftest import Hub
from tests.flows.invariants import check_everything
from tests.kill.target import Target

SEED = int(os.environ.get("KILL_SEED", "20260517"))
RECORDS = int(os.environ.get("KILL_RECORDS", "2500"))
"""Golden records; each is told twice (5,000 messages) and delivered to the two systems that did not tell it (5,000 copies)."""

KINDS = {"crm": "crm", "psa": "psa", "erp": "erp"}
KILLS = ("api", "ingest", "deliver", "api", "ingest", "deliver", "deliver")
AT_ONCE = 20


@dataclass(frozen=True)
class Record:
    """One record of one system: its two states, and the order in which it tells them."""

    number: int
    system: str
    order: tuple[int, int]

    @property
    def object(self) -> str:
        return "resource" if self.system == "psa" else "client"

    def said(self, version: int) -> dict[str, Any]:
        if self.object == "resource":
            return {"first": f"Bo {version}", "last": f"Ek {self.number}"}
        return {"name": f"Client {self.number} v{version}", "phone": f"+4930{1000000 + self.number * 2 + version}"}

    def line(self, version: int) -> str:
        external_id = f"{self.system}-{self.number}"
        body = {"id": external_id, "rev": version} | self.said(version)
        return json.dumps(
            {"object": self.object, "externalId": external_id, "body": body, "version": str(version), "idempotencyKey": f"{external_id}-{version}"}
        )


@dataclass
class Run:
    """The hub under test and what has been acknowledged so far."""

    random: Random
    settings: Settings
    pool: Pool
    key: str
    tenant: int
    targets: dict[str, Target]
    acknowledged: list[str] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)
    dead: set[int] = field(default_factory=set)

    async def send_all(self, records: list[Record]) -> None:
        """Tell every message, a few requests at a time, each again until it is acknowledged."""
        r = self.random
        first = [(one, one.order[0]) for one in records]
        later = [(one, one.order[1]) for one in r.sample(records, len(records))]
        waiting: list[tuple[str, list[str]]] = []
        for wave in (first, later):
            by_system: dict[str, list[str]] = {}
            for one, version in wave:
                by_system.setdefault(one.system, []).append(one.line(version))
            requests = [(system, lines[at : at + AT_ONCE]) for system, lines in by_system.items() for at in range(0, len(lines), AT_ONCE)]
            waiting += r.sample(requests, len(requests))
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            await asyncio.gather(*(self._sender(session, waiting) for _ in range(4)))

    async def _sender(self, session: aiohttp.ClientSession, waiting: list[tuple[str, list[str]]]) -> None:
        while waiting:
            system, lines = waiting.pop(0)
            while not await self._is_taken(session, system, lines):
                await asyncio.sleep(0.1)
            self.acknowledged += [json.loads(line)["idempotencyKey"] for line in lines]

    async def _is_taken(self, session: aiohttp.ClientSession, system: str, lines: list[str]) -> bool:
        url = f"http://127.0.0.1:{self.settings.port}/ingest/{system}"
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/x-ndjson"}
        try:
            async with session.post(url, data="\n".join(lines), headers=headers) as response:
                answer = await response.read()
                if response.status >= 500:
                    return False
                assert response.status == 202, answer
                assert json.loads(answer)["accepted"] == len(lines), answer
                return True
        except (ClientError, TimeoutError, OSError):
            return False

    async def kill_at_random(self, supervisor: Supervisor, messages: int, copies: int) -> None:
        """Each victim at a moment of its own: api while messages come, the others while there is work for them."""
        moments = sorted((self.random.uniform(0.05, 0.8), name) for name in (*KILLS, "redis"))
        for moment, name in moments:
            while self._progress(name, messages, copies) < moment:
                await asyncio.sleep(0.01)
            if name == "redis":
                await self._flush_redis()
            else:
                await self._kill(supervisor, name)

    def _progress(self, name: str, messages: int, copies: int) -> float:
        told = len(self.acknowledged) / messages
        return told if name == "api" else (told + sum(one.size for one in self.targets.values()) / copies) / 2

    async def _kill(self, supervisor: Supervisor, name: str) -> None:
        while (pid := supervisor.pids().get(name)) is None or pid in self.dead:
            await asyncio.sleep(0.01)
        self.dead.add(pid)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self.killed.append(name)

    async def _flush_redis(self) -> None:
        if self.settings.redis_url:
            async with redis.asyncio.from_url(self.settings.redis_url) as connection:
                await connection.flushall()
        self.killed.append("redis")

    async def is_quiet(self) -> bool:
        """Nothing is open, due, under way or unsequenced."""
        row = await self.pool.fetchrow(QUIET, self.tenant)
        return not any(row.values())


QUIET = """
SELECT (SELECT count(*) FROM hub.inbox_open WHERE tenant_id = $1) AS messages,
       (SELECT count(*) FROM hub.claim WHERE tenant_id = $1) AS claims,
       (SELECT count(*) FROM hub.reconsider WHERE tenant_id = $1 AND due_at <= clock_timestamp()) AS due,
       (SELECT count(*) FROM hub.change c WHERE tenant_id = $1
           AND NOT EXISTS (SELECT FROM hub.feed f WHERE f.tenant_id = $1 AND f.change_id = c.id)) AS unsequenced,
       (SELECT count(*) FROM hub.subscription s JOIN hub.feed_head h ON h.tenant_id = s.tenant_id
         WHERE s.tenant_id = $1 AND s.position < h.position) AS behind,
       (SELECT count(*) FROM hub.lane WHERE tenant_id = $1 AND state <> 'idle') AS lanes
"""


@pytest.fixture
async def run() -> AsyncIterator[Run]:
    folder = Path(tempfile.mkdtemp(prefix="run-kill-", dir=RUNS))
    random = Random(SEED)
    with embedded.start(folder, options={"shared_buffers": "128MB"}) as servers:
        settings = replace(Settings().on(servers), port=free_port(), lease_s=3.0, log_level="error")
        await migrate(settings)
        pool = await open_worker_pool(settings.need("worker_url"), size=4)
        [made] = await ensure_tenants(pool, ["north"])
        tenant = await pool.fetchval("SELECT id FROM hub.tenant")
        targets = {name: Target(name, Random(random.random())) for name in KINDS}
        for target in targets.values():
            await target.__aenter__()
            await _connect(pool, settings, tenant, target)
        yield Run(random, settings, pool, made["keys"]["admin"], tenant, targets)
        for target in targets.values():
            await target.__aexit__()
        await pool.close()
    shutil.rmtree(folder, ignore_errors=True)


async def _connect(pool: Pool, settings: Settings, tenant: int, target: Target) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connect(connection, tenant, target.document(KINDS[target.name]), {}, settings.need("secret_key"))
        await connection.execute(
            "UPDATE hub.system SET brake = $3 WHERE tenant_id = $1 AND name = $2", tenant, target.name, {"count": 10**6, "percent": 0}
        )
    await create_subscription(pool, settings, tenant, subscription_id=new_id(), name=target.name, kind="connector", system=target.name)
    await set_mode(pool, tenant, target.name, "*", "*", "write")


async def test_nothing_acknowledged_is_lost_or_doubled_when_processes_are_killed_at_random(run: Run) -> None:
    names = list(KINDS)
    records = [
        Record(number, names[number % 3], (1, 2) if run.random.random() < 0.9 else (2, 1)) for number in range(RECORDS)
    ]
    messages, copies = 2 * RECORDS, 2 * RECORDS
    children = [child for child in processes(run.settings) if child.name != "jobs"]
    async with Supervisor(children) as supervisor:
        async with asyncio.timeout(90):
            await asyncio.gather(run.send_all(records), run.kill_at_random(supervisor, messages, copies))
        await _until_quiet(run)
    assert sorted(run.killed) == sorted((*KILLS, "redis"))
    assert len(run.acknowledged) == messages
    await _check_messages(run)
    await _check_targets(run, records)
    await check_everything(Hub(run.pool, run.tenant, Ingester(run.pool, "check"), count(1)), run.tenant, Ingester(run.pool, "check"))


async def _until_quiet(run: Run, patience_s: float = 60) -> None:
    try:
        async with asyncio.timeout(patience_s):
            while not await run.is_quiet():
                await asyncio.sleep(0.2)
    except TimeoutError:
        lanes = await run.pool.fetch("SELECT state, reason, count(*) FROM hub.lane WHERE tenant_id = $1 GROUP BY 1, 2", run.tenant)
        raise AssertionError(f"still busy: {dict(await run.pool.fetchrow(QUIET, run.tenant))}, {[tuple(row) for row in lanes]}") from None


async def _check_messages(run: Run) -> None:
    """Each acknowledged message is kept once and has one outcome; what it said is in a version, or a reason says why not."""
    rows = await run.pool.fetch(
        "SELECT i.idempotency_key, o.outcome FROM hub.inbox i LEFT JOIN hub.inbox_outcome o "
        "ON o.tenant_id = i.tenant_id AND o.inbox_id = i.id WHERE i.tenant_id = $1", run.tenant,
    )  # fmt: skip
    kept = {row["idempotency_key"]: row["outcome"] for row in rows}
    assert len(kept) == len(rows)
    assert sorted(kept) == sorted(run.acknowledged)
    assert {outcome for outcome in kept.values() if outcome} <= {"stale"}
    assert [tuple(row) for row in await run.pool.fetch("SELECT cause, reason FROM hub.task WHERE state = 'open'")] == []


async def _check_targets(run: Run, records: list[Record]) -> None:
    """Each target holds every record of the others once, at its newest version, and nothing else."""
    for name, target in run.targets.items():
        held = {object_: [_content(object_, one) for one in some.values()] for object_, some in target.records.items()}
        wanted: dict[str, list[tuple[str, ...]]] = {object_: [] for object_ in target.records}
        for one in records:
            if one.system != name:
                wanted[one.object].append(_content(one.object, one.said(2)))
        for object_, contents in wanted.items():
            assert sorted(held[object_]) == sorted(contents), (name, object_)


def _content(object_: str, record: dict[str, Any]) -> tuple[str, ...]:
    names = ("first", "last") if object_ == "resource" else ("name", "phone")
    return tuple(str(record.get(name)) for name in names)
