"""``f``: golden record = f(contributions, decisions, policy, at). Pure; nothing of a golden record comes from elsewhere.

For each field (or group, which moves together) the owners speak in order: the first that holds the record and carries the
field decides, also with "empty"; one further down is *provisional*. Overrides stand above all systems. Offers of last
resort are what deleted sources said, and our own values that only came back to us. Golden ``values`` leave out what is
empty; ``lineage`` has an entry for every field somebody decided, also with "empty".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple
from uuid import UUID

from hub.core.choice import all_reflected, choose, first_owner
from hub.core.overrides import apply_override, is_overridden, overrides_in_force
from hub.core.plan import Plan, Unit, alone, plan_of, units_of
from hub.core.policy import Policy
from hub.core.records import Conflict, Contribution, Decision, Golden, Lineage, Values
from hub.core.resolution import Resolve, resolved
from hub.core.strategies import is_empty, sameness
from schema.kinds import FieldKind
from schema.language import EntityMeta
from schema.language import Policy as OthersPolicy
from schema.rules import Rule, Strategy
from schema.systems import SystemKind

__all__ = ["Resolve", "Survival", "origin_of", "speaking_order", "survive", "survive_all"]

DELETED_REMEDY = "Restore it in the source, or reverse it there; nothing was removed here."
REMEDIES = {
    OthersPolicy.PROPOSE: "Accept the value as an override, or correct it in the system that offers it.",
    OthersPolicy.REJECT: "Correct it in the system that offers it; the owner's value stands.",
}
CAUSES = {OthersPolicy.PROPOSE: "proposed", OthersPolicy.REJECT: "rejected"}


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

    ``contributions`` are all that the crosswalk gives to the record, in any order; ``decisions`` those not withdrawn.
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


def is_live(contribution: Contribution) -> bool:
    """Whether the source holds the record; one merged away at the vendor (``retired``) counts as ended."""
    return contribution.state == "present" and contribution.role != "retired"


_Draft = tuple[Values, dict[str, Lineage], dict[tuple[int, bool], Lineage], list[Conflict], list[str]]
"""A golden record in the making: values, lineage, the one line per owner that speaks, conflicts, awaited references."""

_Pool = Sequence[Contribution]
_Pools = tuple[_Pool, _Pool, _Pool, _Pool]
"""Who may speak and who did before: live, ended; and of a transaction's facts: facts, former facts."""


def _survive(
    plan: Plan,
    meta: EntityMeta,
    golden_id: UUID,
    contributions: Sequence[Contribution],
    decisions: Sequence[Decision],
    at: dt.datetime,
    resolve: Resolve,
) -> Golden:
    live, ended = _by_presence(contributions)
    origin = origin_of(plan.origins, contributions, decisions) if plan.is_transaction else None
    facts, former_facts = _facts_of(origin) if plan.is_transaction else (live, ended)
    overrides, reconsider_at = overrides_in_force(decisions, at) if decisions else ({}, None)
    spoken = _spoken(contributions)
    draft: _Draft = ({}, {}, {}, [], [])
    if len(contributions) == 1 and live and not live[0].written:
        units = _speak_alone(plan, live[0], draft)
    else:
        units = units_of(plan, spoken)
    if units:
        until = _decide(plan, units, (live, ended, facts, former_facts), draft, overrides, at, resolve)
        reconsider_at = _sooner(reconsider_at, until)
    values, lineage, _, conflicts, awaited = draft
    if not spoken <= plan.fields:
        _extend(values, lineage, live, ended, meta, at)
    if overrides:
        survived = dict(values)
        for decision in sorted(overrides.values(), key=lambda one: one.id):
            apply_override(meta, decision, plan, survived, values, lineage, resolve, awaited)
    missing = _missing(plan, values)
    record_state = "active" if live else "inactive"
    if origin is not None and not facts:
        record_state = _state_without_origin(meta, origin, values, conflicts)
    if decisions and record_state == "active" and any(decision.kind == "supersede" for decision in decisions):
        record_state = "superseded"
    return Golden(
        golden_id, meta.name, values, lineage, not missing, record_state, 0, reconsider_at,
        tuple(conflicts), missing, _still_awaited(awaited, values, plan) if awaited else (),
    )  # fmt: skip


def _decide(
    plan: Plan, units: Sequence[Unit], pools: _Pools, draft: _Draft, overrides: Mapping[str, Decision], at: dt.datetime, resolve: Resolve
) -> dt.datetime | None:
    """Decide each unit among its offers, in the plan's order; what others say otherwise is reported. Answers when time alone
    asks for deciding again.
    """
    values, lineage, owned, conflicts, awaited = draft
    live, ended, facts, former_facts = pools
    by_id = {one.id: one for several in (live, ended) for one in several} if plan.has_followers else {}
    reconsider_at: dt.datetime | None = None
    for unit in units:
        pool = facts if unit.is_fact else live
        first = first_owner(unit, pool) if unit.is_owned else None
        if first is not None:
            source, is_provisional = first
            value = source.values if unit.is_group else source.values[unit.name]
            known = owned.get((source.id, is_provisional))
            line = known or owned.setdefault((source.id, is_provisional), Lineage(source.id, 0, "owner", is_provisional))
        else:
            choice = choose(unit, pool, former_facts if unit.is_fact else ended, lineage, by_id, at)
            if choice is None:
                continue
            source, value, rule, is_provisional, until = choice
            reconsider_at = _sooner(reconsider_at, until)
            line = Lineage(source.id, 0, rule, is_provisional)
        for name in unit.fields:
            lineage[name] = line
            member = value.get(name) if unit.is_group and value is not None else value
            if member is not None and name in plan.resolvable:
                member = resolved(plan, name, member, resolve, awaited)
            if member is not None:
                values[name] = member
        if len(pool) > 1 and unit.reports and unit.policy in CAUSES and not (overrides and is_overridden(unit, overrides)):
            _report(unit, source, pool, values, plan, resolve, conflicts)
    return reconsider_at


def _sooner(one: dt.datetime | None, other: dt.datetime | None) -> dt.datetime | None:
    return min(one, other) if one is not None and other is not None else one or other


def _missing(plan: Plan, values: Values) -> tuple[str, ...]:
    """What the record needs to be born and nobody has said."""
    missing: tuple[str, ...] = ()
    for name in plan.required:
        if name not in values:
            missing += (name,)
    for several in plan.one_of:
        if not any(name in values for name in several):
            missing += several
    return missing


def _speak_alone(plan: Plan, one: Contribution, draft: _Draft) -> tuple[Unit, ...]:
    """The quick way for a source that speaks alone, as most do: what it says stands. Answers the units that depend on more."""
    values, lineage, owned, _, _ = draft
    said = one.values
    settled = alone(plan, said, one.kind)
    for some, is_provisional in ((settled.owned, False), (settled.provisional, True)):
        if some:
            line = owned[one.id, is_provisional] = Lineage(one.id, 0, "owner", is_provisional)
            lineage.update(dict.fromkeys(some, line))
    if settled.is_all:
        values.update(said if None not in said.values() else {name: value for name, value in said.items() if value is not None})
    else:
        values.update({name: said[name] for name in lineage if said.get(name) is not None})
    return settled.rest


def _by_presence(contributions: Sequence[Contribution]) -> tuple[list[Contribution], list[Contribution]]:
    """Sources that hold the record and sources that held it, each in speaking order."""
    live = [one for one in contributions if is_live(one)]
    if len(live) > 1:
        live.sort(key=speaking_order)
    if len(live) == len(contributions):
        return live, []
    ended = [one for one in contributions if one.state != "awaited" and not is_live(one)]
    return live, sorted(ended, key=speaking_order)


def _still_awaited(awaited: Sequence[str], values: Values, plan: Plan) -> tuple[str, ...]:
    """Without those an override has settled meanwhile; a listing may be shown and still lack an item."""
    return tuple(name for name in dict.fromkeys(awaited) if name not in values or name in plan.lists)


def _spoken(contributions: Sequence[Contribution]) -> AbstractSet[str]:
    """Names anybody has a value for; most fields of a record have none."""
    if len(contributions) == 1:
        return contributions[0].values.keys()
    return {name for one in contributions for name in one.values}


# ------------------------------------------------------------------------------------------------------- transactions


def origin_of(
    origins: Collection[SystemKind], contributions: Sequence[Contribution], decisions: Sequence[Decision] = ()
) -> Contribution | None:
    """The one record a transaction's facts come from: of the origin kinds the first that came, present before deleted.

    A decision of kind ``origin`` (its ``source_id``) changes it.
    """
    chosen = {decision.source_id for decision in decisions if decision.kind == "origin"}
    entitled = [one for one in contributions if one.kind in origins and one.state != "awaited"]
    if len(entitled) < 2:
        return entitled[0] if entitled else None
    return min(entitled, key=lambda one: (one.id not in chosen, not is_live(one), one.id, one.key))


def _facts_of(origin: Contribution | None) -> tuple[list[Contribution], list[Contribution]]:
    """Only the origin speaks of a transaction's facts, in its lifetime and after."""
    if origin is None:
        return [], []
    return ([origin], []) if is_live(origin) else ([], [origin])


def _state_without_origin(meta: EntityMeta, origin: Contribution, values: Values, conflicts: list[Conflict]) -> str:
    """A deleted draft is withdrawn; from a locked state on it stays and somebody has to look."""
    locked = _locking_field(meta, values)
    if locked is None:
        return "inactive"
    conflicts.append(Conflict("deleted_transaction", locked, origin.id, None, values.get(locked), DELETED_REMEDY))
    return "active"


def _locking_field(meta: EntityMeta, values: Values) -> str | None:
    """The field whose value closes the record (``state`` = approved), None while it is open."""
    for lock in meta.locks:
        if not lock.via and values.get(lock.state_field) in lock.states:
            return lock.state_field
        if not lock.states and any(field.name in values for field in lock.fields):
            return lock.fields[0].name
    return None


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
    kept: Any = {name: values.get(name) for name in unit.fields} if unit.is_group else values.get(unit.name)
    for one in pool:
        if one is winner:
            continue
        if unit.is_group:
            if unit.names.isdisjoint(one.values):
                continue
            offered: Any = {name: as_shown(plan, name, one.values.get(name), resolve) for name in unit.fields}
        else:
            offered = as_shown(plan, unit.name, one.values.get(unit.name), resolve)
        if offered == kept or is_empty(offered) or sameness(offered) == sameness(kept):
            continue
        if not (one.written and all_reflected(unit, one)):
            conflicts.append(Conflict(CAUSES[unit.policy], unit.name, one.id, offered, kept, REMEDIES[unit.policy]))


def as_shown(plan: Plan, name: str, value: Any, resolve: Resolve) -> Any:
    """A contributed value as the golden record would show it; an unknown reference shows nothing."""
    if value is None or name not in plan.resolvable:
        return value
    return resolved(plan, name, value, resolve, [])


# ---------------------------------------------------------------------------------------------------- extension fields


def _extend(
    values: Values, lineage: dict[str, Lineage], live: Sequence[Contribution], ended: Sequence[Contribution], meta: EntityMeta, at: dt.datetime
) -> None:
    """A firm's own fields: whoever may open the record decides first, then the others; collected under ``extra``."""
    ranks = {kind: at for at, kind in reversed(list(enumerate((*meta.origins, *SystemKind))))}
    collected: Values = {}
    for name in sorted({name for one in (*live, *ended) for name in one.values if name.startswith("extra.")}):
        choice = choose(extension_unit(name, ranks), live, ended, lineage, {}, at)
        if choice is not None:
            lineage[name] = Lineage(choice.source.id, 0, choice.rule, False)
            if choice.value is not None:
                collected[name[6:]] = choice.value
    if collected:
        values["extra"] = collected


def extension_unit(name: str, ranks: dict[SystemKind, int]) -> Unit:
    """An extension field as a unit: by owner, nobody's differing value is a conflict."""
    return Unit(
        name, (name,), frozenset((name,)), FieldKind.TEXT, False, ranks, Rule(Strategy.OWNER), OthersPolicy.IGNORE,
        False, False, {}, True,
    )  # fmt: skip
