"""Many websocket clients in one process that only count: ``python -m tests.benchmarks.fanout_clients`` with an order as JSON.

Says ``ready`` once every client has subscribed, and afterwards a line for each event that all of them have: the monotonic
instants of the first and the last arrival, and the bytes of one frame.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from dataclasses import dataclass, field

import uvloop

HANDSHAKE = (
    "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
TEXT, PING, PONG, CLOSE = 1, 9, 10, 8


@dataclass(frozen=True)
class Order:
    """Where to subscribe to what, with what in ``connection_init``, and as how many."""

    port: int
    clients: int
    query: str
    payload: dict[str, str] = field(default_factory=dict)


def masked(opcode: int, data: bytes) -> bytes:
    """A client's frame; its mask is zero, which changes nothing.

    >>> masked(1, b"ab")
    b'\\x81\\x82\\x00\\x00\\x00\\x00ab'
    """
    length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
    return bytes([0x80 | opcode]) + length + bytes(4) + data


class Arrivals:
    """Counts every client's nth event, and tells when an event is everywhere."""

    def __init__(self, clients: int) -> None:
        self._clients = clients
        self._counts: dict[int, tuple[int, float]] = {}

    def count(self, event: int, size_bytes: int) -> None:
        now = time.monotonic()
        so_far, first_at = self._counts.get(event, (0, now))
        if so_far + 1 == self._clients:
            print(json.dumps({"first_at": first_at, "last_at": now, "size_bytes": size_bytes}), flush=True)
            self._counts.pop(event, None)
        else:
            self._counts[event] = (so_far + 1, first_at)


class Client(asyncio.Protocol):
    """One connection: shakes hands, introduces itself, subscribes, counts."""

    def __init__(self, order: Order, arrivals: Arrivals) -> None:
        self._order, self._arrivals = order, arrivals
        self._received = bytearray()
        self._is_open = False
        self._events = 0
        self.acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # uvloop's is none by its class
        self._transport.write(HANDSHAKE.format(port=self._order.port).encode())

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._is_open:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            assert self._received.startswith(b"HTTP/1.1 101"), bytes(self._received[:300])
            del self._received[: end + 4]
            self._is_open = True
            self._say({"type": "connection_init", "payload": self._order.payload})
        while (frame := self._frame()) is not None:
            self._heard(*frame)

    def _frame(self) -> tuple[int, bytes] | None:
        received = self._received
        if len(received) < 2:
            return None
        length, start = received[1] & 127, 2
        if length > 125:
            start = 4 if length == 126 else 10
            if len(received) < start:
                return None
            length = int.from_bytes(received[2:start], "big")
        if len(received) < start + length:
            return None
        frame = received[0] & 15, bytes(received[start : start + length])
        del received[: start + length]
        return frame

    def _heard(self, opcode: int, data: bytes) -> None:
        if opcode == PING:
            self._transport.write(masked(PONG, data))
        elif opcode == CLOSE:
            raise SystemExit(f"the server closed a connection: {data!r}")
        elif b'"connection_ack"' in data:
            self._say({"id": "1", "type": "subscribe", "payload": {"query": self._order.query}})
            self.acknowledged.set_result(None)
        elif b'"ping"' in data:
            self._say({"type": "pong"})
        else:
            assert b'"next"' in data and b'"errors"' not in data, data[:500]
            self._arrivals.count(self._events, len(data))
            self._events += 1

    def _say(self, message: object) -> None:
        self._transport.write(masked(TEXT, json.dumps(message).encode()))


async def run(order: Order) -> None:
    """Connect a hundred at a time, then count until standard input ends."""
    loop, arrivals = asyncio.get_running_loop(), Arrivals(order.clients)
    for at in range(0, order.clients, 100):
        made = [Client(order, arrivals) for _ in range(min(100, order.clients - at))]
        await asyncio.gather(*(loop.create_connection(lambda one=one: one, "127.0.0.1", order.port) for one in made))
        await asyncio.gather(*(one.acknowledged for one in made))
    await asyncio.sleep(1)  # until the last has been taken into its group
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(run(Order(**json.loads(sys.stdin.readline()))))
