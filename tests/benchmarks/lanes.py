"""Lanes delivered by one worker to a connected system that answers in 5 ms, beside a plain client with the same concurrency.

``python -m tests.benchmarks.lanes [--lanes 5000] [--concurrency 32]``: a deliver process, a target process and PostgreSQL (fsync
on). First every client is created there, then each is updated. The floor posts the same bodies from one process, with nothing
stored. Time runs from the doorbell (all changes are committed before it) to the target's last record. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection as Pipe
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import structlog
import uvloop
from aiohttp import ClientSession, TCPConnector, web

from hub import embedded
from hub.connections import Connections
from hub.core.records import Change, Golden, Lineage
from hub.flows.connect import connect
from hub.flows.deliver import deliver_loop
from hub.flows.subscriptions import create_subscription, set_mode
from hub.flows.tenants import ensure_tenant
from hub.migrate import migrate
from hub.settings import Settings
from hub.store import change_log, golden
from hub.store.ids import new_id
from hub.store.pool import Pool, open_worker_pool
from schema import ENTITIES

ANSWERS_AFTER_S = 0.005
CLIENT = ENTITIES["client"]
PATIENCE_S = 300.0


def document(url: str, concurrency: int) -> dict[str, Any]:
    """The target as ``hub connect`` takes it."""
    return {
        "system": "books", "kind": "bill", "connector": "rest", "base_url": url, "limits": {"concurrency": concurrency, "timeout_s": 20},
        "resources": {
            "client": {
                "list": {"path": "client", "items": "items"}, "id": "id", "version": "rev", "one": {"path": "client/{id}"},
                "create": {"path": "client", "id": "id", "version": "rev"},
                "update": {"method": "PATCH", "path": "client/{id}", "version": "rev"},
                "external_id": {"field": "hub_ref", "unique": True}, "look_up": {"path": "client", "param": "hub_ref"},
            }
        },
        "errors": [{"class": "rejected", "code": "DUPLICATE_VALUE", "cause": "duplicate"}], "error_paths": {"code": "code"},
        "mappings": [{"object": "client", "entity": "client", "id": "id", "version": "rev", "fields": {"name": "name", "phone": "phone"}}],
    }  # fmt: skip


@dataclass
class Books:
    """The target: takes records, each once per key, and notes when the last one came."""

    keys: dict[str, str] = field(default_factory=dict)
    counted: Counter[str] = field(default_factory=Counter)
    last_at: float = 0.0

    async def create(self, request: web.Request) -> web.Response:
        given = orjson.loads(await request.read())
        await asyncio.sleep(ANSWERS_AFTER_S)
        key = given.get("hub_ref", "")
        if key and key in self.keys:
            self.counted["refused"] += 1
            return web.json_response({"code": "DUPLICATE_VALUE"}, status=400)
        self.counted["created"] += 1
        self.keys[key] = id_ = f"B{self.counted['created']}"
        self.last_at = time.monotonic()
        return web.Response(body=orjson.dumps({"id": id_, "rev": 1}), content_type="application/json")

    async def update(self, request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(ANSWERS_AFTER_S)
        self.counted["updated"] += 1
        self.last_at = time.monotonic()
        return web.Response(body=orjson.dumps({"id": request.match_info["id"], "rev": 2}), content_type="application/json")

    async def tell(self, _: web.Request) -> web.Response:
        return web.Response(body=orjson.dumps({**self.counted, "last_at": self.last_at}))


def _serve(pipe: Pipe, over: Event) -> None:
    async def run() -> None:
        books = Books()
        application = web.Application()
        application.add_routes([web.post("/client", books.create), web.patch("/client/{id}", books.update), web.get("/counted", books.tell)])
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        pipe.send(runner.addresses[0][1])
        await asyncio.to_thread(over.wait)
        await runner.cleanup()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(run())


def _deliver(settings: Settings, over: Event, pipe: Pipe) -> None:
    """The deliver process, as ``hub work --only deliver`` runs it; tells its CPU seconds in the end."""

    async def run() -> None:
        pool = await open_worker_pool(settings.need("worker_url"), size=settings.pool_size, name="bench-deliver")
        connections, stop = Connections(pool, settings), asyncio.Event()
        working = asyncio.create_task(deliver_loop(pool, settings, connections.get, stop))
        await asyncio.to_thread(over.wait)
        stop.set()
        await working
        await connections.aclose()
        await pool.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(run())
    pipe.send(time.process_time())


@dataclass
class Clients:
    """Golden clients, written as ingest does at the end of its batches."""

    pool: Pool
    tenant: int
    ids: list[UUID] = field(default_factory=list)

    async def write(self, count: int, version: int) -> None:
        self.ids = self.ids or [new_id() for _ in range(count)]
        for start in range(0, count, 500):
            await self._some(range(start, min(start + 500, count)), version)

    async def _some(self, numbers: range, version: int) -> None:
        at = datetime.now(UTC)
        values = {n: {"name": f"Maple Analytics {n}", "phone": f"+4973130{n:05d}{version}"} for n in numbers}
        async with self.pool.acquire() as connection, connection.transaction():
            rows = [{"external_id": f"C{n}", "golden_id": self.ids[n], "values": values[n], "since": {"*": golden.instant_text(at)}} for n in numbers]
            found = await connection.fetch(
                'INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, golden_id, "values", since, state) '
                "SELECT $1, 'crm', 'client', g.external_id, 'client', g.golden_id, g.\"values\", g.since, 'present' "
                'FROM jsonb_to_recordset($2) AS g (external_id text, golden_id uuid, "values" jsonb, since jsonb) '
                'ON CONFLICT (tenant_id, system, object, external_id, entity, part) DO UPDATE SET "values" = excluded."values", since = excluded.since '
                "RETURNING id, golden_id", self.tenant, rows,
            )  # fmt: skip
            sources = {row["golden_id"]: row["id"] for row in found}
            goldens = [
                Golden(self.ids[n], "client", values[n], {name: Lineage(sources[self.ids[n]], 0, "owner", False) for name in values[n]}, version=version)
                for n in numbers
            ]
            await golden.save(connection, self.tenant, CLIENT, [golden.version_row(self.tenant, CLIENT, one, at, at) for one in goldens])
            op = "create" if version == 1 else "update"
            await change_log.append(
                connection, self.tenant, [Change(self.ids[n], "client", version, op, {}, values[n], "source", "crm", "bench", at) for n in numbers]
            )


async def floor(url: str, count: int, concurrency: int) -> float:
    """Posts a second of a plain client."""
    slots = asyncio.Semaphore(concurrency)
    async with ClientSession(connector=TCPConnector(limit=concurrency)) as session:

        async def post(number: int) -> None:
            body = orjson.dumps({"name": f"Maple Analytics {number}", "phone": f"+4973130{number:05d}1", "hub_ref": f"floor-{number}"})
            async with slots, session.post(f"{url}/client", data=body) as answer:
                await answer.read()

        began = time.monotonic()
        await asyncio.gather(*(post(number) for number in range(count)))
        return count / (time.monotonic() - began)


async def measure(settings: Settings, owner: Pool, count: int, concurrency: int) -> dict[str, Any]:
    pool = await open_worker_pool(settings.need("worker_url"), size=4, name="bench-lanes")
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    over = context.Event()
    target = context.Process(target=_serve, args=(theirs, over), daemon=True)
    target.start()
    url = f"http://127.0.0.1:{ours.recv()}"
    cpu, theirs = context.Pipe()
    sender = context.Process(target=_deliver, args=(settings, over, theirs), daemon=True)
    try:
        async with ClientSession() as session:
            posts = max([await floor(url, count, concurrency) for _ in range(2)])
            base = await _counted(session, url)
            async with owner.acquire() as connection:
                tenant = await ensure_tenant(connection, "lanes")
            async with pool.acquire() as connection, connection.transaction():
                await connect(connection, tenant, document(url, concurrency), {}, settings.need("secret_key"))
                await connection.execute("""UPDATE hub.system SET brake = '{"count": 10000000, "percent": 0}'""")
            await create_subscription(pool, settings, tenant, subscription_id=new_id(), name="books", kind="connector", system="books")
            await set_mode(pool, tenant, "books", "*", "*", "write")
            clients = Clients(pool, tenant)
            sender.start()
            rates = {}
            for version, what in ((1, "created"), (2, "updated")):
                await clients.write(count, version)
                await owner.execute("VACUUM ANALYZE hub.lane, hub.source_record, hub.change, hub.feed, hub.attempt")
                began = time.monotonic()
                await pool.execute("SELECT pg_notify('hub_change', $1)", str(tenant))
                ended = await _until(session, url, what, base.get(what, 0) + count)
                rates[what] = count / (ended - began)
                print(f"{what}: {rates[what]:.0f} lanes/s; a plain client: {posts:.0f}/s", flush=True)
                await _settled(pool)
            told = await _counted(session, url)
    finally:
        over.set()
        for process in (sender, target):
            if process.pid is not None:
                await asyncio.to_thread(process.join, 15)
        await pool.close()
    cpu_s = cpu.recv() if cpu.poll(5) else 0.0
    doubles = int(told.get("created", 0) - base.get("created", 0)) - count
    return {
        "lanes": count, "concurrency": concurrency, "answers_after_ms": ANSWERS_AFTER_S * 1000, "creates_per_s": round(rates["created"]),
        "updates_per_s": round(rates["updated"]), "floor_per_s": round(posts), "creates_vs_floor": round(rates["created"] / posts, 2), "doubles": doubles,
        "worker_cpu_ms_per_lane": round(cpu_s * 1000 / (2 * count), 3),
    }  # fmt: skip


async def _counted(session: ClientSession, url: str) -> dict[str, Any]:
    async with session.get(f"{url}/counted") as answer:
        told: dict[str, Any] = orjson.loads(await answer.read())
        return told


async def _until(session: ClientSession, url: str, what: str, count: int) -> float:
    """When the target had so many; raises when it has not in time."""
    give_up_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up_at:
        told = await _counted(session, url)
        if told.get(what, 0) >= count:
            return float(told["last_at"])
        await asyncio.sleep(0.1)
    raise SystemExit(f"the target had {told.get(what, 0)} of {count} {what} after {PATIENCE_S:.0f} s")


async def _settled(pool: Pool) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while await pool.fetchval("SELECT EXISTS (SELECT FROM hub.lane WHERE state <> 'idle')"):
        if time.monotonic() > give_up_at:
            raise SystemExit("lanes are not settled")
        await asyncio.sleep(0.1)


async def _alone(settings: Settings, count: int, concurrency: int) -> dict[str, Any]:
    await migrate(settings)
    owner = await open_worker_pool(settings.need("database_url"), size=2, name="bench-owner")
    try:
        return await measure(settings, owner, count, concurrency)
    finally:
        await owner.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--lanes", type=int, default=5_000)
    arguments.add_argument("--concurrency", type=int, default=32)
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30), logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-"))
    try:
        with embedded.start(folder) as servers, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            print(json.dumps(runner.run(_alone(Settings().on(servers), given.lanes, given.concurrency))))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
