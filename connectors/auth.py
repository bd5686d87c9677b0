"""How we say who we are: nothing, a token, a user and password, an API key, OAuth 2.0 client credentials."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from connectors.errors import CredentialsError, SchemaDriftError

if TYPE_CHECKING:
    from connectors.http import HttpClient

Headers = Mapping[str, str]


class Auth(Protocol):
    """Gives the headers of a request, and fresh ones when the system no longer takes those it was given."""

    async def headers(self, client: HttpClient) -> Headers: ...

    async def renew(self, client: HttpClient, refused: Headers) -> Headers | None:
        """Other headers than the ``refused`` ones, or None when there is nothing to renew."""
        ...


@dataclass(frozen=True)
class FixedHeaders:
    """Credentials that do not change by themselves; never shown by ``repr``."""

    values: Headers = field(default_factory=dict, repr=False)

    async def headers(self, client: HttpClient) -> Headers:
        return self.values

    async def renew(self, client: HttpClient, refused: Headers) -> Headers | None:
        return None


def no_auth() -> FixedHeaders:
    return FixedHeaders()


def bearer(token: str) -> FixedHeaders:
    return FixedHeaders({"authorization": f"Bearer {token}"})


def basic(user: str, password: str) -> FixedHeaders:
    return FixedHeaders({"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()})


def api_key(header: str, key: str) -> FixedHeaders:
    return FixedHeaders({header: key})


@dataclass
class ClientCredentials:
    """OAuth 2.0 client credentials. Concurrent callers share one renewal; it happens ``early_s`` before expiry, and on a 401."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""
    early_s: float = 30.0
    clock: Callable[[], float] = time.monotonic
    renewals: int = 0
    _token: str = field(default="", repr=False)
    _expires_at: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def headers(self, client: HttpClient) -> Headers:
        if not self._token or self.clock() >= self._expires_at:
            await self._renew_unless_changed(client, self._token)
        return self._as_headers()

    async def renew(self, client: HttpClient, refused: Headers) -> Headers | None:
        await self._renew_unless_changed(client, refused.get("authorization", "").removeprefix("Bearer "))
        return self._as_headers()

    def _as_headers(self) -> Headers:
        return {"authorization": f"Bearer {self._token}"}

    async def _renew_unless_changed(self, client: HttpClient, stale: str) -> None:
        async with self._lock:
            if self._token and self._token != stale:
                return
            form = {"grant_type": "client_credentials", "client_id": self.client_id, "client_secret": self.client_secret}
            answer = await client.request_unauthenticated("POST", self.token_url, form | ({"scope": self.scope} if self.scope else {}))
            system = client.settings.system
            if answer.status >= 400:
                raise CredentialsError(f"{system} gives no token for our client", system=system, status=answer.status)
            try:
                given = answer.json()
                self._token = str(given["access_token"])
                lifetime_s = float(given.get("expires_in") or 3600)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise SchemaDriftError(f"{system} answered no access_token", system=system, path="access_token") from error
            # a very short-lived token must not be renewed with every request
            self._expires_at = self.clock() + max(lifetime_s - self.early_s, lifetime_s / 2)
            self.renewals += 1

