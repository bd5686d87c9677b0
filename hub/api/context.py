"""What one request carries: who asks, how to read, what is already being read, clock and ids."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as make
from datetime import datetime
from functools import cached_property, partial
from typing import Any
from uuid import UUID

import asyncpg
from strawberry.dataloader import DataLoader

from connectors.port import Connector
from hub.api.access import Principal
from hub.api.names import Reverse, reverses
from hub.api.past import AsOf
from hub.api.patience import Registered
from hub.api.plan import Compare, Op, Page, Plan, golden_shape
from hub.api.read import Reader
from hub.api.rows import confine
from hub.api.values import Row
from hub.flows.instants import Instants
from hub.flows.receive import Receiver
from hub.settings import Settings
from hub.store.configuration import ConfigurationCache
from hub.store.pool import Pool, TenantPool
from schema import ENTITIES
from schema.language import EntityMeta

REVERSES: Mapping[str, Sequence[Reverse]] = reverses(ENTITIES.values())


@dataclass(frozen=True)
class Services:
    """What lives as long as the process: pools, secret, clock and the maker of ids."""

    api_pool: TenantPool
    worker_pool: Pool
    secret: bytes
    feed_key: str
    now: Callable[[], datetime]
    new_id: Callable[[], UUID]
    configurations: ConfigurationCache
    receiver: Receiver
    settings: Settings
    resources_of: Callable[[Mapping[str, Any], Mapping[str, str]], tuple[str, ...]]
    """(document, variables) → what its connector can poll; raises ConfigurationError for a document it cannot use."""
    extended: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    """A document with what it extends below it; raises ConfigurationError for one that extends nothing we ship."""
    connector_of: Callable[[int, str], Awaitable[Connector | None]]
    """(tenant, system) → its connector; None when it has none or cannot be used."""

    @cached_property
    def instants(self) -> Instants:
        return Instants(self.worker_pool)


@dataclass
class Context:
    """One request. Loaders gather what resolvers of one level ask for into one statement."""

    services: Services
    principal: Principal
    correlation_id: str
    variables: Mapping[str, Any] = make(default_factory=dict)
    settling: asyncio.Future[AsOf] | None = None
    """The instant the request reads as of, once a field states one; see :mod:`hub.api.as_of`."""
    _loaders: dict[Hashable, DataLoader[Any, Any]] = make(default_factory=dict)

    def __post_init__(self) -> None:
        self.reader = Reader(self.services.api_pool, self.principal.tenant_id)

    async def row(self, meta: EntityMeta, golden_id: UUID) -> Row | None:
        """A golden record by its id, or that of a record merged into it."""
        found: Row | None = await self._load(("row", meta.name), partial(_rows, self, meta), golden_id)
        return found

    async def entity_of(self, golden_id: UUID) -> EntityMeta | None:
        name = await self._load("entity", self.reader.entities_of, golden_id)
        return ENTITIES.get(name) if name else None

    async def golden_id(self, meta: EntityMeta, system: str, object: str | None, external_id: str) -> UUID | None:
        """Which golden record a system's record belongs to."""
        key = (system, object, external_id)
        load = partial(self.reader.by_source, meta.name)
        found: UUID | None = await self._load(("source", meta.name), load, key)
        return found

    async def children(self, plan: Plan, column: str, parent: UUID, key: str) -> list[asyncpg.Record]:
        """A page of the rows whose ``column`` names the parent; ``key`` names the plan."""
        load = partial(self.reader.rows_of_parents, plan, column)
        return await self._load(("children", plan.shape.view, column, key), load, parent) or []

    async def child_count(self, plan: Plan, column: str, parent: UUID, key: str) -> int:
        load = partial(self.reader.count_of_parents, plan, column)
        return await self._load(("count", plan.shape.view, column, key), load, parent) or 0

    async def load(self, name: Hashable, load: Callable[[Any], Awaitable[Mapping[Any, Any]]], key: Any) -> Any:
        """What ``load`` finds for a key; what one level asks for under one name is loaded at once."""
        return await self._load(name, load, key)

    async def sources(self, golden_id: UUID) -> list[asyncpg.Record]:
        return await self._load("sources", self.reader.sources, golden_id) or []

    async def lineage(self, row: Row) -> Mapping[str, Sequence[Any]]:
        async def load(versions: Sequence[tuple[UUID, int]]) -> dict[Any, Any]:
            found = await self.reader.lineage(row.meta, versions)
            return {version: found.get(version[0]) for version in versions}

        return await self._load(("lineage", row.meta.name), load, (row.id, row.record["version"])) or {}

    async def decision(self, decision_id: int) -> asyncpg.Record | None:
        return await self._load("decision", self.reader.decisions, decision_id)

    async def task(self, task_id: int) -> asyncpg.Record | None:
        return await self._load("task", self.reader.tasks, task_id)

    async def subscription(self, subscription_id: UUID) -> asyncpg.Record | None:
        return await self._load("subscription", self.reader.subscriptions, subscription_id)

    async def of_system(self, view: str, name: str) -> list[asyncpg.Record]:
        return await self._load(("of_system", view), partial(self.reader.of_systems, view), name) or []

    async def attempts(self, lane: tuple[UUID, UUID, str]) -> list[asyncpg.Record]:
        return await self._load("attempts", self.reader.attempts, lane) or []

    def forget(self, name: Hashable) -> None:
        """What :meth:`load` found under a name is read anew when it is asked for again."""
        self._loaders.pop(name, None)

    async def _load(self, name: Hashable, load: Callable[[Any], Awaitable[Mapping[Any, Any]]], key: Any) -> Any:
        loader = self._loaders.get(name)
        if loader is None:

            async def in_order(keys: list[Any]) -> list[Any]:
                with Registered():
                    found = await load(keys)
                return [found.get(each) for each in keys]

            loader = self._loaders[name] = DataLoader(load_fn=in_order, max_batch_size=1000)
        return await loader.load(key)


async def _rows(context: Context, meta: EntityMeta, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Rows by id; a second statement looks after forwarded ids, only when some were not found."""
    role = context.principal.role
    found = {golden_id: Row(meta, record, role) for golden_id, record in (await _by_id(context, meta, ids)).items()}
    missing = [golden_id for golden_id in ids if golden_id not in found]
    survivors = await context.reader.survivors(missing) if missing else {}
    if survivors:
        merged = await _by_id(context, meta, list(set(survivors.values())))
        found |= {loser: Row(meta, merged[to], role) for loser, to in survivors.items() if to in merged}
    return found


async def _by_id(context: Context, meta: EntityMeta, ids: Sequence[UUID]) -> Mapping[UUID, asyncpg.Record]:
    """The records of these ids that the key sees."""
    scope = context.principal.scope
    if not scope:
        return await context.reader.by_id(meta, ids)
    shape = golden_shape(meta)
    where = confine(meta, Compare("id", Op.IN, tuple(ids)), scope)
    return {row["id"]: row for row in await context.reader.rows(Plan(shape, tuple(shape.columns), where, page=Page(len(ids))))}


def plan_key(arguments: Mapping[str, Any]) -> str:
    """Names a list's arguments, so that equal ones share a loader and a cursor fits its list."""
    return json.dumps(arguments, sort_keys=True, default=str, separators=(",", ":"))
