"""Is the hub well: ``/health`` for whoever restarts it, ``/metrics`` for Prometheus.

``/health`` tells strangers no more than up or down and how far work lags; metrics name systems, so they are for an
admin's key or a process on the same machine.
"""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response

from hub import __version__
from hub.api.access import Role
from hub.api.auth import Keys
from hub.api.gauges import Gauges
from hub.api.http import refusal
from hub.store.pool import Pool
from hub.telemetry import REGISTRY, UNSETTLED_AGE

PATIENCE_S = 3

_LAG = """
    SELECT count(*) AS open, coalesce(extract(epoch FROM clock_timestamp() - min(due_at)), 0)::float8 AS oldest_s
      FROM hub.inbox_open
"""


class Health:
    """Looks at what this process depends on."""

    def __init__(self, pool: Pool, redis_url: str | None, keys: Keys) -> None:
        self._pool, self._keys, self._gauges = pool, keys, Gauges(pool)
        self._redis: Redis | None = Redis.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1) if redis_url else None

    async def health(self, request: Request) -> Response:
        """200 while Postgres answers, else 503. Redis being away is told and harmless."""
        postgres, lag = await self._postgres()
        found: dict[str, Any] = {
            "status": "ok" if postgres == "ok" else "unavailable",
            "postgres": postgres,
            "redis": await self._ping(),
            "lag": lag,
            "version": __version__,
        }
        headers = {"cache-control": "no-store"} | ({} if postgres == "ok" else {"retry-after": "2"})
        return Response(orjson.dumps(found), 200 if postgres == "ok" else 503, headers, "application/json")

    async def _postgres(self) -> tuple[str, dict[str, Any] | None]:
        try:
            async with asyncio.timeout(PATIENCE_S):
                row = await self._pool.fetchrow(_LAG)
        except Exception:  # noqa: BLE001 - whatever it is, Postgres does not answer
            return "down", None
        age = max(row["oldest_s"], 0.0)
        UNSETTLED_AGE.set(age)
        return "ok", {"inboxOpen": row["open"], "oldestS": round(age, 3)}

    async def _ping(self) -> str:
        if self._redis is None:
            return "absent"
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._redis.ping()
        except (RedisError, OSError, TimeoutError):
            return "down"
        return "ok"

    async def metrics(self, request: Request) -> Response:
        """This process's counters, and what the tables tell of all of them."""
        try:
            if not _is_local(request):
                (await self._keys.principal(request)).need(Role.ADMIN)
        except Exception as error:  # noqa: BLE001 - the door: nothing may pass it unmasked
            return refusal(error, "")
        return Response(generate_latest(REGISTRY) + await self._gauges.text(), 200, {"content-type": CONTENT_TYPE_LATEST})

    async def aclose(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()


def _is_local(request: Request) -> bool:
    """A direct call from this machine; a proxy's says for whom it asks."""
    host = request.client.host if request.client else ""
    return host in ("127.0.0.1", "::1") and not any(
        name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip")
    )
