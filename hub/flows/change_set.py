"""Several values by hand as one change: validated together, made together or not at all.

All decisions are written before anything is computed, and then every record once; so rules that look at several fields or
several records see the set as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hub.core.change import Cause
from hub.core.configuration import Configuration
from hub.errors import RequestError
from hub.flows.actions import By
from hub.flows.batch import ordered
from hub.flows.canonical import canonical_value, known_entity
from hub.flows.recompute import recompute
from hub.store import decisions, golden
from hub.store.statements import Connection
from schema import ENTITIES

MOST = 500


@dataclass(frozen=True, slots=True)
class Override:
    """One value to fix: a field or a field group of a golden record."""

    entity: str
    golden_id: UUID
    field: str
    value: Any


async def apply(tx: Connection, config: Configuration, changes: Sequence[Override], reason: str, by: By) -> list[int]:
    """Fix all these values; answers the decisions' ids in their order.

    Raises :class:`RequestError` that names every change that cannot be made; then none was.
    """
    if not reason.strip():
        raise RequestError("REASON_REQUIRED", "a change needs a reason", field="reason", remedy="Say why.")
    if not 0 < len(changes) <= MOST:
        raise RequestError("INVALID_VALUE", f"a change set holds 1 to {MOST} changes", field="changes", remedy="Make several sets.")
    wrong: list[str] = []
    rows = [row for at, one in enumerate(changes) if (row := _row(config, at, one, reason, by, wrong))]
    wanted: dict[str, set[UUID]] = {}
    for one in changes:
        wanted.setdefault(one.entity, set()).add(one.golden_id)
    for entity in ordered(wanted.keys() & ENTITIES.keys()):
        found = await golden.lock(tx, config.tenant_id, ENTITIES[entity], wanted[entity], with_lineage=False)
        wrong += [f"changes[{at}]: there is no {entity} {c.golden_id}" for at, c in enumerate(changes) if c.entity == entity and c.golden_id not in found]
    if wrong:
        text = "; ".join(sorted(wrong)[:10])
        raise RequestError("INVALID_VALUE", f"{len(wrong)} of {len(changes)} changes cannot be made: {text}", field="changes", remedy="Mend them; nothing was changed.")
    made = await decisions.make(tx, config.tenant_id, rows)
    causes: dict[str, dict[UUID, Cause]] = {entity: dict.fromkeys(ids, by.cause()) for entity, ids in wanted.items()}
    await recompute(tx, config, causes)
    return made


def _row(config: Configuration, at: int, one: Override, reason: str, by: By, wrong: list[str]) -> dict[str, Any] | None:
    """The decision of one change; what is wrong with it is added to ``wrong``."""
    try:
        value = canonical_value(config, known_entity(one.entity), one.field, one.value)
    except RequestError as error:
        wrong.append(f"changes[{at}]: {error}")
        return None
    return {
        "kind": "override", "entity": one.entity, "golden_id": one.golden_id, "field": one.field, "value": value, "reason": reason,
        "actor": by.actor, "while_source": "",
    }  # fmt: skip
