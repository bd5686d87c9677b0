"""A small OpenID Connect provider on loopback: discovery, keys, codes for tokens. It can be told to misbehave."""

from __future__ import annotations

import hashlib
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT, SECRET = "hub-console", "provider-secret"


@dataclass
class Provider:
    """``claims`` is what tokens say beside what they must; ``forged`` are changes to what they must say."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    forged: dict[str, Any] = field(default_factory=dict)
    signed_by: str = "own"
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"}))
    asked: dict[str, str] = field(default_factory=dict)

    def authorize(self, location: str) -> str:
        """What the browser does at the provider: it signs in, and comes back with a code."""
        parts = urlsplit(location)
        assert f"{parts.scheme}://{parts.netloc}" == self.issuer
        self.asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return f"?code=good&state={self.asked['state']}"

    async def discovery(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys", "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
        )  # fmt: skip

    async def keys(self, _: web.Request) -> web.Response:
        return web.json_response(KeySet([self.key]).as_dict(private=False))

    async def token(self, request: web.Request) -> web.Response:
        given = await request.post()
        challenge = urlsafe_b64encode(hashlib.sha256(str(given["code_verifier"]).encode()).digest()).decode().rstrip("=")
        login = b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        if (given["code"], login, challenge, given["redirect_uri"]) != ("good", f"{CLIENT}:{SECRET}", self.asked["code_challenge"], self.asked["redirect_uri"]):
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"access_token": "x", "token_type": "Bearer", "id_token": self.id_token()})

    def id_token(self) -> str:
        now = int(time.time())
        told = {"iss": self.issuer, "aud": CLIENT, "sub": "u-1", "iat": now, "exp": now + 300, "nonce": self.asked["nonce"], **self.claims, **self.forged}
        match self.signed_by:
            case "own":
                return jwt.encode({"alg": "RS256", "kid": "one"}, told, self.key)
            case "other":
                return jwt.encode({"alg": "RS256", "kid": "one"}, told, RSAKey.generate_key(2048))
            case "our secret":
                return jwt.encode({"alg": "HS256"}, told, OctKey.import_key(SECRET * 3))
        return ".".join(urlsafe_b64encode(orjson.dumps(part)).decode().rstrip("=") for part in ({"alg": "none"}, told)) + "."


@asynccontextmanager
async def provider() -> AsyncIterator[Provider]:
    """A provider that listens while the block runs."""
    made = Provider()
    app = web.Application()
    app.add_routes([web.get("/.well-known/openid-configuration", made.discovery), web.get("/keys", made.keys), web.post("/token", made.token)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()
