"""The first load of a matched entity: a file of a million records becomes golden records, links and keys in minutes.

For a tenant that holds none of the entity yet. The model is learned from a sample of the file (or is the one in force); pairs of
its automatic zone are linked under its guards, what is doubtful becomes questions. Records that name each other are linked first. That a
record is nearly as like one of another group makes a question of it online, but not here, nor at the re-evaluation of the next night
(:mod:`hub.core.match.regroup`), whose clusters these are. It takes the owner's login: row-level security forbids COPY to others. What comes
here is backfill: nothing of it is delivered, no event fires.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice, pairwise
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hub.core.match import spec_of
from hub.core.match.model import Model
from hub.errors import RequestError, SetupError
from hub.flows import load_setup, match_models
from hub.flows.load_plan import FilePlan
from hub.match import load_read, load_tasks, load_write
from hub.match.copying import BINARY_END, BINARY_HEAD, BLOCKING_COLUMNS, binary_keys, columns_of
from hub.match.engine import Engine, Pairs
from hub.match.load_groups import CERTAIN, Link, Pair, least_bits
from hub.match.load_read import Ground, Line, ReadChunk
from hub.match.load_tasks import Questions, packed
from hub.match.load_write import COLUMNS, Rows, Target, Written
from hub.match.processes import Workers, as_many_as_pay
from hub.match.train import trained
from hub.store import change_log, configuration, feed, likeness
from hub.store.pool import Pool, open_worker_pool, prepare
from hub.store.statements import Connection
from schema import ENTITIES

ACTOR = load_write.ACTOR
CHUNK = 4_000
SAMPLE = 40_000
AT_ONCE = 160_000
"""Records that are read from the engine at once: each time it goes over all it holds."""
QUESTIONS_AT_ONCE = 20_000
FEW_QUESTIONS = 2_000
KEYS_AT_ONCE = 500_000

Made = TypeVar("Made")
Read = Callable[[], Iterator[Line]]
"""Reads the file from its beginning."""
Told = Callable[[str, float], None]


@dataclass
class Loaded:
    """What a first load came to."""

    records: int = 0
    golden: int = 0
    linked: int = 0
    """Records that joined another one."""
    asked: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    """(line, reason)."""
    model_version: int = 0
    homes: dict[tuple[str, str], UUID] = field(default_factory=dict)
    """(system, external id) → golden record; filled when asked for."""
    beside: dict[tuple[str, str], int] = field(default_factory=dict)
    """(system, external id) → its group by the way to link that was only told of."""
    seconds: dict[str, float] = field(default_factory=dict)


async def first_load(
    address: str, tenant_id: int, plan: FilePlan, entity: str, read: Read, *, tell: Told = lambda what, share: None,
    processes: int | None = None, memory_gb: float = 2.5, with_homes: bool = False, link: Link = Link.CAREFUL,
    beside: Link | None = None,
) -> Loaded:  # fmt: skip
    """Load ``entity`` from a file into an empty tenant; ``address`` is the owner's (``HUB_DATABASE_URL``).

    ``beside``: another way to link, whose groups are told (``with_homes``) and not written.

    Raises :class:`SetupError` when the tenant holds such records already or the login may not do this, :class:`RequestError` when
    the entity is never compared or the plan's systems are not what they are said to be.
    """
    spec = spec_of(ENTITIES[entity])
    if spec is None:
        raise RequestError("NOT_COMPARED", f"{entity} is never compared", field="entity", remedy="Load it with: hub load.")
    many = as_many_as_pay() if processes is None else processes
    async with _connection(address) as (pool, tx):
        await load_setup.prepare(pool, tenant_id, plan)
        with Workers(many) as workers, Engine(spec, memory_gb=memory_gb) as engine:
            loading = _Loading(tenant_id, entity, read, tell, workers, (link, beside))
            await loading.begin(tx)
            await loading.learn(tx, spec)
            loading.fill(engine)
            pairs = loading.weigh(engine)
            await loading.write(tx, engine, pairs)
            await loading.ask(tx, engine, pairs)
            if with_homes:
                loading.name_homes(engine)
            await loading.end(tx)
    return loading.done


class _Loading:
    """One first load under way."""

    def __init__(self, tenant_id: int, entity: str, read: Read, tell: Told, workers: Workers, links: tuple[Link, Link | None]) -> None:
        self.links = links
        self.tenant_id, self.entity, self.read, self.tell, self.workers = tenant_id, entity, read, tell, workers
        self.meta, self.done = ENTITIES[entity], Loaded()
        self.golden_ids: list[UUID] = []
        self.home = np.empty(0, np.int32)
        """Row → place of its golden record among them."""
        self.beside = np.empty(0, np.int32)
        self._since = time.monotonic()

    def _timed(self, name: str) -> None:
        now = time.monotonic()
        self.done.seconds[name] = round(now - self._since, 2)
        self._since = now

    async def begin(self, tx: Connection) -> None:
        there = await tx.fetchval("SELECT EXISTS (SELECT FROM hub.source_record WHERE tenant_id = $1 AND entity = $2)", self.tenant_id, self.entity)
        if there:
            raise SetupError(f"the tenant holds {self.entity} records already; load these with 'hub load', and 'hub match again' looks at all")
        self.config = await configuration.read(tx, self.tenant_id, 0)
        self.at = datetime.now(UTC)
        tables = [f"golden.{self.entity}", f"golden.{self.entity}_version"]
        known = [[row["attname"] for row in await tx.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
            table)] for table in tables]  # fmt: skip
        golden, version = (tuple(columns_of(self.meta, one)) for one in known)
        self.target = Target(self.tenant_id, golden, version, *self.links)

    async def learn(self, tx: Connection, spec: Any) -> None:
        """The model in force, or one learned from a sample of the file, which is put in force."""
        model = self.config.models.get(self.entity)
        if model is None:
            self.tell("learning from a sample", 0.0)
            ground = Ground(self.config, self.entity, Model(spec), self.at)
            chunks = self.workers.in_order(load_read.forms_of_lines, (ground,), _chunks(_sample(self.read(), SAMPLE), CHUNK))
            found = trained(spec, [form for forms in chunks for form in forms], tell=lambda step, share: self.tell(f"learning: {step}", share))
            version = await match_models.store(tx, self.tenant_id, found.model, found.report, ACTOR)
            await likeness.put_in_force(tx, self.tenant_id, self.entity, version, ACTOR)
            await configuration.bump(tx, self.tenant_id)
            model = found.model.numbered(version)
        self.done.model_version = model.version
        self.ground = Ground(replace(self.config, models={}), self.entity, model, self.at)
        self.run_id = await likeness.start_run(tx, self.tenant_id, self.entity, "first_load", model.version, ACTOR)
        self._timed("learning")

    def fill(self, engine: Engine) -> None:
        """Contributions, forms and keys of every line into the engine."""
        engine.db.execute("CREATE TABLE contributions (id INTEGER, system VARCHAR, object VARCHAR, external_id VARCHAR, part VARCHAR, body BLOB, form BLOB, blocked BIGINT[], links VARCHAR[])")
        first = 0
        for chunk in self._read_chunks():
            engine.add(chunk.forms, chunk.keys, first=first)
            engine.db.register("given", chunk.contributions)
            engine.db.execute(f"INSERT INTO contributions SELECT id + {first}, * EXCLUDE id FROM given")
            engine.db.unregister("given")
            first += len(chunk.contributions)
            self.done.refused += chunk.refused
            self.tell(f"read and normalised {first:,}", 0.0)
        self.done.records = first
        self._timed("forms and keys")

    def _read_chunks(self) -> Iterator[ReadChunk]:
        yield from self.workers.in_order(load_read.read_chunk, (self.ground,), _chunks(self.read(), CHUNK))

    def weigh(self, engine: Engine) -> Pairs:
        """Candidate pairs from the review zone up, and records that name each other."""
        self.tell("candidate pairs", 0.0)
        engine.block()
        self.tell("scores", 0.0)
        pairs = with_declared(engine.score(self.ground.model, self.ground.model.threshold_review), *self._declared(engine))
        engine.db.execute("DROP TABLE weighed; DROP TABLE pairs")
        self._timed("candidates and scores")
        return pairs

    def _declared(self, engine: Engine) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Rows of which one names the other as itself; what is not in the file is no row."""
        key = f"concat_ws(chr({ord(load_read.SEPARATOR)}), c.system, c.object, c.external_id, c.part)"
        found = engine.db.execute(
            "SELECT DISTINCT least(l.id, c.id) AS a, greatest(l.id, c.id) AS b FROM (SELECT id, unnest(links) AS told FROM contributions) l "
            f"JOIN contributions c ON {key} = l.told AND c.id <> l.id"
        ).fetchnumpy()
        return found["a"], found["b"]

    async def write(self, tx: Connection, engine: Engine, pairs: Pairs) -> None:
        """Golden records, contributions, links, forms and keys."""
        count = self.done.records
        if not count:
            return
        last: int = await tx.fetchval(
            "SELECT max(nextval(pg_get_serial_sequence('hub.source_record', 'id'))) FROM generate_series(1, $1::bigint)", count, timeout=600
        )
        self.base = last - count + 1
        likely = pairs.weight >= least_bits(self.ground.model, self.target.link)
        near = components(pairs.a[likely], pairs.b[likely], count)
        engine.db.register("found", pa.table({"id": np.arange(count, dtype=np.int32), "near": near}))
        engine.db.execute("CREATE OR REPLACE TABLE near AS SELECT * FROM found")
        engine.db.unregister("found")
        await self._copy_blocking_keys(tx, engine)
        self._timed("blocking keys")
        links = _by_component(pairs, near)
        self.home, self.beside, done = np.empty(count, np.int32), np.empty(count, np.int32), 0
        async for written in self._in_order(load_write.write_chunk, (self.ground, self.target), self._rows(engine, near, links)):
            await self._copy(tx, written)
            self.done.golden += written.born
            done += len(written.rows)
            self._keep(written)
            await change_log.reconsider(
                tx, self.tenant_id, [{"entity": self.entity, "golden_id": one, "due_at": self.at, "cause": "source", "actor": ACTOR} for one in written.again]
            )
            self.tell("golden records", done / count)
        self.done.linked = count - len(self.golden_ids)
        self._timed("golden records")

    def _keep(self, written: Written) -> None:
        """Where each row went."""
        first = len(self.golden_ids)
        self.home[written.rows] = np.repeat(np.arange(first, first + len(written.sizes), dtype=np.int32), written.sizes)
        self.golden_ids += written.golden_ids
        for row, other in written.beside:
            self.beside[row] = other

    async def _in_order(self, work: Callable[..., Made], told: tuple[Any, ...], chunks: Iterator[Any]) -> AsyncIterator[Made]:
        """What ``work`` makes of chunks in processes beside, while what was made before is written."""
        begin: Callable[[Any], Future[Made]] = self.workers.begin(work, told)
        under_way: deque[Future[Made]] = deque()
        while True:
            for several in islice(chunks, self.workers.most_under_way - len(under_way)):
                under_way.append(begin(several))
            if not under_way:
                return
            yield await asyncio.wrap_future(under_way.popleft())

    def _rows(self, engine: Engine, near: NDArray[np.int32], links: dict[int, list[Pair]]) -> Iterator[Rows]:
        """Neighbourhoods in chunks, read from the engine in ranges of their numbers."""
        bounds = np.unique(np.append(np.sort(near)[::AT_ONCE], near.max() + 1)).tolist()
        for low, high in pairwise(bounds):
            table = engine.db.sql(
                f"SELECT n.near, c.* EXCLUDE links FROM near n JOIN contributions c USING (id) WHERE near >= {low} AND near < {high} ORDER BY n.near, c.id"
            ).to_arrow_table()
            numbers = table["near"].to_numpy()
            for first, length in _cuts(numbers, CHUNK):
                mine = np.unique(numbers[first : first + length]).tolist()
                yield Rows(packed(table.slice(first, length)), {one: links[one] for one in mine if one in links}, self.base)

    async def _copy(self, tx: Connection, written: Written) -> None:
        for table, columns in COLUMNS.items():
            await _copy(tx, "hub", table, columns, written.lines.get(table))
        await _copy(tx, "golden", self.entity, self.target.golden_columns, written.lines.get("golden"))
        await _copy(tx, "golden", f"{self.entity}_version", self.target.version_columns, written.lines.get("version"))

    async def _copy_blocking_keys(self, tx: Connection, engine: Engine) -> None:
        """Sorted by key, so that the index grows at its end."""
        reader = engine.db.sql("SELECT key, id FROM keys ORDER BY key, id").to_arrow_reader(KEYS_AT_ONCE)

        async def lines() -> AsyncIterator[bytes]:
            yield BINARY_HEAD
            for batch in reader:
                yield binary_keys(self.tenant_id, batch["key"].to_numpy(), batch["id"].to_numpy().astype(np.int64) + self.base)
            yield BINARY_END

        await tx.copy_to_table("blocking_key", source=lines(), schema_name="hub", columns=BLOCKING_COLUMNS, format="binary", timeout=3600)

    async def ask(self, tx: Connection, engine: Engine, pairs: Pairs) -> None:
        """One question for each two golden records that may be one, about their likest pair."""
        self.tell("questions", 0.0)
        async for written in self._in_order(load_tasks.question_lines, (self.ground, self.tenant_id), self._questions(engine, pairs)):
            self.done.asked += written.count(b"\n")
            await _copy(tx, "hub", "task", COLUMNS["task"], written)
            self.tell("questions", self.done.asked / len(pairs))
        self._timed("questions")

    def _questions(self, engine: Engine, pairs: Pairs) -> Iterator[Questions]:
        one, other = self.home[pairs.a].astype(np.int64), self.home[pairs.b].astype(np.int64)
        apart = np.flatnonzero(one != other)
        both = np.minimum(one, other)[apart] * len(self.golden_ids) + np.maximum(one, other)[apart]
        likest = np.sort(apart[np.unique(both, return_index=True)[1]])
        for first in range(0, len(likest), QUESTIONS_AT_ONCE):
            many = likest[first : first + QUESTIONS_AT_ONCE]
            table = engine.table(np.concatenate([pairs.a[many], pairs.b[many]])).sort_by("id")
            rows = table["id"].to_numpy()
            for at in range(0, len(many), FEW_QUESTIONS):
                mine = many[at : at + FEW_QUESTIONS]
                a, b = pairs.a[mine], pairs.b[mine]
                asked = [(*sorted((self.golden_ids[x], self.golden_ids[y])), row, column) for x, y, row, column in zip(
                    one[mine].tolist(), other[mine].tolist(), a.tolist(), b.tolist(), strict=True)]  # fmt: skip
                yield Questions(asked, packed(table.take(np.searchsorted(rows, np.unique(np.concatenate([a, b]))))))

    def name_homes(self, engine: Engine) -> None:
        is_beside = self.target.beside is not None
        for row, system, external_id in engine.db.execute("SELECT id, system, external_id FROM contributions").fetchall():
            self.done.homes[system, external_id] = self.golden_ids[self.home[row]]
            if is_beside:
                self.done.beside[system, external_id] = int(self.beside[row])

    async def end(self, tx: Connection) -> None:
        async with tx.transaction():
            await feed.sequence(tx, self.tenant_id)
        told = {"linked": self.done.linked, "golden": self.done.golden, "asked": self.done.asked, "refused": len(self.done.refused)}
        await likeness.end_run(tx, self.tenant_id, self.run_id, self.done.records, told)
        hub = ("source_record", "change", "feed", "match_key", "match_form", "blocking_key", "decision", "task")
        every = [f"golden.{self.entity}", f"golden.{self.entity}_version", *(f"hub.{one}" for one in hub)]
        await tx.execute(f"ANALYZE {', '.join(every)}", timeout=1800)
        self._timed("feed and statistics")


def with_declared(pairs: Pairs, a: NDArray[np.int32], b: NDArray[np.int32]) -> Pairs:
    """The pairs with those that are declared before all others.

    >>> some = Pairs(np.array([0, 1]), np.array([1, 2]), np.array([9.0, 7.0]))
    >>> with_declared(some, np.array([1]), np.array([2])).weight.tolist()
    [60.0, 9.0]
    """
    if not len(a):
        return pairs
    both_a, both_b = np.concatenate([a, pairs.a]), np.concatenate([b, pairs.b])
    weight = np.concatenate([np.full(len(a), CERTAIN), pairs.weight])
    first = np.sort(np.unique(both_a.astype(np.int64) << 32 | both_b, return_index=True)[1])
    return Pairs(both_a[first], both_b[first], weight[first])


def components(a: NDArray[np.int32], b: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    """Connected components: the least row of each row's component.

    >>> components(np.array([3, 1]), np.array([1, 2]), 5).tolist()
    [0, 1, 1, 1, 4]
    """
    near = np.arange(count, dtype=np.int32)
    while len(a):
        x, y = near[a], near[b]
        least = np.minimum(x, y)
        apart = x != y
        if not apart.any():
            break
        np.minimum.at(near, x[apart], least[apart])
        np.minimum.at(near, y[apart], least[apart])
        while True:
            shorter = near[near]
            if (shorter == near).all():
                break
            near = shorter
    return near


def _by_component(pairs: Pairs, near: NDArray[np.int32]) -> dict[int, list[Pair]]:
    """The pairs within each component, likest first."""
    found: dict[int, list[Pair]] = {}
    within = near[pairs.a] == near[pairs.b]
    for a, b, bits in zip(pairs.a[within].tolist(), pairs.b[within].tolist(), pairs.weight[within].tolist(), strict=True):
        found.setdefault(int(near[a]), []).append((a, b, bits))
    return found


def _cuts(near: NDArray[np.int32], size: int) -> Iterator[tuple[int, int]]:
    """(first, length) of slices of about ``size`` rows that tear no neighbourhood apart."""
    first = 0
    while first < len(near):
        until = min(first + size, len(near))
        until = int(np.searchsorted(near, near[until - 1], side="right"))
        yield first, until - first
        first = until


def _chunks(lines: Iterable[Line], size: int) -> Iterator[list[Line]]:
    waiting = iter(lines)
    while chunk := list(islice(waiting, size)):
        yield chunk


def _sample(lines: Iterable[Line], most: int) -> list[Line]:
    """Every so many lines, so that all parts of the file speak: each time the sample is full, every second line is dropped."""
    kept: list[Line] = []
    step = 1
    for at, line in enumerate(lines):
        if at % step == 0:
            kept.append(line)
            if len(kept) > most:
                kept, step = kept[::2], step * 2
    return kept


@asynccontextmanager
async def _connection(address: str) -> AsyncIterator[tuple[Pool, Connection]]:
    """The owner's login, which neither waits for the disk nor checks foreign keys row by row."""
    pool = await open_worker_pool(address, size=1, name="hub-first-load")
    tx = await asyncpg.connect(address, server_settings={"application_name": "hub-first-load"})
    try:
        await prepare(tx)
        if not await tx.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
            raise SetupError("a first load is done by a superuser, since row-level security forbids COPY to others; set HUB_DATABASE_URL to the owner's address")
        await tx.execute("SET synchronous_commit = off; SET statement_timeout = 0; SET session_replication_role = replica")
        yield pool, tx
    finally:
        await tx.close()
        await pool.close()


async def _copy(tx: Connection, schema: str, table: str, columns: Sequence[str], lines: bytes | None) -> None:
    if lines:
        await tx.copy_to_table(table, source=io.BytesIO(lines), schema_name=schema, columns=columns, format="text", timeout=600)


