"""How many single messages a second the hub takes in durably through HTTP, beside a bare server that does as little as can be.

``python -m tests.benchmarks.intake [--seconds 8] [--rounds 3]``: one embedded PostgreSQL of its own with fsync and
synchronous_commit on, ``hub serve`` as a user starts it, and the toy (:mod:`tests.benchmarks.intake_toy`), each answering
only after commit. Clients are one process; the last line is JSON. Rounds of hub and toy alternate.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import uvloop

from connectors.signatures import Signature
from hub import embedded
from hub.flows.tenants import ensure_tenants
from hub.migrate import migrate
from hub.settings import Settings
from hub.store.pool import open_worker_pool

CLIENTS = 64
STEADY_PER_S = 1_000
TENANT, SYSTEM = "bench", "shop"
SECRET = "whsec_bm9ydGhiZWFtLWNybS13ZWJob29rLXNlY3JldA=="
DOCUMENT: dict[str, Any] = {
    "system": SYSTEM, "kind": "crm", "connector": "rest", "base_url": "http://127.0.0.1:9",
    "webhook": {"scheme": "standard-webhooks", "secrets": ["${HOOK}"], "object": "type", "objects": {"customer": "customer"},
                "id": "record.no", "record": "record"},
    "resources": {"customer": {"list": {"path": "customers", "items": "items"}, "id": "no", "one": {"path": "customers/{id}"}}},
    "mappings": [{"object": "customer", "entity": "client", "id": "no", "fields": {"name": "label"}}],
}  # fmt: skip
CONNECT = "mutation($d: JSON!, $v: JSON) { connectSystem(document: $d, variables: $v) { done errors { message } } }"
_numbers = count(1)


@dataclass
class Load:
    """What one run came to: how many were accepted, how long each took (ms), and what else was answered."""

    seconds: float = 0.0
    times_ms: list[float] = field(default_factory=list)
    others: dict[int, int] = field(default_factory=dict)

    @property
    def per_s(self) -> float:
        return len(self.times_ms) / self.seconds

    def at(self, share: float) -> float:
        return sorted(self.times_ms)[min(int(len(self.times_ms) * share), len(self.times_ms) - 1)]

    def shown(self) -> str:
        others = f", others {self.others}" if self.others else ""
        return f"{self.per_s:,.0f}/s, p50 {self.at(0.5):.1f} ms, p99 {self.at(0.99):.1f} ms{others}"


def record(number: int) -> dict[str, Any]:
    return {"no": f"C{number}", "label": f"Maple Analytics {number}", "street": "Hauptstraße 1", "city": "Ulm", "postcode": "89073",
            "country": "DE", "phone": f"+4973130{number % 100_000:05d}", "website": "https://maple.example", "tier": "A"}  # fmt: skip


def line(key: str) -> Callable[[], bytes]:
    """One request to /ingest with one message."""

    def made() -> bytes:
        number = next(_numbers)
        body = orjson.dumps({"object": "customer", "externalId": f"C{number}", "idempotencyKey": f"k{number}", "body": record(number)})
        return _post(f"/ingest/{SYSTEM}", body, {"authorization": f"Bearer {key}"})

    return made


def hook() -> bytes:
    """One signed webhook."""
    number = next(_numbers)
    body = orjson.dumps({"type": "customer", "record": record(number)})
    return _post(f"/hooks/{TENANT}/{SYSTEM}", body, Signature("standard-webhooks", (SECRET,)).sign(body, f"msg_{number}", int(time.time())))


def _post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n{head}\r\n".encode() + body


async def closed(port: int, request: Callable[[], bytes], seconds: float, clients: int = CLIENTS) -> Load:
    """Each client sends its next message when the last one was answered."""
    load = Load()
    until = time.perf_counter() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < until:
            await _one(reader, writer, request(), load, time.perf_counter())
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    load.seconds = time.perf_counter() - started
    return load


async def steadily(port: int, request: Callable[[], bytes], seconds: float, per_s: int = STEADY_PER_S) -> Load:
    """So many a second, whether earlier ones were answered or not; a time begins when its message was due."""
    load = Load()
    idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(256):
        idle.put_nowait(await asyncio.open_connection("127.0.0.1", port))

    async def one(due: float) -> None:
        connection = await idle.get()
        await _one(*connection, request(), load, due)
        idle.put_nowait(connection)

    started = time.perf_counter()
    sent: list[asyncio.Task[None]] = []
    for number in range(int(per_s * seconds)):
        due = started + number / per_s
        if (ahead_s := due - time.perf_counter()) > 0:
            await asyncio.sleep(ahead_s)
        sent.append(asyncio.create_task(one(due)))
    await asyncio.gather(*sent)
    load.seconds = time.perf_counter() - started
    while not idle.empty():
        idle.get_nowait()[1].close()
    return load


async def _one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, load: Load, begun: float) -> None:
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    at = head.index(b"content-length:") + 15
    await reader.readexactly(int(head[at : head.index(b"\r\n", at)]))
    status = int(head[9:12])
    if status == 202:
        load.times_ms.append((time.perf_counter() - begun) * 1000)
    else:
        load.others[status] = load.others.get(status, 0) + 1


@contextmanager
def served(module: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    """A server process of its own, for as long as it is needed."""
    process = subprocess.Popen([sys.executable, "-m", *module], env={**os.environ, **environment})
    try:
        give_up_at = time.monotonic() + 180
        while process.poll() is None and time.monotonic() < give_up_at:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        else:
            raise SystemExit(f"{module[0]} does not answer")
        yield
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


async def measure(settings: Settings, seconds: float, rounds: int) -> dict[str, Any]:
    await migrate(settings)
    owner = await open_worker_pool(settings.need("database_url"), size=2, name="bench-owner")
    for name in ("fsync", "synchronous_commit"):
        assert await owner.fetchval(f"SHOW {name}") == "on", f"{name} must be on"
    (tenant,) = await ensure_tenants(owner, [TENANT])
    hub_port, toy_port = free_port(), free_port()
    environment = replace(settings, port=hub_port).without_owner().for_child()
    toy = {"TOY_DATABASE_URL": settings.need("database_url"), "TOY_PORT": str(toy_port)}
    with served(["hub", "serve"], environment, hub_port), served(["tests.benchmarks.intake_toy"], toy, toy_port):
        await _connect(hub_port, tenant["keys"]["admin"])
        request = line(tenant["keys"]["admin"])
        for port in (hub_port, toy_port):
            await closed(port, request, 1.0)
        sides: dict[str, list[Load]] = {"hub": [], "toy": [], "hooks": []}
        for _ in range(rounds):
            for name, port, made in (("hub", hub_port, request), ("toy", toy_port, request), ("hooks", hub_port, hook)):
                sides[name].append(await closed(port, made, seconds))
                print(f"{name:>6}, {CLIENTS} at once: {sides[name][-1].shown()}", flush=True)
        steady = {name: await steadily(port, request, seconds) for name, port in (("hub", hub_port), ("toy", toy_port))}
        for name, load in steady.items():
            print(f"{name:>6}, {STEADY_PER_S:,}/s:     {load.shown()}", flush=True)
        await _check(owner, [*sides["hub"], *sides["hooks"], steady["hub"]])
    await owner.close()
    middle = {name: statistics.median(one.per_s for one in loads) for name, loads in sides.items()}
    return {
        "intake_per_s": round(middle["hub"]),
        "intake_p99_ms": round(statistics.median(one.at(0.99) for one in sides["hub"]), 1),
        "intake_vs_toy": round(middle["hub"] / middle["toy"], 2),
        "hooks_per_s": round(middle["hooks"]),
        "at_1000_p50_ms": round(steady["hub"].at(0.5), 1),
        "at_1000_p99_ms": round(steady["hub"].at(0.99), 1),
        "toy_per_s": round(middle["toy"]),
        "toy_at_1000_p99_ms": round(steady["toy"].at(0.99), 1),
    }


async def _connect(port: int, key: str) -> None:
    async with aiohttp.ClientSession() as session:
        asked = {"query": CONNECT, "variables": {"d": DOCUMENT, "v": {"HOOK": SECRET}}}
        async with session.post(f"http://127.0.0.1:{port}/graphql", json=asked, headers={"authorization": f"Bearer {key}"}) as answer:
            assert (await answer.json())["data"]["connectSystem"]["done"], await answer.text()


async def _check(owner: Any, loads: list[Load]) -> None:
    """What was acknowledged is there."""
    kept = await owner.fetchval("SELECT count(*) FROM hub.inbox")
    acknowledged = sum(len(load.times_ms) for load in loads)
    if kept < acknowledged:
        raise SystemExit(f"{acknowledged:,} were acknowledged, {kept:,} are kept")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=8.0)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-"))
    try:
        with embedded.start(folder) as servers, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            print(json.dumps(runner.run(measure(Settings().on(servers), given.seconds, given.rounds))))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
