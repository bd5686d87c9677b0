"""A consultancy's clients as three systems spell them, and their sister companies: made from a small word list of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

FIRST = (
    "Arrowmere", "Bexhill", "Calloway", "Dunmarrow", "Eskdale", "Fennimore", "Garrick", "Hollins", "Inverlee", "Jessop", "Kestrel", "Lorimer", "Maplethorpe",
    "Nettleton", "Oakhaven", "Penrose", "Quorn", "Ravensworth", "Selkirk", "Thackeray", "Ullswater", "Vantage", "Wexcombe", "Yarrow", "Zephyr", "Birkdale",
    "Copperfield", "Drayton", "Ellery", "Foxglove", "Greystone", "Hartwell", "Ironbridge", "Juniper", "Kilbride", "Lindqvist", "Moorgate", "Norbury", "Osterley",
    "Pemberton", "Quayside", "Redfern", "Stavely", "Tolworth", "Underwood", "Verity", "Whitcombe", "Ainsley", "Brodrick", "Chelwood",
)  # fmt: skip
SECOND = (
    "Bakery", "Brewery", "Ceramics", "Dairy", "Electrics", "Freight", "Gardens", "Haulage", "Joinery", "Kitchens", "Laboratories", "Marine", "Nurseries", "Optics",
    "Plastics", "Printing", "Roofing", "Shipping", "Textiles", "Upholstery", "Vehicles", "Watches", "Yachts", "Publishing", "Packaging", "Motors", "Fabrics", "Cycles",
)  # fmt: skip
SISTERS = ("Holdings", "Scotland", "Ireland", "2", "III", "Properties", "Finance", "International", "North", "Services", "Pension Fund", "Germany")
TOWNS = (("Perth", "PH1"), ("Truro", "TR1"), ("Derby", "DE1"), ("Hull", "HU2"), ("Bangor", "LL57"), ("Lincoln", "LN1"), ("Exeter", "EX4"), ("Carlisle", "CA3"))
ROADS = ("Weaver Street", "Chandler Road", "Saddler Lane", "Tanner Court", "Miller Avenue", "Fletcher Way", "Cooper Place", "Glover Square", "Mason Row")
LEGAL = ("Ltd", "Limited", "LTD", "")
SYSTEMS = ("crm", "erp", "bill")


@dataclass(frozen=True)
class Record:
    """One record of one system; ``firm`` is the truth."""

    firm: int
    system: str
    external_id: str
    values: dict[str, Any]


def firms(count: int, sisters: int = 0, seed: int = 1) -> list[dict[str, Any]]:
    """So many firms, and sister companies of the first ones: each firm once, as it is in truth."""
    random = Random(seed)
    names = random.sample([f"{first} {second}" for first in FIRST for second in SECOND], min(count, len(FIRST) * len(SECOND)))
    names += [f"{random.choice(FIRST)} {random.choice(FIRST)} {random.choice(SECOND)}" for _ in range(count - len(names))]
    found = [_firm(name, random) for name in names]
    return found + [_sister(found[at % count], SISTERS[(at + at // len(SISTERS)) % len(SISTERS)], random) for at in range(sisters)]


def _firm(name: str, random: Random) -> dict[str, Any]:
    town, area = random.choice(TOWNS)
    return {
        "name": f"{name} Ltd", "street": f"{random.randrange(1, 180)} {random.choice(ROADS)}", "city": town,
        "postcode": f"{area} {random.randrange(1, 9)}{random.choice('ABDEFGH')}{random.choice('JLNPQRS')}", "country": "GB",
        "phone": f"+441{random.randrange(10**8, 10**9)}", "website": f"https://{name.replace(' ', '').lower()}.example",
    }  # fmt: skip


def _sister(firm: dict[str, Any], word: str, random: Random) -> dict[str, Any]:
    """Of one group: another word in its name, and the house, the switchboard or the web site of the firm it belongs to."""
    other = _firm("of its own", random)
    shared = random.choice((("street", "city", "postcode"), ("street", "city", "postcode", "phone", "website"), ("phone", "website")))
    return {**other, "website": None, "name": f"{firm['name'].removesuffix(' Ltd')} {word} Ltd", **{field: firm[field] for field in shared}}


def held(firm: dict[str, Any], number: int, random: Random, systems: tuple[str, ...] = SYSTEMS) -> Iterator[Record]:
    """The firm as systems hold it: each spells and leaves out in its own way."""
    for system in systems:
        values = {**firm, "name": _spelt(firm["name"], random)}
        if system == "erp":
            values |= {"name": values["name"].upper(), "city": firm["city"].upper(), "website": None}
        for field, chance in (("phone", 0.35), ("website", 0.3), ("street", 0.1)):
            if random.random() < chance:
                values[field] = None
        if random.random() < 0.06:  # moved
            values |= {"street": f"{random.randrange(1, 180)} {random.choice(ROADS)}", "postcode": "ZZ9 9ZZ"}
        yield Record(number, system, f"{system}-{number}", {field: value for field, value in values.items() if value})


def _spelt(name: str, random: Random) -> str:
    words = [*name.split()[:-1], random.choice(LEGAL)]
    if random.random() < 0.12:
        at = random.randrange(1, len(words[0]) - 1)
        words[0] = words[0][:at] + words[0][at + 1 :]
    return " ".join(words).strip()


def records(count: int, sisters: int = 0, seed: int = 1, most: int = 3) -> list[Record]:
    """Every firm as one to ``most`` systems hold it, in an order that says nothing."""
    random = Random(seed + 1)
    told = [
        one
        for number, firm in enumerate(firms(count, sisters, seed))
        for one in held(firm, number, random, tuple(random.sample(SYSTEMS, random.randint(1, most))))
    ]  # fmt: skip
    random.shuffle(told)
    return told
