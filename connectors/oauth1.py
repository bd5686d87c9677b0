"""OAuth 1.0a (RFC 5849): every request carries a signature over its method, its address and its parameters.

Only signing with a secret that both sides know (HMAC) and a token that somebody granted before; the dance that grants one is not here.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, quote, urlsplit

from connectors.auth import Headers

Method = Literal["HMAC-SHA256", "HMAC-SHA1"]
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class OAuth1:
    """A consumer (the integration) and a token (the user and role it acts for). A JSON body is not part of the signature."""

    consumer_key: str
    consumer_secret: str = field(repr=False)
    token: str
    token_secret: str = field(repr=False)
    realm: str = ""
    method: Method = "HMAC-SHA256"
    wall: Callable[[], float] = time.time
    nonce: Callable[[], str] = lambda: secrets.token_hex(16)

    def signed(self, method: str, url: str, params: Mapping[str, str]) -> Headers:
        """The header of one request; a nonce is never used twice."""
        told = {
            "oauth_consumer_key": self.consumer_key, "oauth_token": self.token, "oauth_signature_method": self.method,
            "oauth_timestamp": str(int(self.wall())), "oauth_nonce": self.nonce(), "oauth_version": "1.0",
        }  # fmt: skip
        text = base_string(method, url, [*params.items(), *told.items()])
        told["oauth_signature"] = signature(text, self.consumer_secret, self.token_secret, self.method)
        realm = [f'realm="{escaped(self.realm)}"'] if self.realm else []
        return {"authorization": "OAuth " + ", ".join([*realm, *(f'{name}="{escaped(value)}"' for name, value in told.items())])}


def escaped(text: str) -> str:
    """Percent-encoded as RFC 5849 has it: all but letters, digits, ``-._~``.

    >>> escaped("a b+ü/~")
    'a%20b%2B%C3%BC%2F~'
    """
    return quote(text, safe="-._~")


def base_string(method: str, url: str, params: list[tuple[str, str]]) -> str:
    """What is signed: method, address without its query, and all parameters in order, those of the address too.

    >>> base_string("get", "HTTP://Example.com:80/a%20b?z=1", [("a", "2 3")])
    'GET&http%3A%2F%2Fexample.com%2Fa%2520b&a%3D2%25203%26z%3D1'
    """
    parts = urlsplit(url)
    host = (parts.hostname or "") + ("" if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}")
    pairs = sorted((escaped(name), escaped(value)) for name, value in (*parse_qsl(parts.query, keep_blank_values=True), *params))
    normal = "&".join(f"{name}={value}" for name, value in pairs)
    return "&".join(map(escaped, (method.upper(), f"{parts.scheme.lower()}://{host}{parts.path or '/'}", normal)))


def signature(text: str, consumer_secret: str, token_secret: str, method: Method) -> str:
    """The signature of a base string, in base64."""
    key = f"{escaped(consumer_secret)}&{escaped(token_secret)}".encode()
    return base64.b64encode(hmac.digest(key, text.encode(), "sha256" if method == "HMAC-SHA256" else "sha1")).decode()
