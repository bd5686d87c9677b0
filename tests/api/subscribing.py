"""What tests of subscriptions share: a client of graphql-transport-ws, a raw client of event streams, and new versions."""

from __future__ import annotations

import asyncio
import json
import socket as socketlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import websockets

from tests.api.conftest import Api, Tenant
from tests.api.served import Server

CHANGES = """
    subscription ($after: String, $entities: [String!]) {
        changes(after: $after, entities: $entities) { kind cursor change { entity version after } gap { first last resumeFrom } }
    }
"""
PATIENCE_S = 8


@dataclass
class Socket:
    """One connection; messages are dictionaries."""

    connection: Any

    async def say(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def hear(self, patience_s: float = PATIENCE_S) -> dict[str, Any]:
        """The next message that is not a heartbeat."""
        async with asyncio.timeout(patience_s):
            while (said := json.loads(await self.connection.recv()))["type"] == "ping":
                pass
        found: dict[str, Any] = said
        return found

    async def silence(self, for_s: float = 0.3) -> None:
        """Assert that nothing comes."""
        try:
            said = await self.hear(for_s)
        except TimeoutError:
            return
        raise AssertionError(f"unexpected: {said}")

    async def begin(self, key: str) -> None:
        await self.say(type="connection_init", payload={"authorization": f"Bearer {key}"})
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, operation: str, query: str, /, **variables: Any) -> None:
        await self.say(id=operation, type="subscribe", payload={"query": query, "variables": variables})

    async def events(self, count: int, id: str = "1", field: str = "changes") -> list[Any]:
        """The next events of an operation."""
        found = []
        for _ in range(count):
            said = await self.hear()
            assert (said["type"], said["id"]) == ("next", id), said
            assert "errors" not in said["payload"], said
            found.append(said["payload"]["data"][field])
        return found

    async def close_code(self) -> tuple[int, str]:
        """How the server ends the connection."""
        try:
            while True:
                async with asyncio.timeout(PATIENCE_S):
                    await self.connection.recv()
        except websockets.ConnectionClosed as ended:
            assert ended.rcvd is not None, "cut off without a word"
            return ended.rcvd.code, ended.rcvd.reason


@asynccontextmanager
async def socket(server: Server, key: str | None = None, **options: Any) -> AsyncIterator[Socket]:
    """A connection, initialised when a key is given."""
    url = server.graphql.replace("http", "ws", 1)
    async with websockets.connect(url, subprotocols=[websockets.Subprotocol("graphql-transport-ws")], **options) as connection:
        made = Socket(connection)
        if key is not None:
            await made.begin(key)
        yield made


async def version(api: Api, tenant: Tenant, entity: str = "client", *, id: UUID | None = None, number: int = 1, **values: Any) -> UUID:
    """A new version of a record, sequenced, with the doorbell rung as the sequencer does."""
    made = await api.golden(tenant, entity, version=number, id=id, **values)
    await ring(api, tenant)
    return made


async def ring(api: Api, tenant: Tenant) -> None:
    await api.pool.execute(
        "SELECT pg_notify('hub_feed', tenant_id || ':' || position) FROM hub.feed_head WHERE tenant_id = $1", tenant.id
    )


def named(events: list[Any]) -> list[str]:
    """The names in the changes of events."""
    return [event["change"]["after"]["name"] for event in events]


async def settled(api: Api) -> None:
    """Wait until the last tests' connections have been noticed to be gone."""
    broadcasts = api.app.state.subscriptions.broadcasts
    async with asyncio.timeout(PATIENCE_S):
        while broadcasts._group_of:
            await asyncio.sleep(0.01)


async def follow(one: Socket, id: str = "1") -> str:
    """Subscribe to all changes from now on, and answer the cursor of "now": from here on nothing is missed."""
    await one.subscribe(id, CHANGES.replace("after: $after", "after: $after, progress: true"))
    (event,) = await one.events(1, id)
    assert (event["kind"], event["change"]) == ("PROGRESS", None)
    cursor: str = event["cursor"]
    return cursor


class _Raw:
    """A websocket that reads only when asked to, through a small buffer; speaks just enough of RFC 6455."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    async def send(self, text: str) -> None:
        body = text.encode()
        size = bytes((0x80 | len(body),)) if len(body) < 126 else bytes((0xFE,)) + len(body).to_bytes(2, "big")
        self.writer.write(b"\x81" + size + b"\0\0\0\0" + body)

    async def recv(self) -> str:
        while True:
            head = await self._reader.readexactly(2)
            size = head[1]
            if size >= 126:
                size = int.from_bytes(await self._reader.readexactly(2 if size == 126 else 8), "big")
            body = await self._reader.readexactly(size)
            if head[0] == 0x81:
                return body.decode()
            if head[0] == 0x88:
                return json.dumps({"type": "close", "code": int.from_bytes(body[:2], "big"), "reason": body[2:].decode()})


@asynccontextmanager
async def raw_socket(server: Server, key: str, receive_buffer: int) -> AsyncIterator[Socket]:
    """An initialised connection that follows all changes and takes nothing while the test does not read."""
    host, port = server.url.removeprefix("http://").split(":")
    plain = socketlib.socket()
    plain.setsockopt(socketlib.SOL_SOCKET, socketlib.SO_RCVBUF, receive_buffer)
    plain.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plain, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=plain, limit=receive_buffer)
    lines = (
        "GET /graphql HTTP/1.1", f"Host: {host}:{port}", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: graphql-transport-ws", "", "",
    )  # fmt: skip
    writer.write("\r\n".join(lines).encode())
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    made = Socket(_Raw(reader, writer))
    try:
        await made.begin(key)
        await follow(made)
        yield made
    finally:
        writer.transport.abort()
