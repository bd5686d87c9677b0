"""A firm straight into Postgres, by COPY: as ingest would have stored it, but for the inbox, a hundred times sooner.

Chunks are worked out in processes beside this one and written in their order, so that change ids rise with the instants
of their versions. For an empty tenant only, and while nobody else writes to it. It takes a superuser, as the embedded owner is
one: row-level security forbids COPY to hub_worker, foreign keys are not checked row by row, and the tables are vacuumed and
analysed afterwards.
"""

from __future__ import annotations

import asyncio
import io
import multiprocessing
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from tempfile import TemporaryFile
from typing import IO

import asyncpg

from hub.demo.firm import rows
from hub.demo.firm.catalogue import Source, wanted
from hub.demo.firm.model import Firm
from hub.demo.firm.rows import Chunk, Ground, Task
from hub.demo.firm.shape import SYSTEMS
from hub.demo.firm.work import MOST_A_MONTH
from hub.errors import SetupError
from hub.store import configuration, feed, former, tasks
from hub.store.pool import Pool, prepare
from hub.store.statements import Connection
from schema import ENTITIES

STEPS = 1000
"""Steps of a source in one chunk: about 100 ms of work and a megabyte."""

SMALL_FIRM = 0.02
"""Below this size starting processes costs more than it saves."""

Told = Callable[[str, int, int], None]
"""(entity, steps done, steps in all), after each chunk."""


@dataclass
class Loaded:
    """What a load came to: golden records and seconds by entity, changes in the feed, tasks for people."""

    golden: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    changes: int = 0
    tasks: int = 0


async def load(
    target: str | Pool,
    tenant_id: int,
    firm: Firm,
    *,
    only: Collection[str] | None = None,
    versions: int = 1,
    processes: int | None = None,
    told: Told | None = None,
) -> Loaded:
    """Fill an empty tenant. ``target`` is a superuser's address (``HUB_DATABASE_URL``), or a pool of two such connections.

    ``only`` names entities; what they cannot be without is loaded too (:func:`hub.demo.firm.catalogue.wanted`).
    ``versions`` is how many versions each client gets. ``processes`` work beside this one; 0 none, None as many as pay.
    Raises :class:`SetupError` when the tenant holds records already, or the role may not do this.
    """
    began = time.monotonic()
    sources = wanted(only)
    later: dict[int, IO[bytes]] = {}  # changes to each version, kept on disk until all records have the one before
    async with _connections(target) as (first, second):
        ground = await _ground(first, tenant_id, firm, sources, versions)
        work = list(tasks_of(sources, firm, await _first_source_id(first, sources, firm)))
        loaded, steps, done = Loaded(), sum(task.last - task.first for task in work), 0
        async for task, chunk in _chunks(ground, work, _processes(firm, processes)):
            await asyncio.gather(_copy_golden(first, task, chunk, ground), _copy_hub(second, chunk))
            loaded.golden[task.source.entity] = loaded.golden.get(task.source.entity, 0) + chunk.golden
            if chunk.tasks:
                loaded.tasks += len(await tasks.open_tasks(first, tenant_id, chunk.tasks))
            await former.keep(first, tenant_id, chunk.left)
            for version, lines in chunk.later.items():
                if version not in later:
                    later[version] = TemporaryFile()  # noqa: SIM115 - closed when nobody holds it
                later[version].write(lines)
            done += task.last - task.first
            if told:
                told(task.source.entity, done, steps)
        for _, file in sorted(later.items()):
            file.seek(0)
            await _copy(second, "hub", "change", rows.CHANGE_COLUMNS, file)
        async with first.transaction():
            loaded.changes = (await feed.sequence(first, tenant_id)).position
        await _tidy(first, sources)
    loaded.seconds = time.monotonic() - began
    return loaded


def tasks_of(sources: Sequence[Source], firm: Firm, source_id: int) -> Iterator[Task]:
    """The work in its order."""
    slot = 0
    for source in sources:
        step = max(1, STEPS // (MOST_A_MONTH // 2)) if source.most == MOST_A_MONTH else STEPS
        for first in range(0, source.steps(firm), step):
            last = min(first + step, source.steps(firm))
            yield Task(source, first, last, slot, source_id)
            source_id += (last - first) * source.most
            slot += 1


async def _ground(tx: Connection, tenant_id: int, firm: Firm, sources: Sequence[Source], versions: int) -> Ground:
    if await tx.fetchval("SELECT EXISTS (SELECT FROM hub.source_record WHERE tenant_id = $1)", tenant_id):
        raise SetupError(f"tenant {tenant_id} holds records already; a firm is loaded into an empty one")
    await connect(tx, tenant_id)
    config = await configuration.read(tx, tenant_id, 0)
    columns = {one.entity: (await _columns(tx, one.entity), await _columns(tx, f"{one.entity}_version")) for one in sources}
    return Ground(firm, tenant_id, config.policy, config.ranks, frozenset(columns), columns, versions)


async def connect(tx: Connection, tenant_id: int) -> None:
    """The firm's systems, so that the two CRMs and the two ERPs have their order."""
    for system in SYSTEMS:
        await configuration.put_system(tx, tenant_id, system)


async def _columns(tx: Connection, table: str) -> tuple[str, ...]:
    entity = table.removesuffix("_version")
    found = await tx.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' "
        "ORDER BY attnum",
        f"golden.{table}",
    )
    return tuple(rows.columns_of(ENTITIES[entity], [row["attname"] for row in found]))


async def _first_source_id(tx: Connection, sources: Sequence[Source], firm: Firm) -> int:
    """The first of as many ids as the load may need; nobody else gets them."""
    count = sum(source.steps(firm) * source.most for source in sources)
    last: int = await tx.fetchval(
        "SELECT max(nextval(pg_get_serial_sequence('hub.source_record', 'id'))) FROM generate_series(1, $1::bigint)", count, timeout=600
    )
    return last - count + 1


# ------------------------------------------------------------------------------------------------------------ processes


def _processes(firm: Firm, asked: int | None) -> int:
    if asked is not None:
        return asked
    return 0 if firm.scale < SMALL_FIRM else max(1, min(4, os.cpu_count() or 1))


async def _chunks(ground: Ground, work: Sequence[Task], processes: int) -> AsyncIterator[tuple[Task, Chunk]]:
    """Each task with what it came to, in order; as many are under way as there are processes, and a few wait."""
    if not processes:
        for task in work:
            yield task, rows.work(ground, task)
        return
    loop, waiting = asyncio.get_running_loop(), iter(work)
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _remember, (ground,)) as pool:
        under_way: deque[tuple[Task, asyncio.Future[Chunk]]] = deque()
        try:
            while True:
                for one in islice(waiting, 2 * processes + 2 - len(under_way)):
                    under_way.append((one, loop.run_in_executor(pool, _work, one.source.entity, *one[1:])))
                if not under_way:
                    return
                task, coming = under_way.popleft()
                yield task, await coming
        finally:
            for _, coming in under_way:
                coming.cancel()


_GROUND: list[Ground] = []


def _remember(ground: Ground) -> None:
    """In a process beside: what all its tasks have in common."""
    _GROUND[:] = [ground]


def _work(entity: str, first: int, last: int, slot: int, source_id: int) -> Chunk:
    source = next(one for one in wanted() if one.entity == entity)
    return rows.work(_GROUND[0], Task(source, first, last, slot, source_id))


# ------------------------------------------------------------------------------------------------------------- Postgres


@asynccontextmanager
async def _connections(target: str | Pool) -> AsyncIterator[tuple[Connection, Connection]]:
    """Two connections that neither wait for the disk nor check foreign keys."""
    async with AsyncExitStack() as stack:
        pair: list[Connection] = []
        for _ in range(2):
            if isinstance(target, str):
                one = await asyncpg.connect(target, server_settings={"application_name": "hub-firm"})
                stack.push_async_callback(one.close)
                await prepare(one)
            else:
                one = await stack.enter_async_context(target.acquire())
            if not await one.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
                raise SetupError("a firm is loaded by a superuser, since row-level security forbids COPY to others; give the owner's address")
            await one.execute("SET synchronous_commit = off; SET statement_timeout = 0; SET session_replication_role = replica")
            stack.push_async_callback(one.execute, "RESET synchronous_commit; RESET statement_timeout; RESET session_replication_role")
            pair.append(one)
        yield pair[0], pair[1]


async def _copy_golden(connection: Connection, task: Task, chunk: Chunk, ground: Ground) -> None:
    entity = task.source.entity
    golden, version = ground.columns[entity]
    await _copy(connection, "golden", entity, golden, chunk.lines.get("golden"))
    await _copy(connection, "golden", f"{entity}_version", version, chunk.lines.get("version"))


async def _copy_hub(connection: Connection, chunk: Chunk) -> None:
    for table, columns in (
        ("source_record", rows.SOURCE_COLUMNS), ("change", rows.CHANGE_COLUMNS), ("match_key", rows.KEY_COLUMNS),
        ("decision", rows.DECISION_COLUMNS),
    ):  # fmt: skip
        await _copy(connection, "hub", table, columns, chunk.lines.get(table))


async def _copy(connection: Connection, schema: str, table: str, columns: Sequence[str], lines: bytes | IO[bytes] | None) -> None:
    if lines:
        source = io.BytesIO(lines) if isinstance(lines, bytes) else lines
        await connection.copy_to_table(table, source=source, schema_name=schema, columns=columns, format="text", timeout=600)


async def _tidy(connection: Connection, sources: Sequence[Source]) -> None:
    """Tell the planner what there is now."""
    tables = [f"golden.{one.entity}{suffix}" for one in sources for suffix in ("", "_version")]
    hub = ["hub.source_record", "hub.change", "hub.feed", "hub.match_key", "hub.decision", "hub.task", "hub.former_value"]
    await connection.execute(f"VACUUM (ANALYZE) {', '.join([*tables, *hub])}", timeout=1800)
