"""Search over everything that has a name or a number: one text in, the records it may mean out, best first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import Role
from hub.api.common import GoldenRecord
from hub.api.context import Context
from hub.api.errors import ApiError, Code
from hub.api.shells import resolved_field
from hub.core.searching import RANK, typed
from schema import ENTITIES

MOST = 50
LONGEST = 200
_READERS = (Role.READER, Role.STEWARD, Role.ADMIN)

FIND = """
    WITH exact AS MATERIALIZED (
        SELECT golden_id, entity, label, detail, record_state FROM api.search_word WHERE words @@ $1::text::tsquery LIMIT 100
    ), begins AS MATERIALIZED (
        SELECT golden_id, entity, label, detail, record_state, words @@ $7::text::tsquery AS is_named
          FROM api.search_word WHERE words @@ $2::text::tsquery LIMIT 1000
    ), external AS MATERIALIZED (
        SELECT s.golden_id, s.entity, s.system, s.external_id
          FROM api.source_record AS s
         WHERE s.external_id = $3 AND s.golden_id IS NOT NULL LIMIT 100
    ), found AS (
        SELECT golden_id, entity, label, detail, record_state, 'NUMBER' AS by, 1 AS place FROM exact
        UNION ALL
        SELECT e.golden_id, e.entity, coalesce(r.label, e.external_id), e.system || ' ' || e.external_id, coalesce(r.record_state, ''), 'EXTERNAL_ID', 2
          FROM external AS e LEFT JOIN api.search AS r ON r.golden_id = e.golden_id
        UNION ALL
        SELECT golden_id, entity, label, detail, record_state, 'NAME', CASE WHEN is_named THEN 3 ELSE 4 END FROM begins
    ), best AS (
        SELECT DISTINCT ON (golden_id) * FROM found WHERE $4::text[] IS NULL OR entity = ANY ($4) ORDER BY golden_id, place
    )
    SELECT * FROM best
     ORDER BY place, record_state = 'active' DESC, coalesce(array_position($5::text[], entity), 99), length(label), label, golden_id
     LIMIT $6
"""
"""Words are read to the thousandth record at most: who has more than that must type on anyway."""

BY_ID = "SELECT golden_id, entity, label, detail, record_state FROM api.search WHERE golden_id = $1"


def _id(root: Any) -> strawberry.ID:
    return strawberry.ID(str(root["golden_id"]))


async def _record(root: Any, info: strawberry.Info) -> Any:
    context: Context = info.context
    return await context.row(ENTITIES[root["entity"]], root["golden_id"])


@strawberry.type(description="A record that a text may mean.")
class Found:
    entity: str
    record_id: strawberry.ID = strawberry.field(resolver=_id)
    label: str = strawberry.field(description="Its name or number, a moment behind the record itself.")
    detail: str = strawberry.field(description="What tells it from others of that name.")
    record_state: str = strawberry.field(description="active, inactive …; empty for what has no name, found by an external id.")
    by: str = strawberry.field(description="What it was found by: ID, NUMBER (a number, a code or the whole name), EXTERNAL_ID or NAME.")
    record: GoldenRecord | None = strawberry.field(resolver=_record)


async def _search(root: Any, info: Any, text: str, entities: Any = None, first: int = 20) -> Sequence[Any]:
    context: Context = info.context
    context.principal.need(*_READERS)
    context.principal.need_everything()
    if not 1 <= first <= MOST:
        raise ApiError(Code.BAD_PAGE, f"first must be from 1 to {MOST}", "first")
    for name in entities or ():
        if name not in ENTITIES:
            raise ApiError(Code.UNKNOWN_ENTITY, f"{name[:60]!r} is not an entity", "entities", "Use names like time_entry.")
    wanted = text.strip()[:LONGEST]
    if (golden_id := _uuid(wanted)) is not None:
        return await _by_id(context, golden_id)
    query = typed(wanted, context.principal.tenant_id)
    if not query.exact and not query.begins and not wanted:
        return []
    return await context.reader.query(FIND, query.exact, query.begins, wanted, entities or None, list(RANK), first, query.names)


async def _by_id(context: Context, golden_id: UUID) -> list[Any]:
    """The record of a golden id, or the one it was merged into."""
    survivor = (await context.reader.survivors([golden_id])).get(golden_id, golden_id)
    found: list[asyncpg.Record] = await context.reader.query(BY_ID, survivor)
    if found:
        return [{**dict(found[0]), "by": "ID"}]
    meta = await context.entity_of(survivor)
    row = await context.row(meta, survivor) if meta else None
    if meta is None or row is None:
        return []
    return [{"golden_id": survivor, "entity": meta.name, "label": str(survivor), "detail": "", "record_state": row.record["record_state"], "by": "ID"}]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) >= 32 else None
    except ValueError:
        return None


def search_fields() -> dict[str, StrawberryField]:
    return {
        "search": resolved_field(
            "search", list[Found], _search,
            "Records by name, number, code, external id or golden id, also of a record merged away: every word typed begins some "
            "word of the record; whole numbers and names come first.",
            text=str, entities=list[str] | None, first=int,
        ),
    }  # fmt: skip
