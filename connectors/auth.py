"""How we say who we are: nothing, a token, a user and password, an API key, OAuth 2.0 by client credentials or a signed assertion."""

from __future__ import annotations

import asyncio
import base64
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable
from urllib.parse import quote

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from connectors.errors import ConfigurationError, CredentialsError, SchemaDriftError

if TYPE_CHECKING:
    from connectors.http import HttpClient

Headers = Mapping[str, str]


class Auth(Protocol):
    """Gives the headers of a request, and fresh ones when the system no longer takes those it was given."""

    async def headers(self, client: HttpClient) -> Headers: ...

    async def renew(self, client: HttpClient, refused: Headers) -> Headers | None:
        """Other headers than the ``refused`` ones, or None when there is nothing to renew."""
        ...


@runtime_checkable
class SignsRequests(Protocol):
    """Credentials that are made for each request alone, and again when the system refuses it once."""

    def signed(self, method: str, url: str, params: Mapping[str, str]) -> Headers:
        """Headers of one request; ``params`` are those of its query and of a form."""
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
class OAuthToken(ABC):
    """An OAuth 2.0 access token. Concurrent callers share one renewal; it happens ``early_s`` before expiry, and on a 401.

    A system that does not say how long a token lives is asked anew after ``lifetime_s``.
    """

    token_url: str
    _: KW_ONLY
    early_s: float = 30.0
    lifetime_s: float = 3600.0
    clock: Callable[[], float] = time.monotonic
    renewals: int = 0
    answered: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What else came with the token (``instance_url`` …)."""
    _token: str = field(default="", repr=False)
    _expires_at: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @abstractmethod
    def form(self) -> dict[str, str]:
        """What the token is asked for with."""

    def form_headers(self) -> Headers:
        """Headers it is asked for with."""
        return {}

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
            answer = await client.request_unauthenticated("POST", self.token_url, self.form(), self.form_headers())
            system = client.settings.system
            if answer.status >= 400:
                raise CredentialsError(f"{system} gives no token for our client{_why(answer)}", system=system, status=answer.status)
            try:
                given = answer.json()
                self._token = str(given["access_token"])
                lifetime_s = float(given.get("expires_in") or self.lifetime_s)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise SchemaDriftError(f"{system} answered no access_token", system=system, path="access_token") from error
            self.answered = {key: value for key, value in given.items() if key != "access_token"}
            # a very short-lived token must not be renewed with every request
            self._expires_at = self.clock() + max(lifetime_s - self.early_s, lifetime_s / 2)
            self.renewals += 1


def _why(answer: Any) -> str:
    """The error code of a token endpoint, such as invalid_grant; its description may quote us and is left out."""
    try:
        code = answer.json().get("error")
    except (ValueError, AttributeError):
        return ""
    return f" ({code})" if isinstance(code, str) and code.replace("_", "").isalnum() and len(code) < 60 else ""


@dataclass
class ClientCredentials(OAuthToken):
    """OAuth 2.0 client credentials: the hub's own id and secret, told in the form or (``secret_in``) by a basic header."""

    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""
    secret_in: Literal["form", "header"] = "form"

    def form(self) -> dict[str, str]:
        told = {} if self.secret_in == "header" else {"client_id": self.client_id, "client_secret": self.client_secret}
        return {"grant_type": "client_credentials", **told} | ({"scope": self.scope} if self.scope else {})

    def form_headers(self) -> Headers:
        # RFC 6749 has both percent-encoded before they are joined
        return basic(quote(self.client_id, safe=""), quote(self.client_secret, safe="")).values if self.secret_in == "header" else {}


@dataclass
class JwtBearer(OAuthToken):
    """OAuth 2.0 with a signed assertion (RFC 7523): ``private_key`` is a PEM text, ``audience`` whom the assertion is for."""

    issuer: str
    subject: str
    audience: str
    private_key: str = field(repr=False)
    algorithm: str = "RS256"
    claims: Mapping[str, Any] = field(default_factory=dict)
    """Further claims, such as a scope."""
    wall: Callable[[], float] = time.time
    valid_s: int = 180

    def form(self) -> dict[str, str]:
        now = int(self.wall())
        told = {"iss": self.issuer, "sub": self.subject, "aud": self.audience, "iat": now, "exp": now + self.valid_s, **self.claims}
        return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion({}, told, self.private_key, self.algorithm)}


@dataclass
class ClientAssertion(OAuthToken):
    """OAuth 2.0 client credentials proved by a signed assertion instead of a secret (RFC 7523, section 2.2).

    ``header`` names the certificate that belongs to ``private_key`` (a PEM text): ``kid``, or a thumbprint.
    """

    issuer: str
    audience: str
    private_key: str = field(repr=False)
    algorithm: str = "PS256"
    header: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    """Further claims, such as a subject or a scope."""
    scope: str = ""
    """A scope that is asked for beside the assertion."""
    wall: Callable[[], float] = time.time
    valid_s: int = 180

    def form(self) -> dict[str, str]:
        now = int(self.wall())
        told = {"iss": self.issuer, "aud": self.audience, "iat": now, "exp": now + self.valid_s, **self.claims}
        form = {
            "grant_type": "client_credentials", "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion(self.header, told, self.private_key, self.algorithm),
        }  # fmt: skip
        return form | ({"scope": self.scope} if self.scope else {})


def assertion(header: Mapping[str, str], claims: Mapping[str, Any], private_key: str, algorithm: str) -> str:
    """A signed JWT. Raises ConfigurationError for a key that is none, or none for the algorithm."""
    try:
        key = import_key(private_key, "RSA" if algorithm.startswith(("RS", "PS")) else "EC")
        return jwt.encode({"alg": algorithm, "typ": "JWT", **header}, dict(claims), key, algorithms=[algorithm])
    except (ValueError, JoseError) as error:
        raise ConfigurationError("auth.private_key: expected a private key in PEM form") from error
