"""A tenant's own rules about who decides: overrides of the model's owners, policies and survivorship rules, and the order
of systems of one kind. A policy is a value: it can be tried on stored contributions before it is switched on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schema.language import Owners
from schema.language import Policy as OthersPolicy
from schema.rules import Rule, Strategy
from schema.systems import SystemKind


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


@dataclass(frozen=True)
class Policy:
    """Field policies and the tenant's order of systems, first speaks first."""

    fields: tuple[FieldPolicy, ...] = ()
    systems: tuple[str, ...] = ()
    version: int = 0
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

    def depends_on_legal_entity(self, entity: str) -> bool:
        return any(one.legal_entity and one.entity == entity for one in self.fields)

    def to_json(self) -> dict[str, Any]:
        """
        >>> Policy((FieldPolicy("client", "name", (SystemKind.ERP,)),)).to_json()["fields"]
        [{'entity': 'client', 'field': 'name', 'owner': ['erp']}]
        """
        return {"fields": [_field_json(one) for one in self.fields], "systems": list(self.systems), "version": self.version}


def default_policy() -> Policy:
    """The model as declared."""
    return Policy()


def from_json(stored: Mapping[str, Any]) -> Policy:
    """Read what :meth:`Policy.to_json` wrote; raises ValueError that names the entry it cannot read."""
    fields = []
    for at, entry in enumerate(stored.get("fields", ())):
        try:
            fields.append(_field_policy(entry))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"policy: fields[{at}] cannot be read: {error}") from error
    return Policy(tuple(fields), tuple(stored.get("systems", ())), int(stored.get("version", 0)))


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
        Rule(Strategy(rule["strategy"]), rule.get("argument", ""), bool(rule.get("among_all"))) if rule else None,
        entry.get("legal_entity", ""),
    )
