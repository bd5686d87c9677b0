"""Callbacks: who signed them, and what they say.

ConnectWise signs with a key it hands out at an address that the callback itself names. So the address is judged first: a host of the
vendor's (or the system's own), and a key of *our* company there, since every customer of the vendor's can fetch keys of their own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.connectwise.config import Callbacks
from connectors.errors import ConnectorError, RetriableError, SchemaDriftError, SignatureError
from connectors.http import HttpClient, HttpSettings
from connectors.signatures import Signature
from connectors.wire import parse_json

HEADER = "x-content-signature"
KEPT = 16
"""Keys kept, and addresses asked in a minute; a firm has one key, or two while it changes."""
AGAIN_S = 60.0
"""An address is not asked again sooner, whoever sends what."""
PATIENCE_S = 3.0
"""The vendor waits five seconds for our answer."""


@dataclass(frozen=True, slots=True)
class Event:
    """One callback. ``record`` is None where it is not told."""

    type: str
    id: str
    message_id: str
    is_delete: bool
    record: dict[str, Any] | None


@dataclass
class Keys:
    """The signing keys of one system's callbacks."""

    system: str
    company: str
    base_url: str
    told: Callbacks
    clock: Callable[[], float] = time.monotonic
    _fetched: dict[str, str] = field(default_factory=dict, repr=False)
    _asked_at: dict[str, float] = field(default_factory=dict, repr=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def prepare(self, headers: Mapping[str, str], body: bytes) -> None:
        """Fetch the key that a callback names, unless one we have signs it. Raises SignatureError for an address that is not the vendor's."""
        url = key_url(body)
        if not url or self._is_signed(headers, body):
            return
        self._judge(url)
        async with self._lock:
            now = self.clock()
            self._asked_at = {one: at for one, at in self._asked_at.items() if now - at < AGAIN_S}
            if self._is_signed(headers, body) or url in self._asked_at or len(self._asked_at) >= KEPT:
                return
            self._asked_at[url] = now
            if len(self._fetched) >= KEPT:
                self._fetched.clear()
            self._fetched[url] = await self._fetch(url)

    def _is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        try:
            self.verify(headers, body)
        except SignatureError:
            return False
        return True

    def _judge(self, url: str) -> None:
        parts, own = urlsplit(url), urlsplit(self.base_url)
        host = (parts.hostname or "").lower()
        is_own = (parts.scheme, parts.netloc.lower()) == (own.scheme, own.netloc.lower())
        is_vendors = parts.scheme == "https" and parts.port in (None, 443) and any(host == one or host.endswith(f".{one}") for one in self.told.hosts)
        if not (is_own or is_vendors) or parts.username is not None:
            raise SignatureError("the callback names a key at an address that is not the vendor's")
        company = parse_qs(parts.query).get("companyName", [""])
        if len(company) != 1 or company[0].casefold() != self.company.casefold():
            raise SignatureError("the callback names the key of another company")

    async def _fetch(self, url: str) -> str:
        parts = urlsplit(url)
        client = HttpClient(HttpSettings(self.system, f"{parts.scheme}://{parts.netloc}", timeout_s=PATIENCE_S, max_response_bytes=20_000))
        try:
            answer = await client.request("GET", url)
            key = answer.json().get("signing_key") if answer.status < 400 else None
        except (ValueError, AttributeError, ConnectorError) as error:
            raise RetriableError(f"{self.system} does not give the key of its callbacks now", system=self.system) from error
        finally:
            await client.aclose()
        if not isinstance(key, str) or not key:
            raise SignatureError("the callback names a key that there is not")
        return key

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Raises SignatureError unless a key that is said, or the one it names, signs the body."""
        fetched = self._fetched.get(key_url(body), "")
        keys = (*self.told.keys, *((fetched,) if fetched else ()))
        Signature("hmac-sha256", keys, header=HEADER, encoding="base64", secret_is="sha256").verify(headers, body)


def key_url(body: bytes) -> str:
    """The address of the key a callback says it is signed with; "" where it says none."""
    try:
        found = parse_json(body)["Metadata"]["key_url"]
    except (ValueError, KeyError, TypeError):
        return ""
    return found if isinstance(found, str) else ""


def event(body: bytes, system: str) -> Event:
    """What a callback says. Raises SchemaDriftError when it is none."""
    try:
        told = parse_json(body)
        entity = told.get("Entity")
        record = parse_json(entity) if isinstance(entity, str) and entity.strip() else entity
        message_id, action = str(told.get("MessageId") or ""), str(told["Action"])
        return Event(str(told["Type"]), str(told["ID"]), message_id, action == "deleted", record if isinstance(record, dict) else None)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SchemaDriftError(f"a callback of {system} does not say what it is about", system=system, path="Type") from error
