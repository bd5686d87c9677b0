"""An entity's fields as units of decision under a tenant's policy, worked out once so that survivorship only looks up."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from dataclasses import field as having
from typing import Any, NamedTuple

from hub.core.policy import Policy, TrustPolicy
from schema.kinds import FieldKind
from schema.language import EntityMeta, Family, Field, Group, entity_name
from schema.language import Policy as OthersPolicy
from schema.rules import Rule, Strategy
from schema.systems import SystemKind

NOT_AN_OWNER = 99
"""The rank of a kind of system that owns nothing here."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is decided in one go: a field, or a group whose members come from one source."""

    name: str
    fields: tuple[str, ...]
    names: frozenset[str]
    kind: FieldKind
    is_group: bool
    ranks: Mapping[SystemKind, int]
    """Owners' places; empty when everybody may speak."""
    rule: Rule
    policy: OthersPolicy
    is_fact: bool
    """Only the one origin record of a transaction speaks."""
    reports: bool
    """Whether differing values of others are conflicts (never in a transaction: those are representations)."""
    schemes: Mapping[str, str]
    """Members that are registered identifiers, with their scheme."""
    is_owned: bool
    """Decided by its owner: the path most fields take."""
    trust: Mapping[str, TrustPolicy] = having(default_factory=dict)
    """System → its points here; only where trust is the rule."""


class Alone(NamedTuple):
    """What a source decides that speaks alone: as first owner, provisionally, and what has to be looked at.

    Neither a broken identifier nor an owner that steps back for others matters then: there is nobody else.
    """

    owned: tuple[str, ...]
    provisional: tuple[str, ...]
    rest: tuple[Unit, ...]
    is_all: bool
    """Whether the first two hold every field spoken of."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An entity under a policy, with all that does not depend on the record worked out."""

    units: tuple[Unit, ...]
    fields: frozenset[str]
    references: Mapping[str, str]
    """Reference field → entity name of its target."""
    lists: Mapping[str, Field[Any]]
    """Listings with references in them."""
    resolvable: frozenset[str]
    """Names of both."""
    required: tuple[str, ...]
    one_of: tuple[tuple[str, ...], ...]
    """Of each of these at least one field must have a value."""
    is_transaction: bool
    origins: frozenset[SystemKind]
    has_followers: bool
    by_spoken: dict[frozenset[str], tuple[Unit, ...]] = having(default_factory=dict, compare=False, repr=False)
    """Units by the names somebody speaks of; filled as they come."""
    by_speaker: dict[tuple[tuple[str, ...], SystemKind], Alone] = having(default_factory=dict, compare=False, repr=False)
    """The same for a source that speaks alone."""


OURS = (SystemKind.HUB, SystemKind.STEWARD)
"""Our own processes, portals and stewards: after every declared owner, and entitled to open any record."""


def plan_of(meta: EntityMeta, policy: Policy, legal_entity: str = "") -> Plan:
    """The plan, compiled once per policy object."""
    key = (id(meta), legal_entity)
    known = policy.compiled.get(key)
    if known is None:
        known = policy.compiled[key] = (meta, _compile(meta, policy, legal_entity))
    plan: Plan = known[1]
    return plan


MOST_KNOWN_SHAPES = 1000


def units_of(plan: Plan, spoken: Collection[str]) -> tuple[Unit, ...]:
    """The units anybody speaks of, in the plan's order; systems send the same fields over and over."""
    names = frozenset(spoken)
    known = plan.by_spoken.get(names)
    if known is None:
        if len(plan.by_spoken) >= MOST_KNOWN_SHAPES:
            plan.by_spoken.clear()
        units = (unit for unit in plan.units if unit.name in names or (unit.is_group and not unit.names.isdisjoint(names)))
        known = plan.by_spoken[names] = tuple(units)
    return known


def alone(plan: Plan, spoken: Collection[str], kind: SystemKind) -> Alone:
    """How the units that a single live source speaks of are decided; none of its values is an echo of ours."""
    names = tuple(spoken)
    known = plan.by_speaker.get((names, kind))
    if known is None:
        if len(plan.by_speaker) >= MOST_KNOWN_SHAPES:
            plan.by_speaker.clear()
        known = plan.by_speaker[names, kind] = _alone(plan, names, kind)
    return known


def _alone(plan: Plan, names: Collection[str], kind: SystemKind) -> Alone:
    owned: list[str] = []
    provisional: list[str] = []
    rest: list[Unit] = []
    for unit in units_of(plan, names):
        rank = unit.ranks.get(kind, NOT_AN_OWNER) if unit.ranks else 0
        is_settled = unit.is_owned and rank < NOT_AN_OWNER and not unit.rule.among_all and plan.resolvable.isdisjoint(unit.names)
        if not is_settled or (unit.is_fact and kind not in plan.origins):
            rest.append(unit)
        else:
            (provisional if rank else owned).extend(unit.fields)
    return Alone(tuple(owned), tuple(provisional), tuple(rest), frozenset((*owned, *provisional)).issuperset(names))


def _compile(meta: EntityMeta, policy: Policy, legal_entity: str) -> Plan:
    units: list[Unit] = []
    grouped: set[str] = set()
    for name, field in meta.fields.items():
        if name in grouped:
            continue
        together = field.group if field.group is not None and field.group.moves_together else None
        members = [f for f in meta.fields.values() if together is not None and f.group is together] or [field]
        grouped.update(f.name for f in members)
        units.append(_unit(meta, members, together, policy, legal_entity))
    references = {f.name: entity_name(f.target) for f in meta.references}
    lists = {f.name: f for f in meta.fields.values() if f.kind is FieldKind.LISTING and _has_references(f)}
    return Plan(
        _followers_last(units),
        frozenset(meta.fields),
        references,
        lists,
        frozenset(references).union(lists),
        tuple(f.name for f in meta.required),
        tuple(tuple(f.name for f in several) for several in meta.one_of),
        meta.family is Family.TRANSACTION,
        frozenset((*meta.origins, *OURS)),
        any(unit.rule.strategy is Strategy.FOLLOW for unit in units),
    )


def _has_references(field: Field[Any]) -> bool:
    return bool(field.target) or FieldKind.REFERENCE in field.items.values()


def _unit(meta: EntityMeta, members: list[Field[Any]], together: Group | None, policy: Policy, legal_entity: str) -> Unit:
    first = members[0]
    name = together.name if together else first.name
    own = policy.of(meta.name, name, first.group.name if first.group else "", legal_entity)
    owners = (own.owner if own else ()) or (together.owner if together else ()) or first.owner
    owners += tuple(kind for kind in OURS if kind not in owners)
    rule = (own.rule if own else None) or (together.rule if together else None) or first.rule
    is_transaction = meta.family is Family.TRANSACTION
    has_owner = bool(first.own_owner or (first.group and first.group.owner) or (own and own.owner))
    schemes = {f.name: f.scheme for f in members if f.kind is FieldKind.IDENTIFIER and f.scheme}
    return Unit(
        name,
        tuple(f.name for f in members),
        frozenset(f.name for f in members),
        first.kind if together is None else FieldKind.LISTING,
        together is not None,
        {kind: at for at, kind in reversed(list(enumerate(owners)))},
        rule,
        (own.policy if own else None) or first.policy,
        is_transaction and first.facet == "facts" and not has_owner,
        not is_transaction,
        schemes,
        rule.strategy is Strategy.OWNER,
        policy.trust_in(meta.name, name, first.group.name if first.group else "") if rule.strategy is Strategy.TRUST else {},
    )


def _followers_last(units: list[Unit]) -> tuple[Unit, ...]:
    """Units in an order in which whoever is followed is decided before."""
    done = {name for unit in units if unit.rule.strategy is not Strategy.FOLLOW for name in (*unit.fields, unit.name)}
    ordered = [unit for unit in units if unit.rule.strategy is not Strategy.FOLLOW]
    waiting = [unit for unit in units if unit.rule.strategy is Strategy.FOLLOW]
    while waiting:
        ready = [unit for unit in waiting if unit.rule.argument in done] or waiting
        ordered += ready
        done.update(name for unit in ready for name in (*unit.fields, unit.name))
        waiting = [unit for unit in waiting if unit not in ready]
    return tuple(ordered)
