"""Where resolvers read: plans in, rows out, on role ``hub_api`` through the tenant's views.

Resolvers know nothing of SQL. What is compiled (:mod:`hub.api.compile`) makes the same plans and writes them into one
statement instead, with the same :mod:`hub.api.statement`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from hub.api import statement
from hub.api.past import AsOf
from hub.api.plan import Compare, Op, Page, Plan, golden_shape, version_shape
from hub.api.statement import Bound, Writer
from hub.flows.feed import Cursor, FeedPage, read_feed
from hub.store.pool import TenantPool
from schema.language import EntityMeta

Records = list[asyncpg.Record]


_SYSTEM_ROWS = {"mode": "entity, field_group", "checkpoint": "resource"}


class Reader:
    """Reads one tenant's rows. Every method is one statement on a connection that sees no other tenant."""

    def __init__(self, pool: TenantPool, tenant_id: int) -> None:
        self._pool, self._tenant_id = pool, tenant_id
        self.as_of: AsOf | None = None
        """The instant golden records are read as of; without one, as they are now."""

    async def rows(self, plan: Plan) -> Records:
        """The plan's page and one row more, in the plan's order (backward pages run backward)."""
        return await self._fetch(statement.rows(plan, self.as_of))

    async def rows_of_parents(self, plan: Plan, column: str, parents: Sequence[Any]) -> dict[Any, Records]:
        """The same page for each parent at once, by parent."""
        pages: dict[Any, Records] = {parent: [] for parent in parents}
        for row in await self._fetch(statement.rows_of_parents(plan, column, parents, self.as_of)):
            pages[row["parent"]].append(row)
        return pages

    async def count(self, plan: Plan) -> int:
        return int((await self._fetch(statement.count(plan, self.as_of)))[0][0])

    async def count_of_parents(self, plan: Plan, column: str, parents: Sequence[Any]) -> dict[Any, int]:
        found = await self._fetch(statement.count_of_parents(plan, column, parents, self.as_of))
        return {row["parent"]: row["count"] for row in found}

    async def by_id(self, meta: EntityMeta, ids: Sequence[UUID]) -> dict[UUID, asyncpg.Record]:
        """Golden records by id."""
        shape = golden_shape(meta)
        plan = Plan(shape, tuple(shape.columns), Compare("id", Op.IN, tuple(ids)), page=Page(len(ids)))
        return {row["id"]: row for row in await self._fetch(statement.rows(plan, self.as_of))}

    async def survivors(self, ids: Sequence[UUID]) -> dict[UUID, UUID]:
        """Where merged records went, over several merges: loser → last survivor."""
        writer = Writer(as_of=self.as_of)
        losers, forwards = writer.bind(list(ids), "uuid[]"), writer.forwards()
        sql = f"""
            WITH RECURSIVE way (loser, survivor, steps) AS (
                SELECT f.loser_id, f.survivor_id, 1 FROM {forwards} AS f WHERE f.loser_id = ANY ({losers})
                UNION ALL
                SELECT way.loser, f.survivor_id, way.steps + 1
                  FROM way JOIN {forwards} AS f ON f.loser_id = way.survivor WHERE way.steps < 20
            )
            SELECT DISTINCT ON (loser) loser, survivor FROM way ORDER BY loser, steps DESC
        """
        return {row["loser"]: row["survivor"] for row in await self._fetch(Bound(sql, tuple(writer.values)))}

    async def by_source(self, entity: str, keys: Sequence[tuple[str, str | None, str]]) -> dict[Any, UUID]:
        """Golden ids by (system, object or None, external id)."""
        sql = """
            SELECT DISTINCT ON (k.at) k.at, s.golden_id
              FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS k (system, object, external_id, at)
              JOIN api.source_record s ON s.system = k.system AND s.external_id = k.external_id
               AND (k.object IS NULL OR s.object = k.object)
             WHERE s.entity = $1 AND s.golden_id IS NOT NULL
             ORDER BY k.at, s.state <> 'present', s.id
        """
        systems, objects, external_ids = zip(*keys, strict=True)
        found = await self._fetch(Bound(sql, (entity, list(systems), list(objects), list(external_ids))))
        return {keys[row["at"] - 1]: row["golden_id"] for row in found}

    async def entities_of(self, ids: Sequence[UUID]) -> dict[UUID, str]:
        """Which entity a golden id belongs to, also of records merged away."""
        sql = """
            SELECT DISTINCT ON (c.golden_id) c.golden_id, c.entity FROM api.change c
             WHERE c.golden_id = ANY ($1::uuid[]) ORDER BY c.golden_id, c.version
        """
        return {row["golden_id"]: row["entity"] for row in await self._fetch(Bound(sql, (list(ids),)))}

    async def lineage(self, meta: EntityMeta, versions: Sequence[tuple[UUID, int]]) -> dict[UUID, dict[str, Any]]:
        """Compact lineage of these versions, by golden id; see :mod:`hub.store.golden`."""
        sql = (
            "SELECT v.id, v.lineage FROM unnest($1::uuid[], $2::integer[]) AS k (id, version) "
            f"JOIN api.{version_shape(meta).view} v ON v.id = k.id AND v.version = k.version"
        )
        ids, numbers = zip(*versions, strict=True)
        return {row["id"]: row["lineage"] for row in await self._fetch(Bound(sql, (list(ids), list(numbers))))}

    async def sources(self, ids: Sequence[UUID]) -> dict[UUID, Records]:
        """The crosswalk of golden records: every source record that belongs to them, oldest first."""
        sql = """
            SELECT s.*, y.kind AS system_kind, y.deep_links ->> s.object AS deep_link FROM api.source_record s LEFT JOIN api.system y ON y.name = s.system
             WHERE s.golden_id = ANY ($1::uuid[]) ORDER BY s.golden_id, s.id
        """
        found: dict[UUID, Records] = {golden_id: [] for golden_id in ids}
        for row in await self._fetch(Bound(sql, (list(ids),))):
            found[row["golden_id"]].append(row)
        return found

    async def decisions(self, ids: Sequence[int]) -> dict[int, asyncpg.Record]:
        sql = "SELECT * FROM api.decision WHERE id = ANY ($1::bigint[])"
        return {row["id"]: row for row in await self._fetch(Bound(sql, (list(ids),)))}

    async def inbox_details(self, ids: Sequence[int]) -> dict[int, asyncpg.Record]:
        """What became of messages that were settled otherwise than by a plain change."""
        sql = "SELECT inbox_id, outcome, detail FROM api.inbox_outcome WHERE inbox_id = ANY ($1::bigint[])"
        return {row["inbox_id"]: row for row in await self._fetch(Bound(sql, (list(ids),)))}

    async def tasks(self, ids: Sequence[int]) -> dict[int, asyncpg.Record]:
        sql = "SELECT * FROM api.steward_task WHERE id = ANY ($1::bigint[])"
        return {row["id"]: row for row in await self._fetch(Bound(sql, (list(ids),)))}

    async def subscriptions(self, ids: Sequence[UUID]) -> dict[UUID, asyncpg.Record]:
        sql = "SELECT * FROM api.subscription WHERE id = ANY ($1::uuid[])"
        return {row["id"]: row for row in await self._fetch(Bound(sql, (list(ids),)))}

    async def of_systems(self, view: str, names: Sequence[str]) -> dict[str, Records]:
        """Rows of ``mode`` or ``checkpoint`` by system."""
        sql = f"SELECT * FROM api.{view} WHERE system = ANY ($1::text[]) ORDER BY system, {_SYSTEM_ROWS[view]}"
        found: dict[str, Records] = {name: [] for name in names}
        for row in await self._fetch(Bound(sql, (list(names),))):
            found[row["system"]].append(row)
        return found

    async def attempts(self, lanes: Sequence[tuple[UUID, UUID, str]]) -> dict[Any, Records]:
        """The newest tries of deliveries, by (subscription, golden id, external key)."""
        sql = """
            SELECT a.* FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS k (subscription_id, golden_id, external_key)
             CROSS JOIN LATERAL (
                   SELECT * FROM api.attempt t
                    WHERE t.subscription_id = k.subscription_id AND t.golden_id = k.golden_id
                      AND t.external_key = k.external_key
                    ORDER BY t.id DESC LIMIT 20) AS a
        """
        found: dict[Any, Records] = {lane: [] for lane in lanes}
        for row in await self._fetch(Bound(sql, tuple(list(column) for column in zip(*lanes, strict=True)))):
            found[row["subscription_id"], row["golden_id"], row["external_key"]].append(row)
        return found

    async def feed(
        self, after: Cursor | None, first: int, entities: Sequence[str] | None, ids: Sequence[UUID] | None
    ) -> FeedPage:
        """The next changes of the feed."""
        async with self._pool.tenant(self._tenant_id) as connection:
            return await read_feed(connection, self._tenant_id, after, first, entities=entities, ids=ids)

    async def query(self, sql: str, *values: Any) -> Records:
        """A fixed statement of an operational list."""
        return await self._fetch(Bound(sql, values))

    async def _fetch(self, bound: Bound) -> Records:
        async with self._pool.tenant(self._tenant_id) as connection:
            found: Records = await connection.fetch(bound.sql, *bound.values)
            return found
