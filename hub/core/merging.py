"""What a merge may do: how each reference behaves, what forbids joining two records, who has to agree. Pure.

Every field that refers to another record is listed here by name; a test fails when the model has one that is not, and
when the foreign keys of the golden tables know another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from typing import Any
from uuid import UUID

from hub.core.matching import tax_numbers
from hub.core.merging_fields import FOLLOWS, STAYS
from hub.core.records import Values
from schema import ENTITIES
from schema.fields import Risk
from schema.kinds import FieldKind
from schema.language import EntityMeta, Family, entity_name


class Treatment(StrEnum):
    """What happens to a reference when the record it names is merged into another."""

    FOLLOWS = "follows"
    """It means the survivor from then on, and the former record again when the merge is undone."""
    STAYS = "stays"
    """Its target is never merged: transactions, billing accounts, reference data."""
    PRINTED = "printed"
    """Words on an issued document that came from the record: they never change. Only fields of documents, no references."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One way from an entity to another: ``project.client`` names a client, in one field or inside a listing (``item``)."""

    entity: str
    field: str
    target: str
    treatment: Treatment
    item: str = ""


NEVER_MERGED = frozenset({"billing_account", "client_relationship", "legal_entity"})
"""Keyed masters that stay apart for ever: two accounts of a merged client stay two accounts."""


def is_mergeable(meta: EntityMeta) -> bool:
    """Whether records of an entity can be joined by a person at all.

    >>> [is_mergeable(ENTITIES[name]) for name in ("client", "project", "billing_account", "invoice", "currency")]
    [True, True, False, False, False]
    """
    return meta.family in (Family.MATCHED, Family.KEYED) and meta.name not in NEVER_MERGED


def _references() -> tuple[Reference, ...]:
    return tuple(
        Reference(entity, name, target, treatment, item)
        for table, treatment in ((FOLLOWS, Treatment.FOLLOWS), (STAYS, Treatment.STAYS))
        for entity, ways in table.items()
        for way in ways.split()
        for (path, _, target) in (way.partition(">"),)
        for (name, _, item) in (path.partition("."),)
    )


REFERENCES: tuple[Reference, ...] = _references()
"""Every reference of the model, with what a merge does to it."""


def declared_references(entities: Iterable[EntityMeta]) -> set[tuple[str, str, str, str]]:
    """(entity, field, item, target) of every reference that these entities declare."""
    found: set[tuple[str, str, str, str]] = set()
    for meta in entities:
        for field in meta.fields.values():
            if field.kind is FieldKind.REFERENCE or field.target:
                found.add((meta.name, field.name, "", entity_name(field.target)))
            found |= {(meta.name, field.name, item, entity_name(to)) for item, to in field.item_targets.items()}
    return found


def printed_fields() -> dict[str, tuple[str, ...]]:
    """Per document, its words as printed: what a merge of the client leaves alone.

    >>> printed_fields()["invoice"][:2]
    ('bill_to_name', 'bill_to_address')
    """
    groups = ("bill_to", "seller")
    return {
        meta.name: tuple(member.name for name in groups if name in meta.groups for member in meta.groups[name].members)
        for meta in ENTITIES.values()
        if any(name in meta.groups for name in groups)
    }


# ------------------------------------------------------------------------------------------------------------- vetoes


@dataclass(frozen=True, slots=True)
class Veto:
    """Why two records may not be joined: ``kind`` is stable; ``records`` are the ids it is about."""

    kind: str
    reason: str
    records: tuple[UUID, ...]
    remedy: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tables say about one record besides its values; money per currency."""

    receivables: Mapping[str, Decimal]
    unbilled: Mapping[str, Decimal]
    active_projects: int = 0
    signed_contracts: int = 0
    items: int = 0
    """Billable items and postings of a project or contract."""

    @property
    def has_money(self) -> bool:
        return bool(self.receivables or self.unbilled or self.signed_contracts)


NO_FACTS = Facts({}, {})


def vetoes(meta: EntityMeta, records: Mapping[UUID, Values], facts: Mapping[UUID, Facts]) -> list[Veto]:
    """What in the records themselves forbids joining them (CANONICAL_MODEL §10); others' decisions are looked up apart."""
    found: list[Veto] = []
    if meta.name == "client":
        found += [veto for id_, values in records.items() for veto in _of_kind(id_, values)]
        for (a, left), (b, right) in combinations(records.items(), 2):
            found += _identifiers(a, left, b, right)
    if meta.name in ("project", "contract"):
        for (a, left), (b, right) in combinations(records.items(), 2):
            found += _books(meta, a, left, b, right)
            if facts.get(a, NO_FACTS).items and facts.get(b, NO_FACTS).items:
                found.append(Veto("both_have_items", f"both {meta.plural} have items or postings", (a, b), "Close one of them; items cannot move."))
    return found


KINDS = {
    "intercompany": ("own_legal_entity", "is one of our own legal entities"),
    "pseudo": ("pseudo_client", "is a pseudo client, which stands for nobody in particular"),
}


def _of_kind(id_: UUID, values: Values) -> list[Veto]:
    if values.get("kind") not in KINDS:
        return []
    kind, why = KINDS[values["kind"]]
    return [Veto(kind, f"{values.get('name') or id_} {why}", (id_,), "Leave it out of the merge, or correct its kind.")]


def _identifiers(a: UUID, left: Values, b: UUID, right: Values) -> list[Veto]:
    found: list[Veto] = []
    mine, theirs = _by_country(left), _by_country(right)
    for country in sorted(mine.keys() & theirs.keys()):
        if mine[country].isdisjoint(theirs[country]):
            found.append(_differ("tax_number", f"tax numbers of {country}", a, b, min(mine[country]), min(theirs[country])))
    for name, words in (("registration_no", "registration numbers"), ("lei", "legal entity identifiers")):
        one, other = left.get(name), right.get(name)
        same_place = name == "lei" or (left.get("country") is not None and left.get("country") == right.get("country"))
        if one and other and one != other and same_place:
            found.append(_differ(name, words, a, b, one, other))
    return found


def _by_country(values: Values) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for number in tax_numbers(values):
        found.setdefault(number[:2], set()).add(number)
    return found


def _differ(kind: str, words: str, a: UUID, b: UUID, one: str, other: str) -> Veto:
    return Veto(
        f"different_{kind}", f"two different {words}: {one} and {other}", (a, b),
        "They are two companies; if a number is wrong, correct it at its source first.",
    )  # fmt: skip


def _books(meta: EntityMeta, a: UUID, left: Values, b: UUID, right: Values) -> list[Veto]:
    found = []
    for name in ("currency", "legal_entity"):
        one, other = left.get(name), right.get(name)
        if one and other and one != other:
            words = name.replace("_", " ")
            found.append(Veto(f"different_{name}", f"the {meta.plural} differ in {words}", (a, b), f"A {meta.name} keeps its {words}; close one of them."))
    return found


def risk_of_merge(records: Mapping[UUID, Values], facts: Mapping[UUID, Facts]) -> tuple[Risk, tuple[str, ...]]:
    """How risky joining these records is, and why: with money attached, or protected, it takes a second person."""
    why: list[str] = []
    for id_, values in records.items():
        about, name = facts.get(id_, NO_FACTS), values.get("name") or str(id_)
        if values.get("protected"):
            why.append(f"{name} is protected")
        if about.receivables:
            why.append(f"{name} has open receivables")
        if about.unbilled:
            why.append(f"{name} has unbilled items")
        if about.signed_contracts:
            why.append(f"{name} has a signed contract")
    return (Risk.R2 if why else Risk.R1), tuple(why)


def as_given(meta: EntityMeta, name: str, value: Any) -> Any:
    """A golden value as an override states it: references by id, so that they follow later merges.

    >>> as_given(ENTITIES["client"], "account_manager", "0199")
    {'id': '0199'}
    """
    if name in meta.groups:
        return {key: as_given(meta, key, part) for key, part in (value or {}).items()}
    field = meta.fields.get(name)
    if field is None or value is None:
        return value
    if field.kind is FieldKind.REFERENCE:
        return value if isinstance(value, dict) else {"id": value}
    if isinstance(value, list) and field.target:
        return [one if isinstance(one, dict) else {"id": one} for one in value]
    if isinstance(value, list) and field.item_targets:
        return [
            {key: {"id": part} if key in field.item_targets and isinstance(part, str) else part for key, part in one.items()}
            for one in value
        ]
    return value
