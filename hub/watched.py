"""Counting requests by route: never the address as asked, a query string or a body."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.telemetry import REQUEST_SECONDS, REQUESTS, is_debugging, logger

log = logger("hub.app")


class RequestMetrics:
    """Notes the requests of one route; its counters are looked up once."""

    def __init__(self, route: str) -> None:
        self._seconds = REQUEST_SECONDS.labels(route)
        self._counts: dict[int, Any] = {}
        self._route = route

    def __call__(self, status: int, seconds: float) -> None:
        count = self._counts.get(status)
        if count is None:
            count = self._counts[status] = REQUESTS.labels(self._route, str(status))
        count.inc()
        self._seconds.observe(seconds)
        if is_debugging():
            log.debug("request", route=self._route, status=status, duration_ms=round(seconds * 1000, 1))


@lru_cache(maxsize=256)
def metrics_of(route: str) -> RequestMetrics:
    return RequestMetrics(route)


class Watched:
    """Notes the requests that starlette routes."""

    def __init__(self, app: ASGIApp, routes: Callable[[], Sequence[Any]]) -> None:
        self._app, self._routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            metrics_of(route_of(self._routes(), scope))(status, time.perf_counter() - started)


def route_of(routes: Sequence[Any], scope: Scope) -> str:
    """The route's pattern; what fits none is one word, so that strangers cannot make up metrics."""
    return next((one.path for one in routes if isinstance(one, Route) and one.matches(scope)[0] is not Match.NONE), "other")
