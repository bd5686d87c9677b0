"""Where a connection's bytes go, bounded: a slow reader is noticed here, and never costs more than its bound.

Under uvicorn a websocket's frames are written straight to its transport: one call a socket, no task and no queue.
Elsewhere, and for event streams, a queue and a task carry them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

MOST_BYTES = 256 * 1024
MOST_FRAMES = 1_000
"""What may wait for one connection, beyond what the kernel holds for it."""
_CARRIER = "hub.carrier"


class Outlet(Protocol):
    """Takes encoded frames. ``has_room`` is asked before ``write``; ``room`` waits until there is some again."""

    def has_room(self) -> bool: ...

    def write(self, frame: bytes) -> None: ...

    async def room(self) -> None: ...

    @property
    def is_closed(self) -> bool: ...

    def close(self) -> None: ...


class DirectOutlet:
    """Writes to a websocket's transport; what the kernel does not take at once waits in the transport's buffer."""

    def __init__(self, carrier: WebSocketsSansIOProtocol) -> None:
        self._carrier, self._transport, self._frames = carrier, carrier.transport, 0

    def has_room(self) -> bool:
        waiting = self._transport.get_write_buffer_size()
        if not waiting:
            self._frames = 0
            return True
        return waiting < MOST_BYTES and self._frames < MOST_FRAMES

    def write(self, frame: bytes) -> None:
        self._frames += 1
        self.write_now(frame)

    def write_now(self, frame: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(frame)

    @property
    def waiting_bytes(self) -> Callable[[], int]:
        return self._transport.get_write_buffer_size

    async def room(self) -> None:
        await self._carrier.writable.wait()

    @property
    def is_closed(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        """Nothing runs here."""

    def abort(self) -> None:
        self._transport.abort()


class QueueOutlet:
    """Hands frames one by one to ``send``, which waits while the connection is slow."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        self._send = send
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._more, self._less = asyncio.Event(), asyncio.Event()
        self._is_closed = False
        self._task = asyncio.create_task(self._carry())

    def has_room(self) -> bool:
        return self._bytes < MOST_BYTES and len(self._waiting) < MOST_FRAMES

    def write(self, frame: bytes) -> None:
        if not self._is_closed:
            self._waiting.append(frame)
            self._bytes += len(frame)
            self._more.set()

    async def room(self) -> None:
        while not self._is_closed and (self._bytes > MOST_BYTES // 4 or len(self._waiting) > MOST_FRAMES // 4):
            self._less.clear()
            await self._less.wait()

    async def drained(self) -> None:
        """Wait until everything was handed on."""
        while self._waiting and not self._is_closed:
            self._less.clear()
            await self._less.wait()

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    def close(self) -> None:
        self._is_closed = True
        self._less.set()
        self._task.cancel()

    async def _carry(self) -> None:
        try:
            while True:
                while self._waiting:
                    frame = self._waiting[0]
                    await self._send(frame)
                    self._waiting.popleft()
                    self._bytes -= len(frame)
                    self._less.set()
                self._more.clear()
                await self._more.wait()
        except (OSError, RuntimeError):
            pass  # the connection has ended; whoever reads from it learns so too
        finally:
            self._is_closed = True
            self._less.set()


def carried(scope: Any, send: Any) -> Any:
    """The scope with the object of uvicorn's that carries the connection, taken from the server's own ``send``.

    Middlewares further in wrap ``send``, after which there is no way from it to the transport.
    """
    scope[_CARRIER] = getattr(send, "__self__", None)
    return scope


def socket_of(scope: Any) -> WebSocketsSansIOProtocol | None:
    """What carries a websocket, when it is uvicorn's own protocol."""
    carrier = scope.get(_CARRIER)
    return carrier if isinstance(carrier, WebSocketsSansIOProtocol) else None


def keeps_alive(scope: Any) -> bool:
    """Whether the server means to go on after this response; uvicorn takes that back when it shuts down and waits for it."""
    carrier = scope.get(_CARRIER)
    return not isinstance(carrier, RequestResponseCycle) or carrier.keep_alive
