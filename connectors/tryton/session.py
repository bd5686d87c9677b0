"""A session of Tryton's: one login for all callers, again when it is refused, and silence after a wrong password.

Six failed logins close a user's account for minutes, and each try while it is closed counts again. So a refused password is asked
about once in :data:`SILENT_S` by one process, however many polls and writes want in meanwhile.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from connectors.auth import Headers
from connectors.errors import ConnectorError, CredentialsError, RateLimitedError, RetriableError, SchemaDriftError
from connectors.http import HttpClient
from connectors.jsonrpc import JsonRpc, RpcFault, RpcRefused

SILENT_S = 330.0
"""Longer than the five minutes within which failed logins are counted."""
IDLE_S = 270.0
"""A session that nobody used for five minutes is over; one that is nearly is not tried."""


@dataclass
class Session:
    """How the hub signs in to one database. ``door`` is a client without credentials, for logins alone."""

    door: HttpClient
    database: str
    login: str
    password: str = field(repr=False)
    idle_s: float = IDLE_S
    clock: Callable[[], float] = time.monotonic
    logins: int = 0
    user_id: int = 0
    _headers: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    _used_at: float = field(default=0.0, init=False)
    _silent_until: float = field(default=0.0, init=False)
    _refused: ConnectorError | None = field(default=None, init=False, repr=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    async def headers(self, client: HttpClient) -> Headers:
        if not self._headers or self.clock() - self._used_at > self.idle_s:
            await self._sign_in(self._headers)
        self._used_at = self.clock()
        return self._headers

    async def renew(self, client: HttpClient, refused: Headers) -> Headers | None:
        await self._sign_in(refused)
        return self._headers

    async def _sign_in(self, stale: Headers) -> None:
        async with self._lock:
            if self._headers and self._headers != stale:
                return
            self._stay_silent()
            try:
                told = await self._asked()
            except (CredentialsError, RateLimitedError) as error:
                self._silent_until, self._refused = self.clock() + SILENT_S, error
                raise self._closed(error) from error
            self.user_id, token = int(told[0]), str(told[1])
            text = base64.b64encode(f"{self.login}:{self.user_id}:{token}".encode()).decode()
            self._headers = {"authorization": f"Session {text}"}
            self._used_at = self.clock()
            self.logins += 1

    def _stay_silent(self) -> None:
        if self._refused is not None and self.clock() < self._silent_until:
            raise self._closed(self._refused)
        self._refused = None

    def _closed(self, error: ConnectorError) -> ConnectorError:
        system = self.door.settings.system
        if isinstance(error, RateLimitedError):
            wait = max(self._silent_until - self.clock(), 1.0)
            return RateLimitedError(f"{system} takes no login of {self.login} for a while", retry_after_s=wait, scope=system, system=system)
        return CredentialsError(f"{system} does not accept our credentials", system=system, status=error.status)

    async def _asked(self) -> list[Any]:
        system = self.door.settings.system
        rpc = JsonRpc(self.door, f"{self.database}/rpc/", headers={"accept-encoding": "gzip"})
        try:
            told = (await rpc.call("common.db.login", [self.login, {"password": self.password}, "en"], is_read=True)).result
        except RpcRefused as refused:
            if refused.answer.status == 404:
                raise CredentialsError(f"{system} has no database {self.database!r}", system=system, status=404) from refused
            raise RetriableError(f"{system} cannot sign us in now", system=system, status=refused.answer.status) from refused
        except RpcFault as fault:
            if isinstance(fault.error, list) and fault.error and fault.error[0] == "LoginException":
                raise CredentialsError(f"{system} wants more than a password of {self.login}", system=system) from fault
            # a server that is just starting answers a login with a failure of its own
            raise RetriableError(f"{system} cannot sign us in now", retry_after_s=2.0, system=system) from fault
        if not isinstance(told, list) or len(told) < 2:
            raise SchemaDriftError(f"{system} answered a login with no session", path="result", system=system)
        return told
