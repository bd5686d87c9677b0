"""How fast messages become golden records, as a ratio to writing the same rows without deciding anything.

``python -m tests.benchmarks.ingest [--quick]``: one embedded PostgreSQL of its own, everything durable. Rounds of hub
and floor alternate; the ratio is the median over rounds, and the last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import structlog
import uvloop

from hub import embedded
from hub.embedded_servers import Folder, Postgres
from hub.flows import forms_later
from hub.flows.ingest_loop import Ingester
from hub.garbage import collect_rarely
from hub.flows.receive import Origin, Receiver
from hub.flows.tenants import ensure_tenant
from hub.migrate import migrate
from hub.settings import Settings
from hub.store.configuration import ConfigurationCache
from hub.store.inbox import NewMessage
from hub.store.pool import Pool, open_worker_pool
from tests.benchmarks import floor, stages, webhook, workload

LANES = 3
CONNECTIONS = LANES + 1
"""What the hub has in use at once: its lanes, and the receiver."""


@dataclass(frozen=True)
class Side:
    """Seconds one side took, and the CPU seconds of this process and of all of PostgreSQL's in them."""

    wall_s: float
    python_s: float
    postgres_s: float

    def shown(self, records: int) -> str:
        python, postgres = self.python_s * 1e6 / records, self.postgres_s * 1e6 / records
        return f"{records / self.wall_s:,.0f}/s (CPU {python:.0f} + {postgres:.0f} µs)"


@dataclass(frozen=True)
class Round:
    """What both sides took for the same records."""

    records: int
    hub: Side
    floor: Side

    @property
    def ratio(self) -> float:
        return self.floor.wall_s / self.hub.wall_s


async def run(settings: Settings, postmaster: psutil.Process, count: int, rounds: int) -> dict[str, object]:
    """Preload, then measure; answers what the last line says."""
    await migrate(settings)
    owner = await open_worker_pool(settings.need("database_url"), size=2, name="bench-owner")
    pool = await open_worker_pool(settings.need("worker_url"), size=CONNECTIONS + 2, name="bench")
    hub, other = await _two_tenants(owner)
    started = time.perf_counter()
    await through_the_hub(pool, hub, workload.preload(count))
    async with owner.acquire() as connection:
        await floor.copy_tenant(connection, hub, other)
    print(f"{round(count * workload.KNOWN_SHARE):,} records preloaded in {time.perf_counter() - started:.0f} s")
    messages = workload.measured(count)
    collect_rarely()
    size = count // (rounds + 1) // workload.BATCH * workload.BATCH
    measured = [await _round(postmaster, owner, pool, hub, other, messages[at * size : (at + 1) * size]) for at in range(rounds)]
    rest = messages[rounds * size :]
    await owner.execute("CHECKPOINT")
    with stages.measured() as clocks:
        await through_the_hub(pool, hub, rest, lanes=1)
    costs = clocks.report(len(rest))
    _print_stages(costs)
    later_us = await _forms_later(postmaster, pool, hub)
    await pool.close()
    webhooks = await webhook.measure(settings, owner)
    await owner.close()
    ratio = statistics.median(one.ratio for one in measured)
    return {
        "ingest_vs_floor": round(ratio, 3),
        "rows_per_s": round(statistics.median(one.records / one.hub.wall_s for one in measured)),
        "forms_later_us": later_us,
        "stages_us": {stage: round(cost["python"] + cost["postgres"], 1) for stage, cost in costs.items()},
        **webhooks,
    }


async def _two_tenants(owner: Pool) -> tuple[int, int]:
    async with owner.acquire() as connection, connection.transaction():
        hub = await ensure_tenant(connection, "hub")
        await workload.connect_crm(connection, hub)
        return hub, await ensure_tenant(connection, "floor")


async def _round(postmaster: psutil.Process, owner: Pool, pool: Pool, hub: int, other: int, messages: Sequence[NewMessage]) -> Round:
    """The hub on some messages, then the floor on the rows they left behind."""
    marks = await owner.fetchrow("SELECT (SELECT max(id) FROM hub.inbox) AS inbox, (SELECT max(id) FROM hub.change) AS change")
    await owner.execute("CHECKPOINT")
    before = _cpu(postmaster)
    hub_s = await through_the_hub(pool, hub, messages)
    hub_side = _side(hub_s, before, _cpu(postmaster))
    batches = await floor.prepare(owner, hub, other, marks["inbox"], marks["change"])
    await owner.execute("CHECKPOINT")
    before = _cpu(postmaster)
    floor_s = await floor.run(pool, batches, CONNECTIONS)
    floor_side = _side(floor_s, before, _cpu(postmaster))
    await _same_rows(owner, hub, other)
    one = Round(len(messages), hub_side, floor_side)
    print(f"{one.records:,} records: hub {one.hub.shown(one.records)}, floor {one.floor.shown(one.records)}, ratio {one.ratio:.3f}")
    return one


def _cpu(postmaster: psutil.Process) -> tuple[float, float]:
    """CPU seconds so far: this process, and all of PostgreSQL (its connections stay open meanwhile)."""
    servers = [one.cpu_times() for one in (postmaster, *postmaster.children())]
    return time.process_time(), sum(one.user + one.system for one in servers)


def _side(wall_s: float, before: tuple[float, float], after: tuple[float, float]) -> Side:
    return Side(wall_s, after[0] - before[0], after[1] - before[1])


async def through_the_hub(pool: Pool, tenant: int, messages: Sequence[NewMessage], lanes: int = LANES) -> float:
    """Receive and ingest until every message is settled, as one worker process; answers the seconds it took."""
    receiver = Receiver(pool)
    ingester = Ingester(pool, "bench", batch_size=50, lanes=lanes, backlog_size=workload.BATCH)
    origin = Origin(tenant, "poll", "bench")
    stop, wake = asyncio.Event(), asyncio.Event()
    started = time.perf_counter()
    if lanes > 1:
        working = asyncio.create_task(ingester.run(stop, wake))
    for batch in workload.batches(messages):
        await receiver.receive(origin, batch)
        wake.set()
    if lanes > 1:
        while await pool.fetchval("SELECT EXISTS (SELECT FROM hub.inbox_open WHERE tenant_id = $1)", tenant):
            await asyncio.sleep(0.01)
    else:
        await ingester.drain(tenant)
    took = time.perf_counter() - started
    if lanes > 1:
        stop.set()
        await working
    return took


PIECES = 40


async def _forms_later(postmaster: psutil.Process, pool: Pool, tenant: int) -> dict[str, float]:
    """CPU of what a finder does afterwards, a record: normal forms, keys, and questions. No figure above contains it."""
    before = _cpu(postmaster)
    count = await forms_later.write_all(pool, ConfigurationCache(), tenant, PIECES)
    told = {name: round((now - then) * 1e6 / count, 1) for name, then, now in zip(("python", "postgres"), before, _cpu(postmaster), strict=True)}
    print(f"forms and keys of {count:,} records afterwards: {told['python']:.0f} + {told['postgres']:.0f} µs CPU a record\n")
    return told


SAME = {
    "hub.inbox": "count(*)",
    "hub.source_record": "count(*), sum(hashtext(values::text)::bigint), sum(hashtext(stated::text)::bigint)",
    "golden.client": "count(*), sum(version), sum(hashtext(concat(name, phone, street, tier))::bigint)",
    "golden.client_version": "count(*), sum(hashtext(lineage::text)::bigint)",
    "hub.match_key": "count(*), sum(key)",
    "hub.change": "count(*), sum(hashtext(after::text)::bigint)",
}


async def _same_rows(owner: Pool, hub: int, other: int) -> None:
    """Both sides must have written the same."""
    for table, figures in SAME.items():
        rows = [tuple(await owner.fetchrow(f"SELECT {figures} FROM {table} WHERE tenant_id = $1", one)) for one in (hub, other)]
        if rows[0] != rows[1] and table != "golden.client_version":
            raise SystemExit(f"{table} differs between hub and floor: {rows}")


def _print_stages(costs: dict[str, dict[str, float]]) -> None:
    print(f"\n{'µs per record, one lane alone':<32}{'python':>9}{'postgres':>10}{'together':>10}")
    for stage, cost in costs.items():
        print(f"{stage:<32}{cost['python']:>9.1f}{cost['postgres']:>10.1f}{cost['python'] + cost['postgres']:>10.1f}")
    python, postgres = (sum(cost[part] for cost in costs.values()) for part in ("python", "postgres"))
    print(f"{'all':<32}{python:>9.1f}{postgres:>10.1f}{python + postgres:>10.1f}\n")


def _postmaster(folder: Path) -> psutil.Process:
    found = Postgres(Folder(folder.resolve())).process()
    assert found is not None, "PostgreSQL runs while its owner does"
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="10,000 records instead of 100,000")
    count, rounds = (10_000, 3) if arguments.parse_args().quick else (100_000, 5)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30), logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-"))
    try:
        with embedded.start(folder) as servers, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            print(json.dumps(runner.run(run(Settings().on(servers), _postmaster(folder), count, rounds))))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
