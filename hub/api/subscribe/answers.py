"""An executed event and its encodings: each is made once, however many subscribers it goes to. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import orjson

TEXT = 0x81
"""A final text frame (RFC 6455); what a server sends is not masked."""


@dataclass(slots=True)
class Answer:
    """One execution result: ``payload`` is ``{"data": …}`` as JSON.

    ``position`` is its place in the feed, 0 for what has none; ``cursor`` is what a reader resumes by, empty where it
    cannot (inside a snapshot, and for records, which are told anew).
    """

    payload: bytes
    position: int = 0
    cursor: str = ""
    _prefix: bytes = field(default=b"", init=False)
    _frame: bytes = field(default=b"", init=False)
    _event: bytes = field(default=b"", init=False)

    def frame(self, prefix: bytes) -> bytes:
        """The websocket frame of this answer for an operation (see :func:`next_prefix`).

        Subscribers whose operations have the same id share the very bytes.

        >>> Answer(b'{"data":1}').frame(next_prefix("a"))
        b'\\x81-{"id":"a","type":"next","payload":{"data":1}}'
        """
        if prefix is not self._prefix:
            body = self.payload
            self._frame = b"".join((frame_head(len(prefix) + len(body) + 1), prefix, body, b"}"))
            self._prefix = prefix
        return self._frame

    def event(self) -> bytes:
        """The server-sent event, the same for all.

        >>> Answer(b'{"data":1}', 7, "Q").event()
        b'event: next\\nid: Q\\ndata: {"data":1}\\n\\n'
        """
        if not self._event:
            id = f"id: {self.cursor}\n".encode() if self.cursor else b""
            self._event = b"".join((b"event: next\n", id, b"data: ", self.payload, b"\n\n"))
        return self._event


@lru_cache(maxsize=1024)
def next_prefix(operation_id: str) -> bytes:
    """The beginning of every ``next`` message of an operation, up to its payload; the same object for the same id."""
    return b'{"id":' + orjson.dumps(operation_id) + b',"type":"next","payload":'


def text_frame(message: bytes) -> bytes:
    """A whole message as one unmasked text frame.

    >>> text_frame(b"hi")
    b'\\x81\\x02hi'
    """
    return frame_head(len(message)) + message


def frame_head(size: int) -> bytes:
    """Head of a text frame of ``size`` bytes.

    >>> [len(frame_head(size)) for size in (125, 126, 65_535, 65_536)]
    [2, 4, 4, 10]
    """
    if size < 126:
        return bytes((TEXT, size))
    if size < 65_536:
        return bytes((TEXT, 126)) + size.to_bytes(2, "big")
    return bytes((TEXT, 127)) + size.to_bytes(8, "big")
