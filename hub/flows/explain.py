"""Explain likeness: what a record may be the same as and why, and how the records of a cluster hang together.

Reads only. The same model and forms as the matching itself, so that what is shown is what decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from hub.core import match
from hub.core.configuration import Configuration
from hub.core.match import Form, Model, Scored
from hub.core.records import Values
from hub.core.resolution import Resolve
from hub.flows.likeness import KEY_CAP, MOST_CANDIDATES
from hub.store import likeness
from hub.store.likeness import Found
from hub.store.statements import Connection


@dataclass(frozen=True, slots=True)
class Likely:
    """A golden record that may be the same, with the pair of source records that says so most."""

    golden_id: UUID
    source_id: int
    system: str
    scored: Scored
    zone: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two source records and how alike they are."""

    a: Found
    b: Found
    scored: Scored


async def likely(
    tx: Connection, config: Configuration, entity: str, values: Values, resolve: Resolve, *, most: int = 10, but: frozenset[UUID] = frozenset()
) -> list[Likely]:
    """Golden records that a record of these values may be the same as, the likest first. Nothing is stored."""
    model = config.model(entity)
    form = match.normal_form(model.spec, config.generic.without(entity, values), resolve)
    return await _likely(tx, config, model, [form], most, but)


async def duplicates_of(tx: Connection, config: Configuration, entity: str, golden_id: UUID, *, most: int = 10) -> list[Likely]:
    """Other golden records that may be the same as this one, by any of its source records."""
    members = (await likeness.of_clusters(tx, config.tenant_id, [golden_id])).get(golden_id, [])
    return await _likely(tx, config, config.model(entity), [one.form for one in members], most, frozenset((golden_id,)))


async def _likely(
    tx: Connection, config: Configuration, model: Model, forms: Sequence[Form], most: int, but: frozenset[UUID]
) -> list[Likely]:
    keys = {at: match.blocking_keys(model.spec, form, model.frequencies) for at, form in enumerate(forms)}
    near = await likeness.near(tx, config.tenant_id, keys, cap=KEY_CAP, limit=MOST_CANDIDATES)
    best: dict[UUID, tuple[float, int, Found]] = {}
    for at, found in near.items():
        for one in found:
            if one.golden_id not in but:
                weight = match.bits(model, forms[at], one.form)
                if one.golden_id not in best or weight > best[one.golden_id][0]:
                    best[one.golden_id] = (weight, at, one)
    ranked = sorted(best.items(), key=lambda item: (-item[1][0], str(item[0])))
    judged_by = config.model(model.entity, "unconfirmed")
    return [_likelihood(judged_by, golden_id, forms[at], one) for golden_id, (_, at, one) in ranked[:most]]


def _likelihood(model: Model, golden_id: UUID, form: Form, one: Found) -> Likely:
    scored = match.score(model, form, one.form)
    return Likely(golden_id, one.source_id, one.system, scored, match.zone(model, scored, (), "unconfirmed"))


async def pairs_between(tx: Connection, config: Configuration, entity: str, golden_ids: Sequence[UUID]) -> list[Pair]:
    """Every pair of source records of these golden records (or of one), the likest first: the score matrix of a cluster."""
    model, everyone = config.model(entity), await _members(tx, config, golden_ids)
    pairs = [Pair(a, b, match.score(model, a.form, b.form)) for a, b in combinations(everyone, 2)]
    return sorted(pairs, key=lambda pair: -pair.scored.weight)


async def strongest_between(tx: Connection, config: Configuration, entity: str, golden_ids: Sequence[UUID]) -> list[Pair]:
    """Of each two of these golden records the two source records that are likest; only those are explained."""
    model, everyone = config.model(entity), await _members(tx, config, golden_ids)
    best: dict[frozenset[UUID], tuple[float, Found, Found]] = {}
    for a, b in combinations(everyone, 2):
        if a.golden_id != b.golden_id:
            weight, between = match.bits(model, a.form, b.form), frozenset((a.golden_id, b.golden_id))
            if between not in best or weight > best[between][0]:
                best[between] = (weight, a, b)
    pairs = [Pair(a, b, match.score(model, a.form, b.form)) for _, a, b in best.values()]
    return sorted(pairs, key=lambda pair: -pair.scored.weight)


async def _members(tx: Connection, config: Configuration, golden_ids: Sequence[UUID]) -> list[Found]:
    members = await likeness.of_clusters(tx, config.tenant_id, golden_ids)
    return [one for golden_id in golden_ids for one in members.get(golden_id, ())][:MOST_IN_MATRIX]


MOST_IN_MATRIX = 60
"""A cluster with more records shows the first of them: 1,770 pairs are enough to look at."""


def path_between(pairs: Sequence[Pair], a: int, b: int) -> list[Pair]:
    """How two source records hang together: the way through the cluster whose weakest step is strongest.

    Empty when they are one record, or nothing connects them. The strongest tree over the cluster holds that way.
    """
    steps = _strongest_tree(pairs)
    came_by: dict[int, Pair | None] = {a: None}
    waiting = [a]
    while waiting and b not in came_by:
        here = waiting.pop()
        for there, pair in steps.get(here, ()):
            if there not in came_by:
                came_by[there] = pair
                waiting.append(there)
    way: list[Pair] = []
    here = b
    while (step := came_by.get(here)) is not None:
        way.append(step)
        here = step.a.source_id if step.b.source_id == here else step.b.source_id
    return way[::-1]


def _strongest_tree(pairs: Sequence[Pair]) -> dict[int, list[tuple[int, Pair]]]:
    """The pairs that join the cluster, strongest first (Kruskal)."""
    joined = match.Clusters[int]()
    steps: dict[int, list[tuple[int, Pair]]] = {}
    for pair in sorted(pairs, key=lambda one: -one.scored.weight):
        a, b = pair.a.source_id, pair.b.source_id
        if joined.root(a) != joined.root(b):
            joined.join(a, b)
            steps.setdefault(a, []).append((b, pair))
            steps.setdefault(b, []).append((a, pair))
    return steps
