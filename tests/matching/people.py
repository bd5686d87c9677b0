"""Records of every kind of field, made and damaged by chance that repeats itself."""

from __future__ import annotations

from random import Random

KINDS = {
    "name": "organisation", "given": "given_name", "family": "family_name", "street": "street", "town": "city", "state": "region", "zip": "postcode",
    "land": "country", "phone": "phone", "mail": "email", "site": "website", "vat": "tax_id", "no": "identifier", "born": "date", "fee": "number",
    "about": "text",
}  # fmt: skip
WORDS = ("Nordbeam", "Steel", "Consulting", "Holdings", "Müller", "Söhne", "Quartz", "River", "II", "Europe", "Advisory", "Lumen", "Partners", "2019")
FORMS = ("Ltd", "Limited", "GmbH", "", "Inc.", "S.A.")
GIVEN = ("Robert", "Bob", "Anna", "Ann", "Katherine", "Kate", "José", "Wei", "Liam", "William")
FAMILY = ("Smith", "Smyth", "Novak", "Nowak", "Anna", "Okafor", "de la Cruz", "Smith jr")
STREETS = ("Main Street", "Main St", "High Road", "Rue de la Paix", "Lindenstraße", "2nd Avenue")
TOWNS = ("Leeds", "Leads", "Berlin", "St. Louis", "Saint Louis", "Paris")


def a_record(random: Random) -> dict[str, str]:
    name = " ".join(random.sample(WORDS, random.randrange(1, 5)) + [random.choice(FORMS)])
    given, family = random.choice(GIVEN), random.choice(FAMILY)
    site = name.split()[0].lower().replace("ü", "u")
    record = {
        "name": name, "given": given, "family": family, "street": f"{random.randrange(1, 30)} {random.choice(STREETS)}",
        "town": random.choice(TOWNS), "state": random.choice(("NY", "Bayern", "")), "zip": f"{random.randrange(100, 140)}",
        "land": random.choice(("DE", "Germany", "GB", "US", "")), "phone": f"+49 30 {random.randrange(10**5, 10**5 + 60):06}",
        "mail": f"{random.choice((given, 'info', family))}@{site}.{random.choice(('com', 'de'))}".lower().replace(" ", "."),
        "site": f"www.{site}.{random.choice(('com', 'net'))}", "vat": f"DE{random.randrange(10**8, 10**8 + 300)}",
        "no": f"P-{random.randrange(1000, 1300)}", "born": f"19{random.randrange(60, 64)}-{random.randrange(1, 13):02}-{random.randrange(1, 13):02}",
        "fee": str(random.choice((1000, 1005, 1100, 1600, 2500.5, -40))), "about": " ".join(random.sample(WORDS, 3)),
    }  # fmt: skip
    return {column: value for column, value in record.items() if value and random.random() < 0.8}


def damaged(record: dict[str, str], random: Random) -> dict[str, str]:
    """The same thing as another system tells it: letters lost, exchanged or doubled, values left out or of somebody else."""
    told = dict(record)
    for column, value in record.items():
        chance = random.random()
        at = random.randrange(len(value))
        if chance < 0.1:
            told[column] = value[:at] + value[at + 1 :] or value
        elif chance < 0.2:
            told[column] = value[:at] + value[at] + value[at:]
        elif chance < 0.25:
            told[column] = " ".join(reversed(value.split()))
        elif chance < 0.3:
            told[column] = value[: max(4, at)]
        elif chance < 0.4:
            del told[column]
    other = a_record(random)
    for column in random.sample(sorted(other), 2):
        told[column] = other[column]
    if random.random() < 0.1:
        told["given"], told["family"] = told.get("family", "Anna"), told.get("given", "Anna")
    return told
