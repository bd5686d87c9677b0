"""GraphQL over HTTP: one door, in this order: who asks, how much, what, may they, then run it.

A stranger gets 401 before anything is parsed. What goes wrong is told with a stable code and a correlation id;
anything unforeseen is masked and logged under that id.
"""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from hub import telemetry
from hub.api import explorer
from hub.api.auth import Keys
from hub.api.bodies import GRAPHQL_BYTES, check_text, need_json, parse_json, read_body
from hub.api.context import Services
from hub.api.errors import ApiError, Code, Problem, problem_of
from hub.api.run import Asked, Runner

log = telemetry.logger("api")

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
TIMEOUT_S = 25

STATUS = {
    Code.UNAUTHENTICATED: 401, Code.FORBIDDEN: 403, Code.TOO_LARGE: 413, Code.UNSUPPORTED_MEDIA_TYPE: 415,
    Code.TOO_MANY_REQUESTS: 429, Code.UNAVAILABLE: 503, Code.TIMEOUT: 503, Code.INTERNAL: 500, Code.NOT_FOUND: 404,
    Code.BAD_SIGNATURE: 401,
}  # fmt: skip
"""HTTP status of a refusal before execution; everything else is 400."""


class GraphQLEndpoint:
    """``GET`` and ``POST /graphql``."""

    def __init__(self, runner: Runner, services: Services, keys: Keys) -> None:
        self._runner, self._services, self._keys = runner, services, keys

    async def __call__(self, request: Request) -> Response:
        """Answer one request; never raises."""
        correlation_id = correlation_of(request, str(self._services.new_id()))
        if wants_page(request):
            return HTMLResponse(explorer.page(), headers=explorer.headers())
        try:
            principal = await self._keys.principal(request)
            asked = await read_request(request)
            async with asyncio.timeout(TIMEOUT_S):
                answer = await self._runner.run(principal, asked, correlation_id, only_queries=request.method == "GET")
        except Exception as error:  # noqa: BLE001 - the door: nothing may pass it unmasked
            return refusal(error, correlation_id)
        is_spoken = GRAPHQL_RESPONSE in request.headers.get("accept", "")
        headers = {"x-correlation-id": correlation_id, "cache-control": "no-store"}
        media_type = GRAPHQL_RESPONSE if is_spoken else JSON
        return Response(answer.body, answer.status if is_spoken else 200, headers, f"{media_type}; charset=utf-8")


def wants_page(request: Request) -> bool:
    """A browser that opens the address."""
    return request.method == "GET" and "query" not in request.query_params and "text/html" in request.headers.get("accept", "")


async def read_request(request: Request) -> Asked:
    """What is asked, from a JSON body or, for queries, from the address."""
    if request.method == "GET":
        params = request.query_params
        given: Any = {"query": params.get("query"), "operationName": params.get("operationName")}
        if params.get("variables"):
            given["variables"] = parse_json(params["variables"].encode("utf-8", "surrogatepass"), "variables")
    else:
        need_json(request)
        given = parse_json(await read_body(request, GRAPHQL_BYTES))
    if isinstance(given, list):
        raise ApiError(Code.BAD_REQUEST, "several requests at once are not taken", remedy="Send one object.")
    if not isinstance(given, dict):
        raise ApiError(Code.BAD_REQUEST, "the body must be a JSON object with query", remedy='Send {"query": "…"}.')
    return as_asked(given)


def as_asked(given: dict[str, Any]) -> Asked:
    """Check the parts of a request."""
    query, variables, name = given.get("query"), given.get("variables"), given.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise ApiError(Code.BAD_REQUEST, "query must be text", "query", 'Send {"query": "…"}.')
    if variables is not None and not isinstance(variables, dict):
        raise ApiError(Code.BAD_REQUEST, "variables must be an object", "variables")
    if name is not None and not isinstance(name, str):
        raise ApiError(Code.BAD_REQUEST, "operationName must be text", "operationName")
    if given.get("extensions") is not None and not isinstance(given["extensions"], dict):
        raise ApiError(Code.BAD_REQUEST, "extensions must be an object", "extensions")
    check_text(query, "query")
    return Asked(query, variables or {}, name or None)


def refusal(error: Exception, correlation_id: str) -> Response:
    """The answer to a request that was not run."""
    problem = problem_of(error)
    if problem is None:
        log.error("request failed", correlation_id=correlation_id, exc_info=error)
        problem = Problem(Code.INTERNAL, "something went wrong here; the correlation id finds it in our log")
    status = next((number for code, number in STATUS.items() if code == problem.code), 400)
    headers = {"x-correlation-id": correlation_id, "cache-control": "no-store"}
    if status == 401:
        headers["www-authenticate"] = 'Bearer realm="hub"'
    if status in (429, 503):
        headers["retry-after"] = "60" if status == 429 else "2"
    body = {"errors": [{"message": problem.message, "extensions": problem.extensions(correlation_id)}]}
    return Response(orjson.dumps(body), status, headers, f"{JSON}; charset=utf-8")


def correlation_of(request: Request, new: str) -> str:
    """The caller's id for what belongs together, when it is a plain one; else a new one."""
    given = request.headers.get("x-correlation-id", "")
    is_plain = 0 < len(given) <= 64 and given.isascii() and all(c.isalnum() or c in "-_.:" for c in given)
    return given if is_plain else new
