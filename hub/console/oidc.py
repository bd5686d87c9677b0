"""Signing in through an OpenID Connect provider: authorization code with PKCE, everything the id token says verified.

Who somebody is to the hub follows from claims: ``HUB_OIDC_ROLES`` and ``HUB_OIDC_TEAMS`` name which claim means which role
and which team. Somebody without a role stays outside.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from uuid import NAMESPACE_URL, uuid5

import aiohttp
import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hub.api.access import Principal, Role
from hub.console.sessions import TEAMS, Identity
from hub.errors import RequestError, SettingError
from hub.settings import Settings
from hub.store import sessions
from hub.store.pool import Pool

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Only such with the provider's own key; never one made with our secret, never none."""
KEPT = timedelta(hours=1)
TIMEOUT = aiohttp.ClientTimeout(total=10)
LEEWAY_S = 60
RANK = (Role.ADMIN, Role.STEWARD, Role.READER)


class OidcError(RequestError):
    """The provider did not vouch for somebody. ``is_refusal``: it did, and they may not enter."""

    def __init__(self, message: str, remedy: str = "", *, is_refusal: bool = False) -> None:
        super().__init__("UNAUTHENTICATED", message, remedy=remedy)
        self.is_refusal = is_refusal


@dataclass(frozen=True, slots=True)
class Claim:
    """``claim:value=meaning``: somebody whose claim holds the value has the role or team."""

    name: str
    value: str
    meaning: str


def claims_of(setting: str, text: str, allowed: tuple[str, ...]) -> tuple[Claim, ...]:
    """Read a list of claims; raises :class:`SettingError`.

    >>> claims_of("HUB_OIDC_ROLES", "groups:hub-admins=admin, email:ada@firm.example=steward", ("admin", "steward"))[1].value
    'ada@firm.example'
    """
    found = []
    for one in (part.strip() for part in text.split(",") if part.strip()):
        left, _, meaning = one.rpartition("=")
        name, _, value = left.partition(":")
        if not name or not value or meaning not in allowed:
            raise SettingError(setting, f"must be a list of claim:value=… with one of {', '.join(allowed)}")
        found.append(Claim(name, value, meaning))
    return tuple(found)


def provider_of(settings: Settings, now: Any) -> Provider | None:
    """The provider of the settings; None without one. Raises :class:`SettingError`."""
    if not settings.oidc_issuer:
        return None
    parts = urlsplit(settings.oidc_issuer)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise SettingError("HUB_OIDC_ISSUER", "must begin with https://")
    if not settings.oidc_client_id:
        raise SettingError("HUB_OIDC_CLIENT_ID", "is needed with HUB_OIDC_ISSUER")
    roles = claims_of("HUB_OIDC_ROLES", settings.oidc_roles, tuple(role.value for role in RANK))
    return Provider(settings, roles, claims_of("HUB_OIDC_TEAMS", settings.oidc_teams, TEAMS), now)


class Provider:
    """One identity provider; what it publishes of itself is kept for an hour."""

    def __init__(self, settings: Settings, roles: tuple[Claim, ...], teams: tuple[Claim, ...], now: Any) -> None:
        self._settings, self._roles, self._teams, self._now = settings, roles, teams, now
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._document: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    async def authorization(self, callback: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in."""
        document = await self._discover()
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code", "client_id": self._settings.oidc_client_id, "redirect_uri": callback,
            "scope": self._settings.oidc_scope, "state": state, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        address = document["authorization_endpoint"]
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    async def identity(self, pool: Pool, code: str, callback: str, nonce: str, verifier: str) -> Identity:
        """Change the code for an id token, verify it, and say who that is here. Raises :class:`OidcError`."""
        claims = await self._claims(await self._token(code, callback, verifier), nonce)
        roles = set(meanings(claims, self._roles))
        role = next((one for one in RANK if one.value in roles), None)
        if role is None:
            raise OidcError("you have no role in the hub", "Ask an admin of the hub for one.", is_refusal=True)
        async with pool.acquire() as connection:
            tenant = await sessions.tenant_of(connection, self._settings.oidc_tenant)
        if tenant is None:
            raise OidcError("it is not said which tenant you belong to", "An admin sets HUB_OIDC_TENANT.")
        person_id = uuid5(NAMESPACE_URL, f"{self._issuer}#{claims['sub']}")
        name = name_of(claims)
        teams = tuple(team for team in TEAMS if team in set(meanings(claims, self._teams)))
        return Identity(Principal(*tenant, person_id, role, name), person_id, None, str(claims.get("name") or name)[:200], teams)

    async def _token(self, code: str, callback: str, verifier: str) -> str:
        document = await self._discover()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": callback, "client_id": self._settings.oidc_client_id,
            "code_verifier": verifier,
        }  # fmt: skip
        secret = self._settings.oidc_client_secret
        if secret and "client_secret_basic" not in document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            form["client_secret"] = secret
            secret = ""
        answer = await self._json("POST", document["token_endpoint"], data=form, headers=basic(form["client_id"], secret) if secret else {})
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise OidcError("the identity provider did not take the code", "Try again.")
        return token

    async def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        """What an id token says, once every one of its promises holds."""
        try:
            decoded = await self._decoded(token)
        except (JoseError, ValueError) as error:
            raise OidcError("the identity provider's token is not good") from error
        claims = decoded.claims
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        now = self._now().timestamp()
        client = self._settings.oidc_client_id
        is_good = (
            claims.get("iss", "").rstrip("/") == self._issuer
            and client in audiences
            and (len(audiences) == 1 or claims.get("azp") == client)
            and _seconds(claims.get("exp")) > now - LEEWAY_S
            and _seconds(claims.get("iat")) < now + LEEWAY_S
            and claims.get("nonce") == nonce
            and isinstance(claims.get("sub"), str)
            and bool(claims["sub"])
        )
        if not is_good:
            raise OidcError("the identity provider's token is not for this sign-in", "Try again.")
        return dict(claims)

    async def _decoded(self, token: str) -> jwt.Token:
        """Check the signature; a key we do not know yet may be a new one, so the keys are fetched once more."""
        try:
            return jwt.decode(token, await self._key_set(), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            self._keys = None
            return jwt.decode(token, await self._key_set(), algorithms=ALGORITHMS)

    async def _key_set(self) -> KeySet:
        if self._keys is None or self._keys[0] < self._now():
            found = await self._json("GET", (await self._discover())["jwks_uri"])
            self._keys = (self._now() + KEPT, KeySet.import_key_set(found))  # type: ignore[arg-type]
        return self._keys[1]

    async def _discover(self) -> dict[str, Any]:
        if self._document is None or self._document[0] < self._now():
            found = await self._json("GET", f"{self._issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self._issuer:
                raise OidcError("the identity provider calls itself by another name", "An admin corrects HUB_OIDC_ISSUER.")
            self._document = (self._now() + KEPT, found)
        return self._document[1]

    async def _json(self, method: str, address: str, **given: Any) -> dict[str, Any]:
        try:
            async with aiohttp.ClientSession(timeout=TIMEOUT) as session, session.request(method, address, allow_redirects=False, **given) as answer:
                raw = await answer.read()
                if answer.status >= 500:
                    raise OidcError("the identity provider does not work", "Try again later.")
                found = orjson.loads(raw)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise OidcError("the identity provider does not answer", "Try again later, or sign in with an API key.") from error
        if not isinstance(found, dict):
            raise OidcError("the identity provider's answer cannot be read")
        return found


def basic(client: str, secret: str) -> dict[str, str]:
    """How a client says who it is: both parts quoted first (RFC 6749, 2.3.1)."""
    return {"authorization": "Basic " + b64encode(f"{quote(client, safe='')}:{quote(secret, safe='')}".encode()).decode()}


def meanings(claims: Mapping[str, Any], wanted: tuple[Claim, ...]) -> Iterator[str]:
    """Roles or teams of somebody with these claims; a claim is a text or a list of them, ``*`` any value."""
    for one in wanted:
        held = claims.get(one.name)
        values = held if isinstance(held, list) else str(held or "").split() if one.name == "scope" else [held]
        if one.value in values or (one.value == "*" and held):
            yield one.meaning


def name_of(claims: Mapping[str, Any]) -> str:
    """How changes name somebody: by an address the provider has not left unverified, else by its own id for them.

    >>> name_of({"sub": "u-1", "email": "ada@firm.example", "email_verified": True}), name_of({"sub": "u-1", "email": "x@y", "email_verified": False})
    ('ada@firm.example', 'u-1')
    """
    email = claims.get("email")
    return str(email if email and claims.get("email_verified", True) is True else claims["sub"])[:200]


def _seconds(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
