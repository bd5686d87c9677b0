"""What an export of a million rows takes, beside the same rows decoded and encoded in Python.

``python -m tests.benchmarks.export [--rows N]``: one embedded PostgreSQL of its own. Each format is written to nowhere; rows
decoded by asyncpg and encoded by orjson over the same cursor are the measure. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import orjson
import psutil
import uvloop

from hub import embedded
from hub.api.access import Principal, Role
from hub.api.export.asked import Asked, Format
from hub.api.export.encode import encoder
from hub.api.export.stream import BATCH, Exporter
from hub.api.export.written import rows
from hub.api.names import camel
from hub.api.values import getters
from hub.embedded_servers import Folder, Postgres
from hub.migrate import migrate
from hub.settings import Settings
from hub.store.pool import TenantPool, open_worker_pool
from schema import ENTITIES

FILL = """
    INSERT INTO golden.contract (tenant_id, id, version, record_state, created_at, updated_at, name, contract_no, start_date,
                                 total_value, total_value_currency, state)
    SELECT $1, uuidv7(interval '1 ms' * g), 1, 'active', now(), now(), 'Contract "' || g || '"', 'C-' || g, date '2026-01-01' + g % 700,
           (g % 100000)::numeric / 100, 'EUR', 'signed' FROM generate_series(1, $2) g
"""
COLUMNS = ("name", "contractNo", "startDate", "totalValue", "state", "version", "updatedAt", "clientId")


@dataclass(frozen=True)
class Took:
    """Seconds, CPU seconds of both processes, the most this one grew meanwhile, and what was written."""

    wall_s: float
    cpu_s: float
    grown_bytes: int
    size_bytes: int

    def shown(self, count: int) -> str:
        return f"{count / self.wall_s:>10,.0f} rows/s {self.cpu_s * 1e6 / count:>6.1f} µs CPU a row {self.grown_bytes / 1e6:>6.0f} MB more {self.size_bytes / 1e6:>6.0f} MB"


async def run(settings: Settings, postmaster: psutil.Process, count: int) -> dict[str, object]:
    """Fill, then measure; answers what the last line says."""
    await migrate(settings)
    owner = await open_worker_pool(settings.need("database_url"), size=1, name="bench")
    tenant_id = await owner.fetchval("INSERT INTO hub.tenant (slug, name) VALUES ('bench', 'bench') RETURNING id")
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(FILL, tenant_id, count)
    await owner.execute("VACUUM ANALYZE golden.contract")
    pool = TenantPool(settings.need("api_url"), 1)
    principal = Principal(tenant_id, "bench", UUID(int=0), Role.ADMIN, "bench")
    ways: dict[str, Callable[[_Peak], Awaitable[int]]] = {"python": lambda peak: in_python(pool, principal, peak)}
    for format in Format:
        ways[format] = lambda peak, format=format: exported(pool, principal, format, peak)  # type: ignore[misc]
    found: dict[str, Took] = {}
    for name, way in ways.items():
        await way(_Peak())  # warms caches and libraries up
        found[name] = await _measured(postmaster, way)
        print(f"{name:<8} {found[name].shown(count)}", flush=True)
    await pool.close()
    await owner.close()
    base = found.pop("python")
    return {
        "rows": count,
        "cpu_vs_python": {name: round(one.cpu_s / base.cpu_s, 2) for name, one in found.items()},
        "wall_vs_python": {name: round(one.wall_s / base.wall_s, 2) for name, one in found.items()},
        "grown_mb": {name: round(one.grown_bytes / 1e6) for name, one in found.items()},
    }


class _Peak:
    """The most memory this process had at any batch."""

    def __init__(self) -> None:
        gc.collect()
        self._process = psutil.Process()
        self._before = self.most_bytes = self._process.memory_info().rss

    def look(self) -> None:
        self.most_bytes = max(self.most_bytes, self._process.memory_info().rss)

    @property
    def grown_bytes(self) -> int:
        return self.most_bytes - self._before


async def exported(pool: TenantPool, principal: Principal, format: Format, peak: _Peak) -> int:
    """The hub's own way; answers the bytes."""
    asked = Asked(ENTITIES["contract"], columns=COLUMNS, format=format)
    size = 0
    async with Exporter(pool).begin(principal, asked, encoder(asked.chosen(principal), format)) as export:
        async for piece in export.pieces():
            size += len(piece.body)
            peak.look()
    return size


async def in_python(pool: TenantPool, principal: Principal, peak: _Peak) -> int:
    """The same rows over the same kind of cursor, as NDJSON made here."""
    asked = Asked(ENTITIES["contract"], columns=COLUMNS)
    columns = asked.chosen(principal)
    reads = ", ".join(f'r."{name}"' for column in columns for name in column.reads)
    known = {camel(name): read for name, read in getters(asked.meta, principal.role).items()}
    fields = [(column.name, known[column.name]) for column in columns]
    bound, size = rows(asked.plan(principal), columns, reads, None), 0
    async with pool.tenant(principal.tenant_id) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        cursor = await connection.cursor(bound.sql, *bound.values)
        while batch := await cursor.fetch(BATCH):
            size += len(b"\n".join([orjson.dumps({name: read(row) for name, read in fields}) for row in batch])) + 1
            peak.look()
    return size


async def _measured(postmaster: psutil.Process, way: Callable[[_Peak], Awaitable[int]]) -> Took:
    peak, before, started = _Peak(), _cpu_s(postmaster), time.perf_counter()
    size = await way(peak)
    return Took(time.perf_counter() - started, _cpu_s(postmaster) - before, peak.grown_bytes, size)


def _cpu_s(postmaster: psutil.Process) -> float:
    """CPU seconds so far of this process and of all of PostgreSQL; its connections stay open meanwhile."""
    servers = [one.cpu_times() for one in (postmaster, *postmaster.children())]
    return time.process_time() + sum(one.user + one.system for one in servers)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    given = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-"))
    try:
        with embedded.start(folder) as running:
            postmaster = Postgres(Folder(folder.resolve())).process()
            assert postmaster is not None, "PostgreSQL runs while its owner does"
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                answer = runner.run(run(Settings().on(running), postmaster, given.rows))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
