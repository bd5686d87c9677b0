"""Declared links: a record says which other system's record, or which golden record of ours, it is.

A link is followed unless a person has decided otherwise, another record of the same system claims its target, or both
ends stand by themselves already: then a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hub.core.reading import hub_id
from hub.core.records import Contribution, SourceKey
from hub.flows.batch import Fresh, id_of
from hub.flows.linked import Linked, ambiguous, by_link, standing, two_records
from hub.store import forwards, source_records
from hub.store.statements import Connection

Claims = dict[tuple[str, str, UUID], SourceKey]
"""(system, object, golden id) → the record of that system that claims the golden record by a declared link."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known about the records that links name."""

    rows: Mapping[SourceKey, Any]
    """Their rows of the crosswalk."""
    in_batch: dict[SourceKey, Contribution]
    ours: Mapping[UUID, UUID]
    """Golden records that are named by our own id, each with what stands for it now."""
    born: set[UUID]
    """Golden records that the linking contributions already belong to and that stand by themselves."""
    claims: Claims
    barred: dict[int, set[UUID]] = field(default_factory=dict)
    """Source record → golden records that a person said it is not."""


async def follow(
    tx: Connection, tenant_id: int, linking: Sequence[Contribution], fresh: Sequence[Fresh], linked: Linked
) -> list[Contribution]:
    """Put each contribution where a record it names is; answers those that name one of this batch without a golden id."""
    known_ids = [one.id for one in linking if one.id]
    judged = await forwards.judged(tx, tenant_id, known_ids)  # a person's decision outranks every rule, for ever
    linking = [one for one in linking if one.id not in judged]
    if not linking:
        return []
    known = await _known(tx, tenant_id, linking, fresh)
    known.barred.update(await forwards.barred(tx, tenant_id, known_ids))
    _note_unseen(linking, known, linked)
    by_name = linked.unseen | known.in_batch
    return [one for one in linking if not _put(one, known, by_name, linked)]


async def _known(tx: Connection, tenant_id: int, linking: Sequence[Contribution], fresh: Sequence[Fresh]) -> _Known:
    rows = await source_records.resolve(tx, tenant_id, {key for one in linking for key in one.links if key.system != "hub"})
    in_batch = {one.contribution.key: one.contribution for one in fresh}
    named = {(one.key.entity, own) for one in linking for key in one.links if (own := hub_id(key)) is not None}
    there = await standing(tx, tenant_id, named)
    ends = await forwards.ends(tx, tenant_id, {own for _, own in named} - there)
    survivors = await standing(tx, tenant_id, {(entity, ends[own]) for entity, own in named if own in ends})
    claims = await _claims_of(tx, tenant_id, {row["golden_id"] for row in rows.values() if row["golden_id"]})
    claims |= {(k.system, k.object, one.golden_id): k for k, one in in_batch.items() if one.links and one.golden_id is not None}
    return _Known(
        rows,
        in_batch,
        {own: own for own in there} | {own: end for own, end in ends.items() if end in survivors},
        await standing(tx, tenant_id, ((one.key.entity, one.golden_id) for one in linking if one.golden_id is not None)),
        claims,
    )


def _note_unseen(linking: Sequence[Contribution], known: _Known, linked: Linked) -> None:
    """Keep what is named and nobody has told us of, with who names it first."""
    for one in linking:
        for key in one.links:
            is_seen = key in known.in_batch or (key in known.rows and known.rows[key]["golden_id"] is not None)
            if key.system != "hub" and not is_seen:
                linked.unseen.setdefault(key, one)


def _put(one: Contribution, known: _Known, by_name: Mapping[SourceKey, Contribution], linked: Linked) -> bool:
    """Follow the links of one contribution, or open a task; False when it has to wait for a record it names."""
    targets = {g for key in one.links if by_name.get(key) is not one and (g := _target(key, known, by_name))}
    targets -= known.barred.get(one.id, set()) if one.id else set()
    merged = {end: own for key in one.links if (own := hub_id(key)) and (end := known.ours.get(own, own)) != own}
    free = {g for g in targets if g in merged or known.claims.get((one.key.system, one.key.object, g), one.key) == one.key}
    if not targets:
        return all(by_name.get(key, one) is one for key in one.links)
    if len(targets) > 1 or not free:
        linked.doubts.append(ambiguous(one, targets))
    elif one.golden_id in known.born and one.golden_id not in free:
        linked.doubts.append(two_records(one, free.pop()))
    else:
        _move(one, free.pop(), linked)
        if (home := merged.get(id_of(one))) is not None:
            linked.homes[one.key] = home
        else:
            known.claims[one.key.system, one.key.object, id_of(one)] = one.key
    return True


async def keep_homes(tx: Connection, tenant_id: int, linked: Linked) -> None:
    """What named a merged record goes back with it when the merge is undone; it stands back behind what was there."""
    if linked.homes:
        await forwards.keep_homes(tx, tenant_id, linked.homes)
        await forwards.settle_roles(tx, tenant_id, await forwards.standing_for(tx, tenant_id, linked.homes.values()))


def _target(key: SourceKey, known: _Known, by_name: Mapping[SourceKey, Contribution]) -> UUID | None:
    """Where a named record is: as we know it, as this batch tells it, or with whoever of this batch named it first."""
    own = hub_id(key)
    if own is not None:
        return known.ours.get(own)
    if key in by_name and by_name[key].golden_id is not None:
        return by_name[key].golden_id
    return known.rows[key]["golden_id"] if key in known.rows else None


def _move(one: Contribution, target: UUID, linked: Linked) -> None:
    """Put a contribution where its link says; what it leaves behind is computed again."""
    if one.golden_id == target:
        return
    if one.golden_id is not None:
        linked.left.setdefault(one.key.entity, set()).add(one.golden_id)
    one.golden_id = target
    linked.links.append(by_link(one))


async def _claims_of(tx: Connection, tenant_id: int, ids: Iterable[UUID]) -> Claims:
    """Which record of each system already claims these golden records by a declared link; what came by a merge claims another."""
    rows = await tx.fetch(
        "SELECT system, object, external_id, entity, part, golden_id FROM hub.source_record "
        "WHERE tenant_id = $1 AND golden_id = ANY ($2::uuid[]) AND links IS NOT NULL AND state = 'present' AND home_id IS NULL",
        tenant_id, list(ids),
    )  # fmt: skip
    return {(r["system"], r["object"], r["golden_id"]): SourceKey(*tuple(r)[:5]) for r in rows}
