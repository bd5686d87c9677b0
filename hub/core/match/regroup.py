"""Which golden records a neighbourhood of source records should make by the model in force, and what that asks for. Pure.

The rule of one record at a time, applied to many: pairs of the automatic zone join in descending order, never against a guard
of any member, registered numbers, or a person's word. So records that came one by one end where a batch would have put them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from uuid import UUID

from hub.core.match.clusters import Clusters
from hub.core.match.forms import Form
from hub.core.match.guards import guards, strong
from hub.core.match.model import Model
from hub.core.match.scoring import bits

MOST_MEMBERS = 400
"""A larger neighbourhood is no cluster but a value that many share; a person looks at it."""


@dataclass(frozen=True, slots=True)
class Member:
    """A source record of a neighbourhood. A movable one was linked by the model alone, and nobody has confirmed it."""

    source_id: int
    golden_id: UUID
    form: Form
    is_movable: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    """Golden records to join, by their likest pair of source records."""

    survivor: UUID
    losers: tuple[UUID, ...]
    pair: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Move:
    """A source record that is more like another golden record than like the one it was linked to."""

    source_id: int
    away: UUID
    to: UUID
    pair: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ask:
    """Two golden records that may be one: likely enough to ask, or kept from joining by what ``why`` says."""

    one: UUID
    other: UUID
    pair: tuple[int, int]
    why: str = ""


@dataclass(slots=True)
class Regrouped:
    joins: list[Join] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)


Pair = tuple[float, int, int]
"""Bits and two places among the members."""


def regroup(model: Model, members: Sequence[Member], apart: Collection[tuple[UUID, UUID]] = ()) -> Regrouped:
    """What to do with a neighbourhood. ``apart`` are golden records that a person said are not the same."""
    pairs, guarded = _weigh(model, members)
    clusters = Clusters[int](strong={at: strong(model, one.form) for at, one in enumerate(members)})
    cores = _cores(members, clusters)
    for at, other in guarded:
        if clusters.root(at) != clusters.root(other):
            clusters.apart(at, other)
    for one, two in apart:
        if one in cores and two in cores:
            clusters.apart(cores[one], cores[two])
    refused: dict[tuple[int, int], str] = {}
    for weight, at, other in pairs:
        if weight >= model.threshold_auto and (at, other) not in guarded and (why := clusters.join(at, other)):
            refused[at, other] = why
    return _told(model, members, pairs, clusters, cores, guarded, refused)


def _weigh(model: Model, members: Sequence[Member]) -> tuple[list[Pair], dict[tuple[int, int], str]]:
    """Pairs worth a look, the likest first, and what guards say of some of them."""
    pairs: list[Pair] = []
    guarded: dict[tuple[int, int], str] = {}
    for at, other in combinations(range(len(members)), 2):
        a, b = members[at], members[other]
        weight = bits(model, a.form, b.form)
        if weight >= model.threshold_review:
            pairs.append((weight, at, other))
        if fired := guards(model, a.form, b.form):
            guarded[at, other] = "; ".join(one.reason for one in fired)
    pairs.sort(key=lambda one: (-one[0], one[1], one[2]))
    return pairs, guarded


def _cores(members: Sequence[Member], clusters: Clusters[int]) -> dict[UUID, int]:
    """What stands as it is: of each golden record the members that do not move, joined beforehand. Answers one member of each."""
    cores: dict[UUID, int] = {}
    for at, one in enumerate(members):
        if not one.is_movable:
            first = cores.setdefault(one.golden_id, at)
            clusters.join(first, at)
    for at, one in enumerate(members):
        cores.setdefault(one.golden_id, at)
    return cores


def _told(
    model: Model, members: Sequence[Member], pairs: Sequence[Pair], clusters: Clusters[int], cores: Mapping[UUID, int],
    guarded: Mapping[tuple[int, int], str], refused: Mapping[tuple[int, int], str],
) -> Regrouped:  # fmt: skip
    done = Regrouped()
    homes: dict[int, list[UUID]] = {}
    for golden_id in sorted(cores, key=str):
        homes.setdefault(clusters.root(cores[golden_id]), []).append(golden_id)
    best: dict[frozenset[UUID], tuple[int, int]] = {}
    for _, at, other in pairs:
        best.setdefault(frozenset((members[at].golden_id, members[other].golden_id)), (at, other))
    for several in homes.values():
        if len(several) > 1:
            found = next((pair for both, pair in best.items() if len(both) == 2 and both <= set(several)), None)
            if found is not None:
                done.joins.append(Join(several[0], tuple(several[1:]), _named(members, found)))
    for at, one in enumerate(members):
        there = homes.get(clusters.root(at))
        if one.is_movable and there and one.golden_id not in there:
            pair = next((at, other) if x == at else (other, x) for _, x, other in pairs if at in (x, other) and members[other if x == at else x].golden_id in there)
            done.moves.append(Move(one.source_id, one.golden_id, there[0], _named(members, pair)))
    done.asks = [*_asks(members, clusters, cores, best, guarded, refused)]
    return done


def _asks(
    members: Sequence[Member], clusters: Clusters[int], cores: Mapping[UUID, int], best: Mapping[frozenset[UUID], tuple[int, int]],
    guarded: Mapping[tuple[int, int], str], refused: Mapping[tuple[int, int], str],
) -> list[Ask]:  # fmt: skip
    """Per pair of golden records that stay apart one question, about their likest pair of source records."""
    asks = []
    for both, pair in best.items():
        if len(both) == 2:
            one, other = sorted(both, key=str)
            if clusters.root(cores[one]) != clusters.root(cores[other]):
                why = guarded.get(pair) or refused.get(pair) or clusters.refusal(cores[one], cores[other])
                if why != "not the same":
                    asks.append(Ask(one, other, _named(members, pair), why))
    return asks


def _named(members: Sequence[Member], pair: tuple[int, int]) -> tuple[int, int]:
    return members[pair[0]].source_id, members[pair[1]].source_id
