"""Remembering what people did, so that it can be shown and undone. The handlers of undo are in :mod:`hub.flows.undo`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hub.core.change import Cause
from hub.store import actions
from hub.store.actions import Action, NewAction
from hub.store.statements import Connection

__all__ = ["Action", "By", "NewAction", "note", "record"]

record = actions.record


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, and the correlation id of the request; ``batch_id`` joins the steps of one bulk action."""

    actor: str
    correlation_id: str = ""
    batch_id: UUID | None = None

    def cause(self, cause: str = "decision") -> Cause:
        return Cause(cause, self.actor, self.correlation_id)


async def note(
    tx: Connection, tenant_id: int, kind: str, by: By, *, reason: str = "", entity: str | None = None,
    golden_ids: Sequence[UUID] = (), decision_ids: Sequence[int] = (), given: Mapping[str, Any] | None = None,
    inverse: Mapping[str, Any] | None = None,
) -> int:  # fmt: skip
    """:func:`record` of a step somebody takes: who, and the bulk step it is part of, follow from ``by``."""
    new = NewAction(
        kind, by.actor, reason, by.correlation_id, entity, golden_ids, decision_ids, given or {}, inverse, by.batch_id
    )
    return await record(tx, tenant_id, new)
