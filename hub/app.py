"""The api process: GraphQL, webhooks, bulk ingest, the console, health and metrics in one starlette application."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from operator import attrgetter
from time import monotonic
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Message, Receive, Scope, Send

from connectors.shipped import extended, vendors
from hub import tracing
from hub.api import landing
from hub.api.auth import Keys
from hub.api.context import Services
from hub.api.cors import Cors, origins_of
from hub.api.doors import Doors
from hub.api.errors import ApiError, Code
from hub.api.export.door import Exports
from hub.api.export.stream import MOST_AT_ONCE, Exporter
from hub.api.health import Health
from hub.api.http import GraphQLEndpoint, correlation_of_head, refusal
from hub.api.in_process import InProcess
from hub.api.pages import asset
from hub.api.rates import Rates
from hub.api.run import Runner
from hub.api.schema import build
from hub.api.subscribe.doors import SubscriptionDoors
from hub.api.subscribe.outlets import carried
from hub.api.watched import Watched, metrics_of
from hub.connections import Connections, connect
from hub.console.app import Console, templates
from hub.console.shell import Shell
from hub.faults import now
from hub.files import read_records
from hub.flows.onboarding_step import Tools
from hub.flows.receive import Bounds, Receiver
from hub.flows.watch import STANDING_IN_S, watch_forever
from hub.garbage import spare_what_is_there
from hub.settings import Settings
from hub.store.configuration import ConfigurationCache
from hub.store.ids import new_id
from hub.store.pool import TenantPool, open_worker_pool
from hub.telemetry import watch_pool


def create_app(settings: Settings, *, is_alone: bool = False) -> Starlette:
    """The application; pools open when it starts and close when it ends. ``is_alone``: the process is for nothing else."""
    schema = build()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        worker_pool = await open_worker_pool(settings.need("worker_url"), settings.pool_size, "hub-api-flows")
        api_pool = TenantPool(settings.need("api_url"), settings.pool_size)
        connected = Connections(worker_pool, settings)
        watch_pool("flows", worker_pool.get_size, lambda: worker_pool.get_size() - worker_pool.get_idle_size(), settings.pool_size)
        watch_pool("reads", lambda: api_pool.open_count, lambda: api_pool.busy_count, settings.pool_size)
        services = Services(
            api_pool, worker_pool, secret_of(settings), settings.need("secret_key"), now, new_id,
            ConfigurationCache(), Receiver(worker_pool, now, bounds_of(settings)), settings, resources_of, extended,
            connected.get,
        )  # fmt: skip
        keys = Keys(lambda: worker_pool, now)
        app.state.services, app.state.keys = services, keys
        runner, rates = Runner(schema, services), Rates(settings, monotonic)
        app.state.graphql = GraphQLEndpoint(runner, services, keys, rates)
        runner.warm("{ me { role } }")  # the first check of a document checks the whole schema, which takes a second
        app.state.graphql.prepare()
        app.state.doors = Doors(services, keys, connected.get)
        app.state.health = Health(worker_pool, settings.redis_url, keys)
        exporter = Exporter(TenantPool(settings.need("api_url"), MOST_AT_ONCE, "hub-export"))
        app.state.exports = Exports(services, keys, rates, exporter, schema._schema)
        app.state.subscriptions = SubscriptionDoors(schema._schema, runner, app.state.graphql, rates, services, keys)
        shell = Shell(
            worker_pool, InProcess(runner, settings.request_timeout_s).ask, settings, services.configurations, templates(), now, new_id
        )
        app.state.console = Console(shell, keys)
        app.state.tools = Tools(read_records, connected.get, resources_of, vendors(), extended)
        stop, watching = asyncio.Event(), None
        if is_alone:
            spare_what_is_there()
            watching = asyncio.create_task(watch_forever(worker_pool, settings, stop, look_every_s=STANDING_IN_S))
        try:
            yield
        finally:
            stop.set()
            if watching is not None:
                await watching
            await app.state.subscriptions.aclose()
            await app.state.health.aclose()
            await exporter.aclose()
            await connected.aclose()
            await api_pool.close()
            await worker_pool.close()

    app = Hub(settings.most_concurrent, routes=ROUTES, lifespan=lifespan, exception_handlers={HTTPException: _told})
    app.add_middleware(Watched, routes=lambda: ROUTES)
    if origins := origins_of(settings.cors_origins):
        app.cors = Cors(app.serve, origins)
    return app


class Hub(Starlette):
    """Starlette with a door of its own for GraphQL, and a bound on the requests in hand."""

    def __init__(self, most_concurrent: int, **given: Any) -> None:
        super().__init__(**given)
        self._most_concurrent, self._in_hand = most_concurrent, 0
        self.cors: Cors | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say 503 at once when too much is in hand; whoever asks for our health is always told."""
        path = scope.get("path", "")
        if scope["type"] == "websocket" and path == "/graphql":
            await self.state.subscriptions.sockets(scope, receive, send)
        elif scope["type"] != "http" or path in ALWAYS_TOLD:
            await super().__call__(scope, receive, send)
        elif tracing.is_on() and "hub.traced" not in scope:
            await self._traced(scope, receive, send)
        elif path == "/graphql/stream":
            await (self.cors or self.serve)(carried(scope, send), receive, send)
        elif self._in_hand < self._most_concurrent:
            self._in_hand += 1
            try:
                await (self.cors or (self.state.graphql if path == "/graphql" else self.serve))(scope, receive, send)
            finally:
                self._in_hand -= 1
        else:
            metrics_of("busy")(503, 0.0)
            busy = ApiError(Code.UNAVAILABLE, "too many requests are in hand", remedy="Try again shortly.")
            await refusal(busy, str(new_id()))(scope, receive, send)

    async def _traced(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The request in a span of the caller's trace, or of the one its correlation id names; a request without either gets one."""
        head = dict(scope["headers"])
        parent = head.get(b"traceparent", b"").decode("latin-1")
        correlation_id = correlation_of_head(head) or str(new_id())
        if b"x-correlation-id" not in head:
            scope["headers"] = [*scope["headers"], (b"x-correlation-id", correlation_id.encode())]
        scope["hub.traced"] = True
        route = "/" + scope["path"].split("/")[1]
        with tracing.span(f"{scope['method']} {route}", correlation_id=correlation_id, traceparent=parent, kind="server", method=scope["method"], route=route) as span:

            async def told(message: Message) -> None:
                if message["type"] == "http.response.start":
                    tracing.note(span, status=message["status"])
                await send(message)

            await self(scope, receive, told)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GraphQL and what is sent to us before any routing, which would cost as much as reading a record."""
        path = scope["path"]
        if path == "/graphql":
            await self.state.graphql(scope, receive, send)
        elif scope["method"] == "POST" and path.startswith(DOORS) and (door := self.state.doors.at(path)) is not None:
            await door(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


ALWAYS_TOLD = frozenset({"/health", "/metrics"})
DOORS = ("/ingest/", "/hooks/")


def _served_by(name: str) -> Callable[[Request], Awaitable[Response]]:
    """A handler that the lifespan has put into the application's state under this name, dotted."""
    handler = attrgetter(name)

    async def serve(request: Request) -> Response:
        answer: Response = await handler(request.app.state)(request)
        return answer

    return serve


async def _graphql(request: Request) -> Response:
    """Never reached: :class:`Hub` serves the address itself. It stands among the routes to be found there."""
    raise NotImplementedError


async def _console(scope: Scope, receive: Receive, send: Send) -> None:
    await scope["app"].state.console(scope, receive, send)


ROUTES: tuple[BaseRoute, ...] = (
    Route("/", landing.home),
    Route("/assets/{name}", asset),
    Route("/graphql", _graphql),
    Route("/graphql/stream", _served_by("subscriptions.streams"), methods=["GET", "POST"]),
    Route("/hooks/{system}", _served_by("doors.hook"), methods=["POST"]),
    Route("/hooks/{tenant}/{system}", _served_by("doors.hook"), methods=["POST"]),
    Route("/ingest/{system}", _served_by("doors.lines"), methods=["POST"]),
    Route("/export/{entities}", _served_by("exports.post"), methods=["POST"]),
    Route("/export/{token}", _served_by("exports.get"), methods=["GET"]),
    Route("/health", _served_by("health.health")),
    Route("/metrics", _served_by("health.metrics")),
    Mount("/console", app=_console),
)


async def _told(request: Request, error: Exception) -> Response:
    """404 and 405 as JSON, like every other answer."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    message = "there is nothing at this address" if status == 404 else "this address does not take this method"
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    code = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}.get(status, "BAD_REQUEST")
    body = {"errors": [{"message": message, "extensions": {"code": code, "retryable": False}}]}
    return Response(orjson.dumps(body), status, headers, "application/json")


def resources_of(document: Mapping[str, Any], variables: Mapping[str, str]) -> tuple[str, ...]:
    """What the connector of a document can poll; nothing for a system without one. Raises ConfigurationError."""
    name = document.get("connector")
    return connect(name, dict(document), dict(variables)).capabilities.resources if isinstance(name, str) and name else ()


def bounds_of(settings: Settings) -> Bounds:
    """How much may wait to be stored."""
    return Bounds(settings.intake_waiting, settings.intake_waiting_bytes, settings.intake_timeout_s)


def secret_of(settings: Settings) -> bytes:
    """What cursors are signed with, derived from the secret key so that no two uses share a key."""
    return hashlib.sha256(b"hub cursors:" + settings.need("secret_key").encode()).digest()
