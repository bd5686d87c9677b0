"""Which golden record does each folded contribution belong to? Declared links first, then exact rules, else its own.

Every contribution gets a golden id at once; a record without an origin waits under that id, can be found there by its
match keys, and is born when an origin joins it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hub.core import matching
from hub.core.configuration import Configuration
from hub.core.matching import Candidate, MatchDecision
from hub.core.reading import hub_id
from hub.core.records import Contribution, SourceKey
from hub.core.survivorship import survive
from hub.errors import ConcurrentInsertError
from hub.flows import references
from hub.flows.batch import Fresh, ordered
from hub.store import change_log, decisions, golden, source_records
from hub.store.statements import Connection, statements
from hub.store.tasks import NewTask
from schema import ENTITIES

SQL = statements("source_records")
NewId = Callable[[], UUID]


@dataclass(slots=True)
class Linked:
    """The crosswalk after a batch. ``left`` are records a contribution was moved away from."""

    brand_new: set[UUID] = field(default_factory=set)
    left: dict[str, set[UUID]] = field(default_factory=dict)
    links: list[dict[str, Any]] = field(default_factory=list)
    doubts: list[NewTask] = field(default_factory=list)
    unseen: dict[SourceKey, Contribution] = field(default_factory=dict)
    """Records of other systems that a declared link names and nobody has told us of yet, with who named them first."""
    looked_at: set[SourceKey] = field(default_factory=set)
    """Records that others had named before they came, and that were matched nevertheless."""
    joins: dict[UUID, tuple[Contribution, UUID, MatchDecision]] = field(default_factory=dict)
    """Golden records that only wait, and the standing one which a record that came to them proves to be theirs."""


async def link(tx: Connection, config: Configuration, fresh: Sequence[Fresh], new_id: NewId) -> Linked:
    """Give each contribution its golden id; ``fresh`` changes in place."""
    linked = Linked()
    await _take_own(tx, config.tenant_id, fresh, linked)
    waiting = [one.contribution for one in fresh if one.contribution.links]
    waiting = await _follow_declared_links(tx, config, waiting, fresh, linked)
    await _match_unknown(tx, config, fresh, waiting, linked, new_id)
    while waiting:
        again = await _follow_declared_links(tx, config, waiting, fresh, linked)
        if len(again) == len(waiting):
            again = again[1:]  # they name each other in a circle: one has to come first
        await _match_unknown(tx, config, fresh, again, linked, new_id)
        waiting = again
    await _join(tx, config.tenant_id, fresh, linked)
    await _claim(tx, config.tenant_id, linked)
    return linked


async def _match_unknown(
    tx: Connection, config: Configuration, fresh: Sequence[Fresh], waiting: Sequence[Contribution], linked: Linked, new_id: NewId
) -> None:
    """Match whoever has no golden id yet, but for those that wait for a record of this batch which they name; and whoever
    came to a golden record that only waits: it was put there by its name alone.
    """
    later = {one.key for one in waiting}
    named = await _named_before(tx, config.tenant_id, fresh, linked)
    by_entity: dict[str, list[Contribution]] = {}
    for one in fresh:
        if (one.contribution.golden_id is None or one.contribution.key in named) and one.contribution.key not in later:
            by_entity.setdefault(one.contribution.key.entity, []).append(one.contribution)
    for entity in ordered(by_entity):
        await _match(tx, config, entity, by_entity[entity], linked, new_id)


async def _named_before(tx: Connection, tenant_id: int, fresh: Sequence[Fresh], linked: Linked) -> set[SourceKey]:
    """New records whose golden record is only a name that somebody wrote into a link; nothing stands under it yet."""
    new: dict[str, list[Contribution]] = {}
    for one in fresh:
        mine = one.contribution
        is_new = (one.previous is None or one.previous.state == "awaited") and mine.key.system not in OWN
        if is_new and mine.golden_id is not None and mine.golden_id not in linked.brand_new and mine.key not in linked.looked_at:
            new.setdefault(mine.key.entity, []).append(mine)
    found: set[SourceKey] = set()
    for entity, some in new.items():
        if ENTITIES[entity].match:
            standing = await golden.existing(tx, tenant_id, ENTITIES[entity], {_known(one) for one in some})
            found.update(one.key for one in some if one.golden_id not in standing)
    linked.looked_at |= found
    return found


async def _join(tx: Connection, tenant_id: int, fresh: Sequence[Fresh], linked: Linked) -> None:
    """Bring what waits under a name to the golden record that proved to be the same: nobody has seen the former yet."""
    for waiting, (one, target, decision) in linked.joins.items():
        while target in linked.joins and target != waiting:
            target = linked.joins[target][1]
        rows = await SQL["present_systems"].fetch(tx, tenant=tenant_id, golden_ids=[waiting, target])
        here = {(row["system"], row["object"]) for row in rows if row["golden_id"] == waiting}
        if any((row["system"], row["object"]) in here for row in rows if row["golden_id"] == target):
            linked.doubts.append(_possible_duplicate(one, target, decision))
            continue
        await SQL["move_all"].fetch(tx, tenant=tenant_id, waiting=waiting, target=target)
        for other in fresh:
            if other.contribution.golden_id == waiting:
                other.contribution.golden_id = target
        linked.links.append(_by_rule(one, decision))


# our own contributors

OWN = frozenset({"portal", "steward", "hub"})
"""Systems whose external id is the golden id itself."""


async def _take_own(tx: Connection, tenant_id: int, fresh: Sequence[Fresh], linked: Linked) -> None:
    """What a portal, a steward or a process contributes names its golden record by id; a merged one is followed."""
    mine: dict[str, dict[UUID, Contribution]] = {}
    for one in fresh:
        key = one.contribution.key
        if key.system in OWN and one.contribution.golden_id is None and (own := hub_id(key._replace(system="hub"))):
            mine.setdefault(key.entity, {})[own] = one.contribution
    for entity, some in mine.items():
        there = await golden.existing(tx, tenant_id, ENTITIES[entity], some)
        forwarded = await references.forwards(tx, tenant_id, some.keys() - there)
        for own, contribution in some.items():
            contribution.golden_id = forwarded.get(own, own)
            if own not in there and own not in forwarded:
                linked.brand_new.add(own)


# declared links


async def _follow_declared_links(
    tx: Connection, config: Configuration, linking: Sequence[Contribution], fresh: Sequence[Fresh], linked: Linked
) -> list[Contribution]:
    """Put each contribution where a record it names is; answers those that name one of this batch without a golden id."""
    if linking:
        settled_by_people = await _judged(tx, config.tenant_id, [one.id for one in linking if one.id])
        linking = [one for one in linking if one.id not in settled_by_people]
    if not linking:
        return []
    named = {key for one in linking for key in one.links if key.system != "hub"}
    rows = await source_records.resolve(tx, config.tenant_id, named)
    in_batch = {one.contribution.key: one.contribution for one in fresh}
    ours = await _our_ids(tx, config.tenant_id, linking)
    claims = await _claims_of(tx, config.tenant_id, {row["golden_id"] for row in rows.values() if row["golden_id"]})
    claims |= {(k.system, k.object, one.golden_id): k for k, one in in_batch.items() if one.links and one.golden_id is not None}
    settled = await _born(tx, config.tenant_id, linking)
    for one in linking:
        for key in one.links:
            if key.system != "hub" and key not in in_batch and (key not in rows or rows[key]["golden_id"] is None):
                linked.unseen.setdefault(key, one)
    by_name = linked.unseen | in_batch
    waiting: list[Contribution] = []
    for one in linking:
        targets = {g for key in one.links if by_name.get(key) is not one and (g := _target(key, rows, ours, by_name))}
        free = {g for g in targets if claims.get((one.key.system, one.key.object, g), one.key) == one.key}
        if not targets and any(by_name.get(key, one) is not one for key in one.links):
            waiting.append(one)
        elif len(targets) > 1 or (targets and not free):
            linked.doubts.append(_ambiguous(one, targets))
        elif free and one.golden_id in settled and one.golden_id not in free:
            linked.doubts.append(_two_records(one, free.pop()))
        elif free:
            _move(one, free.pop(), linked)
            claims[one.key.system, one.key.object, _known(one)] = one.key
    return waiting


def _target(
    key: SourceKey, rows: Mapping[SourceKey, Any], ours: set[UUID], by_name: Mapping[SourceKey, Contribution]
) -> UUID | None:
    """Where a named record is: as we know it, as this batch tells it, or with whoever of this batch named it first."""
    own = hub_id(key)
    if own is not None:
        return own if own in ours else None
    if key in by_name and by_name[key].golden_id is not None:
        return by_name[key].golden_id
    return rows[key]["golden_id"] if key in rows else None


async def _our_ids(tx: Connection, tenant_id: int, linking: Iterable[Contribution]) -> set[UUID]:
    wanted: dict[str, set[UUID]] = {}
    for one in linking:
        for key in one.links:
            own = hub_id(key)
            if own is not None:
                wanted.setdefault(one.key.entity, set()).add(own)
    found: set[UUID] = set()
    for entity, ids in wanted.items():
        found |= await golden.existing(tx, tenant_id, ENTITIES[entity], ids)
    return found


async def _judged(tx: Connection, tenant_id: int, source_ids: Sequence[int]) -> set[int]:
    """Source records whose place a person has decided: that outranks every rule, for ever."""
    if not source_ids:
        return set()
    rows = await tx.fetch(
        "SELECT source_id FROM hub.decision WHERE tenant_id = $1 AND source_id = ANY ($2::bigint[]) "
        "AND kind IN ('same', 'not_same', 'split') AND withdrawn_at IS NULL",
        tenant_id, source_ids,
    )  # fmt: skip
    return {row["source_id"] for row in rows}


async def _born(tx: Connection, tenant_id: int, linking: Iterable[Contribution]) -> set[UUID]:
    """Golden records that the linking contributions already belong to and that stand by themselves."""
    ids: dict[str, set[UUID]] = {}
    for one in linking:
        if one.golden_id is not None:
            ids.setdefault(one.key.entity, set()).add(one.golden_id)
    born: set[UUID] = set()
    for entity, some in ids.items():
        born |= await golden.existing(tx, tenant_id, ENTITIES[entity], some)
    return born


def _two_records(one: Contribution, other: UUID) -> NewTask:
    """A link between two golden records that both stand: merging them is a person's decision."""
    name = f"{one.key.system} {one.key.object} {one.key.external_id}"
    return NewTask(
        cause="possible_duplicate",
        subject=f"{one.key.entity} {name}",
        reason=f"{name} links to a record that already stands by itself",
        remedy="Decide whether the two are the same.",
        entity=one.key.entity,
        golden_id=one.golden_id,
        system=one.key.system,
        detail={"other": str(other), "evidence": [["declared_link", "agrees"]]},
        is_restated=True,
    )


async def _claims_of(tx: Connection, tenant_id: int, ids: Iterable[UUID]) -> dict[tuple[str, str, UUID], SourceKey]:
    """Which record of each system already claims these golden records by a declared link."""
    rows = await tx.fetch(
        "SELECT system, object, external_id, entity, part, golden_id FROM hub.source_record "
        "WHERE tenant_id = $1 AND golden_id = ANY ($2::uuid[]) AND links IS NOT NULL AND state = 'present'",
        tenant_id, list(ids),
    )  # fmt: skip
    return {(r["system"], r["object"], r["golden_id"]): SourceKey(*tuple(r)[:5]) for r in rows}


def _known(one: Contribution) -> UUID:
    assert one.golden_id is not None
    return one.golden_id


def _move(one: Contribution, target: UUID, linked: Linked) -> None:
    """Put a contribution where its link says; what it leaves behind is computed again."""
    if one.golden_id == target:
        return
    if one.golden_id is not None:
        linked.left.setdefault(one.key.entity, set()).add(one.golden_id)
    one.golden_id = target
    linked.links.append(
        {"kind": "link", "entity": one.key.entity, "golden_id": target, "actor": "rule", "rule": "declared_link",
         "reason": f"{one.key.system} {one.key.object} {one.key.external_id} names it"}
    )  # fmt: skip


def _ambiguous(one: Contribution, targets: Iterable[UUID]) -> NewTask:
    name = f"{one.key.system} {one.key.object} {one.key.external_id}"
    return NewTask(
        cause="ambiguous",
        subject=f"{one.key.entity} {name}",
        reason=f"{name} links to a record that is linked otherwise",
        remedy="Decide which record it is, then mend the link at its source.",
        entity=one.key.entity,
        system=one.key.system,
        detail={"candidates": sorted(str(target) for target in targets)},
    )


async def _claim(tx: Connection, tenant_id: int, linked: Linked) -> None:
    """A link to a record we have not seen: its row waits in the crosswalk, so it finds its golden record on arrival.

    Raises :class:`ConcurrentInsertError` when another batch has stored that very record meanwhile: the next try sees it
    and follows the link.
    """
    if linked.unseen:
        claimed = {key: _known(one) for key, one in linked.unseen.items()}
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


# exact rules


async def _match(
    tx: Connection, config: Configuration, entity: str, unknown: Sequence[Contribution], linked: Linked, new_id: NewId
) -> None:
    """Match the unknown records of one entity; batches that share a match key take turns, so that two equal firsts meet."""
    meta, tenant = ENTITIES[entity], config.tenant_id
    matched: list[MatchDecision] | None = None
    if meta.match:
        refs = await references.load(tx, tenant, {entity: [one.values for one in unknown]})
        keyed = [matching.keyed(meta, one.values, refs.resolve) for one in unknown]
        keys = {key for some in keyed for key, _ in some}
        if keys:
            await _lock_keys(tx, tenant, entity, keys)
            near = await _candidates(tx, config, entity, keys)
            barred = await _barred(tx, tenant, unknown)
            for one in unknown:
                if one.golden_id is not None:
                    barred.setdefault(one.key, set()).add(one.golden_id)  # where it is already proves nothing
            matched = matching.match_all(
                meta, unknown, near, resolve=refs.resolve, barred=barred, may_open=lambda _: True, keys=keyed
            )
    for at in _openers_first(matched, len(unknown)):
        _take(unknown, at, matched[at] if matched else None, linked, new_id)


MOST_KEY_LOCKS = 512
"""A batch with more keys than this locks the whole entity: the server's lock table is small (64 a connection)."""


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


def _openers_first(matched: Sequence[MatchDecision] | None, count: int) -> list[int]:
    """Records that share another unknown's golden record come after it."""
    return sorted(range(count), key=lambda at: matched is not None and matched[at].same_as >= 0)


def _take(unknown: Sequence[Contribution], at: int, decision: MatchDecision | None, linked: Linked, new_id: NewId) -> None:
    one = unknown[at]
    if one.golden_id is not None:
        _take_named(unknown, one.golden_id, one, decision, linked)
        return
    if decision is None or decision.kind != matching.MATCH:
        one.golden_id = new_id()
        linked.brand_new.add(one.golden_id)
        if decision is not None and decision.kind == matching.POSSIBLE_MATCH:
            other = decision.golden_id or (unknown[decision.same_as].golden_id if decision.same_as >= 0 else None)
            linked.doubts.append(_possible_duplicate(one, other, decision))
        return
    if decision.golden_id is None:
        shared = unknown[decision.same_as].golden_id
        assert shared is not None, "the record that opens comes first"
        one.golden_id = shared
    else:
        one.golden_id = decision.golden_id
    linked.links.append(_by_rule(one, decision))


def _take_named(
    unknown: Sequence[Contribution], waiting: UUID, one: Contribution, decision: MatchDecision | None, linked: Linked
) -> None:
    """A record that is where somebody named it before it came: what it equals takes it, and all that waits there."""
    if decision is None or decision.kind == matching.NO_MATCH:
        return
    other = decision.golden_id or (unknown[decision.same_as].golden_id if decision.same_as >= 0 else None)
    if decision.kind == matching.POSSIBLE_MATCH:
        linked.doubts.append(_possible_duplicate(one, other, decision))
    elif other is not None and other != waiting:
        linked.joins[waiting] = (one, other, decision)


def _by_rule(one: Contribution, decision: MatchDecision) -> dict[str, Any]:
    return {
        "kind": "link", "entity": one.key.entity, "golden_id": one.golden_id, "actor": "rule", "rule": decision.rule,
        "reason": f"{one.key.system} {one.key.object} {one.key.external_id} agrees",
        "evidence": [[item.key, item.finding] for item in decision.evidence],
    }  # fmt: skip


def _possible_duplicate(one: Contribution, other: UUID | None, decision: MatchDecision) -> NewTask:
    name = f"{one.key.system} {one.key.object} {one.key.external_id}"
    return NewTask(
        cause="possible_duplicate",
        subject=f"{one.key.entity} {name}",
        reason=f"{name} shares an identifier with another record, but something contradicts it",
        remedy="Decide whether they are the same.",
        entity=one.key.entity,
        golden_id=one.golden_id,
        system=one.key.system,
        detail={"other": str(other) if other else None, "evidence": [[e.key, e.finding] for e in decision.evidence]},
    )


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
        by_id.setdefault(_known(one), []).append(one)
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
    rows = await tx.fetch(
        "SELECT source_id, golden_id FROM hub.decision WHERE tenant_id = $1 AND kind = 'not_same' "
        "AND source_id = ANY ($2::bigint[]) AND withdrawn_at IS NULL",
        tenant_id, list(ids),
    )  # fmt: skip
    barred: dict[SourceKey, set[UUID]] = {}
    for row in rows:
        barred.setdefault(ids[row["source_id"]], set()).add(row["golden_id"])
    return barred
