"""``f``: golden record = f(contributions, decisions, policy, at). Pure; nothing of a golden record comes from elsewhere.

For each field (or group, which moves together) the owners speak in order: the first that holds the record and carries the
field decides, also with "empty"; one further down is *provisional*. Overrides stand above all systems. Offers of last
resort are what deleted sources said, and our own values that only came back to us. Golden ``values`` leave out what is
empty; ``lineage`` has an entry for every field somebody decided, also with "empty".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from hub.core.fold import is_reflected, value_since
from hub.core.identifiers import COUNTRY_CHECKED, is_valid_identifier
from hub.core.locks import entity_name
from hub.core.policy import Policy
from hub.core.records import Conflict, Contribution, Decision, Golden, Lineage, Values
from hub.core.strategies import CUSTOM, STRATEGIES, Offer, by_owner, canonical_json, is_empty, sameness
from schema.kinds import FieldKind
from schema.language import EntityMeta, Family, Field, Group
from schema.language import Policy as OthersPolicy
from schema.rules import Rule, Strategy
from schema.systems import SystemKind

Resolve = Callable[[Mapping[str, Any], str], str | None]
"""(contributed reference, entity name) → golden id, or None while unknown."""

NOT_AN_OWNER = 99
REMEDIES = {
    OthersPolicy.PROPOSE: "Accept the value as an override, or correct it in the system that offers it.",
    OthersPolicy.REJECT: "Correct it in the system that offers it; the owner's value stands.",
}
_CAUSES = {OthersPolicy.PROPOSE: "proposed", OthersPolicy.REJECT: "rejected"}


# --------------------------------------------------------------------------------------------------------------- plan


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
    is_simple: bool
    """A single field decided by its owner: the path most fields take."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An entity under a policy, with all that does not depend on the record worked out."""

    units: tuple[Unit, ...]
    fields: frozenset[str]
    references: Mapping[str, str]
    """Reference field → entity name of its target."""
    lists: Mapping[str, Field[Any]]
    """Listings with references in them."""
    required: tuple[str, ...]
    is_transaction: bool
    origins: frozenset[SystemKind]


def plan_of(meta: EntityMeta, policy: Policy, legal_entity: str = "") -> Plan:
    """The plan, compiled once per policy object."""
    key = (id(meta), legal_entity)
    known = policy.compiled.get(key)
    if known is None:
        known = policy.compiled[key] = (meta, _compile(meta, policy, legal_entity))
    plan: Plan = known[1]
    return plan


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
    return Plan(
        _followers_last(units),
        frozenset(meta.fields),
        {f.name: entity_name(f.target) for f in meta.references},
        {f.name: f for f in meta.fields.values() if f.kind is FieldKind.LISTING and _has_references(f)},
        tuple(f.name for f in meta.required),
        meta.family is Family.TRANSACTION,
        frozenset(meta.origins),
    )


def _has_references(field: Field[Any]) -> bool:
    return bool(field.target) or FieldKind.REFERENCE in field.items.values()


def _unit(meta: EntityMeta, members: list[Field[Any]], together: Group | None, policy: Policy, legal_entity: str) -> Unit:
    first = members[0]
    name = together.name if together else first.name
    own = policy.of(meta.name, name, first.group.name if first.group else "", legal_entity)
    owners = (own.owner if own else ()) or (together.owner if together else ()) or first.owner
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
        together is None and rule.strategy is Strategy.OWNER,
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


# ------------------------------------------------------------------------------------------------------------ survive


class Survival(NamedTuple):
    """One golden record to compute."""

    meta: EntityMeta
    golden_id: UUID
    contributions: Sequence[Contribution]
    decisions: Sequence[Decision] = ()


def survive_all(batch: Iterable[Survival], policy: Policy, at: dt.datetime, resolve: Resolve) -> list[Golden]:
    """:func:`survive` for each, in order."""
    return [survive(*one, policy, at, resolve) for one in batch]


def survive(
    meta: EntityMeta,
    golden_id: UUID,
    contributions: Sequence[Contribution],
    decisions: Sequence[Decision],
    policy: Policy,
    at: dt.datetime,
    resolve: Resolve,
) -> Golden:
    """The golden record that follows from what its sources say and people decided, at this instant.

    ``contributions`` are all that the crosswalk gives to the record, in any order; ``decisions`` those in force.
    """
    golden = _survive(plan_of(meta, policy), meta, golden_id, contributions, decisions, at, resolve)
    if policy.fields and policy.depends_on_legal_entity(meta.name):
        legal_entity = golden.values.get("legal_entity")
        if isinstance(legal_entity, str):
            plan = plan_of(meta, policy, legal_entity)
            golden = _survive(plan, meta, golden_id, contributions, decisions, at, resolve)
    return golden


def speaking_order(contribution: Contribution) -> tuple[int, bool, tuple[str, ...]]:
    """Who speaks first among systems of one kind: the scope, then the primary record, then the key."""
    return (contribution.scope_rank, contribution.role != "primary", tuple(contribution.key))


def _survive(
    plan: Plan,
    meta: EntityMeta,
    golden_id: UUID,
    contributions: Sequence[Contribution],
    decisions: Sequence[Decision],
    at: dt.datetime,
    resolve: Resolve,
) -> Golden:
    live = [one for one in contributions if one.state == "present" and one.role != "retired"]
    ended: list[Contribution] = []
    if len(live) != len(contributions):
        ended = [one for one in contributions if one.state == "deleted" or (one.role == "retired" and one.state == "present")]
        ended.sort(key=speaking_order)
    if len(live) > 1:
        live.sort(key=speaking_order)
    facts, former_facts = live, ended
    origin: Contribution | None = None
    if plan.is_transaction:
        origin = origin_of(plan.origins, contributions, decisions)
        facts = [origin] if origin is not None and origin.state == "present" and origin.role != "retired" else []
        former_facts = [origin] if origin is not None and not facts else []

    overrides, reconsider_at = _overrides_in_force(decisions, at) if decisions else ({}, None)
    values: Values = {}
    lineage: dict[str, Lineage] = {}
    conflicts: list[Conflict] = []
    awaited: list[str] = []
    references, lists = plan.references, plan.lists
    by_id = {one.id: one for one in contributions} if plan.units[-1].rule.strategy is Strategy.FOLLOW else {}

    for unit in plan.units:
        pool = facts if unit.is_fact else live
        best: Contribution | None = None
        value: Any = None
        if unit.is_simple:
            name = unit.name
            ranks = unit.ranks
            best_rank = NOT_AN_OWNER
            for one in pool:
                if name in one.values:
                    rank = ranks.get(one.kind, NOT_AN_OWNER) if ranks else 0
                    if rank < best_rank and not (name in one.written and is_reflected(one, name)):
                        best, best_rank = one, rank
            if best is not None:
                value = best.values[name]
                if (value is None and unit.policy is OthersPolicy.ACCEPT_IF_EMPTY) or (
                    unit.schemes and value is not None and not _is_sound(unit, best)
                ):
                    best = None
                else:
                    lineage[name] = Lineage(best.id, 0, "owner", best_rank > 0)
        if best is None:
            chosen = _choose(unit, pool, former_facts if unit.is_fact else ended, lineage, by_id)
            if chosen is None:
                continue
            best, value, rule, is_provisional = chosen
            line = Lineage(best.id, 0, rule, is_provisional)
            for name in unit.fields:
                lineage[name] = line
        if unit.is_group:
            for name in unit.fields:
                member = value.get(name) if value is not None else None
                if member is not None:
                    if name in references or name in lists:
                        member = _resolved(plan, name, member, resolve, awaited)
                    if member is not None:
                        values[name] = member
        elif value is not None:
            if unit.name in references or unit.name in lists:
                value = _resolved(plan, unit.name, value, resolve, awaited)
            if value is not None:
                values[unit.name] = value
        if unit.reports and unit.policy in _CAUSES and len(pool) > 1 and not (overrides and _is_overridden(unit, overrides)):
            _report(unit, best, pool, values, plan, resolve, conflicts)

    for one in (*live, *ended) if ended else live:
        if not one.values.keys() <= plan.fields:
            _extend(plan, values, lineage, live, ended, meta)
            break
    for field, decision in overrides.items():
        _override(meta, field, decision, plan, values, lineage, resolve, awaited)

    missing = tuple(name for name in plan.required if name not in values) if plan.required else ()
    record_state = "active" if live else "inactive"
    if plan.is_transaction and origin is not None and not facts:
        locked = _locking_state(meta, values)
        if locked is None:
            record_state = "inactive"
        else:
            record_state = "active"
            conflicts.append(Conflict("deleted_transaction", locked, origin.id, None, values.get(locked), DELETED_REMEDY))
    return Golden(
        golden_id, meta.name, values, lineage, not missing, record_state, 0, reconsider_at,
        tuple(conflicts), missing, tuple(dict.fromkeys(awaited)) if awaited else (),
    )  # fmt: skip


DELETED_REMEDY = "Restore it in the source, or reverse it there; nothing was removed here."


def origin_of(
    origins: frozenset[SystemKind], contributions: Sequence[Contribution], decisions: Sequence[Decision] = ()
) -> Contribution | None:
    """The one record a transaction's facts come from: of the origin kinds the first that came, present before deleted.

    A decision of kind ``origin`` (its ``source_id``) changes it.
    """
    chosen = {decision.source_id for decision in decisions if decision.kind == "origin"}
    entitled = [one for one in contributions if one.kind in origins and one.state != "awaited"]
    return min(
        entitled,
        key=lambda one: (one.id not in chosen, one.state != "present" or one.role == "retired", one.id, one.key),
        default=None,
    )


def _locking_state(meta: EntityMeta, values: Values) -> str | None:
    """The field whose value closes the record (``approval_state`` = approved), None while it is open."""
    for lock in meta.locks:
        if not lock.via and values.get(lock.state_field) in lock.states:
            return lock.state_field
        if not lock.states and any(f.name in values for f in lock.fields):
            return lock.fields[0].name
    return None


# ------------------------------------------------------------------------------------------------------------- choose


def _choose(
    unit: Unit,
    pool: Sequence[Contribution],
    ended: Sequence[Contribution],
    lineage: Mapping[str, Lineage],
    by_id: Mapping[int, Contribution],
) -> tuple[Contribution, Any, str, bool] | None:
    """Who decides a unit, with what, by which rule and whether provisionally; None when nobody ever spoke of it."""
    offers, others, reflected = _offers(unit, pool)
    if unit.schemes and len(offers) > 1:
        offers = _sound_first(unit, offers)
    winner: Offer | None = None
    rule = unit.rule.strategy.value
    if unit.rule.strategy is Strategy.FOLLOW:
        followed = lineage.get(unit.rule.argument)
        leader = by_id.get(followed.source_id) if followed else None
        winner = next((one for one in (*offers, *others) if one.source is leader), None) if leader else None
    if winner is None and offers:
        first_rank = offers[0].rank
        if unit.rule.among_all and unit.rule.strategy is not Strategy.FOLLOW:
            winner = _chooser(unit.rule)(offers, unit.kind)
        else:
            winner = _chooser(unit.rule)([one for one in offers if one.rank == first_rank], unit.kind)
            winner = winner or offers[0]
        winner = winner or offers[0]._replace(value=None)
    if unit.policy is OthersPolicy.ACCEPT_IF_EMPTY and (winner is None or is_empty(winner.value) or _is_broken(unit, winner)):
        filling = next((one for one in (*offers, *others) if not is_empty(one.value) and not _is_broken(unit, one)), None)
        if filling is not None:
            source = filling.source
            assert source is not None
            return source, filling.value, "accept_if_empty", filling.rank > 0
    if winner is not None:
        source = winner.source
        assert source is not None
        is_provisional = winner.rank > 0 and not unit.rule.among_all
        return source, winner.value, rule, is_provisional
    return _last_resort(unit, ended, reflected)


def _chooser(rule: Rule) -> Callable[[Sequence[Offer], FieldKind], Offer | None]:
    return CUSTOM[rule.argument] if rule.strategy is Strategy.CUSTOM else STRATEGIES.get(rule.strategy, by_owner)


def _offers(unit: Unit, pool: Sequence[Contribution]) -> tuple[list[Offer], list[Offer], list[Offer]]:
    """Offers of the owners in their order, of everybody else, and echoes of our own values."""
    offers: list[Offer] = []
    others: list[Offer] = []
    reflected: list[Offer] = []
    ranks = unit.ranks
    for one in pool:
        if unit.names.isdisjoint(one.values):
            continue
        rank = ranks.get(one.kind, NOT_AN_OWNER) if ranks else 0
        offer = _offer(unit, one, rank)
        if one.written and _all_reflected(unit, one):
            reflected.append(offer)
        elif rank == NOT_AN_OWNER:
            others.append(offer)
        else:
            offers.append(offer)
    if len(offers) > 1:
        offers.sort(key=lambda offer: offer.rank)
    return offers, others, reflected


def _offer(unit: Unit, one: Contribution, rank: int) -> Offer:
    if not unit.is_group:
        return Offer(one.values[unit.name], value_since(one, unit.name), rank, one)
    spoken = [name for name in unit.fields if name in one.values]
    since = max((value_since(one, name) for name in spoken), default="")
    return Offer({name: one.values.get(name) for name in unit.fields}, since, rank, one)


def _all_reflected(unit: Unit, one: Contribution) -> bool:
    """A group is an echo when every member the source fills is; one changed member makes it the source's own again."""
    if not unit.is_group:
        return is_reflected(one, unit.name)
    filled = [name for name in unit.fields if one.values.get(name) is not None]
    return bool(filled) and all(is_reflected(one, name) for name in filled)


def _is_sound(unit: Unit, one: Contribution) -> bool:
    """Whether none of the source's identifiers in this unit fails its check."""
    for name, scheme in unit.schemes.items():
        number = one.values.get(name)
        if isinstance(number, str) and scheme:
            country = one.values.get("country") if scheme in COUNTRY_CHECKED else None
            if is_valid_identifier(scheme, number, country or "") is False:
                return False
    return True


def _is_broken(unit: Unit, offer: Offer) -> bool:
    return bool(unit.schemes) and offer.source is not None and not _is_sound(unit, offer.source)


def _sound_first(unit: Unit, offers: list[Offer]) -> list[Offer]:
    """Without the invalid identifiers, if anybody offers a valid one."""
    sound = [one for one in offers if not _is_broken(unit, one)]
    return sound if any(not is_empty(one.value) for one in sound) else offers


def _last_resort(
    unit: Unit, ended: Sequence[Contribution], reflected: Sequence[Offer]
) -> tuple[Contribution, Any, str, bool] | None:
    """What nobody says any more but was said: deleted sources' values, then our own that only came back."""
    former, others, echoes = _offers(unit, ended)
    for offers, rule in ((former, "last_resort"), ((*reflected, *echoes), "reflected")):
        said = next((one for one in offers if not is_empty(one.value)), None)
        if said is not None and said.source is not None:
            return said.source, said.value, rule, True
    return None


# --------------------------------------------------------------------------------------------------------- references


def _resolved(plan: Plan, name: str, value: Any, resolve: Resolve, awaited: list[str]) -> Any:
    """A contributed reference as golden id, or a listing with its references resolved; unknown ones are awaited."""
    target = plan.references.get(name)
    if target is not None:
        found = resolve(value, target) if isinstance(value, dict) else value
        if found is None:
            awaited.append(name)
        return found
    field = plan.lists[name]
    is_waiting = False
    items: list[Any] = []
    for item in value if isinstance(value, list) else ():
        if field.target:
            found = resolve(item, entity_name(field.target)) if isinstance(item, dict) else item
            is_waiting = is_waiting or found is None
            if found is not None:
                items.append(found)
        else:
            parts, is_whole = _resolved_parts(field, item, resolve)
            is_waiting = is_waiting or not is_whole
            items.append(parts)
    if is_waiting:
        awaited.append(name)
    return items or None


def _resolved_parts(field: Field[Any], item: Any, resolve: Resolve) -> tuple[dict[str, Any], bool]:
    parts = dict(item)
    is_whole = True
    for name, target in field.item_targets.items():
        if isinstance(parts.get(name), dict):
            found = resolve(parts[name], entity_name(target))
            if found is None:
                is_whole = False
                del parts[name]
            else:
                parts[name] = found
    return parts, is_whole


# ---------------------------------------------------------------------------------------------------------- conflicts


def _report(
    unit: Unit,
    winner: Contribution,
    pool: Sequence[Contribution],
    values: Values,
    plan: Plan,
    resolve: Resolve,
    conflicts: list[Conflict],
) -> None:
    """A conflict for every other source that says something else than what stands."""
    if unit.is_group:
        kept: Any = {name: values.get(name) for name in unit.fields}
    else:
        kept = values.get(unit.name)
    for one in pool:
        if one is winner or unit.names.isdisjoint(one.values) or (one.written and _all_reflected(unit, one)):
            continue
        told = {name: _comparable(plan, name, one.values.get(name), resolve) for name in unit.fields}
        offered: Any = told if unit.is_group else told[unit.name]
        if is_empty(offered) or sameness(offered) == sameness(kept):
            continue
        conflicts.append(Conflict(_CAUSES[unit.policy], unit.name, one.id, offered, kept, REMEDIES[unit.policy]))


def _comparable(plan: Plan, name: str, value: Any, resolve: Resolve) -> Any:
    """A value as the golden record would show it; an unknown reference shows nothing."""
    if value is None or not (name in plan.references or name in plan.lists):
        return value
    return _resolved(plan, name, value, resolve, [])


# ---------------------------------------------------------------------------------------------------------- overrides


def _overrides_in_force(decisions: Sequence[Decision], at: dt.datetime) -> tuple[dict[str, Decision], dt.datetime | None]:
    """The newest override per field that has not expired, and the first instant at which one will."""
    in_force: dict[str, Decision] = {}
    falls_due: dt.datetime | None = None
    for decision in decisions:
        if decision.kind != "override":
            continue
        if decision.until is not None:
            if decision.until <= at:
                continue
            falls_due = min(falls_due or decision.until, decision.until)
        known = in_force.get(decision.field)
        if known is None or decision.id > known.id:
            in_force[decision.field] = decision
    return in_force, falls_due


def _is_overridden(unit: Unit, overrides: Mapping[str, Decision]) -> bool:
    return unit.name in overrides or any(name in overrides for name in unit.fields)


def _override(
    meta: EntityMeta,
    field: str,
    decision: Decision,
    plan: Plan,
    values: Values,
    lineage: dict[str, Lineage],
    resolve: Resolve,
    awaited: list[str],
) -> None:
    """Put a decided value in the place of what survived, unless it was decided only until the source changes."""
    group = meta.groups.get(field)
    members = tuple(member.name for member in group.members) if group is not None else (field,)
    if decision.while_source:
        standing = {name: values.get(name) for name in members} if group is not None else _shown(values, field)
        if canonical_json(standing) != decision.while_source:
            return
    for name in members:
        value = (decision.value or {}).get(name) if group is not None else decision.value
        if value is not None and (name in plan.references or name in plan.lists):
            value = _resolved(plan, name, value, resolve, awaited)
        lineage[name] = Lineage(0, decision.id, "override", False)
        _show(values, name, value)


def _shown(values: Values, name: str) -> Any:
    return values.get("extra", {}).get(name[6:]) if name.startswith("extra.") else values.get(name)


def _show(values: Values, name: str, value: Any) -> None:
    place, key = (dict(values.get("extra", {})), name[6:]) if name.startswith("extra.") else (values, name)
    if value is None:
        place.pop(key, None)
    else:
        place[key] = value
    if place is not values:
        values["extra"] = place
        if not place:
            del values["extra"]


# ---------------------------------------------------------------------------------------------------------- extension


def _extend(
    plan: Plan,
    values: Values,
    lineage: dict[str, Lineage],
    live: Sequence[Contribution],
    ended: Sequence[Contribution],
    meta: EntityMeta,
) -> None:
    """A firm's own fields: whoever may open the record decides first, then the others; collected under ``extra``."""
    names = sorted({name for one in (*live, *ended) for name in one.values if name.startswith("extra.")})
    ranks = {kind: at for at, kind in reversed(list(enumerate((*meta.origins, *SystemKind))))}
    collected: Values = {}
    for name in names:
        unit = Unit(name, (name,), frozenset((name,)), FieldKind.TEXT, False, ranks, Rule(Strategy.OWNER),
                    OthersPolicy.IGNORE, False, False, {}, True)  # fmt: skip
        chosen = _choose(unit, live, ended, lineage, {})
        if chosen is not None:
            source, value, rule, _ = chosen
            lineage[name] = Lineage(source.id, 0, rule, False)
            if value is not None:
                collected[name[6:]] = value
    if collected:
        values["extra"] = collected
