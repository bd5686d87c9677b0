"""JSON-RPC against a little server of it: both versions of the envelope, and what an answer without one means."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from connectors.errors import ConnectorError, RetriableError, SchemaDriftError, UnknownOutcomeError
from connectors.http import HttpClient, HttpSettings
from connectors.jsonrpc import JsonRpc, RpcFault, RpcRefused

ANSWERS: dict[str, Any] = {
    "echo": lambda sent: {"id": sent["id"], "result": sent},
    "nothing": lambda sent: {"id": sent["id"], "result": None},
    "fault": lambda sent: {"id": sent["id"], "error": ["UserError", ["must be unique", "", None]]},
    "other": lambda sent: {"id": 99, "result": 1},
    "bare": lambda sent: ["no envelope"],
    "error of nothing": lambda sent: {"id": sent["id"], "result": 1, "error": None},
}


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    async def answer(request: web.Request) -> web.Response:
        sent = await request.json()
        if sent["method"] == "cut":
            return web.Response(body=b'{"id": 1, "res', content_type="application/json")
        if sent["method"] == "refuse":
            return web.Response(status=403, text="<h1>Forbidden</h1>", content_type="text/html")
        return web.json_response(ANSWERS[sent["method"]](sent))

    app = web.Application()
    app.router.add_post("/rpc/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made = HttpClient(HttpSettings("books", f"http://127.0.0.1:{runner.addresses[0][1]}"))
    yield made
    await made.aclose()
    await runner.cleanup()


async def test_a_request_names_its_version_where_it_has_one(client: HttpClient) -> None:
    old = await JsonRpc(client, "rpc/").call("echo", [1, {"a": "ä"}], is_read=True)
    assert old.result == {"id": 1, "method": "echo", "params": [1, {"a": "ä"}]}, "exactly three keys: Tryton takes others for no envelope"
    new = await JsonRpc(client, "rpc/", version="2.0").call("echo", [], is_read=True)
    assert new.result == {"id": 1, "method": "echo", "params": [], "jsonrpc": "2.0"}
    assert "date" in new.headers


async def test_calls_are_numbered_and_an_empty_result_is_one(client: HttpClient) -> None:
    rpc = JsonRpc(client, "rpc/")
    assert [(await rpc.call("echo", [], is_read=True)).result["id"] for _ in range(3)] == [1, 2, 3]
    assert (await rpc.call("nothing", [], is_read=False)).result is None
    assert (await rpc.call("error of nothing", [], is_read=True)).result == 1


async def test_a_fault_is_raised_as_it_came_and_a_refusal_with_its_answer(client: HttpClient) -> None:
    rpc = JsonRpc(client, "rpc/")
    with pytest.raises(RpcFault) as fault:
        await rpc.call("fault", [], is_read=False)
    assert json.dumps(fault.value.error) == '["UserError", ["must be unique", "", null]]'
    with pytest.raises(RpcRefused) as refused:
        await rpc.call("refuse", [], is_read=True)
    assert refused.value.answer.status == 403


@pytest.mark.parametrize(
    ("method", "of_a_read", "of_a_write"),
    [("cut", RetriableError, UnknownOutcomeError), ("bare", SchemaDriftError, UnknownOutcomeError), ("other", SchemaDriftError, UnknownOutcomeError)],
)
async def test_an_answer_without_an_envelope_says_nothing_of_a_write(
    client: HttpClient, method: str, of_a_read: type[ConnectorError], of_a_write: type[ConnectorError]
) -> None:
    rpc = JsonRpc(client, "rpc/")
    with pytest.raises(of_a_read):
        await rpc.call(method, [], is_read=True)
    with pytest.raises(of_a_write):
        await rpc.call(method, [], is_read=False)
