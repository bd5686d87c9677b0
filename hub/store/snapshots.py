"""Records as they stood at a position of the feed, page by page: what a new reader begins with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import cache
from uuid import UUID

from hub.store import versions
from hub.store.feed import FeedChange
from hub.store.pool import Pool
from hub.store.statements import Statement, statements
from schema import ENTITIES

PAGE = 200
_SQL = statements("snapshots")["page_at"]


async def records_at(
    pool: Pool, tenant_id: int, position: int, entity: str, ids: Sequence[UUID] | None = None
) -> AsyncIterator[list[FeedChange]]:
    """The active records of an entity at a position: each as a change of op ``snapshot`` whose ``after`` is the record.

    Together with the feed after that position nothing is missing and nothing is double.
    """
    after: UUID | None = None
    while True:
        async with pool.acquire() as connection:
            rows = await _statement(entity).fetch(
                connection, tenant=tenant_id, position=position, after=after, ids=ids, first=PAGE
            )
            found = [FeedChange(*tuple(row)[1:]) for row in rows if row["golden_id"] is not None]
            keys = [(entity, one.golden_id, one.version) for one in found]
            held = await versions.read(connection, tenant_id, keys)
        told = [
            replace(one, op="snapshot", before={}, after=golden.values)
            for one in found
            if (golden := held.get((one.golden_id, one.version))) is not None and golden.record_state == "active"
        ]
        if told:
            yield told
        if len(rows) < PAGE:
            return
        after = rows[-1]["page_id"]


@cache
def _statement(entity: str) -> Statement:
    assert entity in ENTITIES
    text = _SQL.text.replace("{entity}", entity)
    return Statement(f"page_at of {entity}", text, _SQL.parameters)
