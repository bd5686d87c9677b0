"""A tenant's own rules about who decides: overrides of the model's owners, policies and survivorship rules, and the order
of systems of one kind. A policy is a value: it can be tried on stored contributions before it is switched on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from schema.language import Owners
from schema.language import Policy as OthersPolicy
from schema.rules import Rule, Strategy
from schema.systems import SystemKind


T = TypeVar("T")
MOST_DAYS = 36_500
"""The longest half-life: a century."""


@dataclass(frozen=True, slots=True)
class FieldPolicy:
    """What a tenant decided for one field (or field group) of one entity; empty parts leave the model's own.

    With ``legal_entity`` (a golden id) it holds only for records of that legal entity, and comes before one without.
    """

    entity: str
    field: str
    owner: Owners = ()
    policy: OthersPolicy | None = None
    rule: Rule | None = None
    legal_entity: str = ""


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """How far a system is trusted in one field (or field group): ``score`` of 100 points for a value stated just now.

    The points halve every ``half_life_days`` (None: they stay), down to ``floor``; a value that failed validation has
    ``on_invalid`` points less. What they mean exactly is :mod:`hub.core.trust`'s to say.
    """

    entity: str
    field: str
    system: str
    score: int
    half_life_days: int | None = None
    floor: int = 0
    on_invalid: int = 100


@dataclass(frozen=True, slots=True)
class ContextPolicy:
    """How one kind of consumer sees some fields: what it says comes before the policy's own ``fields``; see :mod:`hub.core.contexts`."""

    name: str
    fields: tuple[FieldPolicy, ...]


@dataclass(frozen=True)
class Policy:
    """Field policies and the tenant's order of systems, first speaks first; trust per system and field, and consumer contexts."""

    fields: tuple[FieldPolicy, ...] = ()
    systems: tuple[str, ...] = ()
    version: int = 0
    trust: tuple[TrustPolicy, ...] = ()
    contexts: tuple[ContextPolicy, ...] = ()
    compiled: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """Plans of :mod:`hub.core.survivorship`, made on first use and kept with the policy they follow from."""

    def rank(self, system: str) -> int:
        """The place of a system among those of its kind; unnamed systems come last.

        >>> Policy(systems=("crm_eu", "crm_us")).rank("crm_us"), Policy().rank("crm")
        (1, 0)
        """
        return self.systems.index(system) if system in self.systems else len(self.systems)

    def of(self, entity: str, name: str, group: str = "", legal_entity: str = "") -> FieldPolicy | None:
        """The tenant's word on a field: its own before its group's, this legal entity's before everybody's."""
        for scope in (legal_entity, "") if legal_entity else ("",):
            for wanted in (name, group) if group else (name,):
                for one in self.fields:
                    if one.entity == entity and one.field == wanted and one.legal_entity == scope:
                        return one
        return None

    def trust_in(self, entity: str, name: str, group: str = "") -> dict[str, TrustPolicy]:
        """System → its points for a field: those of the field itself before those of its group."""
        found: dict[str, TrustPolicy] = {}
        for wanted in (name, group) if group else (name,):
            for one in self.trust:
                if one.entity == entity and one.field == wanted:
                    found.setdefault(one.system, one)
        return found

    def context(self, name: str) -> ContextPolicy | None:
        return next((one for one in self.contexts if one.name == name), None)

    def depends_on_legal_entity(self, entity: str) -> bool:
        return any(one.legal_entity and one.entity == entity for one in self.fields)

    def to_json(self) -> dict[str, Any]:
        """
        >>> Policy((FieldPolicy("client", "name", (SystemKind.ERP,)),)).to_json()["fields"]
        [{'entity': 'client', 'field': 'name', 'owner': ['erp']}]
        """
        told: dict[str, Any] = {"fields": [_field_json(one) for one in self.fields], "systems": list(self.systems), "version": self.version}
        if self.trust:
            told["trust"] = [_trust_json(one) for one in self.trust]
        if self.contexts:
            told["contexts"] = {one.name: {"fields": [_field_json(each) for each in one.fields]} for one in self.contexts}
        return told


def default_policy() -> Policy:
    """The model as declared."""
    return Policy()


def from_json(stored: Mapping[str, Any]) -> Policy:
    """Read what :meth:`Policy.to_json` wrote; raises ValueError that names the entry it cannot read."""
    contexts = [
        ContextPolicy(_context_name(name), _each(told.get("fields", ()), _field_policy, f"contexts.{name}.fields"))
        for name, told in stored.get("contexts", {}).items()
    ]
    return Policy(
        _each(stored.get("fields", ()), _field_policy, "fields"), tuple(stored.get("systems", ())), int(stored.get("version", 0)),
        _each(stored.get("trust", ()), _trust_policy, "trust"), tuple(sorted(contexts, key=lambda one: one.name)),
    )  # fmt: skip


def _each(entries: Sequence[Mapping[str, Any]], read: Callable[[Mapping[str, Any]], T], place: str) -> tuple[T, ...]:
    found = []
    for at, entry in enumerate(entries):
        try:
            found.append(read(entry))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"policy: {place}[{at}] cannot be read: {error}") from error
    return tuple(found)


def _context_name(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name):
        raise ValueError(f"policy: {name[:60]!r} cannot name a context: use lower-case letters, digits and _")
    return name


def _field_json(one: FieldPolicy) -> dict[str, Any]:
    written: dict[str, Any] = {"entity": one.entity, "field": one.field}
    if one.owner:
        written["owner"] = [kind.value for kind in one.owner]
    if one.policy:
        written["policy"] = one.policy.value
    if one.rule:
        written["rule"] = {"strategy": one.rule.strategy.value, "argument": one.rule.argument, "among_all": one.rule.among_all}
    if one.legal_entity:
        written["legal_entity"] = one.legal_entity
    return written


def _field_policy(entry: Mapping[str, Any]) -> FieldPolicy:
    rule = entry.get("rule")
    return FieldPolicy(
        entry["entity"],
        entry["field"],
        tuple(SystemKind(kind) for kind in entry.get("owner", ())),
        OthersPolicy(entry["policy"]) if entry.get("policy") else None,
        _rule(rule) if rule else None,
        entry.get("legal_entity", ""),
    )


def _rule(told: Mapping[str, Any]) -> Rule:
    """Trust compares whoever may speak, unless it is told not to."""
    strategy = Strategy(told["strategy"])
    return Rule(strategy, told.get("argument", ""), bool(told.get("among_all", strategy is Strategy.TRUST)))


def _trust_json(one: TrustPolicy) -> dict[str, Any]:
    told = {"entity": one.entity, "field": one.field, "system": one.system, "score": one.score}
    if one.half_life_days is not None:
        told["half_life_days"] = one.half_life_days
    return told | {"floor": one.floor, "on_invalid": one.on_invalid}


def _trust_policy(entry: Mapping[str, Any]) -> TrustPolicy:
    half_life = entry.get("half_life_days")
    score = _points(entry, "score", 100)
    days = None if half_life is None else _points(entry, "half_life_days", MOST_DAYS)
    if days == 0:
        raise ValueError("half_life_days is at least 1")
    return TrustPolicy(
        entry["entity"], entry["field"], entry["system"], score, days, _points(entry, "floor", score, 0), _points(entry, "on_invalid", 100, 100)
    )


def _points(entry: Mapping[str, Any], name: str, most: int, unsaid: int | None = None) -> int:
    """A whole number from 0 to ``most``: fractions would make two machines disagree about who wins."""
    told = entry[name] if unsaid is None else entry.get(name, unsaid)
    if not isinstance(told, int) or isinstance(told, bool) or not 0 <= told <= most:
        raise ValueError(f"{name} is a whole number from 0 to {most}")
    return told
