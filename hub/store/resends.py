"""Events that were delivered and shall be sent once more: their lanes go back, the event ids stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from hub.store.statements import Connection, statements

SQL = statements("resends")


@dataclass(frozen=True, slots=True)
class Meant:
    """Which delivered events of a subscription are meant; what is None does not narrow them. The window is that of delivery."""

    event_ids: Sequence[str] | None = None
    golden_ids: Sequence[UUID] | None = None
    entity: str | None = None
    types: Sequence[str] | None = None
    since: datetime | None = None
    until: datetime | None = None


class Delivered(NamedTuple):
    """An event as it was delivered. ``is_kept``: the feed still has it, so it can be sent again."""

    event_id: str
    type: str
    entity: str
    golden_id: UUID
    version: int
    delivered_at: datetime
    is_kept: bool


async def again(tx: Connection, tenant_id: int, subscription_id: UUID, meant: Meant, most: int) -> list[Delivered]:
    """Make the lanes due that these events went by; answers at most ``most`` events, in the order they were delivered."""
    rows = await SQL["again"].fetch(
        tx, tenant=tenant_id, subscription=subscription_id, most=most, entity=meant.entity, since=meant.since, until=meant.until,
        **{
            name: None if (given := getattr(meant, name)) is None else list(given)
            for name in ("event_ids", "golden_ids", "types")
        },
    )  # fmt: skip
    return [Delivered(*row) for row in rows]
