"""A plan for another match model, mode or threshold: which pairs of golden records would be linked, asked about, or left apart.

Golden records are compared with their neighbours by the model in force and by the one to be; what lies in another zone is listed,
under the record with the lesser id. What people said stands above both. Applying switches the model and hands exactly what is
listed to the re-evaluation (:mod:`hub.flows.reevaluate`), which joins, asks and moves as it always does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from hub.core import match
from hub.core.configuration import Configuration
from hub.core.match import MATCH, NO_MATCH, POSSIBLE_MATCH, Form, Model
from hub.core.planning import Step, step_of
from hub.core.records import Contribution
from hub.core.survivorship import survive
from hub.errors import RequestError
from hub.flows import match_models, references
from hub.flows.likeness import KEY_CAP, MOST_CANDIDATES
from hub.flows.match_models import Matching
from hub.flows.merge_preview import moved_to, roles_of
from hub.flows.plans_compute import Seen
from hub.store import decisions, forwards, golden, likeness, plans, source_records
from hub.store.statements import Connection
from schema import ENTITIES

LINK, ASK, DROP, PART = "link", "ask", "drop", "part"
"""What becomes of a pair: linked, asked about, asked about no more; and a link of the model's own that no longer holds."""
_OPS = {MATCH: LINK, POSSIBLE_MATCH: ASK, NO_MATCH: DROP}
_ORDER = (LINK, PART, ASK, DROP)


async def then(tx: Connection, config: Configuration, given: Mapping[str, Any]) -> Configuration:
    """The configuration as it would be; raises :class:`RequestError` for a model that is not there."""
    entity, version = given["entity"], given["version"]
    models = dict(config.models)
    if version:
        found = await likeness.model(tx, config.tenant_id, entity, version)
        if found is None:
            raise RequestError("NOT_FOUND", f"there is no model {version} of {entity}", field="version", remedy="List the entity's models.")
        models[entity] = Model.from_json(config.model(entity).spec, found["document"]).numbered(version)
    else:
        models.pop(entity, None)
    all_ = config.settings.get("matching")
    matching = {**(all_ if isinstance(all_, Mapping) else {}), entity: given["matching"]}
    return replace(config, models=models, settings={**config.settings, "matching": matching})


def in_force(config: Configuration, entity: str) -> dict[str, Any]:
    """What a plan for this entity is held against: the version in force, and the tenant's own say."""
    all_ = config.settings.get("matching")
    own = all_.get(entity) if isinstance(all_, Mapping) else None
    return {"entity": entity, "version": config.models[entity].version if entity in config.models else 0, "matching": dict(own or {})}


async def switch(tx: Connection, config: Configuration, plan_id: int, given: Mapping[str, Any], actor: str) -> None:
    """Let the planned model judge from now on, and have what the plan lists looked at again."""
    entity, matching = given["entity"], given["matching"]
    if in_force(config, entity)["version"] != given["version"]:
        await match_models.use(tx, config, entity, given["version"], actor)
    await match_models.set_matching(tx, config, entity, Matching(matching.get("mode"), matching.get("thresholds")))
    await plans.SQL["due_of_items"].run(tx, tenant=config.tenant_id, id=plan_id)


@dataclass(slots=True)
class Pairs:
    """What one golden record's neighbours are to it: other golden id → (weight, zone) before and after."""

    before: dict[UUID, tuple[float, str]] = field(default_factory=dict)
    after: dict[UUID, tuple[float, str]] = field(default_factory=dict)


async def look(tx: Connection, now: Configuration, then: Configuration, entity: str, ids: Sequence[UUID]) -> dict[UUID, Step]:
    """The golden records of a page for which something changes: pairs that come to lie in another zone, links that no longer hold."""
    rows = await plans.SQL["forms_of_golden"].fetch(tx, tenant=now.tenant_id, entity=entity, golden_ids=list(ids))
    if not rows:
        return {}
    near = await likeness.near(
        tx, now.tenant_id, {at: row["keys"] for at, row in enumerate(rows)}, cap=KEY_CAP, limit=MOST_CANDIDATES
    )
    others = {one.golden_id for several in near.values() for one in several}
    apart = {frozenset((row["one"], row["other"])) for row in await forwards.apart(tx, now.tenant_id, [*ids, *others])}
    judges = (_Judge(now, entity), _Judge(then, entity))
    found: dict[UUID, Pairs] = {}
    for at, row in enumerate(rows):
        for other in near[at]:
            a, b = sorted((row["golden_id"], other.golden_id))
            if a == b or frozenset((a, b)) in apart or row["golden_id"] != a:
                continue
            pairs = found.setdefault(a, Pairs())
            for judge, told in zip(judges, (pairs.before, pairs.after), strict=True):
                judge.put(told, b, row["form"], other.form)
    lost = await _lost(tx, now.tenant_id, rows, judges)
    steps = {}
    for golden_id in sorted({*found, *lost}):
        step = _step(entity, golden_id, found.get(golden_id, Pairs()), lost.get(golden_id, []))
        if step is not None:
            steps[golden_id] = step
    return steps


async def joined(tx: Connection, config: Configuration, entity: str, steps: Sequence[Step]) -> dict[UUID, Seen]:
    """The records that the listed pairs would link, as one under the least id: what systems would be sent follows from it.

    A pair that a person's word or a guard keeps apart when the plan is applied is counted here nevertheless.
    """
    linked = [(one.golden_id, UUID(pair["other"])) for one in steps if one.op == LINK for pair in one.after["pairs"] if pair["zone"] == MATCH]
    groups = match.Clusters[UUID]()
    for one, other in linked:
        groups.join(one, other)
    members = sorted({each for pair in linked for each in pair})
    if not members:
        return {}
    meta, tenant = ENTITIES[entity], config.tenant_id
    by_id: dict[UUID, list[Contribution]] = {one: [] for one in members}
    for said in await source_records.siblings(tx, tenant, members, (), config.ranks):
        if said.golden_id in by_id:
            by_id[said.golden_id].append(said)
    stored = await golden.read(tx, tenant, meta, members)
    decided = await decisions.in_force(tx, tenant, members)
    refs = await references.load(tx, tenant, {entity: [one.values for several in by_id.values() for one in several]})
    at = await tx.fetchval("SELECT clock_timestamp()")
    found: dict[UUID, Seen] = {}
    for group in groups.groups(members):
        stays = min(group)
        roles = roles_of(stays, {one: by_id[one] for one in group})
        said_by_all = [moved_to(one, stays, roles) for each in sorted(group) for one in by_id[each]]
        judged = decided.get(stays, [])
        after = survive(meta, stays, said_by_all, judged, config.policy, at, refs.resolve)
        before = stored[stays].golden if stays in stored else None
        found[stays] = Seen(before, after, step_of(before, after), by_id[stays], judged, refs.resolve, at, said_by_all)
    return found


class _Judge:
    """One model with a tenant's thresholds: the zone of a pair, as far as it leads to anything."""

    def __init__(self, config: Configuration, entity: str) -> None:
        self.model = config.model(entity, "unconfirmed")
        self.mode = config.match_mode(entity)

    def put(self, told: dict[UUID, tuple[float, str]], other: UUID, a: Form, b: Form) -> None:
        """Keep the likest pair of source records for a pair of golden records."""
        weight = match.bits(self.model, a, b)
        if other not in told or weight > told[other][0]:
            told[other] = (weight, self.zone(a, b) if weight >= self.model.threshold_review else NO_MATCH)

    def zone(self, a: Form, b: Form) -> str:
        if self.mode == "off":
            return NO_MATCH
        zone = match.zone(self.model, match.score(self.model, a, b), (), "unconfirmed")
        if not self.model.version:
            return POSSIBLE_MATCH if zone == MATCH else NO_MATCH  # a model nobody trained asks about what it would link
        return POSSIBLE_MATCH if zone == MATCH and self.mode == "ask" else zone


async def _lost(tx: Connection, tenant_id: int, rows: Sequence[Any], judges: tuple[_Judge, _Judge]) -> dict[UUID, list[int]]:
    """Golden id → source records that the model alone has linked to it, which the model to be would not."""
    movable = await likeness.movable(tx, tenant_id, [row["source_id"] for row in rows])
    members: dict[UUID, list[Any]] = {}
    for row in rows:
        members.setdefault(row["golden_id"], []).append(row)
    found: dict[UUID, list[int]] = {}
    for golden_id, several in members.items():
        for one in several:
            if one["source_id"] in movable and len(several) > 1:
                held = [any(judge.zone(one["form"], other["form"]) == MATCH for other in several if other is not one) for judge in judges]
                if held == [True, False]:
                    found.setdefault(golden_id, []).append(one["source_id"])
    return found


def _step(entity: str, golden_id: UUID, pairs: Pairs, lost: Sequence[int]) -> Step | None:
    changed = sorted(other for other in pairs.after if pairs.after[other][1] != pairs.before[other][1])
    if not changed and not lost:
        return None
    ops = {_OPS[pairs.after[other][1]] for other in changed} | ({PART} if lost else set())
    before, after = ([_told(other, told[other]) for other in changed] for told in (pairs.before, pairs.after))
    told = {"pairs": after} | ({"no_longer_linked": sorted(lost)} if lost else {})
    zones = [[str(other), pairs.after[other][1]] for other in changed]
    name = sha256(orjson.dumps([zones, sorted(lost)])).digest()[:16]
    return Step(golden_id, entity, next(op for op in _ORDER if op in ops), 0, {"pairs": before}, told, name)


def _told(other: UUID, judged: tuple[float, str]) -> dict[str, Any]:
    return {"other": str(other), "zone": judged[1], "weight": round(judged[0], 2)}
