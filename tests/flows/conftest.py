"""A hub without processes: a tenant with three systems, messages put in by hand, ingest run to the end."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from hub.core.configuration import Configuration, System
from hub.core.records import Golden
from hub.flows import receive
from hub.flows.ingest_loop import Ingester
from hub.flows.receive import Origin
from hub.flows.tenants import ensure_tenant
from hub.store import configuration, golden
from hub.store.inbox import NewMessage, Stored
from hub.store.pool import Pool, open_worker_pool
from hub.store.statements import Connection
from schema import ENTITIES
from schema.systems import BILL, CRM, ERP, PSA, SystemKind
from tests.conftest import Database
from tests.flows.delivering import Keeper, Receiver, a_receiver, a_tenant, worker_pool

SYSTEMS: dict[str, SystemKind] = {"crm": CRM, "psa": PSA, "erp": ERP, "bill": BILL}


@dataclass
class Hub:
    """What a test of a flow needs: say what systems tell, then look at what became of it."""

    pool: Pool
    tenant: int
    ingester: Ingester
    numbers: count[int]

    async def tell(
        self, system: str, object_: str, external_id: str, values: dict[str, Any] | None, *, key: str = "", version: str = "", **links: str
    ) -> list[Stored]:
        """One message in canonical words; ``values=None`` deletes the record. ``links``: system="object:id"."""
        body = dict(values or {})
        if links:
            body["$links"] = [[name, *told.partition(":")[::2]] for name, told in links.items()]
        message = NewMessage(
            system, object_, external_id, json.dumps(body).encode(), key or f"k{next(self.numbers)}", "test", values is None, version
        )
        async with self.pool.acquire() as connection, connection.transaction():
            return await receive.store(connection, Origin(self.tenant, "api", "test"), [message], datetime.now(UTC))

    async def settle(self) -> int:
        return await self.ingester.drain(self.tenant)

    async def told(self, *arguments: Any, **options: Any) -> UUID | None:
        """Tell, settle, and answer the golden id of the record told of."""
        await self.tell(*arguments, **options)
        await self.settle()
        return await self.golden_id(*arguments[:3])

    async def golden_id(self, system: str, object_: str, external_id: str) -> UUID | None:
        found: UUID | None = await self.pool.fetchval(
            "SELECT golden_id FROM hub.source_record WHERE tenant_id = $1 AND system = $2 AND object = $3 AND external_id = $4",
            self.tenant, system, object_, external_id,
        )  # fmt: skip
        return found

    async def golden(self, entity: str, id_: UUID | None) -> Golden:
        assert id_ is not None, "not linked"
        async with self.pool.acquire() as connection, connection.transaction():
            found = await golden.lock(connection, self.tenant, ENTITIES[entity], [id_])
        return found[id_].golden

    async def values(self, entity: str, id_: UUID | None) -> dict[str, Any]:
        return (await self.golden(entity, id_)).values

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[tuple[Connection, Configuration]]:
        async with self.pool.acquire() as connection, connection.transaction():
            yield connection, await self.ingester.configurations.get(connection, self.tenant)

    async def rows(self, sql: str, *arguments: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.pool.fetch(sql, *arguments)]

    async def tasks(self, state: str = "open") -> list[tuple[str, str, int]]:
        rows = await self.rows("SELECT cause, subject, count FROM hub.task WHERE tenant_id = $1 AND state = $2 ORDER BY id", self.tenant, state)
        return [(row["cause"], row["subject"], row["count"]) for row in rows]


@pytest.fixture
async def hub(database: Database) -> AsyncIterator[Hub]:
    pool = await open_worker_pool(database.worker_url, size=6)
    async with pool.acquire() as connection, connection.transaction():
        tenant = await ensure_tenant(connection, "north")
        for name, kind in SYSTEMS.items():
            await configuration.put_system(connection, tenant, System(name, kind))
    yield Hub(pool, tenant, Ingester(pool, "test"), count(1))
    await pool.close()


# what a test of delivery needs


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with worker_pool(database) as opened:
        yield opened


@pytest.fixture
async def keeper(pool: Pool) -> Keeper:
    return Keeper(pool, await a_tenant(pool))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with a_receiver() as opened:
        yield opened
