"""What the generator yields: records with what each system says of them, under keys that follow from a number.

Every external id ends in the record's number, eight digits, so that a reference can be followed without a look-up.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any, NamedTuple

from hub.core.configuration import System
from hub.core.records import Values
from hub.demo.firm.dice import mix
from schema import ENTITIES
from schema.kinds import minor_units
from schema.language import Family
from schema.systems import BILL, CRM, ERP, HCM, PSA

SYSTEMS: tuple[System, ...] = (
    System("hcm", HCM), System("crm_eu", CRM, 0), System("crm_us", CRM, 1), System("psa", PSA), System("billing", BILL),
    System("erp_north", ERP, 0), System("erp_south", ERP, 1),
)  # fmt: skip
"""The firm's systems, in the order in which they are loaded; see :func:`place`."""

_PLACE = {system.name: at for at, system in enumerate(SYSTEMS)}
_LETTER = {"hcm": "H", "crm_eu": "E", "crm_us": "U", "psa": "P", "erp_north": "N", "erp_south": "S", "billing": "B"}
TAGS = {name: at for at, name in enumerate(ENTITIES)}
"""Entity → the number that keeps its dice and ids apart from others'."""

LOADED_AT = datetime(2026, 1, 5, 1, tzinfo=UTC)
"""When the firm's hub was filled: the instant its first golden records were made."""

LOADED_MS = int(LOADED_AT.timestamp() * 1000)


class Said(NamedTuple):
    """What one system says of a record: canonical values in normal form, references by the system's own ids."""

    system: str
    external_id: str
    values: Values
    part: str = ""
    links: tuple[tuple[str, str, str], ...] = ()
    """Declared links: (system, object, external id) of the record it says it is."""


class Record(NamedTuple):
    """One real thing, with all that is said of it; who comes first was first."""

    entity: str
    number: int
    said: tuple[Said, ...]


@cache
def _prefix(entity: str) -> str:
    words = entity.split("_")
    return (words[0][:3] + "".join(word[0] for word in words[1:])).upper()


def place(system: str, entity: str) -> int:
    """A system's place among those that tell of an entity: who opens its records comes first, who names them later.

    Billing opens invoices and learns of accounts from the ERPs.
    """
    is_later = system == "billing" and ENTITIES[entity].family is not Family.TRANSACTION
    return _PLACE[system] + (len(SYSTEMS) if is_later else 0)


def external_id(system: str, entity: str, number: int) -> str:
    """
    >>> external_id("crm_eu", "client", 4711)
    'CLI-E00004711'
    """
    return f"{_prefix(entity)}-{_LETTER[system]}{number:08d}"


def number_of(id_: str) -> int:
    """The record a system's id stands for; the inverse of :func:`external_id`."""
    return int(id_[-8:])


def reference(system: str, entity: str, number: int) -> dict[str, str]:
    """A reference as that system's record would be named."""
    return {"system": system, "object": entity, "id": f"{_prefix(entity)}-{_LETTER[system]}{number:08d}"}


def said(system: str, entity: str, number: int, values: Values, link: str = "") -> Said:
    """What ``system`` says; ``link`` names the system whose record it declares itself to be."""
    links = ((link, entity, external_id(link, entity, number)),) if link else ()
    return Said(system, external_id(system, entity, number), values, "", links)


def golden_id(seed: int, entity: str, number: int) -> str:
    """The id a directly loaded golden record gets: a UUID of version 7, rising with the number, unique by entity and number.

    >>> golden_id(7, "client", 0)[:15]
    '019b8bab-0680-7'
    """
    tag = TAGS[entity]
    text = f"{LOADED_MS + number:012x}7{tag:03x}{0x8000000000000000 | mix(seed, tag, number) >> 2:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


_STEPS = {places: Decimal(1).scaleb(-places) for places in range(5)}


def rounded(amount: Decimal, currency: str) -> Decimal:
    """An amount at its currency's minor units, half up."""
    return amount.quantize(_STEPS[minor_units(currency)], ROUND_HALF_UP)


def money(amount: Decimal, currency: str) -> dict[str, str]:
    return {"amount": format(rounded(amount, currency), "f"), "currency": currency}


def number_text(number: Decimal) -> str:
    """A plain number without exponent and trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def price(amount: Decimal, currency: str, per: str = "hour") -> dict[str, str]:
    return {"amount": number_text(amount), "currency": currency, "per": per}


def hours(quarters: int) -> dict[str, Any]:
    """
    >>> hours(30)
    {'value': '7.5', 'unit': 'hour'}
    """
    return {"value": number_text(Decimal(quarters) / 4), "unit": "hour"}
