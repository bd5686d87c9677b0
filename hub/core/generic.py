"""Values shared by many (a switchboard, a placeholder mailbox, a group's tax number) say nothing about who a record is.

Which values of a record can be shared like that is derived from the kinds of its fields. A value that as many golden records
carry as :data:`THRESHOLDS` says is *generic*: it nominates no candidate and weighs nothing. A person's word outranks the count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hub.core.duplicates import words_of
from hub.core.identifiers import REGISTERED, compact
from hub.core.matching import tax_numbers
from hub.core.records import Values
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta, Family

PHONE, EMAIL, DOMAIN, TAX_ID, IDENTIFIER, ADDRESS = "phone", "email", "domain", "tax_id", "identifier", "address"
THRESHOLDS: Mapping[str, int] = {PHONE: 5, EMAIL: 4, DOMAIN: 6, TAX_ID: 4, IDENTIFIER: 4, ADDRESS: 12}
"""From how many golden records on a value is generic. A few may be one thing that nobody has recognised yet: duplicates share
everything, so a low number would hide them; sites of one group share an address more easily than a number of its own."""

KINDS: Mapping[FieldKind, str] = {FieldKind.PHONE: PHONE, FieldKind.EMAIL: EMAIL, FieldKind.DOMAIN: DOMAIN}
PLACE = ("street", "city", "postcode", "region")
"""What an address is compared by; all of it goes when it is a generic one."""


class Shared(NamedTuple):
    """One value of a record that others may share."""

    kind: str
    value: str


def entities() -> tuple[str, ...]:
    """The entities in which values are counted: those that are matched by what they say."""
    return tuple(meta.name for meta in ENTITIES.values() if meta.family is Family.MATCHED and any(_fields(meta).values()))


def values_of(meta: EntityMeta, values: Values) -> Iterator[Shared]:
    """The values of a golden record (or contribution) that may be shared.

    >>> found = values_of(ENTITIES["client"], {"name": "Acme", "phone": "+49301234567", "street": "Ring 1", "city": "Ulm"})
    >>> [tuple(one) for one in found]
    [('phone', '+49301234567'), ('address', 'ring 1 | ulm')]
    """
    for kind, names in _fields(meta).items():
        for name in names:
            value = values.get(name)
            if isinstance(value, str) and value:
                yield Shared(kind, spelt(kind, value))
    if "tax_registrations" in meta.fields:
        yield from (Shared(TAX_ID, number) for number in dict.fromkeys(tax_numbers(values)))
    address = _address(meta, values)
    if address:
        yield Shared(ADDRESS, address)


def spelt(kind: str, value: str) -> str:
    """A value as it is counted and declared: one spelling whatever the case and signs."""
    if kind in (TAX_ID, IDENTIFIER):
        return compact(value)
    return " | ".join(map(words_of, value.split("|"))) if kind == ADDRESS else value.strip().casefold()


def _address(meta: EntityMeta, values: Values) -> str:
    """Street and place in words; without a street it is a town, not an address."""
    if "street" not in meta.fields or not isinstance(values.get("street"), str):
        return ""
    place = values.get("postcode") or values.get("city")
    street = words_of(values["street"])
    return f"{street} | {words_of(place)}" if street and isinstance(place, str) else ""


def _fields(meta: EntityMeta) -> dict[str, list[str]]:
    found = _FIELDS.get(meta.name)
    if found is None:
        found = {}
        for name, one in meta.fields.items():
            kind = KINDS.get(one.kind) or (IDENTIFIER if one.kind is FieldKind.IDENTIFIER and one.scheme in REGISTERED else None)
            if kind is not None:
                found.setdefault(kind, []).append(name)
        _FIELDS[meta.name] = found
    return found


_FIELDS: dict[str, dict[str, list[str]]] = {}


def threshold(kind: str, settings: Mapping[str, Any]) -> int:
    """From how many holders on a value of this kind is generic; the tenant's setting ``generic`` may say otherwise.

    >>> threshold("phone", {}), threshold("phone", {"generic": {"phone": 9}})
    (5, 9)
    """
    own = settings.get("generic")
    told = own.get(kind) if isinstance(own, Mapping) else None
    return told if isinstance(told, int) and told > 1 else THRESHOLDS[kind]


@dataclass(frozen=True)
class GenericValues:
    """A tenant's generic values: entity → (kind, value). Asked before anything is compared."""

    known: Mapping[str, frozenset[Shared]] = field(default_factory=dict)

    def is_generic(self, entity: str, kind: str, value: str) -> bool:
        return Shared(kind, spelt(kind, value)) in self.known.get(entity, ())

    def without(self, entity: str, values: Values) -> Values:
        """The values with which a record is looked for and compared: what many share left out; the same object when nothing is.

        >>> shared = GenericValues({"client": frozenset({Shared("phone", "+49301234567")})})
        >>> shared.without("client", {"name": "Acme", "phone": "+49301234567"})
        {'name': 'Acme'}
        """
        known = self.known.get(entity)
        if not known:
            return values
        meta = ENTITIES[entity]
        left_out = set(_shared_fields(meta, values, known))
        kept = {name: value for name, value in values.items() if name not in left_out} if left_out else values
        if "tax_registrations" in meta.fields and values.get("tax_registrations"):
            own = [item for item in values["tax_registrations"] if not _is_shared_number(item, known)]
            if len(own) < len(values["tax_registrations"]):
                kept = {**kept, "tax_registrations": own}
        return kept


def _shared_fields(meta: EntityMeta, values: Values, known: frozenset[Shared]) -> Iterable[str]:
    hosts = {one.value for one in known if one.kind == DOMAIN}
    for kind, names in _fields(meta).items():
        for name in names:
            value = values.get(name)
            if isinstance(value, str) and Shared(kind, spelt(kind, value)) in known:
                yield name
    website = values.get("website")
    if isinstance(website, str) and hosts and any(host in website.casefold() for host in hosts):
        yield "website"
    address = _address(meta, values)
    if address and Shared(ADDRESS, address) in known:
        yield from PLACE


def _is_shared_number(item: Mapping[str, Any], known: frozenset[Shared]) -> bool:
    return any(Shared(TAX_ID, number) in known for number in tax_numbers({"tax_registrations": [item]}))
