"""Triggers of Platform Services: a signed context in a header tells which record changed; the record itself is fetched.

The header is base64 of a JSON context that holds a JWT, or the JWT itself (both forms are taken; the vendor's document leaves it open). The
JWT is signed by HMAC-SHA256 with the client secret and says the SHA-256 of the body, when it was issued and when it ends.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import SchemaDriftError, SignatureError
from connectors.wire import parse_json

SCHEME = "hmac-sha256"
HEADER, KEY_HEADER = "x-ia-sage-signature", "x-idempotencykey"
ISSUER = "Sage Intacct"
TOLERANCE_S = 300
_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Event:
    """What a trigger tells. ``version`` is "" unless the trigger's body states when the record changed."""

    object: str
    id: str
    key: str
    version: str
    is_delete: bool


def verified(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, clock: Callable[[], float]) -> Event:
    """The event of a signed trigger. Raises SignatureError, and SchemaDriftError when it names no record."""
    lower = {name.lower(): value for name, value in headers.items()}
    context, token = _opened(lower.get(HEADER, ""))
    claims = _claims(token, secrets)
    now = clock()
    if claims.get("iss") != ISSUER or not _is_near(claims, now):
        raise SignatureError("the trigger's signature is not of now, or not of Sage Intacct")
    digest = hashlib.sha256(body).hexdigest()
    if not hmac.compare_digest(str(claims.get("payload_signature", "")).lower().encode(), digest.encode()):
        raise SignatureError("the trigger's signature does not sign this body")
    told = _told(body)
    about = {**_plain(claims), **_plain(context), **told}
    object_, id = str(about.get("object") or about.get("objectname") or ""), str(about.get("id") or about.get("vid") or "")
    if not object_ or not id:
        raise SchemaDriftError("a trigger names no record", path="VID" if object_ else "OBJECTNAME")
    event, version = str(about.get("event") or ""), _instant(str(about.get("modified") or ""))
    return Event(object_, id, lower.get(KEY_HEADER, ""), version, "delete" in event.lower())


def signature(secret: str, context: Mapping[str, Any], body: bytes, at_s: int) -> str:
    """The header that a trigger carries: what :func:`verified` accepts."""
    claims = {"iat": at_s, "exp": at_s + 3600, "iss": ISSUER, "payload_signature": hashlib.sha256(body).hexdigest(), "tenant_id": "1", "app_id": "hub"}
    told = ".".join(_encoded(json.dumps(one).encode()) for one in ({"alg": "HS256", "typ": "JWT"}, claims))
    mac = hmac.new(secret.encode(), told.encode(), hashlib.sha256).digest()
    return base64.b64encode(json.dumps({**context, "signature": f"{told}.{_encoded(mac)}"}).encode()).decode()


def _opened(header: str) -> tuple[dict[str, Any], str]:
    """The context and the JWT of the header."""
    if _JWT.fullmatch(header):
        return {}, header
    try:
        context = parse_json(base64.b64decode(header, validate=True))
    except (binascii.Error, ValueError) as error:
        raise SignatureError(f"the header {HEADER} is missing or no signed context") from error
    token = next((one for one in _texts(context) if _JWT.fullmatch(one)), "")
    if not isinstance(context, dict) or not token:
        raise SignatureError(f"the header {HEADER} holds no signature")
    return context, token


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(one)


def _claims(token: str, secrets: Sequence[str]) -> dict[str, Any]:
    """What the JWT says, once one of the secrets signs it; only HS256, whatever its head says."""
    signed, _, mac = token.rpartition(".")
    if not secrets:
        raise SignatureError("no secret is configured for the webhooks of this system")
    fits = [hmac.compare_digest(mac.encode(), _encoded(hmac.new(one.encode(), signed.encode(), hashlib.sha256).digest()).encode()) for one in secrets]
    if not any(fits):
        raise SignatureError(f"the header {HEADER} is not signed by this system")
    try:
        claims = parse_json(_decoded(signed.partition(".")[2]))
    except (binascii.Error, ValueError) as error:
        raise SignatureError(f"the header {HEADER} says nothing readable") from error
    return claims if isinstance(claims, dict) else {}


def _is_near(claims: Mapping[str, Any], now: float) -> bool:
    issued, ends = claims.get("iat"), claims.get("exp")
    return isinstance(issued, int) and isinstance(ends, int) and issued - TOLERANCE_S <= now <= ends + TOLERANCE_S


def _told(body: bytes) -> dict[str, Any]:
    """What the trigger's body says, where it is the one that README.md gives."""
    try:
        told = parse_json(body) if body.strip() else {}
    except ValueError:
        return {}
    return _plain(told) if isinstance(told, dict) else {}


def _plain(told: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in told.items() if isinstance(value, str | int) and not isinstance(value, bool)}


def _instant(told: str) -> str:
    from connectors.rest.config import STAMPS
    from connectors.sage_intacct.functions import instant
    from schema.codecs import CodecError

    try:
        return str(STAMPS["instant"].read(instant(told)) or "") if told else ""
    except CodecError:
        return ""


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(told: str) -> bytes:
    return base64.urlsafe_b64decode(told + "=" * (-len(told) % 4))
