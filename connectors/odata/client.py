"""Requests to one OData service: what each version wants to be told, the token against forged requests, pages, batches, metadata."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from connectors.errors import SchemaDriftError, UnknownOutcomeError
from connectors.http import Answer, HttpClient
from connectors.odata import edmx
from connectors.odata.batch import ChangeSet, MalformedBatchError, Operation, json_batch, multipart, parts_of
from connectors.odata.query import Query, address
from connectors.odata.values import Version

HEADERS: Mapping[Version, Mapping[str, str]] = {
    2: {"dataserviceversion": "2.0", "maxdataserviceversion": "2.0", "accept": "application/json"},
    4: {"odata-version": "4.0", "odata-maxversion": "4.0", "accept": "application/json"},
}


@dataclass
class CsrfToken:
    """A token that writes must carry together with the cookies of the session it was given in. Asked for once for all callers, and
    anew when the service says that it no longer holds. ``path`` is where it is fetched, below the base address.
    """

    path: str
    fetches: int = 0
    _headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def headers(self, client: HttpClient, refused: Mapping[str, str] | None = None) -> Mapping[str, str]:
        """What a write carries; other headers than the ``refused`` ones."""
        async with self._lock:
            if self._headers and self._headers != refused:
                return self._headers
            answer = await client.request("GET", self.path, headers={"x-csrf-token": "Fetch", "accept": "application/json"})
            token = answer.headers.get("x-csrf-token", "")
            if not token or token.lower() == "required":
                system = client.settings.system
                raise SchemaDriftError(f"{system} gives no token for writes ({answer.status})", system=system, path="x-csrf-token", status=answer.status)
            cookies = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
            self._headers = {"x-csrf-token": token} | ({"cookie": cookies} if cookies else {})
            self.fetches += 1
            return self._headers

    @staticmethod
    def is_refused(answer: Answer) -> bool:
        return answer.status == 403 and answer.headers.get("x-csrf-token", "").lower() == "required"


@dataclass
class ODataClient:
    """One service of a system. ``base`` is its path below the base address of the client, such as ``api/data/v9.2``."""

    client: HttpClient
    base: str = ""
    version: Version = 4
    csrf: CsrfToken | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with every request besides."""
    _service: edmx.Service | None = field(default=None, init=False, repr=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    def path(self, inner: str) -> str:
        """A path below the service; addresses that the service gave stay as they are."""
        if "://" in inner or not self.base or inner.startswith("/"):
            return self._from_root(inner)
        return f"{self.base.strip('/')}/{inner}"

    def _from_root(self, link: str) -> str:
        """``/sap/…`` begins at the root of the host, wherever the base address leads."""
        if link.startswith("/") and not link.startswith("//"):
            scheme, host = urlsplit(self.client.settings.base_url)[:2]
            return f"{scheme}://{host}{link}"
        return link

    async def get(self, path: str, query: Query | None = None, *, prefer: Sequence[str] = (), headers: Mapping[str, str] | None = None) -> Answer:
        """Read; errors of the service are answers. A link of the service is followed as it is."""
        said = {**HEADERS[self.version], **self.headers, **_preferred(prefer), **(headers or {})}
        return await self.client.request("GET", address(self.path(path), query, self.version), headers=said)

    async def send(
        self, method: str, path: str, json: Any = None, *, content: bytes | None = None, prefer: Sequence[str] = (),
        headers: Mapping[str, str] | None = None, is_read: bool = False,
    ) -> Answer:  # fmt: skip
        """Change something; where the service wants a token it is sent along, a fresh one when it was refused."""
        said = {**HEADERS[self.version], **self.headers, **_preferred(prefer), **(headers or {})}
        address = self.path(path)
        if self.csrf is None:
            return await self.client.request(method, address, json=json, content=content, headers=said, is_read=is_read)
        token = await self.csrf.headers(self.client)
        answer = await self.client.request(method, address, json=json, content=content, headers={**said, **token}, is_read=is_read)
        if CsrfToken.is_refused(answer):
            token = await self.csrf.headers(self.client, refused=token)
            answer = await self.client.request(method, address, json=json, content=content, headers={**said, **token}, is_read=is_read)
        return answer

    async def batch(
        self, parts: Sequence[Operation | ChangeSet], *, as_json: bool = False, prefer: Sequence[str] = (), headers: Mapping[str, str] | None = None
    ) -> Answer | list[Answer]:
        """The answers of the parts in order, or the one answer when the batch was refused as a whole.

        Raises UnknownOutcomeError when the answer cannot be taken apart.
        """
        if as_json:
            answer = await self.send("POST", "$batch", json_batch(parts), prefer=prefer, headers=headers)
        else:
            kind, body = multipart(parts, self.version)
            answer = await self.send("POST", "$batch", content=body, prefer=prefer, headers={**(headers or {}), "content-type": kind, "accept": "multipart/mixed"})
        if answer.status >= 400 and not answer.headers.get("content-type", "").lower().startswith("multipart/"):
            return answer
        try:
            return parts_of(answer.headers.get("content-type", ""), answer.body)
        except MalformedBatchError as error:
            system = self.client.settings.system
            raise UnknownOutcomeError(f"{system} answered a batch with something else", system=system, status=answer.status) from error

    async def metadata(self) -> edmx.Service:
        """What the service says of itself; asked once."""
        async with self._lock:
            if self._service is None:
                answer = await self.client.request("GET", self.path("$metadata"), headers={**self.headers, "accept": "application/xml"})
                if answer.status >= 400:
                    system = self.client.settings.system
                    raise SchemaDriftError(f"{system} does not tell its metadata ({answer.status})", system=system, path="$metadata", status=answer.status)
                self._service = edmx.parse(answer.body)
            return self._service




def _preferred(prefer: Sequence[str]) -> dict[str, str]:
    return {"prefer": ",".join(prefer)} if prefer else {}
