"""Records that somebody named before they came: the name waits in the crosswalk, and on arrival they are found by it.

A name proves less than a match key, so whoever comes to a golden record that is nothing but a name is matched all the
same; what it proves to be takes it, and all that waits under the name.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from hub.core.matching import NO_MATCH, POSSIBLE_MATCH, MatchDecision
from hub.core.records import Contribution, SourceKey
from hub.errors import ConcurrentInsertError
from hub.flows.batch import Fresh, id_of
from hub.flows.linked import OWN, Linked, by_rule, possible_duplicate, standing
from hub.store import source_records
from hub.store.statements import Connection, statements
from schema import ENTITIES

SQL = statements("source_records")


async def claim(tx: Connection, tenant_id: int, linked: Linked) -> None:
    """A link to a record we have not seen: its row waits in the crosswalk, so it finds its golden record on arrival.

    Raises :class:`ConcurrentInsertError` when another batch has stored that very record meanwhile: the next try sees it
    and follows the link.
    """
    if linked.unseen:
        claimed = {key: id_of(one) for key, one in linked.unseen.items()}
        keys = sorted(claimed)
        await tx.execute(
            "INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, part, state, golden_id) "
            "SELECT $1, s, o, e, n, p, 'awaited', g "
            "FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[]) AS k (s, o, e, n, p, g) "
            "ON CONFLICT (tenant_id, system, object, external_id, entity, part) DO UPDATE SET golden_id = excluded.golden_id "
            "WHERE source_record.golden_id IS NULL AND source_record.state = 'awaited'",
            tenant_id, *(list(column) for column in zip(*keys, strict=True)), [claimed[key] for key in keys],
        )  # fmt: skip
        for key, row in (await source_records.resolve(tx, tenant_id, keys)).items():
            if row["golden_id"] != claimed[key]:
                raise ConcurrentInsertError(key.system, key.external_id)


async def unproven(tx: Connection, tenant_id: int, fresh: Sequence[Fresh], linked: Linked) -> set[SourceKey]:
    """New records whose golden record is only a name that somebody wrote into a link; nothing stands under it yet."""
    new: list[Contribution] = []
    for one in fresh:
        mine = one.contribution
        is_new = (one.previous is None or one.previous.state == "awaited") and mine.key.system not in OWN
        if is_new and mine.golden_id is not None and mine.golden_id not in linked.brand_new and mine.key not in linked.looked_at:
            new.append(mine)
    matched = [one for one in new if ENTITIES[one.key.entity].match]
    there = await standing(tx, tenant_id, ((one.key.entity, id_of(one)) for one in matched))
    found = {one.key for one in matched if one.golden_id not in there}
    linked.looked_at |= found
    return found


def take(one: Contribution, waiting: UUID, other: UUID | None, decision: MatchDecision | None, linked: Linked) -> None:
    """A record that is where somebody named it before it came: what it equals takes it, and all that waits there."""
    if decision is None or decision.kind == NO_MATCH:
        return
    if decision.kind == POSSIBLE_MATCH:
        linked.doubts.append(possible_duplicate(one, other, decision))
    elif other is not None and other != waiting:
        linked.joins[waiting] = (one, other, decision)


async def join(tx: Connection, tenant_id: int, fresh: Sequence[Fresh], linked: Linked) -> None:
    """Bring what waits under a name to the golden record that proved to be the same: nobody has seen the former yet."""
    for waiting, (one, target, decision) in linked.joins.items():
        while target in linked.joins and target != waiting:
            target = linked.joins[target][1]
        rows = await SQL["present_systems"].fetch(tx, tenant=tenant_id, golden_ids=[waiting, target])
        here = {(row["system"], row["object"]) for row in rows if row["golden_id"] == waiting}
        if any((row["system"], row["object"]) in here for row in rows if row["golden_id"] == target):
            linked.doubts.append(possible_duplicate(one, target, decision))
            continue
        await SQL["move_all"].fetch(tx, tenant=tenant_id, waiting=waiting, target=target)
        for other in fresh:
            if other.contribution.golden_id == waiting:
                other.contribution.golden_id = target
        linked.links.append(by_rule(one, decision))
