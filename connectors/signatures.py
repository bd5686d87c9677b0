"""Signatures of webhooks, made and verified over the raw bytes: Standard Webhooks, an HMAC in a header, a shared token."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from connectors.errors import SignatureError

Scheme = Literal["standard-webhooks", "hmac-sha256", "hmac-sha1", "token", "none"]
SCHEMES: tuple[Scheme, ...] = ("standard-webhooks", "hmac-sha256", "hmac-sha1", "token", "none")
TOLERANCE_S = 300


@dataclass(frozen=True, slots=True)
class Signature:
    """How a system signs. ``secrets`` holds one, or two while a key is being changed: any of them may match.

    ``hmac-sha256`` (and ``hmac-sha1``, for who has no other) puts ``prefix`` and the digest as ``encoding`` into ``header``;
    ``token`` the secret itself. ``signed`` is what is signed, with ``{body}`` and, where the sender states them in headers,
    ``{id}`` and ``{timestamp}``: what is older than ``tolerance_s`` is refused. ``secret_is``: the key is the secret's text,
    its SHA-256, or what it says in base64.
    """

    scheme: Scheme
    secrets: Sequence[str] = ()
    header: str = "x-signature"
    prefix: str = ""
    encoding: Literal["hex", "base64"] = "hex"
    tolerance_s: int = TOLERANCE_S
    secret_is: Literal["text", "sha256", "base64"] = "text"
    signed: str = "{body}"
    id_header: str = ""
    timestamp_header: str = ""

    def __repr__(self) -> str:
        return f"Signature({self.scheme!r}, header={self.header!r})"

    def verify(self, headers: Mapping[str, str], body: bytes, now: Callable[[], float] = time.time) -> str:
        """The sender's id of the message ("" when the scheme has none). Raises SignatureError."""
        lower = {name.lower(): value for name, value in headers.items()}
        if self.scheme == "none":
            raise SignatureError("this system has no signature scheme, so its webhooks are not accepted")
        if not self.secrets:
            raise SignatureError("no secret is configured for the webhooks of this system")
        if self.scheme == "standard-webhooks":
            return self._verify_standard(lower, body, now)
        name, stamp = self._stated(lower, now)
        given = lower.get(self.header.lower(), "")
        expected = [self._expected(secret, body, name, stamp) for secret in self.secrets]
        # all are compared, so that the time it takes does not tell which one fits
        fits = [hmac.compare_digest(given.encode("utf-8", "replace"), one.encode()) for one in expected]
        if not given or not any(fits):
            raise SignatureError(f"the header {self.header} does not sign this body")
        return name

    def _stated(self, headers: Mapping[str, str], now: Callable[[], float]) -> tuple[str, str]:
        """The id and the timestamp as headers state them, "" each where the scheme has none."""
        name, stamp = (headers.get(header.lower(), "") if header else "" for header in (self.id_header, self.timestamp_header))
        if self.id_header and not name:
            raise SignatureError(f"the header {self.id_header} is missing")
        if self.timestamp_header:
            if not stamp.isascii() or not stamp.isdecimal() or len(stamp) > 16:
                raise SignatureError(f"the header {self.timestamp_header} is missing")
            at_s = int(stamp) / (1000 if len(stamp) > 11 else 1)
            if abs(now() - at_s) > self.tolerance_s:
                raise SignatureError(f"the webhook's timestamp is more than {self.tolerance_s} s away from our clock")
        return name, stamp

    def _expected(self, secret: str, body: bytes, name: str, stamp: str) -> str:
        if self.scheme == "token":
            return self.prefix + secret
        before, after = (
            part.replace("{timestamp}", stamp).replace("{id}", name).encode() for part in self.signed.split("{body}", 1)
        )
        digest = hashlib.sha1 if self.scheme == "hmac-sha1" else hashlib.sha256
        made = hmac.new(self._key(secret), before + body + after, digest).digest()
        return self.prefix + (made.hex() if self.encoding == "hex" else base64.b64encode(made).decode())

    def _key(self, secret: str) -> bytes:
        if self.secret_is == "sha256":
            return hashlib.sha256(secret.encode()).digest()
        if self.secret_is == "base64":
            try:
                return base64.b64decode(secret, validate=True)
            except (binascii.Error, ValueError) as error:
                raise SignatureError("the secret of this system's webhooks is not base64") from error
        return secret.encode()

    def _verify_standard(self, headers: Mapping[str, str], body: bytes, now: Callable[[], float]) -> str:
        name, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not name or not stamp.isascii() or not stamp.isdecimal():
            raise SignatureError("the headers webhook-id and webhook-timestamp are missing")
        if abs(now() - int(stamp)) > self.tolerance_s:
            raise SignatureError(f"the webhook's timestamp is more than {self.tolerance_s} s away from our clock")
        given = [one.partition(",")[2] for one in headers.get("webhook-signature", "").split(" ") if one.startswith("v1,")]
        expected = [standard_signature(secret, name, int(stamp), body) for secret in self.secrets]
        fits = [hmac.compare_digest(one.encode("utf-8", "replace"), made.encode()) for one in given for made in expected]
        if not any(fits):
            raise SignatureError("the header webhook-signature does not sign this body")
        return name

    def sign(self, body: bytes, message_id: str, at_s: int) -> dict[str, str]:
        """The headers a sender adds: what :meth:`verify` accepts."""
        if self.scheme == "none":
            return {}
        if self.scheme == "standard-webhooks":
            made = " ".join(f"v1,{standard_signature(secret, message_id, at_s, body)}" for secret in self.secrets)
            return {"webhook-id": message_id, "webhook-timestamp": str(at_s), "webhook-signature": made}
        stated = {header: value for header, value in ((self.id_header, message_id), (self.timestamp_header, str(at_s))) if header}
        return {self.header: self._expected(self.secrets[0], body, message_id, str(at_s)), **stated}


def standard_signature(secret: str, message_id: str, at_s: int, body: bytes) -> str:
    """The ``v1`` signature of Standard Webhooks: HMAC-SHA256 over ``id.timestamp.body``, in base64."""
    text = secret.removeprefix("whsec_")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureError("the secret of a Standard Webhook is whsec_ and base64") from error
    made = hmac.new(key, f"{message_id}.{at_s}.".encode() + body, hashlib.sha256).digest()
    return base64.b64encode(made).decode()
