"""Signing in at Microsoft Entra ID: the hub's own id with a secret, or with an assertion signed by a certificate's key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from connectors.auth import ClientAssertion, ClientCredentials, OAuthToken
from connectors.tables import Table

AUTHORITY = "https://login.microsoftonline.com"
EARLY_S = 300
"""Tokens are renewed so long before they expire: there is no refresh token, and calls may last minutes."""


@dataclass
class EntraAssertion(ClientAssertion):
    """An assertion with an id of its own, as Entra demands."""

    new_id: Callable[[], Any] = field(default=uuid4)

    def form(self) -> dict[str, str]:
        self.claims = {"sub": self.issuer, "jti": str(self.new_id()), "nbf": int(self.wall())}
        return {**super().form(), "client_id": self.issuer}


def entra(table: Table, scope: str) -> OAuthToken:
    """``tenant`` and ``client_id`` with a ``client_secret``, or with ``private_key`` and the ``thumbprint`` of its certificate.

    The thumbprint is base64url: of SHA-256 with the algorithm PS256, of SHA-1 with RS256. Raises ConfigurationError.
    """
    tenant, client_id = table.text("tenant"), table.text("client_id")
    url = f"{table.text('authority', AUTHORITY).rstrip('/')}/{tenant}/oauth2/v2.0/token"
    scope = table.text("scope", scope)
    found: OAuthToken
    if "private_key" in table:
        algorithm = table.one_of("algorithm", ("PS256", "RS256"), "PS256")
        header = {"x5t#S256" if algorithm == "PS256" else "x5t": table.text("thumbprint")}
        found = EntraAssertion(
            url, issuer=client_id, audience=url, private_key=table.text("private_key"), algorithm=algorithm, header=header, scope=scope, early_s=EARLY_S
        )
    else:
        found = ClientCredentials(url, client_id=client_id, client_secret=table.text("client_secret"), scope=scope, early_s=EARLY_S)
    table.done()
    return found
