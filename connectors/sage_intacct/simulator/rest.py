"""The REST API of the simulated company: tokens, queries, objects one by one or many at once, idempotency keys, with the vendor's errors."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from contextvars import ContextVar
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aiohttp import web

from connectors.sage_intacct.names import NAMES, Name, text_of, value_of
from connectors.sage_intacct.simulator.objects import OBJECTS, typed
from connectors.simulator.base import answer
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row
from connectors.wire import parse_json
from schema.paths import flattened, put_path

if TYPE_CHECKING:
    from connectors.sage_intacct.simulator.server import SageIntacct

CLIENT_ID, CLIENT_SECRET = "hub.app.sage.com", "hub-rest-client-secret"
BASE = "/ia/api/v1"
MOST, MOST_TOGETHER = 4000, 500
LIVES_S = 21600
BY_PATH = {names.path: object for object, names in NAMES.items()}
IS_REST: ContextVar[bool] = ContextVar("is_rest", default=False)
"""Whether the request at hand came by REST: errors of the frame around handlers are told in its form."""
_LINES = {"ARINVOICE": "ARINVOICEITEM", "TIMESHEET": "TIMESHEETENTRY"}


class RestApi:
    """The REST side of a simulated company. ``is_plain_about_tokens`` says a bad token by 400, as some of its gateways do."""

    def __init__(self, server: SageIntacct, user: str, company: str) -> None:
        self.server, self.username = server, f"{user}@{company}"
        self.tokens: dict[str, float] = {}
        self.lives_s = float(LIVES_S)
        self.is_plain_about_tokens = False
        self.kept: dict[str, tuple[bytes, web.Response]] = {}
        self._numbers = count(1)

    def routes(self, app: web.Application) -> None:
        add = app.router.add_route
        add("POST", f"{BASE}/oauth2/token", self._token)
        add("POST", f"{BASE}/services/core/query", self._asked)
        for method, operation, handle in (("GET", "list", self._listed), ("POST", "create", self._create)):
            add(method, f"{BASE}/objects/{{app}}/{{name}}", self._about(operation, handle))
        for method, operation, handle in (("GET", "read", self._read), ("PATCH", "update", self._patch), ("DELETE", "delete", self._delete)):
            add(method, f"{BASE}/objects/{{app}}/{{name}}/{{id}}", self._about(operation, handle))

    def is_allowed(self, request: web.Request) -> bool:
        return self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "), 0.0) > time.time()

    # --- how it says no ------------------------------------------------------------------------------------------------

    def unauthorized(self) -> web.Response:
        told = {"code": "tokenInvalid", "message": "Invalid token" if self.is_plain_about_tokens else "Token is not valid", "errorId": "REST-2102"}
        return answer({"error": told}, 400 if self.is_plain_about_tokens else 401)

    def error(self, refusal: Refusal) -> web.Response:
        return answer(_refused(refusal), _status(refusal), {"x-ia-throttle-limit-remaining": "-1"} if refusal.status == 429 else None)

    def slow_down(self, seconds: float) -> web.Response:
        return self.error(Refusal("GW-0010", "", "API rate limit exceeded", 429))

    # --- signing in ----------------------------------------------------------------------------------------------------

    async def _token(self, request: web.Request) -> web.Response:
        self.server.requests["token"] += 1
        raw = (await request.read()).decode()
        form = json.loads(raw) if request.content_type == "application/json" else dict(parse_qsl(raw))
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return answer({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        if form.get("grant_type") != "client_credentials":
            return answer({"error": "unsupported_grant_type", "error_description": "The grant is not supported"}, 400)
        if str(form.get("username", "")).partition("|")[0] != self.username:
            return answer({"error": "invalid_grant", "error_description": "The user is not authorized"}, 400)
        told = {"sub": self.username, "jti": next(self._numbers)}
        token = f"eyJhbGciOiJub25lIn0.{base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip('=')}.c2ln"
        self.tokens[token] = time.time() + self.lives_s
        return answer({"token_type": "Bearer", "access_token": token, "expires_in": int(self.lives_s)})

    # --- reading -------------------------------------------------------------------------------------------------------

    async def _asked(self, request: web.Request) -> web.StreamResponse:
        IS_REST.set(True)
        try:
            asked = parse_json(await request.read())
        except ValueError:
            return self.error(Refusal("invalidRequest", "", "Payload is no JSON", 400))
        object = BY_PATH.get(str(asked.get("object")), "")

        async def handle(_: web.Request) -> web.Response:
            return self._found(object, asked)

        return await self.server.guard(request, object, "list", handle)

    def _found(self, object: str, asked: Mapping[str, Any]) -> web.Response:
        if not object:
            return self.error(Refusal("invalidRequest", "", f"The object '{asked.get('object')}' does not exist", 400))
        names, start, size = NAMES[object], int(asked.get("start", 1)), int(asked.get("size", 100))
        by_path = {one.path: (name, one) for name, one in names.fields.items()}
        wanted = [*asked.get("fields", []), *(path for one in asked.get("filters", []) for inner in one.values() for path in inner)]
        unknown = [one for one in wanted if one not in by_path]
        if unknown or not 1 <= size <= MOST or not asked.get("fields"):
            return self.error(Refusal("invalidRequest", "", f"Field {unknown[0]} does not exist" if unknown else f"Size must be from 1 to {MOST}", 400))
        if len(asked.get("filters", [])) > 1 and asked.get("filterExpression", "and") not in ("and", "1 and 2", "1 and 2 and 3"):
            return self.error(Refusal("invalidRequest", "", "The filterExpression is not supported here", 400))
        rows = [row for row in self.server.store.table(object) if all(self._fits(row, one, by_path) for one in asked.get("filters", []))]
        for order in reversed(asked.get("orderBy", [])):
            ((path, way),) = order.items()
            kind = _type(object, by_path[path][0])
            rows.sort(key=lambda row, kind=kind, path=path: _sortable(kind, self.server.company.value(row, by_path[path][0])), reverse=way == "desc")  # type: ignore[misc]
        some = rows[start - 1 : start - 1 + size]
        told = [{path: self._value(row, *by_path[path]) for path in asked["fields"]} for row in some]
        following = start + size if start - 1 + size < len(rows) else None
        return answer({"ia::result": told, "ia::meta": {"totalCount": len(rows), "start": start, "pageSize": size, "next": following, "previous": None}})

    def _fits(self, row: Row, condition: Mapping[str, Mapping[str, Any]], by_path: Mapping[str, tuple[str, Name]]) -> bool:
        ((sign, told),) = condition.items()
        ((path, wanted),) = told.items()
        name, one = by_path[path]
        text = self.server.company.value(row, name)
        kind = _type(row.object, name)
        value = typed(kind, text) if text else None
        if sign == "$in":
            return text in [text_of(each, one.form) for each in wanted]
        other = typed(kind, text_of(wanted, one.form)) if wanted is not None else None
        if sign in ("$eq", "$ne"):
            return (value == other) is (sign == "$eq")
        return value is not None and other is not None and {"$gt": value > other, "$gte": value >= other, "$lt": value < other, "$lte": value <= other}[sign]

    def _value(self, row: Row, name: str, one: Name) -> Any:
        text = self.server.company.value(row, name)
        value = value_of(text, one.form)
        return bool(value) if one.form == "flag" else value

    async def _listed(self, request: web.Request, object: str) -> web.Response:
        rows = list(self.server.store.table(object))
        told = [{"key": row.fields["RECORDNO"], "id": self._id(row), "href": self._href(row)} for row in rows[:100]]
        return answer({"ia::result": told, "ia::meta": {"totalCount": len(rows), "start": 1, "pageSize": 100, "next": 101 if len(rows) > 100 else None, "previous": None}})

    async def _read(self, request: web.Request, object: str) -> web.Response:
        row = self.server.company.numbered(object, request.match_info["id"])
        return self._missing(request) if row is None else answer({"ia::result": self._shown(row), "ia::meta": {"totalCount": 1, "totalSuccess": 1, "totalError": 0}})

    def _shown(self, row: Row) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for name, one in NAMES[row.object].fields.items():
            put_path(told, one.path, self._value(row, name, one))
        return {**told, "key": row.fields["RECORDNO"], "id": self._id(row), "href": self._href(row)}

    # --- writing -------------------------------------------------------------------------------------------------------

    async def _create(self, request: web.Request, object: str) -> web.Response:
        raw, key = await request.read(), request.headers.get("idempotency-key", "")
        if len(key) > 256:
            return self.error(Refusal("invalidRequest", "", "Idempotency-Key is longer than 256 characters", 400))
        if key in self.kept:
            before, done = self.kept[key]
            if before != raw:
                return self.error(Refusal("idempotencyConflict", "", "The Idempotency-Key was used with another body", 409))
            return web.Response(body=done.body, status=done.status, content_type="application/json", headers={"x-ia-idempotency-cached-date": str(int(time.time()))})
        given = parse_json(raw)
        bodies = given if isinstance(given, list) else [given]
        if len(bodies) > MOST_TOGETHER:
            return self.error(Refusal("invalidRequest", "", f"At most {MOST_TOGETHER} objects at once", 400))
        told = [self._made(object, one, f"{key}-{place}") for place, one in enumerate(bodies)]
        if not isinstance(given, list):
            done = self._one(told[0], 201)
        else:
            done = self._many(told)
        if key:
            self.kept[key] = (raw, done)
        return done

    def _made(self, object: str, body: Mapping[str, Any], key: str) -> Row | Refusal:
        lines = body.get("lines") or []
        fields = self._told(object, {name: value for name, value in body.items() if name != "lines"})
        line = _LINES.get(object, "")
        if isinstance(fields, Refusal):
            return fields
        if object == "ARINVOICE":
            return self._posted(fields, lines, key)
        if object == "EMPLOYEE":
            fields = {name: value for name, value in fields.items() if not name.startswith("CONTACT.")}
        inner = [self._told(line, one) for one in lines] if line else []
        refused = next((one for one in inner if isinstance(one, Refusal)), None)
        return refused or self.server.company.made(object, fields, line, [one for one in inner if not isinstance(one, Refusal)], key)

    def _posted(self, fields: dict[str, str], lines: list[Any], key: str) -> Row | Refusal:
        if fields.get("STATE", "Draft") != "Draft":
            return Refusal("invalidRequest", "state", "State must be draft or not included in the request.", 400)
        if not lines:
            return Refusal("operationFailed", "lines", "A document needs at least one line", 422)
        told = [self._told("ARINVOICEITEM", one) for one in lines]
        refused = next((one for one in told if isinstance(one, Refusal)), None)
        if refused:
            return refused
        inner = [one for one in told if not isinstance(one, Refusal)]
        state = fields.pop("STATE", "Posted")
        done = self.server.company.made("ARINVOICE", fields, "ARINVOICEITEM", inner, key)
        if isinstance(done, Row):
            self.server.company.balance(done, inner)
            self.server.company.put("ARINVOICE", done.id, {"STATE": state, "RECORDTYPE": "ri", "MODULEKEY": "4.AR"})
        return done

    def _told(self, object: str, body: Mapping[str, Any]) -> dict[str, str] | Refusal:
        """A body by the fields it sets; the first name at a path counts."""
        names = NAMES[object]
        by_path: dict[str, tuple[str, Name]] = {}
        for name, one in names.fields.items():
            by_path.setdefault(one.path, (name, one))
        found = {}
        for path, value in flattened(dict(body)).items():
            if path not in by_path:
                return Refusal("invalidRequest", path, f"Payload contains errors: {path} is not defined", 400)
            name, one = by_path[path]
            if one.is_reference and value == "":
                return Refusal("invalidRequest", path, f"{path} must not be blank", 400)
            found[name] = text_of(value, one.form)
        return found

    async def _patch(self, request: web.Request, object: str) -> web.Response:
        row = self.server.company.numbered(object, request.match_info["id"])
        if row is None:
            return self._missing(request)
        fields = self._told(object, parse_json(await request.read()))
        if isinstance(fields, Refusal):
            return self.error(fields)
        return self._one(self.server.company.update(object, {**fields, "RECORDNO": row.fields["RECORDNO"]}), 200)

    async def _delete(self, request: web.Request, object: str) -> web.Response:
        row = self.server.company.numbered(object, request.match_info["id"])
        if row is None:
            return self._missing(request)
        self.server.company.delete(object, row.id)
        return web.Response(status=204)

    def _one(self, done: Row | Refusal, status: int) -> web.Response:
        if isinstance(done, Refusal):
            return self.error(done)
        return answer({"ia::result": self._reference(done), "ia::meta": {"totalCount": 1, "totalSuccess": 1, "totalError": 0}}, status)

    def _many(self, told: list[Row | Refusal]) -> web.Response:
        failed = sum(isinstance(one, Refusal) for one in told)
        results = [{**_refused(one), "ia::status": _status(one)} if isinstance(one, Refusal) else {**self._reference(one), "ia::status": 201} for one in told]
        meta = {"totalCount": len(told), "totalSuccess": len(told) - failed, "totalError": failed}
        return answer({"ia::result": results, "ia::meta": meta}, 207 if failed else 201)

    def _reference(self, row: Row) -> dict[str, str]:
        return {"key": row.fields["RECORDNO"], "id": self._id(row), "href": self._href(row)}

    def _missing(self, request: web.Request) -> web.Response:
        return self.error(Refusal("invalidKey", "", f"A record with the key {request.match_info['id']} does not exist", 404))

    def _id(self, row: Row) -> str:
        id = next((name for name, one in NAMES[row.object].fields.items() if one.path == "id"), "RECORDNO")
        return str(row.fields[id])

    def _href(self, row: Row) -> str:
        return f"/objects/{NAMES[row.object].path}/{row.fields['RECORDNO']}"

    def _about(self, operation: str, handle: Any) -> Any:
        """A handler of an object that the address names."""

        async def handler(request: web.Request) -> web.StreamResponse:
            IS_REST.set(True)
            object = BY_PATH.get(f"{request.match_info['app']}/{request.match_info['name']}", "")
            if not object:
                return self.error(Refusal("invalidRequest", "", "The resource does not exist", 404))

            async def known(inner: web.Request) -> web.StreamResponse:
                done: web.StreamResponse = await handle(inner, object)
                return done

            return await self.server.guard(request, object, operation, known)

        return handler


def _type(object: str, name: str) -> str:
    """A field's type; those of the contact behind an employee are texts."""
    return OBJECTS[object].fields[name].type if name in OBJECTS[object].fields else "TEXT"


def _sortable(kind: str, text: str) -> tuple[bool, Any]:
    value = typed(kind, text) if text else None
    return (value is not None, value if value is not None else 0)


def _status(refusal: Refusal) -> int:
    """A refusal of the company is a failed operation; others say their status themselves."""
    if refusal.code.startswith(("BL", "PL", "DL", "XL")):
        return 409 if "already exists" in refusal.text else 404 if "was not found" in refusal.text else 403 if "permission" in refusal.text else 422
    return refusal.status


def _refused(refusal: Refusal) -> dict[str, Any]:
    first, second, third = [*refusal.text.split("|"), "", ""][:3]
    code = refusal.code if _status(refusal) not in (403, 404, 409, 422) or not refusal.code.startswith(("BL", "PL")) else "operationFailed"
    details = [{"code": refusal.code, "message": second, "correction": third}] if second else []
    return {
        "ia::error": {"code": code, "message": first or refusal.text, "supportId": "Kxi78%7EZuyXBDEGVHD2UmO1phYXDQAAAAo", "details": details},
        "ia::meta": {"totalCount": 1, "totalSuccess": 0, "totalError": 1},
    }  # fmt: skip
