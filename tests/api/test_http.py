"""GraphQL over HTTP to the letter: methods, media types, status codes, caching, other sites, slow and vanished callers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

import asyncpg
import pytest

from hub.api.http import GraphQLEndpoint
from hub.api.patience import LOOK_AFTER_S
from hub.api.run import Runner
from hub.api.schema import build
from hub.app import create_app
from tests.api.conftest import Answer, Api, Tenant
from tests.api.served import Server
from tests.node_tools import Node

SPOKEN = "application/graphql-response+json"
ROLE = "{ me { role } }"


async def test_the_audits_of_graphql_http_pass_in_full(node: Node, server: Server) -> None:
    ran = await node.run("audit.mjs", env=server.env("reader"))
    assert (ran.code, ran.stderr) == (0, "")
    results = json.loads(ran.stdout)
    assert [one for one in results if one["status"] != "ok"] == []
    assert {one["name"].split()[0] for one in results} == {"MUST", "SHOULD", "MAY"} and len(results) > 50


@asynccontextmanager
async def app_of(api: Api, **changed: Any) -> AsyncIterator[Api]:
    """Another application on the same database, set otherwise."""
    app = create_app(replace(api.database.settings, **changed))
    async with app.router.lifespan_context(app):
        yield Api(app, api.pool, api.database)


async def get(api: Api, key: str, method: str = "GET", headers: dict[str, str] | None = None, **asked: str) -> Answer:
    return await api.send(method, "/graphql", headers={"authorization": f"Bearer {key}", **(headers or {})}, query=urlencode(asked))


ACCEPTED = (
    ("", "application/json"),
    ("*/*", "application/json"),
    ("application/*;q=0.8, text/html", "application/json"),
    ("application/json", "application/json"),
    ("Application/JSON; charset=UTF-8", "application/json"),
    (SPOKEN, SPOKEN),
    (f"{SPOKEN}, application/json;q=0.9", SPOKEN),
    (f"{SPOKEN};q=0.5, application/json", "application/json"),
    (f"application/json, {SPOKEN}", SPOKEN),
    (f"{SPOKEN};q=0, */*", "application/json"),
    (f"text/html, {SPOKEN};q=0.2, */*;q=0.1", SPOKEN),
)


@pytest.mark.parametrize(("accept", "kind"), ACCEPTED)
async def test_the_answer_has_the_media_type_the_caller_weighs_most(api: Api, acme: Tenant, accept: str, kind: str) -> None:
    answer = await api.ask(acme.keys["reader"], ROLE, accept=accept)
    assert (answer.status, answer.headers["content-type"]) == (200, f"{kind}; charset=utf-8")
    refused = await api.ask(acme.keys["reader"], "{ nonsense }", accept=accept)
    assert (refused.status, "data" in refused.json) == (400 if kind == SPOKEN else 200, False)


@pytest.mark.parametrize("accept", ["text/html", "image/*", f"{SPOKEN};q=0", "application/json;charset=utf-16"])
async def test_who_takes_no_json_is_told_406(api: Api, acme: Tenant, accept: str) -> None:
    answer = await api.ask(acme.keys["reader"], ROLE, accept=accept)
    assert (answer.status, answer.codes, answer.headers["content-type"]) == (406, ["NOT_ACCEPTABLE"], "application/json; charset=utf-8")


async def test_a_get_carries_its_parameters_in_the_address(api: Api, acme: Tenant) -> None:
    client = await api.golden(acme, "client", name="Ümläut & Söhne")
    document = "query a($id: ID!) { client(id: $id) { name } } query b { me { role } }"
    asked = {"query": document, "operationName": "a", "variables": json.dumps({"id": str(client)}), "extensions": ""}
    assert (await get(api, acme.keys["reader"], **asked)).data == {"client": {"name": "Ümläut & Söhne"}}
    headers = {"authorization": f"Bearer {acme.keys['reader']}"}
    for query in ("query=%7Bme%7Brole%7D%7D&query=%7Bme%7Brole%7D%7D", "query=%FF", "variables=x&query=%7Bme%7Brole%7D%7D", "a=1"):
        answer = await api.send("GET", "/graphql", headers=headers, query=query)
        assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"]), query


async def test_a_get_is_kept_by_its_caller_alone_and_answered_304_while_it_is_the_same(api: Api, acme: Tenant) -> None:
    key = acme.keys["reader"]
    first = await get(api, key, query=ROLE)
    assert {name: first.headers[name] for name in ("cache-control", "vary")} == {
        "cache-control": "private, no-cache", "vary": "authorization, accept",
    }  # fmt: skip
    tag = first.headers["etag"]
    for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await get(api, key, headers={"if-none-match": given}, query=ROLE)
        assert (again.status, again.body, again.headers["etag"], "content-type" in again.headers) == (304, b"", tag, False)
    other = await get(api, acme.keys["steward"], headers={"if-none-match": tag}, query=ROLE)
    assert (other.status, other.data) == (200, {"me": {"role": "steward"}})
    failed = await get(api, key, headers={"accept": SPOKEN}, query="{ nonsense }")
    posted = await api.ask(key, ROLE)
    assert [("etag" in one.headers, one.headers["cache-control"]) for one in (failed, posted)] == [(False, "no-store")] * 2
    async with app_of(api, get_max_age_s=30) as patient:
        assert (await get(patient, key, query=ROLE)).headers["cache-control"] == "private, max-age=30"


async def test_head_tells_what_get_would_and_other_methods_what_there_is(api: Api, acme: Tenant) -> None:
    key = acme.keys["reader"]
    got, told = [await get(api, key, method, query=ROLE) for method in ("GET", "HEAD")]
    names = ("content-type", "content-length", "etag", "cache-control")
    assert (told.status, told.body, [told.headers[name] for name in names]) == (200, b"", [got.headers[name] for name in names])
    for method in ("PUT", "DELETE", "PATCH"):
        refused = await get(api, key, method, query=ROLE)
        assert (refused.status, refused.codes) == (405, ["METHOD_NOT_ALLOWED"])
        assert refused.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert (await api.send("OPTIONS", "/graphql")).status == 204


async def test_no_cookie_and_no_form_of_another_site_acts_for_a_visitor(api: Api, acme: Tenant) -> None:
    cookie = {"cookie": f"authorization=Bearer {acme.keys['admin']}; key={acme.keys['admin']}", "origin": "https://evil.example"}
    assert (await api.send("GET", "/graphql", headers=cookie, query=urlencode({"query": ROLE}))).status == 401
    body = json.dumps({"query": ROLE}).encode()
    kinds = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=utf-16")
    for kind in kinds:
        assert (await api.send("POST", "/graphql", body, {**cookie, "content-type": kind})).status == 401
        sent = {"authorization": f"Bearer {acme.keys['admin']}", "content-type": kind}
        assert (await api.send("POST", "/graphql", body, sent)).status == 415


PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}


async def test_only_listed_sites_may_call_from_a_browser(api: Api, acme: Tenant) -> None:
    body, sent = json.dumps({"query": ROLE}).encode(), {"authorization": f"Bearer {acme.keys['reader']}", "content-type": "application/json"}
    async with app_of(api, cors_origins="https://portal.example, https://bi.example") as open_api:
        for address, origin, is_allowed in (
            (open_api, "https://portal.example", True), (open_api, "https://evil.example", False), (api, "https://portal.example", False),
        ):  # fmt: skip
            before = await address.send("OPTIONS", "/graphql", headers={"origin": origin, **PREFLIGHT})
            answer = await address.send("POST", "/graphql", body, {**sent, "origin": origin})
            allowed = [one.headers.get("access-control-allow-origin") for one in (before, answer)]
            assert (before.status, answer.status, allowed) == (204, 200, [origin if is_allowed else None] * 2)
            assert not any("credentials" in name for one in (before, answer) for name in one.headers)
            if is_allowed:
                assert "authorization" in before.headers["access-control-allow-headers"]
                assert "x-correlation-id" in answer.headers["access-control-expose-headers"]


async def test_beyond_its_hands_full_a_process_says_when_to_come_again(api: Api, acme: Tenant) -> None:
    async with app_of(api, most_concurrent=1) as small:
        held: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        scope = {
            "type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "client": ("127.0.0.1", 1),
            "headers": [(b"authorization", f"Bearer {acme.keys['reader']}".encode()), (b"content-type", b"application/json")],
        }  # fmt: skip
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return await held

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        first = asyncio.create_task(small.app(scope, receive, send))
        await asyncio.sleep(0.01)
        busy = await small.ask(acme.keys["reader"], ROLE)
        assert (busy.status, busy.codes, "retry-after" in busy.headers) == (503, ["UNAVAILABLE"], True)
        assert (await small.send("GET", "/health")).status == 200
        held.set_result({"type": "http.request", "body": json.dumps({"query": ROLE}).encode(), "more_body": False})
        await first
        assert [sent[0]["status"], (await small.ask(acme.keys["reader"], ROLE)).status] == [200, 200]


async def test_the_door_stands_on_its_own_as_an_application(api: Api, acme: Tenant) -> None:
    door = api.app.state.graphql
    assert isinstance(door, GraphQLEndpoint)
    assert (await Api(door, api.pool, api.database).ask(acme.keys["reader"], ROLE)).data == {"me": {"role": "reader"}}


READ = "{ clients { nodes { contacts { nodes { familyName } } } } }"


class Lock:
    """While it is held nobody can read contacts: a statement that tries waits, like one that takes long."""

    def __init__(self, owner: asyncpg.Connection) -> None:
        self._owner = owner

    async def is_waited_for(self, wanted: bool) -> bool:
        """Whether it comes about, within seconds, that a read waits at the server, or none does."""
        waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
        for _ in range(200):
            if await self._owner.fetchval(waiting) is wanted:
                return True
            await asyncio.sleep(0.02)
        return False


@asynccontextmanager
async def locked(api: Api) -> AsyncIterator[Lock]:
    owner = await asyncpg.connect(api.database.owner_url)
    try:
        async with owner.transaction():
            await owner.execute("LOCK TABLE golden.contact IN ACCESS EXCLUSIVE MODE")
            yield Lock(owner)
    finally:
        await owner.close()


@pytest.mark.parametrize("compiles", [True, False], ids=["one statement", "field by field"])
async def test_when_its_time_is_up_a_statement_is_cancelled_at_the_server(api: Api, acme: Tenant, compiles: bool) -> None:
    await api.golden(acme, "client", name="ACME")
    async with app_of(api, request_timeout_s=LOOK_AFTER_S + 0.4) as hasty, locked(hasty) as lock:
        services, keys = hasty.app.state.services, hasty.app.state.keys
        hasty.app.state.graphql = GraphQLEndpoint(Runner(build(), services, compiles=compiles), services, keys)
        asking = asyncio.create_task(hasty.ask(acme.keys["reader"], READ))
        assert await lock.is_waited_for(True)
        answer = await asking
        assert (answer.status, answer.codes, answer.json["errors"][0]["extensions"]["retryable"]) == (503, ["TIMEOUT"], True)
        assert await lock.is_waited_for(False)


async def test_when_its_caller_is_gone_a_statement_is_cancelled_at_the_server(server: Server) -> None:
    address = urlsplit(server.url)
    body = json.dumps({"query": READ})
    head = f"POST /graphql HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {server.tenant.keys['reader']}\r\ncontent-type: application/json\r\n"
    async with locked(server.api) as lock:
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(f"{head}content-length: {len(body)}\r\n\r\n{body}".encode())
        assert await lock.is_waited_for(True)
        writer.close()
        assert await lock.is_waited_for(False)
