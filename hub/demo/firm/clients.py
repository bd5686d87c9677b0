"""Clients as seven systems see them: two CRMs that overlap, PSA and billing with short names, ERPs with what is registered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hub.core.records import Values
from hub.demo.firm.dice import Dice
from hub.demo.firm.model import HOUSES, Firm
from hub.demo.firm.shape import Record, Said, place, reference, said
from hub.demo.firm.words import FAMILY, GIVEN, ODD, TITLES, Market

INDUSTRIES = ("manufacturing", "insurance", "banking", "energy", "health", "public", "retail", "media", "logistics", "technology")
SEGMENTS = ("enterprise", "mid_market", "small", "public_sector")
TIERS = ("A", "B", "B", "C", "C", "C")


@dataclass(frozen=True)
class Face:
    """What a client is called and where it sits, whoever tells it."""

    name: str
    legal_name: str
    seat: Values
    domain: str
    prefix: str


@lru_cache(maxsize=4096)
def face(firm: Firm, client: int) -> Face:
    """The client's face; its contacts, sites and invoices show the same."""
    dice, market = firm.dice("client", client), firm.site(client).market
    dice.below(100)  # what site() threw
    return _face(dice, market, client)


def _face(dice: Dice, market: Market, client: int) -> Face:
    head, tail, form, town = dice.pick(market.heads), dice.pick(market.tails), dice.pick(market.forms), dice.pick(market.places)
    gap = "" if market.country == "JP" else " "
    name = f"{head}{gap}{tail}"
    if dice.below(100) < 2:
        name = dice.pick(ODD).replace("{}", name)
    if dice.below(3):
        name = f"{name} {1 + client // 97}"
    seat = {
        "street": _street(dice, market), "city": town.city, "postcode": _postcode(dice, market, town.postcode), "region": town.region,
        "country": market.country,
    }  # fmt: skip
    slug = "".join(char for char in head.lower() if "a" <= char <= "z") or "kk"
    return Face(name, form.replace("{}", name), seat, f"{slug}-{client}.example", town.prefix)


def _street(dice: Dice, market: Market) -> str:
    street, number = dice.pick(market.streets), dice.between(1, 240)
    if market.country in ("DE", "AT"):
        return f"{street} {number}"
    return f"{street}{number}" if market.country == "JP" else f"{number} {street}"


def _postcode(dice: Dice, market: Market, start: str) -> str:
    digits = {"DE": 3, "AT": 2, "FR": 2, "US": 2, "JP": 4}.get(market.country, 0)
    if digits:
        return f"{start}{dice.below(10**digits):0{digits}d}"
    return f"{start}{dice.between(1, 9)}{'ABDEFGHJLN'[dice.below(10)]}{'PQRSTUWXYZ'[dice.below(10)]}"


def clients(firm: Firm, at: int) -> Iterator[Record]:
    """A client; after the last one our own houses, as each other's clients."""
    if at >= firm.clients:
        yield _sister(at, at - firm.clients)
        return
    dice, told = Dice(firm.seed, -1, at), face(firm, at)
    known = _identifiers(at)
    crm = firm.crm_of(at)
    records = [said(crm, "client", at, _as_crm(firm, at, told, dice) | known)]
    if at % 20 == 0:  # both CRMs know it, and neither knows of the other: its LEI joins them
        other = "crm_us" if crm == "crm_eu" else "crm_eu"
        values = {"name": told.name.upper(), "legal_name": told.legal_name, "kind": _kind(at), "tier": dice.pick(TIERS), "state": "active"}
        records.append(said(other, "client", at, values | told.seat | known))
    if at < firm.customers:
        records.append(said("psa", "client", at, {"name": told.name}, crm))
        records += [_as_erp(firm, at, told, erp, crm) for erp in firm.erps_of(at)]
        if at % 2 == 0:
            records.append(said("billing", "client", at, {"name": told.name, "legal_name": told.legal_name}, "psa"))
    yield Record("client", at, in_order("client", records))


def in_order(entity: str, records: list[Said]) -> tuple[Said, ...]:
    """In the order in which the systems are loaded."""
    return tuple(sorted(records, key=lambda one: place(one.system, entity)))


def _kind(at: int) -> str:
    return "public_body" if at % 31 == 5 else "organisation"


def _identifiers(at: int) -> Values:
    known: Values = {}
    if at % 10 < 3:
        body = f"529900{at:012d}"
        known["lei"] = f"{body}{98 - int(body + '00') % 97:02d}"
    if at % 5 < 2:
        known["duns"] = str(150_000_000 + at * 37)
    return known


def _as_crm(firm: Firm, at: int, told: Face, dice: Dice) -> Values:
    is_customer = at < firm.customers
    return told.seat | {
        "name": told.name, "legal_name": told.legal_name, "kind": _kind(at), "domain": told.domain, "website": f"https://www.{told.domain}/",
        "phone": f"{told.prefix}{dice.between(200_000, 999_999)}", "email": f"info@{told.domain}", "industry": dice.pick(INDUSTRIES),
        "segment": dice.pick(SEGMENTS), "tier": dice.pick(TIERS), "language": firm.site(at).market.language,
        "account_manager": reference("hcm", "resource", dice.below(firm.resources)), "do_not_contact": at % 41 == 0,
        "state": ("active" if at % 23 else "dormant") if is_customer else "prospect",
    }  # fmt: skip


def _as_erp(firm: Firm, at: int, told: Face, erp: str, crm: str) -> Said:
    market = firm.site(at).market
    values: Values = {"name": told.legal_name, "legal_name": told.legal_name, "kind": _kind(at), "blocked": at % 211 == 0}
    values |= told.seat
    if at % 100 == 17:  # it has moved, and only the ERP was told: somebody has to decide
        values["street"] = "Postfach 4711"
    if market.register:
        values |= {"register": market.register, "registration_no": f"{market.register}{100_000 + at}"}
    return said(erp, "client", at, values, crm)


def _sister(number: int, house: int) -> Record:
    told = HOUSES[house]
    values = {"name": told.name, "legal_name": told.legal_name, "kind": "intercompany", "country": told.country, "state": "active"}
    return Record("client", number, (said("erp_north", "client", number, values),))


def client_sites(firm: Firm, at: int) -> Iterator[Record]:
    """Where three in ten customers want their invoices."""
    if at % 10 > 2:
        return
    told = face(firm, at)
    erp = firm.erps_of(at)[0]
    values: dict[str, Any] = told.seat | {
        "client": reference(erp, "client", at), "name": f"{told.name} – Accounts payable", "kind": "billing", "site_no": f"{at:06d}-1",
        "street": f"{told.seat['street']}, 2. OG",
    }  # fmt: skip
    yield Record("client_site", at, (said(erp, "client_site", at, values),))


def contacts(firm: Firm, at: int) -> Iterator[Record]:
    """One person at each client, and a second one at every fourth."""
    client, second = divmod(at, 2)
    if second and client % 4:
        return
    dice, told, crm = firm.dice("contact", at), face(firm, client), firm.crm_of(client)
    values: dict[str, Any] = {
        "given_name": dice.pick(GIVEN), "family_name": dice.pick(FAMILY), "email": f"person{at}@{told.domain}",
        "phone": f"{told.prefix}{dice.between(200_000, 999_999)}", "client": reference(crm, "client", client), "title": dice.pick(TITLES),
        "roles": ["billing"] if second else ["sponsor", "approver"], "language": firm.site(client).market.language,
        "consent": dice.pick(("granted", "granted", "unknown", "refused")), "state": "active",
    }  # fmt: skip
    yield Record("contact", at, (said(crm, "contact", at, values),))


def client_relationships(firm: Firm, at: int) -> Iterator[Record]:
    """A tenth of the clients belong to another one; a parent's number is lower, so that there are no circles."""
    if at % 10 != 3 or at < 20:
        return
    parent, crm = at // 10, firm.crm_of(at)
    values: dict[str, Any] = {
        "from_client": reference(crm, "client", at), "to_client": reference(firm.crm_of(parent), "client", parent), "kind": "legal_parent",
        "share": ("100", "51", "75.5")[at % 3], "valid_from": "2018-01-01",
    }  # fmt: skip
    yield Record("client_relationship", at, (said(crm, "client_relationship", at, values),))
