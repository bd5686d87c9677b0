"""Write the forms that a load left, and ask what would have been asked had its records come one by one.

A finder does it within seconds; so does whoever needs all forms (training, a re-evaluation). A piece is a transaction that holds its
source records, so that no form is older than what its record says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from hub.core.configuration import Configuration
from hub.core.matching import NO_MATCH, POSSIBLE_MATCH, MatchDecision
from hub.core.records import Contribution, SourceKey
from hub.flows import forms, likeness, references
from hub.flows.again import repeated
from hub.flows.linked import possible_duplicate
from hub.flows.references import References
from hub.store import forwards, source_records, tasks
from hub.store import likeness as stored
from hub.store.configuration import ConfigurationCache, tenants
from hub.store.pool import Pool
from hub.store.statements import Connection


async def write_new(pool: Pool, configurations: ConfigurationCache, most: int) -> int:
    """Write up to ``most`` pieces of every tenant; answers how many records they were."""
    async with pool.acquire() as connection:
        every = await tenants(connection)
    return sum([await write_all(pool, configurations, tenant_id, most) for tenant_id, _ in every])


async def write_all(pool: Pool, configurations: ConfigurationCache, tenant_id: int, most: int = 1_000_000) -> int:
    """Write all that loads of a tenant left, or ``most`` pieces of it; answers how many records that were."""

    async def piece() -> int:
        async with pool.acquire() as tx, tx.transaction():
            return await _piece(tx, await configurations.get(tx, tenant_id))

    done = 0
    for _ in range(most):
        wrote = await repeated(piece)
        if not wrote:
            break
        done += wrote
    return done


async def _piece(tx: Connection, config: Configuration) -> int:
    row = await stored.put_off_first(tx, config.tenant_id)
    if row is None:
        return 0
    entity = row["entity"]
    there = await source_records.by_ids(tx, config.tenant_id, row["source_ids"], config.ranks)
    held = await source_records.lock(tx, config.tenant_id, [one.key for one in there], config.ranks)
    several = sorted((one for one in held.values() if forms.is_compared(one)), key=lambda one: one.id)
    refs = await references.load(tx, config.tenant_id, {entity: [one.values for one in several]})
    made = {one.key: forms.formed(config, entity, one, refs.resolve) for one in several}
    unjudged = set(row["unjudged"])
    await _ask(tx, config, entity, [one for one in several if one.id in unjudged], refs, made)
    await forms.write(tx, config, entity, several, refs.resolve, made)
    await stored.put_off_done(tx, config.tenant_id, row["id"])
    return len(row["source_ids"])


async def _ask(tx: Connection, config: Configuration, entity: str, several: Sequence[Contribution], refs: References, made: Mapping[SourceKey, forms.Formed]) -> None:
    """Questions about records that came unjudged; what a model would link, if one was trained since, is the next re-evaluation's."""
    if not several or config.model(entity).version:
        return
    nothing = [MatchDecision(NO_MATCH, opens=True)] * len(several)
    decisions = await likeness.judge(tx, config, entity, several, nothing, refs.resolve, await _barred(tx, config.tenant_id, several), made)
    asked = [(one, decision) for one, decision in zip(several, decisions, strict=True) if decision.kind == POSSIBLE_MATCH]
    await tasks.open_tasks(tx, config.tenant_id, [possible_duplicate(one, _other(several, decision), decision) for one, decision in asked])


def _other(several: Sequence[Contribution], decision: MatchDecision) -> UUID | None:
    return decision.golden_id or several[decision.same_as].golden_id


async def _barred(tx: Connection, tenant_id: int, several: Sequence[Contribution]) -> Mapping[SourceKey, set[UUID]]:
    """Its own golden record is no candidate, nor those that a person said it is not."""
    said = await forwards.barred(tx, tenant_id, [one.id for one in several])
    return {one.key: said.get(one.id, set()) | {one.golden_id} if one.golden_id else said.get(one.id, set()) for one in several}
