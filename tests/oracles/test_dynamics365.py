"""The simulated organisation as Microsoft's Dataverse client, MSAL, dynamics-web-api and Airbyte see it."""

from __future__ import annotations

import datetime as dt
import json
import ssl
import time
from collections.abc import AsyncIterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from connectors.dynamics365.simulator.server import CLIENT_ID, CLIENT_SECRET, TENANT, Dataverse
from connectors.dynamics365_fo.simulator.server import Finance
from tests.oracles.conftest import HERE, Clients

pytestmark = pytest.mark.slow


@pytest.fixture
async def org() -> AsyncIterator[Dataverse]:
    running: Dataverse = await Dataverse().start()
    running.control_load({"object": "account", "count": 250, "values": {"name": "Firm {n}"}})
    yield running
    await running.stop()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for loopback and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "cert.pem", folder / "key.pem"


async def test_microsofts_clients(org: Dataverse, clients: Clients, tmp_path: Path) -> None:
    """The client speaks TLS only, so the organisation is served so, too, beside its plain address."""
    cert, key = certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    assert org._runner is not None
    plain = org.url
    site = web.TCPSite(org._runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    port = org._runner.addresses[-1][1]
    org.url = f"https://localhost:{port}"
    assert await clients.run("dynamics365", org.url, plain, str(cert), TENANT, CLIENT_ID, CLIENT_SECRET) == {
        "token": ["Bearer", True], "wrong": "invalid_client", "scope": True, "read": ["Oracle & Söhne", "+49 40 1", 9], "many": 5, "paged": [100, 100, 50],
        "upserted": ["Upserted again"], "upserted_many": 3, "batch": [204, 204, 204, 400], "gone": None,
        "errors": {"long": [400, "0x80044331"], "unknown": [400, "0x80048d19"], "query": [400, "0x80060888"]},
    }  # fmt: skip


async def test_dynamics_web_api(org: Dataverse, clients: Clients) -> None:
    accounts = len(list(org.store.table("account")))
    org.tokens["a-token"] = time.time() + 3600
    told = await clients.run_node("dynamics365", org.url, "a-token")
    assert told == {
        "me": 36, "all": accounts, "tracked": [accounts, True], "made": ["By node", True], "changed": "1", "stale": False, "upserted": "Upserted", "only_new": None,
        "deal": [184000, True, "account"], "expanded": None, "count": 1, "batch": [36, 2],
        "errors": {"missing": [404, "0x80040217"], "long": [400, "0x80044331"], "bind": [400, "0x80048d19"]}, "attributes": True, "later": [1, True],
    }  # fmt: skip


async def test_airbyte(org: Dataverse, clients: Clients) -> None:
    """Every account and contact once, whatever the pages; from its state only what changed last."""
    tables = {"accounts": "account", "contacts": "contact"}
    for table in tables.values():
        for row in list(org.store.table(table))[:-1]:
            row.fields["modifiedon"] = "2026-02-01T09:00:00Z"
    told = await clients.airbyte("dynamics365", {"base_url": org.url, "tenant": TENANT, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET})
    expected = {name: {"ids": sorted(row.id for row in org.store.table(table)), "doubles": 0, "again": 1} for name, table in tables.items()}
    assert told == {"check": "SUCCEEDED", "streams": expected}


async def test_airbyte_reads_the_books_of_all_companies(clients: Clients) -> None:
    books: Finance = await Finance().start()
    try:
        books.control_load({"object": "CustomersV3", "count": 250, "values": {"OrganizationName": "Firm {n}", "CustomerGroupId": "10"}})
        config = {"base_url": books.url, "tenant": TENANT, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        told = await clients.run("airbyte", str(HERE / "dynamics365" / "manifest_fo.yaml"), json.dumps(config))
        customers = sorted(row.id for row in books.store.table("CustomersV3"))
        invoices = sorted(f"{row.fields['dataAreaId']}|{row.fields['FreeTextNumber']}" for row in books.store.table("FreeTextInvoiceHeaders"))
        assert {name: (one["ids"], one["doubles"]) for name, one in told["streams"].items()} == {"customers": (customers, 0), "invoices": (invoices, 0)}
        assert told["check"] == "SUCCEEDED"
    finally:
        await books.stop()
