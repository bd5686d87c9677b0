"""The rows every server reads: one tenant's firm, filled once per data folder and scale, and kept for the next run."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

from hub.embedded import Embedded
from hub.flows.tenants import ensure_tenant, make_key
from hub.migrate import migrate
from hub.settings import Settings
from hub.store import pool
from hub.store.tables import golden_columns
from schema import ENTITIES

HERE = Path(__file__).parent
FILL = (HERE / "fill.sql").read_text()
VIEWS = (HERE / "node" / "views.sql").read_text()
CLIENTS = 100_000
"""At scale 1; contracts are 1.5 times as many, projects three times."""

LINEAGE = """
    jsonb_build_object('*', jsonb_build_array(crm.id, 0, 'owner', false), 'legal_name', jsonb_build_array(erp.id, 0, 'owner', false),
                       'country', jsonb_build_array(erp.id, 0, 'newest', true))
"""
SOURCES = """
      JOIN hub.source_record AS crm ON crm.tenant_id = t.tenant_id AND crm.golden_id = t.id AND crm.system = 'crm'
      JOIN hub.source_record AS erp ON erp.tenant_id = t.tenant_id AND erp.golden_id = t.id AND erp.system = 'erp'
"""


@dataclass(frozen=True)
class Firm:
    """One filled tenant and a fresh reader's key to it."""

    tenant_id: int
    slug: str
    reader_key: str


async def prepare(settings: Settings, scale: float) -> Firm:
    """The firm of this size, made when the data folder does not hold it yet. Raises asyncpg's errors."""
    await migrate(settings)
    clients = max(round(CLIENTS * scale / 1000), 1) * 1000
    connection = await asyncpg.connect(settings.need("database_url"), server_settings={"statement_timeout": "0"})
    await pool.prepare(connection)
    try:
        slug = f"firm-{clients}"
        tenant_id = await connection.fetchval("SELECT id FROM hub.tenant WHERE slug = $1", slug)
        if tenant_id is None:
            tenant_id = await _fill(connection, slug, clients)
        await connection.execute(VIEWS.replace("{tenant}", str(tenant_id)))
        async with connection.transaction():
            await connection.execute("UPDATE hub.api_key SET revoked_at = now() WHERE tenant_id = $1 AND revoked_at IS NULL", tenant_id)
            return Firm(tenant_id, slug, await make_key(connection, tenant_id, "reader", "bench"))
    finally:
        await connection.close()


async def _fill(connection: asyncpg.Connection, slug: str, clients: int) -> int:
    started = time.perf_counter()
    async with connection.transaction():
        tenant_id = await ensure_tenant(connection, slug)
        await connection.execute(f"SET LOCAL bench.tenant = {tenant_id}; SET LOCAL bench.clients = {clients}")
        await connection.execute(FILL)
        for entity in ("resource", "client", "contract", "project"):
            await connection.execute(_versions(entity), tenant_id)
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("CHECKPOINT")
    print(f"{clients:,} clients, {clients * 3 // 2:,} contracts and {clients * 3:,} projects filled in {time.perf_counter() - started:.0f} s")
    return tenant_id


def _versions(entity: str) -> str:
    """The version row of every golden row; a client's says which source won."""
    names = ", ".join(f't."{name}"' for name, _ in golden_columns(ENTITIES[entity]))
    columns = names.replace("t.", "")
    lineage, sources = (LINEAGE, SOURCES) if entity == "client" else ("'{}'::jsonb", "")
    return (
        f"INSERT INTO golden.{entity}_version ({columns}, lineage, recorded_at) "
        f"SELECT {names}, {lineage}, t.updated_at FROM golden.{entity} AS t {sources} WHERE t.tenant_id = $1"
    )


VARIABLES = {
    "id": "SELECT id FROM golden.client WHERE tenant_id = $1 ORDER BY hashtext(id::text), id LIMIT 500",
    "client_manager": """
        SELECT c.account_manager_id
          FROM golden.client c LEFT JOIN golden.project p ON p.tenant_id = c.tenant_id AND p.client_id = c.id
         WHERE c.tenant_id = $1
         GROUP BY 1 HAVING count(DISTINCT c.id) >= 100
         ORDER BY count(p.id) / count(DISTINCT c.id) DESC, 1 LIMIT 40
    """,
    "project_manager": """
        SELECT manager_id FROM golden.project WHERE tenant_id = $1 AND manager_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 40
    """,
    "project_state": "SELECT state FROM golden.project WHERE tenant_id = $1 AND state IS NOT NULL GROUP BY 1 HAVING count(*) > 2000 ORDER BY 1",
}
"""What requests ask for in turn."""


async def variables(owner: Embedded, firm: Firm) -> dict[str, list[str]]:
    """Values of each kind of variable, the same for every server."""
    connection = await asyncpg.connect(owner.postgres_url)
    try:
        return {name: [_text(row[0]) for row in await connection.fetch(sql, firm.tenant_id)] for name, sql in VARIABLES.items()}
    finally:
        await connection.close()


def _text(value: UUID | str) -> str:
    return str(value)
