"""One subscriber dead for minutes while changes go on: what the others feel, and how long its backlog takes afterwards.

``python -m tests.benchmarks.dead_subscriber [--minutes 5] [--rate 167] [--how silent]``: five minutes at 167 changes a second are
50,000. Fewer minutes scale all phases. Three webhooks; first all answer, then one is dead (``silent``: takes connections and never
answers, ``refused``: its port is closed), then it is back while changes go on at the same rate. Latency is from just before COMMIT
is sent to the receiver having the event. The last line is JSON.
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
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import orjson
import structlog
import uvloop
from aiohttp import web

from hub import embedded
from hub.flows.subscriptions import create_subscription
from hub.flows.tenants import ensure_tenant
from hub.migrate import migrate
from hub.settings import Settings
from hub.store.ids import new_id
from hub.store.pool import open_worker_pool
from tests.benchmarks.webhook import LOOPBACK, Writer, _deliver

RECORDS = 1_000
BEFORE = 0.25
"""Part of the dead phase's length for which everybody answers first."""
PATIENCE_S = 600.0
WINDOW = 100
SIDES = ("first", "second", "dies")


class Receivers:
    """All receivers in one process: when each write arrived where, and each record's versions in the order they came."""

    def __init__(self, how: str) -> None:
        self.how = how
        self.came: dict[str, dict[int, float]] = {side: {} for side in SIDES}
        self.versions: dict[str, dict[str, list[int]]] = {side: defaultdict(list) for side in SIDES}
        self.is_dead = False
        self.alive = asyncio.Event()
        self.alive.set()

    async def take(self, request: web.Request) -> web.Response:
        side, body = request.match_info["side"], await request.read()
        if side == "dies" and self.is_dead:
            await asyncio.sleep(60)  # the sender gives up first
            return web.Response(status=503)
        at = time.monotonic()
        data = orjson.loads(body)["data"]
        self.came[side].setdefault(int(data["correlation_id"].removeprefix("bench-")), at)
        told = self.versions[side][data["record"]["id"]]
        if not told or told[-1] != data["record"]["version"]:
            told.append(data["record"]["version"])
        return web.Response(status=204)

    def report(self, side: str) -> dict[str, Any]:
        lists = self.versions[side].values()
        disordered = sum(told != list(range(told[0], told[0] + len(told))) for told in lists)
        return {"came": self.came[side], "disordered": disordered}


def _serve(pipe: Pipe, how: str) -> None:
    async def run() -> None:
        receivers = Receivers(how)
        application = web.Application()
        application.add_routes([web.post("/{side}", receivers.take)])
        runner = web.AppRunner(application)
        await runner.setup()
        always, mortal = (web.TCPSite(runner, "127.0.0.1", 0) for _ in range(2))
        await always.start()
        await mortal.start()
        ports = [address[1] for address in runner.addresses]
        pipe.send(ports)
        while (said := await asyncio.to_thread(pipe.recv)) != "end":
            if said == "die":
                receivers.is_dead = True
                if how == "refused":
                    await mortal.stop()
            elif said == "live":
                receivers.is_dead = False
                if how == "refused":
                    mortal = web.TCPSite(runner, "127.0.0.1", ports[1])
                    await mortal.start()
            pipe.send(len(receivers.came["dies"]) if said == "count" else receivers.report(said) if said in SIDES else said)
        await runner.cleanup()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(run())


async def _ask(pipe: Pipe, what: str) -> Any:
    pipe.send(what)
    return await asyncio.to_thread(pipe.recv)


async def _steadily(writer: Writer, rate: float, seconds: float, stop: asyncio.Event | None = None) -> range:
    """Write at a rate, whether events arrive or not, for so long or until told to stop; answers the numbers of the writes."""
    first, due, end = writer.written + 1, time.monotonic(), time.monotonic() + seconds
    at_once = asyncio.Semaphore(4)  # versions of one record never meet: they are RECORDS writes apart

    async def write() -> None:
        async with at_once:
            await writer.write()

    async with asyncio.TaskGroup() as group:
        while due < end and not (stop and stop.is_set()):
            due += 1 / rate
            group.create_task(write())
            await asyncio.sleep(max(due - time.monotonic(), 0))
    return range(first, writer.written + 1)


def _p99(came: Mapping[int, float], begun: Mapping[int, float], writes: range) -> float:
    times = sorted(came[number] - begun[number] for number in writes)
    return times[int(len(times) * 0.99)] * 1000


def _typical_p99(came: Mapping[int, float], begun: Mapping[int, float], writes: range) -> float:
    """The median of the p99 of every 100 writes: what a moment of somebody else's work on the machine does not decide."""
    return statistics.median(_p99(came, begun, writes[at : at + WINDOW]) for at in range(0, max(len(writes) - WINDOW, 1), WINDOW))


async def measure(settings: Settings, minutes: float, rate: float, how: str) -> dict[str, Any]:
    settings = replace(settings, webhook_networks=LOOPBACK)
    await migrate(settings)
    pool = await open_worker_pool(settings.need("worker_url"), size=8, name="bench-dead")
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    over = context.Event()
    processes = [context.Process(target=_serve, args=(theirs, how), daemon=True), context.Process(target=_deliver, args=(settings, over), daemon=True)]
    processes[0].start()
    ports = await asyncio.to_thread(ours.recv)
    async with pool.acquire() as connection:
        tenant = await ensure_tenant(connection, "bench")
    for side in SIDES:
        url = f"http://127.0.0.1:{ports[side == 'dies']}/{side}"
        await create_subscription(pool, settings, tenant, subscription_id=new_id(), name=side, kind="webhook", url=url)
    processes[1].start()
    writer = Writer(pool, tenant, [new_id() for _ in range(RECORDS)])
    try:
        await _until(ours, (await _steadily(writer, 200, RECORDS / 200 + 1))[-1])  # every record is there: from here on all are updates
        before = await _steadily(writer, rate, max(minutes * 60 * BEFORE, 5))
        await _until(ours, before[-1])
        await _ask(ours, "die")
        during = await _steadily(writer, rate, minutes * 60)
        arrived = await _ask(ours, "count")
        backlog = writer.written - arrived
        await _ask(ours, "live")
        revived = time.monotonic()
        print(f"back with {backlog} of {writer.written} behind", flush=True)
        enough = asyncio.Event()
        going_on = asyncio.create_task(_steadily(writer, rate, PATIENCE_S, enough))
        drained_s = await _drained(ours, during[-1], revived)
        enough.set()
        await going_on
        reports = {side: await _ask(ours, side) for side in SIDES}
    finally:
        over.set()
        ours.send("end")
        for process in processes:
            await asyncio.to_thread(process.join, 10)
        await pool.close()
    others = SIDES[:2]
    whole, typical = (
        [max(p99(reports[side]["came"], writer.committing, writes) for side in others) for writes in (before, during)]
        for p99 in (_p99, _typical_p99)
    )
    return {
        "how": how, "minutes": minutes, "changes": len(during), "rate_per_s": rate, "backlog": backlog,
        "others_p99_before_ms": round(whole[0], 1), "others_p99_during_ms": round(whole[1], 1),
        "others_p99_ratio": round(whole[1] / whole[0], 2), "others_typical_p99_before_ms": round(typical[0], 1),
        "others_typical_p99_ratio": round(typical[1] / typical[0], 2), "drained_s": round(drained_s, 1),
        "drained_per_s": round(backlog / drained_s) if drained_s else 0,
        "disordered": sum(report["disordered"] for report in reports.values()),
        "missing": sum(number not in reports["dies"]["came"] for number in range(1, during[-1] + 1)),
    }  # fmt: skip


async def _until(pipe: Pipe, count: int) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while await _ask(pipe, "count") < count:
        if time.monotonic() > give_up_at:
            raise SystemExit(f"not everything arrived within {PATIENCE_S:.0f} s")
        await asyncio.sleep(0.1)


async def _drained(pipe: Pipe, upto: int, since: float) -> float:
    """Seconds until everything written up to then has arrived at the one that was dead."""
    give_up_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up_at:
        if await _ask(pipe, "count") >= upto:
            came = (await _ask(pipe, "dies"))["came"]
            if all(number in came for number in range(1, upto + 1)):
                return max(came[number] for number in range(1, upto + 1)) - since
        await asyncio.sleep(0.5)
    raise SystemExit(f"the backlog was not drained within {PATIENCE_S:.0f} s")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=5.0)
    arguments.add_argument("--rate", type=float, default=167.0)
    arguments.add_argument("--how", choices=("silent", "refused"), default="silent")
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30), logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-"))
    try:
        with embedded.start(folder) as servers, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            print(json.dumps(runner.run(measure(Settings().on(servers), given.minutes, given.rate, given.how))))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
