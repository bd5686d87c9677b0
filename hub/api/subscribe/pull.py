"""The feed read page by page: the same positions, filters and rights as the subscription ``changes``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.context import Context
from hub.api.lineage import change_of
from hub.api.operation_types import ChangePage, Gap
from hub.api.scalars import Long
from hub.api.shells import Shells, resolved_field
from hub.api.subscribe.raised import Versions
from hub.api.subscribe.wanted import Wanted, wanted_changes
from hub.flows.feed import FeedPage, decode_cursor, encode_cursor, end_of_feed
from hub.store.feed import FeedChange


async def _changes(
    root: Any, info: Any, after: Any = None, first: int = 100, entities: Any = None, record_id: Any = None, fields: Any = None,
    ops: Any = None, legal_entity_id: Any = None, where: Any = None, events: Any = None, backfill: bool = True, from_now: bool = False,
) -> ChangePage:  # fmt: skip
    context: Context = info.context
    context.principal.need_everything()
    given = {
        "after": after, "snapshot": False, "progress": False, "entities": entities, "record_id": record_id, "fields": fields, "ops": ops,
        "legal_entity_id": legal_entity_id, "where": where, "events": events, "backfill": backfill,
    }  # fmt: skip
    wanted = wanted_changes(given, context.principal)
    page = await _end(context) if from_now else await _page(context, wanted, first)
    role, key = context.principal.role, context.services.feed_key
    return ChangePage(
        changes=[change_of(asdict(one), role) for one in page.changes],
        cursor=encode_cursor(page.cursor, key),
        has_more=page.has_more,
        gap=Gap(first=Long(str(page.gap.first)), last=Long(str(page.gap.last))) if page.gap else None,
    )


async def _end(context: Context) -> FeedPage:
    """No changes, and the cursor behind all that have a position now."""
    async with context.services.worker_pool.acquire() as connection:
        return FeedPage((), await end_of_feed(connection, context.principal.tenant_id), False)


async def _page(context: Context, wanted: Wanted, first: int) -> FeedPage:
    tenant_id = context.principal.tenant_id
    cursor = decode_cursor(wanted.after, tenant_id, context.services.feed_key) if wanted.after else None
    page = await context.reader.feed(cursor, first, wanted.entities, wanted.ids)
    return FeedPage(tuple(await _fitting(context, wanted, page.changes)), page.cursor, page.has_more, page.gap)


async def _fitting(context: Context, wanted: Wanted, changes: Sequence[FeedChange]) -> list[FeedChange]:
    some = [one for one in changes if wanted.may_fit(one)]
    if not wanted.needs_values:
        return [one for one in some if wanted.fits(one, {})]
    values = Versions(context.services.worker_pool, context.principal.tenant_id, some)
    return [one for one in some if wanted.fits(one, await values.values(one))]


def pull_field(shells: Shells) -> StrawberryField:
    """``changes`` of the query type."""
    names, condition = list[str] | None, shells.of("ChangeCondition")
    return resolved_field(
        "changes", ChangePage, _changes,
        "The feed: every change in its position; a reader that goes on by its cursor misses nothing. A filter is applied to each page: "
        "it may leave fewer changes than `first`, or none, while `hasMore` is true.",
        after=str | None, first=int, entities=names, record_id=strawberry.ID | None, fields=names, ops=names,
        legal_entity_id=strawberry.ID | None, where=list[condition] | None, events=names, backfill=bool, from_now=bool,  # type: ignore[valid-type]
    )  # fmt: skip
