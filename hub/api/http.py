"""GraphQL over HTTP: one door, in this order: who asks, how much, what, may they, then run it.

A stranger gets 401 before anything is parsed. What goes wrong is told with a stable code and a correlation id;
anything unforeseen is masked and logged under that id. Documents and variables are never logged.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from inspect import isawaitable
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    MaxIntrospectionDepthRule,
    OperationType,
    execute,
    specified_rules,
    validate,
)  # fmt: skip
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from strawberry import Schema

from hub import telemetry
from hub.api import explorer
from hub.api.access import SEES_SCHEMA, Principal
from hub.api.auth import Keys
from hub.api.bodies import GRAPHQL_BYTES, check_text, need_json, parse_json, read_body
from hub.api.context import Context, Services
from hub.api.errors import ApiError, Code, Problem, problem_of
from hub.api.limits import asks_for_schema, is_introspection, measure, operation_of, read_document

log = telemetry.logger("api")

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
TIMEOUT_S = 25
MOST_ERRORS = 5
LARGEST_ANSWER_BYTES = 50_000_000
REMEMBERED_DOCUMENTS = 500
RULES = (*specified_rules, MaxIntrospectionDepthRule)

STATUS = {
    Code.UNAUTHENTICATED: 401, Code.FORBIDDEN: 403, Code.TOO_LARGE: 413, Code.UNSUPPORTED_MEDIA_TYPE: 415,
    Code.TOO_MANY_REQUESTS: 429, Code.UNAVAILABLE: 503, Code.TIMEOUT: 503, Code.INTERNAL: 500, Code.NOT_FOUND: 404,
    Code.BAD_SIGNATURE: 401,
}  # fmt: skip
"""HTTP status of a refusal before execution; everything else is 400."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as GraphQL over HTTP means it."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None


@dataclass(frozen=True, slots=True)
class Checked:
    """A document and what validation said of it; the same for everybody."""

    document: DocumentNode
    errors: tuple[GraphQLError, ...]


class GraphQLEndpoint:
    """``GET`` and ``POST /graphql``."""

    def __init__(self, schema: Schema, services: Services, keys: Keys) -> None:
        self._schema, self._services, self._keys = schema._schema, services, keys
        self._checked: OrderedDict[bytes, Checked] = OrderedDict()
        self._introspected: OrderedDict[bytes, bytes] = OrderedDict()

    async def __call__(self, request: Request) -> Response:
        """Answer one request; never raises."""
        correlation_id = correlation_of(request, str(self._services.new_id()))
        if wants_page(request):
            return HTMLResponse(explorer.page(), headers=explorer.headers())
        try:
            principal = await self._keys.principal(request)
            asked = await read_request(request)
            async with asyncio.timeout(TIMEOUT_S):
                body, status = await self._answer(request, principal, asked, correlation_id)
        except Exception as error:  # noqa: BLE001 - the door: nothing may pass it unmasked
            return refusal(error, correlation_id)
        is_spoken = GRAPHQL_RESPONSE in request.headers.get("accept", "")
        headers = {"x-correlation-id": correlation_id, "cache-control": "no-store"}
        media_type = GRAPHQL_RESPONSE if is_spoken else JSON
        return Response(body, status if is_spoken else 200, headers, f"{media_type}; charset=utf-8")

    async def _answer(self, request: Request, principal: Principal, asked: Asked, correlation_id: str) -> tuple[bytes, int]:
        """The body and its status for clients that speak ``application/graphql-response+json``."""
        try:
            checked = self._check(asked.query)
        except GraphQLError as error:
            return self._failed([error], correlation_id), 400
        if asks_for_schema(checked.document) and principal.role not in SEES_SCHEMA:
            raise ApiError(Code.FORBIDDEN, "this key may not read the schema")
        operation = operation_of(checked.document, asked.operation_name)
        measured = measure(self._schema, checked.document, operation, asked.variables)
        if checked.errors:
            return self._failed(checked.errors, correlation_id), 400
        if operation.operation is not OperationType.QUERY and request.method == "GET":
            raise ApiError(Code.BAD_REQUEST, "mutations are sent by POST", "query")
        known = is_introspection(operation)
        name = sha256(repr((asked.query, asked.operation_name, asked.variables)).encode()).digest() if known else b""
        if name in self._introspected:
            return self._introspected[name], 200
        context = Context(self._services, principal, correlation_id, asked.variables)
        result = execute(
            self._schema, checked.document, context_value=context, variable_values=asked.variables,
            operation_name=asked.operation_name, hide_suggestions=True,
        )  # fmt: skip
        done: ExecutionResult = await result if isawaitable(result) else result
        body = self._body(done, correlation_id, measured.cost)
        if known and not done.errors:
            remember(self._introspected, name, body, 20)
        return body, 400 if done.data is None and done.errors else 200

    def _check(self, text: str) -> Checked:
        """Parse and validate, once per document text."""
        name = sha256(text.encode()).digest()
        if (known := self._checked.get(name)) is not None:
            self._checked.move_to_end(name)
            return known
        document = read_document(text)
        for definition in document.definitions:
            if getattr(definition, "operation", None) is not None:
                measure(self._schema, document, definition, {})  # type: ignore[arg-type]
        errors = validate(self._schema, document, RULES, max_errors=MOST_ERRORS, hide_suggestions=True)
        checked = Checked(document, tuple(errors[:MOST_ERRORS]))
        remember(self._checked, name, checked, REMEMBERED_DOCUMENTS)
        return checked

    def _failed(self, errors: Any, correlation_id: str) -> bytes:
        return orjson.dumps({"errors": [error_out(each, correlation_id) for each in errors]})

    def _body(self, result: ExecutionResult, correlation_id: str, cost: int) -> bytes:
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error_out(each, correlation_id) for each in result.errors[:MOST_ERRORS]]
        answer["extensions"] = {"cost": cost}
        body = orjson.dumps(answer, default=str)
        if len(body) > LARGEST_ANSWER_BYTES:
            raise ApiError(Code.TOO_LARGE, "the answer would be larger than 50 MB", remedy="Ask for smaller pages.")
        return body


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


def error_out(error: GraphQLError, correlation_id: str) -> dict[str, Any]:
    """One entry of ``errors``. What the caller did wrong is said; what we did wrong is masked."""
    original = error.original_error
    problem = problem_of(original) if original is not None else None
    if problem is None and (original is None or error.path is None):
        problem = Problem(Code.BAD_INPUT, error.message)
    if problem is None:
        log.error("resolver failed", correlation_id=correlation_id, exc_info=original)
        problem = Problem(Code.INTERNAL, "something went wrong here; the correlation id finds it in our log")
    found: dict[str, Any] = {"message": problem.message, "extensions": problem.extensions(correlation_id)}
    if error.locations:
        found["locations"] = [{"line": each.line, "column": each.column} for each in error.locations]
    if error.path:
        found["path"] = error.path
    return found


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


def remember(known: OrderedDict[bytes, Any], name: bytes, value: Any, most: int) -> None:
    """Keep the newest ``most`` entries."""
    known[name] = value
    while len(known) > most:
        known.popitem(last=False)
