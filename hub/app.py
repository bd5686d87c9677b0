"""The api process: GraphQL, webhooks, bulk ingest, health and metrics in one starlette application."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.auth import Keys
from hub.api.context import Services
from hub.api.http import GraphQLEndpoint
from hub.api.schema import build
from hub.settings import Settings
from hub.flows.receive import Receiver
from hub.store.configuration import ConfigurationCache
from hub.store.ids import new_id
from hub.store.pool import TenantPool, open_worker_pool


def create_app(settings: Settings) -> Starlette:
    """The application; pools open when it starts and close when it ends."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        worker_pool = await open_worker_pool(settings.need("worker_url"), settings.pool_size, "hub-api-flows")
        api_pool = TenantPool(settings.need("api_url"), settings.pool_size)
        services = Services(
            api_pool, worker_pool, secret_of(settings), settings.need("secret_key"), now, new_id,
            ConfigurationCache(), Receiver(worker_pool, now),
        )  # fmt: skip
        app.state.services = services
        app.state.graphql = GraphQLEndpoint(build(), services, Keys(lambda: worker_pool, now))
        try:
            yield
        finally:
            await api_pool.close()
            await worker_pool.close()

    async def graphql(request: Request) -> Response:
        answer: Response = await request.app.state.graphql(request)
        return answer

    return Starlette(routes=[Route("/graphql", graphql, methods=["GET", "POST"])], lifespan=lifespan)


def secret_of(settings: Settings) -> bytes:
    """What cursors are signed with, derived from the secret key so that no two uses share a key."""
    return hashlib.sha256(b"hub cursors:" + settings.need("secret_key").encode()).digest()


def now() -> datetime:
    return datetime.now(UTC)
