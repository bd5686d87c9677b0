"""The language the model is declared in: entities, fields, groups, locks and match rules.

An entity is a class body and a field a typed attribute, so ``Client.legal_name`` is a ``Field[str]``: a misspelt
field is a type error, and ``grep -rn "Client\\.legal_name"`` finds every use. Everything here is data; nothing is
registered as a side effect, :data:`schema.MODEL` lists the entities.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from schema.kinds import FieldKind, Money, Price, Quantity
from schema.rules import Rule, by_owner
from schema.systems import SystemKind

T = TypeVar("T")


class Family(StrEnum):
    """How an entity is treated; see CANONICAL_MODEL §1 in the data dictionary."""

    MATCHED = "matched"
    KEYED = "keyed"
    TRANSACTION = "transaction"
    REFERENCE = "reference"
    DERIVED = "derived"


class Policy(StrEnum):
    """What becomes of a differing value of somebody who does not own the field."""

    IGNORE = "ignore"
    PROPOSE = "propose"
    REJECT = "reject"
    ACCEPT_IF_EMPTY = "accept_if_empty"


class Risk(StrEnum):
    """Who may change a field by hand: one steward, two people, two people of different teams."""

    R1 = "R1"
    R2 = "R2"
    R3 = "R3"


class Sensitivity(StrEnum):
    """Who may read a field; ``confidential`` reads as null and masked for roles without the right."""

    OPEN = "open"
    PERSONAL = "personal"
    CONFIDENTIAL = "confidential"


MATCHED, KEYED, TRANSACTION, REFERENCE, DERIVED = Family
IGNORE, PROPOSE, REJECT, ACCEPT_IF_EMPTY = Policy
R1, R2, R3 = Risk
OPEN, PERSONAL, CONFIDENTIAL = Sensitivity

DEFAULT_POLICY: Mapping[Family, Policy] = {
    Family.MATCHED: Policy.IGNORE,
    Family.KEYED: Policy.IGNORE,
    Family.TRANSACTION: Policy.REJECT,
    Family.REFERENCE: Policy.IGNORE,
    Family.DERIVED: Policy.REJECT,
}

Owners = tuple[SystemKind, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One named part of a structured listing item that needs more than its kind: see :func:`ref` and :func:`of`."""

    kind: FieldKind
    target: str = ""
    codes: str = ""


Items = Mapping[str, "FieldKind | Part"]


def ref(target: str) -> Part:
    """A reference inside a listing item: ``items={"billable_item": ref("BillableItem"), "amount": FieldKind.MONEY}``."""
    return Part(FieldKind.REFERENCE, target=target)


def of(codes: str) -> Part:
    """A code of the governed set ``codes`` inside a listing item."""
    return Part(FieldKind.CODE, codes=codes)


class Field(Generic[T]):
    """One attribute of an entity. ``owner``, ``policy``, ``risk`` and ``rule`` fall back to its group, then its family."""

    name: str
    entity: type[Entity]

    def __init__(
        self,
        kind: FieldKind,
        *,
        owner: SystemKind | Owners = (),
        policy: Policy | None = None,
        risk: Risk | None = None,
        sensitivity: Sensitivity = Sensitivity.OPEN,
        rule: Rule | None = None,
        required: bool = False,
        essential: bool = False,
        dated: bool = False,
        scheme: str = "",
        codes: str = "",
        target: str = "",
        items: Items | None = None,
        doc: str = "",
    ) -> None:
        parts = {key: part if isinstance(part, Part) else Part(part) for key, part in (items or {}).items()}
        self.kind = kind
        self.own_owner: Owners = (owner,) if isinstance(owner, SystemKind) else tuple(owner)
        self.own_policy, self.own_risk, self.own_rule = policy, risk, rule
        self.sensitivity = sensitivity
        self.required = required
        self.essential = essential
        self.dated = dated
        self.scheme = scheme
        self.codes = codes
        self.target = target
        self.items: Mapping[str, FieldKind] = {key: part.kind for key, part in parts.items()}
        self.item_targets: Mapping[str, str] = {key: part.target for key, part in parts.items() if part.target}
        self.item_codes: Mapping[str, str] = {key: part.codes for key, part in parts.items() if part.codes}
        self.doc = doc
        self.group: Group | None = None

    def __set_name__(self, owner: type[Entity], name: str) -> None:
        self.name, self.entity = name, owner

    def __repr__(self) -> str:
        return f"{self.entity.__name__}.{self.name}"

    @property
    def owner(self) -> Owners:
        """The kinds of system entitled to decide this field, in order; a transaction's facts belong to its origins."""
        inherited = self.group.owner if self.group else ()
        fallback = self.entity.meta.origins
        return self.own_owner or inherited or fallback

    @property
    def policy(self) -> Policy:
        inherited = self.group.policy if self.group else None
        return self.own_policy or inherited or DEFAULT_POLICY[self.entity.meta.family]

    @property
    def risk(self) -> Risk:
        inherited = self.group.risk if self.group else None
        return self.own_risk or inherited or Risk.R1

    @property
    def rule(self) -> Rule:
        inherited = self.group.rule if self.group else None
        return self.own_rule or inherited or by_owner()

    @property
    def facet(self) -> str:
        """The facet of a transaction this field belongs to: ``facts`` unless its group is a facet."""
        return self.group.name if self.group and self.group.is_facet else "facts"


class Group:
    """Fields that survive together (``seat``: one source wins the whole address) or a transaction's facet."""

    name: str

    def __init__(
        self,
        members: tuple[Field[Any], ...],
        owner: Owners,
        policy: Policy | None,
        risk: Risk | None,
        rule: Rule | None,
        is_facet: bool,
        doc: str,
    ) -> None:
        self.members, self.owner, self.policy, self.risk, self.rule = members, owner, policy, risk, rule
        self.is_facet, self.doc = is_facet, doc
        for member in members:
            member.group = self

    def __set_name__(self, owner: type[Entity], name: str) -> None:
        self.name = name

    @property
    def moves_together(self) -> bool:
        """A facet shares an owner only; an ordinary group also takes all its values from one source."""
        return not self.is_facet


def group(
    *members: Field[Any],
    owner: SystemKind | Owners = (),
    policy: Policy | None = None,
    risk: Risk | None = None,
    rule: Rule | None = None,
    doc: str = "",
) -> Group:
    """Fields whose values always come from one and the same source."""
    owners = (owner,) if isinstance(owner, SystemKind) else tuple(owner)
    return Group(members, owners, policy, risk, rule, False, doc)


def facet(*members: Field[Any], owner: SystemKind | Owners, policy: Policy | None = None, doc: str = "") -> Group:
    """A transaction's field group with its own owner (approval, billing, posting, settlement)."""
    owners = (owner,) if isinstance(owner, SystemKind) else tuple(owner)
    return Group(members, owners, policy, None, None, True, doc)


def text(**options: Any) -> Field[str]:
    return Field(FieldKind.TEXT, **options)


def identifier(scheme: str = "", **options: Any) -> Field[str]:
    """A business or registered identifier; ``scheme`` names its check (``duns``, ``lei``, ``vat`` …)."""
    return Field(FieldKind.IDENTIFIER, scheme=scheme, **options)


def email(**options: Any) -> Field[str]:
    return Field(FieldKind.EMAIL, **options)


def phone(**options: Any) -> Field[str]:
    return Field(FieldKind.PHONE, **options)


def domain(**options: Any) -> Field[str]:
    return Field(FieldKind.DOMAIN, **options)


def country(**options: Any) -> Field[str]:
    return Field(FieldKind.COUNTRY, **options)


def language(**options: Any) -> Field[str]:
    return Field(FieldKind.LANGUAGE, **options)


def timezone(**options: Any) -> Field[str]:
    return Field(FieldKind.TIMEZONE, **options)


def code(codes: str, **options: Any) -> Field[str]:
    """A value of the governed set ``codes``; every system's own codes map to it."""
    return Field(FieldKind.CODE, codes=codes, **options)


def boolean(**options: Any) -> Field[bool]:
    return Field(FieldKind.BOOLEAN, **options)


def integer(**options: Any) -> Field[int]:
    return Field(FieldKind.INTEGER, **options)


def date(**options: Any) -> Field[str]:
    """A calendar day; never meets a time zone."""
    return Field(FieldKind.DATE, **options)


def instant(**options: Any) -> Field[str]:
    return Field(FieldKind.INSTANT, **options)


def percent(**options: Any) -> Field[str]:
    return Field(FieldKind.PERCENT, **options)


def decimal(**options: Any) -> Field[str]:
    """A plain number, such as an exchange rate or a factor: in form a percent, without the meaning."""
    return Field(FieldKind.PERCENT, scheme="decimal", **options)


def quantity(**options: Any) -> Field[Quantity]:
    return Field(FieldKind.QUANTITY, **options)


def money(**options: Any) -> Field[Money]:
    return Field(FieldKind.MONEY, **options)


def price(**options: Any) -> Field[Price]:
    return Field(FieldKind.PRICE, **options)


def reference(target: str, **options: Any) -> Field[UUID]:
    """A reference to another golden record, kept as contributed and resolved through the crosswalk.

    ``target`` is the class name of the entity (``"Client"``).
    """
    return Field(FieldKind.REFERENCE, target=target, **options)


def listing(items: Items | None = None, *, target: str = "", codes: str = "", **options: Any) -> Field[list[Any]]:
    """A list of structures (``items``), of references (``target``), of codes (``codes``) or of texts (none of them)."""
    return Field(FieldKind.LISTING, items=items, target=target, codes=codes, **options)


@dataclass(frozen=True, slots=True)
class States:
    """The state machine of an entity: legal transitions, and the states nobody leaves.

    A contributed state may skip steps, since polling sees only the newest; leaving a terminal or locked state by a
    transition not listed is a conflict.
    """

    transitions: Mapping[str, tuple[str, ...]]
    initial: str
    chain: tuple[str, ...] = ()
    """The usual course, in order; a state off it (``rejected``) is a branch."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.transitions)

    @property
    def terminal(self) -> frozenset[str]:
        return frozenset(name for name, following in self.transitions.items() if not following)

    def enters(self, state: str, before: str | None, after: str | None) -> bool:
        """Whether the step from ``before`` to ``after`` enters ``state``, or passes it on the usual course.

        A poll sees only the newest state, so an hour first seen as ``invoiced`` was approved on the way.

        >>> course = states("planned > reached > submitted > approved > invoiced", submitted=["rejected"], rejected=["submitted"])
        >>> course.enters("approved", "planned", "invoiced"), course.enters("reached", "rejected", "invoiced")
        (True, False)
        """
        if after == state:
            return before != state
        if state not in self.chain or after not in self.chain:
            return False
        return self._place(before) < self.chain.index(state) < self.chain.index(after)

    def _place(self, state: str | None) -> float:
        """Where a state stands on the usual course; a branch stands just before the earliest state it returns to."""
        if state in self.chain:
            return self.chain.index(state)
        returns = [self.chain.index(name) for name in self.transitions.get(state or "", ()) if name in self.chain]
        return min(returns) - 0.5 if returns else -1


def states(chain: str, **branches: Iterable[str]) -> States:
    """Read ``"prospect > active > dormant > closed"``; ``branches`` adds further transitions per state.

    >>> states("draft > submitted > approved", submitted=["rejected"], rejected=["submitted"]).transitions["submitted"]
    ('approved', 'rejected')
    """
    names = [name.strip() for name in chain.split(">")]
    following: dict[str, tuple[str, ...]] = {
        name: (names[at + 1],) if at + 1 < len(names) else () for at, name in enumerate(names)
    }
    for name, more in branches.items():
        following[name] = (*following.get(name, ()), *more)
    for targets in list(following.values()):
        for target in targets:
            following.setdefault(target, ())
    return States(following, names[0], tuple(names))


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


@dataclass(frozen=True)
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

    In the body, besides fields and groups: ``states``, ``locks``, ``key`` (business key), ``match`` and ``one_of``.
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
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()
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
        shared = {key: value for key, value in vars(shape).items() if not key.startswith("_")} | shared
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
