"""Addresses of exports: what was asked, in a signed text that is good for a while, for one tenant and one set of rights."""

from __future__ import annotations

import hmac
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from hub.api.access import Principal
from hub.api.errors import ApiError, Code
from hub.api.export.asked import Asked, Format
from schema import ENTITIES

GOOD_FOR = timedelta(hours=1)
LONGEST = 6_000
"""Characters; longer addresses are cut by proxies, so a longer filter is sent as a body."""

LARGEST_BYTES = 200_000
"""What an address unfolds to, at most."""
_SIGNATURE_BYTES = 16


def make(secret: bytes, principal: Principal, asked: Asked, until: datetime) -> str:
    """The token of an address; raises ``TOO_LARGE`` for what does not fit into one."""
    said = {
        "t": principal.tenant_id, "r": rights(principal), "e": asked.meta.name, "f": asked.filter,
        "c": asked.columns, "o": asked.format, "u": int(until.timestamp()),
    }  # fmt: skip
    plain = json.dumps(said, default=str, separators=(",", ":")).encode()
    body = zlib.compress(plain)
    token = urlsafe_b64encode(_sign(secret, body) + body).rstrip(b"=").decode()
    if len(token) > LONGEST or len(plain) > LARGEST_BYTES:
        raise ApiError(
            Code.TOO_LARGE, "this filter is too long for an address", "filter", "Send it as the body of POST /export/{entities}."
        )
    return token


def read(secret: bytes, principal: Principal, token: str, now: datetime) -> Asked:
    """What an address asks for. To another tenant it is as unknown as one that was never made."""
    said = _open(secret, token)
    if said is None or said["t"] != principal.tenant_id:
        raise ApiError(Code.NOT_FOUND, "there is no export at this address", remedy="Ask exportClients(…) { url } for one.")
    if said["u"] < now.timestamp():
        raise ApiError(Code.NOT_FOUND, "the address of this export has expired", remedy="Ask for a new one.")
    if said["r"] != rights(principal):
        raise ApiError(Code.FORBIDDEN, "the address was made for a key with other rights", remedy="Ask for one with this key.")
    columns = None if said["c"] is None else tuple(said["c"])
    return Asked(ENTITIES[said["e"]], said["f"], columns, Format(said["o"]))


def rights(principal: Principal) -> str:
    """What decides which rows and columns a key sees."""
    scope = {name: sorted(map(str, ids)) for name, ids in sorted(principal.scope.items())}
    return sha256(json.dumps([principal.role, scope]).encode()).hexdigest()[:16]


def _open(secret: bytes, token: str) -> dict[str, Any] | None:
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (UnicodeEncodeError, Base64Error, ValueError):
        return None
    signature, body = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _sign(secret, body)):
        return None
    said: dict[str, Any] = json.loads(zlib.decompressobj().decompress(body, LARGEST_BYTES))
    return said


def _sign(secret: bytes, body: bytes) -> bytes:
    return hmac.digest(secret, b"export:" + body, "sha256")[:_SIGNATURE_BYTES]
