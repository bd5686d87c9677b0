"""Receivers of events over GraphQL: subscribed with a schedule, tested, given a new secret, sent again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from hub.store.ids import new_id
from tests.api.conftest import Api, Tenant
from tests.flows.delivering import Receiver, a_receiver

CREATE = """
    mutation($url: String, $retryS: [Int!]) {
      createSubscription(name: "billing", kind: "webhook", url: $url, retryS: $retryS) { id secret errors { code field remedy } }
    }
"""
TEST = """
    mutation($id: ID!) {
      sendTestEvent(id: $id) { attempt { state operation intentKey request response error finishedAt } errors { code field } }
    }
"""
AGAIN = """
    mutation($id: ID!, $types: [String!], $since: DateTime, $dryRun: Boolean) {
      sendAgain(subscriptionId: $id, types: $types, since: $since, dryRun: $dryRun) {
        count deadLetters expired sample { eventId type entity recordId version deliveredAt } errors { code field }
      }
    }
"""
SHOWN = "{ subscriptions { name state failingSince formerUntil retryS } }"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with a_receiver() as opened:
        yield opened


async def subscribe(api: Api, tenant: Tenant, url: str, **options: Any) -> dict[str, Any]:
    made: dict[str, Any] = (await api.ask(tenant.keys["admin"], CREATE, url=url, **options)).data["createSubscription"]
    return made


async def test_a_schedule_of_ones_own_is_kept_and_shown(api: Api, acme: Tenant, receiver: Receiver) -> None:
    await subscribe(api, acme, receiver.url, retryS=[1, 60, 3600])
    shown = await api.ask(acme.keys["steward"], SHOWN)
    assert shown.data["subscriptions"] == [
        {"name": "billing", "state": "active", "failingSince": None, "formerUntil": None, "retryS": [1, 60, 3600]}
    ]


@pytest.mark.parametrize("given", [{"retryS": [-1]}, {"retryS": [604_801]}, {"retryS": [1] * 31}, {"url": "http://0177.0.0.1/"}, {"url": "http://１０.0.0.1/"}])
async def test_what_cannot_be_kept_or_reached_is_refused_with_its_field(api: Api, acme: Tenant, given: dict[str, Any]) -> None:
    made = await subscribe(api, acme, **({"url": "https://example.com/"} | given))
    field, code = ("retryS", "BAD_SCHEDULE") if "retryS" in given else ("url", "BAD_URL")
    assert [(one["code"], one["field"], bool(one["remedy"])) for one in made["errors"]] == [(code, field, True)]


async def test_an_address_is_corrected_and_checked_like_a_new_one(api: Api, acme: Tenant, receiver: Receiver) -> None:
    made = await subscribe(api, acme, "https://example.com/old", retryS=[7])
    change = "mutation($id: ID!, $url: String, $retryS: [Int!]) { changeWebhook(id: $id, url: $url, retryS: $retryS) { done errors { code field } } }"
    refused = await api.ask(acme.keys["admin"], change, id=made["id"], url="http://169.254.169.254/")
    assert refused.data["changeWebhook"]["errors"] == [{"code": "BAD_URL", "field": "url"}]
    assert (await api.ask(acme.keys["admin"], change, id=made["id"], url=receiver.url)).data["changeWebhook"]["done"]
    taken = (await api.ask(acme.keys["steward"], TEST, id=made["id"])).data["sendTestEvent"]["attempt"]
    headers, body = receiver.got[0]
    assert (taken["state"], Webhook(made["secret"]).verify(body.decode(), headers)["id"]) == ("done", taken["intentKey"])
    await api.ask(acme.keys["admin"], change, id=made["id"], retryS=[])
    shown = await api.pool.fetchrow("SELECT url, retry_s FROM hub.subscription WHERE tenant_id = $1", acme.id)
    assert tuple(shown) == (receiver.url, [])


async def test_a_test_event_answers_how_it_was_taken(api: Api, acme: Tenant, receiver: Receiver) -> None:
    made = await subscribe(api, acme, receiver.url)
    receiver.answers = [204, (302, {"location": "http://127.0.0.1:9/"})]
    taken, moved = [(await api.ask(acme.keys["steward"], TEST, id=made["id"])).data["sendTestEvent"] for _ in range(2)]
    headers, body = receiver.got[0]
    event = Webhook(made["secret"]).verify(body.decode(), headers)
    assert (event["type"], event["data"]["subscription"]) == ("hub.test.v1", "billing")
    attempt = taken["attempt"]
    assert (attempt["state"], attempt["operation"], attempt["intentKey"], attempt["response"]["status"]) == ("done", "test", event["id"], 204)
    assert (moved["attempt"]["state"], moved["attempt"]["error"]["reason"]) == (
        "rejected", "The receiver redirects (HTTP 302), which is not followed.",
    )  # fmt: skip
    assert len(receiver.got) == 2
    nobody = await api.ask(acme.keys["steward"], TEST, id=str(new_id()))
    assert nobody.data["sendTestEvent"]["errors"] == [{"code": "UNKNOWN_SUBSCRIPTION", "field": "id"}]
    other = await api.tenant("globex")
    theirs = await api.ask(other.keys["admin"], TEST, id=made["id"])
    assert theirs.data["sendTestEvent"]["errors"] == [{"code": "UNKNOWN_SUBSCRIPTION", "field": "id"}]
    reader = await api.ask(acme.keys["reader"], TEST, id=made["id"])
    assert reader.data["sendTestEvent"]["errors"][0]["code"] == "FORBIDDEN"


async def test_a_former_secret_ends_after_a_day_or_as_it_is_said(api: Api, acme: Tenant, receiver: Receiver) -> None:
    made = await subscribe(api, acme, receiver.url)
    rotate = "mutation($id: ID!, $s: Int! = 86400) { rotateSecret(id: $id, formerForS: $s) { secret formerUntil errors { code field } } }"
    rotated = (await api.ask(acme.keys["admin"], rotate, id=made["id"])).data["rotateSecret"]
    until = datetime.fromisoformat(rotated["formerUntil"])
    assert timedelta(hours=23, minutes=59) < until - datetime.now(UTC) <= timedelta(days=1)
    await api.ask(acme.keys["steward"], TEST, id=made["id"])
    headers, body = receiver.got[0]
    for secret in (made["secret"], rotated["secret"]):
        Webhook(secret).verify(body.decode(), headers)
    too_long = await api.ask(acme.keys["admin"], rotate, id=made["id"], s=86_400 * 31)
    assert too_long.data["rotateSecret"]["errors"] == [{"code": "BAD_PERIOD", "field": "formerForS"}]


async def test_what_is_sent_again_is_told_beforehand(api: Api, acme: Tenant, receiver: Receiver) -> None:
    made = await subscribe(api, acme, receiver.url)
    client = await api.golden(acme, "client", name="Nordwind")
    at = datetime.now(UTC)
    await api.pool.execute(
        "INSERT INTO hub.lane (tenant_id, subscription_id, golden_id, entity, wanted_version, delivered_version, state)"
        " VALUES ($1, $2, $3, 'client', 1, 1, 'idle')", acme.id, made["id"], client,
    )  # fmt: skip
    await api.pool.execute(
        "INSERT INTO hub.attempt (tenant_id, subscription_id, golden_id, version, operation, intent_key, state, request, finished_at)"
        " VALUES ($1, $2, $3, 1, 'event', 'evt_1', 'done', $4, $5)", acme.id, made["id"], client, {"type": "hub.client.created.v1"}, at,
    )  # fmt: skip
    lane = "SELECT state, delivered_version FROM hub.lane WHERE tenant_id = $1"
    preview = (await api.ask(acme.keys["steward"], AGAIN, id=made["id"], types=["hub.client.created.v1"], dryRun=True)).data["sendAgain"]
    (shown,) = preview.pop("sample")
    assert preview == {"count": 1, "deadLetters": 0, "expired": 0, "errors": []}
    assert datetime.fromisoformat(shown.pop("deliveredAt")) == at
    assert shown == {"eventId": "evt_1", "type": "hub.client.created.v1", "entity": "client", "recordId": str(client), "version": 1}
    assert tuple(await api.pool.fetchrow(lane, acme.id)) == ("idle", 1)
    done = await api.ask(acme.keys["steward"], AGAIN, id=made["id"], since=(at - timedelta(seconds=1)).isoformat())
    assert done.data["sendAgain"]["count"] == 1
    assert tuple(await api.pool.fetchrow(lane, acme.id)) == ("due", 0)
    anything = await api.ask(acme.keys["steward"], AGAIN, id=made["id"])
    assert anything.data["sendAgain"]["errors"] == [{"code": "BAD_INPUT", "field": "since"}]
