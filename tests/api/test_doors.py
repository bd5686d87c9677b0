"""The doors beside GraphQL: webhooks verified before anything is kept, bulk lines, health, metrics, and the page."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.api.conftest import Answer, Api, Tenant, running
from tests.conftest import Database

SECRET = "whsec_bm9ydGhiZWFtLWNybS13ZWJob29rLXNlY3JldA=="
DOCUMENT: dict[str, Any] = {
    "system": "shop", "kind": "crm", "connector": "rest", "base_url": "http://127.0.0.1:9", "limits": {"timeout_s": 2.5},
    "webhook": {"scheme": "standard-webhooks", "secrets": ["${HOOK}"], "object": "type", "objects": {"customer": "customer"},
                "id": "record.no", "record": "record"},
    "resources": {"customer": {"list": {"path": "customers", "items": "items"}, "id": "no", "one": {"path": "customers/{id}"}}},
    "mappings": [{"object": "customer", "entity": "client", "id": "no", "fields": {"name": "label"}}],
}  # fmt: skip


@pytest.fixture
async def shop(api: Api, acme: Tenant) -> Tenant:
    """A tenant whose shop sends signed webhooks."""
    connect = "mutation($d: JSON!, $v: JSON) { connectSystem(document: $d, variables: $v) { done errors { message } } }"
    answer = await api.ask(acme.keys["admin"], connect, d=DOCUMENT, v={"HOOK": SECRET})
    assert answer.data["connectSystem"] == {"done": True, "errors": []}
    return acme


def event(number: str = "S1", **record: Any) -> bytes:
    return json.dumps({"type": "customer", "record": {"no": number, **record}}).encode()


async def send(api: Api, path: str, body: bytes, name: str = "msg_1", secret: str = SECRET, at_s: int | None = None) -> Answer:
    """A webhook signed as the library of the standard signs it."""
    from datetime import UTC, datetime

    stamp = at_s or int(time.time())
    signature = Webhook(secret).sign(name, datetime.fromtimestamp(stamp, UTC), body.decode())
    headers = {"webhook-id": name, "webhook-timestamp": str(stamp), "webhook-signature": signature, "content-type": "application/json"}
    return await api.send("POST", path, body, headers)


async def kept(api: Api, tenant: Tenant) -> int:
    found: int = await api.pool.fetchval("SELECT count(*) FROM hub.inbox WHERE tenant_id = $1", tenant.id)
    return found


async def test_a_signed_webhook_is_kept_before_it_is_answered(api: Api, shop: Tenant) -> None:
    answer = await send(api, f"/hooks/{shop.slug}/shop", event(label="Shop & Söhne"))
    assert (answer.status, answer.json["accepted"], len(answer.json["ids"])) == (202, 1, 1)
    shown = await api.ask(shop.keys["steward"], "{ inbox { nodes { system object externalId channel body outcome correlationId } } }")
    assert shown.data["inbox"]["nodes"] == [
        {"system": "shop", "object": "customer", "externalId": "S1", "channel": "webhook", "outcome": "open",
         "body": '{"no":"S1","label":"Shop & Söhne"}', "correlationId": answer.json["correlationId"]}
    ]  # fmt: skip


async def test_the_same_webhook_again_is_accepted_and_kept_once(api: Api, shop: Tenant) -> None:
    first = await send(api, f"/hooks/{shop.slug}/shop", event(label="Shop"))
    again = await send(api, f"/hooks/{shop.slug}/shop", event(label="Shop"))
    assert (again.status, again.json["ids"]) == (202, first.json["ids"])
    other = await send(api, f"/hooks/{shop.slug}/shop", event(label="Another"))
    assert (other.status, other.json["errors"][0]["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert await kept(api, shop) == 1


async def test_a_bad_signature_is_refused_and_leaves_nothing(api: Api, shop: Tenant) -> None:
    path = f"/hooks/{shop.slug}/shop"
    stranger = "whsec_" + "c3RyYW5nZXItc3RyYW5nZXItc3RyYW5nZXI="
    refused = [
        await send(api, path, event(), secret=stranger),
        await send(api, path, event(), at_s=int(time.time()) - 600),
        await send(api, path, event(), at_s=int(time.time()) + 600),
        await api.send("POST", path, event(), {"content-type": "application/json"}),
    ]
    assert [(one.status, one.codes) for one in refused] == [(401, ["BAD_SIGNATURE"])] * 4
    assert await kept(api, shop) == 0


async def test_a_signed_body_that_cannot_be_read_is_told_so(api: Api, shop: Tenant) -> None:
    answer = await send(api, f"/hooks/{shop.slug}/shop", b"not json")
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])
    gone = await send(api, f"/hooks/{shop.slug}/nothing", event())
    assert (gone.status, gone.codes) == (404, ["NOT_FOUND"])
    large = await api.send("POST", f"/hooks/{shop.slug}/shop", b"x" * 10_000_001)
    assert (large.status, large.codes) == (413, ["TOO_LARGE"])
    packed = await api.send("POST", f"/hooks/{shop.slug}/shop", event(), {"content-encoding": "gzip"})
    assert packed.status == 415


async def test_without_a_tenant_in_the_address_the_signature_says_whose_it_is(api: Api, shop: Tenant) -> None:
    other = await api.tenant("globex")
    connect = "mutation($d: JSON!, $v: JSON) { connectSystem(document: $d, variables: $v) { done } }"
    theirs = "whsec_" + "Z2xvYmV4LWdsb2JleC1nbG9iZXgtZ2xvYmV4LTE="
    await api.ask(other.keys["admin"], connect, d=DOCUMENT | {"system": "store"}, v={"HOOK": theirs})
    await api.ask(shop.keys["admin"], connect, d=DOCUMENT | {"system": "store"}, v={"HOOK": SECRET})
    assert (await send(api, "/hooks/store", event(label="x"), secret=theirs)).status == 202
    assert (await kept(api, other), await kept(api, shop)) == (1, 0)


async def lines(api: Api, tenant: Tenant, body: bytes, system: str = "crm", role: str = "system") -> Answer:
    headers = {"authorization": f"Bearer {tenant.keys[role]}", "content-type": "application/x-ndjson"}
    return await api.send("POST", f"/ingest/{system}", body, headers)


async def test_bulk_lines_are_taken_and_bad_ones_told_by_number(api: Api, acme: Tenant) -> None:
    good = [json.dumps({"object": "client", "externalId": f"A{n}", "body": {"name": f"Firm {n}"}}).encode() for n in range(1200)]
    bad = [b"{", b"null", b'{"object": "client"}', b"\xff", b'{"object": "client", "externalId": "x", "shoe": 1}']
    answer = await lines(api, acme, b"\n".join([*good[:600], *bad, *good[600:], b""]))
    assert (answer.status, answer.json["accepted"], answer.json["refused"]) == (202, 1200, 5)
    assert [error["line"] for error in answer.json["errors"]] == [601, 602, 603, 604, 605]
    assert await kept(api, acme) == 1200


async def test_bulk_lines_are_for_the_system_they_come_from(api: Api, acme: Tenant) -> None:
    line = b'{"object": "client", "externalId": "1", "body": {}}'
    assert [(await lines(api, acme, line, system)).status for system in ("crm", "erp", "shop")] == [202, 403, 403]
    assert (await lines(api, acme, line, "nothing", role="admin")).codes == ["UNKNOWN_SYSTEM"]
    assert (await lines(api, acme, line, role="reader")).status == 403
    assert (await api.send("POST", "/ingest/crm", line)).status == 401


async def test_health_says_up_or_down_and_how_far_work_lags(api: Api) -> None:
    answer = await api.send("GET", "/health")
    assert (answer.status, answer.json["status"], answer.json["postgres"]) == (200, "ok", "ok")
    assert answer.json["redis"] in ("ok", "absent") and set(answer.json["lag"]) == {"inboxOpen", "oldestS"}


async def test_without_postgres_health_is_503_and_requests_may_be_tried_again(database: Database, template: Any) -> None:
    async with running(database) as api:
        acme = await api.tenant("acme")
        await template.execute(f"ALTER DATABASE {database.name} CONNECTION LIMIT 0")
        try:
            await template.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database.name)
            down = await api.send("GET", "/health")
            asked = await api.ask(acme.keys["reader"], "{ clients { totalCount } }")
        finally:
            await template.execute(f"ALTER DATABASE {database.name} CONNECTION LIMIT -1")
        assert (down.status, down.json["postgres"]) == (503, "down")
        assert (asked.status, asked.codes, asked.headers["retry-after"]) == (503, ["UNAVAILABLE"], "2")
        back = await api.ask(acme.keys["reader"], "{ clients { totalCount } }")
        assert back.data == {"clients": {"totalCount": 0}}


async def test_metrics_name_routes_and_are_not_for_strangers(api: Api, acme: Tenant) -> None:
    await api.send("GET", "/graphql", query="query={secret}")
    found = await api.send("GET", "/metrics")
    assert found.status == 200 and b'hub_requests_total{route="/graphql"' in found.body and b"secret" not in found.body
    proxied = {"x-forwarded-for": "203.0.113.7"}
    assert (await api.send("GET", "/metrics", headers=proxied)).status == 401
    assert (await api.send("GET", "/metrics", headers=proxied | {"authorization": f"Bearer {acme.keys['reader']}"})).status == 403
    assert (await api.send("GET", "/metrics", headers=proxied | {"authorization": f"Bearer {acme.keys['admin']}"})).status == 200


async def test_an_unknown_address_and_method_are_told_in_json(api: Api) -> None:
    assert [(one.status, one.json["errors"][0]["extensions"]["code"]) for one in (
        await api.send("GET", "/nothing"), await api.send("DELETE", "/graphql"), await api.send("GET", "/hooks/a/b"),
    )] == [(404, "NOT_FOUND"), (405, "METHOD_NOT_ALLOWED"), (405, "METHOD_NOT_ALLOWED")]  # fmt: skip
