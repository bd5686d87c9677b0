"""GraphQL over HTTP: one door, in this order: who asks, how much, what, may they, then run it.

A stranger gets 401 before anything is parsed. What goes wrong is told with a stable code and a correlation id;
anything unforeseen is masked and logged under that id.

No page of another site can use a visitor's rights: only ``Authorization`` says who asks, never a cookie, and a browser
asks beforehand (a preflight, refused unless ``HUB_CORS_ORIGINS`` allows it) before it sends that header or JSON across
sites. So GET needs no header of its own besides it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from itertools import count
from secrets import token_hex
from time import monotonic, perf_counter
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson
from graphql import GraphQLError, OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub import telemetry
from hub.api import explorer
from hub.api.access import Principal, Role
from hub.api.at_once import sent_at_once
from hub.api.auth import Keys
from hub.api.bodies import GRAPHQL_BYTES, check_text, need_json_type, parse_json, read_whole
from hub.api.context import Services
from hub.api.errors import ApiError, Code, Problem, problem_of
from hub.api.limits import operation_of
from hub.api.negotiate import GRAPHQL_RESPONSE, JSON, media_type, wants_page
from hub.api.patience import GoneError, Lookout, Patience
from hub.api.persisted import Documents, Wanted, persisted_hash, read_trusted
from hub.api.rates import Allowance, OverRateError, Rates
from hub.api.run import Answer, Asked, Runner
from hub.api.watched import metrics_of
from hub.errors import BusyError
from hub.tracing import correlation_of as correlation_of_trace

log = telemetry.logger("api")

Headers = list[tuple[bytes, bytes]]
METHODS = b"GET, HEAD, POST, OPTIONS"
MOST_PARAMETERS = 20
CLIENT_GONE = 499

STATUS = {
    Code.UNAUTHENTICATED: 401, Code.FORBIDDEN: 403, Code.TOO_LARGE: 413, Code.UNSUPPORTED_MEDIA_TYPE: 415,
    Code.TOO_MANY_REQUESTS: 429, Code.UNAVAILABLE: 503, Code.TIMEOUT: 503, Code.INTERNAL: 500, Code.NOT_FOUND: 404,
    Code.BAD_SIGNATURE: 401, Code.NOT_ACCEPTABLE: 406, Code.METHOD_NOT_ALLOWED: 405,
    Code.PERSISTED_QUERY_NOT_FOUND: 200, Code.PERSISTED_QUERY_NOT_SUPPORTED: 200,
}  # fmt: skip
"""HTTP status of a refusal before execution; everything else is 400. Apollo's clients expect 200 for a hash not known."""

CONTENT_TYPES = {kind: f"{kind}; charset=utf-8".encode() for kind in (GRAPHQL_RESPONSE, JSON)}
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:")


class Reply(NamedTuple):
    """What is sent back."""

    status: int
    headers: Headers
    body: bytes = b""


class Call(NamedTuple):
    """One request as it came: its head, and what is told back whatever becomes of it."""

    method: str
    head: Mapping[bytes, bytes]
    scope: Scope
    correlation_id: str

    @property
    def is_post(self) -> bool:
        return self.method == "POST"

    def text(self, name: bytes) -> str:
        return self.head.get(name, b"").decode("latin-1")


class GraphQLEndpoint:
    """``/graphql`` as an ASGI application."""

    def __init__(self, runner: Runner, services: Services, keys: Keys, rates: Rates | None = None) -> None:
        settings = services.settings
        self._runner, self._services, self._keys = runner, services, keys
        self._timeout_s = settings.request_timeout_s
        self._rates = rates or Rates(settings, monotonic)
        self._documents = Documents(read_trusted(settings.persisted_documents), only_trusted=settings.only_persisted)
        self._caching = b"private, max-age=%d" % settings.get_max_age_s if settings.get_max_age_s else b"private, no-cache"
        self._lookout = Lookout()
        self._noted = metrics_of("/graphql")

    def prepare(self) -> None:
        """Check and plan the trusted documents, so that their first caller does not wait for it."""
        for name, text in self._documents.trusted.items():
            try:
                self._runner.warm(text)
            except (GraphQLError, ApiError):
                log.warning("a trusted document does not fit the schema", document_hash=name[:64])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, status = perf_counter(), 500
        try:
            reply = await self._reply(scope, receive)
            status = reply.status
            if status == 200 and sent_at_once(send, status, reply.headers, reply.body):
                return
            await send({"type": "http.response.start", "status": status, "headers": reply.headers})
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else reply.body})
        finally:
            self._noted(status, perf_counter() - started)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        """Answer one request; never raises."""
        head = head_of(scope)
        call = Call(scope["method"], head, scope, correlation_of_head(head) or new_correlation_id())
        if call.method == "OPTIONS":
            return Reply(204, [(b"allow", METHODS)])
        try:
            if call.method not in ("GET", "HEAD", "POST"):
                raise ApiError(Code.METHOD_NOT_ALLOWED, "this address does not take this method", remedy="Use GET or POST.")
            if not call.is_post and wants_page(call.text(b"accept")) and not asks(scope["query_string"]):
                return page_reply()
            principal = self._keys.known(head.get(b"authorization", b"")) or await self._keys.of_head(head, scope)
            return await self._answered(call, principal, receive)
        except GoneError:
            return Reply(CLIENT_GONE, [])
        except Exception as error:  # noqa: BLE001 - the door: nothing may pass it unmasked
            return refused(error, call.correlation_id, call.text(b"accept"))

    async def _answered(self, call: Call, principal: Principal, receive: Receive) -> Reply:
        allowance = self._rates.admit(principal)
        kind = media_type(call.text(b"accept"))
        asked, wanted = await self._read(call, principal, receive)
        with Patience(self._lookout, receive, self._timeout_s, lambda: self._only_reads(asked)):
            answer = await self._runner.run(principal, asked, call.correlation_id, only_queries=not call.is_post)
        if wanted.hash is not None and answer.status == 200:
            self._documents.register(wanted)
        return self._sent(call, answer, kind, allowance)

    async def _read(self, call: Call, principal: Principal, receive: Receive) -> tuple[Asked, Wanted]:
        """What is asked, from a JSON body or, for queries, from the address."""
        if call.is_post:
            need_json_type(call.text(b"content-type"))
            given = parse_json(await read_whole(call.head, receive, GRAPHQL_BYTES))
        else:
            given = parameters(call.scope["query_string"])
        wanted = as_wanted(given)
        text = self._documents.text(wanted, is_free=principal.role is Role.ADMIN)
        return Asked(text, given.get("variables") or {}, given.get("operationName") or None), wanted

    def _only_reads(self, asked: Asked) -> bool:
        try:
            operation = operation_of(self._runner.check(asked.query).document, asked.operation_name)
        except (GraphQLError, ApiError):
            return True
        return operation.operation is OperationType.QUERY

    def _sent(self, call: Call, answer: Answer, kind: str, allowance: Allowance | None) -> Reply:
        body, status = answer.body, answer.status if kind == GRAPHQL_RESPONSE else 200
        headers: Headers = [
            (b"content-type", CONTENT_TYPES[kind]),
            (b"content-length", b"%d" % len(body)),
            (b"x-correlation-id", call.correlation_id.encode()),
        ]
        if allowance is not None:
            allowance.charge(answer.cost)
            headers += allowance.headers()
        if call.is_post or answer.status != 200:
            headers.append((b"cache-control", b"no-store"))
            return Reply(status, headers, body)
        tag = b'"' + b64encode(sha256(body).digest()[:18]) + b'"'
        headers += [(b"cache-control", self._caching), (b"vary", b"authorization, accept"), (b"etag", tag)]
        if is_known(call.head.get(b"if-none-match"), tag):
            return Reply(304, headers[2:])
        return Reply(status, headers, body)


def head_of(scope: Scope) -> dict[bytes, bytes]:
    """The request's headers by name; what is sent in several lines is one list."""
    found: dict[bytes, bytes] = dict(scope["headers"])
    if len(found) != len(scope["headers"]):
        for name in found:
            found[name] = b", ".join(value for each, value in scope["headers"] if each == name)
    return found


def asks(query_string: bytes) -> bool:
    """Whether the address names a document; a browser that opens it without one wants the page."""
    return any(name in query_string for name in (b"query=", b"documentId=", b"extensions="))


def parameters(query_string: bytes) -> dict[str, Any]:
    """What a GET asks, from its address; ``variables`` and ``extensions`` are JSON."""
    try:
        text = query_string.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError as error:
        raise ApiError(Code.BAD_REQUEST, "the address cannot be read", remedy="Encode the parameters as UTF-8.") from error
    found: dict[str, Any] = dict(pairs)
    if len(found) != len(pairs):
        raise ApiError(Code.BAD_REQUEST, "the address names a parameter twice")
    for name in ("variables", "extensions"):
        if name in found:
            found[name] = parse_json(found[name].encode(), name) if found[name] else None
    check_text(found.get("query", ""), "query")
    return {name: value for name, value in found.items() if value != ""}


def as_wanted(given: Any) -> Wanted:
    """Check the parts of a request, and say which document it means."""
    if isinstance(given, list):
        raise ApiError(Code.BAD_REQUEST, "several requests at once are not taken", remedy="Send one object.")
    if not isinstance(given, dict):
        raise ApiError(Code.BAD_REQUEST, "the body must be a JSON object with query", remedy='Send {"query": "…"}.')
    for name, value in given.items():
        if value is not None and name in _PARTS and type(value) is not _PARTS[name][0]:
            raise ApiError(Code.BAD_REQUEST, f"{name} must be {_PARTS[name][1]}", name)
    query, extensions, document_id = given.get("query"), given.get("extensions"), given.get("documentId")
    hash_ = persisted_hash(extensions) if extensions else None
    if document_id is None and hash_ is None and (not query or query.isspace()):
        raise ApiError(Code.BAD_REQUEST, "query must be text", "query", 'Send {"query": "…"}.')
    return Wanted(query, document_id, hash_)


_PARTS: Mapping[str, tuple[type, str]] = {
    "query": (str, "text"), "operationName": (str, "text"), "documentId": (str, "text"),
    "variables": (dict, "an object"), "extensions": (dict, "an object"),
}  # fmt: skip


def is_known(given: bytes | None, tag: bytes) -> bool:
    """Whether ``If-None-Match`` names the answer the caller would get."""
    if given is None:
        return False
    return given.strip() == b"*" or tag in [one.strip().removeprefix(b"W/") for one in given.split(b",")]


def page_reply() -> Reply:
    """The page for people."""
    page, policy = explorer.page()
    body, headers = page.encode(), [(name.encode(), value.encode()) for name, value in policy.items()]
    return Reply(200, [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"%d" % len(body)), *headers], body)


def refused(error: Exception, correlation_id: str, accept: str = "") -> Reply:
    """The answer to a request that was not run."""
    problem = problem_of(error)
    if problem is None:
        log.error("request failed", correlation_id=correlation_id, exc_info=error)
        problem = Problem(Code.INTERNAL, "something went wrong here; the correlation id finds it in our log")
    status = next((number for code, number in STATUS.items() if code == problem.code), 400)
    body = orjson.dumps({"errors": [{"message": problem.message, "extensions": problem.extensions(correlation_id)}]})
    try:
        kind = media_type(accept)
    except ApiError:
        kind = JSON
    headers: Headers = [
        (b"content-type", CONTENT_TYPES[kind]),
        (b"content-length", b"%d" % len(body)),
        (b"x-correlation-id", correlation_id.encode()),
        (b"cache-control", b"no-store"),
    ]
    if status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="hub"'))
    if status == 405:
        headers.append((b"allow", METHODS))
    if isinstance(error, OverRateError):
        headers += error.headers
    elif isinstance(error, BusyError):
        headers.append((b"retry-after", b"%d" % error.retry_after_s))
    elif status in (429, 503):
        headers.append((b"retry-after", b"60" if status == 429 else b"2"))
    return Reply(status, headers, body)


def refusal(error: Exception, correlation_id: str) -> Response:
    """The same, for the doors that answer in starlette's words."""
    reply = refused(error, correlation_id)
    response = Response(reply.body, reply.status)
    response.raw_headers = reply.headers
    return response


def new_correlation_id() -> str:
    """An id nobody else has, cheaper than a UUID: this process's own random part and a number."""
    return f"{_PROCESS}-{next(_NUMBERS):x}"


_PROCESS, _NUMBERS = token_hex(8), count(1)


def correlation_of_head(head: Mapping[bytes, bytes]) -> str:
    """The caller's id for what belongs together, when it is a plain one, or that of the caller's trace; else empty."""
    if b"x-correlation-id" not in head:
        return correlation_of_trace(head[b"traceparent"].decode("latin-1")) if b"traceparent" in head else ""
    given = head[b"x-correlation-id"].decode("latin-1")
    return given if len(given) <= 64 and _PLAIN.issuperset(given) else ""


def correlation_of(request: Request, new: str) -> str:
    """The caller's id, or a new one."""
    told = {name: request.headers[name.decode()].encode("latin-1", "replace") for name in (b"x-correlation-id", b"traceparent") if name.decode() in request.headers}
    return correlation_of_head(told) or new
