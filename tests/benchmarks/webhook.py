"""From commit to webhook received: the deliver process beside a plain POST right after the same commit.

``python -m tests.benchmarks.webhook [--rounds 3]``, or as part of ``make bench-ingest``. Both sides store the same rows,
build and sign the same event and use the same HTTP client. The receiver and the deliver process are processes of their own;
clocks are the machine's monotonic one. Time starts just before COMMIT is sent. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection as Pipe
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import structlog
import uvloop
from aiohttp import ClientSession, web

from hub import embedded
from hub.core.records import Change, Golden, Lineage
from hub.flows.addresses import networks
from hub.flows.deliver import deliver_loop
from hub.flows.send_webhook import open_session
from hub.flows.subscriptions import create_subscription
from hub.flows.tenants import ensure_tenant
from hub.flows.webhook_message import Sender, message, signed_headers
from hub.migrate import migrate
from hub.settings import Settings
from hub.store import change_log, golden
from hub.store.feed import FeedChange
from hub.store.ids import new_id
from hub.store.pool import Pool, open_worker_pool
from schema import ENTITIES

IDLE_CHANGES = 200
STEADY_PER_S = 200
STEADY_S = 5
CLIENTS = 50
"""Records that change in turn; the versions of each stay in order."""
CLIENT = ENTITIES["client"]
LOOPBACK = "127.0.0.0/8"


@dataclass
class Writer:
    """Stores versions of clients in turn, as ingest does at the end of a batch."""

    pool: Pool
    tenant: int
    golden_ids: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(CLIENTS)])
    written: int = 0
    committing: dict[int, float] = field(default_factory=dict)
    """Number of the write → the moment just before its COMMIT was sent."""

    async def write(self) -> Change:
        self.written += 1
        number = self.written
        turn, place = divmod(number - 1, len(self.golden_ids))
        golden_id, version = self.golden_ids[place], turn + 1
        at = datetime.now(UTC)
        values = {"name": "Maple Analytics", "phone": f"+4973130{number:05d}", "country": "DE"}
        record = Golden(golden_id, "client", values, {name: Lineage(1, 0, "owner", False) for name in values}, version=version)
        change = Change(
            golden_id, "client", version, "update" if version > 1 else "create",
            {"phone": None}, {"phone": values["phone"]}, "source", "crm", f"bench-{number}", at,
        )  # fmt: skip
        async with self.pool.acquire() as connection:
            begun = connection.transaction()
            await begun.start()
            await golden.save(connection, self.tenant, CLIENT, [golden.version_row(self.tenant, CLIENT, record, at, at)])
            await change_log.append(connection, self.tenant, [change])
            self.committing[number] = time.monotonic()
            await begun.commit()
        return change


@dataclass
class Inline:
    """The floor: commit, then POST from the same process."""

    writer: Writer
    session: ClientSession
    url: str
    secret: str

    async def write(self) -> None:
        change = await self.writer.write()
        told = FeedChange(**{name: getattr(change, name) for name in Change.__slots__}, position=self.writer.written)
        event = message(Sender("inline", 1, 1), told, op=change.op, payload="delta", values=None, shows_confidential=False)
        headers = signed_headers(self.secret, event, int(time.time()))
        async with self.session.post(self.url, data=event.body, headers=headers) as answer:
            await answer.read()


async def measure(settings: Settings, owner: Pool, rounds: int = 1) -> dict[str, float]:
    """Idle and at a steady rate, both sides in turn; answers the worse of the two as the last line shows it, of the round in
    the middle."""
    settings = replace(settings, webhook_networks=LOOPBACK)
    pool = await open_worker_pool(settings.need("worker_url"), size=8, name="bench-webhook")
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    over = context.Event()
    receiver = context.Process(target=_receive, args=(theirs, over), daemon=True)
    receiver.start()
    url = f"http://127.0.0.1:{ours.recv()}"
    async with owner.acquire() as connection:
        tenants = [await ensure_tenant(connection, slug) for slug in ("webhook", "inline")]
    created = await create_subscription(
        pool, settings, tenants[0], subscription_id=new_id(), name="bench", kind="webhook", url=f"{url}/hub"
    )
    assert created.secret is not None
    sender = context.Process(target=_deliver, args=(settings, over), daemon=True)
    sender.start()
    hub = Writer(pool, tenants[0])
    try:
        async with open_session(networks(LOOPBACK)) as session:
            inline = Inline(Writer(pool, tenants[1]), session, f"{url}/inline", created.secret)
            await _warm_up(hub, inline, session, url)
            modes = {"idle": _one_by_one, f"{STEADY_PER_S}/s": _steadily}
            results = [
                [await _mode(name, run, hub, inline, session, url) for name, run in modes.items()] for _ in range(rounds)
            ]
    finally:
        over.set()
        await asyncio.to_thread(sender.join, 10)
        await asyncio.to_thread(receiver.join, 10)
        await pool.close()
    worst = [{name: max(one[name] for one in both) for name in both[0]} for both in results]
    return {name: statistics.median(one[name] for one in worst) for name in worst[0]}


Run = Callable[[Callable[[], Coroutine[Any, Any, Any]]], Coroutine[Any, Any, None]]


async def _mode(name: str, run: Run, hub: Writer, inline: Inline, session: ClientSession, url: str) -> dict[str, float]:
    times: list[list[float]] = []
    for side, writer, write in (("hub", hub, hub.write), ("inline", inline.writer, inline.write)):
        writer.committing.clear()
        await run(write)
        came = await _arrived(session, url, side, set(writer.committing))
        times.append(sorted((came[version] - begun) * 1000 for version, begun in writer.committing.items()))
    (p50, p99), (floor50, floor99) = ((statistics.median(one), one[int(len(one) * 0.99)]) for one in times)
    print(f"commit to webhook, {name:>6}: p50 {p50:.2f} ms, p99 {p99:.1f} ms; inline p50 {floor50:.2f} ms, p99 {floor99:.1f} ms")
    return {
        "webhook_p50_vs_inline": round(p50 / floor50, 2),
        "webhook_p50_minus_inline_ms": round(p50 - floor50, 2),
        "webhook_p99_ms": round(p99, 2),
        "webhook_p99_minus_inline_ms": round(p99 - floor99, 2),
    }


async def _one_by_one(write: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    for _ in range(IDLE_CHANGES):
        await write()
        await asyncio.sleep(0.02)


async def _steadily(write: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    """Every 5 ms, whether the last one has arrived or not."""
    due = time.monotonic()
    for _ in range(STEADY_PER_S * STEADY_S):
        due += 1 / STEADY_PER_S
        await write()
        await asyncio.sleep(max(due - time.monotonic(), 0))


async def _warm_up(hub: Writer, inline: Inline, session: ClientSession, url: str) -> None:
    for _ in range(10):
        await hub.write()
        await inline.write()
    await _arrived(session, url, "hub", set(hub.committing))


async def _arrived(session: ClientSession, url: str, side: str, versions: set[int], patience_s: float = 30) -> dict[int, float]:
    """When each version arrived first; raises when one does not arrive at all."""
    give_up_at = time.monotonic() + patience_s
    while time.monotonic() < give_up_at:
        async with session.get(f"{url}/{side}") as answer:
            came = {int(version): at for version, at in orjson.loads(await answer.read()).items()}
        if versions <= came.keys():
            return came
        await asyncio.sleep(0.1)
    raise SystemExit(f"{len(versions - came.keys())} of {len(versions)} webhooks did not arrive within {patience_s:.0f} s")


def _receive(pipe: Pipe, over: Event) -> None:
    """The receiver's process: notes when each version arrived, and tells when asked."""
    came: dict[str, dict[str, float]] = {"hub": {}, "inline": {}}

    async def take(request: web.Request) -> web.Response:
        at = time.monotonic()
        event = orjson.loads(await request.read())
        came[request.match_info["side"]].setdefault(event["data"]["correlation_id"].removeprefix("bench-"), at)
        return web.Response(status=204)

    async def tell(request: web.Request) -> web.Response:
        return web.Response(body=orjson.dumps(came[request.match_info["side"]]))

    async def serve() -> None:
        application = web.Application()
        application.add_routes([web.post("/{side}", take), web.get("/{side}", tell)])
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        pipe.send(runner.addresses[0][1])
        await asyncio.to_thread(over.wait)
        await runner.cleanup()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(serve())


def _deliver(settings: Settings, over: Event) -> None:
    """The deliver process, as ``hub work --only deliver`` runs it."""

    async def no_connector(tenant_id: int, system: str) -> None:
        return None

    async def serve() -> None:
        pool = await open_worker_pool(settings.need("worker_url"), size=settings.pool_size, name="bench-deliver")
        stop = asyncio.Event()
        working = asyncio.create_task(deliver_loop(pool, settings, no_connector, stop))
        await asyncio.to_thread(over.wait)
        stop.set()
        await working
        await pool.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(serve())


async def _alone(settings: Settings, rounds: int) -> dict[str, float]:
    await migrate(settings)
    owner = await open_worker_pool(settings.need("database_url"), size=2, name="bench-owner")
    try:
        return await measure(settings, owner, rounds)
    finally:
        await owner.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30), logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    rounds = arguments.parse_args().rounds
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-"))
    try:
        with embedded.start(folder) as servers, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            print(json.dumps(runner.run(_alone(Settings().on(servers), rounds))))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
