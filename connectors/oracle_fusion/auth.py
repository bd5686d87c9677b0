"""How one signs in to Fusion: a token of the identity domain, an assertion signed by ourselves, or a user's password."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from connectors import auth as auths
from connectors.auth import Auth, Headers
from connectors.errors import ConfigurationError
from connectors.tables import Table

if TYPE_CHECKING:
    from connectors.http import HttpClient

SCOPE = "urn:opc:resource:consumer::all"
VALID_S = 3600
EARLY_S = 300


@dataclass
class UserAssertion:
    """A signed assertion that is the bearer itself: no token is asked for. It names a Fusion user, and is good for an hour at most."""

    issuer: str
    user: str
    private_key: str = field(repr=False)
    thumbprint: str
    """Base64url SHA-1 of the certificate that the administrator uploaded."""
    wall: Callable[[], float] = time.time
    _made: str = field(default="", repr=False)
    _until: float = 0.0

    async def headers(self, client: HttpClient) -> Headers:
        if self.wall() >= self._until:
            self._sign()
        return {"authorization": f"Bearer {self._made}"}

    async def renew(self, client: HttpClient, refused: Headers) -> Headers | None:
        if refused.get("authorization") == f"Bearer {self._made}":
            self._sign()
        return {"authorization": f"Bearer {self._made}"}

    def _sign(self) -> None:
        now = int(self.wall())
        claims = {"iss": self.issuer, "prn": self.user, "iat": now, "exp": now + VALID_S}
        header = {"alg": "RS256", "typ": "JWT", "x5t": self.thumbprint}
        try:
            self._made = jwt.encode(header, claims, import_key(self.private_key, "RSA"), algorithms=["RS256"])
        except (ValueError, JoseError) as error:
            raise ConfigurationError("auth.private_key: expected a private key in PEM form") from error
        self._until = now + VALID_S - EARLY_S


def thumbprint(certificate: str) -> str:
    """The thumbprint of a certificate in PEM form."""
    try:
        der = load_pem_x509_certificate(certificate.encode()).public_bytes(Encoding.DER)
    except ValueError as error:
        raise ConfigurationError("auth.certificate: expected a certificate in PEM form") from error
    return base64.urlsafe_b64encode(hashlib.sha1(der, usedforsecurity=False).digest()).rstrip(b"=").decode()


def read(table: Table) -> Auth:
    """What a document says: the one of the three that its keys belong to."""
    found: Auth
    if "private_key" in table:
        given = thumbprint(table.text("certificate")) if "certificate" in table else table.text("thumbprint")
        found = UserAssertion(table.text("issuer"), table.text("user"), table.text("private_key"), given)
    elif "client_id" in table:
        found = auths.ClientCredentials(
            table.text("token_url"), client_id=table.text("client_id"), client_secret=table.text("client_secret"),
            scope=table.text("scope", SCOPE), secret_in="header",
        )  # fmt: skip
    else:
        found = auths.basic(table.text("user"), table.text("password"))
    table.done()
    return found
