"""The golden records of one page under another policy, held against what stands: the steps a plan consists of.

Nothing is locked and nothing is written here. Everything a page needs is read in a handful of statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.core.configuration import Configuration
from hub.core.planning import Step, step_of
from hub.core.records import Contribution, Decision, Golden
from hub.core.survivorship import Resolve, survive
from hub.flows import references
from hub.flows.recompute import has_origin
from hub.store import decisions, golden, source_records
from hub.store.statements import Connection
from schema import ENTITIES


@dataclass(frozen=True, slots=True)
class Seen:
    """One record: what stands (None: not born yet), what the configuration makes of it, and the step between them."""

    before: Golden | None
    after: Golden
    step: Step | None
    contributions: Sequence[Contribution]
    decisions: Sequence[Decision]
    resolve: Resolve
    at: datetime
    joined: Sequence[Contribution] | None = None
    """What it consists of afterwards, where that is not what it consists of now."""


async def look(tx: Connection, config: Configuration, entity: str, ids: Sequence[UUID]) -> dict[UUID, Seen]:
    """Each of these records under ``config`` (with its policy), whatever policy is in force."""
    tenant, meta = config.tenant_id, ENTITIES[entity]
    stored = await golden.read(tx, tenant, meta, ids)
    for golden_id, lineage in (await golden.lineages(tx, tenant, meta, stored.values())).items():
        stored[golden_id].golden.lineage = lineage
    contributions: dict[UUID, list[Contribution]] = {}
    for one in await source_records.siblings(tx, tenant, ids, (), config.ranks):
        if one.golden_id is not None:
            contributions.setdefault(one.golden_id, []).append(one)
    judged = await decisions.in_force(tx, tenant, ids)
    refs = await references.load(tx, tenant, {entity: _told(contributions, judged)})
    at = await tx.fetchval("SELECT clock_timestamp()")
    found: dict[UUID, Seen] = {}
    for golden_id in ids:
        mine, decided = contributions.get(golden_id, []), judged.get(golden_id, [])
        after = survive(meta, golden_id, mine, decided, config.policy, at, refs.resolve)
        before = stored[golden_id].golden if golden_id in stored else None
        if before is None and not has_origin(meta, mine):
            after.is_born = False
        found[golden_id] = Seen(before, after, step_of(before, after), mine, decided, refs.resolve, at)
    return found


def _told(contributions: Mapping[UUID, Sequence[Contribution]], judged: Mapping[UUID, Sequence[Decision]]) -> list[dict[str, object]]:
    """Everything that may hold a reference."""
    told = [one.values for some in contributions.values() for one in some]
    told += [{d.field: d.value} for some in judged.values() for d in some if d.kind == "override" and isinstance(d.value, dict)]
    return told
