"""Fields and field groups: what an entity's class body is made of, and how a field is treated.

A field is a typed attribute; what it does not say itself it has from its group, else from its entity's family.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from schema.kinds import FieldKind, Money, Price, Quantity
from schema.rules import Rule, by_owner
from schema.systems import SystemKind

if TYPE_CHECKING:
    from schema.language import Entity

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
