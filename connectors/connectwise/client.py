"""The outgoing client of ConnectWise: the same as everybody's, below the codebase of the release that is running there.

The codebase (``v2025_1/``) stands in every address and changes with each release. It is asked for without credentials, once for
concurrent callers; again after a day, and when a known address does not exist any more.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from connectors.errors import ConnectorError, CredentialsError, RetriableError, SchemaDriftError
from connectors.http import Answer, HttpClient

GONE = b"endpoint does not exist"
HOLDS_S = 86400.0
_CODEBASE = re.compile(r"[A-Za-z0-9_.-]{1,40}/?")


@dataclass
class ConnectwiseClient(HttpClient):
    """``company`` names the firm to the vendor; a ``codebase`` that is said is not asked for."""

    company: str = ""
    codebase: str = ""
    _found: str = field(default="", init=False, repr=False)
    _found_at: float = field(default=0.0, init=False, repr=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    async def request(self, method: str, path: str, **more: Any) -> Answer:
        base = await self._base()
        answer = await super().request(method, base + path, **more)
        if answer.status == 404 and GONE in answer.body and (moved := await self._base(stale=base)) != base:
            answer = await super().request(method, moved + path, **more)  # nothing was there, so nothing was done
        return answer

    async def _base(self, stale: str = "") -> str:
        """What stands before every path; found anew when it is ``stale`` or a day old."""
        if self.codebase:
            return _base_of(self.codebase)
        async with self._lock:
            is_old = time.monotonic() - self._found_at > HOLDS_S
            if not self._found or is_old or self._found == stale:
                try:
                    self._found = await self._ask()
                except ConnectorError:
                    if not self._found or stale:
                        raise
                self._found_at = time.monotonic()
            return self._found

    async def _ask(self) -> str:
        system = self.settings.system
        url = self.url(f"login/companyinfo/{quote(self.company, safe='')}")
        answer = self._checked(await self._send("GET", url, None, None, {}, reads=True), reads=True)
        if answer.status >= 500:
            raise RetriableError(f"{system} does not say now which release it runs", system=system, status=answer.status)
        try:
            told = answer.json()
        except ValueError as error:
            raise RetriableError(f"{system} answered no valid JSON about its release", system=system, status=answer.status) from error
        if told is None or answer.status >= 400:
            raise CredentialsError(f"{system} knows no company {self.company!r}", system=system, status=answer.status)
        codebase = told.get("Codebase") if isinstance(told, dict) else None
        if not isinstance(codebase, str) or not _CODEBASE.fullmatch(codebase):
            raise SchemaDriftError(f"{system} does not say its codebase", system=system, path="Codebase")
        return _base_of(codebase)


def _base_of(codebase: str) -> str:
    """
    >>> _base_of("v2025_1/"), _base_of("v4_6_release")
    ('v2025_1/apis/3.0/', 'v4_6_release/apis/3.0/')
    """
    return codebase.rstrip("/") + "/apis/3.0/"
