"""Which pages of other sites may call the api from a browser: those of ``HUB_CORS_ORIGINS``, with a key of their own.

Nothing is allowed by cookie, so credentials are never mentioned. Other origins get answers without a word about them,
which their browsers keep from them.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = b"GET, HEAD, POST"
SENT = (
    b"authorization, content-type, accept, x-correlation-id, if-none-match, last-event-id, x-apollo-operation-name, "
    b"apollo-require-preflight, graphql-require-preflight, x-graphql-event-stream-token"
)
READ = (
    b"x-correlation-id, etag, retry-after, ratelimit, ratelimit-policy, ratelimit-limit, ratelimit-remaining, ratelimit-reset, "
    b"content-disposition, x-export-at, x-export-cursor"
)
REMEMBERED_S = b"600"


def origins_of(setting: str) -> frozenset[bytes]:
    """The origins of ``HUB_CORS_ORIGINS``.

    >>> sorted(origins_of("https://a.example, https://b.example:8443/"))
    [b'https://a.example', b'https://b.example:8443']
    """
    return frozenset(one.strip().rstrip("/").lower().encode() for one in setting.split(",") if one.strip())


class Cors:
    """Answers preflights and marks answers for allowed origins."""

    def __init__(self, app: ASGIApp, origins: frozenset[bytes]) -> None:
        self._app, self._origins = app, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = dict(scope["headers"]) if scope["type"] == "http" else {}
        origin = head.get(b"origin")
        if origin is None:
            await self._app(scope, receive, send)
            return
        is_allowed = origin.lower() in self._origins
        if scope["method"] == "OPTIONS" and b"access-control-request-method" in head:
            await send({"type": "http.response.start", "status": 204, "headers": self._preflight(origin) if is_allowed else [_VARY]})
            await send({"type": "http.response.body", "body": b""})
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                allowed = [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", READ)] if is_allowed else []
                message = {**message, "headers": [*message.get("headers", ()), _VARY, *allowed]}
            await send(message)

        await self._app(scope, receive, marked)

    def _preflight(self, origin: bytes) -> list[tuple[bytes, bytes]]:
        return [
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", SENT),
            (b"access-control-max-age", REMEMBERED_S),
            _VARY,
        ]


_VARY = (b"vary", b"origin")
