"""What the benchmark tells the hub: clients of a CRM, 80 % known and 20 % new, as JSON bodies behind a real mapping.

An update changes the telephone number, the street and the tier and repeats the other fields, as a poll or a webhook
with the whole record does. Everything follows from the record's number, so that runs are alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from hub.core.configuration import System
from hub.store import configuration
from hub.store.inbox import NewMessage
from hub.store.statements import Connection
from schema.systems import CRM

BATCH = 500
KNOWN_SHARE = 0.8

MAPPING = {
    "mappings": [
        {
            "object": "Account",
            "entity": "client",
            "id": "Id",
            "version": {"path": "SystemModstamp", "as": "instant"},
            "modified": "LastModifiedDate",
            "deleted": "IsDeleted",
            "fields": {
                "name": "Name",
                "legal_name": "Legal_Name__c",
                "lei": "LEI__c",
                "duns": "DunsNumber",
                "street": "BillingAddress.street",
                "city": "BillingAddress.city",
                "postcode": "BillingAddress.postalCode",
                "region": "BillingAddress.state",
                "country": {"path": "BillingAddress.country", "as": "country"},
                "domain": "Domain__c",
                "website": "Website",
                "phone": {"path": "Phone", "as": "phone"},
                "email": {"path": "Email__c", "as": "email"},
                "industry": "Industry",
                "segment": "Segment__c",
                "tier": "Rating",
                "language": "Language__c",
                "do_not_contact": "DoNotCall",
            },
            "ignored": ["attributes", "LastModifiedDate"],
        }
    ]
}
"""Eighteen fields of a client from one object of a CRM."""

START = datetime(2026, 5, 4, 6, tzinfo=UTC)
_NAMES = ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Iron", "Juniper", "Kauri", "Larch", "Maple", "Nordic", "Oak", "Pine", "Quince", "Rowan", "Spruce", "Teak"]
_TRADES = ["Analytics", "Bridges", "Consulting", "Design", "Energy", "Finance", "Grid", "Health", "Insurance", "Logistics", "Media", "Networks", "Optics", "Power", "Rail"]
_PLACES = (
    ("Ulm", "89073", "BW", "DE", "de", "+49731"), ("Lyon", "69002", "ARA", "FR", "fr", "+33472"),
    ("Leeds", "LS1 4AP", "YKS", "GB", "en", "+44113"), ("Bergen", "5003", "VLD", "NO", "no", "+4755"),
    ("Austin", "78701", "TX", "US", "en", "+1512"),
)  # fmt: skip


async def connect_crm(tx: Connection, tenant_id: int) -> None:
    """The CRM with its mapping."""
    await configuration.put_system(tx, tenant_id, System("crm", CRM))
    await configuration.put_mapping(tx, tenant_id, "crm", MAPPING)


def account(number: int, version: int) -> dict[str, Any]:
    """One account of the CRM; ``version`` moves it."""
    city, postcode, region, country, language, prefix = _PLACES[number % 5]
    name = f"{_NAMES[number % 20]} {_TRADES[number // 20 % 15]} {number}"
    host = f"{_NAMES[number % 20].lower()}-{number}.example"
    at = (START + timedelta(seconds=number % 3600, hours=version)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return {
        "attributes": {"type": "Account", "url": f"/services/data/v61.0/sobjects/Account/001{number:012d}"},
        "Id": f"001{number:012d}",
        "Name": name,
        "Legal_Name__c": f"{name} Holding GmbH",
        "LEI__c": _lei(number),
        "DunsNumber": f"{200_000_001 + number}",
        "BillingAddress": {
            "street": f"Harbour Road {number % 97 + version}", "city": city, "postalCode": postcode, "state": region, "country": country,
        },
        "Domain__c": host,
        "Website": f"https://www.{host}/",
        "Phone": f"{prefix}{3_000_000 + (number * 7 + version * 13) % 6_000_000}",
        "Email__c": f"office@{host}",
        "Industry": _TRADES[number // 20 % 15],
        "Segment__c": "Enterprise" if number % 7 == 0 else "Mid-market",
        "Rating": "ABC"[(number + version) % 3],
        "Language__c": language,
        "DoNotCall": number % 11 == 0,
        "SystemModstamp": at,
        "LastModifiedDate": at,
    }  # fmt: skip


def message(number: int, version: int) -> NewMessage:
    """The account as a webhook or a poll would deliver it."""
    body = json.dumps(account(number, version), separators=(",", ":")).encode()
    return NewMessage("crm", "Account", f"001{number:012d}", body, f"{number}-{version}", f"bench-{number}-{version}")


def preload(count: int) -> list[NewMessage]:
    """First versions of all records that will be updated."""
    return [message(number, 0) for number in range(round(count * KNOWN_SHARE))]


def measured(count: int) -> list[NewMessage]:
    """The records to measure, updates and new ones mixed evenly and in random order."""
    known = round(count * KNOWN_SHARE)
    messages = [message(number, 1) for number in range(count)]
    order = list(range(known)), list(range(known, count))
    random = Random(18)
    for some in order:
        random.shuffle(some)
    every = round(1 / (1 - KNOWN_SHARE))
    updates, news = iter(order[0]), iter(order[1])
    return [messages[next(news if at % every == every - 1 else updates)] for at in range(count)]


def batches(messages: Sequence[NewMessage]) -> Iterator[Sequence[NewMessage]]:
    """Five hundred at a time."""
    return (messages[at : at + BATCH] for at in range(0, len(messages), BATCH))


@cache
def _lei(number: int) -> str:
    """A Legal Entity Identifier with valid check digits (ISO 7064, modulo 97-10)."""
    stem = f"5299{number:014d}"
    return f"{stem}{98 - int(stem + '00') % 97:02d}"
