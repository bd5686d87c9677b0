"""``POST /export/{entities}`` and ``GET /export/{token}``: exports over HTTP, streamed at the client's pace.

The answer begins when the first rows have come, so whatever can be refused is refused with a status. A stream that
breaks ends without its last chunk (and, in Parquet, without its footer); the client asks again with ``after``, the id of
the last whole row it has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, aclosing

from graphql import GraphQLSchema
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub import telemetry
from hub.api.access import Principal
from hub.api.auth import Keys
from hub.api.bodies import GRAPHQL_BYTES, parse_json, read_body
from hub.api.context import Services
from hub.api.errors import ApiError, Code
from hub.api.export import address
from hub.api.export.asked import Asked, Format, after_of, read
from hub.api.export.encode import Gzip, encoder
from hub.api.export.stream import TAKEN_WITHIN_S, Export, Exporter
from hub.api.http import correlation_of, refusal
from hub.api.names import camel
from hub.api.rates import Rates

log = telemetry.logger("api")

Understand = Callable[[Request, Principal], Awaitable[Asked]]
"""How a door reads what is asked."""


class Exports:
    """The two doors."""

    def __init__(self, services: Services, keys: Keys, rates: Rates, exporter: Exporter, schema: GraphQLSchema) -> None:
        self._services, self._keys, self._rates, self._exporter, self._schema = services, keys, rates, exporter, schema

    async def post(self, request: Request) -> Response:
        """``POST /export/clients`` with ``{"filter", "columns", "format", "after", "end"}``."""
        return await self._answer(request, self._posted)

    async def get(self, request: Request) -> Response:
        """``GET /export/{token}`` as GraphQL's ``exportClients`` answers it; ``?after=…`` goes on, ``&end=true`` marks the end."""
        return await self._answer(request, self._addressed)

    async def _posted(self, request: Request, principal: Principal) -> Asked:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise ApiError(Code.UNSUPPORTED_MEDIA_TYPE, "the body must be JSON", remedy="Send Content-Type: application/json.")
        given = parse_json(await read_body(request, GRAPHQL_BYTES) or b"{}")
        if not isinstance(given, dict):
            raise ApiError(Code.BAD_REQUEST, "the body must be a JSON object", remedy='Send {"filter": {…}, "format": "csv"}.')
        return read(self._schema, request.path_params["entities"], given)

    async def _addressed(self, request: Request, principal: Principal) -> Asked:
        asked = address.read(self._services.secret, principal, request.path_params["token"], self._services.now())
        query = request.query_params
        return Asked(asked.meta, asked.filter, asked.columns, asked.format, after_of(query.get("after")), query.get("end") == "true")

    async def _answer(self, request: Request, understand: Understand) -> Response:
        correlation_id = correlation_of(request, str(self._services.new_id()))
        held = AsyncExitStack()
        try:
            principal = await self._keys.principal(request)
            allowance = self._rates.admit(principal)
            asked = await understand(request, principal)
            columns = asked.chosen(principal)
            made = encoder(columns, asked.format, is_resumed=asked.after is not None, with_end=asked.with_end)
            squeezes = asked.format is not Format.PARQUET and accepts_gzip(request.headers.get("accept-encoding", ""))
            export = await held.enter_async_context(self._exporter.begin(principal, asked, Gzip(made) if squeezes else made))
        except BaseException as error:
            await held.aclose()
            if not isinstance(error, Exception):
                raise
            return refusal(error, correlation_id)
        headers = {
            "x-correlation-id": correlation_id, "cache-control": "no-store", "vary": "accept-encoding, authorization",
            "content-disposition": f'attachment; filename="{camel(asked.meta.plural)}.{asked.format}"',
            "x-export-cursor": str(asked.after or ""), "x-export-at": export.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }  # fmt: skip
        if squeezes:
            headers["content-encoding"] = "gzip"
        answer = Streamed(export, held, headers, made.media_type, correlation_id)
        if allowance is not None:
            answer.raw_headers += allowance.headers()
            held.callback(lambda: allowance.charge_export(export.count * len(columns)))
        return answer


def accepts_gzip(header: str) -> bool:
    """Whether gzip is among the accepted encodings, and not by ``q=0``.

    >>> [accepts_gzip(text) for text in ("br, gzip;q=0.5", "gzip;q=0, br", "*", "")]
    [True, False, False, False]
    """
    for one in header.lower().split(","):
        name, _, weight = one.replace(" ", "").partition(";")
        if name in ("gzip", "x-gzip"):
            return weight.strip() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


class Streamed(Response):
    """An export on its way. It ends when all is sent, the client leaves, or takes nothing for two minutes."""

    def __init__(self, export: Export, held: AsyncExitStack, headers: dict[str, str], media_type: str, correlation_id: str) -> None:
        super().__init__(None, 200, headers, media_type)
        del self.headers["content-length"]
        self._export, self._held, self._correlation_id = export, held, correlation_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
            broken = sending.exception() if sending.done() else None
            if broken is not None:  # ending without the last chunk is how HTTP says that something is missing
                log.error("export broke", correlation_id=self._correlation_id, exc_info=broken)
        finally:
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
            await self._held.aclose()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(self._export.pieces()) as pieces:
            async for piece in pieces:
                if piece.body:
                    async with asyncio.timeout(TAKEN_WITHIN_S):
                        await send({"type": "http.response.body", "body": piece.body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    """Comes back when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        await asyncio.sleep(0.1)  # what is left of the body; some servers repeat its end instead of waiting
