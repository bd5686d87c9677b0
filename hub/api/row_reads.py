"""How fields of rows are read: ids as text, large numbers as text, and the golden record a row is about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import strawberry

from hub.api.context import Context
from hub.api.scalars import Long
from hub.core.redacting import personal_names, personal_paths, redacted
from schema import ENTITIES


async def record_of(context: Context, entity: str | None, golden_id: UUID | str | None) -> Any:
    """A golden record by the entity's name and its id, either of which may be missing."""
    meta = ENTITIES.get(entity or "")
    return await context.row(meta, UUID(str(golden_id))) if meta and golden_id else None


def long_of(column: str) -> Callable[[Any], Long | None]:
    def read(root: Any) -> Long | None:
        return None if root[column] is None else Long(str(root[column]))

    return read


def text_id(column: str) -> Callable[[Any], strawberry.ID | None]:
    def read(root: Any) -> strawberry.ID | None:
        return None if root[column] is None else strawberry.ID(str(root[column]))

    return read


def covered(column: str) -> Callable[[Any, strawberry.Info], Awaitable[Any]]:
    """JSON of an attempt with secrets and personal values covered, as mappings and the model tell which they are."""

    async def read(root: Any, info: strawberry.Info) -> Any:
        context: Context = info.context
        if root[column] is None:
            return None
        about = (root["subscription_id"], root["golden_id"])
        paths, names = await context.load("covered", lambda several: _not_open(context, several), about) or (frozenset(), frozenset())
        return redacted(root[column], paths, names=names)

    return read


async def _not_open(context: Context, several: list[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], tuple[frozenset[str], frozenset[str]]]:
    """(subscription, record) to the vendor's paths and our names of what is not open to everybody. Of an unknown record: every such name."""
    sql = """
        SELECT w.subscription_id, w.golden_id, s.system, (SELECT l.entity FROM api.lane l WHERE l.subscription_id = w.subscription_id AND l.golden_id = w.golden_id LIMIT 1) AS entity
          FROM unnest($1::uuid[], $2::uuid[]) AS w (subscription_id, golden_id) LEFT JOIN api.subscription s ON s.id = w.subscription_id
    """
    rows = await context.reader.query(sql, [one[0] for one in several], [one[1] for one in several])
    async with context.services.worker_pool.acquire() as connection:
        config = await context.services.configurations.get(connection, context.principal.tenant_id)
    found = {}
    for row in rows:
        mappings = [mapping for (system, _), some in config.mappings.items() if system == row["system"] for mapping in some]
        metas = [ENTITIES[row["entity"]]] if row["entity"] in ENTITIES else list(ENTITIES.values())
        found[row["subscription_id"], row["golden_id"]] = (
            frozenset[str]().union(*(personal_paths(mappings, meta) for meta in metas)), frozenset[str]().union(*(personal_names(meta) for meta in metas)),
        )  # fmt: skip
    return found
