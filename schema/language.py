"""The language the model is declared in: entities, fields, groups, locks and match rules.

An entity is a class body and a field a typed attribute, so ``Client.legal_name`` is a ``Field[str]``: a misspelt
field is a type error, and ``grep -rn "Client\\.legal_name"`` finds every use. Everything here is data; nothing is
registered as a side effect, :data:`schema.MODEL` lists the entities. Whoever declares or reads a model imports from
here.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar

from schema.comparing import Compared
from schema.fields import (
    Family, Policy, Risk, Sensitivity, MATCHED, KEYED, TRANSACTION, REFERENCE, DERIVED, IGNORE, PROPOSE,
    REJECT, ACCEPT_IF_EMPTY, R1, R2, R3, OPEN, PERSONAL, CONFIDENTIAL, DEFAULT_POLICY, Owners, Part, Items,
    ref, of, Field, Group, group, facet, text, identifier, email, phone, domain, country, language, timezone,
    code, boolean, integer, date, instant, percent, decimal, quantity, money, price, reference, listing,
)  # fmt: skip
from schema.kinds import FieldKind
from schema.states import States, states
from schema.systems import SystemKind

__all__ = [
    "ACCEPT_IF_EMPTY", "CONFIDENTIAL", "DEFAULT_POLICY", "DERIVED", "IGNORE", "KEYED", "MATCHED", "OPEN",
    "PERSONAL", "PROPOSE", "R1", "R2", "R3", "REFERENCE", "REJECT", "TRANSACTION", "Entity", "EntityMeta",
    "Family", "Field", "Group", "Items", "Lock", "MatchRule", "MatchRuleKind", "Owners", "Part", "Policy",
    "Risk", "Sensitivity", "States", "boolean", "business_key", "candidates", "code", "country", "date",
    "decimal", "declared_link", "domain", "email", "exact", "facet", "group", "identifier", "instant",
    "integer", "language", "listing", "lock", "money", "of", "percent", "phone", "price", "quantity", "ref",
    "reference", "states", "text", "timezone",
]  # fmt: skip


@dataclass(frozen=True)
class Lock:
    """A field group that is closed while the record's ``state_field`` is in one of ``states``.

    Then even the owner's differing value is held back and becomes a task; ``remedy`` says how to change it instead.
    """

    fields: tuple[Field[Any], ...]
    states: tuple[str, ...]
    state_field: str
    remedy: str
    via: str = ""
    """Name of a reference field: the state is that record's (a contract line closes with its contract)."""


def lock(*closed: Field[Any] | Group, states: tuple[str, ...], by: str = "state", via: str = "", remedy: str) -> Lock:
    """Close fields or whole groups while field ``by`` is one of ``states``; empty ``states`` means always once set."""
    flat: list[Field[Any]] = []
    for one in closed:
        flat.extend(one.members if isinstance(one, Group) else (one,))
    return Lock(tuple(flat), states, by, remedy, via)


class MatchRuleKind(StrEnum):
    """How a rule may act: link by itself, or only nominate candidates for the matcher."""

    DECLARED_LINK = "declared_link"
    EXACT = "exact"
    BUSINESS_KEY = "business_key"
    CANDIDATES = "candidates"


@dataclass(frozen=True)
class MatchRule:
    kind: MatchRuleKind
    fields: tuple[Field[Any], ...] = ()
    agreeing: tuple[Field[Any], ...] = ()
    within: tuple[Field[Any], ...] = ()


def declared_link() -> MatchRule:
    """A source record that carries another system's id, or ours, belongs to that record: the strongest rule."""
    return MatchRule(MatchRuleKind.DECLARED_LINK)


def exact(*fields: Field[Any], agreeing: Field[Any] | tuple[Field[Any], ...] = ()) -> MatchRule:
    """All ``fields`` equal and checksum-valid, and the ``agreeing`` names alike: links by itself."""
    return MatchRule(MatchRuleKind.EXACT, fields, agreeing if isinstance(agreeing, tuple) else (agreeing,))


def business_key(*fields: Field[Any]) -> MatchRule:
    """The key that pairs records of *different* systems one to one; inside one system two ids are two records."""
    return MatchRule(MatchRuleKind.BUSINESS_KEY, fields)


def candidates(*fields: Field[Any], within: tuple[Field[Any], ...] = ()) -> MatchRule:
    """These fields nominate candidates for the matcher; alone they never link."""
    return MatchRule(MatchRuleKind.CANDIDATES, fields, within=within)


@dataclass(frozen=True, eq=False)
class EntityMeta:
    """All that is declared about an entity. ``name`` is the table and event name (``time_entry``)."""

    cls: type[Entity]
    name: str
    type_name: str
    plural: str
    family: Family
    origins: Owners
    ents: tuple[int, ...]
    doc: str
    fields: Mapping[str, Field[Any]]
    groups: Mapping[str, Group]
    states: States | None
    locks: tuple[Lock, ...]
    key: tuple[Field[Any], ...]
    match: tuple[MatchRule, ...]
    valid: tuple[str, str] | None
    """Names of the (from, to) date fields of an effective-dated entity."""
    one_of: tuple[tuple[Field[Any], ...], ...] = ()
    """Of each of these sets at least one field must be filled before the record is born."""
    compare: tuple[Compared, ...] = ()
    """What similarity is judged by; empty where only keys and links count."""
    interfaces: tuple[str, ...] = ()
    """Names of the shared shapes (plain mixin classes) this entity is declared with."""

    @property
    def references(self) -> tuple[Field[Any], ...]:
        return tuple(f for f in self.fields.values() if f.kind is FieldKind.REFERENCE)

    @property
    def required(self) -> tuple[Field[Any], ...]:
        return tuple(f for f in self.fields.values() if f.required)

    @property
    def facets(self) -> tuple[Group, ...]:
        return tuple(g for g in self.groups.values() if g.is_facet)


class Entity:
    """Base of all entities. Class keywords: family, origins, plural, ents (numbers of ENT-…), valid (dated).

    In the body, besides fields and groups: ``states``, ``locks``, ``key`` (business key), ``match``, ``compare`` and
    ``one_of``.
    Fields shared by several entities stand in a plain class named before ``Entity`` among the bases; each entity
    gets its own copy of them, after its own.
    """

    meta: ClassVar[EntityMeta]
    state: ClassVar[Field[str]]

    def __init_subclass__(
        cls,
        *,
        family: Family,
        plural: str = "",
        origins: Owners | SystemKind = (),
        ents: tuple[int, ...] = (),
        valid: tuple[str, str] | None = None,
    ) -> None:
        name = entity_name(cls.__name__)
        body = _full_body(cls)
        machine = body.get("states")
        if machine is not None and "state" not in body:
            body["state"] = _adopt(cls, "state", code(f"{name.upper()}_STATE", doc="Where the record is in its life."))
        cls.meta = EntityMeta(
            cls=cls,
            name=name,
            type_name=cls.__name__,
            plural=plural or name + "s",
            family=family,
            origins=(origins,) if isinstance(origins, SystemKind) else tuple(origins),
            ents=ents,
            doc=(cls.__doc__ or "").strip(),
            fields={key: value for key, value in body.items() if isinstance(value, Field)},
            groups={key: value for key, value in body.items() if isinstance(value, Group)},
            states=machine,
            locks=tuple(body.get("locks", ())),
            key=tuple(body.get("key", ())),
            match=tuple(body.get("match", ())),
            valid=valid,
            one_of=tuple(body.get("one_of", ())),
            compare=tuple(body.get("compare", ())),
            interfaces=tuple(shape.__name__ for shape in _shapes(cls)),
        )


def _shapes(cls: type[Entity]) -> tuple[type, ...]:
    return tuple(base for base in cls.__mro__ if base is not object and not issubclass(base, Entity))


def _full_body(cls: type[Entity]) -> dict[str, Any]:
    """What the class body says, then what its shapes say; fields and groups of a shape become the entity's own."""
    body = {key: value for key, value in vars(cls).items() if not key.startswith("__")}
    own: dict[Field[Any], Field[Any]] = {}
    shared: dict[str, Any] = {}
    for shape in _shapes(cls):
        shared |= {key: value for key, value in vars(shape).items() if not key.startswith("_") and key not in shared}
    for name, value in shared.items():
        if isinstance(value, Field):
            own[value] = body[name] = body[name] if name in body else _adopt(cls, name, copy.copy(value))
    for name, value in shared.items():
        if name not in body:
            body[name] = _adopt(cls, name, _regroup(value, own)) if isinstance(value, Group) else value
    for name in ("locks", "key", "match", "one_of"):
        body[name] = tuple(_restate(one, own) for one in body.get(name, ()))
    return body


def _adopt(cls: type[Entity], name: str, value: Any) -> Any:
    """Set a field or group on the class as if it had been written in its body."""
    setattr(cls, name, value)
    value.__set_name__(cls, name)
    return value


def _regroup(group: Group, own: Mapping[Field[Any], Field[Any]]) -> Group:
    """The same group over the entity's own copies of its members."""
    members = tuple(own.get(member, member) for member in group.members)
    return Group(members, group.owner, group.policy, group.risk, group.rule, group.is_facet, group.doc)


def _restate(one: Any, own: Mapping[Field[Any], Field[Any]]) -> Any:
    """A lock, match rule, key field or set of fields, said of the entity's own copies."""
    if isinstance(one, Field):
        return own.get(one, one)
    if isinstance(one, tuple):
        return tuple(own.get(field, field) for field in one)
    if isinstance(one, Lock):
        return replace(one, fields=_restate(one.fields, own))
    if isinstance(one, MatchRule):
        return replace(
            one, fields=_restate(one.fields, own), agreeing=_restate(one.agreeing, own), within=_restate(one.within, own)
        )
    raise TypeError(f"{one!r} is neither a field, a lock nor a match rule")


def entity_name(type_name: str) -> str:
    """The name of an entity, of its table and its events, from its class name.

    >>> entity_name("TimeEntry")
    'time_entry'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type_name).lower()
