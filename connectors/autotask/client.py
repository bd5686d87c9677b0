"""The one door to Autotask: finds the zone a firm's database is in, keeps below the hourly threshold, waits when it is told off.

The zone is asked for without credentials and kept for half a day; when a request is refused it is read anew, since a database
moves. Which status wrong credentials have depends on what is wrong with them, and a 500 is all it says of an unknown user.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from connectors.errors import ConnectorError, CredentialsError, RateLimitedError, RetriableError, SchemaDriftError
from connectors.http import Answer, HttpClient

ZONE = "atservicesrest/v1.0/zoneInformation"
THRESHOLD = "V1.0/ThresholdInformation"
ZONE_KEPT_S = 12 * 3600.0
ASK_EVERY_S = 120.0
ASK_EVERY = 250
"""The threshold is asked for after so many seconds or requests of ours, whichever comes first."""
WAIT_S = 5.0
"""Autotask does not say how long to wait; so long at least, and a little by chance, so that not all come back at once."""
USED_UP_S = 60.0
"""The count is of a rolling hour, so it falls all the time."""
CHECK = "check user, secret and integration_code, and that the user is an API user"


@dataclass
class Threshold:
    """How much of the hour's requests is used, by all integrations together, as told a while ago and counted on since."""

    most: int = 0
    used: int = 0
    asked_at: float = 0.0
    since: int = 0

    def is_due(self, now: float) -> bool:
        return now - self.asked_at >= ASK_EVERY_S or self.since >= ASK_EVERY

    def is_used_up(self, reserve: float) -> bool:
        return self.most > 0 and self.used + self.since >= self.most * (1 - reserve)


@dataclass
class AutotaskClient(HttpClient):
    """``settings.base_url`` is where the zone is asked for; requests go to the zone. ``reserve``: share of the threshold left to others."""

    user: str = ""
    reserve: float = 0.1
    clock: Callable[[], float] = time.monotonic
    threshold: Threshold = field(default_factory=Threshold, init=False)
    zone: str = field(default="", init=False)
    _zone_at: float = field(default=0.0, init=False)
    _is_known: bool = field(default=False, init=False)
    """Whether our credentials have been taken once."""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._home = self.settings

    async def request(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, json: Any = None, form: Mapping[str, str] | None = None,
        content: bytes | None = None, headers: Mapping[str, str] | None = None, is_read: bool | None = None,
    ) -> Answer:  # fmt: skip
        await self._ready()
        self.threshold.since += 1
        more: dict[str, Any] = {"params": params, "json": json, "form": form, "content": content, "headers": headers, "is_read": is_read}
        asked = self.zone
        try:
            return await super().request(method, path, **more)
        except CredentialsError:
            if not await self._moved_from(asked):
                raise
            return await super().request(method, path, **more)

    # --- the zone ------------------------------------------------------------------------------------------------------

    async def _ready(self) -> None:
        """Know the zone, and that there is room below the threshold."""
        async with self._lock:
            if not self.zone or self.clock() - self._zone_at >= ZONE_KEPT_S:
                await self._find_zone()
            if self.threshold.is_due(self.clock()):
                await self._ask_threshold()
        if self.threshold.is_used_up(self.reserve):
            system = self.settings.system
            raise RateLimitedError(f"the requests of this hour are used up at {system}", retry_after_s=USED_UP_S, scope=system, system=system)

    async def _moved_from(self, zone: str) -> bool:
        """Whether the zone is another than the one that refused us; it is read anew for all who were refused there at once."""
        async with self._lock:
            if self.zone == zone:
                await self._find_zone()
            return self.zone != zone

    async def _find_zone(self) -> None:
        home, system = self._home, self._home.system
        answer = await self._send("GET", f"{home.base_url.rstrip('/')}/{ZONE}", {"user": self.user}, None, {}, True)
        if answer.status == 429 or (answer.status >= 500 and is_page(answer)):
            raise RetriableError(f"{system} cannot say which zone we are in now", system=system, status=answer.status)
        if answer.status >= 400:
            raise CredentialsError(f"{system} knows no zone of our user ({answer.status}): {CHECK}", system=system, status=answer.status)
        try:
            found = answer.json()
            address = str(found["url"])
        except (ValueError, KeyError, TypeError) as error:
            raise SchemaDriftError(f"{system} answered no zone", system=system, path="url") from error
        if not is_trusted(home.base_url, address):
            raise SchemaDriftError(f"{system} names a zone on a host that is not its own", system=system, path="url")
        self.zone, self._zone_at = address, self.clock()
        self.settings = replace(home, base_url=address)

    # --- how much is left ------------------------------------------------------------------------------------------------

    async def _ask_threshold(self) -> None:
        """Read the threshold. It is also the first request with credentials, so it tells whether they are taken."""
        self.threshold.asked_at, self.threshold.since = self.clock(), 0
        try:
            answer = await super().request("GET", THRESHOLD)
        except CredentialsError:
            await self._again()
            return
        except ConnectorError:
            if not self._is_known:
                self.threshold.asked_at = 0.0
                raise
            return
        self._take(answer)

    async def _again(self) -> None:
        """Refused: our database may have moved to another zone."""
        before = self.zone
        await self._find_zone()
        if self.zone == before:
            self.threshold.asked_at = 0.0
        self._take(await super().request("GET", THRESHOLD))

    def _take(self, answer: Answer) -> None:
        system = self.settings.system
        if answer.status >= 500 and not self._is_known:
            self.threshold.asked_at = 0.0
            if is_page(answer):
                raise RetriableError(f"{system} cannot answer now; if it never does, {CHECK}", system=system, status=answer.status)
            raise CredentialsError(f"{system} refuses our first request ({answer.status}): {CHECK}", system=system, status=answer.status)
        self._is_known = True
        try:
            told = answer.json() if answer.status < 400 else {}
            self.threshold.most, self.threshold.used = int(told["externalRequestThreshold"]), int(told["currentTimeframeRequestCount"])
        except (ValueError, KeyError, TypeError):
            self.threshold.most = 0  # not told: only what it refuses counts

    def _checked(self, answer: Answer, reads: bool) -> Answer:
        if answer.status == 429 and "retry-after" not in answer.headers:
            answer = replace(answer, headers={**answer.headers, "retry-after": f"{WAIT_S + random.random() * WAIT_S / 2:.2f}"})
        return super()._checked(answer, reads)


def is_page(answer: Answer) -> bool:
    """Whether the answer is a web server's page, or none at all, and not one of the API."""
    return not answer.body.strip() or answer.body.lstrip()[:1] == b"<"


def is_trusted(home: str, zone: str) -> bool:
    """Whether credentials may go to the zone: the same host, or one of the same domain, and no less safe a scheme.

    >>> is_trusted("https://webservices2.autotask.net", "https://webservices4.autotask.net/ATServicesRest/")
    True
    >>> is_trusted("https://webservices2.autotask.net", "https://autotask.example/")
    False
    """
    a, b = urlsplit(home), urlsplit(zone)
    if a.scheme != b.scheme:
        return False
    if a.netloc == b.netloc:
        return True
    domain = ".".join((a.hostname or "").split(".")[-2:])
    return "." in domain and not domain.replace(".", "").isdecimal() and (b.hostname or "").endswith("." + domain)
