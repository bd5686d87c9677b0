"""What the tenants of a run are connected to, by the public API: three systems, two webhooks, deliveries in mode write."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from tests.faults.stage import Api, Stage, Tenant

CLIENT = {"name": "name", "phone": "phone", "country": "country"}
PERSON = {"given_name": "first", "family_name": "last"}
INVOICE = {
    "number": "number", "issue_date": "date", "currency": "currency",
    "gross": {"path": "gross", "as": "money", "currency_path": "currency"},
    "net": {"path": "net", "as": "money", "currency_path": "currency"},
    "tax": {"path": "tax", "as": "money", "currency_path": "currency"},
}  # fmt: skip

CONNECT = "mutation ($document: JSON!) { connectSystem(document: $document) { done errors { code message } } }"
SUBSCRIBE = """
    mutation ($name: String!, $kind: String!, $system: String, $url: String, $filter: JSON, $payload: String!, $coalesces: Boolean, $snapshot: Boolean!) {
        createSubscription(name: $name, kind: $kind, system: $system, url: $url, filter: $filter, payload: $payload,
                           coalesces: $coalesces, withSnapshot: $snapshot) { id position secret errors { code message } } }
"""
MODE = 'mutation ($system: String!) { setMode(system: $system, mode: "write", entity: "*", fieldGroup: "*") { done errors { code message } } }'


def crm_secret(tenant: Tenant) -> str:
    """What the CRM of a tenant signs its webhooks with."""
    return "whsec_" + base64.b64encode(hashlib.sha256(f"crm {tenant.slug}".encode()).digest()).decode()


def crm_document(tenant: Tenant, **more: Any) -> dict[str, Any]:
    hook = {
        "scheme": "standard-webhooks", "secrets": [crm_secret(tenant)], "object": "type", "objects": {"account": "account"},
        "id": "id", "record": "record", "version": "record.rev", "deleted": {"path": "deleted", "is": [True]},
    }  # fmt: skip
    return tenant.crm.document("crm", {"account": ("client", CLIENT)}, webhook=hook, poll_every_s=30) | more


def psa_document(tenant: Tenant) -> dict[str, Any]:
    return tenant.psa.document("psa", {"person": ("resource", PERSON), "customer": ("client", CLIENT)}, poll_every_s=2)


def erp_document(tenant: Tenant) -> dict[str, Any]:
    return tenant.erp.document("erp", {"customer": ("client", CLIENT), "invoice": ("invoice", INVOICE)}, poll_every_s=20)


async def connect(here: Stage) -> None:
    """Everything a run needs, for every tenant."""
    for tenant in here.tenants.values():
        code, told = await here.command("four-eyes", "off", "--tenant", tenant.slug)
        assert code == 0, told
        api = here.api(tenant)
        for document in (crm_document(tenant), psa_document(tenant), erp_document(tenant), {"system": "bill", "kind": "bill"}):
            await api.do(CONNECT, document=document)
        await subscribe(api, tenant, "psa", kind="connector", system="psa", filter={"entities": ["client"]})
        await subscribe(api, tenant, "erp", kind="connector", system="erp", filter={"entities": ["client", "invoice"]})
        for system in ("psa", "erp"):
            await api.do(MODE, system=system)
        await subscribe(api, tenant, "events", kind="webhook", payload="both")
        await subscribe(api, tenant, "latest", kind="webhook", payload="snapshot", coalesces=True, filter={"entities": ["client"]})


async def subscribe(
    api: Api, tenant: Tenant, name: str, *, kind: str, system: str | None = None, payload: str = "delta",
    coalesces: bool | None = None, filter: dict[str, Any] | None = None, snapshot: bool = False,
) -> None:  # fmt: skip
    receiver = tenant.receivers.get(name)
    made = await api.do(
        SUBSCRIBE, name=name, kind=kind, system=system, url=None if receiver is None or kind != "webhook" else receiver.url + "/",
        filter=filter, payload=payload, coalesces=coalesces, snapshot=snapshot,
    )  # fmt: skip
    tenant.subscriptions[name] = made["id"]
    if receiver is not None and made["secret"]:
        receiver.secrets.append(made["secret"])
