"""The simulated pod as a server: tokens, resources with their metadata, children, batches, actions, and Fusion's envelopes and errors."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from contextvars import ContextVar
from decimal import Decimal
from itertools import count
from typing import Any

from aiohttp import web
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from connectors.oracle_fusion.simulator import cards, query, shown
from connectors.oracle_fusion.simulator.changes import Changes
from connectors.oracle_fusion.simulator.jobs import Jobs
from connectors.oracle_fusion.simulator.objects import RESOURCES, Attribute, Resource
from connectors.oracle_fusion.simulator.pod import Pod
from connectors.oracle_fusion.simulator.seed import seed
from connectors.oracle_fusion.simulator.shown import Asked
from connectors.oracle_fusion.simulator.soap import Soap
from connectors.simulator.base import VendorServer, answer
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store
from connectors.wire import dump_json, parse_json

CLIENT_ID, CLIENT_SECRET = "hub-client", "hub-secret"
USER, PASSWORD = "HUB_INTEGRATION", "hub-password"
ISSUER = "services.hub"
APIS = ("fscmRestApi", "crmRestApi", "hcmRestApi")
MOST = 500
_REQUEST: ContextVar[web.Request | None] = ContextVar("request", default=None)


class Fusion(VendorServer):
    """One pod. ``public_key`` (PEM) verifies assertions, ``lifetime_s`` is a token's, ``most`` the largest page it gives."""

    def __init__(self, store: Store | None = None, *, webhook_url: str = "", requests_per_s: float = 0.0, most: int = MOST) -> None:
        super().__init__("oracle_fusion", store or Store(), webhook_url=webhook_url, requests_per_s=requests_per_s)
        self.pod = Pod(self.store)
        self.most, self.lifetime_s, self.public_key = most, 3600.0, ""
        self.says_how_long = False
        self.hidden: set[str] = set()
        """Attributes (``accounts.LastUpdateDate``) that are not queryable on this pod."""
        self.unbatched: set[str] = set()
        self.tokens: dict[str, float] = {}
        self.jobs, self.soap, self.changes = Jobs(self), Soap(self), Changes(self)
        self._numbers = count(1)

    # --- what it says --------------------------------------------------------------------------------------------------

    def objects(self) -> Mapping[str, Any]:
        return {**RESOURCES, "customerAccounts": None}

    def seed(self) -> None:
        seed(self.pod, self.soap)

    def is_allowed(self, request: web.Request) -> bool:
        scheme, _, told = request.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            return _basic(told) == (USER, PASSWORD)
        return scheme == "Bearer" and (self.tokens.get(told, 0.0) > time.time() or self._is_assertion(told))

    def _is_assertion(self, told: str) -> bool:
        if told.count(".") != 2 or not self.public_key:
            return False
        try:
            token = jwt.decode(told, import_key(self.public_key, "RSA"), algorithms=["RS256"])
        except (JoseError, ValueError):
            return False
        claims, now = token.claims, time.time()
        return bool(claims.get("iss") == ISSUER and claims.get("prn") == USER and claims.get("iat", now + 1) <= now < claims.get("exp", 0) <= now + 3600 + 60)

    def error(self, refusal: Refusal) -> web.Response:
        """Structured for whom asks for it, else a line of text; nothing at all for whom asks for nothing else."""
        request = _REQUEST.get()
        accept = request.headers.get("accept", "") if request is not None else ""
        framework = shown.framework_of(request) if request is not None else 4
        if accept.strip() == "application/vnd.oracle.adf.error+json" and framework == 4:
            return web.Response(status=406)
        if "adf.error+json" not in accept or framework < 4:
            return web.Response(text=refusal.text, status=refusal.status, content_type="text/plain")
        return web.Response(body=dump_json(self.problem(refusal)), status=refusal.status, content_type="application/vnd.oracle.adf.error+json")

    def problem(self, refusal: Refusal) -> dict[str, Any]:
        """A refusal as structured errors have it."""
        titles = {400: "Bad Request", 404: "Not Found", 403: "Forbidden", 405: "Method Not Allowed", 429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}
        title = titles.get(refusal.status, "Bad Request")
        detail = {"detail": refusal.text} | ({"o:errorCode": refusal.code} if refusal.code else {}) | ({"o:errorPath": refusal.field} if refusal.field else {})
        return {"title": title, "status": str(refusal.status), "o:errorDetails": [detail]}

    def slow_down(self, seconds: float) -> web.Response:
        response = self.error(Refusal("", "", "Too Many Requests", 429))
        if self.says_how_long:
            response.headers["retry-after"] = f"{seconds:g}"
        return response

    def unauthorized(self) -> web.Response:
        return web.Response(text="<html><body><h1>401 Unauthorized</h1></body></html>", status=401, content_type="text/html")

    def expire_tokens(self) -> None:
        self.tokens.clear()

    def actions(self) -> dict[str, Any]:
        return super().actions() | {"import_costs": self.control_import, "close_before": self.control_close, "settle": self.control_settle}

    def control_import(self, given: dict[str, Any]) -> Any:
        """Run the import of costs, as a scheduled process does: what waits becomes a project's cost; ``{"reject": [ids]}`` are rejected."""
        return {"processed": cards.import_costs(self.pod, {str(one) for one in given.get("reject", ())})}

    def control_close(self, given: dict[str, Any]) -> Any:
        self.pod.closed_before = given["day"]
        return {}

    def control_settle(self, given: dict[str, Any]) -> Any:
        """``{"invoice", "receipt", "amount"}``: apply a receipt to an invoice."""
        return cards.settle(self.pod, str(given["invoice"]), str(given["receipt"]), Decimal(str(given["amount"])))

    def shown(self, row: Row) -> dict[str, Any]:
        return {**row.fields, "_id": row.id, "_deleted": row.is_deleted}

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        if object == "customerAccounts":
            return self.soap.put(object, id, fields, key=key, is_deleted=is_deleted)
        return self.pod.put(object, id, fields, key=key, is_deleted=is_deleted)

    # --- routes --------------------------------------------------------------------------------------------------------

    def routes(self, app: web.Application) -> None:
        add = app.router.add_route
        add("POST", "/oauth2/v1/token", self._token)
        self.soap.routes(app)
        for api in APIS:
            for slash in ("", "/"):
                add("POST", f"/{api}/resources/{{version}}{slash}", self._about(self.changes.batch, "batch", "create"))
                add("GET", f"/{api}/resources/{{version}}{slash}", self._versions)
            add("*", f"/{api}/resources/{{version}}/{{tail:.+}}", self._dispatch)

    def _about(self, handle: Any, object: str, operation: str) -> Any:
        async def handler(request: web.Request) -> web.StreamResponse:
            _REQUEST.set(request)
            return await self.guard(request, object, operation, handle)

        return handler

    async def _dispatch(self, request: web.Request) -> web.StreamResponse:
        """A request for a resource, by what its path says: list, describe, record, child collection, action."""
        _REQUEST.set(request)
        parts = [one for one in request.match_info["tail"].split("/") if one]
        api, name = request.path.split("/")[1], parts[0]
        special = {"erpintegrations": self.jobs.handle, "timeRecordEventRequests": self._events, "timeRecordGroups": self._groups}.get(name)
        if special is not None:
            return await self.guard(request, name, "create" if request.method == "POST" else "list", special)
        kind = RESOURCES.get(name)
        if kind is None or kind.api != api or request.match_info["version"] not in ("11.13.18.05", "latest"):
            return self.missing()
        if parts[1:] == ["describe"]:
            return await self.guard(request, name, "describe", lambda _: self._describe(kind))
        operation = {"POST": "create", "PATCH": "update", "DELETE": "delete"}.get(request.method, "list" if len(parts) == 1 and not _is_look_up(request) else "read")

        async def handle(_: web.Request) -> web.StreamResponse:
            return await self._handle(request, kind, parts[1:])

        return await self.guard(request, name, operation, handle)

    async def _handle(self, request: web.Request, kind: Resource, rest: list[str]) -> web.StreamResponse:
        asked = Asked.of(request, self.url, self.most)
        if not rest:
            return self._list(kind, asked) if request.method == "GET" else await self.changes.create(request, kind, asked)
        row = self.pod.row(kind, rest[0]) or (self.store.get(kind.name, rest[0]) if rest[1:2] == ["action"] else None)
        if row is None:
            return self.missing()
        if rest[1:2] == ["action"]:
            return self.changes.act(kind, row, rest[2], parse_json(await request.read() or b"{}"))
        if len(rest) > 1:
            return await self.changes.child(request, kind, row, rest[1:], asked)
        if request.method == "GET":
            tag = shown.tag(row)
            if request.headers.get("if-none-match", "").strip('"') == tag:
                return web.Response(status=304)
            return answer(shown.item(kind, row, asked), 200, {"etag": f'"{tag}"'})
        return await self.changes.change(request, kind, row, asked)

    # --- signing in and describing ---------------------------------------------------------------------------------------

    async def _token(self, request: web.Request) -> web.Response:
        self.requests["token"] += 1
        form = await request.post()
        scheme, _, told = request.headers.get("authorization", "").partition(" ")
        if scheme != "Basic" or _basic(told) != (CLIENT_ID, CLIENT_SECRET):
            return answer({"error": "invalid_client", "error_description": "Client authentication failed."}, 401)
        if form.get("grant_type") != "client_credentials":
            return answer({"error": "unsupported_grant_type", "error_description": "The grant type isn't supported."}, 400)
        token = f"eyJ4NXQ{next(self._numbers):020d}"
        self.tokens[token] = time.time() + self.lifetime_s
        return answer({"access_token": token, "token_type": "Bearer", "expires_in": int(self.lifetime_s)})

    async def _versions(self, request: web.Request) -> web.Response:
        told = {"defaultFrameworkVersion": "1", "allowedFrameworkVersions": [str(one) for one in range(1, 10)]}
        return answer({"items": [{"version": "11.13.18.05", "isLatest": True, "adf:extension": told}]})

    async def _describe(self, kind: Resource) -> web.Response:
        told = kind.described()
        if kind.name == "accounts" and self.pod.flat_references:
            told["attributes"].append(Attribute("SourceSystemReferenceValue").described())
        told["attributes"] = [one for one in told["attributes"] if f"{kind.name}.{one['name']}" not in self.pod.absent]
        for one in told["attributes"]:
            if f"{kind.name}.{one['name']}" in self.hidden:
                one["queryable"] = False
        return answer({"Resources": {kind.name: told}})

    # --- reading -------------------------------------------------------------------------------------------------------

    def _list(self, kind: Resource, asked: Asked) -> web.Response:
        try:
            rows = self._found(kind, asked)
        except query.MalformedError as error:
            return self.error(Refusal("JBO-29140", "", f"The query is malformed: {error}. (JBO-29140)"))
        if isinstance(rows, Refusal):
            return self.error(rows)
        page = rows[asked.offset : asked.offset + asked.limit]
        return answer(shown.collection(kind, page, len(rows), asked))

    def _found(self, kind: Resource, asked: Asked) -> list[Row] | Refusal:
        rows = list(self.store.table(kind.name))
        if asked.q:
            condition = query.parse(asked.q, asked.framework)
            for name in sorted(condition.names):
                if not self.is_queryable(kind, name):
                    return Refusal("", "", f"URL request parameter q cannot be used in this context: {name} isn't queryable.")
            flat = {"SourceSystemReferenceValue"} & condition.names and self.pod.flat_references
            rows = [row for row in rows if condition.holds(_flattened(row.fields) if flat else row.fields)]
        if asked.finder:
            name, _, told = asked.finder.partition(";")
            wanted = dict(one.split("=", 1) for one in told.split(",") if "=" in one)
            if name not in ("PrimaryKey", "invoiceSearch", "creditMemoSearch") or not all(kind.known(one) for one in wanted):
                return Refusal("", "", f"The finder {name} isn't known.")
            rows = [row for row in rows if all(str(row.fields.get(one)) == value for one, value in wanted.items())]
        if asked.order:
            at = {id(row.fields): row for row in rows}
            return [at[id(fields)] for fields in query.ordered([row.fields for row in rows], asked.order)]
        return rows

    def is_queryable(self, kind: Resource, name: str) -> bool:
        if f"{kind.name}.{name}" in self.hidden:
            return False
        head, _, rest = name.partition(".")
        if rest:
            return head in kind.children and self.is_queryable(kind.children[head], rest)
        spec = kind.known(name)
        return (spec is not None and spec.is_queryable) or (name == "SourceSystemReferenceValue" and self.pod.flat_references)

    # --- hours ---------------------------------------------------------------------------------------------------------

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if request.method != "POST":
            return self.missing()
        done = cards.events(self.pod, parse_json(await request.read()))
        return self.error(done) if isinstance(done, Refusal) else answer(done, 201)

    async def _groups(self, request: web.Request) -> web.StreamResponse:
        done = cards.groups(self.pod, Asked.of(request, self.url, self.most))
        return self.error(done) if isinstance(done, Refusal) else answer(done)

    def missing(self) -> web.Response:
        return self.error(Refusal("", "", "The requested resource could not be found.", 404))


def _is_look_up(request: web.Request) -> bool:
    return "limit" in request.query and request.query["limit"] == "2" or ("SourceSystemReference" in request.query.get("q", ""))


def _flattened(fields: Mapping[str, Any]) -> dict[str, Any]:
    references = fields.get("SourceSystemReference") or [{}]
    return {**fields, "SourceSystemReferenceValue": references[0].get("SourceSystemReferenceValue")}


def _basic(told: str) -> tuple[str, str]:
    try:
        name, _, secret = base64.b64decode(told).decode().partition(":")
    except (ValueError, UnicodeDecodeError):
        return "", ""
    return name, secret


