"""Who may ask the simulated account: OAuth 1.0a signatures, and tokens for an assertion that a certificate's key signed."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from connectors.oauth1 import base_string, signature

CONSUMER_KEY, CONSUMER_SECRET, TOKEN_ID, TOKEN_SECRET = "hub-consumer", "hub-consumer-secret", "hub-token", "hub-token-secret"
CLIENT_ID, CERTIFICATE_ID = "hub-client", "hub-certificate-1"
ALGORITHMS = ("PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
SKEW_S, LONGEST_ASSERTION_S = 300, 3600
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')


@dataclass
class Signing:
    """The credentials of one account. ``certificates`` maps the id of a certificate to its public key (PEM)."""

    account: str
    certificates: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, float] = field(default_factory=dict)
    lifetime_s: int = 3600
    is_revoked: bool = False
    _nonces: set[str] = field(default_factory=set)

    def allows(self, request: web.Request, url: str) -> bool:
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        if scheme == "Bearer":
            return self.tokens.get(rest, 0.0) > time.time()
        return scheme == "OAuth" and not self.is_revoked and self._is_signed(request, url, rest)

    def _is_signed(self, request: web.Request, url: str, header: str) -> bool:
        told = {name: unquote(value) for name, value in _PARAMETER.findall(header)}
        if told.pop("realm", "") != self.account or told.get("oauth_consumer_key") != CONSUMER_KEY or told.get("oauth_token") != TOKEN_ID:
            return False
        given, stamp, nonce = told.pop("oauth_signature", ""), told.get("oauth_timestamp", ""), told.get("oauth_nonce", "")
        if (
            told.get("oauth_signature_method") != "HMAC-SHA256"
            or not stamp.isdecimal()
            or abs(int(stamp) - time.time()) > SKEW_S
            or nonce in self._nonces
        ):
            return False
        text = base_string(request.method, f"{url}{request.raw_path}", list(told.items()))
        if signature(text, CONSUMER_SECRET, TOKEN_SECRET, "HMAC-SHA256") != given:
            return False
        self._nonces.add(nonce)
        return True

    def token(self, form: Mapping[str, Any], url: str) -> dict[str, Any] | None:
        """What the token endpoint answers, None when the assertion does not hold."""
        if (
            form.get("grant_type") != "client_credentials"
            or form.get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        ):
            return None
        told = str(form.get("client_assertion"))
        try:
            header = jws.extract_compact(told.encode()).headers()
            algorithm, key = str(header.get("alg")), self.certificates.get(str(header.get("kid")), "")
            if algorithm not in ALGORITHMS or not key:
                return None
            claims = jwt.decode(told, import_key(key, "RSA" if algorithm.startswith("PS") else "EC"), algorithms=[algorithm]).claims
        except (JoseError, ValueError):
            return None
        age = float(claims.get("exp", 0)) - float(claims.get("iat", 0))
        fits = claims.get("iss") == CLIENT_ID and claims.get("aud") == url and "rest_webservices" in str(claims.get("scope"))
        if not fits or not 0 < age <= LONGEST_ASSERTION_S or float(claims["exp"]) < time.time():
            return None
        token = f"token-{len(self.tokens) + 1:06d}-{time.monotonic_ns()}"
        self.tokens[token] = time.time() + self.lifetime_s
        return {"access_token": token, "expires_in": str(self.lifetime_s), "token_type": "bearer"}
