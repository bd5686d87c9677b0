"""An api on a database of its own, and builders of rows that take only what matters."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hub.app import create_app
from hub.core.records import Golden, Lineage
from hub.embedded import Embedded
from hub.settings import Settings
from hub.store import golden as golden_store
from hub.store.ids import new_id
from hub.store.pool import TenantPool, open_worker_pool
from schema import ENTITIES
from tests.api.served import server
from tests.conftest import Database, _settings_for

__all__ = ["server"]

_numbers = count(1)
AT = datetime(2026, 5, 17, 8, 11, 52, tzinfo=UTC)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        assert "errors" not in self.json, self.json["errors"]
        return self.json["data"]

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.json["errors"]]


@dataclass
class Tenant:
    """One tenant with a key per role."""

    id: int
    slug: str
    keys: dict[str, str] = field(default_factory=dict)


class Api:
    """Speaks ASGI to the application, as a server would."""

    def __init__(self, app: Any, pool: asyncpg.Pool, database: Database) -> None:
        self.app, self.pool, self.database = app, pool, database
        self.statements = 0

    async def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None, query: str = ""
    ) -> Answer:
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
            "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "scheme": "http",
            "server": ("test", 80), "client": ("127.0.0.1", 1), "state": {},
            "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
        }  # fmt: skip
        pieces = [body[at : at + 65536] for at in range(0, len(body), 65536)] or [b""]
        sent: dict[str, Any] = {"body": b""}

        async def receive() -> dict[str, Any]:
            piece = pieces.pop(0) if pieces else b""
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def answer(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                sent["status"] = message["status"]
                sent["headers"] = {k.decode(): v.decode() for k, v in message["headers"]}
            else:
                sent["body"] += message.get("body", b"")

        await self.app(scope, receive, answer)
        return Answer(sent["status"], sent["headers"], sent["body"])

    async def ask(self, bearer: str, query: str, /, accept: str = "application/json", **variables: Any) -> Answer:
        """Run a GraphQL document with a key; ``statements`` tells how many reads it took."""
        self.statements = 0
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"authorization": f"Bearer {bearer}", "content-type": "application/json", "accept": accept}
        return await self.send("POST", "/graphql", body, headers)

    async def tenant(self, name: str) -> Tenant:
        """A new tenant with keys of all roles, and systems crm, psa and erp."""
        slug = f"{name}{next(_numbers)}"
        tenant_id = await self.pool.fetchval("INSERT INTO hub.tenant (slug, name) VALUES ($1, $1) RETURNING id", slug)
        await self.pool.execute("INSERT INTO hub.feed_head (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING", tenant_id)
        for system in ("crm", "psa", "erp"):
            await self.pool.execute(
                "INSERT INTO hub.system (tenant_id, name, kind, deep_links) VALUES ($1, $2, $2, $3)",
                tenant_id, system, {"account": f"https://{system}.example/accounts/{{id}}"} if system == "crm" else {},
            )  # fmt: skip
        tenant = Tenant(tenant_id, slug)
        for role in ("reader", "steward", "system", "admin"):
            key = f"hub_{slug}_{role}_0123456789"
            await self.pool.execute(
                "INSERT INTO hub.api_key (tenant_id, id, digest, prefix, role, name, system) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                tenant_id, new_id(), sha256(key.encode()).digest(), key[:8], role, role, "crm" if role == "system" else None,
            )  # fmt: skip
            tenant.keys[role] = key
        return tenant

    async def golden(
        self, tenant: Tenant, entity: str, *, version: int = 1, id: UUID | None = None, lineage: dict[str, Lineage] | None = None,
        before: dict[str, Any] | None = None, **values: Any,
    ) -> UUID:  # fmt: skip
        """A golden record at one version, with its version row and change, placed in the feed in the same transaction."""
        meta, golden_id = ENTITIES[entity], id or new_id()
        record = Golden(golden_id, entity, values, lineage or {}, version=version)
        row = golden_store.version_row(tenant.id, meta, record, AT, AT)
        async with self.pool.acquire() as connection, connection.transaction():
            await golden_store.save(connection, tenant.id, meta, [json.loads(json.dumps(row, default=str))])
            await connection.execute(
                """
                WITH made AS (
                    INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor,
                                            correlation_id, at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, 'crm', 'crm', 'c-1', $8) RETURNING id
                )
                INSERT INTO hub.feed (tenant_id, position, change_id)
                SELECT $1, coalesce((SELECT max(position) FROM hub.feed WHERE tenant_id = $1), 0) + 1, id FROM made
                """,
                tenant.id, entity, golden_id, version, "create" if version == 1 else "update", before or {}, values, AT,
            )  # fmt: skip
            await connection.execute(
                "UPDATE hub.feed_head SET position = (SELECT max(position) FROM hub.feed WHERE tenant_id = $1) WHERE tenant_id = $1",
                tenant.id,
            )
        return golden_id

    async def source(
        self, tenant: Tenant, system: str, external_id: str, entity: str, golden_id: UUID | None, *, object: str = "account", **values: Any
    ) -> int:
        """A contribution of one system; answers its id."""
        found: int = await self.pool.fetchval(
            """
            INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, state, golden_id, "values",
                                           since, first_seen_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, 'present', $6, $7, $8, $9, $9) RETURNING id
            """,
            tenant.id, system, object, external_id, entity, golden_id, values, {"*": "2026-05-03T00:00:00.000000Z"}, AT,
        )  # fmt: skip
        return found


class CountingPool(TenantPool):
    """Counts checkouts: the reader takes a connection for each statement."""

    api: Api

    def tenant(self, tenant_id: int) -> Any:
        self.api.statements += 1
        return super().tenant(tenant_id)

    async def fetchrow(self, tenant_id: int, sql: str, parameters: Any) -> Any:
        self.api.statements += 1
        return await super().fetchrow(tenant_id, sql, parameters)


@pytest.fixture(scope="session")
async def shared(servers: Embedded, template: asyncpg.Connection) -> AsyncIterator[Api]:
    """One application on one database for the tests of this folder; they meet only in it, each with tenants of its own."""
    await template.execute("CREATE DATABASE test_api TEMPLATE hub")
    database = Database("test_api", _settings_for(Settings().on(servers), "test_api"))
    async with running(database) as started:
        yield started
    await template.execute("DROP DATABASE test_api WITH (FORCE)")


@pytest.fixture
async def api(shared: Api) -> Api:
    """The shared application, with nothing remembered of the last test's wrong keys."""
    shared.app.state.keys.forget()
    return shared


@pytest.fixture
async def acme(api: Api) -> Tenant:
    return await api.tenant("acme")


@asynccontextmanager
async def running(database: Database) -> AsyncIterator[Api]:
    """The application as uvicorn would run it, with a counter in its reading pool."""
    app = create_app(database.settings)
    async with app.router.lifespan_context(app):
        pool = await open_worker_pool(database.worker_url, size=2, name="tests")
        made = Api(app, pool, database)
        counting = app.state.services.api_pool
        counting.__class__ = CountingPool
        counting.api = made
        yield made
        await pool.close()
