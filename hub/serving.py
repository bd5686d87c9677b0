"""How uvicorn serves the hub: httptools, and deadlines for clients that send slowly or too much.

A head must be there 10 s after it began (or after the connection was made), a body 30 s after its head; else the
connection is closed, with 408 where nothing was answered yet. Whole requests mostly arrive in one piece, so no timer is
ever set for them.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hub.settings import Settings

LARGEST_HEAD_BYTES = 65_536


def uvicorn_options(settings: Settings) -> dict[str, Any]:
    """What ``uvicorn.run`` and ``uvicorn.Config`` are given besides the application and where it listens."""
    return {
        "http": patient(settings.head_timeout_s, settings.body_timeout_s),  # h11 answers one request with both Content-Length and chunked twice
        "access_log": False,  # it prints whole query strings
        "log_config": None,
        "server_header": False,
        "timeout_graceful_shutdown": 8,
        "ws_ping_interval": None,  # subscriptions have a heartbeat of their own (hub.api.subscribe.sockets)
        "ws_max_size": 1_100_000,  # as much as a body over HTTP; a longer message ends the connection
        "ws_per_message_deflate": False,  # a window a connection; what is written straight to transports is plain anyway
    }


def patient(head_timeout_s: float, body_timeout_s: float) -> type[asyncio.Protocol]:
    """uvicorn's protocol with these deadlines."""
    return type("Patient", (Deadlines,), {"head_timeout_s": head_timeout_s, "body_timeout_s": body_timeout_s})


class Deadlines(HttpToolsProtocol):
    """Closes connections that take too long to say what they want."""

    head_timeout_s: float = Settings.head_timeout_s
    body_timeout_s: float = Settings.body_timeout_s
    _timer: asyncio.TimerHandle | None = None
    _has_begun = False
    _has_head = False
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._timer = self.loop.call_later(self.head_timeout_s, self._too_slow)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._has_begun:
            self._rest()
            return
        if not self._has_head:
            self._head_bytes += len(data)
            if self._head_bytes > LARGEST_HEAD_BYTES:
                self._end(b"431 Request Header Fields Too Large")
                return
        if self._timer is None:
            timeout_s = self.body_timeout_s if self._has_head else self.head_timeout_s
            self._timer = self.loop.call_later(timeout_s, self._too_slow)

    def handle_websocket_upgrade(self) -> None:
        super().handle_websocket_upgrade()
        self._has_begun = False

    def on_message_begin(self) -> None:
        self._has_begun, self._has_head, self._head_bytes = True, False, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._has_head = True
        super().on_headers_complete()
        self._rest()

    def on_message_complete(self) -> None:
        self._has_begun = False
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        self._end(b"408 Request Timeout")

    def _end(self, status: bytes) -> None:
        """Close; say why where that cannot be taken for the answer to an earlier request."""
        self._rest()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or (self._has_head and not self.cycle.response_started):
            self.transport.write(b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        self.transport.close()
