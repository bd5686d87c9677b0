"""One change to 1,000 websocket clients: the hub beside a raw broadcast and beside Strawberry's own subscriptions.

``python -m tests.benchmarks.fanout``. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import structlog

from hub import embedded
from hub.embedded_process import free_port
from hub.flows.tenants import ensure_tenant, make_key
from hub.migrate import migrate
from hub.settings import Settings
from hub.store import feed, pool
from hub.store.ids import new_id
from tests.benchmarks.fanout_clients import Order
from tests.benchmarks.read.servers import Server, wait_for

ASKED = "{ kind cursor change { entity recordId version op after at } }"
QUERIES = {
    "raw": f"subscription {{ changes {ASKED} }}",
    "hub": f'subscription {{ changes(entities: ["client"]) {ASKED} }}',
    "strawberry": f"subscription {{ changes {ASKED} }}",
}
AFTER = {"name": "Nordlicht Consulting", "legal_name": "Nordlicht Holding GmbH", "country": "DE", "tier": "A", "state": "active"}
PATIENCE_S = 60


@dataclass(frozen=True)
class Told:
    """What one change cost: ms until the first and the last client had it, the server's CPU in ms, bytes of a message."""

    first_ms: float
    last_ms: float
    cpu_ms: float
    size_bytes: int


def run(clients: int = 1000, changes: int = 30, rounds: int = 3) -> dict[str, float | None]:
    """Measure on a database of its own; answers what the last line says."""
    folder = Path(tempfile.mkdtemp(prefix="hub-fanout-"))
    try:
        with embedded.start(folder) as owner:
            settings = Settings().on(owner)
            tenant_id, key = asyncio.run(_tenant(settings))
            found = {name: _measure(name, settings, tenant_id, key, folder, clients, changes, rounds) for name in QUERIES}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _show(found, clients)
    cpu = {name: statistics.median(one.cpu_ms for one in told) for name, told in found.items()}
    return {
        "fanout_cpu_vs_raw": round(cpu["hub"] / cpu["raw"], 3),
        "fanout_strawberry_vs_hub": round(cpu["strawberry"] / cpu["hub"], 2),
        "last_ms": round(statistics.median(one.last_ms for one in found["hub"]), 1),
    }


async def _tenant(settings: Settings) -> tuple[int, str]:
    await migrate(settings)
    connection = await asyncpg.connect(settings.need("database_url"))
    await pool.prepare(connection)
    try:
        async with connection.transaction():
            tenant_id = await ensure_tenant(connection, "fanout")
            return tenant_id, await make_key(connection, tenant_id, "reader", "bench")
    finally:
        await connection.close()


def _measure(
    name: str, settings: Settings, tenant_id: int, key: str, logs: Path, clients: int, changes: int, rounds: int
) -> list[Told]:
    """Rounds of changes to one server; each round is one figure of CPU, since a single change is too short to measure."""
    with _serving(name, settings, tenant_id, logs) as server:
        payload = {"authorization": f"Bearer {key}"} if name == "hub" else {}
        order = json.dumps(asdict(Order(server.port, clients, QUERIES[name], payload)))
        listening = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.fanout_clients"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            assert listening.stdin is not None and listening.stdout is not None
            listening.stdin.write(order + "\n")
            listening.stdin.flush()
            if listening.stdout.readline().strip() != "ready":
                raise SystemExit(f"clients cannot subscribe to {name}: {(logs / f'{name}.log').read_text()[-2000:]}")
            return asyncio.run(_rounds(settings, tenant_id, server, listening, changes, rounds))
        finally:
            listening.kill()
            listening.wait()


async def _rounds(
    settings: Settings, tenant_id: int, server: Server, listening: subprocess.Popen[str], changes: int, rounds: int
) -> list[Told]:
    connection = await asyncpg.connect(settings.need("database_url"))
    await pool.prepare(connection)
    told = []
    try:
        for _ in range(3):
            await _change(connection, tenant_id, listening)
        for _ in range(rounds):
            before = server.cpu_s()
            arrivals = [await _change(connection, tenant_id, listening) for _ in range(changes)]
            cpu_ms = (server.cpu_s() - before) * 1000 / changes
            first, last = (statistics.median(one[at] for one in arrivals) for at in (0, 1))
            told.append(Told(first, last, cpu_ms, int(arrivals[0][2])))
    finally:
        await connection.close()
    return told


async def _change(connection: asyncpg.Connection, tenant_id: int, listening: subprocess.Popen[str]) -> tuple[float, float, int]:
    """Make one change, sequence it, and wait until every client has it: ms to the first and the last, bytes."""
    await connection.execute(
        "INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, correlation_id, at) "
        "VALUES ($1, 'client', $2, 1, 'create', '{}', $3, 'crm', 'crm', 'c-1', now())",
        tenant_id, new_id(), AFTER,
    )  # fmt: skip
    transaction = connection.transaction()
    await transaction.start()
    await feed.sequence(connection, tenant_id)
    committed_at = time.monotonic()
    await transaction.commit()
    assert listening.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        line: dict[str, Any] = json.loads(await asyncio.to_thread(listening.stdout.readline))
    return (line["first_at"] - committed_at) * 1000, (line["last_at"] - committed_at) * 1000, line["size_bytes"]


@contextmanager
def _serving(name: str, settings: Settings, tenant_id: int, logs: Path) -> Iterator[Server]:
    port = free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HUB_")}
    if name == "hub":
        command, added = ["hub", "serve", "--port", str(port)], settings.for_child()
    else:
        command = ["tests.benchmarks.fanout_servers", name]
        added = {"BENCH_DATABASE_URL": settings.need("database_url"), "BENCH_TENANT": str(tenant_id), "BENCH_PORT": str(port)}
    with (logs / f"{name}.log").open("wb") as log:
        child = subprocess.Popen([sys.executable, "-m", *command], env=environment | added, stdout=log, stderr=log)
    try:
        server = Server(name, port, psutil.Process(child.pid), {})
        wait_for(server, child, logs)
        yield server
    finally:
        child.terminate()
        child.wait(20)


def _show(found: Mapping[str, list[Told]], clients: int) -> None:
    print(f"\none change to {clients:,} websockets{'first ms':>12}{'last ms':>10}{'CPU ms':>9}{'of raw':>8}{'bytes':>7}")
    raw = statistics.median(one.cpu_ms for one in found["raw"])
    for name, told in found.items():
        first, last, cpu = (statistics.median(getattr(one, part) for one in told) for part in ("first_ms", "last_ms", "cpu_ms"))
        print(f"  {name:<29}{first:>10.1f}{last:>10.1f}{cpu:>9.1f}{cpu / raw:>8.2f}{told[0].size_bytes:>7}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--clients", type=int, default=1000)
    arguments.add_argument("--changes", type=int, default=30, help="changes a round")
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30), logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    print(json.dumps(run(given.clients, given.changes, given.rounds)))


if __name__ == "__main__":
    main()
