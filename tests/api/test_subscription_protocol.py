"""graphql-transport-ws to the letter: who may connect and stay, and how a connection that breaks the protocol ends."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import websockets

from hub.api.subscribe import access, sockets
from tests.api.conftest import Tenant
from tests.api.served import Server
from tests.api.subscribing import CHANGES, follow, named, socket, version

ME = "{ me { role } }"


async def test_a_query_and_a_mutation_run_over_a_socket(server: Server, acme: Tenant) -> None:
    async with socket(server, acme.keys["steward"]) as one:
        await one.subscribe("q", ME)
        said = await one.hear()
        assert (said["id"], said["type"], said["payload"]["data"]) == ("q", "next", {"me": {"role": "steward"}})
        assert await one.hear() == {"id": "q", "type": "complete"}
        await one.subscribe("m", 'mutation { upsertClient(values: {name: "ACME"}, idempotencyKey: "k1") { errors { code } } }')
        said = await one.hear()
        assert (said["id"], said["type"]) in (("m", "next"), ("m", "error"))


async def test_the_key_may_come_with_the_upgrade(server: Server, acme: Tenant) -> None:
    headers = {"authorization": f"Bearer {acme.keys['reader']}"}
    async with socket(server, additional_headers=headers) as one:
        await one.say(type="connection_init")
        assert await one.hear() == {"type": "connection_ack"}
        await follow(one)


@pytest.mark.parametrize(
    ("messages", "code", "reason"),
    [
        (["nonsense"], 4400, "the message is not JSON: Expecting value at line 1, column 1"),
        (["[]"], 4400, "Invalid message"),
        ([{"type": "nonsense"}], 4400, "Invalid message"),
        ([{"type": "connection_init", "payload": 7}], 4400, "the payload of connection_init must be an object"),
        ([{"type": "connection_init"}], 4403, "Forbidden: a valid API key is needed"),
        ([{"type": "connection_init", "payload": {"authorization": "Bearer wrong_0123456"}}], 4403, "Forbidden: a valid API key is needed"),
        ([{"id": "1", "type": "subscribe", "payload": {"query": ME}}], 4401, "Unauthorized"),
        (["init", {"type": "connection_init"}], 4429, "Too many initialisation requests"),
        (["init", {"id": "1", "type": "subscribe"}], 4400, "subscribe needs a payload"),
        (["init", {"type": "subscribe", "payload": {"query": ME}}], 4400, "id must be text of 1 to 200 characters"),
        (["init", "changes", "changes"], 4409, "Subscriber for 1 already exists"),
    ],
)
async def test_what_breaks_the_protocol_ends_the_connection_with_its_code(
    server: Server, acme: Tenant, messages: list[Any], code: int, reason: str
) -> None:
    known = {
        "init": {"type": "connection_init", "payload": {"authorization": f"Bearer {acme.keys['reader']}"}},
        "changes": {"id": "1", "type": "subscribe", "payload": {"query": CHANGES}},
    }
    async with socket(server) as one:
        for message in messages:
            said = known.get(message, message) if isinstance(message, str) else message
            await one.connection.send(said if isinstance(said, str) else json.dumps(said))
        assert await one.close_code() == (code, reason)


async def test_an_id_is_free_again_once_its_operation_is_over(server: Server, acme: Tenant) -> None:
    async with socket(server, acme.keys["reader"]) as one:
        for _ in range(2):
            await one.subscribe("1", ME)
            assert [(await one.hear())["type"] for _ in range(2)] == ["next", "complete"]
        await follow(one)
        await one.say(id="1", type="complete")
        await follow(one)


async def test_who_never_says_who_it_is_is_sent_away(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "INIT_S", 0.2)
    async with socket(server) as one:
        assert await one.close_code() == (4408, "Connection initialisation timeout")


async def test_another_subprotocol_is_not_spoken(server: Server) -> None:
    url = server.graphql.replace("http", "ws", 1)
    async with websockets.connect(url) as connection:
        with pytest.raises(websockets.ConnectionClosed) as ended:
            await connection.recv()
    assert ended.value.rcvd is not None and ended.value.rcvd.code == 4406


@pytest.mark.parametrize(
    ("origin", "allowed", "is_let_in"),
    [
        ("https://evil.example", frozenset(), False),
        ("null", frozenset(), False),
        ("same", frozenset(), True),
        ("https://portal.example", frozenset({b"https://portal.example"}), True),
    ],
)
async def test_web_pages_connect_only_from_known_origins(
    server: Server, monkeypatch: pytest.MonkeyPatch, origin: str, allowed: frozenset[bytes], is_let_in: bool
) -> None:
    monkeypatch.setattr(server.api.app.state.subscriptions.sockets, "_origins", allowed)
    try:
        async with socket(server, origin=websockets.Origin(server.url if origin == "same" else origin)):
            was_let_in = True
    except websockets.InvalidStatus as refused:
        assert refused.response.status_code == 403
        was_let_in = False
    assert was_let_in is is_let_in


async def test_a_hundred_operations_run_on_a_connection_and_not_one_more(server: Server, acme: Tenant) -> None:
    async with socket(server, acme.keys["reader"]) as one:
        for number in range(101):
            await one.subscribe(str(number), CHANGES.replace("after: $after", "after: $after, progress: true"))
        said = [await one.hear() for _ in range(101)]  # each tells where it begins
        (refused,) = [one for one in said if one["type"] == "error"]
        assert (refused["id"], refused["payload"][0]["extensions"]["code"]) == ("100", "TOO_MANY_REQUESTS")
        everyone = {str(number) for number in range(100)}
        assert {one["id"] for one in said if one["type"] == "next"} == everyone
        await version(server.api, acme, name="ACME")
        heard: set[str] = set()
        while heard != everyone:
            said_now = await one.hear()
            if said_now["payload"]["data"]["changes"]["kind"] == "CHANGE":
                assert said_now["id"] not in heard
                heard.add(said_now["id"])


async def test_heartbeats_are_answered_and_asked_for(server: Server, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    async with socket(server, acme.keys["reader"]) as one:
        await one.say(type="ping", payload={"at": 1})
        assert await one.hear() == {"type": "pong", "payload": {"at": 1}}
        monkeypatch.setattr(sockets, "HEARTBEAT_S", 0.2)
        async with asyncio.timeout(5):
            assert json.loads(await one.connection.recv()) == {"type": "ping"}
            with pytest.raises(websockets.ConnectionClosed):  # nobody answered
                await one.connection.recv()


@pytest.mark.parametrize("how", ["revoked_at", "expires_at"])
async def test_a_connection_ends_with_its_key(server: Server, acme: Tenant, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setattr(access, "CHECK_EVERY_S", 0.1)
    async with socket(server, acme.keys["reader"]) as one, socket(server, acme.keys["admin"]) as other:
        await follow(one)
        await follow(other)
        at = datetime.now(UTC) - timedelta(seconds=1)
        await server.api.pool.execute(f"UPDATE hub.api_key SET {how} = $2 WHERE tenant_id = $1 AND role = 'reader'", acme.id, at)
        server.api.app.state.keys.forget()
        assert await one.close_code() == (4403, "Forbidden: the key has ended")
        await version(server.api, acme, name="ACME")
        assert named(await other.events(1)) == ["ACME"]


async def test_a_connection_ends_when_the_rights_of_its_key_change(server: Server, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "CHECK_EVERY_S", 0.1)
    async with socket(server, acme.keys["steward"]) as one:
        await follow(one)
        await server.api.pool.execute("UPDATE hub.api_key SET role = 'reader' WHERE tenant_id = $1 AND role = 'steward'", acme.id)
        server.api.app.state.keys.forget()
        assert await one.close_code() == (4403, "Forbidden: the rights of the key have changed")


async def test_over_plain_http_a_subscription_is_told_where_to_go(server: Server, acme: Tenant) -> None:
    answer = await server.api.ask(acme.keys["reader"], "subscription { changes { cursor } }")
    assert answer.codes == ["BAD_REQUEST"]
    assert "/graphql/stream" in answer.json["errors"][0]["extensions"]["remedy"]
