"""A million clients as four systems hold them, truth known: real legal names, recombined beyond those there are, and damaged.

Deterministic. Sisters share address, switchboard and web site with the firm they belong to and differ by a word; homonyms share
the name in another country; clients move, get cut to 40 characters, are typed wrongly, and each system leaves fields empty.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

FIELDS = (
    "client_name=organisation,street=street,city=city,region=region,postcode=postcode,country=country,phone=phone,website=website,"
    "tax_id=tax_id,duns=identifier"
)
COLUMNS = ("record_id", "source", "client_name", "street", "city", "region", "postcode", "country", "phone", "website", "tax_id", "duns")

SISTER, HOMONYM = 0.10, 0.02
SISTER_WORDS = (
    "Holdings", "Services", "Capital", "Europe", "UK", "Asia", "North", "South", "II", "III", "2", "Ventures", "Logistics", "Properties",
    "Consulting", "Finance", "Real Estate", "International", "Group", "Energy",
)  # fmt: skip
FORMS = (
    ("limited", ("Limited", "Ltd", "Ltd.", "LTD", "")), ("inc", ("Inc.", "Inc", "Incorporated", "")), ("inc.", ("Inc.", "Inc", "INC", "")),
    ("ltd", ("Ltd", "Limited", "Ltd.", "")), ("llc", ("LLC", "L.L.C.", "Limited Liability Company", "")), ("gmbh", ("GmbH", "Ges.m.b.H.", "GMBH", "")),
    ("b.v.", ("B.V.", "BV", "Bv", "")), ("s.r.l.", ("S.R.L.", "SRL", "Srl", "")), ("sarl", ("SARL", "S.à r.l.", "Sarl", "")), ("sas", ("SAS", "S.A.S.", "")),
)  # fmt: skip
VARIANTS = dict(FORMS)
SHORT = {"services": "Svcs", "holdings": "Hldgs", "group": "Grp", "international": "Intl", "management": "Mgmt", "engineering": "Eng", "technologies": "Tech"}
STREETS = ("Street", "Road", "Avenue", "Lane", "Court", "Way", "Square", "Drive", "Place", "Row")
SHORT_STREETS = {"Street": "St", "Road": "Rd", "Avenue": "Ave", "Lane": "Ln", "Drive": "Dr", "Square": "Sq"}
CITY_ENDS = ("ville", "ton", "burgh", "stadt", "port", "field", "mouth", "haven", " City", "berg")
KEEPS = {  # how often a system tells: street, city, postcode, phone, website, tax id, duns
    "crm": (0.80, 0.94, 0.87, 0.65, 0.59, 0.05, 0.09),
    "psa": (0.48, 0.85, 0.67, 0.20, 0.12, 0.0, 0.0),
    "erp": (0.97, 0.99, 0.98, 0.33, 0.04, 0.71, 0.19),
    "billing": (0.94, 0.99, 0.97, 0.36, 0.09, 0.60, 0.29),
}
PER_ENTITY = {"crm": 0.955, "psa": 0.645, "erp": 0.60, "billing": 0.60}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Client(NamedTuple):
    """The truth about one client."""

    name: str
    street: str
    city: str
    region: str
    postcode: str
    country: str
    phone: str
    website: str
    tax_id: str
    duns: str


def write(data: Path, folder: Path, records: int, seed: int = 7) -> tuple[Path, Path]:
    """``records.csv`` and ``truth.csv`` of about so many records in ``folder``, made once and shuffled.

    ``group_id`` of the truth is shared by a firm and its sister, and empty for the others.
    """
    out, truth = folder / f"clients-{records}.csv", folder / f"clients-{records}-groups.csv"
    if out.exists() and truth.exists():
        return out, truth
    folder.mkdir(parents=True, exist_ok=True)
    random = Random(seed)
    rows: list[tuple[str, ...]] = []
    of: list[int] = []
    group: dict[int, int] = {}
    before: Client | None = None
    for number, client in enumerate(clients(data, random)):
        if before is not None and is_sister(client, before):
            group[number] = group[number - 1] = number - 1
        before = client
        for row in held(client, random):
            rows.append(row)
            of.append(number)
        if len(rows) >= records:
            break
    order = list(range(len(rows)))
    random.shuffle(order)
    with out.open("w", newline="") as file, truth.open("w", newline="") as labels:
        lines, labelled = csv.writer(file), csv.writer(labels)
        lines.writerow(COLUMNS)
        labelled.writerow(("record_id", "cluster_id", "group_id"))
        for at, row in enumerate(order):
            lines.writerow((f"r{at:07}", *rows[row]))
            labelled.writerow((f"r{at:07}", of[row], group.get(of[row], "")))
    return out, truth


def clients(data: Path, random: Random) -> Iterator[Client]:
    """Firms without end: real names first come first, then words of two of them put together; some bring a sister or a namesake."""
    with gzip.open(data / "gleif_names" / "names.csv.gz", "rt", encoding="utf-8", newline="") as file:
        names = [(row["name"], row["country"]) for row in csv.DictReader(file)]
    random.shuffle(names)
    words = [word for name, _ in names[:60_000] for word in re.findall(r"[A-Za-z]{4,12}", name)]
    cities = [(random.choice(words).capitalize() + random.choice(CITY_ENDS), f"{random.randrange(1000, 99999):05}") for _ in range(9000)]
    used: set[str] = set()
    at = 0
    while True:
        name, country = names[at % len(names)]
        if at >= len(names):
            other = names[random.randrange(len(names))][0].split()
            name = " ".join((*name.split()[:2], *other[-2:]))
        at += 1
        if name.casefold() in used:
            continue
        used.add(name.casefold())
        client = _client(name, country, words, cities, random)
        yield client
        chance = random.random()
        if chance < SISTER:
            yield _sister(client, words, cities, random)
        elif chance < SISTER + HOMONYM:
            yield _client(name, names[random.randrange(len(names))][1], words, cities, random)


def _client(name: str, country: str, words: list[str], cities: list[tuple[str, str]], random: Random) -> Client:
    city, post = cities[int(len(cities) * random.random() ** 2)]
    site = re.sub(r"[^a-z0-9]", "", name.casefold())[: random.randrange(12, 20)] + random.choice((".com", ".net", f".{country.lower()}"))
    return Client(
        name, f"{random.randrange(1, 400)} {random.choice(words).capitalize()} {random.choice(STREETS)}", city,
        f"R{hash_of(city) % 40:02}", f"{post[:3]}{random.randrange(100):02}", country, f"{random.randrange(100, 999)}{random.randrange(10**6):06}",
        site, f"{country}{random.randrange(10**9):09}", f"{random.randrange(10**9):09}",
    )  # fmt: skip


def _sister(client: Client, words: list[str], cities: list[tuple[str, str]], random: Random) -> Client:
    parts = client.name.split()
    form = [parts.pop()] if parts[-1].casefold() in VARIANTS else []
    sister = _client(" ".join((*parts, random.choice(SISTER_WORDS), *form)), client.country, words, cities, random)
    if random.random() < 0.6:
        sister = sister._replace(street=client.street, city=client.city, region=client.region, postcode=client.postcode)
    if random.random() < 0.5:
        sister = sister._replace(phone=client.phone)
    return sister._replace(website=client.website) if random.random() < 0.5 else sister


def is_sister(client: Client, before: Client) -> bool:
    """Whether it is named as the firm before it and one word more, of a kind that firm does not have ("Holding Holdings")."""
    known = {word.casefold()[:4] for word in before.name.split()}
    more = [word for word in client.name.split() if word not in before.name.split()]
    return " ".join(more) in SISTER_WORDS and len(client.name) > len(before.name) and not any(word.casefold()[:4] in known for word in more)


def telling(name: str) -> set[str]:
    """The words of a name by which sisters differ; short forms are written out."""
    written = {short.casefold(): word for word, short in SHORT.items()}
    words = {written.get(word.casefold().strip(".,"), word.casefold().strip(".,")) for word in name.split()}
    return words & {word.casefold() for several in SISTER_WORDS for word in several.split()}


def held(client: Client, random: Random) -> Iterator[tuple[str, ...]]:
    """The client as systems hold it: at least one, sometimes one twice."""
    systems = [system for system, chance in PER_ENTITY.items() if random.random() < chance] or ["crm"]
    if random.random() < 0.06:
        systems.append(random.choice(systems))
    for system in systems:
        yield _held(client, system, random)


def _held(client: Client, system: str, random: Random) -> tuple[str, ...]:
    told = [random.random() < chance for chance in KEEPS[system]]
    street, city, postcode = client.street, client.city, client.postcode
    if random.random() < 0.06:  # moved, or another office
        street, postcode = f"{random.randrange(1, 400)} {random.choice(LETTERS).upper()}{city.lower()} Road", f"{random.randrange(1000, 99999):05}"
    if random.random() < 0.2:
        number, rest, kind = street.split()[0], street.split()[1:-1], street.split()[-1]
        street = " ".join((number, *rest, SHORT_STREETS.get(kind, kind)))
    name, street, city = _name(client.name, random), _typed(street, random, 0.04), _typed(city, random, 0.03)
    if system == "erp":
        name, street, city = name.upper()[:40], street.upper(), city.upper()
    phone = random.choice(("+1{}", "001{}", "0{}", "+1 {} ")).format(client.phone)
    site = random.choice(("http://{}", "https://www.{}/", "www.{}", "{}")).format(client.website)
    return (
        system, name, street if told[0] else "", city if told[1] else "", client.region, postcode if told[2] else "",
        client.country if random.random() < 0.97 else "", phone.strip() if told[3] else "", site if told[4] else "",
        _digit(client.tax_id, random) if told[5] else "", _digit(client.duns, random) if told[6] else "",
    )  # fmt: skip


def _name(name: str, random: Random) -> str:
    words = name.split()
    last = words[-1].casefold()
    if last in VARIANTS and len(words) > 1:
        words[-1:] = [form] if (form := random.choice(VARIANTS[last])) else []
    if random.random() < 0.10:
        words = [SHORT.get(word.casefold(), word) for word in words]
    if len(words) > 2 and random.random() < 0.05:
        at = random.randrange(len(words) - 1)
        words[at], words[at + 1] = words[at + 1], words[at]
    if len(words) > 3 and random.random() < 0.05:
        words.pop(random.randrange(1, len(words)))
    told = " ".join(words)
    return _typed(told.title() if random.random() < 0.3 else told, random, 0.12)


def _typed(text: str, random: Random, chance: float) -> str:
    """A slip of the keyboard, now and then."""
    if len(text) < 4 or random.random() >= chance:
        return text
    at, how = random.randrange(1, len(text) - 1), random.randrange(4)
    if how == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if how == 1:
        return text[:at] + text[at + 1 :]
    return text[:at] + random.choice(LETTERS) + text[at + (how == 2) :]


def _digit(number: str, random: Random) -> str:
    if random.random() >= 0.015:
        return number
    at = random.randrange(2, len(number))
    return f"{number[:at]}{random.randrange(10)}{number[at + 1 :]}"


def hash_of(text: str) -> int:
    """The same in every process, unlike ``hash``."""
    return sum(ord(letter) * (at + 1) for at, letter in enumerate(text))
