"""Consumer contexts (C33): another winner per consumer from the same contributions: billing's name for a client beside the CRM's.

A context is part of the policy and says of some fields who comes first there, or by which rule; what it does not say is as in the
policy itself. The golden record never depends on it. A person's override stands above both. A context never empties a field that
its record cannot do without, and it is about master data only: a transaction's facts are its origin's for everybody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hub.core.plan import Unit, plan_of
from hub.core.policy import ContextPolicy, FieldPolicy, Policy
from hub.core.records import Contribution, Decision, Golden
from hub.core.resolution import Resolve
from hub.core.survivorship import survive
from schema import ENTITIES
from schema.language import EntityMeta
from schema.rules import Rule, Strategy


def policy_of(policy: Policy, name: str) -> Policy:
    """The policy as a context has it, made once; the policy itself for a context there is not.

    >>> from schema.systems import BILL, ERP
    >>> told = Policy(contexts=(ContextPolicy("billing", (FieldPolicy("client", "name", (BILL, ERP)),)),))
    >>> [kind.value for kind in policy_of(told, "billing").fields[0].owner[:3]], policy_of(told, "sales") is told
    (['bill', 'erp', 'crm'], True)
    """
    context = policy.context(name)
    if context is None:
        return policy
    key = ("context", name)
    known: Policy | None = policy.compiled.get(key)
    if known is None:
        for_everybody = {(one.entity, one.field) for one in context.fields if not one.legal_entity}
        kept = tuple(one for one in policy.fields if (one.entity, one.field) not in for_everybody)
        words = tuple(_over(policy, one) for one in context.fields)
        known = policy.compiled[key] = replace(policy, fields=(*words, *kept), compiled={})
    return known


def _over(policy: Policy, one: FieldPolicy) -> FieldPolicy:
    """A context's word on top of the policy's: those it does not name speak after those it names."""
    meta = ENTITIES[one.entity]
    unit = next((unit for unit in plan_of(meta, policy, one.legal_entity).units if _is_about(meta, unit, one.field)), None)
    if unit is None:
        return one
    before = policy.of(one.entity, unit.name, _group(meta, unit), one.legal_entity)
    others = sorted((kind for kind in unit.ranks if kind not in one.owner), key=lambda kind: unit.ranks[kind])
    return replace(
        one, owner=(*one.owner, *others) if one.owner else before.owner if before else (), policy=one.policy or unit.policy,
        rule=one.rule or (Rule(Strategy.OWNER) if one.owner else unit.rule),
    )  # fmt: skip


def decided_in(meta: EntityMeta, policy: Policy, name: str) -> frozenset[str]:
    """The fields whose winner may be another one in a context: those it names, and those that follow them."""
    context = policy.context(name)
    named = {one.field for one in context.fields if one.entity == meta.name} if context else set()
    if not named:
        return frozenset()
    key = ("decided in", name, meta.name)
    known: frozenset[str] | None = policy.compiled.get(key)
    if known is None:
        units = plan_of(meta, policy_of(policy, name)).units
        found: set[str] = set()
        for unit in units:  # followers come after whom they follow
            follows = unit.rule.strategy is Strategy.FOLLOW and unit.rule.argument in found
            if follows or any(_is_about(meta, unit, field) for field in named):
                found.update((unit.name, *unit.fields))
        known = policy.compiled[key] = frozenset(found & meta.fields.keys())
    return known


def contexts_of(meta: EntityMeta, policy: Policy) -> tuple[str, ...]:
    """The contexts that see records of this entity in their own way."""
    return tuple(one.name for one in policy.contexts if any(each.entity == meta.name for each in one.fields))


def seen_in(
    meta: EntityMeta, golden: Golden, contributions: Sequence[Contribution], decisions: Sequence[Decision], policy: Policy, name: str,
    at: dt.datetime, resolve: Resolve,
) -> Golden:  # fmt: skip
    """A golden record as a context sees it, from the same contributions and decisions; ``reconsider_at`` is the context's own."""
    fields = decided_in(meta, policy, name)
    if not fields or not contributions or golden.record_state == "merged":
        return golden
    then = survive(meta, golden.id, contributions, decisions, policy_of(policy, name), at, resolve)
    fields -= {one.name for one in meta.required if one.name not in then.values}
    return replace(
        golden,
        values=_with(golden.values, then.values, fields, meta),
        lineage=_with(golden.lineage, then.lineage, fields, meta),
        reconsider_at=then.reconsider_at,
    )


def differing(golden: Golden, seen: Golden) -> list[str]:
    """The fields of which a context tells something else."""
    names = golden.values.keys() | seen.values.keys()
    return sorted(name for name in names if golden.values.get(name) != seen.values.get(name))


def _with(standing: dict[str, Any], then: dict[str, Any], fields: frozenset[str], meta: EntityMeta) -> dict[str, Any]:
    """What stands with these fields as they are then."""
    kept = {name: value for name, value in standing.items() if name not in fields}
    return kept | {name: then[name] for name in meta.fields if name in fields and name in then}


def _is_about(meta: EntityMeta, unit: Unit, field: str) -> bool:
    return field in (unit.name, _group(meta, unit))


def _group(meta: EntityMeta, unit: Unit) -> str:
    group = meta.fields[unit.fields[0]].group
    return group.name if group is not None else ""


def touched_entities(before: tuple[ContextPolicy, ...], after: tuple[ContextPolicy, ...]) -> set[str]:
    """Entities that some context sees otherwise after a change of contexts."""
    return {each.entity for one in set(before) ^ set(after) for each in one.fields}
