"""Look again at what came or changed: records that arrived one by one end where a batch would have put them.

Every night, and whenever somebody asks (``hub match again``): due source records are compared with their neighbours by the model in
force. What must be joined is joined by rule where nobody has to agree; the rest, and what no longer holds, becomes questions.
A person's word is never touched. Progress is a row; each neighbourhood is a transaction of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import asdict, dataclass, fields
from uuid import UUID

from hub.core import match
from hub.core.configuration import Configuration
from hub.core.match.regroup import MOST_MEMBERS, Ask, Join, Member, Move, regroup
from hub.core.records import Contribution
from hub.errors import RequestError
from hub.flows import forms_later, merge, merge_checks
from hub.flows.actions import By
from hub.flows.again import repeated
from hub.flows.batch import Fresh
from hub.flows.likeness import KEY_CAP, evidence
from hub.flows.linked import name_of
from hub.flows.recompute import recompute
from hub.store import decisions, forwards, golden, likeness, source_records, tasks
from hub.store.configuration import ConfigurationCache
from hub.store.likeness import Due, Found
from hub.store.pool import Pool
from hub.store.statements import Connection
from hub.store.tasks import NewTask
from schema import ENTITIES
from schema.fields import R1
from schema.language import Family

PAGE = 500
MOST_NEIGHBOURS = 100
"""Source records each due one is weighed with; more than when it came, as nobody waits."""
RULE = By("rule")


@dataclass(slots=True)
class Looked:
    """What a re-evaluation came to."""

    looked_at: int = 0
    joined: int = 0
    moved: int = 0
    asked: int = 0
    too_large: int = 0

    def add(self, more: Looked) -> None:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(more, one.name))


Say = Callable[[Looked, int], None]
"""Told after each page: so far, and how many are left."""


async def reevaluate(
    pool: Pool, configurations: ConfigurationCache, tenant_id: int, entity: str, *, is_all: bool = False, actor: str = "rule",
    say: Say | None = None,
) -> Looked:  # fmt: skip
    """Look again at an entity's due source records (``is_all``: at every one). One run at a time per tenant and entity."""
    done = Looked()
    async with _alone(pool, tenant_id, entity) as is_mine:
        if not is_mine:
            return done
        await forms_later.write_all(pool, configurations, tenant_id)
        async with pool.acquire() as tx:
            config = await configurations.get(tx, tenant_id)
            if config.match_mode(entity) == "off":
                return done
            if is_all:
                await likeness.all_due(tx, tenant_id, entity)
            run_id = await likeness.start_run(tx, tenant_id, entity, "re_evaluation", config.model(entity).version, actor)
        while await _page(pool, configurations, tenant_id, entity, done):
            if say is not None:
                say(done, (await likeness.due_count(pool, tenant_id)).get(entity, 0))
        async with pool.acquire() as tx:
            await likeness.end_run(tx, tenant_id, run_id, done.looked_at, asdict(done))
    return done


async def reevaluate_due(pool: Pool, configurations: ConfigurationCache, every_h: float) -> int:
    """Look again where a trained model judges, something is due, and the last look is ``every_h`` hours ago; answers how many records."""
    async with pool.acquire() as tx:
        due = await likeness.entities_due(tx, every_h)
    looked = 0
    for tenant_id, entity in due:
        looked += (await reevaluate(pool, configurations, tenant_id, entity)).looked_at
    return looked


@asynccontextmanager
async def _alone(pool: Pool, tenant_id: int, entity: str) -> AsyncIterator[bool]:
    """Hold the run of one tenant and entity; False when somebody else does."""
    async with pool.acquire() as held:
        name = f"match again {entity}"
        is_mine = bool(await held.fetchval("SELECT pg_try_advisory_lock(hashtextextended($2, $1))", tenant_id, name))
        try:
            yield is_mine
        finally:
            if is_mine:
                await held.execute("SELECT pg_advisory_unlock(hashtextextended($2, $1))", tenant_id, name)


async def _page(pool: Pool, configurations: ConfigurationCache, tenant_id: int, entity: str, done: Looked) -> bool:
    """Look at the oldest due source records; False when there are none."""
    async with pool.acquire() as tx:
        config = await configurations.get(tx, tenant_id)
        due = await likeness.due(tx, tenant_id, entity, PAGE)
        if not due:
            return False
        neighbourhoods = await _neighbourhoods(tx, config, entity, due)
    for several in neighbourhoods:
        done.add(await _settled(pool, config, entity, several))
    async with pool.acquire() as tx:
        await likeness.looked_at(tx, tenant_id, [one.source_id for one in due])
    done.looked_at += len(due)
    return True


async def _neighbourhoods(tx: Connection, config: Configuration, entity: str, due: Sequence[Due]) -> list[list[UUID]]:
    """Golden records that have to be looked at together: what due records are likely the same as, and what hangs on it."""
    model = config.model(entity, "unconfirmed")
    near = await likeness.near(tx, config.tenant_id, {at: one.keys for at, one in enumerate(due)}, cap=KEY_CAP, limit=MOST_NEIGHBOURS)
    together = match.Clusters[UUID]()
    met: dict[UUID, None] = {}
    for at, one in enumerate(due):
        for other in near[at]:
            if other.golden_id != one.golden_id and match.bits(model, one.form, other.form) >= model.threshold_review:
                together.join(one.golden_id, other.golden_id)
                met |= {one.golden_id: None, other.golden_id: None}
    return [sorted(several) for several in together.groups(met)]


async def _settled(pool: Pool, config: Configuration, entity: str, ids: Sequence[UUID]) -> Looked:
    async def attempt() -> Looked:
        async with pool.acquire() as tx, tx.transaction():
            return await _settle(tx, config, entity, ids)

    return await repeated(attempt)


async def _settle(tx: Connection, config: Configuration, entity: str, ids: Sequence[UUID]) -> Looked:
    """Judge one neighbourhood anew, and do or ask what follows; answers what that was."""
    done = Looked()
    model = config.model(entity, "unconfirmed")
    found = await likeness.of_clusters(tx, config.tenant_id, ids)
    everyone = {one.source_id: one for several in found.values() for one in several}
    if len(everyone) > MOST_MEMBERS:
        done.too_large += 1
        await tasks.open_tasks(tx, config.tenant_id, [_too_large(entity, ids, len(everyone))])
        return done
    movable = await likeness.movable(tx, config.tenant_id, list(everyone))
    members = [Member(one.source_id, one.golden_id, one.form, one.source_id in movable) for one in everyone.values()]
    apart = [(row["one"], row["other"]) for row in await forwards.apart(tx, config.tenant_id, list(found))]
    told = regroup(model, sorted(members, key=lambda one: one.source_id), apart)
    asks = list(told.asks)
    links = config.match_mode(entity) == "link"
    for join in told.joins:
        if links and await _join(tx, config, entity, join, everyone):
            done.joined += len(join.losers)
        else:
            asks += [Ask(join.survivor, loser, join.pair, "somebody has to agree") for loser in join.losers]
    if links and told.moves:
        await _move(tx, config, entity, told.moves, everyone)
        done.moved += len(told.moves)
    done.asked = await _ask(tx, config, entity, asks, everyone)
    return done


async def _join(tx: Connection, config: Configuration, entity: str, join: Join, everyone: Mapping[int, Found]) -> bool:
    """Join by rule; False where a veto stands against it or a second person has to agree: then it is a question."""
    meta, ids = ENTITIES[entity], [join.survivor, *join.losers]
    if meta.family is not Family.MATCHED or len(ids) > merge_checks.MOST:
        return False
    standing = {id_: one.golden.values for id_, one in (await golden.read(tx, config.tenant_id, meta, ids)).items()}
    if len(standing) < len(ids):
        return False  # one of them waits to be born, or was merged meanwhile
    checked = await merge_checks.check(tx, config.tenant_id, meta, standing)
    if checked.vetoes or checked.risk is not R1:
        return False
    reason = f"match model {config.model(entity).version} finds them the same"
    try:
        async with tx.transaction():
            made = await merge.merge(tx, config, entity, join.survivor, join.losers, RULE, reason=reason)
    except RequestError:
        return False
    await decisions.explain(tx, config.tenant_id, made.decision_ids, f"model:{config.model(entity).version}", _evidence(config, entity, join.pair, everyone))
    return True


def _evidence(config: Configuration, entity: str, pair: tuple[int, int], everyone: Mapping[int, Found]) -> dict[str, object]:
    model, (a, b) = config.model(entity), pair
    scored = match.score(model, everyone[a].form, everyone[b].form)
    return evidence(model, scored) | {"sources": [a, b]}


async def _move(tx: Connection, config: Configuration, entity: str, moves: Sequence[Move], everyone: Mapping[int, Found]) -> None:
    """Put source records that the model had linked where it finds them now."""
    tenant, rule = config.tenant_id, f"model:{config.model(entity).version}"
    wanted = {move.source_id: move for move in moves}
    keys = [one.key for one in await source_records.by_ids(tx, tenant, list(wanted), config.ranks)]
    before = await source_records.lock(tx, tenant, keys, config.ranks)
    fresh = [Fresh(one, _moved(one, wanted[one.id].to)) for one in before.values() if one.golden_id == wanted[one.id].away]
    touched = {id_ for one in fresh if one.previous for id_ in (one.previous.golden_id, one.contribution.golden_id) if id_}
    await likeness.withdraw_links(tx, tenant, [one.contribution.id for one in fresh], RULE.actor)
    await decisions.make(tx, tenant, [
        {
            "kind": "link", "entity": entity, "golden_id": one.contribution.golden_id, "source_id": one.contribution.id, "actor": "rule",
            "rule": rule, "reason": f"{name_of(one.contribution)} is more like it than like where it was",
            "evidence": _evidence(config, entity, wanted[one.contribution.id].pair, everyone),
        }
        for one in fresh
    ])  # fmt: skip
    await recompute(tx, config, {entity: {id_: RULE.cause("rule") for id_ in touched}}, fresh)
    if roles := await forwards.settle_roles(tx, tenant, touched):
        await recompute(tx, config, {entity: {row["golden_id"]: RULE.cause("rule") for row in roles}})


def _moved(one: Contribution, to: UUID) -> Contribution:
    moved = copy(one)
    moved.golden_id = to
    return moved


async def _ask(tx: Connection, config: Configuration, entity: str, asks: Sequence[Ask], everyone: Mapping[int, Found]) -> int:
    """One question per pair of golden records; those asked already, in whatever words, are not asked again."""
    model = config.model(entity)
    if not model.version:
        return 0
    known = await likeness.asked(tx, config.tenant_id, {id_ for ask in asks for id_ in (ask.one, ask.other)}) if asks else set()
    new = [ask for ask in asks if frozenset((ask.one, ask.other)) not in known]
    await tasks.open_tasks(tx, config.tenant_id, [_question(config, entity, ask, everyone) for ask in new])
    return len(new)


def _question(config: Configuration, entity: str, ask: Ask, everyone: Mapping[int, Found]) -> NewTask:
    told = _evidence(config, entity, ask.pair, everyone)
    why = f", but {ask.why}" if ask.why else ""
    return NewTask(
        cause="possible_duplicate", subject=f"{entity} {ask.one} {ask.other}",
        reason=f"two golden records are likely the same ({told['weight']:.1f} bits){why}",
        remedy="Decide whether they are the same.", entity=entity, golden_id=ask.one, is_restated=True,
        detail={"other": str(ask.other), "evidence": told},
    )  # fmt: skip


def _too_large(entity: str, ids: Sequence[UUID], size: int) -> NewTask:
    return NewTask(
        cause="possible_duplicate", subject=f"{entity} around {ids[0]}",
        reason=f"{size} source records of {len(ids)} golden records hang together; that is no cluster",
        remedy="Look for a value that many of them share, and declare it generic.", entity=entity, golden_id=ids[0], is_restated=True,
        detail={"records": [str(one) for one in ids[:50]]},
    )  # fmt: skip
