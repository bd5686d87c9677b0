"""Counting requests by route: never the address as asked, a query string or a body."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.routing import Match, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.telemetry import REGISTRY, SECONDS, is_debugging, logger

log = logger("hub.app")


class RequestMetrics:
    """Counts the requests of one route in plain numbers: prometheus' own locks cost as much as finding out who asks."""

    def __init__(self, route: str) -> None:
        self.route, self.seconds = route, 0.0
        self.statuses: dict[int, int] = {}
        self.buckets = [0] * (len(SECONDS) + 1)

    def __call__(self, status: int, seconds: float) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.buckets[bisect_left(SECONDS, seconds)] += 1
        self.seconds += seconds
        if is_debugging():
            log.debug("request", route=self.route, status=status, duration_ms=round(seconds * 1000, 1))


class _Requests(Collector):
    """Hands the counts of every route to whoever asks for metrics."""

    def __init__(self) -> None:
        self.routes: dict[str, RequestMetrics] = {}

    def collect(self) -> Iterator[Metric]:
        counted = CounterMetricFamily("hub_requests", "HTTP requests answered.", labels=("route", "status"))
        timed = HistogramMetricFamily("hub_request_seconds", "Time of one HTTP request.", labels=("route",))
        for one in self.routes.values():
            for status, count in one.statuses.items():
                counted.add_metric((one.route, str(status)), count)
            names = (*(str(float(bound)) for bound in SECONDS), "+Inf")
            timed.add_metric((one.route,), list(zip(names, accumulate(one.buckets), strict=True)), one.seconds)
        yield counted
        yield timed


_REQUESTS = _Requests()
REGISTRY.register(_REQUESTS)


def metrics_of(route: str) -> RequestMetrics:
    """The counts of a route, one for the whole process."""
    found = _REQUESTS.routes.get(route)
    if found is None:
        found = _REQUESTS.routes[route] = RequestMetrics(route)
    return found


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
    return next((one.path for one in routes if isinstance(one, Route | Mount) and one.matches(scope)[0] is not Match.NONE), "other")
