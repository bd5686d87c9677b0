"""Load a file: every line becomes an inbox message, or is set aside with its number and reason. Next: ingest.

Reading, storing and folding overlap; memory holds one batch. The key of a message is the file's content, its line and the
object, so that loading a file again tells nothing new; under a changed mapping its lines are taken up again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from connectors.port import Incoming, dump_json
from hub.core.configuration import System
from hub.errors import RequestError, SetupError
from hub.faults import now, point
from hub.flows import load_setup, receive
from hub.flows.ingest_loop import GONE, Ingester
from hub.flows.load_plan import FilePlan, plan_of
from hub.flows.load_progress import Progress, progress_on
from hub.flows.load_report import Loaded, refusal_of, report_of
from hub.flows.receive import Origin
from hub.settings import Settings
from hub.store import inbox, loads, tasks
from hub.store.inbox import NewMessage
from hub.store.pool import Pool, open_worker_pool
from hub.store.statements import Connection
from schema.mapping import unbound

BATCH = 500
LANES = 2
LEASE_S = 10.0
PATIENCE_S = 60.0
"""How long nothing may move, while others hold our messages, before the load ends and says what is still open."""

KEPT_BYTES = 1_000_000
"""What is kept of a line that cannot be read."""

LOOKED_AT = 1000
_NOBODY = "\0"


class Bad(Protocol):
    """A line that is no record; ``raw`` is its beginning."""

    @property
    def number(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def raw(self) -> bytes: ...


Identify = Callable[[Mapping[str, Any]], str | None]
Read = Callable[[Path, str, Identify, Mapping[str, Any]], Iterator[tuple[Incoming | Any, int]]]
"""(file, object, identify, dialect) → each record or bad line with the byte offset behind it."""


async def main(
    settings: Settings, tenant: str, file: Path, system: str, entity: str, mapping: Path | None, kind: str = "", *, read: Read
) -> int:
    """``hub load``: load one file and print what became of it; 0 when the file was processed, whatever its lines were.

    Raises :class:`RequestError` or :class:`SetupError` when it cannot be.
    """
    plan = plan_of(mapping, system, entity, kind)
    pool = await open_pool(settings)
    try:
        tenant_id = await load_setup.tenant_of(pool, tenant)
        with progress_on(file.name) as progress:
            loaded = await load(pool, tenant_id, plan, file, read, progress)
        print(loaded.as_text())
        return 0
    except GONE as error:
        raise SetupError(f"the database went away ({type(error).__name__}); load the file again, and it goes on where it stopped") from error
    finally:
        await pool.close()


async def open_pool(settings: Settings) -> Pool:
    """Connections of ``hub_worker``; raises :class:`SetupError` when the database was never migrated."""
    try:
        return await open_worker_pool(settings.need("worker_url"), size=6, name="hub-load")
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
        raise SetupError("the database does not know hub_worker; run 'hub migrate' first") from error


async def load(
    pool: Pool, tenant_id: int, plan: FilePlan, file: Path, read: Read, progress: Progress | None = None, *, name: str = ""
) -> Loaded:
    """Load a file and wait until every line of it is folded; a running worker shares the work. ``name`` is shown for it.

    Raises :class:`RequestError` when the file or its systems are not what the plan says; nothing is stored then.
    """
    began = time.monotonic()
    ready = await load_setup.prepare(pool, tenant_id, plan)
    loading = _Loading(pool, tenant_id, plan, file, name or file.name, read, progress or Progress(), ready.systems, ready.is_remapped)
    loading.loaded.replaced = ready.replaced
    await loading.run()
    return await report_of(pool, tenant_id, loading.loaded, time.monotonic() - began)


@dataclass
class _Batch:
    good: list[NewMessage] = field(default_factory=list)
    bad: list[tuple[int, NewMessage, str]] = field(default_factory=list)
    """Lines set aside: number, what is kept of it, reason."""
    is_gathered: bool = False

    def __len__(self) -> int:
        return len(self.good) + len(self.bad)


class _Sight:
    """Identifies the records the reader passes by, and remembers the one at hand."""

    def __init__(self, identify: Identify, is_repeated: bool) -> None:
        self._identify, self._is_repeated = identify, is_repeated
        self.record: Mapping[str, Any] = {}

    def __call__(self, record: Mapping[str, Any]) -> str | None:
        self.record = record
        return self._identify(record) or (_NOBODY if self._is_repeated else None)


class _Loading:
    """One file under way: what was read of it, and what waits to be folded."""

    def __init__(
        self, pool: Pool, tenant_id: int, plan: FilePlan, file: Path, name: str, read: Read, progress: Progress,
        systems: Mapping[str, System], is_remapped: bool,
    ) -> None:  # fmt: skip
        self.pool, self.tenant_id, self.plan, self.file, self.read = pool, tenant_id, plan, file, read
        self.progress, self.systems, self.is_remapped = progress, systems, is_remapped
        self.key = file_key(file, plan)
        objects = {name: tuple(one.entity for one in plan.mappings.get(name, ())) or (name,) for name in plan.objects}
        self.loaded = Loaded(name, f"{self.key}:", objects, plan.systems)
        self._every = tuple(one for some in plan.mappings.values() for one in some)
        self.origin = Origin(tenant_id, "file", f"file:{name[:80]}")
        self.ingester = Ingester(pool, f"{socket.gethostname()}:{os.getpid()}:load", BATCH, LEASE_S, LANES)
        self._seen: set[tuple[str, str]] = set()
        self._looked_at = 0
        self._is_read = False
        self._folding: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Store and fold side by side; when storing fails, so does the load."""
        self._folding = folding = [asyncio.create_task(self._fold()) for _ in range(LANES)]
        try:
            self.progress.reads(self.file.stat().st_size * len(self.plan.objects))
            for object_ in self.plan.objects:
                await self._store_object(object_)
                if object_ != self.plan.objects[-1]:
                    await self._until_settled()  # else a child may be folded beside its parent, and then twice
            self._is_read = True
            await asyncio.gather(*folding)
            await self._wait_for_others()
        finally:
            for one in folding:
                one.cancel()
            await asyncio.gather(*folding, return_exceptions=True)

    # storing

    async def _store_object(self, object_: str) -> None:
        is_repeated = object_ in self.plan.repeats
        sight = _Sight(self.plan.identify(object_), is_repeated)
        batch, behind = _Batch(), 0
        for found, offset in self.read(self.file, object_, sight, self.plan.dialect):
            self.loaded.read += not is_repeated
            if not isinstance(found, Incoming):
                if not is_repeated:
                    self._set_aside(batch, object_, found.number, found.reason, self._verbatim(found.raw, behind, offset))
            elif found.external_id != _NOBODY:
                self._take(batch, found, sight.record, is_repeated)
            self.progress.read_on(offset - behind)
            behind = offset
            if len(batch) >= BATCH:
                await self._flush(batch)
                batch = _Batch()
        await self._flush(batch)

    def _take(self, batch: _Batch, found: Incoming, record: Mapping[str, Any], is_repeated: bool) -> None:
        self._look_at(record)
        system = self._system_of(record)
        if self.plan.system and self.plan.system_column and system != self.plan.system:
            self.loaded.skipped += 0 if is_repeated else 1
            return
        if system not in self.systems:
            if not is_repeated:
                reason = f"{self.plan.system_column} says {system[:40]!r}, which is no system we know"
                self._set_aside(batch, found.object, found.line, reason, found.body)
            return
        if is_repeated:
            if (system, found.external_id) in self._seen:
                return
            self._seen.add((system, found.external_id))
        body = found.body
        if not self.plan.mappings and "id" in record:
            body = dump_json({key: value for key, value in record.items() if key != "id"})
        message = NewMessage(
            system, found.object, found.external_id, body, f"{self.key}:{found.line}:{found.object}", self._place(found.line)
        )
        try:
            receive.check(message)
        except RequestError as error:
            if not is_repeated:
                self._set_aside(batch, found.object, found.line, str(error), body)
            return
        batch.good.append(message)
        batch.is_gathered = is_repeated

    def _look_at(self, record: Mapping[str, Any]) -> None:
        """Which columns nobody reads shows within the first records."""
        if self._every and self._looked_at < LOOKED_AT:
            self._looked_at += 1
            self.loaded.unbound |= unbound(self._every, record) - {self.plan.system_column}

    def _system_of(self, record: Mapping[str, Any]) -> str:
        if not self.plan.system_column:
            return self.plan.system
        return str(record.get(self.plan.system_column) or "").strip()

    def _set_aside(self, batch: _Batch, object_: str, line: int, reason: str, raw: bytes) -> None:
        key = f"{self.key}:{line}:{object_}"
        message = NewMessage(self.plan.systems[0], object_, f"line {line}", raw[:KEPT_BYTES], key, self._place(line))
        batch.bad.append((line, message, reason))

    def _place(self, line: int) -> str:
        return f"{self.loaded.file[:80]} line {line}"

    def _verbatim(self, beginning: bytes, start: int, end: int) -> bytes:
        """The whole line, of which the reader tells the beginning only."""
        with self.file.open("rb") as stream:
            stream.seek(start)
            raw = stream.read(min(end - start, 2 * KEPT_BYTES))
        at = raw.find(beginning)
        return raw[at:].rstrip(b"\r\n") if at >= 0 else beginning

    async def _flush(self, batch: _Batch) -> None:
        if not len(batch):
            return
        async with self.pool.acquire() as connection, connection.transaction():
            at = now()
            stored = await receive.store(connection, self.origin, batch.good, at) if batch.good else []
            if self.is_remapped:
                again = [(s.id, m.system, m.object, m.external_id) for s, m in zip(stored, batch.good, strict=True) if s.status == "repeat"]
                await inbox.reopen(connection, self.tenant_id, again)
            aside = await self._quarantine(connection, batch.bad, at) if batch.bad else []
        for one, message in zip(stored, batch.good, strict=True):
            self.loaded.count(message, one, is_gathered=batch.is_gathered)
        for one, (line, message, reason) in zip(aside, batch.bad, strict=True):
            self.loaded.count(message, one, line=line, reason=reason)
        point("load.middle")
        self.progress.stored(sum(one.status == "new" for one in stored))

    async def _quarantine(self, tx: Connection, bad: list[tuple[int, NewMessage, str]], at: datetime) -> list[inbox.Stored]:
        """Keep bad lines and settle them at once: one task for each kind of problem, with a count."""
        stored = await inbox.store(
            tx, self.tenant_id, [message for _, message, _ in bad],
            channel=self.origin.channel, actor=self.origin.actor, received_at=at,
        )  # fmt: skip
        new = [
            (one.id, message, refusal_of(message, reason))
            for one, (_, message, reason) in zip(stored, bad, strict=True) if one.status == "new"
        ]  # fmt: skip
        ids = await tasks.open_tasks(tx, self.tenant_id, [task for _, _, task in new])
        rows = [
            {
                "inbox_id": id_, "outcome": "quarantined", "task_id": ids[task.cause, task.subject],
                "detail": [{"cause": task.cause, "field": "", "reason": task.reason, "remedy": task.remedy}],
            }
            for id_, _, task in new
        ]  # fmt: skip
        await inbox.settle(tx, self.tenant_id, [id_ for id_, *_ in new], rows)
        return stored

    # folding

    async def _fold(self) -> None:
        """Fold what is stored until the file is read and nothing is due."""
        while True:
            was_read = self._is_read
            did = await self.ingester.ingest_once(self.tenant_id)
            self.progress.folded(did)
            did += await self.ingester.reconsider_once(self.tenant_id)
            if not did:
                if was_read:
                    return
                await asyncio.sleep(0.05)

    async def _wait_for_others(self) -> None:
        """Messages of ours that other workers hold, or that wait for a write of ours to settle."""
        await self._until_settled()
        await self._fold()

    async def _until_settled(self) -> None:
        """Wait while anybody settles messages of ours; somebody who holds them for ever does not hold up the load."""
        open_now, moved_at = await self._open(), time.monotonic()
        while open_now and time.monotonic() - moved_at < PATIENCE_S:
            await asyncio.sleep(0.05)
            if self._is_read:
                await self._fold()
            for one in self._folding:
                if one.done():
                    one.result()
            left = await self._open()
            if left != open_now:
                open_now, moved_at = left, time.monotonic()

    async def _open(self) -> int:
        async with self.pool.acquire() as connection:
            return await loads.still_open(connection, self.tenant_id, self.loaded.span)


def file_key(file: Path, plan: FilePlan) -> str:
    """A name for the file's content as this plan reads it: the same content under another name is the same file."""
    ids = {name: some[0].id for name, some in plan.mappings.items()}
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    digest.update(json.dumps([dict(plan.dialect), ids, plan.system_column], sort_keys=True, default=str).encode())
    return f"file:{digest.hexdigest()[:24]}"
