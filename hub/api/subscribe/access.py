"""Who may connect, and for how long: keys are looked at again while a connection lasts, and web pages only from known origins."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from starlette.requests import Request

from hub.api.access import Principal
from hub.api.auth import Keys
from hub.api.subscribe.feeds import AWAY

CHECK_EVERY_S = 2.0


class Guest(Protocol):
    """A connection that lasts as long as its key."""

    def expire(self, reason: str) -> None: ...


def presented(authorization: str, scope: Mapping[str, Any]) -> Request:
    """A request that presents this authorization from the address of a connection."""
    headers = [(b"authorization", authorization.encode("latin-1", "replace"))]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers, "client": scope.get("client")})


class Visits:
    """Looks at the keys of all connections again and again; a key many connections share is looked up once."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._visits: dict[str, tuple[Request, Principal, set[Guest]]] = {}
        self._task = asyncio.create_task(self._check_forever())

    async def admit(self, request: Request, guest: Guest) -> Principal:
        """Who comes; raises what :meth:`Keys.principal` raises. From now on the guest ends with the key."""
        principal = await self._keys.principal(request)
        name = request.headers.get("authorization", "")
        _, known, guests = self._visits.setdefault(name, (request, principal, set()))
        guests.add(guest)
        return known

    def leave(self, guest: Guest) -> None:
        for name, (_, _, guests) in tuple(self._visits.items()):
            guests.discard(guest)
            if not guests:
                del self._visits[name]

    async def _check_forever(self) -> None:
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            for request, principal, guests in tuple(self._visits.values()):
                try:
                    found = await self._keys.find(request)
                except AWAY:
                    continue
                if found != principal:
                    reason = "the key has ended" if found is None else "the rights of the key have changed"
                    for guest in tuple(guests):
                        guest.expire(reason)

    def stop(self) -> None:
        self._task.cancel()


def is_welcome(headers: Mapping[str, str], allowed: frozenset[bytes]) -> bool:
    """Whether a websocket may be opened from where it comes: no page at all, a page of ours, or one of an allowed origin.

    Browsers let any page open a websocket and only tell its origin; ``allowed`` are those of HUB_CORS_ORIGINS.

    >>> is_welcome({}, frozenset()), is_welcome({"origin": "http://hub:8080", "host": "hub:8080"}, frozenset())
    (True, True)
    >>> [is_welcome({"origin": one, "host": "hub"}, frozenset({b"https://portal.example"})) for one in ("https://portal.example", "null")]
    [True, False]
    """
    origin = headers.get("origin", "").lower()
    if not origin or origin.encode("latin-1", "replace") in allowed:
        return True
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc == headers.get("host", "").lower() != ""
