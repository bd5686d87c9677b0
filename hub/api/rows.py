"""Which rows a confined key sees: a client's portal key its client and what belongs to it, and nothing else. Pure.

A scope names records by entity (``{"client": (id, …)}``; empty: everything). An entity belongs to a confining one by the
shortest way of references to it, at most three; where several are as short, required references go before optional ones
and earlier declared before later. A record whose way is empty somewhere belongs to nobody and stays hidden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from hub.api.plan import EVERYTHING, All, AnyOf, Compare, Condition, Not, Op, OrderBy, Quantifier, Related, golden_shape
from schema import ENTITIES
from schema.language import EntityMeta, Family, Field, entity_name

Scope = Mapping[str, Any]
"""Entity name → the ids of the records a key is confined to; whatever stands for the ids is passed on as it is."""

EVERYBODY: Scope = MappingProxyType({})
MOST_STEPS = 3
NOTHING: Condition = AnyOf(())


def rule(meta: EntityMeta, scope: Scope) -> Condition:
    """Which golden records of an entity the scope leaves.

    Several confinements all hold, each for the entities that have a way to it; a way that leads through another
    confining entity adds nothing, since that one's records are named themselves. Without a way to any, reference data
    (currencies, calendars, codes) is everybody's and everything else is hidden.
    """
    if not scope:
        return EVERYTHING
    if meta.name in scope:
        return Compare("id", Op.IN, scope[meta.name])
    ways = [(way, ids) for name, ids in scope.items() if (way := way_to(meta, name)) is not None]
    if not ways:
        return EVERYTHING if meta.family is Family.REFERENCE else NOTHING
    direct = [(way, ids) for way, ids in ways if not any(entity_name(step.target) in scope for step in way[:-1])]
    return All(tuple(_along(way, ids) for way, ids in direct))


def confine(meta: EntityMeta, condition: Condition, scope: Scope) -> Condition:
    """The same condition over the rows the scope leaves, also where it looks into related records.

    A filter must not tell of a hidden record what a read of it would not: related records the key cannot see count as
    none.
    """
    return All((_inside(condition, scope), rule(meta, scope))) if scope else condition


def confine_order(order: Sequence[OrderBy], scope: Scope) -> tuple[OrderBy, ...]:
    """The same order, blind to hidden records on its paths: their fields count as empty."""
    if not scope:
        return tuple(order)
    return tuple(
        replace(one, path=tuple(replace(step, where=All((step.where, _rule_of_view(step.shape.view, scope)))) for step in one.path))
        for one in order
    )


def _inside(condition: Condition, scope: Scope) -> Condition:
    match condition:
        case All(of):
            return All(tuple(_inside(one, scope) for one in of))
        case AnyOf(of):
            return AnyOf(tuple(_inside(one, scope) for one in of))
        case Not(of):
            return Not(_inside(of, scope))
        case Related(ours, shape, theirs, quantifier, of):
            visible, inner = _rule_of_view(shape.view, scope), _inside(of, scope)
            narrowed = AnyOf((Not(visible), inner)) if quantifier is Quantifier.EVERY else All((inner, visible))
            return Related(ours, shape, theirs, quantifier, narrowed)
        case Compare():
            return condition


def _rule_of_view(view: str, scope: Scope) -> Condition:
    """The rule of the entity a view shows, now or in its versions; what is none is hidden."""
    meta = ENTITIES.get(view.removesuffix("_version"))
    return rule(meta, scope) if meta is not None else NOTHING


@lru_cache(maxsize=4096)
def way_to(meta: EntityMeta, confining: str) -> tuple[Field[Any], ...] | None:
    """The references that lead from an entity to another; None where no way leads.

    >>> [field.name for field in way_to(ENTITIES["time_entry"], "client")]
    ['project', 'client']
    """
    reached: list[tuple[EntityMeta, tuple[Field[Any], ...]]] = [(meta, ())]
    seen = {meta.name}
    for _ in range(MOST_STEPS):
        further: list[tuple[EntityMeta, tuple[Field[Any], ...]]] = []
        for at, way in reached:
            for field in _ways_on(at):
                target = entity_name(field.target)
                if target == confining:
                    return (*way, field)
                if target not in seen:
                    seen.add(target)
                    further.append((ENTITIES[target], (*way, field)))
        reached = further
    return None


def _ways_on(meta: EntityMeta) -> list[Field[Any]]:
    """References by which a record belongs to another, required ones first.

    Not those to its own kind (a parent may be another's), nor ``same_party_as`` and its like: they say that two records
    are one thing. Reference data belongs to reference data only: who manages a service line does not own it.
    """
    found = [
        field
        for field in meta.references
        if entity_name(field.target) != meta.name
        and not field.name.startswith("same_")
        and (meta.family is not Family.REFERENCE or ENTITIES[entity_name(field.target)].family is Family.REFERENCE)
    ]
    return sorted(found, key=lambda field: not field.required)


def _along(way: tuple[Field[Any], ...], ids: Any) -> Condition:
    """Rows from which the way ends at one of the ids; the last step is a column, so it needs no join."""
    *steps, last = way
    condition: Condition = Compare(f"{last.name}_id", Op.IN, ids)
    for step in reversed(steps):
        condition = Related(f"{step.name}_id", golden_shape(ENTITIES[entity_name(step.target)]), "id", Quantifier.SOME, condition)
    return condition
