"""Judge unknown source records by how alike they are to known ones: the learned model applied to one record at a time.

After declared links and exact identifiers (:mod:`hub.flows.match_rules`), before a record opens a golden record of its own.
The same declaration, normal form, weights and guards as in a batch run; candidates come from blocking keys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from hub.core import match
from hub.core.configuration import Configuration
from hub.core.match import Form, Model, Scored
from hub.core.matching import MATCH, NO_MATCH, POSSIBLE_MATCH, MatchDecision
from hub.core.records import Contribution, SourceKey
from hub.core.resolution import Resolve
from hub.flows.forms import NONE_KNOWN, Formed, formed, is_compared, is_load
from hub.store import decisions, likeness
from hub.store.likeness import Found
from hub.store.statements import Connection
from schema import ENTITIES
from schema.language import Family

KEY_CAP = 100
"""A blocking key held by more source records says nothing, and is left out."""
MOST_CANDIDATES = 40
"""Source records that are weighed, those that share most keys first. Of 3,160 of 100,000 made clients that have another spelling among their
candidates (42 in the middle, 196 for one in a hundred) it is among the first 10 for all but two, and among the first 30 for all.
"""
BATCH_CAP = 20
MOST_OF_A_BATCH = 8
"""The same bounds among the unknowns of one batch, which are some hundred and not a million; and where a model only asks."""
UNTRAINED_ASKS = 2.0
"""Bits (four to one) from which a model nobody trained asks."""
MOST_LEEWAY = 20.0
"""Bits below the model's review zone at which no tenant's own threshold is looked up."""


@dataclass(slots=True)
class Cluster:
    """A golden record as one unknown sees it: the member it is most like, and what speaks against any of them."""

    golden_id: UUID | None
    """None for a record that another unknown of this batch opens (``index``)."""
    index: int
    weight: float
    """Bits of the likest pair."""
    nearest: Form
    members: list[Form] = field(default_factory=list)


async def judge(
    tx: Connection,
    config: Configuration,
    entity: str,
    unknown: Sequence[Contribution],
    exact: Sequence[MatchDecision],
    resolve: Resolve,
    barred: Mapping[SourceKey, Iterable[UUID]],
    known: Mapping[SourceKey, Formed] = NONE_KNOWN,
) -> list[MatchDecision]:
    """The decisions after a look at likeness: what exact rules left ``no_match`` may become a match or a question.

    ``known`` are forms and keys that are made already. Of a load that a model could only ask about nothing is asked yet: :mod:`hub.flows.forms_later` does.
    """
    answers = list(exact)
    if match.spec_of(ENTITIES[entity]) is None or config.match_mode(entity) == "off" or is_load(config, entity, len(unknown)):
        return answers
    model = config.model(entity)
    made = {at: known.get(one.key) or formed(config, entity, one, resolve) for at, one in enumerate(unknown) if is_compared(one)}
    forms, keys = {at: form for at, (form, _) in made.items()}, {at: several for at, (_, several) in made.items()}
    asked = [at for at, decision in enumerate(answers) if decision.kind == NO_MATCH and at in forms]
    if not asked:
        return answers
    cap, most = (KEY_CAP, MOST_CANDIDATES) if model.version else (BATCH_CAP, MOST_OF_A_BATCH)
    near = await likeness.near(tx, config.tenant_id, {at: keys[at] for at in asked}, cap=cap, limit=most)
    batch = _Batch(forms, keys)
    found = {at: _clusters(model, forms[at], near[at], set(barred.get(unknown[at].key, ()))) for at in asked}
    await _whole(tx, config.tenant_id, found)
    confirmed = await decisions.confirmed(tx, config.tenant_id, _ids(found))
    for at, decision in enumerate(answers):
        if at in found:
            clusters = [*found[at], *batch.clusters(model, at)]
            answers[at] = decide(config, model, forms[at], clusters, decision, confirmed)
        if at in forms:
            batch.place(at, answers[at])
    return answers


def _clusters(model: Model, form: Form, near: Iterable[Found], barred: set[UUID]) -> list[Cluster]:
    """The golden records of the candidates, the likest first; those a person said it is not are left out."""
    best: dict[UUID, Cluster] = {}
    for one in near:
        if one.golden_id in barred:
            continue
        weight = match.bits(model, form, one.form)
        held = best.get(one.golden_id)
        if held is None or weight > held.weight:
            best[one.golden_id] = Cluster(one.golden_id, -1, weight, one.form)
    return sorted(best.values(), key=lambda cluster: (-cluster.weight, str(cluster.golden_id)))


MOST_LOOKED_AT = 3
"""Clusters whose every member is looked at: the likest, and its rivals."""


def _ids(found: Mapping[int, Sequence[Cluster]]) -> set[UUID]:
    return {one.golden_id for several in found.values() for one in several[:MOST_LOOKED_AT] if one.golden_id is not None}


async def _whole(tx: Connection, tenant_id: int, found: Mapping[int, Sequence[Cluster]]) -> None:
    """Give the likest clusters all their members: one that shares no key may be what contradicts."""
    wanted = _ids(found)
    members = await likeness.of_clusters(tx, tenant_id, wanted) if wanted else {}
    for several in found.values():
        for one in several[:MOST_LOOKED_AT]:
            if one.golden_id is not None:
                one.members = [each.form for each in members.get(one.golden_id, ())]


class _Batch:
    """The unknowns of one batch as candidates for each other."""

    def __init__(self, forms: Mapping[int, Form], keys: Mapping[int, Sequence[int]]) -> None:
        self._forms, self._keys = forms, keys
        self._by_key: dict[int, list[int]] = {}
        self._opened: dict[int, list[int]] = {}
        """Who opens a golden record → who belongs to it."""
        self._home: dict[int, int] = {}

    def place(self, at: int, decision: MatchDecision) -> None:
        """Tell where a record of the batch went, so that later ones find it."""
        if decision.kind == MATCH and decision.golden_id is not None:
            return
        home = decision.same_as if decision.kind == MATCH and decision.same_as >= 0 else at
        home = self._home.get(home, home)
        self._home[at] = home
        self._opened.setdefault(home, []).append(at)
        for key in self._keys[at]:
            self._by_key.setdefault(key, []).append(at)

    def clusters(self, model: Model, at: int) -> list[Cluster]:
        """The golden records that earlier records of the batch open and that share most keys with this one."""
        shared = Counter(other for key in self._keys[at] if len(held := self._by_key.get(key, ())) <= BATCH_CAP for other in held)
        near = sorted(shared, key=lambda other: (-shared[other], other))[:MOST_OF_A_BATCH]
        best: dict[int, Cluster] = {}
        for other in near:
            weight, home = match.bits(model, self._forms[at], self._forms[other]), self._home[other]
            if home not in best or weight > best[home].weight:
                best[home] = Cluster(None, home, weight, self._forms[other], [self._forms[one] for one in self._opened[home]])
        return list(best.values())


def decide(
    config: Configuration,
    model: Model,
    form: Form,
    clusters: Sequence[Cluster],
    decision: MatchDecision,
    confirmed: frozenset[UUID] = frozenset(),
) -> MatchDecision:
    """Which zone the likest cluster lies in, once its other members and its rivals are heard.

    What has a business key is never linked by likeness, only proposed. A model nobody trained only asks, and only about what
    it is rather sure of: its doubts are worth nobody's time.
    """
    if not clusters:
        return decision
    ranked = sorted(clusters, key=lambda cluster: (-cluster.weight, str(cluster.golden_id), cluster.index))
    first, rivals = ranked[0], [one.weight for one in ranked[1:]]
    if first.weight < model.threshold_review - MOST_LEEWAY:
        return decision
    best = _with_guards_of_all(model, form, first)
    situation = "confirmed" if first.golden_id in confirmed else "unconfirmed"
    judged_by = config.model(model.entity, situation)
    zone = match.zone(judged_by, best, rivals, situation)
    is_keyed = ENTITIES[model.entity].family is not Family.MATCHED
    if zone == MATCH and (is_keyed or config.match_mode(model.entity) == "ask"):
        zone = POSSIBLE_MATCH
    if zone == NO_MATCH or (not model.version and (is_keyed or best.weight < UNTRAINED_ASKS)):
        return decision
    return replace(
        decision, kind=zone, golden_id=first.golden_id, same_as=first.index, rule=f"model:{model.version}", likeness=evidence(model, best, ranked)
    )


def _with_guards_of_all(model: Model, form: Form, cluster: Cluster) -> Scored:
    """What contradicts one member of a cluster contradicts the cluster."""
    best = match.score(model, form, cluster.nearest)
    others = (guard for member in cluster.members for guard in match.guards(model, form, member))
    return best._replace(guards=tuple(dict.fromkeys((*best.guards, *others))))


def evidence(model: Model, best: Scored, ranked: Sequence[Cluster] = ()) -> dict[str, Any]:
    """What a decision keeps: version of the model, weight in bits, probability, per field its level and weight, guards, rivals."""
    return {
        "model": model.version,
        "weight": round(best.weight, 3),
        "probability": round(best.probability, 6),
        "parts": [{"comparison": p.comparison, "level": p.level, "weight": round(p.weight, 3), "a": p.a, "b": p.b} for p in best.parts],
        "guards": [{"kind": guard.kind, "reason": guard.reason} for guard in best.guards],
        "rivals": [
            {"id": str(one.golden_id), "weight": round(one.weight, 3)} for one in ranked[1:4] if one.golden_id is not None
        ],
    }
