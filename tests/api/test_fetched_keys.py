"""Webhooks signed with a key that the system hands out at an address: the door has it fetched before it verifies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.connectwise.simulator.server import CLIENT_ID, COMPANY, PRIVATE_KEY, PUBLIC_KEY, Connectwise
from tests.api.conftest import Answer, Api, Tenant

CONNECT = "mutation($d: JSON!, $v: JSON) { connectSystem(document: $d, variables: $v) { done errors { message } } }"


@pytest.fixture
async def psa() -> AsyncIterator[Connectwise]:
    running: Connectwise = await Connectwise().start()
    yield running
    await running.stop()


async def connected(api: Api, tenant: Tenant, psa: Connectwise) -> None:
    """A tenant with the whole shipped document of ConnectWise."""
    auth = {"company": COMPANY, "public_key": PUBLIC_KEY, "private_key": "${CW_KEY}", "client_id": CLIENT_ID}
    document = {"system": "psa", "extends": "connectwise", "base_url": psa.url, "currency": "EUR", "auth": auth, "limits": {"requests_per_s": 0}}
    answer = await api.ask(tenant.keys["admin"], CONNECT, d=document, v={"CW_KEY": PRIVATE_KEY})
    assert answer.data["connectSystem"] == {"done": True, "errors": []}


async def call(api: Api, tenant: Tenant, psa: Connectwise, object_: str = "company", action: str = "updated") -> Answer:
    row = next(psa.store.table(object_))
    headers, body = psa.callback(row, action)
    return await api.send("POST", f"/hooks/{tenant.slug}/psa", body, headers, query=f"recordId={row.id}&action={action}")


async def kept(api: Api, tenant: Tenant) -> list[tuple[Any, ...]]:
    rows = await api.pool.fetch("SELECT object, external_id, channel FROM hub.inbox WHERE tenant_id = $1 ORDER BY id", tenant.id)
    return [tuple(row) for row in rows]


async def test_a_callback_is_kept_once_its_key_is_fetched(api: Api, acme: Tenant, psa: Connectwise) -> None:
    await connected(api, acme, psa)
    answers = [await call(api, acme, psa), await call(api, acme, psa), await call(api, acme, psa, "contact")]
    assert [one.status for one in answers] == [202, 202, 202]
    company, contact = next(psa.store.table("company")).id, next(psa.store.table("contact")).id
    assert await kept(api, acme) == [("company", company, "webhook"), ("contact", contact, "webhook")]
    assert psa.requests["callbackkey"] == 1


async def test_a_callback_signed_by_another_key_is_refused(api: Api, acme: Tenant, psa: Connectwise) -> None:
    await connected(api, acme, psa)
    row = next(psa.store.table("company"))
    headers, body = psa.callback(row, "updated")
    refused = await api.send("POST", f"/hooks/{acme.slug}/psa", body.replace(b"updated", b"deleted"), headers)
    assert (refused.status, refused.codes) == (401, ["BAD_SIGNATURE"])
    assert await kept(api, acme) == []


async def test_while_the_key_cannot_be_fetched_the_sender_is_asked_to_come_again(api: Api, acme: Tenant, psa: Connectwise) -> None:
    await connected(api, acme, psa)
    row = next(psa.store.table("company"))
    headers, body = psa.callback(row, "updated")
    await psa.stop()
    answer = await api.send("POST", f"/hooks/{acme.slug}/psa", body, headers)
    assert (answer.status, answer.codes) == (503, ["UNAVAILABLE"])
