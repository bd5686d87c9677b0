"""How fields of rows are read: ids as text, large numbers as text, and the golden record a row is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import strawberry

from hub.api.context import Context
from hub.api.scalars import Long
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
