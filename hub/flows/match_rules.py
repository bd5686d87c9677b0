"""Exact match rules: an unknown record belongs to the golden record it agrees with, or opens one of its own.

Whoever matches holds the match keys to the end of its transaction, so that two equal firsts meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from hub.core import matching
from hub.core.configuration import Configuration
from hub.core.matching import Candidate, MatchDecision
from hub.core.records import Contribution, SourceKey
from hub.core.survivorship import survive
from hub.flows import likeness, named_before, references
from hub.flows.batch import id_of
from hub.flows.linked import Linked, NewId, by_rule, possible_duplicate
from hub.store import change_log, decisions, forwards, source_records
from hub.store.statements import Connection
from schema import ENTITIES


async def match(
    tx: Connection, config: Configuration, entity: str, unknown: Sequence[Contribution], linked: Linked, new_id: NewId
) -> None:
    """Match the unknown records of one entity; batches that share a match key take turns, so that two equal firsts meet."""
    meta, tenant = ENTITIES[entity], config.tenant_id
    matched: list[MatchDecision] | None = None
    if meta.match or meta.compare:
        refs = await references.load(tx, tenant, {entity: [one.values for one in unknown]})
        keyed = [matching.keyed(meta, config.generic.without(entity, one.values), refs.resolve) for one in unknown]
        keys = {key for some in keyed for key, _ in some}
        barred = await _barred(tx, tenant, unknown) if keys or meta.compare else {}
        for one in unknown:
            if one.golden_id is not None:
                barred.setdefault(one.key, set()).add(one.golden_id)  # where it is already proves nothing
        if keys:
            await _lock_keys(tx, tenant, entity, keys)
            near = await _candidates(tx, config, entity, keys)
            matched = matching.match_all(
                meta, unknown, near, resolve=refs.resolve, barred=barred, may_open=lambda _: True, keys=keyed
            )
        if meta.compare:
            exact = matched or [MatchDecision(matching.NO_MATCH, opens=True)] * len(unknown)
            matched = await likeness.judge(tx, config, entity, unknown, exact, refs.resolve, barred)
    for at in _openers_first(matched, len(unknown)):
        _take(unknown, at, matched[at] if matched else None, linked, new_id)


def _openers_first(matched: Sequence[MatchDecision] | None, count: int) -> list[int]:
    """Records that share another unknown's golden record come after it."""
    return sorted(range(count), key=lambda at: matched is not None and matched[at].same_as >= 0)


def _take(unknown: Sequence[Contribution], at: int, decision: MatchDecision | None, linked: Linked, new_id: NewId) -> None:
    one = unknown[at]
    other = _other(unknown, decision) if decision is not None else None
    if one.golden_id is not None:
        named_before.take(one, one.golden_id, other, decision, linked)
    elif decision is not None and decision.kind == matching.MATCH:
        assert other is not None, "the record that opens comes first"
        one.golden_id = other
        linked.links.append(by_rule(one, decision))
    else:
        one.golden_id = new_id()
        linked.brand_new.add(one.golden_id)
        if decision is not None and decision.kind == matching.POSSIBLE_MATCH:
            linked.doubts.append(possible_duplicate(one, other, decision))


def _other(unknown: Sequence[Contribution], decision: MatchDecision) -> UUID | None:
    """The golden record a decision is about: one that stands, or that of another unknown record."""
    return decision.golden_id or (unknown[decision.same_as].golden_id if decision.same_as >= 0 else None)


async def _candidates(tx: Connection, config: Configuration, entity: str, keys: Iterable[str]) -> list[Candidate]:
    """The golden records under these keys, as ``f`` sees them, born or not."""
    near = await change_log.near(tx, config.tenant_id, entity, keys)
    ids = {golden_id for several in near.values() for golden_id in several}
    if not ids:
        return []
    await _lock_candidates(tx, ids)
    meta = ENTITIES[entity]
    by_id: dict[UUID, list[Contribution]] = {}
    for one in await source_records.siblings(tx, config.tenant_id, ids, (), config.ranks):
        by_id.setdefault(id_of(one), []).append(one)
    refs = await references.load(tx, config.tenant_id, {entity: [one.values for some in by_id.values() for one in some]})
    at = await tx.fetchval("SELECT clock_timestamp()")
    judged = await decisions.in_force(tx, config.tenant_id, ids)
    return [
        Candidate(
            golden_id,
            survive(meta, golden_id, some, judged.get(golden_id, ()), config.policy, at, refs.resolve).values,
            frozenset(one.key.system for one in some),
        )
        for golden_id, some in by_id.items()
    ]


async def _barred(tx: Connection, tenant_id: int, unknown: Sequence[Contribution]) -> dict[SourceKey, set[UUID]]:
    """Golden records that a person said these source records are not."""
    ids = {one.id: one.key for one in unknown if one.id}
    if not ids:
        return {}
    found = await forwards.barred(tx, tenant_id, list(ids))
    return {ids[source_id]: golden_ids for source_id, golden_ids in found.items()}


MOST_KEY_LOCKS = 1024
"""A batch with more keys than this locks the whole entity: the server's lock table is small (64 a connection; 8,700 by its defaults, of which
three lanes of two workers may hold 6,144). Five hundred clients with a D-U-N-S number and an LEI each are 1,000."""


async def _lock_keys(tx: Connection, tenant_id: int, entity: str, keys: Iterable[str]) -> None:
    """Keep other matchers off these keys to the end of the transaction.

    One lock per key and not one per entity, which let only one batch at a time go from matching to its commit (lanes
    beyond the first added nothing, measured). Whoever locks the entity waits for all who lock keys of it.
    """
    hashes = sorted(map(change_log.key_hash, keys))
    if len(hashes) > MOST_KEY_LOCKS:
        await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('match ' || $2, $1))", tenant_id, entity)
    else:
        await tx.execute(
            "SELECT pg_advisory_xact_lock_shared(hashtextextended('match ' || $2, $1)), count(pg_advisory_xact_lock(id)) "
            "FROM (SELECT hashint8extended(key, hashtextextended($2, $1)) AS id FROM unnest($3::bigint[]) AS k (key) ORDER BY key) AS i",
            tenant_id, entity, hashes,
        )  # fmt: skip


async def _lock_candidates(tx: Connection, ids: Iterable[UUID]) -> None:
    """Matchers that found the same golden record under different keys take turns too, and see what the first made of it."""
    await tx.execute(
        "SELECT count(pg_advisory_xact_lock(hashtextextended(id, 8))) FROM (SELECT unnest($1::text[]) AS id ORDER BY 1) AS i",
        sorted(map(str, ids)),
    )
