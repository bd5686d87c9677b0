"""What the hub's subscriptions are measured against: a raw broadcast, and Strawberry's own subscription server.

Both hear of a change by the same NOTIFY as the hub and read the change once, whoever listens.
``python -m tests.benchmarks.fanout_servers raw|strawberry``.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import orjson
import strawberry
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from strawberry.asgi import GraphQL
from strawberry.scalars import JSON

TENANT = int(os.environ.get("BENCH_TENANT", "0"))
READ = """
    SELECT c.entity, c.golden_id, c.version, c.op, c.after, c.at
      FROM hub.feed f JOIN hub.change c ON c.tenant_id = f.tenant_id AND c.id = f.change_id
     WHERE f.tenant_id = $1 AND f.position = $2
"""
CURSOR = "0" * 60


async def follow(tell: Callable[[asyncpg.Record], None]) -> None:
    """Call ``tell`` with every change, once."""
    connection = await asyncpg.connect(os.environ["BENCH_DATABASE_URL"])
    bell = await asyncpg.connect(os.environ["BENCH_DATABASE_URL"])
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    rung: asyncio.Queue[int] = asyncio.Queue()
    await bell.add_listener("hub_feed", lambda _, __, ___, payload: rung.put_nowait(int(payload.partition(":")[2])))
    while True:
        tell(await connection.fetchrow(READ, TENANT, await rung.get()))


# ---------------------------------------------------------------------------------------------------------------- raw


SUBSCRIBERS: set[asyncio.Transport] = set()


class Raw(asyncio.Protocol):
    """Just enough of a websocket to take subscribers; they are written to by :func:`broadcast`."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._received = bytearray()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if b"\r\n\r\n" in self._received:
            head, _, rest = bytes(self._received).partition(b"\r\n\r\n")
            self._received = bytearray(rest)
            self._transport.write(_welcome(head))
        if b"connection_init" in self._received:
            self._received.clear()
            self._transport.write(text_frame(b'{"type":"connection_ack"}'))
        elif b"subscribe" in self._received:
            self._received.clear()
            SUBSCRIBERS.add(self._transport)

    def connection_lost(self, error: Exception | None) -> None:
        SUBSCRIBERS.discard(self._transport)


def _welcome(head: bytes) -> bytes:
    key = next((line.split(b":")[1].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")), b"")
    if not key:
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    accepted = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accepted}\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    ).encode()


def text_frame(data: bytes) -> bytes:
    """A server's text frame of up to 64 KB."""
    return b"\x81" + (bytes([len(data)]) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2, "big")) + data


def broadcast(row: asyncpg.Record) -> None:
    """One frame, encoded once, written to each transport."""
    change = {
        "entity": row["entity"], "recordId": str(row["golden_id"]), "version": row["version"], "op": row["op"], "after": row["after"],
        "at": row["at"],
    }  # fmt: skip
    event = {"kind": "CHANGE", "cursor": CURSOR, "change": change}
    frame = text_frame(orjson.dumps({"id": "1", "type": "next", "payload": {"data": {"changes": event}}}))
    for transport in SUBSCRIBERS:
        transport.write(frame)


async def serve_raw(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Raw, "127.0.0.1", port, backlog=1024)
    async with server:
        await follow(broadcast)


# --------------------------------------------------------------------------------------------------------- strawberry


@strawberry.type
class Change:
    entity: str
    record_id: strawberry.ID
    version: int
    op: str
    after: JSON
    at: datetime


@strawberry.type
class ChangeEvent:
    kind: str
    cursor: str
    change: Change


QUEUES: set[asyncio.Queue[ChangeEvent]] = set()


def put(row: asyncpg.Record) -> None:
    change = Change(
        entity=row["entity"], record_id=strawberry.ID(str(row["golden_id"])), version=row["version"], op=row["op"], after=row["after"],
        at=row["at"],
    )  # fmt: skip
    event = ChangeEvent(kind="CHANGE", cursor=CURSOR, change=change)
    for queue in QUEUES:
        queue.put_nowait(event)


@strawberry.type
class Query:
    nothing: str = ""


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def changes(self) -> AsyncGenerator[ChangeEvent, None]:
        queue: asyncio.Queue[ChangeEvent] = asyncio.Queue()
        QUEUES.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            QUEUES.discard(queue)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    following = asyncio.create_task(follow(put))
    yield
    following.cancel()


def serve_strawberry(port: int) -> None:
    server: Any = GraphQL(strawberry.Schema(Query, subscription=Subscription))
    app = Starlette(routes=[WebSocketRoute("/graphql", server)], lifespan=lifespan)
    uvicorn.run(
        app, port=port, loop="uvloop", http="httptools", ws="websockets", ws_per_message_deflate=False, log_level="warning", backlog=1024
    )


if __name__ == "__main__":
    _port = int(os.environ["BENCH_PORT"])
    if sys.argv[1] == "raw":
        uvloop.run(serve_raw(_port))
    else:
        serve_strawberry(_port)
