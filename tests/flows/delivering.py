"""Builders for tests of the way out: tenants, golden records and changes, written directly and not through ingest."""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from aiohttp import web

from connectors.memory import MemoryConnector, MemorySystem
from connectors.port import ObjectCapabilities
from hub.core.configuration import System
from hub.core.records import Change, Golden, Lineage, Values
from hub.flows.addresses import networks
from hub.flows.deliver import ConnectorOf, Deliverer
from hub.flows.send_webhook import open_session
from hub.flows.subscriptions import create_subscription, set_mode
from hub.settings import Settings
from hub.store import configuration, golden
from hub.store.pool import Pool, open_worker_pool
from schema import ENTITIES
from schema.systems import SystemKind
from tests.conftest import Database


@asynccontextmanager
async def worker_pool(database: Database, size: int = 8) -> AsyncIterator[Pool]:
    pool = await open_worker_pool(database.worker_url, size)
    try:
        yield pool
    finally:
        await pool.close()


async def a_tenant(pool: Pool, slug: str = "acme") -> int:
    tenant_id: int = await pool.fetchval("INSERT INTO hub.tenant (slug, name) VALUES ($1, $1) RETURNING id", slug)
    await pool.execute("INSERT INTO hub.feed_head (tenant_id) VALUES ($1)", tenant_id)
    return tenant_id


async def append_change(
    connection: asyncpg.Connection,
    tenant_id: int,
    golden_id: UUID,
    version: int,
    *,
    entity: str = "client",
    op: str = "update",
    before: Values | None = None,
    after: Values | None = None,
    is_backfill: bool = False,
    actor: str = "crm",
    correlation_id: str = "c-1",
) -> int:
    """One row of ``change``; answers its id. Nobody is notified."""
    change_id: int = await connection.fetchval(
        "INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, correlation_id,"
        " is_backfill, at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'source', $8, $9, $10, clock_timestamp()) RETURNING id",
        tenant_id, entity, golden_id, version, op, before or {}, after or {"name": f"v{version}"}, actor,
        correlation_id, is_backfill,
    )  # fmt: skip
    return change_id


@dataclass
class Keeper:
    """Keeps golden records as ingest would: the row, its version, its change, and the doorbell."""

    pool: Pool
    tenant_id: int
    values: dict[UUID, Values] = field(default_factory=dict)
    versions: dict[UUID, int] = field(default_factory=dict)

    async def save(
        self,
        entity: str = "client",
        golden_id: UUID | None = None,
        *,
        source_id: int = 0,
        op: str = "",
        record_state: str = "active",
        is_backfill: bool = False,
        correlation_id: str = "c-1",
        notify: bool = True,
        actor: str = "crm",
        **changed: Any,
    ) -> UUID:
        """A new golden record, or the next version of one, with these values changed."""
        golden_id = golden_id or uuid4()
        before = self.values.get(golden_id, {})
        after = {name: value for name, value in (before | changed).items() if value is not None}
        version = self.versions.get(golden_id, 0) + 1
        at = datetime.now(UTC)
        meta = ENTITIES[entity]
        source_id = source_id or await self._state(golden_id, entity, after, at)
        lineage = {name: Lineage(source_id, 0, "owner", False) for name in after}
        record = Golden(golden_id, entity, after, lineage, version=version, record_state=record_state)
        step = Change(
            golden_id, entity, version, op or ("create" if version == 1 else "update"),
            {name: before.get(name) for name in changed}, dict(changed), "source", "crm",
            correlation_id, at, is_backfill=is_backfill,
        )  # fmt: skip
        async with self.pool.acquire() as connection, connection.transaction():
            await golden.save(connection, self.tenant_id, meta, [golden.version_row(self.tenant_id, meta, record, at, at)])
            await append_change(
                connection, self.tenant_id, golden_id, version, entity=entity, op=step.op, before=step.before,
                after=step.after, is_backfill=is_backfill, correlation_id=correlation_id, actor=actor,
            )  # fmt: skip
            if notify:
                await connection.execute("SELECT pg_notify('hub_change', $1)", str(self.tenant_id))
        self.values[golden_id], self.versions[golden_id] = after, version
        return golden_id


    async def _state(self, golden_id: UUID, entity: str, values: Values, at: datetime) -> int:
        """The contribution of the CRM that all values come from; answers its id."""
        source_id: int = await self.pool.fetchval(
            'INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, golden_id, "values", since, state)'
            " VALUES ($1, 'crm', $2, $3, $2, $4, $5, $6, 'present') ON CONFLICT (tenant_id, system, object, external_id,"
            ' entity, part) DO UPDATE SET "values" = excluded."values", since = excluded.since RETURNING id',
            self.tenant_id, entity, str(golden_id), golden_id, values, {"*": golden.instant_text(at)},
        )  # fmt: skip
        return source_id


async def feed_rows(pool: Pool, tenant_id: int) -> Sequence[asyncpg.Record]:
    """(position, change id, golden id, version) in order of position."""
    rows: Sequence[asyncpg.Record] = await pool.fetch(
        "SELECT f.position, c.id, c.golden_id, c.version FROM hub.feed f JOIN hub.change c"
        " ON c.tenant_id = f.tenant_id AND c.id = f.change_id WHERE f.tenant_id = $1 ORDER BY f.position",
        tenant_id,
    )
    return rows


@dataclass
class Receiver:
    """A webhook's other end on loopback: keeps what came, answers as told, and can be away."""

    answers: list[Any] = field(default_factory=list)
    """What the next requests get: a status, or (status, headers), or a function of the request; then 204."""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.got.append(({name.lower(): value for name, value in request.headers.items()}, body))
        self.came.set()
        answer = self.answers.pop(0) if self.answers else 204
        if callable(answer):
            answer = await answer(json.loads(body))
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        return web.Response(status=status, headers=headers)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]

    def told(self) -> list[tuple[str, int]]:
        """(golden id, version) in the order received; what concerns the feed itself is none."""
        told = [event["data"]["record"] for event in self.events if "record" in event["data"]]
        return [(record["id"], record["version"]) for record in told]


@asynccontextmanager
async def a_receiver(*answers: Any) -> AsyncIterator[Receiver]:
    receiver = Receiver(list(answers))
    application = web.Application()
    application.router.add_post("/{tail:.*}", receiver.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    receiver.url = f"http://127.0.0.1:{port}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()


async def no_connector(tenant_id: int, system: str) -> None:
    return None


@asynccontextmanager
async def a_deliverer(
    pool: Pool, settings: Settings, connector_of: ConnectorOf = no_connector, **options: Any
) -> AsyncIterator[Deliverer]:
    """The loop of the deliver process, running."""
    stop = asyncio.Event()
    settings = replace(settings, sweep_s=options.pop("sweep_s", 0.1), lease_s=options.pop("lease_s", 5.0))
    async with open_session(networks(settings.webhook_networks)) as session:
        deliverer = Deliverer(pool, settings, connector_of, session, **options)
        running = asyncio.create_task(deliverer.run(stop))
        try:
            yield deliverer
        finally:
            stop.set()
            await running


async def eventually(holds: Callable[[], Any], timeout_s: float = 5.0) -> Any:
    """Wait until a (possibly asynchronous) statement is true; answers its value."""
    give_up_at = time.monotonic() + timeout_s
    while True:
        value = holds()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        assert time.monotonic() < give_up_at, f"not within {timeout_s} s"
        await asyncio.sleep(0.01)


async def lane_states(pool: Pool, tenant_id: int) -> dict[UUID, str]:
    rows = await pool.fetch("SELECT golden_id, state FROM hub.lane WHERE tenant_id = $1", tenant_id)
    return {row["golden_id"]: row["state"] for row in rows}


async def is_gathered(pool: Pool, tenant_id: int) -> bool:
    """Everything is sequenced and fanned out."""
    return bool(
        await pool.fetchval(
            "SELECT (SELECT count(*) FROM hub.change WHERE tenant_id = $1)"
            " = (SELECT position FROM hub.feed_head WHERE tenant_id = $1)"
            " AND NOT EXISTS (SELECT FROM hub.subscription s JOIN hub.feed_head h USING (tenant_id)"
            " WHERE s.tenant_id = $1 AND s.state = 'active' AND s.kind <> 'pull' AND s.position < h.position)",
            tenant_id,
        )
    )


async def is_settled(pool: Pool, tenant_id: int) -> bool:
    """Everything is sequenced and fanned out, and no lane is due or leased."""
    return bool(
        await pool.fetchval(
            "SELECT NOT EXISTS (SELECT FROM hub.lane WHERE tenant_id = $1 AND state IN ('due', 'leased'))"
            " AND (SELECT count(*) FROM hub.change WHERE tenant_id = $1)"
            " = (SELECT position FROM hub.feed_head WHERE tenant_id = $1)"
            " AND NOT EXISTS (SELECT FROM hub.subscription s JOIN hub.feed_head h USING (tenant_id)"
            " WHERE s.tenant_id = $1 AND s.state = 'active' AND s.kind <> 'pull' AND s.position < h.position)",
            tenant_id,
        )
    )


MAPPINGS: dict[str, Any] = {
    "mappings": [
        {
            "object": "account", "entity": "client", "id": "id", "version": "version", "natural_key": ["name"],
            "fields": {
                "name": "name", "phone": "phone", "city": "city", "tier": {"path": "tier", "code": "TIER"},
                "account_manager": {"path": "manager", "reference": "person"},
            },
        },
        {
            "object": "person", "entity": "resource", "id": "id", "version": "version",
            "fields": {"family_name": "last_name", "work_email": "mail"},
        },
        {
            "object": "site", "entity": "client_site", "id": "id", "version": "version",
            "fields": {"city": "city", "client": {"path": "account", "reference": "account"}},
        },
        {
            "object": "project", "entity": "project", "id": "id", "version": "version",
            "fields": {"name": "name", "client": {"path": "account", "reference": "account"}},
        },
        {
            "object": "posting", "entity": "time_entry", "id": "id", "version": "version",
            "fields": {
                "resource": {"path": "person", "reference": "person"}, "project": {"path": "project", "reference": "project"},
                "work_date": "day", "quantity": {"path": "hours", "as": "quantity", "unit": "hour"},
                "correction_of": {"path": "reverses", "reference": "posting"},
            },
        },
    ]
}  # fmt: skip
"""How the systems of these tests read and write records."""

MASTER = ObjectCapabilities(can_create=True, can_update=True, can_deactivate=True, has_unique_external_id=True, keeps_our_key=True)
KEYLESS = ObjectCapabilities(can_create=True, can_update=True)
POSTING = ObjectCapabilities(can_create=True, has_unique_external_id=True, keeps_our_key=True)


@dataclass
class Target:
    """A connected system of the memory kind, subscribed to the tenant's changes."""

    keeper: Keeper
    settings: Settings
    system: MemorySystem
    connector: MemoryConnector
    subscription_id: UUID

    async def connector_of(self, tenant_id: int, system: str) -> MemoryConnector | None:
        return self.connector if system == self.system.name else None

    async def write_mode(self, entity: str = "*", group: str = "*", mode: str = "write") -> None:
        await set_mode(self.keeper.pool, self.keeper.tenant_id, self.system.name, entity, group, mode)

    def running(self, **options: Any) -> AbstractAsyncContextManager[Deliverer]:
        return a_deliverer(self.keeper.pool, self.settings, self.connector_of, **({"call_timeout_s": 1.0} | options))

    async def settled(self) -> None:
        await eventually(lambda: is_settled(self.keeper.pool, self.keeper.tenant_id))

    async def gathered(self) -> None:
        """Until lanes want everything there is, though their system may be paused."""
        await eventually(lambda: is_gathered(self.keeper.pool, self.keeper.tenant_id))


def running_all(*targets: Target, **options: Any) -> AbstractAsyncContextManager[Deliverer]:
    """One deliver process with the connectors of several systems."""
    connectors = {target.system.name: target.connector for target in targets}

    async def connector_of(tenant_id: int, system: str) -> MemoryConnector | None:
        return connectors.get(system)

    return a_deliverer(targets[0].keeper.pool, targets[0].settings, connector_of, **({"call_timeout_s": 1.0} | options))


MEMORY_OPTIONS = ("requests_per_s", "concurrency", "requests_per_day", "bulk_size", "answers_after_s")


async def a_target(
    keeper: Keeper,
    settings: Settings,
    name: str = "erp",
    *,
    objects: dict[str, ObjectCapabilities] | None = None,
    mode: str = "write",
    filter: dict[str, Any] | None = None,
    corrects: bool = False,
    brake: dict[str, Any] | None = None,
    go_live: str | None = None,
    mappings: list[dict[str, Any]] | None = None,
    with_snapshot: bool = False,
    **system_options: Any,
) -> Target:
    told = {name: system_options.pop(name) for name in MEMORY_OPTIONS if name in system_options}
    defaults = {"account": MASTER, "person": MASTER, "site": MASTER, "project": MASTER, "posting": POSTING}
    system = MemorySystem(name=name, objects=defaults | (objects or {}), id_prefix=f"{name}-", **told)
    async with keeper.pool.acquire() as connection, connection.transaction():
        described = System(name, SystemKind(system_options.pop("kind", "erp")), connector="memory", corrects=corrects, **system_options)
        await configuration.put_system(connection, keeper.tenant_id, described)
        await configuration.put_mapping(connection, keeper.tenant_id, name, {"mappings": mappings} if mappings else MAPPINGS)
        if go_live is not None:
            await connection.execute("UPDATE hub.system SET go_live = $1 WHERE name = $2", date.fromisoformat(go_live), name)
        if brake is not None:
            await connection.execute("UPDATE hub.system SET brake = $1 WHERE name = $2", brake, name)
    created = await create_subscription(
        keeper.pool, settings, keeper.tenant_id, subscription_id=uuid4(), name=name, kind="connector", system=name,
        filter=filter or {}, with_snapshot=with_snapshot,
    )  # fmt: skip
    target = Target(keeper, settings, system, MemoryConnector(system), created.id)
    await target.write_mode(mode=mode)
    return target


async def contribute(
    keeper: Keeper,
    system: str,
    object: str,
    external_id: str,
    entity: str,
    golden_id: UUID | None,
    values: Values,
    *,
    since: str = "2026-01-01T00:00:00.000000Z",
    state: str = "present",
    version: str = "000000000001",
) -> int:
    """What a system says of a golden record, as ingest would have stored it; answers its id."""
    source_id: int = await keeper.pool.fetchval(
        'INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, golden_id, "values", since, state,'
        " version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        keeper.tenant_id, system, object, external_id, entity, golden_id, values, {"*": since}, state, version,
    )  # fmt: skip
    return source_id


async def open_tasks(keeper: Keeper) -> list[tuple[str, str, int]]:
    """(cause, subject, count) of the open tasks."""
    rows = await keeper.pool.fetch("SELECT cause, subject, count FROM hub.task WHERE state = 'open' ORDER BY cause, subject")
    return [tuple(row) for row in rows]


async def attempts_made(pool: Pool) -> dict[str, int]:
    """State → number of attempts."""
    return dict(tuple(row) for row in await pool.fetch("SELECT state, count(*) FROM hub.attempt GROUP BY state"))
