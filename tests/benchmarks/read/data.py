"""The rows every server reads: the realistic firm (:mod:`hub.demo.firm`), loaded once per data folder and scale, and kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from hub.demo.firm import Firm, bulk
from hub.flows.tenants import ensure_tenant, make_key
from hub.migrate import migrate
from hub.settings import Settings
from hub.store import pool
from tests.benchmarks.read.questions import Question

VIEWS = (Path(__file__).parent / "node" / "views.sql").read_text()
ENTITIES = ("client", "contract", "project")
"""What is loaded, with what these cannot be without; hours and invoices are asked for by no question."""

SEED = 7


@dataclass(frozen=True)
class Tenant:
    """A loaded firm and a fresh reader's key to it."""

    id: int
    slug: str
    reader_key: str


async def prepare(settings: Settings, scale: float, versions: int = 1) -> Tenant:
    """The firm of this size with so many versions of each client, loaded when the data folder does not hold it yet, and the views PostGraphile is shown."""
    await migrate(settings)
    owner = settings.need("database_url")
    connection = await asyncpg.connect(owner, server_settings={"statement_timeout": "0"})
    await pool.prepare(connection)
    try:
        slug = f"firm-{scale:g}-{versions}".replace(".", "-")
        tenant_id = await ensure_tenant(connection, slug)
        if not await connection.fetchval("SELECT EXISTS (SELECT FROM hub.source_record WHERE tenant_id = $1)", tenant_id):
            loaded = await bulk.load(owner, tenant_id, Firm(seed=SEED, scale=scale), only=ENTITIES, versions=versions)
            counts = ", ".join(f"{loaded.golden[entity]:,} {entity}s" for entity in ENTITIES)
            print(f"{counts} loaded in {loaded.seconds:.0f} s", flush=True)
            await connection.execute("CHECKPOINT")
        await connection.execute(VIEWS.replace("{tenant}", str(tenant_id)))
        async with connection.transaction():
            await connection.execute("UPDATE hub.api_key SET revoked_at = now() WHERE tenant_id = $1 AND revoked_at IS NULL", tenant_id)
            return Tenant(tenant_id, slug, await make_key(connection, tenant_id, "reader", "bench"))
    finally:
        await connection.close()


Variables = dict[str, list[dict[str, Any]]]
"""By question, the variables of each request in turn."""


async def variables(settings: Settings, tenant: Tenant, questions: Sequence[Question]) -> Variables:
    """What requests ask for, the same for every server."""
    connection = await asyncpg.connect(settings.need("database_url"))
    try:
        return {one.name: [json.loads(row[0]) for row in await connection.fetch(one.variables, tenant.id)] for one in questions}
    finally:
        await connection.close()
