"""One trace from the caller's request to the last delivery, and nothing in it that nobody may read; nothing at all where tracing is off."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from connectors import http
from hub import tracing
from hub.flows import traced
from hub.flows.deliver import deliver_loop
from hub.flows.ingest_loop import Ingester
from hub.store.pool import open_worker_pool
from tests.api.conftest import Api, running
from tests.conftest import Database
from tests.connectors.test_http import a_client

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SECRET = "whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IQ=="


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    assert tracing.configure("test", {}, exporter)
    traced.forget()
    yield exporter
    tracing.end()


def told(span: ReadableSpan) -> dict[str, Any]:
    assert span.context is not None
    return {
        "name": span.name, "trace": f"{span.context.trace_id:032x}", "span": f"{span.context.span_id:016x}",
        "parent": f"{span.parent.span_id:016x}" if span.parent else None, "links": [f"{link.context.trace_id:032x}" for link in span.links],
        **dict(span.attributes or {}),
    }  # fmt: skip


@asynccontextmanager
async def receiver() -> AsyncIterator[tuple[str, list[dict[str, str]]]]:
    heard: list[dict[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        heard.append({name.lower(): value for name, value in request.headers.items()})
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/hook", heard  # type: ignore[union-attr]
    finally:
        await runner.cleanup()


async def sent_through(api: Api, database: Database, headers: dict[str, str]) -> list[dict[str, str]]:
    """A record comes in by /ingest, is folded and told to a webhook; answers what the webhook was sent."""
    acme = await api.tenant("acme")
    ask = "mutation ($url: String!) { createSubscription(name: \"bi\", kind: \"webhook\", url: $url) { errors { message } } }"
    async with receiver() as (url, heard):
        made = await api.ask(acme.keys["admin"], ask, url=url)
        assert made.data["createSubscription"]["errors"] == []
        line = json.dumps({"object": "client", "externalId": "1", "body": {"name": "Ada Lovelace Ltd", "email": "ada@acme.example"}})
        answer = await api.send("POST", "/ingest/crm", line.encode(), {"authorization": f"Bearer {acme.keys['steward']}", **headers})
        assert answer.status == 202, answer.body
        pool = await open_worker_pool(database.worker_url, size=4)
        stop = asyncio.Event()
        await Ingester(pool, "test").drain(acme.id)

        async def nothing(_: int, __: str) -> None:
            return None

        delivering = asyncio.create_task(deliver_loop(pool, database.settings, nothing, stop, worker="test"))
        try:
            async with asyncio.timeout(30):
                while not heard:
                    await asyncio.sleep(0.01)
        finally:
            stop.set()
            await delivering
            await pool.close()
    return heard


async def test_a_trace_that_comes_in_goes_on_to_whom_the_change_is_told(database: Database, spans: InMemorySpanExporter) -> None:
    async with running(database) as api:
        (heard,) = await sent_through(api, database, {"traceparent": PARENT})
        messages = await api.pool.fetch("SELECT correlation_id, traceparent FROM hub.inbox")
    found = [told(span) for span in spans.get_finished_spans()]
    mine = {one["name"]: one for one in found if one["trace"] == TRACE}
    assert sorted(mine) == ["POST /ingest", "deliver to webhook", "fold message"]
    request, fold, delivery = mine["POST /ingest"], mine["fold message"], mine["deliver to webhook"]
    assert (request["parent"], fold["parent"], delivery["parent"]) == ("00f067aa0ba902b7", request["span"], request["span"])
    assert (request["hub.status"], fold["hub.outcome"], fold["hub.entity"], delivery["hub.state"]) == (202, "applied", "client", "idle")
    assert [dict(row) for row in messages] == [{"correlation_id": "4bf92f35-77b3-4da6-a3ce-929d0e0e4736", "traceparent": f"00-{TRACE}-{request['span']}-01"}]
    assert heard["traceparent"] == f"00-{TRACE}-{delivery['span']}-01"
    (batch,) = [one for one in found if one["name"] == "fold batch"]
    assert (batch["links"], fold["links"], batch["hub.messages"], batch["hub.changes"]) == ([TRACE], [batch["trace"]], 1, 1)


async def test_a_correlation_id_names_the_trace_where_none_comes_in(database: Database, spans: InMemorySpanExporter) -> None:
    async with running(database) as api:
        (heard,) = await sent_through(api, database, {"x-correlation-id": "order-17"})
    trace = tracing.trace_id_of("order-17")
    mine = sorted(one["name"] for one in map(told, spans.get_finished_spans()) if one["trace"] == trace)
    assert (mine, heard["traceparent"][3:35]) == (["POST /ingest", "deliver to webhook", "fold message"], trace)


async def test_a_callers_trace_is_kept_beside_a_correlation_id_of_its_own(database: Database, spans: InMemorySpanExporter) -> None:
    async with running(database) as api:
        (heard,) = await sent_through(api, database, {"x-correlation-id": "order-17", "traceparent": PARENT})
    assert heard["traceparent"][3:35] == TRACE


async def test_no_secret_document_or_personal_value_is_in_a_span(database: Database, spans: InMemorySpanExporter) -> None:
    async with running(database) as api:
        await sent_through(api, database, {"x-correlation-id": "c-1"})
        await api.ask("hub_wrong_key", '{ clients(filter: {email: {eq: "ada@acme.example"}}) { totalCount } }')
    text = "".join(span.to_json() for span in spans.get_finished_spans())
    assert len(spans.get_finished_spans()) > 4
    for hidden in ("Lovelace", "ada@acme", "hub_wrong_key", "hub_acme", "clients(", "Bearer", "postgresql://"):
        assert hidden not in text, hidden


async def test_requests_to_connected_systems_carry_the_trace_they_are_part_of(spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str | None] = []

    async def take(request: web.Request) -> web.Response:
        heard.append(request.headers.get("traceparent"))
        return web.Response(body=b"{}")

    monkeypatch.setattr(http, "trace_headers", tracing.headers)
    async with a_client(take) as client:
        await client.request("GET", "/one")
        with tracing.span("deliver", correlation_id="order-17"):
            await client.request("GET", "/two")
            inside = tracing.traceparent()
    assert (heard, str(inside)[3:35]) == ([None, inside], tracing.trace_id_of("order-17"))


def test_an_error_is_told_by_its_type_only(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="ada@acme"), tracing.span("work", correlation_id="c", system="crm", body="ada@acme.example"):
        raise ValueError("Key (email)=(ada@acme.example)")
    (one,) = spans.get_finished_spans()
    assert "ada@acme" not in one.to_json()
    assert dict(one.attributes or {}) == {"hub.system": "crm", "hub.correlation_id": "c", "error.type": "ValueError"}


async def test_without_a_collector_nothing_is_traced_and_nothing_is_imported(database: Database) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, hub.app, hub.worker; print(any(name.startswith('opentelemetry') for name in sys.modules))"],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    assert done.stdout.strip() == "False"
    async with running(database) as api:
        (heard,) = await sent_through(api, database, {"traceparent": PARENT})
        correlations = await api.pool.fetch("SELECT correlation_id, traceparent FROM hub.inbox")
    assert "traceparent" not in heard
    assert [dict(row) for row in correlations] == [{"correlation_id": "4bf92f35-77b3-4da6-a3ce-929d0e0e4736", "traceparent": None}]


@pytest.mark.parametrize(
    ("environment", "is_on"),
    [
        ({}, False), ({"OTEL_TRACES_EXPORTER": "none"}, False), ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_TRACES_EXPORTER": "console"}, True),
    ],
)  # fmt: skip
def test_the_variables_of_opentelemetry_switch_it_on(environment: dict[str, str], is_on: bool) -> None:
    try:
        assert tracing.configure("test", environment) is is_on
        assert tracing.is_on() is is_on
    finally:
        tracing.end()


async def test_spans_reach_a_collector_that_speaks_otlp(monkeypatch: pytest.MonkeyPatch) -> None:
    bodies: list[tuple[str, bytes]] = []

    async def take(request: web.Request) -> web.Response:
        bodies.append((request.headers["content-type"], await request.read()))
        return web.Response(body=b"", content_type="application/x-protobuf")

    app = web.Application()
    app.router.add_post("/v1/traces", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    endpoint = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    try:
        assert tracing.configure("test", {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint})
        with tracing.span("work of a batch", correlation_id="c-1", system="crm"):
            pass
        await asyncio.to_thread(tracing.end)
    finally:
        tracing.end()
        await runner.cleanup()
    assert [(kind, b"work of a batch" in body, b"hub-test" in body) for kind, body in bodies] == [("application/x-protobuf", True, True)]
