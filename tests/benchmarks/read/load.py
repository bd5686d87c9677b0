"""Asks one server as fast as it answers, over kept-alive connections, in a process of its own.

Reads a JSON order from standard input and writes what came of it to standard output; see :class:`Order`. Each
connection has one request out at a time. Every answer must be 200 without ``errors``, or the run is refused.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field

import uvloop

PATIENCE_S = 30
"""How long the last answers may take once the time is over."""


@dataclass(frozen=True)
class Order:
    """Where to send which requests (method line, headers and body as text), for how long, over how many connections."""

    port: int
    requests: list[str]
    seconds: float
    concurrency: int


@dataclass
class Outcome:
    """Answers and their bytes; how long each took in ms; the wall seconds of all."""

    answers: int = 0
    size_bytes: int = 0
    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)

    def as_json(self) -> str:
        ordered = sorted(self.latencies_ms)
        quantiles = {f"p{q}_ms": round(ordered[min(len(ordered) * q // 100, len(ordered) - 1)], 3) for q in (50, 99)}
        told = {name: value for name, value in asdict(self).items() if name != "latencies_ms"}
        return json.dumps({**told, **quantiles})


class Asking(asyncio.Protocol):
    """One connection: sends the next request when the answer to the last is complete."""

    def __init__(self, loop: asyncio.AbstractEventLoop, requests: list[bytes], at: int, step: int, until: float, outcome: Outcome) -> None:
        self._requests, self._at, self._step, self._until, self._outcome = requests, at, step, until, outcome
        self.done: asyncio.Future[None] = loop.create_future()
        self._received = bytearray()
        self._wanted = 0
        """Length of the whole answer once its head is known; -1 when it comes in chunks."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # uvloop's is none by its class
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._wanted:
            self._wanted = wanted_length(self._received)
        if len(self._received) == self._wanted or (self._wanted == -1 and self._received.endswith(b"\r\n0\r\n\r\n")):
            self._answered()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))

    def _send(self) -> None:
        self._received.clear()
        self._wanted = 0
        self._sent_at = time.perf_counter()
        self._transport.write(self._requests[self._at % len(self._requests)])
        self._at += self._step

    def _answered(self) -> None:
        now = time.perf_counter()
        if not self._received.startswith(b"HTTP/1.1 200") or b'"errors"' in self._received:
            self.done.set_exception(AssertionError(f"a wrong answer: {bytes(self._received[:2000])!r}"))
            self._transport.close()
            return
        self._outcome.answers += 1
        self._outcome.size_bytes += len(self._received)
        self._outcome.latencies_ms.append((now - self._sent_at) * 1000)
        if now < self._until:
            self._send()
        elif not self.done.done():
            self.done.set_result(None)
            self._transport.close()


def wanted_length(received: bytearray) -> int:
    """Bytes of the whole answer, 0 while its head is incomplete, -1 for chunks.

    >>> wanted_length(bytearray(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n"))
    40
    """
    head = received.find(b"\r\n\r\n")
    if head < 0:
        return 0
    for line in bytes(received[:head]).lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head + 4 + int(line[15:])
    return -1


async def run(order: Order) -> Outcome:
    """Ask until the time is over and the last answers are in."""
    loop, outcome = asyncio.get_running_loop(), Outcome()
    requests = [each.encode() for each in order.requests]
    started = time.perf_counter()
    askers = [
        (await loop.create_connection(
            lambda at=at: Asking(loop, requests, at, order.concurrency, started + order.seconds, outcome), "127.0.0.1", order.port
        ))[1]
        for at in range(order.concurrency)
    ]  # fmt: skip
    async with asyncio.timeout(order.seconds + PATIENCE_S):
        await asyncio.gather(*(asker.done for asker in askers))
    outcome.seconds = time.perf_counter() - started
    return outcome


if __name__ == "__main__":
    print(uvloop.run(run(Order(**json.load(sys.stdin)))).as_json())
