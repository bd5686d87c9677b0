"""Server-sent events at /graphql/stream, with a raw client: distinct connections mode of graphql-sse."""

from __future__ import annotations

import asyncio
import json
import socket as socketlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import pytest
import uvicorn

from hub.api.subscribe import access, streams
from tests.api.conftest import Tenant
from tests.api.served import Server
from tests.api.subscribing import CHANGES, follow, named, socket, version

ALL = CHANGES.replace("after: $after", "after: $after, progress: true")


@dataclass
class Stream:
    """An open stream: its head, then events as (event, id, data) and comments as (None, None, text)."""

    status: int
    headers: dict[str, str]
    lines: asyncio.StreamReader

    async def event(self, *, with_comments: bool = False) -> tuple[str | None, str | None, Any]:
        async with asyncio.timeout(8):
            while True:
                block = [line for line in (await self.lines.readuntil(b"\n\n")).decode().splitlines() if line]
                if block[0].startswith(":"):
                    if with_comments:
                        return None, None, block[0]
                    continue
                found = {name: value.removeprefix(" ") for name, _, value in (line.partition(":") for line in block)}
                return found["event"], found.get("id"), json.loads(found["data"]) if found["data"] else None

    async def change(self) -> tuple[str, Any]:
        """The next event of ``changes`` and its id."""
        event, id, data = await self.event()
        assert event == "next" and id is not None and "errors" not in data, (event, id, data)
        assert data["data"]["changes"]["cursor"] == id
        return id, data["data"]["changes"]

    async def rest(self) -> bytes:
        async with asyncio.timeout(8):
            return await self.lines.read()


@asynccontextmanager
async def stream(server: Server, key: str, query: str = ALL, *, method: str = "POST", variables: dict[str, Any] | None = None, **headers: str) -> AsyncIterator[Stream]:
    host, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    body = json.dumps({"query": query, "variables": variables or {}}).encode() if method == "POST" else b""
    path = "/graphql/stream" + ("" if body else f"?query={quote(query)}&variables={quote(json.dumps(variables or {}))}")
    given = {
        "host": host, "authorization": f"Bearer {key}", "accept": "text/event-stream", "content-type": "application/json",
        "content-length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()},
    }  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
    try:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        told = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        chunks = asyncio.StreamReader()
        task = asyncio.create_task(_unchunk(reader, chunks, told))
        yield Stream(int(first.split()[1]), told, chunks)
        task.cancel()
    finally:
        writer.transport.abort()


async def _unchunk(reader: asyncio.StreamReader, into: asyncio.StreamReader, headers: dict[str, str]) -> None:
    try:
        if "content-length" in headers:
            into.feed_data(await reader.readexactly(int(headers["content-length"])))
        while "content-length" not in headers and (size := int(await reader.readline(), 16)):
            into.feed_data((await reader.readexactly(size + 2))[:-2])
    finally:
        into.feed_eof()


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_changes_come_as_events_with_their_cursors_as_ids(server: Server, acme: Tenant, method: str) -> None:
    async with stream(server, acme.keys["reader"], method=method) as one:
        assert (one.status, one.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert one.headers["cache-control"] == "no-cache, no-transform"
        start, progress = await one.change()
        assert progress["kind"] == "PROGRESS"
        await version(server.api, acme, name="ACME")
        id, event = await one.change()
        assert named([event]) == ["ACME"] and id != start


async def test_last_event_id_resumes_and_outranks_after(server: Server, acme: Tenant) -> None:
    key = acme.keys["reader"]
    async with stream(server, key) as one:
        start, _ = await one.change()
        await version(server.api, acme, name="A")
        last, _ = await one.change()
    for name in "BC":
        await version(server.api, acme, name=name)
    async with stream(server, key, CHANGES, variables={"after": start}, last_event_id=last) as one:
        assert named([(await one.change())[1] for _ in range(2)]) == ["B", "C"]


async def test_a_record_is_followed_and_a_query_answered_by_a_stream(server: Server, acme: Tenant) -> None:
    made = await version(server.api, acme, name="ACME")
    query = "subscription ($id: ID!) { record(id: $id) { version } }"
    async with stream(server, acme.keys["reader"], query, variables={"id": str(made)}) as one:
        assert await one.event() == ("next", None, {"data": {"record": {"version": 1}}})
        await version(server.api, acme, id=made, number=2, name="ACME Ltd")
        assert await one.event() == ("next", None, {"data": {"record": {"version": 2}}})
    async with stream(server, acme.keys["reader"], "{ me { role } }") as one:
        event, _, data = await one.event()
        assert (event, data["data"]) == ("next", {"me": {"role": "reader"}})
        assert await one.event() == ("complete", None, None)
        assert await one.rest() == b""


@pytest.mark.parametrize(
    ("key", "headers", "status", "code"),
    [
        ("wrong_key_0123456789", {}, 401, "UNAUTHENTICATED"),
        ("reader", {"accept": "application/json"}, 406, "NOT_ACCEPTABLE"),
        ("reader", {"content_type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
async def test_what_cannot_become_a_stream_is_refused_before_it_begins(
    server: Server, acme: Tenant, key: str, headers: dict[str, str], status: int, code: str
) -> None:
    async with stream(server, acme.keys.get(key, key), **headers) as one:
        assert one.status == status
        assert json.loads(await one.rest())["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    ("query", "code"),
    [("subscription { nonsense }", "BAD_INPUT"), ("subscription {", "BAD_INPUT"), ('subscription { changes(after: "x") { cursor } }', "BAD_CURSOR")],
)
async def test_a_document_that_cannot_be_run_is_told_and_completed(server: Server, acme: Tenant, query: str, code: str) -> None:
    async with stream(server, acme.keys["reader"], query) as one:
        event, _, data = await one.event()
        assert (event, [error["extensions"]["code"] for error in data["errors"]]) == ("next", [code])
        assert await one.event() == ("complete", None, None)


async def test_a_stream_ends_with_its_key_and_says_so(server: Server, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "CHECK_EVERY_S", 0.1)
    async with stream(server, acme.keys["reader"]) as one:
        await one.change()
        await server.api.pool.execute("UPDATE hub.api_key SET revoked_at = now() WHERE tenant_id = $1", acme.id)
        server.api.app.state.keys.forget()
        event, _, data = await one.event()
        assert (event, data["errors"][0]["extensions"]["code"]) == ("next", "FORBIDDEN")
        assert await one.event() == ("complete", None, None)


async def test_comments_keep_a_silent_stream_open(server: Server, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.1)
    monkeypatch.setattr(streams, "LOOK_S", 0.05)
    async with stream(server, acme.keys["reader"], CHANGES) as one:
        assert [await one.event(with_comments=True) for _ in range(3)] == [(None, None, ": the hub"), (None, None, ":"), (None, None, ":")]


async def test_a_server_that_shuts_down_waits_for_no_stream(server: Server, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LOOK_S", 0.05)
    async with serving(server.api.app) as (url, stop):
        short = replace(server, url=url)
        async with stream(short, acme.keys["reader"]) as one, socket(short, acme.keys["reader"]) as other:
            await one.change()
            await follow(other)
            stopped = asyncio.create_task(stop())
            assert await one.rest() == b""
            assert (await other.close_code())[0] == 1012
            async with asyncio.timeout(5):
                await stopped


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[tuple[str, Callable[[], Coroutine[Any, Any, None]]]]:
    """The application once more, on a port of its own."""
    listening = socketlib.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http="httptools", lifespan="off", log_config=None, timeout_graceful_shutdown=30)
    running = Quiet(config)
    task = asyncio.create_task(running.serve([listening]))
    while not running.started:
        await asyncio.sleep(0.01)

    async def stop() -> None:
        running.should_exit = True
        await task

    yield f"http://127.0.0.1:{listening.getsockname()[1]}", stop
    await stop()


class Quiet(uvicorn.Server):
    """Leaves signals to pytest."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
